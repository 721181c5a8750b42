"""The codes of auto-encoders as coordinates: networks trained by `fit` to give back what they are shown."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Sequence
from typing import Literal

import jax
import numpy as np
from jaxtyping import PyTree

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.models import ACTIVATIONS, AutoEncoder, ConvolutionalAutoEncoder, VariationalAutoEncoder
from ansatz.optimizers import Recipe
from ansatz.risk import L2, EvidenceBound, Expected, Risk, squared_error
from ansatz.training.classical.adapter import chosen
from ansatz.training.classical.options import at_least, choice, within
from ansatz.training.fit import fit
from ansatz.training.learners import hold_out
from ansatz.training.prediction import Network
from ansatz.training.unsupervised.learner import Found, Unsupervised
from ansatz.training.unsupervised.rows import Rows
from ansatz.typing import Key

CODES = ("plain", "variational", "convolutional")
"""Kinds of auto-encoders."""


@dataclasses.dataclass(frozen=True, eq=False)
class Coder:
    """The two halves of a fitted auto-encoder: to the code and back.

    Attributes:
        encoder: gives the code of a point, or more (the variance of a variational code), of which the first are used.
        decoder: gives the point of a code.
        components: number of components of the code.
        shift: what is subtracted from points first, shape (columns,).
        scale: what they are divided by, one number for all columns.
    """

    encoder: Network
    decoder: Network
    components: int
    shift: np.ndarray
    scale: float

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Codes, shape (events, components)."""
        return self.encoder.response((x - self.shift) / self.scale)[0][:, : self.components]

    def restore(self, z: np.ndarray) -> np.ndarray:
        """The points of these codes, shape (events, columns)."""
        return self.shift + self.scale * self.decoder.response(z)[0]


@dataclasses.dataclass(frozen=True)
class Schooling:
    """How an auto-encoder is built and trained; the arguments of `autoencoder`."""

    code: str
    components: int
    width: tuple[int, ...]
    channels: tuple[int, ...]
    sites: tuple[int, ...] | None
    activation: str
    corruption: float | None
    strength: float
    l2: float
    learning_rate: float
    epochs: int
    batch_size: int
    validation: float
    patience: int

    def __call__(self, rows: Rows, key: Key) -> Found:
        """The trained auto-encoder of some rows."""
        start, split, run = jax.random.split(key, 3)
        shift = rows.weight @ rows.x
        scale = float(np.sqrt(rows.weight @ ((rows.x - shift) ** 2).mean(axis=1))) or 1.0
        x = (rows.x - shift) / scale
        data = Dataset(x, y=x, weight=rows.weight, target=rows.names)
        train, judged = hold_out(data, self.validation, key=split)
        done = fit(
            self.network(rows.names, start),
            self.risk(),
            train,
            optimizer=Recipe("adam", learning_rate=self.learning_rate),
            epochs=self.epochs,
            batch_size=self.batch_size,
            validation=judged,
            patience=self.patience if judged is not None else None,
            key=run,
        )
        fitted = done.predictor.model
        coder = Coder(Network(fitted.encoder), Network(fitted.decoder), self.components, shift, scale)
        epochs = int(next(iter(done.history.values())).shape[-1])
        details = {"best_epoch": int(done.best_epoch[0]), "epochs": epochs}
        return Found(coder, details, done.converged, done.message, done.history)

    def network(self, names: Sequence[str], key: Key) -> PyTree:
        """The auto-encoder at its starting point."""
        shape = {"width": self.width, "activation": self.activation}
        if self.code == "variational":
            return VariationalAutoEncoder(len(names), self.components, **shape, key=key)
        if self.code == "plain":
            return AutoEncoder(len(names), self.components, **shape, corruption=self.corruption, key=key)
        return ConvolutionalAutoEncoder(
            sites_of(names, self.sites),
            self.components,
            channels=self.channels,
            activation=self.activation,
            corruption=self.corruption,
            key=key,
        )

    def risk(self) -> Risk:
        """What is made small."""
        cost: Risk = EvidenceBound(self.strength) if self.code == "variational" else Expected(squared_error)
        return cost + self.l2 * L2() if self.l2 else cost


