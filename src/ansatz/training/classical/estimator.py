"""`Estimator`: a fitted scikit-learn object that answers as every fitted model in Ansatz does."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from ansatz.errors import InputError
from ansatz.training.classical.sample import table_of
from ansatz.training.classical.threads import threads_for

BLOCK = 200_000
"""Most events answered at once, which bounds the memory."""


@dataclasses.dataclass(frozen=True, eq=False)
class Estimator:
    """A fitted scikit-learn object as a `Predictor` with one member.

    Attributes:
        model: the fitted object (a pipeline, if columns are filled in or scaled before the method sees them).
        link: `"probability"`, `"score"` or `"identity"`.
        width: number of columns of the features it is shown.
        picked: the columns that the model looks at, in its order; None for all.
        classes: number of classes; 0 for a regression.
        labels: numbers of the classes that were present in training, ascending; empty for a regression.
        floor: every probability p becomes (1 - classes * floor) p + floor, so that none is nothing.
        shift: what is added to a value of the model, for each output (regression on a standardized target).
        scale: what a value of the model is multiplied by before, for each output.

    Example:
        >>> import numpy as np
        >>> from sklearn.linear_model import LinearRegression
        >>> line = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
        >>> Estimator(line, "identity", width=1, shift=(5.0,), scale=(2.0,)).response(np.array([[1.0], [3.0]])).round(6)
        array([[ 7., 11.]])
    """

    model: Any
    link: str
    width: int
    picked: tuple[int, ...] | None = None
    classes: int = 0
    labels: tuple[int, ...] = ()
    floor: float = 0.0
    shift: tuple[float, ...] = (0.0,)
    scale: tuple[float, ...] = (1.0,)

    def response(self, x: np.ndarray) -> np.ndarray:
        """Probabilities (1, events, classes), scores (1, events[, classes]) or values (1, events[, outputs]).

        Raises:
            InputError: if the features do not fit those of the training, or are infinite.
        """
        x = np.asarray(x)
        if len(x) > BLOCK:
            return np.concatenate([self.response(x[i : i + BLOCK]) for i in range(0, len(x), BLOCK)], axis=1)
        table = self._table(x)
        answer = {"probability": self._probability, "score": self._score, "identity": self._value}[self.link]
        try:
            with threads_for(table.size):
                return answer(table)[None]
        except ValueError as error:
            raise InputError(f"{type(self.model).__name__} cannot answer: {first_line(error)}") from error

    def _table(self, x: np.ndarray) -> np.ndarray:
        table, _ = table_of(x, ())
        if table.shape[1] != self.width:
            raise InputError(f"the model was fitted on {self.width} columns, but the events have {table.shape[1]}")
        table = table if self.picked is None else table[:, list(self.picked)]
        if np.isinf(table).any():
            rows = np.isinf(table).any(axis=1)
            raise InputError(f"{rows.sum()} events have an infinite feature (first: number {rows.argmax()}); mend them")
        return table

    def _value(self, table: np.ndarray) -> np.ndarray:
        value = np.asarray(self.model.predict(table), dtype=float)
        if value.ndim == 1:
            return self.shift[0] + self.scale[0] * value
        return np.asarray(self.shift) + np.asarray(self.scale) * value

    def _probability(self, table: np.ndarray) -> np.ndarray:
        share = np.clip(self.model.predict_proba(table), 0.0, 1.0)
        share = share / share.sum(axis=1, keepdims=True)
        share = (1 - len(self.labels) * self.floor) * share + self.floor
        return self._every_class(share, np.zeros(len(share)))

    def _score(self, table: np.ndarray) -> np.ndarray:
        score = np.asarray(self.model.decision_function(table), dtype=float)
        if self.classes == 2:
            return score
        columns = np.stack([-score, score], axis=1) if score.ndim == 1 else score
        return self._every_class(columns, columns.min(axis=1) - 1)

    def _every_class(self, columns: np.ndarray, absent: np.ndarray) -> np.ndarray:
        """One column for each class; those that training never saw get `absent`."""
        if len(self.labels) == self.classes:
            return columns
        full = np.repeat(absent[:, None], self.classes, axis=1)
        full[:, list(self.labels)] = columns
        return full


def first_line(error: Exception) -> str:
    """The first line of what an error says."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
