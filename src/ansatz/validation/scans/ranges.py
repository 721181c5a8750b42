"""The choices of one hyperparameter, each seen as the unit interval.

`at` goes from a place in [0, 1] to a value and `place` back, so that every strategy and every measure of importance is
written once, for points of the unit cube.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import ClassVar, Protocol

import numpy as np

from ansatz.errors import InputError, suggest


class Range(Protocol):
    """The choices of one hyperparameter.

    Attributes:
        count: number of different values; infinity if it is continuous.
        ordered: whether larger and smaller mean something.
        log: whether it is naturally drawn on a logarithmic axis.
    """

    count: float
    ordered: ClassVar[bool]
    log: bool

    def at(self, place: float) -> object:
        """The value at a place in [0, 1]."""
        ...

    def place(self, value: object) -> float:
        """Where a value lies in [0, 1]; a discrete one in the middle of its share."""
        ...

    def grid(self, points: int) -> list[object]:
        """At most so many values, evenly from end to end; every value of a discrete one without order."""
        ...


@dataclasses.dataclass(frozen=True)
class Uniform:
    """Any number from `low` to `high`, all equally likely.

    Raises:
        InputError: if `low` is not below `high`, or one is not finite.

    Example:
        >>> Uniform(0.0, 0.5).at(0.5), Uniform(0.0, 0.5).grid(3)
        (0.25, [0.0, 0.25, 0.5])
    """

    low: float
    high: float
    count: ClassVar[float] = math.inf
    ordered: ClassVar[bool] = True
    log: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _check_ends(self.low, self.high)

    def at(self, place: float) -> float:
        """The value at a place in [0, 1]."""
        return float(min(max(self.low + place * (self.high - self.low), self.low), self.high))

    def place(self, value: object) -> float:
        """Where a value lies."""
        return (float(value) - self.low) / (self.high - self.low)

    def grid(self, points: int) -> list[object]:
        """So many values from end to end; the middle if it is one."""
        return [self.at(place) for place in _evenly(points)]


@dataclasses.dataclass(frozen=True)
class Log:
    """Any number from `low` to `high`, every factor equally likely.

    Raises:
        InputError: if `low` is not above zero and below `high`.

    Example:
        >>> [round(value, 6) for value in Log(1e-4, 1e-2).grid(3)]
        [0.0001, 0.001, 0.01]
    """

    low: float
    high: float
    count: ClassVar[float] = math.inf
    ordered: ClassVar[bool] = True
    log: ClassVar[bool] = True

    def __post_init__(self) -> None:
        _check_ends(self.low, self.high)
        if self.low <= 0:
            raise InputError(f"a range of factors needs ends above 0, not {self.low:g}")

    def at(self, place: float) -> float:
        """The value at a place in [0, 1]."""
        return float(min(max(self.low * (self.high / self.low) ** place, self.low), self.high))

    def place(self, value: object) -> float:
        """Where a value lies."""
        return math.log(float(value) / self.low) / math.log(self.high / self.low)

    def grid(self, points: int) -> list[object]:
        """So many values from end to end; the middle if it is one."""
        return [self.at(place) for place in _evenly(points)]


@dataclasses.dataclass(frozen=True)
class Integer:
    """A whole number from `low` to `high`, ends included; with `log` every factor is about equally likely.

    Raises:
        InputError: if the ends are no whole numbers, or not in order, or not above zero where `log` needs it.

    Example:
        >>> Integer(1, 4).grid(10), Integer(8, 128, log=True).grid(5)
        ([1, 2, 3, 4], [8, 16, 32, 64, 128])
    """

    low: int
    high: int
    log: bool = False
    ordered: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not all(isinstance(end, int | np.integer) and not isinstance(end, bool) for end in (self.low, self.high)):
            raise InputError(f"a range of whole numbers needs whole ends, not {self.low} and {self.high}")
        if self.low > self.high or (self.log and self.low < 1):
            raise InputError(
                f"a range of whole numbers goes from a lower to a higher one{', from 1 on' * self.log}, "
                f"not from {self.low} to {self.high}"
            )

    @property
    def count(self) -> float:
        """Number of values."""
        return self.high - self.low + 1

    def at(self, place: float) -> int:
        """The value at a place in [0, 1]."""
        edge = self.low * ((self.high + 1) / self.low) ** place if self.log else self.low + place * self.count
        return int(min(max(math.floor(edge + 1e-9), self.low), self.high))

    def place(self, value: object) -> float:
        """The middle of the share of a value."""
        return (self._edge(int(value)) + self._edge(int(value) + 1)) / 2

    def _edge(self, value: int) -> float:
        if self.log:
            return math.log(value / self.low) / math.log((self.high + 1) / self.low)
        return (value - self.low) / self.count

    def grid(self, points: int) -> list[object]:
        """So many values from end to end, without repeats; the middle if it is one."""
        span = Log(self.low, self.high) if self.log and self.high > self.low else None
        values = (span.at(p) if span else self.low + p * (self.high - self.low) for p in _evenly(points))
        return list(dict.fromkeys(round(value) for value in values))


@dataclasses.dataclass(frozen=True)
class OneOf:
    """One of a few values without order: names, numbers, true or false, lists.

    Raises:
        InputError: if there is none, or one is there twice.

    Example:
        >>> OneOf(("relu", "tanh")).at(0.7)
        'tanh'
    """

    options: tuple[object, ...]
    ordered: ClassVar[bool] = False
    log: ClassVar[bool] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", tuple(self.options))
        shown = [json.dumps(option, default=str) for option in self.options]
        if not shown or len(set(shown)) < len(shown):
            raise InputError(f"a list of choices needs at least one, and none twice, not [{', '.join(shown)}]")

    @property
    def count(self) -> float:
        """Number of values."""
        return len(self.options)

    def at(self, place: float) -> object:
        """The value at a place in [0, 1]."""
        return self.options[min(int(place * len(self.options)), len(self.options) - 1)]

    def place(self, value: object) -> float:
        """The middle of the share of a value."""
        return (self.options.index(value) + 0.5) / len(self.options)

    def grid(self, points: int) -> list[object]:
        """All of them."""
        return list(self.options)


WAYS = {
    "uniform": Uniform,
    "log": Log,
    "integer": Integer,
    "log-integer": lambda low, high: Integer(low, high, log=True),
}
"""What a study calls each range: `{uniform = [0, 0.5]}`."""


def range_of(name: str, written: object) -> Range:
    """The range that a study writes: a list of choices, or one of `WAYS` with its two ends.

    Raises:
        InputError: if it is neither.

    Example:
        >>> range_of("width", {"integer": [8, 64]}), range_of("depth", [1, 2])
        (Integer(low=8, high=64, log=False), OneOf(options=(1, 2)))
    """
    if isinstance(written, list | tuple):
        return _made(name, OneOf, tuple(written))
    if not isinstance(written, Mapping) or len(written) != 1:
        raise InputError(
            f"space.{name}: expected a list of choices or a range such as {{log = [1e-4, 1e-1]}}, got {written}"
        )
    [(way, ends)] = written.items()
    if way not in WAYS:
        raise InputError(f"space.{name}: there is no range '{way}'{suggest(way, WAYS)}; there are: {', '.join(WAYS)}")
    numbers = isinstance(ends, list | tuple) and all(isinstance(e, int | float) for e in ends) and len(ends) == 2
    if not numbers:
        raise InputError(f"space.{name}.{way}: expected its two ends, such as [1, 10], got {ends}")
    return _made(name, WAYS[way], *ends)


def _made(name: str, kind: type, *arguments: object) -> Range:
    try:
        return kind(*arguments)
    except InputError as error:
        raise InputError(f"space.{name}: {error}") from None


def _check_ends(low: float, high: float) -> None:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"a range goes from a lower to a higher finite number, not from {low} to {high}")


def _evenly(points: int) -> list[float]:
    return [0.5] if points == 1 else [i / (points - 1) for i in range(points)]
