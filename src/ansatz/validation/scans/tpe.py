"""The tree-structured Parzen estimator, Optuna's."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
from collections.abc import Iterator, Sequence
from typing import Any

from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.typing import Key
from ansatz.validation.scans.space import Space
from ansatz.validation.scans.strategies import Ask, QuasiRandom, Random
from ansatz.validation.scans.trials import Trial

TRIES = 50
"""Proposals in a row that conditions may refuse before a setting is drawn at random."""


@dataclasses.dataclass(frozen=True)
class TPE:
    r"""Tries where settings are more likely among the good ones, $l(x)$, than among the others, $g(x)$.

    The first wave is a Sobol sequence. Then waves of `batch` settings maximize $l(x) / g(x)$; the members of a wave do
    not know each other's reward, so that a wave can be fitted as one population. Settings that diverged count as worse
    than all others.

    Attributes:
        batch: settings of a wave.
        startup: settings of the first wave.

    Source: J. Bergstra and others, NeurIPS 24 (2011) 2546; T. Akiba and others, arXiv:1907.10902 (Optuna).
    """

    batch: int = 8
    startup: int = 16
    resource: str = ""

    def __post_init__(self) -> None:
        if self.batch < 1 or self.startup < 1:
            raise InputError(f"waves of at least one setting are needed, not {self.batch} and {self.startup}")

    def ask(self, space: Space, trials: Sequence[Trial], settings: int, *, key: Key) -> list[Ask]:
        """The next wave."""
        if not trials:
            return QuasiRandom().ask(space, trials, min(self.startup, settings), key=key)
        wave = min(self.batch, settings - len(trials))
        if wave <= 0:
            return []
        rng = generator(named(key, f"wave after {len(trials)}"))
        with _quiet():
            study = _study(space, trials, seed=int(rng.integers(2**31)))
            return [_proposed(space, study, len(trials) + place, key=key) for place in range(wave)]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Optuna logs every study it makes."""
    logger = logging.getLogger("optuna")
    level = logger.level
    import optuna  # noqa: F401 - its import sets the level

    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _distributions(space: Space) -> dict[str, Any]:
    """Ranges with an order as places in the unit interval, lists as the numbers of their entries."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    return {
        name: FloatDistribution(0.0, 1.0) if found.ordered else CategoricalDistribution(list(range(int(found.count))))
        for name, found in space.ranges.items()
    }


def _study(space: Space, trials: Sequence[Trial], *, seed: int) -> Any:
    import optuna

    sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True, n_startup_trials=1)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    worst = min((t.reward for t in trials if t.finished), default=0.0)
    kinds = _distributions(space)
    for trial in trials:
        place = dict(zip(space.names, space.point(trial.setting), strict=True))
        values = {n: _entry(space, n, float(place[n])) for n in space.names}
        reward = trial.reward if trial.finished else worst
        study.add_trial(optuna.trial.create_trial(params=values, distributions=kinds, value=reward))
    return study


def _entry(space: Space, name: str, place: float) -> float | int:
    """A place as Optuna wants it: the number of the entry for a list."""
    found = space.ranges[name]
    if found.ordered:
        return min(max(place, 0.0), 1.0)
    return min(int(math.floor(place * found.count)), int(found.count) - 1)


def _proposed(space: Space, study: Any, number: int, *, key: Key) -> Ask:
    """The next proposal that the conditions allow; one that they refuse counts as bad, so that it is left alone."""
    kinds, worst = _distributions(space), min(trial.value for trial in study.get_trials() if trial.value is not None)
    for _ in range(TRIES):
        asked = study.ask(kinds)
        setting = {n: _value(space, n, asked.params[n]) for n in space.names}
        if space.allows(setting):
            return Ask(number, setting)
        study.tell(asked, worst)
    [ask] = Random().ask(space, [], 1, key=named(key, f"setting {number}"))
    return ask._replace(number=number)


def _value(space: Space, name: str, entry: float | int) -> object:
    found = space.ranges[name]
    return found.at(float(entry)) if found.ordered else found.options[int(entry)]
