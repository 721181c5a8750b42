"""The codes of auto-encoders as coordinates: networks trained by `fit` to give back what they are shown."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.models import ACTIVATIONS, AutoEncoder
from ansatz.optimizers import Recipe
from ansatz.risk import L2, Expected, Risk, squared_error
from ansatz.training.classical.adapter import chosen
from ansatz.training.classical.options import at_least, choice, within
from ansatz.training.fit import fit
from ansatz.training.learners import hold_out
from ansatz.training.prediction import Network
from ansatz.training.unsupervised.learner import Found, Unsupervised
from ansatz.training.unsupervised.rows import Rows
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class Coder:
    """The two halves of a fitted auto-encoder: to the code and back.

    Attributes:
        encoder: gives the code of a point.
        decoder: gives the point of a code.
    """

    encoder: Network
    decoder: Network

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Codes, shape (events, components)."""
        return self.encoder.response(x)[0]

    def restore(self, z: np.ndarray) -> np.ndarray:
        """The points of these codes, shape (events, columns)."""
        return self.decoder.response(z)[0]


def autoencoder(
    *,
    components: int = 2,
    width: list[int] | int = 64,
    activation: str = "relu",
    corruption: float = 0.0,
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
        components: units of the passage, the number of coordinates.
        width: units of the hidden layer of the encoder, or a list with one number a layer; the decoder mirrors it.
        activation: of hidden units.
        corruption: probability that an input is dropped while fitting (denoising); 0 for none.
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
    widths = (width,) if isinstance(width, int) else tuple(width)
    at_least(1, {"components": components, "epochs": epochs, "batch_size": batch_size, "patience": patience})
    choice("activation", activation, ACTIVATIONS)
    within(0, 0.95, {"corruption": corruption})
    within(0, 0.9, {"validation": validation})
    if not widths or min(widths) < 1:
        raise InputError(f"width must be at least 1 in every layer, not {list(widths)}")

    def make(rows: Rows, key: Key) -> Found:
        start, split, run = jax.random.split(key, 3)
        data = Dataset(rows.x, y=rows.x, weight=rows.weight, target=rows.names)
        train, judged = hold_out(data, validation, key=split)
        inputs = rows.x.shape[1]
        network = AutoEncoder(
            inputs, components, width=widths, activation=activation, corruption=corruption or None, key=start
        )
        done = fit(
            network,
            _cost(l2),
            train,
            optimizer=Recipe("adam", learning_rate=learning_rate),
            epochs=epochs,
            batch_size=batch_size,
            validation=judged,
            patience=patience if judged is not None else None,
            key=run,
        )
        fitted = done.predictor.model
        return Found(
            Coder(Network(fitted.encoder), Network(fitted.decoder)),
            {"best_epoch": int(done.best_epoch[0]), "epochs": int(next(iter(done.history.values())).shape[-1])},
            done.converged,
            done.message,
            done.history,
        )

    tasks = frozenset({"reduce"})
    return Unsupervised(make, "autoencoder", tasks, scale=standardize, columns=chosen(columns), size=components)


def _cost(l2: float) -> Risk:
    risk: Risk = Expected(squared_error)
    return risk + l2 * L2() if l2 else risk
