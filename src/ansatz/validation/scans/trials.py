"""`Trial`: what came out of one setting; and the Parquet file of all of them."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ansatz.errors import InputError
from ansatz.files import whole
from ansatz.validation.metrics import Metric
from ansatz.validation.scans.space import Setting

FINISHED, DIVERGED, FAILED = "finished", "diverged", "failed"


@dataclasses.dataclass(frozen=True)
class Trial:
    """What came out of one setting.

    Attributes:
        number: of the setting, in the order in which settings were asked for.
        setting: its value of each hyperparameter.
        scores: the metric on the rows that each fold held out; empty if the setting did not finish.
        errors: standard error of each, from the finite number of these rows.
        reward: mean of the scores, turned so that larger is better; NaN if the setting did not finish.
        cost: the risk on training rows at the epochs that were kept, mean over folds: what the fit made small; NaN
            for a method that does not tell.
        epochs: epochs of all folds together.
        seconds: wall-clock time of all folds together; in a population the setting's share.
        rung: how often it was promoted by successive halving.
        budget: epochs (or what else is rationed) that it was given; None where nothing is rationed.
        status: `"finished"`, `"diverged"` or `"failed"`.
        message: why it did not finish.
    """

    number: int
    setting: Setting
    scores: tuple[float, ...] = ()
    errors: tuple[float, ...] = ()
    reward: float = math.nan
    cost: float = math.nan
    epochs: int = 0
    seconds: float = 0.0
    rung: int = 0
    budget: int | None = None
    status: str = FINISHED
    message: str = ""

    @property
    def score(self) -> float:
        """The metric, mean over folds; NaN if the setting did not finish."""
        return float(np.mean(self.scores)) if self.scores else math.nan

    @property
    def error(self) -> float:
        """Standard error of `score`, from the finite number of held-out rows."""
        return float(np.sqrt(np.sum(np.square(self.errors))) / len(self.errors)) if self.errors else math.nan

    @property
    def finished(self) -> bool:
        """Whether it has a reward."""
        return self.status == FINISHED

    def told(self) -> str:
        """The setting in words.

        Example:
            >>> Trial(3, {"depth": 2, "learning_rate": 0.0123456}).told()
            'setting 3 (depth = 2, learning_rate = 0.01235)'
        """
        return f"setting {self.number} ({told(self.setting)})"


def told(setting: Mapping[str, object]) -> str:
    """A setting in words."""
    return ", ".join(f"{n} = {v:.4g}" if isinstance(v, float) else f"{n} = {v}" for n, v in setting.items())


def reward_of(metric: Metric, score: float) -> float:
    """A score turned so that larger is better.

    Example:
        >>> from ansatz.validation import metric_named
        >>> reward_of(metric_named("auc"), 0.9), reward_of(metric_named("rmse"), 0.9)
        (0.9, -0.9)
    """
    if metric.larger_is_better is None:
        return -abs(score - metric.ideal)
    return score if metric.larger_is_better else -score


def to_record(trial: Trial) -> dict[str, object]:
    """Plain values for JSON."""
    return dataclasses.asdict(trial)


def from_record(record: Mapping) -> Trial:
    """The trial that `to_record` wrote; what is null was not a number."""
    numbers = {n: math.nan if record[n] is None else record[n] for n in ("reward", "cost", "seconds")}
    return Trial(**{**record, **numbers, "scores": tuple(record["scores"]), "errors": tuple(record["errors"])})


def write_trials(path: Path, trials: Sequence[Trial]) -> None:
    """All trials as one Parquet file, whole or not at all.

    One row for each setting (and rung): `number, rung, budget`, a column `choice/NAME` for each hyperparameter,
    `reward, score, error, cost, epochs, seconds, status, message`, and `score/fold-1 ...`, `error/fold-1 ...`.

    Raises:
        InputError: if there is none, or the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not trials:
        raise InputError("there are no settings to write; scan at least one")
    folds = max(len(trial.scores) for trial in trials)
    columns: dict[str, object] = {"number": [t.number for t in trials], "rung": [t.rung for t in trials]}
    columns["budget"] = pa.array([t.budget for t in trials], pa.int64())
    columns |= {f"choice/{name}": _column([t.setting[name] for t in trials]) for name in trials[0].setting}
    for name in ("reward", "score", "error", "cost"):
        columns[name] = pa.array([_known(getattr(t, name)) for t in trials], pa.float64())
    columns |= {name: [getattr(t, name) for t in trials] for name in ("epochs", "seconds", "status", "message")}
    for kind in ("scores", "errors"):
        for fold in range(folds):
            values = [getattr(t, kind)[fold] if t.finished else None for t in trials]
            columns[f"{kind[:-1]}/fold-{fold + 1}"] = pa.array(values, pa.float64())
    with whole(path) as temporary:
        pq.write_table(pa.table(columns), temporary)


def read_trials(path: Path) -> list[Trial]:
    """The trials of a Parquet file that `write_trials` wrote.

    Raises:
        InputError: if it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows = pq.read_table(path).to_pylist()
        return [_trial(row) for row in rows]
    except (OSError, KeyError, pa.ArrowInvalid) as error:
        raise InputError(f"{path} is no table of a scan: {error}") from None


def _trial(row: Mapping) -> Trial:
    setting = {name.removeprefix("choice/"): _plain(v) for name, v in row.items() if name.startswith("choice/")}
    folds = sum(name.startswith("score/fold-") for name in row)
    scores, errors = (
        tuple(row[f"{kind}/fold-{i + 1}"] for i in range(folds)) if row["status"] == FINISHED else ()
        for kind in ("score", "error")
    )
    kept = {n: row[n] for n in ("number", "epochs", "seconds", "rung", "budget", "status", "message")}
    reward, cost = (math.nan if row[n] is None else row[n] for n in ("reward", "cost"))
    return Trial(setting=setting, scores=scores, errors=errors, reward=reward, cost=cost, **kept)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _column(values: list) -> list:
    """Values of one kind as they are; lists and mixtures as JSON text after an equals sign."""
    kinds = {float if type(v) is int and float in map(type, values) else type(v) for v in values}
    simple = len(kinds) == 1 and kinds <= {bool, int, float, str}
    return values if simple else [f"={json.dumps(v)}" for v in values]


def _plain(value: object) -> object:
    return json.loads(value[1:]) if isinstance(value, str) and value.startswith("=") else value
