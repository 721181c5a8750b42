"""`Space`: which settings a scan may try."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from ansatz.data import Expression
from ansatz.errors import InputError, suggest
from ansatz.validation.scans.ranges import Range, range_of

Setting = dict[str, object]
"""One value for each hyperparameter of a space."""

ENOUGH = 10_000
"""Points that are tried before a space counts as empty."""


@dataclasses.dataclass(frozen=True)
class Space:
    """Which settings a scan may try: a range for each hyperparameter, and conditions that must hold between them.

    Attributes:
        ranges: name of each hyperparameter, as the learner's constructor calls it, and its range.
        where: conditions such as `"width * depth <= 256"`, parsed as cuts are.

    Raises:
        InputError: if there is no hyperparameter, or a condition names one that is not there.

    Example:
        >>> from ansatz.validation.scans import Integer, Log
        >>> space = Space({"learning_rate": Log(1e-4, 1e-2), "depth": Integer(1, 3)}, where=("depth < 3",))
        >>> space.setting([0.5, 0.4])
        {'learning_rate': 0.001, 'depth': 2}
        >>> [space.allows({"learning_rate": 1e-3, "depth": depth}) for depth in (1, 2, 3)]
        [True, True, False]
    """

    ranges: Mapping[str, Range]
    where: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.ranges:
            raise InputError("a scan space with no valid point: it names no hyperparameter; give at least one range")
        for text in self.where:
            for name in _condition(text).names:
                if name not in self.ranges:
                    known = ", ".join(self.ranges)
                    raise InputError(
                        f"where '{text}': there is no '{name}' in the space{suggest(name, self.ranges)}; "
                        f"there are: {known}"
                    )

    @classmethod
    def of(cls, table: Mapping[str, object], where: Iterable[str] = ()) -> Space:
        """The space that a study writes.

        Example:
            >>> Space.of({"depth": [1, 2]}).names
            ('depth',)
        """
        return cls({name: range_of(name, written) for name, written in table.items()}, tuple(where))

    @property
    def names(self) -> tuple[str, ...]:
        """The hyperparameters."""
        return tuple(self.ranges)

    @property
    def count(self) -> float:
        """Number of different settings, conditions apart; infinity if one is continuous."""
        return math.prod(found.count for found in self.ranges.values())

    def setting(self, point: Iterable[float]) -> Setting:
        """The setting at a point of the unit cube."""
        return {name: r.at(float(place)) for (name, r), place in zip(self.ranges.items(), point, strict=True)}

    def point(self, setting: Mapping[str, object]) -> np.ndarray:
        """Where a setting lies in the unit cube, shape (hyperparameters,)."""
        return np.array([r.place(setting[name]) for name, r in self.ranges.items()])

    def allows(self, setting: Mapping[str, object]) -> bool:
        """Whether a setting meets all conditions."""
        columns = {name: np.array([value]) for name, value in setting.items() if not isinstance(value, list | tuple)}
        return all(bool(np.asarray(_condition(text)(columns))[0]) for text in self.where)

    def grid(self, points: int) -> list[Setting]:
        """All settings of a grid that the conditions allow.

        Raises:
            InputError: if there is none.
        """
        axes = [found.grid(points) for found in self.ranges.values()]
        every = (dict(zip(self.names, values, strict=True)) for values in itertools.product(*axes))
        return self._some(setting for setting in every if self.allows(setting))

    def take(self, points: Iterator[np.ndarray], count: int) -> list[Setting]:
        """The first `count` settings that are allowed, no setting twice; fewer where there are no more.

        Raises:
            InputError: if there is none.
        """
        found: dict[str, Setting] = {}
        for point in itertools.islice(points, ENOUGH + count):
            setting = self.setting(point)
            if self.allows(setting):
                found.setdefault(repr(setting), setting)
            if len(found) >= min(count, self.count):
                break
        return self._some(found.values())

    def check(self) -> None:
        """Whether there is anything to try, before anything is fitted.

        Raises:
            InputError: if no setting meets the conditions.

        Example:
            >>> Space.of({"depth": [1, 2]}, ["depth > 2"]).check()
            Traceback (most recent call last):
            ...
            ansatz.errors.InputError: a scan space with no valid point: no setting of depth meets 'depth > 2'
        """
        rng = np.random.default_rng(0)
        self.take((rng.random(len(self.ranges)) for _ in itertools.count()), 1)

    def _some(self, settings: Iterable[Setting]) -> list[Setting]:
        found = list(settings)
        if not found:
            raise InputError(
                f"a scan space with no valid point: no setting of {', '.join(self.names)} meets "
                f"{' and '.join(repr(text) for text in self.where)}"
            )
        return found

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON: enough to tell two spaces apart, and to draw the ranges."""
        return {"ranges": {name: _written(found) for name, found in self.ranges.items()}, "where": list(self.where)}

    @classmethod
    def from_dict(cls, record: Mapping) -> Space:
        """The space that `to_dict` wrote."""
        return cls.of(record["ranges"], record["where"])


@functools.lru_cache
def _condition(text: str) -> Expression:
    return Expression(text)


def _written(found: Range) -> object:
    if not found.ordered:
        return list(found.options)
    way = ("log-" * found.log + "integer") if math.isfinite(found.count) else "log" if found.log else "uniform"
    return {way: [found.low, found.high]}
