"""Networks for a study: constructors whose keyword arguments are what a study file may say."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from ansatz.data import Dataset
from ansatz.embedding import Flatten, Impute, Polynomial, Standardize, Unstandardize, medians, moments
from ansatz.errors import InputError
from ansatz.models import ACTIVATIONS, MLP, VARIANCES, Chain, Frozen, linear
from ansatz.optimizers import EVOLUTIONARY, RULES, SCHEDULES, SECOND_ORDER, Evolving, Recipe, Rule
from ansatz.risk import L1, L2, LOSSES, Discovery, Expected, Risk, Smoothness, loss_named
from ansatz.training.learners import Descent
from ansatz.training.population import Population
from ansatz.typing import Key

Activation = Literal[tuple(ACTIVATIONS)]
Initialization = Literal[tuple(VARIANCES)]
SEARCH = "asimov"
"""The loss of a search: the significance of what passes, see `Discovery`."""

Loss = Literal[(*LOSSES, SEARCH)]
Optimizer = Literal[(*RULES, *SECOND_ORDER, *EVOLUTIONARY)]
Schedule = Literal[tuple(SCHEDULES)]


@dataclasses.dataclass(frozen=True)
class Architecture:
    """Training rows -> key -> network, with scalers fitted on these rows inside.

    Attributes:
        widths: units of each hidden layer; none for a linear function.
        degree: degree of a polynomial basis before the network; 1 for none.
        activation: name of the activation function.
        initialization: name of the initialization, None for a gentle start (see `ansatz.models.MLP`).
        scale: factor on the standard deviation of the starting weights.
        dropout: probability that a hidden unit is dropped, None for no dropout.
        loss: name of the loss; it decides whether a regression's output is put back into physical units.
    """

    widths: tuple[int, ...]
    degree: int = 1
    activation: str = "relu"
    initialization: str | None = None
    scale: float = 1.0
    dropout: float | None = None
    loss: str = ""

    def __call__(self, data: Dataset) -> Callable[[Key], PyTree]:
        """The function of a key that makes the network."""
        if data.x.ndim < 2:
            raise InputError(f"a network needs features of shape (events, columns), not {data.x.shape}")
        before = self._before(data)
        after = self._after(data)
        inputs = _inputs(before, data)
        outputs = _outputs(data)

        def make(key: Key) -> PyTree:
            if not self.widths:
                init = self.initialization or "zero"
                core = linear(inputs, outputs, initialization=init, scale=self.scale, key=key)
            else:
                core = MLP(
                    inputs,
                    outputs,
                    width=self.widths,
                    activation=self.activation,
                    initialization=self.initialization,
                    scale=self.scale,
                    dropout=self.dropout,
                    key=key,
                )
            return Chain(*before, core, *after)

        return make

    def _before(self, data: Dataset) -> tuple[Frozen, ...]:
        gaps = (Frozen(Impute(_single(medians(data.x)))),)
        flat = (Frozen(Flatten()),) if data.x.ndim > 2 else ()
        scaler = Frozen(Standardize(*map(_single, moments(data.x, data.weight))))
        basis = () if self.degree == 1 else _polynomial(data, self.degree)
        return (*gaps, scaler, *flat, *basis)

    def _after(self, data: Dataset) -> tuple[Frozen, ...]:
        if data.task != "regression" or self.loss == "poisson":
            return ()
        return (Frozen(Unstandardize(*map(_single, moments(data.y, data.weight)))),)


@dataclasses.dataclass(frozen=True)
class Cost:
    """Training rows -> risk: the expected loss, in units of the target's spread, plus penalties.

    Attributes:
        loss: name of the loss; empty for squared error (regression), cross-entropy or its softmax form (classes).
        l1: strength of the lasso penalty.
        l2: strength of the ridge penalty.
        smoothness: strength of the penalty on steep answers.
        search: for the loss of a search the expected signal and background, and the relative error of the background;
            None for the sums of the weights.
    """

    loss: str = ""
    l1: float = 0.0
    l2: float = 0.0
    smoothness: float = 0.0
    search: tuple[float, float, float] | None = None

    def __call__(self, data: Dataset) -> Risk:
        """The risk for these rows."""
        name = _loss_name(self.loss, data)
        in_units = data.task == "regression" and self.loss != "poisson"
        risk = _discovery(data, self.search) if name == SEARCH else Expected(
            loss_named(name), unit=_single(moments(data.y, data.weight)[1]) if in_units else None)  # fmt: skip
        for strength, penalty in ((self.l1, L1()), (self.l2, L2()), (self.smoothness, Smoothness())):
            risk = risk + strength * penalty if strength else risk
        return risk


def _discovery(data: Dataset, search: tuple[float, float, float] | None) -> Risk:
    """The risk of a search; the share of the signal is that of these rows, however they are balanced."""
    background, signal = (float(data.weight[data.y == k].sum()) for k in (0, 1))
    if not min(background, signal) > 0:
        raise InputError(f"loss '{SEARCH}' needs a positive sum of weights in both classes")
    share = signal / (signal + background)
    s, b, error = search or (signal, background, 0.0)
    return Discovery(signal=s, background=b, error=error, share=share)


def for_search(learner: object, search: tuple[float, float, float]) -> object:
    """A network whose loss is that of a search, told how much is expected; any other learner as it is."""
    cost = learner.risk if isinstance(learner, Descent) else None
    if not isinstance(cost, Cost) or cost.loss != SEARCH or cost.search is not None:
        return learner
    return dataclasses.replace(learner, risk=dataclasses.replace(cost, search=search))


@dataclasses.dataclass(frozen=True)
class Head:
    """Training rows -> name of the head that turns outputs into answers."""

    loss: str = ""

    def __call__(self, data: Dataset) -> str:
        """The head for these rows."""
        return HEADS_OF[_loss_name(self.loss, data)] if data.task == "classification" else "identity"


HEADS_OF = {"cross-entropy": "sigmoid", "softmax-cross-entropy": "softmax", "hinge": "score", SEARCH: "score"}
"""The head that belongs to each loss of a classifier."""

REGRESSION_LOSSES = ("squared-error", "absolute-error", "huber", "poisson")
"""Losses of a regression that have a gradient."""


def _loss_name(name: str, data: Dataset) -> str:
    """The loss asked for, or the one that suits the task.

    Raises:
        InputError: if that loss cannot do the task.
    """
    if data.task == "regression":
        fitting, default = REGRESSION_LOSSES, "squared-error"
    elif len(data.classes or ()) == 2:
        fitting, default = ("cross-entropy", "hinge", SEARCH), "cross-entropy"
    else:
        fitting, default = ("softmax-cross-entropy",), "softmax-cross-entropy"
    if name and name not in fitting:
        kind = "regression" if data.task == "regression" else f"{len(data.classes or ())} classes"
        raise InputError(f"loss '{name}' does not suit {kind}; use {' or '.join(fitting)}")
    return name or default


def mlp(
    *,
    width: int | list[int] = 64,
    depth: int = 2,
    activation: Activation = "relu",
    initialization: Initialization | None = None,
    scale: float = 1.0,
    dropout: float | None = None,
    loss: Loss | None = None,
    l1: float = 0.0,
    l2: float = 0.0,
    smoothness: float = 0.0,
    optimizer: Optimizer = "adam",
    learning_rate: float = 1e-3,
    momentum: float = 0.9,
    weight_decay: float | None = None,
    schedule: Schedule = "constant",
    warmup: float = 0.0,
    clip: float | None = None,
    epochs: int = 100,
    batch_size: int | None = 256,
    validation: float = 0.2,
    patience: int | None = 15,
    population: int = 1,
    resample: Literal["bootstrap"] | None = None,
) -> Descent:
    """A feed-forward network with its scalers, trained by descent with look-back stopping.

    Args:
        width: units of each hidden layer: one number, or a list with one for each layer.
        depth: number of hidden layers, if `width` is one number.
        activation: what a hidden unit does with its input.
        initialization: where the weights start, with biases zero; None for a gentle start, see `ansatz.models.MLP`.
        scale: factor on the standard deviation of the starting weights.
        dropout: probability that a hidden unit is dropped while fitting.
        loss: what is made small; None for squared error or cross-entropy; "asimov" makes the significance of what
            passes large, with the numbers of events that `[significance]` or the weights say.
        l1: strength of the lasso penalty.
        l2: strength of the ridge penalty.
        smoothness: strength of the penalty on steep answers.
        optimizer: update rule; those that know the curvature ("levenberg-marquardt", "l-bfgs" ...) and those by
            generations ("cma-es" ...) are for small networks, see all rows in each epoch, and look at none of the
            numbers from `learning_rate` to `clip`, nor at `batch_size`.
        learning_rate: step size.
        momentum: memory of the update rule.
        weight_decay: decoupled weight decay; None for the rule's own.
        schedule: how the learning rate falls during the fit.
        warmup: fraction of the fit over which the learning rate rises from zero.
        clip: largest norm of a gradient.
        epochs: most times through the data, or most steps or generations.
        batch_size: events in a mini-batch.
        validation: fraction of the training rows kept aside to choose the best epoch.
        patience: epochs without improvement before it stops.
        population: number of networks with starting points of their own; their mean answers, their spread is a band.
        resample: "bootstrap" gives each member its own resampling of the rows.

    Returns:
        The learner.

    Raises:
        InputError: if a number is out of range.

    Example:
        >>> mlp(width=10, depth=2).model.widths
        (10, 10)
    """
    _in_range(width, depth, dropout, validation)
    _positive(epochs=epochs, batch_size=batch_size, patience=patience)
    return Descent(
        model=Architecture(
            widths=(width,) * depth if isinstance(width, int) else tuple(width),
            activation=activation,
            initialization=initialization,
            scale=scale,
            dropout=dropout,
            loss=loss or "",
        ),
        risk=Cost(loss or "", l1, l2, smoothness),
        head=Head(loss or ""),
        optimizer=_other(optimizer, dropout)
        or Recipe(
            optimizer,
            learning_rate=learning_rate,
            momentum=momentum,
            weight_decay=weight_decay,
            schedule=schedule,
            warmup=warmup,
            clip=clip,
        ),
        epochs=epochs,
        batch_size=batch_size,
        validation=validation,
        patience=patience,
        population=Population(population, resample),
    )


def linear_descent(
    *,
    degree: int = 1,
    loss: Loss | None = None,
    l1: float = 0.0,
    l2: float = 0.0,
    smoothness: float = 0.0,
    optimizer: Optimizer = "adam",
    learning_rate: float = 1e-2,
    momentum: float = 0.9,
    schedule: Schedule = "cosine",
    epochs: int = 200,
    batch_size: int | None = 256,
    validation: float = 0.2,
    patience: int | None = 25,
    population: int = 1,
    resample: Literal["bootstrap"] | None = None,
) -> Descent:
    """A linear function of the features, or of their monomials, trained by descent: any loss, any sign of weight.

    Args:
        degree: degree of the polynomial basis; 1 for a plain linear function.
        loss: what is made small; None for squared error or cross-entropy.
        l1: strength of the lasso penalty.
        l2: strength of the ridge penalty.
        smoothness: strength of the penalty on steep answers.
        optimizer: update rule; those that know the curvature ("levenberg-marquardt", "l-bfgs" ...) and those by
            generations ("cma-es" ...) are for small networks, see all rows in each epoch, and look at none of the
            numbers from `learning_rate` to `clip`, nor at `batch_size`.
        learning_rate: step size.
        momentum: memory of the update rule.
        schedule: how the learning rate falls during the fit.
        epochs: most times through the data, or most steps or generations.
        batch_size: events in a mini-batch.
        validation: fraction of the training rows kept aside to choose the best epoch.
        patience: epochs without improvement before it stops.
        population: number of members.
        resample: "bootstrap" gives each member its own resampling of the rows.

    Returns:
        The learner.

    Raises:
        InputError: if a number is out of range.
    """
    _positive(degree=degree, epochs=epochs, batch_size=batch_size, patience=patience)
    return Descent(
        model=Architecture(widths=(), degree=degree, loss=loss or ""),
        risk=Cost(loss or "", l1, l2, smoothness),
        head=Head(loss or ""),
        optimizer=_other(optimizer)
        or Recipe(optimizer, learning_rate=learning_rate, momentum=momentum, schedule=schedule),
        epochs=epochs,
        batch_size=batch_size,
        validation=validation,
        patience=patience,
        population=Population(population, resample),
    )


NETWORKS: dict[str, Callable[..., Descent]] = {"mlp": mlp, "linear-descent": linear_descent}
"""Name of each network constructor, for study files."""


def _other(name: str, dropout: float | None = None) -> Rule | Evolving | None:
    """The optimizer of that name that is no `Recipe`, or None.

    Raises:
        InputError: if it cannot do with dropout.
    """
    make = SECOND_ORDER.get(name) or EVOLUTIONARY.get(name)
    if make is None:
        return None
    if dropout is not None:
        raise InputError(f"{name} needs a risk that is not random; leave out dropout, or take adam")
    return make()


def _in_range(width: int | list[int], depth: int, dropout: float | None, validation: float) -> None:
    widths = [width] if isinstance(width, int) else width
    if depth < 0 or not widths or min(widths) < 1:
        raise InputError(f"width must be at least 1 and depth at least 0, not {width} and {depth}")
    if dropout is not None and not 0 <= dropout < 1:
        raise InputError(f"dropout must be in [0, 1), not {dropout}")
    if not 0 <= validation < 1:
        raise InputError(f"validation must be in [0, 1), not {validation}")


def _positive(**numbers: int | None) -> None:
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise InputError(f"{name} must be at least 1, not {number}")


def _polynomial(data: Dataset, degree: int) -> tuple[Frozen, ...]:
    """A basis of standardized features, standardized again."""
    first = Standardize(*map(_single, moments(data.x, data.weight)))
    basis = Polynomial.of_degree(degree, inputs=data.x.shape[1])
    monomials = np.asarray(jax.vmap(Chain(first, basis))(jnp.asarray(data.x, jnp.float32)))
    return Frozen(basis), Frozen(Standardize(*map(_single, moments(monomials, data.weight))))


def _inputs(before: tuple[Frozen, ...], data: Dataset) -> int:
    return int(jax.eval_shape(Chain(*before), jax.ShapeDtypeStruct(data.x.shape[1:], jnp.float32)).shape[0])


def _outputs(data: Dataset) -> int | None:
    if data.task == "classification":
        return None if data.outputs == 2 else data.outputs
    return None if data.y.ndim == 1 else data.outputs


def _single(values: np.ndarray) -> jnp.ndarray:
    """In the precision JAX is set to."""
    return jnp.asarray(values, float)
