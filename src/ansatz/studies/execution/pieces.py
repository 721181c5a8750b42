"""Pieces of work: each is done once, written whole, and read back when a run is resumed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np

from ansatz.data import Dataset
from ansatz.files import plain, write_arrays
from ansatz.training.result import Fit
from ansatz.validation import FinishedFold

CHUNK = 100_000
"""Events that are answered at once, which bounds the memory that a method takes for its own copies."""


class Step(NamedTuple):
    """Where a run stands, for whoever shows it: `number` of `total` pieces are done, `text` is the next one."""

    number: int
    total: int
    text: str


@dataclasses.dataclass(frozen=True, eq=False)
class Piece:
    """What a finished piece of work left: arrays, and a record of plain numbers and words."""

    arrays: Mapping[str, np.ndarray]
    record: Mapping[str, object]

    @property
    def error(self) -> str:
        """Why the piece could not be done; empty if it was."""
        return str(self.record.get("error", ""))


def once(path: Path, make: Callable[[], Piece]) -> Piece:
    """The piece stored at `path`; made and stored if it is not there. What is used is always what was stored."""
    stored = read_piece(path)
    if stored is not None:
        return stored
    piece = make()
    write_piece(path, piece)
    return read_piece(path) or piece


def write_piece(path: Path, piece: Piece) -> None:
    """Store a piece, whole or not at all."""
    write_arrays(path, {**piece.arrays, "record": np.array(json.dumps(plain(piece.record)))})


def read_piece(path: Path) -> Piece | None:
    """The piece stored at `path`, or None if there is none that can be read."""
    if not path.is_file():
        return None
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return Piece(arrays, json.loads(str(arrays.pop("record"))))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def outcome(fit: Fit) -> dict[str, object]:
    """The words and numbers of a fit that results repeat."""
    return {
        "link": fit.predictor.link,
        "converged": bool(fit.converged),
        "stopped": fit.stopped,
        "message": fit.message,
        "seconds": float(fit.seconds),
        "compile_seconds": float(fit.compile_seconds),
        "epochs": _epochs(fit),
        "details": plain(fit.details),
    }


def mean_response(fit: Fit, data: Dataset, rows: np.ndarray) -> np.ndarray:
    """The answers to some rows, averaged over members, shape (rows,) or (rows, outputs)."""
    parts = [fit.members(data.x[some]).mean(axis=0) for some in chunks(rows)]
    return np.concatenate(parts)


def member_response(fit: Fit, data: Dataset, rows: np.ndarray) -> np.ndarray:
    """The answers of each member to some rows, shape (members, rows[, outputs])."""
    return np.concatenate([fit.members(data.x[some]) for some in chunks(rows)], axis=1)


def chunks(rows: np.ndarray) -> list[np.ndarray]:
    """Row numbers in lots of at most `CHUNK`; one empty lot if there are none.

    Example:
        >>> [len(lot) for lot in chunks(np.arange(250_000))]
        [100000, 100000, 50000]
    """
    return [rows[first : first + CHUNK] for first in range(0, max(len(rows), 1), CHUNK)]


def _epochs(fit: Fit) -> int:
    return int(max((np.shape(curve)[-1] for curve in fit.history.values()), default=0))


class StoredFolds(MutableMapping[int, FinishedFold]):
    """Finished folds of a model, each in a file of its own: what `cross_validate` goes on from.

    Args:
        path: from the number of a fold to its file.
        folds: row numbers (train, held) of each fold.
    """

    def __init__(self, path: Callable[[int], Path], folds: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
        self.path, self.folds = path, folds

    def __getitem__(self, number: int) -> FinishedFold:
        piece = read_piece(self.path(number))
        if piece is None:
            raise KeyError(number)
        train, held = self.folds[number]
        return FinishedFold(held, piece.arrays["response"], str(piece.record["link"]), train)

    def __setitem__(self, number: int, finished: FinishedFold) -> None:
        record = {} if finished.fit is None else outcome(finished.fit)
        write_piece(self.path(number), Piece({"response": finished.response}, record))

    def __delitem__(self, number: int) -> None:
        self.path(number).unlink()

    def __iter__(self) -> Iterator[int]:
        return (number for number in range(len(self.folds)) if read_piece(self.path(number)) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def records(self) -> list[Mapping[str, object]]:
        """How the fit of each finished fold went."""
        pieces = [read_piece(self.path(number)) for number in range(len(self.folds))]
        return [piece.record for piece in pieces if piece is not None]