def autoencoder(
    *,
    code: Literal[CODES] = "plain",
    components: int = 2,
    width: list[int] | int = 64,
    channels: list[int] | int = (8, 16),
    shape: list[int] | None = None,
    activation: Literal[tuple(ACTIVATIONS)] = "relu",
    corruption: float = 0.0,
    strength: float = 1.0,
    l2: float = 0.0,
    learning_rate: float = 3e-3,
    epochs: int = 200,
    batch_size: int = 128,
    validation: float = 0.2,
    patience: int = 20,
    standardize: bool = True,
    columns: list[str] | None = None,
) -> Unsupervised:
    """The code of an auto-encoder: a network that gives back what it is shown through a passage of few units; weights.

    Args:
        code: "plain", "variational" (each code is a Gaussian, and all codes together are normal) or "convolutional"
            (for fields and images whose columns are pixels).
        components: units of the passage, the number of coordinates.
        width: units of the hidden layer of the encoder, or a list with one number a layer; the decoder mirrors it.
        channels: of each convolution of a convolutional one.
        shape: sites along each axis of a field; None to read them from names such as `pixel_0_7`.
        activation: of hidden units; with "identity" a plain one finds the plane of principal components.
        corruption: probability that an input is dropped while fitting (denoising); 0 for none.
        strength: of the divergence of a variational code from a normal one.
        l2: strength of the ridge penalty.
        learning_rate: step size of Adam.
        epochs: most times through the data.
        batch_size: events in a mini-batch.
        validation: fraction of the rows kept aside to choose the best epoch.
        patience: epochs without improvement before it stops.
        standardize: whether columns are brought to variance one first.
        columns: names of the columns that it looks at; None for all.

    Raises:
        InputError: if a number is out of range.
    """
    widths, layers = (((n,) if isinstance(n, int) else tuple(n)) for n in (width, channels))
    at_least(1, {"components": components, "epochs": epochs, "batch_size": batch_size, "patience": patience})
    choice("code", code, CODES)
    choice("activation", activation, ACTIVATIONS)
    within(0, 0.95, {"corruption": corruption})
    within(0, 0.9, {"validation": validation})
    within(0, math.inf, {"strength": strength})
    for name, numbers in (("width", widths), ("channels", layers)):
        if not numbers or min(numbers) < 1:
            raise InputError(f"{name} must be at least 1 in every layer, not {list(numbers)}")
    if corruption and code == "variational":
        raise InputError("corruption is for plain and convolutional auto-encoders; a variational one has its own noise")
    make = Schooling(
        code,
        components,
        widths,
        layers,
        None if shape is None else tuple(shape),
        activation,
        corruption or None,
        strength,
        l2,
        learning_rate,
        epochs,
        batch_size,
        validation,
        patience,
    )
    tasks = frozenset({"reduce"})
    return Unsupervised(make, "autoencoder", tasks, scale=standardize, columns=chosen(columns), size=components)


def sites_of(names: Sequence[str], given: tuple[int, ...] | None) -> tuple[int, ...]:
    """Sites along each axis of fields whose columns are pixels.

    Raises:
        InputError: if the columns are no such field.

    Example:
        >>> sites_of(("p_0_0", "p_0_1", "p_1_0", "p_1_1"), None)
        (2, 2)
    """
    if given is not None:
        if math.prod(given) != len(names):
            raise InputError(f"shape {list(given)} has {math.prod(given)} sites, but there are {len(names)} columns")
        return given
    places = [re.search(r"_(\d+)_(\d+)$", name) for name in names]
    found = tuple(max(int(place[axis]) for place in places) + 1 for axis in (1, 2)) if all(places) else (0,)
    if math.prod(found) != len(names):
        raise InputError(
            f"a convolutional auto-encoder is for fields, and the {len(names)} columns are none by their names; say so"
            " by shape, for instance shape = [8, 8]"
        )
    return found
