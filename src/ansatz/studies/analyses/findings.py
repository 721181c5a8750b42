"""What an analysis is given and what it gives back."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from ansatz.data import Dataset
from ansatz.studies.belief import Belief
from ansatz.studies.execution.pieces import Piece
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation import Interval


@dataclasses.dataclass(frozen=True)
class Number:
    """One line of the table of what was found beside what is known.

    Attributes:
        name: what it is.
        value: what was found.
        reference: what is known of it from elsewhere: a number, or words.
        unit: of both.
        note: how to read it, or where the reference comes from.

    Example:
        >>> Number("T_c", Interval(2.275, 2.265, 2.285), 2.269185).sigmas
        0.58...
    """

    name: str
    value: Interval | float | int | str
    reference: float | str | None = None
    unit: str = ""
    note: str = ""

    @property
    def sigmas(self) -> float | None:
        """How far the value lies above the reference, in its own errors; None where that means nothing."""
        if not isinstance(self.value, Interval) or not isinstance(self.reference, int | float):
            return None
        error = self.value.error
        return (self.value.value - self.reference) / error if 0 < error < math.inf else None

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        value = self.value.to_dict() if isinstance(self.value, Interval) else self.value
        return {**{f.name: getattr(self, f.name) for f in dataclasses.fields(self)}, "value": value}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Number:
        """The number that `to_dict` wrote; what was infinite or undefined is a NaN."""
        value = record["value"]
        if isinstance(value, Mapping):
            value = Interval.from_dict({**value, **{end: _number(value[end]) for end in ("value", "low", "high")}})
        return cls(**{**record, "value": math.nan if value is None else value})


def _number(value: float | str | None) -> float | str:
    return math.nan if value is None else value


@dataclasses.dataclass(frozen=True, eq=False)
class Findings:
    """What an analysis found.

    Attributes:
        headline: one sentence with the number that matters most.
        numbers: what was found beside what is known.
        beliefs: what may be wrong with it; every analysis has one that can turn red.
        arrays: what its figures are drawn from.
        record: names, labels and settings that its figures need besides, in plain values.
    """

    headline: str
    numbers: tuple[Number, ...] = ()
    beliefs: tuple[Belief, ...] = ()
    arrays: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    record: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def summary(self) -> dict[str, object]:
        """What the results of the run repeat."""
        return {"headline": self.headline, "numbers": [number.to_dict() for number in self.numbers]}

    def piece(self) -> Piece:
        """The findings as a piece of work that can be stored."""
        beliefs = [belief.to_dict() for belief in self.beliefs]
        return Piece(self.arrays, {**self.summary(), "beliefs": beliefs, "record": self.record})

    @classmethod
    def from_piece(cls, piece: Piece) -> Findings:
        """The findings that `piece` stored.

        Example:
            >>> found = Findings("Three.", (Number("n", 3),), arrays={"n": np.arange(3)})
            >>> Findings.from_piece(found.piece()).numbers
            (Number(name='n', value=3, reference=None, unit='', note=''),)
        """
        stored = piece.record
        numbers = tuple(Number.from_dict(number) for number in stored["numbers"])
        beliefs = tuple(Belief(**belief) for belief in stored["beliefs"])
        return cls(str(stored["headline"]), numbers, beliefs, piece.arrays, stored["record"])


@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """The rows of a study, by what they are for.

    Attributes:
        data: all rows.
        train: numbers of the rows that may be learned from.
        test: numbers of the rows that are touched once, at the end; empty if none are held back.
        folds: pairs (train, held) of row numbers among the training rows.
    """

    data: Dataset
    train: np.ndarray
    test: np.ndarray
    folds: tuple[tuple[np.ndarray, np.ndarray], ...] = ()


@dataclasses.dataclass(frozen=True, eq=False)
class Bench:
    """Where an analysis works.

    Attributes:
        folder: its own folder, for pieces that a killed run goes on from; write them through `ansatz.files`.
        announce: tells the person who waits what comes next.
        keep: stores a fitted model under a name, for `ansatz predict`.
    """

    folder: Path
    announce: Callable[[str], None] = lambda text: None
    keep: Callable[[str, Fit], None] = lambda name, fit: None


class Analysis(Protocol):
    """A frozen dataclass whose constructor is the schema of its table in a study.

    Attributes:
        needs: `"nothing"`, `"features"` (rows without a target will do) or `"target"`.
        citations: BibTeX entries of its methods.
    """

    needs: ClassVar[str]
    citations: ClassVar[tuple[str, ...]]

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Finds out; the same key gives the same findings."""
        ...
