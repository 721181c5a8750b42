"""Strategies: which settings to try next, given what is known of those tried. None of them keeps a memory of its own.

A strategy sees the space and all trials so far, so that a scan which was killed asks for the same settings again.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.typing import Key
from ansatz.validation.scans.space import Setting, Space
from ansatz.validation.scans.trials import Trial


class Ask(NamedTuple):
    """A setting to be tried: with which share of the full budget of epochs, and for which rung."""

    number: int
    setting: Setting
    share: float = 1.0
    rung: int = 0


class Strategy(Protocol):
    """What to try next.

    Attributes:
        resource: argument of the learner that is rationed (`"epochs"`); empty where nothing is.
    """

    resource: str

    def ask(self, space: Space, trials: Sequence[Trial], settings: int, *, key: Key) -> list[Ask]:
        """The settings of the next wave; none when the scan is over."""
        ...


def _first_wave(settings: Sequence[Setting], trials: Sequence[Trial]) -> list[Ask]:
    return [] if trials else [Ask(number, setting) for number, setting in enumerate(settings)]


@dataclasses.dataclass(frozen=True)
class Grid:
    """Every combination of `points` values of each range, and of all values of a list.

    The number of settings asked for is a limit: a larger grid is refused, not cut.

    Raises:
        InputError: if the grid has more settings than asked for.

    Example:
        >>> import jax
        >>> from ansatz.validation.scans import OneOf, Uniform
        >>> space = Space({"a": Uniform(0, 1), "b": OneOf(("x", "y"))})
        >>> len(Grid(points=3).ask(space, [], 64, key=jax.random.key(0)))
        6
    """

    points: int = 4
    resource: str = ""

    def ask(self, space: Space, trials: Sequence[Trial], settings: int, *, key: Key) -> list[Ask]:
        """All of them at once."""
        size = math.prod(len(found.grid(self.points)) for found in space.ranges.values())
        every = space.grid(self.points) if size <= 100_000 else []
        if size > 100_000 or len(every) > settings:
            raise InputError(
                f"the grid has {len(every) or size} settings but settings = {settings}; "
                "raise settings, lower points, or use a random strategy"
            )
        return _first_wave(every, trials)


@dataclasses.dataclass(frozen=True)
class Random:
    """Settings drawn at random, all places of the unit cube equally likely.

    Source: J. Bergstra and Y. Bengio, J. Mach. Learn. Res. 13 (2012) 281.
    """

    resource: str = ""

    def ask(self, space: Space, trials: Sequence[Trial], settings: int, *, key: Key) -> list[Ask]:
        """All of them at once."""
        return _first_wave(space.take(self._points(len(space.names), key), settings), trials)

    def _points(self, dimensions: int, key: Key) -> Iterator[np.ndarray]:
        rng = generator(key)
        while True:
            yield rng.random(dimensions)


@dataclasses.dataclass(frozen=True)
class QuasiRandom:
    """Settings that fill the unit cube evenly: a scrambled Sobol or Halton sequence.

    Source: I. M. Sobol, USSR Comput. Math. Math. Phys. 7 (1967) 86; J. H. Halton, Numer. Math. 2 (1960) 84;
    A. B. Owen, J. Complexity 14 (1998) 466 (scrambling).
    """

    sequence: Literal["sobol", "halton"] = "sobol"
    resource: str = ""

    def ask(self, space: Space, trials: Sequence[Trial], settings: int, *, key: Key) -> list[Ask]:
        """All of them at once."""
        return _first_wave(space.take(self._points(len(space.names), key), settings), trials)

    def _points(self, dimensions: int, key: Key) -> Iterator[np.ndarray]:
        from scipy.stats import qmc

        kind = qmc.Sobol if self.sequence == "sobol" else qmc.Halton
        sequence = kind(dimensions, rng=generator(key))
        while True:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="The balance properties of Sobol")
                yield from sequence.random(64)


@dataclasses.dataclass(frozen=True)
class Halving:
    r"""Successive halving: all settings get few epochs, the best `1 / factor` of them `factor` times more, and so on.

    The rungs have budgets of $B / \eta^{R-1}, \ldots, B / \eta, B$ for a full budget B and factor $\eta$. A setting
    that is promoted is fitted anew, so that schedules which depend on the number of epochs mean what they say.

    Attributes:
        factor: $\eta$.
        rungs: R.
        resource: argument of the learner that is rationed.
        first: how the settings of the first rung are drawn.

    Source: K. Jamieson and A. Talwalkar, arXiv:1502.07943; L. Li and others, arXiv:1603.06560.
    """

    factor: int = 3
    rungs: int = 3
    resource: str = "epochs"
    first: Random | QuasiRandom = dataclasses.field(default_factory=QuasiRandom)

    def __post_init__(self) -> None:
        if self.factor < 2 or self.rungs < 1:
            raise InputError(f"halving needs a factor of at least 2 and a rung, not {self.factor} and {self.rungs}")

    def ask(self, space: Space, trials: Sequence[Trial], settings: int, *, key: Key) -> list[Ask]:
        """The settings of the next rung."""
        rung = max((trial.rung for trial in trials), default=-1) + 1
        if rung == self.rungs:
            return []
        share = float(self.factor) ** (rung + 1 - self.rungs)
        if not rung:
            return [ask._replace(share=share) for ask in self.first.ask(space, trials, settings, key=key)]
        last = [trial for trial in trials if trial.rung == rung - 1]
        best = sorted((t for t in last if t.finished), key=lambda t: (-t.reward, t.number))
        promoted = sorted(best[: max(len(last) // self.factor, 1)], key=lambda t: t.number)
        return [Ask(t.number, t.setting, share, rung) for t in promoted]


def _tpe(**options: int) -> Strategy:
    from ansatz.validation.scans.tpe import TPE

    return TPE(**options)


STRATEGIES: dict[str, Callable[..., Strategy]] = {
    "grid": Grid,
    "random": Random,
    "sobol": lambda: QuasiRandom("sobol"),
    "halton": lambda: QuasiRandom("halton"),
    "tpe": _tpe,
    "halving": Halving,
}
"""What a study calls each strategy."""
