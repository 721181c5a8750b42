"""Who is trained on and who is judged on: the rows of a run, decided by the seed alone."""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.data import Dataset, folds, split_rows
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.studies.schema.study import Data, Split
from ansatz.typing import Key

KEPT = 50_000
"""Most rows of each part whose answers are kept for figures."""

SAMPLED = 200_000
"""Most training rows on which the training risk is computed."""


@dataclasses.dataclass(frozen=True, eq=False)
class Parts:
    """Row numbers of a sample, by what they are for.

    Attributes:
        train: rows that final fits are trained on.
        judged: rows that models are judged on: the test rows, touched once at the end; or, where none are held back,
            the training rows that folds held out, in their order.
        folds: pairs (train, held) of row numbers; held rows are judged by a fit that never saw them.
        sampled: training rows on which the training risk is computed.
        kept: positions in `judged` whose answers are kept for figures.
        kept_sampled: positions in `sampled` whose answers are kept for figures.
        on: `"test"` or `"folds"`.
    """

    train: np.ndarray
    judged: np.ndarray
    folds: tuple[tuple[np.ndarray, np.ndarray], ...]
    sampled: np.ndarray
    kept: np.ndarray
    kept_sampled: np.ndarray
    on: str

    @property
    def fold_of(self) -> np.ndarray:
        """Number of the fold that held out each judged row; -1 for test rows, shape (judged,)."""
        fold = np.full(len(self.judged), -1)
        if self.on == "folds":
            for number, (_, held) in enumerate(self.folds):
                fold[np.isin(self.judged, held, assume_unique=True)] = number
        return fold


def parts_of(data: Dataset, table: Data, *, key: Key) -> Parts:
    """The rows of a run, as `[data]` says: by group or by time, if it names such a column.

    Raises:
        InputError: as `divide`, with the path in the study.
    """
    split = table.split if table.split.how or not table.time else table.split.model_copy(update={"how": "time"})
    try:
        return divide(data, split, by=table.group or table.time, key=key)
    except InputError as error:
        text = str(error)
        raise InputError(text if text.startswith("data.") else f"data.split: {text}") from None


def divide(data: Dataset, how: Split, *, by: str | None, key: Key) -> Parts:
    """The rows of a run.

    Raises:
        InputError: if neither test rows nor folds are asked for, or a part would be empty.

    Example:
        >>> import jax
        >>> data = Dataset(np.zeros((8, 1)), y=np.arange(8) % 2, classes=("a", "b"))
        >>> parts = divide(data, Split(test=0.25, folds=2), by=None, key=jax.random.key(0))
        >>> len(parts.train), len(parts.judged), [len(held) for _, held in parts.folds]
        (6, 2, [3, 3])
    """
    if how.test == 0 and how.folds < 2:
        raise InputError("data.split: with test = 0 at least 2 folds are needed, or nothing is left to judge on")
    if how.folds == 1:
        raise InputError("data.split.folds: one fold is none; give 0, or at least 2")
    train, test = _held_back(data, how, by, named(key, "test rows"))
    pairs = _folds(data, train, how, by, named(key, "folds"))
    judged = test if how.test else np.sort(np.concatenate([held for _, held in pairs]))
    sampled = _some(train, SAMPLED, named(key, "sampled rows"))
    return Parts(
        train=train,
        judged=judged,
        folds=pairs,
        sampled=sampled,
        kept=_some(np.arange(len(judged)), KEPT, named(key, "kept rows")),
        kept_sampled=_some(np.arange(len(sampled)), KEPT, named(key, "kept training rows")),
        on="test" if how.test else "folds",
    )


def without_features(data: Dataset) -> Dataset:
    """Targets, weights and row numbers alone, so that choosing rows copies no features."""
    return data.replace(x=np.zeros((len(data), 0)), columns=(), observers={})


def _held_back(data: Dataset, how: Split, by: str | None, key: Key) -> tuple[np.ndarray, np.ndarray]:
    if how.test == 0:
        return np.arange(len(data)), np.zeros(0, int)
    rows = split_rows(data, test=how.test, how=how.how, by=by, key=key)
    return rows["train"], rows["test"]


def _folds(data: Dataset, train: np.ndarray, how: Split, by: str | None, key: Key) -> tuple:
    if how.folds == 0:
        return ()
    rows = (without_features(data) if by is None else data)[train]
    return tuple((train[a], train[b]) for a, b in folds(rows, how.folds, how=how.how, by=by, key=key))


def _some(rows: np.ndarray, most: int, key: Key) -> np.ndarray:
    if len(rows) <= most:
        return rows
    return np.sort(generator(key).choice(rows, most, replace=False))
