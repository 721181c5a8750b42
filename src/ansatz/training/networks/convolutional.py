"""Convolutional networks for a study: fields and images, with scalers of one number a channel."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from ansatz.data import Dataset
from ansatz.embedding import Impute, Reshape, Standardize, Unstandardize, moments
from ansatz.errors import InputError
from ansatz.models import ACTIVATIONS, PADDINGS, POOLINGS, SUMMARIES, VARIANCES, Chain, ConvolutionalNetwork, Frozen
from ansatz.optimizers import RULES, SCHEDULES, Recipe
from ansatz.risk import LOSSES
from ansatz.training.learners import Descent
from ansatz.training.networks.dense import Cost, Head
from ansatz.training.population import Population
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True)
class Filters:
    """Training rows -> key -> convolutional network, with a scaler fitted on these rows inside.

    Attributes:
        shape: sites along each axis (and channels, last, with `channeled`); None takes that of a row.
        channeled: whether the last axis of the shape counts channels.
        options: arguments of `ConvolutionalNetwork` by name.
        loss: name of the loss; it decides whether a regression's output is put back into physical units.
    """

    shape: tuple[int, ...] | None
    channeled: bool
    options: tuple[tuple[str, object], ...]
    loss: str = ""

    def __call__(self, data: Dataset) -> Callable[[Key], PyTree]:
        """The function of a key that makes the network.

        Raises:
            InputError: if the rows have no such shape.
        """
        shape = self._shape(data.x.shape[1:])
        found = channel_moments(data.x.reshape(len(data), -1, shape[-1]), data.weight)
        mean, spread = (each.reshape((1,) * (len(shape) - 1) + each.shape) for each in found)
        before = (Frozen(Reshape(shape)), Frozen(Impute(mean)), Frozen(Standardize(mean, spread)))
        scaled = data.task == "regression" and self.loss != "poisson"
        after = (Frozen(Unstandardize(*map(_single, moments(data.y, data.weight)))),) if scaled else ()
        outputs = data.outputs if data.task == "classification" and data.outputs > 2 else None
        if data.task == "regression" and data.y.ndim > 1:
            outputs = data.outputs

        def make(key: Key) -> PyTree:
            core = ConvolutionalNetwork(shape[:-1], shape[-1], outputs, **dict(self.options), key=key)
            return Chain(*before, core, *after)

        return make

    def _shape(self, seen: tuple[int, ...]) -> tuple[int, ...]:
        """Sites along each axis, and channels."""
        shape = seen if self.shape is None else self.shape
        if math.prod(shape) != math.prod(seen):
            raise InputError(f"convolutional: a row of shape {seen} is no field of shape {tuple(shape)}")
        full = tuple(shape) if self.channeled else (*shape, 1)
        if len(full) < 2 or (self.shape is None and len(seen) == 1):
            raise InputError(
                f"convolutional: a row of shape {seen} is no field; say which with shape, for instance shape = [8, 8]"
            )
        return full


def channel_moments(x: np.ndarray, weight: np.ndarray) -> tuple[jnp.ndarray, jnp.ndarray]:
    """Mean and standard deviation of each channel over events (weighted by |w|) and sites; NaN is left out.

    Args:
        x: shape (events, sites, channels).
        weight: shape (events,).

    Example:
        >>> mean, spread = channel_moments(np.array([[[1.0], [3.0]]]), np.ones(1))
        >>> mean.tolist(), spread.tolist()
        ([2.0], [1.0])
    """
    real = ~np.isnan(x)
    w = np.abs(weight)[:, None] * real.sum(axis=1)
    w = w / np.maximum(w.sum(axis=0), np.finfo(float).tiny)
    count = np.maximum(real.sum(axis=1), 1)
    mean = np.sum(w * np.where(real, x, 0).sum(axis=1, dtype=float) / count, axis=0)
    square = np.where(real, (x - mean) ** 2, 0).sum(axis=1, dtype=float) / count
    spread = np.sqrt(np.sum(w * square, axis=0))
    return _single(mean), _single(np.where(spread > 1e-10 * np.maximum(np.abs(mean), 1e-300), spread, 1.0))


def convolutional(
    *,
    shape: list[int] | None = None,
    channeled: bool = False,
    channels: int | list[int] = (8, 16),
    kernel: int = 3,
    stride: int = 1,
    padding: Literal[tuple(PADDINGS)] = "zero",
    pooling: Literal[tuple(POOLINGS)] | None = None,
    window: int = 2,
    summary: Literal[tuple(SUMMARIES)] = "mean",
    width: int | list[int] = 32,
    activation: Literal[tuple(ACTIVATIONS)] = "relu",
    initialization: Literal[tuple(VARIANCES)] | None = None,
    scale: float = 1.0,
    dropout: float | None = None,
    loss: Literal[tuple(LOSSES)] | None = None,
    l1: float = 0.0,
    l2: float = 0.0,
    optimizer: Literal[tuple(RULES)] = "adam",
    learning_rate: float = 3e-3,
    weight_decay: float | None = None,
    schedule: Literal[tuple(SCHEDULES)] = "cosine",
    epochs: int = 30,
    batch_size: int | None = 64,
    validation: float = 0.2,
    patience: int | None = 10,
    population: int = 1,
    resample: Literal["bootstrap"] | None = None,
) -> Descent:
    """A convolutional network for fields and images, trained by descent with look-back stopping.

    Args:
        shape: sites along each axis of a field, if rows are tables (`[8, 8]` for 64 columns).
        channeled: whether the last axis counts channels (colors), not sites.
        channels: channels of each convolution, one number or a list.
        kernel: sites of a window along each axis.
        stride: sites between two windows.
        padding: what lies beyond the edge.
        pooling: what is kept of small windows after each convolution; None for no pooling.
        window: sites of a pooling window along each axis.
        summary: how the last field becomes a vector.
        width: units of each hidden layer of the dense network at the end.
        activation: what a unit does with its input.
        initialization: where the weights start; None for "he" with ReLU and its relatives, else "glorot".
        scale: factor on the standard deviation of the starting weights.
        dropout: probability that a unit of the dense network is dropped while fitting.
        loss: what is made small; None for squared error or cross-entropy.
        l1: strength of the lasso penalty.
        l2: strength of the ridge penalty.
        optimizer: update rule.
        learning_rate: step size.
        weight_decay: decoupled weight decay; None for the rule's own.
        schedule: how the learning rate falls during the fit.
        epochs: most times through the data.
        batch_size: events in a mini-batch.
        validation: fraction of the training rows kept aside to choose the best epoch.
        patience: epochs without improvement before it stops.
        population: number of networks with starting points of their own.
        resample: "bootstrap" gives each member its own resampling of the rows.

    Returns:
        The learner.

    Raises:
        InputError: if a number is out of range.

    Example:
        >>> convolutional(channels=4, padding="periodic").epochs
        30
    """
    options = {
        "channels": _several(channels), "kernel": kernel, "stride": stride, "padding": padding, "pooling": pooling,
        "window": window, "summary": summary, "width": _several(width), "activation": activation,
        "initialization": initialization, "scale": scale, "dropout": dropout,
    }  # fmt: skip
    _check(kernel=kernel, stride=stride, window=window, epochs=epochs, batch_size=batch_size, patience=patience,
           channels=min(_several(channels), default=0), width=min(_several(width), default=1))  # fmt: skip
    if not 0 <= validation < 1 or (dropout is not None and not 0 <= dropout < 1):
        raise InputError("convolutional: validation and dropout are in [0, 1)")
    return Descent(
        model=Filters(None if shape is None else tuple(shape), channeled, tuple(options.items()), loss or ""),
        risk=Cost(loss or "", l1, l2),
        head=Head(loss or ""),
        optimizer=Recipe(optimizer, learning_rate=learning_rate, weight_decay=weight_decay, schedule=schedule),
        epochs=epochs,
        batch_size=batch_size,
        validation=validation,
        patience=patience,
        population=Population(population, resample),
    )


def _several(numbers: int | list[int]) -> tuple[int, ...]:
    return (numbers,) if isinstance(numbers, int) else tuple(numbers)


def _check(**numbers: int | None) -> None:
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise InputError(f"convolutional: {name} is one or more, not {number}")


def _single(values: np.ndarray) -> jnp.ndarray:
    """In the precision JAX is set to."""
    return jnp.asarray(values, float)
