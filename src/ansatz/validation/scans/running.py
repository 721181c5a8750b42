"""`scan`: many settings of one learner, each fitted on the same folds and judged by a reward apart from its cost."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.files import plain, write_json
from ansatz.keys import named
from ansatz.typing import Key
from ansatz.validation.folds import Folds, check_learner
from ansatz.validation.interval import ONE_SIGMA, Interval, normal
from ansatz.validation.metrics import Metric, metric_named
from ansatz.validation.scans.judging import Make, Task, blocks, check_settings, judged
from ansatz.validation.scans.space import Space
from ansatz.validation.scans.strategies import Ask, QuasiRandom, Strategy
from ansatz.validation.scans.trials import Trial, from_record, to_record, write_trials

TABLE = "settings.parquet"
"""File of all trials in the folder of a scan."""


@dataclasses.dataclass(frozen=True, eq=False)
class Scan:
    """What a scan found.

    Attributes:
        space: which settings were allowed.
        metric: what held-out rows were scored by.
        trials: what came out of each setting, by number (and rung).
    """

    space: Space
    metric: Metric
    trials: tuple[Trial, ...]

    @property
    def first(self) -> tuple[Trial, ...]:
        """The trials of all settings with the same budget: those of the first rung."""
        return tuple(trial for trial in self.trials if trial.rung == 0)

    @property
    def last(self) -> tuple[Trial, ...]:
        """The trials with the full budget that finished: those that the best is chosen from."""
        rung = max(trial.rung for trial in self.trials)
        full = [t for t in self.trials if t.rung == rung and t.finished]
        return tuple(full or [t for t in self.trials if t.finished])

    @property
    def best(self) -> Trial:
        """The setting with the largest reward; its score is too good on average, see `select`."""
        return max(self.last, key=lambda trial: (trial.reward, -trial.number))

    def interval(self, trial: Trial, *, level: float = ONE_SIGMA) -> Interval:
        """The score of a trial with its error from the finite number of held-out rows."""
        return normal(trial.score, trial.error, level=level, method=f"mean over {len(trial.scores)} folds")

    def best_so_far(self) -> np.ndarray:
        """The largest reward among the first n settings of the first rung, shape (settings,); NaN before the first."""
        rewards = np.array([trial.reward for trial in self.first])
        found = np.maximum.accumulate(np.where(np.isfinite(rewards), rewards, -np.inf))
        return np.where(np.isfinite(found), found, np.nan)

    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """Places of settings in the unit cube, shape (settings, hyperparameters), and rewards; those that finished."""
        good = [trial for trial in self.first if trial.finished]
        return np.array([self.space.point(t.setting) for t in good]), np.array([t.reward for t in good])


def scan(
    make: Make,
    data: Dataset,
    space: Space,
    *,
    folds: Folds,
    fixed: Mapping[str, object] | None = None,
    strategy: Strategy | None = None,
    settings: int = 64,
    reward: str | None = None,
    block: int = 16,
    folder: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    key: Key,
) -> Scan:
    """Tries many settings of a learner.

    Each setting is fitted on the training rows of every fold, where its own cost is made small, and scored on the rows
    that the fold held out: the reward. Settings of a network that differ in numbers alone (learning rate, weight decay,
    dropout, penalties ...) are one population and one compiled program; other choices (width, activation, optimizer)
    are a loop over compiled programs. A setting that diverges is recorded as such and stops no other.

    Args:
        make: constructor of the learner, such as `ansatz.training.mlp`; hyperparameters are its arguments.
        data: the sample.
        space: which settings are allowed.
        folds: pairs of row numbers (train, held out), as `ansatz.data.folds` makes them; one pair is a validation set.
        fixed: arguments of the learner that all settings share.
        strategy: what to try next; a Sobol sequence if left out.
        settings: how many; fewer if the space has no more.
        reward: name of the metric in `METRICS`: AUC (several classes: accuracy) or RMSE if left out.
        block: most settings in one population, after which what is done is written.
        folder: where finished blocks are kept, so that a scan that was killed goes on; nothing is written if left out.
        progress: called with (settings done, settings) after each block.
        key: random key.

    Raises:
        InputError: if a hyperparameter is unknown, no setting is allowed, a setting cannot be built, the learner cannot
            do what the data ask, all settings diverged, or the folder holds another scan.

    Example:
        >>> import jax
        >>> from ansatz.data import folds
        >>> from ansatz.problems import Gaussians
        >>> from ansatz.training.classical import CLASSICAL
        >>> from ansatz.validation.scans import Integer
        >>> data = Gaussians().draw(jax.random.key(0), 200)
        >>> pairs = folds(data, 2, key=jax.random.key(1))
        >>> found = scan(CLASSICAL["tree"], data, Space({"depth": Integer(1, 4)}), folds=pairs, key=jax.random.key(2))
        >>> len(found.trials), found.best.setting["depth"] <= 4
        (4, True)
    """
    strategy = strategy or QuasiRandom()
    metric = metric_named(reward or default_reward(data))
    settings = int(min(_positive(settings, "settings"), space.count))
    fixed = dict(fixed or {})
    block = min(_positive(block, "block"), settings)
    task = Task(make, fixed, data, folds, metric, block, strategy.resource, named(key, "fits"))
    first = strategy.ask(space, [], settings, key=named(key, "settings"))
    check_settings(make, fixed, first)
    check_learner(make(**task.arguments(first[0])), data)
    kept = Kept(folder, _fingerprint(task, space, strategy, settings))
    trials = _all_waves(task, space, strategy, settings, kept, progress, named(key, "settings"))
    if not any(trial.finished for trial in trials):
        raise InputError(_all_bad(trials))
    if folder is not None:
        write_trials(folder / TABLE, trials)
    return Scan(space, metric, tuple(trials))


def default_reward(data: Dataset) -> str:
    """The metric that scores settings if none is named."""
    if data.task == "regression":
        return "rmse"
    return "auc" if data.outputs == 2 else "accuracy"


def _all_waves(
    task: Task,
    space: Space,
    strategy: Strategy,
    settings: int,
    kept: Kept,
    progress: Callable[[int, int], None] | None,
    key: Key,
) -> list[Trial]:
    trials: list[Trial] = []
    while wave := strategy.ask(space, trials, settings, key=key):
        found: list[Trial] = []
        for block in blocks(task, wave):
            found += kept.once(block, task)
            if progress is not None:
                done = len(found) + sum(trial.rung == wave[0].rung for trial in trials)
                progress(done, max(settings if wave[0].rung == 0 else len(wave), done))
        trials = sorted([*trials, *found], key=lambda trial: (trial.rung, trial.number))
    return trials


@dataclasses.dataclass(frozen=True)
class Kept:
    """Finished blocks of a scan, each a file of its own in a folder; nothing is kept without one.

    Raises:
        InputError: if the folder holds another scan.
    """

    folder: Path | None
    fingerprint: str

    def __post_init__(self) -> None:
        if self.folder is None:
            return
        path = self.folder / "scan.json"
        if not path.is_file():
            write_json(path, {"fingerprint": self.fingerprint})
        elif json.loads(path.read_text(encoding="utf-8")).get("fingerprint") != self.fingerprint:
            raise InputError(
                f"{self.folder} holds a scan of other settings or other data; give a new folder, or remove that one"
            )

    def once(self, block: Sequence[Ask], task: Task) -> list[Trial]:
        """The trials of a block: read back if it was done before, else done and stored."""
        if self.folder is None:
            return judged(task, block)
        path = self.folder / "blocks" / f"rung-{block[0].rung}-from-{block[0].number:05d}.json"
        stored = _stored(path)
        if stored is None or [t.number for t in stored] != [ask.number for ask in block]:
            stored = judged(task, block)
            write_json(path, [to_record(trial) for trial in stored])
        return stored


def _stored(path: Path) -> list[Trial] | None:
    try:
        return [from_record(record) for record in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _fingerprint(task: Task, space: Space, strategy: Strategy, settings: int) -> str:
    """A hash of everything that decides the numbers of a scan."""
    import jax

    digest = hashlib.sha256()
    said = [space.to_dict(), repr(strategy), settings, task.fixed, task.metric.name, task.block]
    digest.update(str(inspect.signature(task.make)).encode())
    digest.update(json.dumps(plain(said), sort_keys=True, default=str).encode())
    rows = [part for fold in task.folds for part in fold]
    arrays = [task.data.x, task.data.y, task.data.weight, *rows, jax.random.key_data(task.key)]
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _all_bad(trials: Sequence[Trial]) -> str:
    """Which settings went wrong, and why."""
    shown = "; ".join(trial.told() for trial in trials[:3])
    more = f" and {len(trials) - 3} more" if len(trials) > 3 else ""
    words = "diverged" if all(trial.status == "diverged" for trial in trials) else "failed"
    return (
        f"all {len(trials)} settings {words}: {shown}{more}; the first because {trials[0].message}; "
        "widen the space towards smaller learning rates, or clip the gradient"
    )


def _positive(number: int, name: str) -> int:
    if number < 1 or not math.isfinite(number):
        raise InputError(f"{name} must be at least 1, not {number}")
    return int(number)
