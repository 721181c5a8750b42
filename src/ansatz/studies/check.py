"""What a study will do, and whether it can: everything that can be refused is refused before anything runs."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

import jax
import numpy as np

from ansatz.data import Dataset
from ansatz.data.suspicion import suspicious
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.studies.analyses.findings import Analysis
from ansatz.studies.analyses.table import TASKS
from ansatz.studies.analyses.unlabeled.methods import checked_methods
from ansatz.studies.build import Prepared, prepare
from ansatz.studies.catalogue import build_analyses, build_learner, compared
from ansatz.studies.execution.parts import Parts, parts_of
from ansatz.studies.execution.uniform import check_protected
from ansatz.studies.schema.study import Study
from ansatz.studies.significance.expected import check_significance
from ansatz.training.classical import Job, SklearnLearner
from ansatz.training.learners import Descent, Learner, check_target
from ansatz.training.networks.decorrelated import Decorrelating
from ansatz.typing import Key
from ansatz.validation import effective_count, metric_named
from ansatz.validation.folds import check_learner

TRIAL_ROWS = (300, 1200)
TRIAL_EPOCHS = (2, 12)
LOOKED_AT = 20_000
EXTREME = 1e15
POWERS = {"svm": 2.0, "kernel-ridge": 3.0, "gaussian-process": 3.0}
"""How the time of a fit grows with the number of rows, where it is faster than in proportion."""

WEIGHTS = ("weight", "weights", "event_weight", "eventweight", "genweight", "mcweight", "mc_weight", "sample_weight")
"""Names, in small letters, under which event weights are often found."""

BASIS = (
    "extrapolated from small trial fits on this machine, so right to a factor of two or so; "
    "networks often stop earlier, and judging adds some seconds"
)


@dataclasses.dataclass(frozen=True)
class ModelPlan:
    """What one model will do.

    Attributes:
        name: its name in the study.
        kind: its kind.
        fits: how many times it is fitted.
        seconds: about how long all of them take; None if that was not, or could not be, measured.
        remark: what a person should know.
    """

    name: str
    kind: str
    fits: int
    seconds: float | None = None
    remark: str = ""


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a study will do.

    Attributes:
        title: of the study.
        data: the events in one sentence.
        models: what each model will do.
        analyses: name and kind of each analysis.
        warnings: what may be wrong, though it can run.
        seconds: about how long all of it takes, or None.
        basis: where the times come from.
    """

    title: str
    data: str
    models: tuple[ModelPlan, ...]
    warnings: tuple[str, ...]
    seconds: float | None
    basis: str = BASIS
    analyses: tuple[tuple[str, str], ...] = ()


def check_study(study: Study, *, timed: bool = True) -> Plan:
    """Reads the data of a study, checks everything against them, and estimates the time.

    Raises:
        InputError: on the first thing that makes the study impossible.
    """
    learners = {name: build_learner(name, model) for name, model in compared(study).items()}
    analyses = build_analyses(study)
    named_kinds = tuple((name, study.kind_of(name)) for name in analyses)
    if study.data is None:
        return Plan(study.title, "no events", (), (), None, analyses=named_kinds)
    key = jax.random.key(study.seed)
    prepared = prepare(study.data, key=named(key, "data"))
    parts = parts_of(prepared.data, study.data, key=named(key, "rows"))
    check_prepared(study, prepared, parts, learners, analyses)
    plans = tuple(_plan(study, name, learners[name], prepared, parts, timed=timed) for name in learners)
    known = [plan.seconds for plan in plans if plan.seconds is not None]
    total, told = sum(known) if known else None, _told(prepared.data, parts)
    return Plan(study.title, told, plans, _warnings(prepared.data, parts), total, analyses=named_kinds)


def check_prepared(
    study: Study,
    prepared: Prepared,
    parts: Parts,
    learners: Mapping[str, Learner],
    analyses: Mapping[str, Analysis],
) -> None:
    """Refuses what cannot work with these events: tasks, weights, metrics.

    Raises:
        InputError: with the path in the study.
    """
    labels, data = prepared.labels, prepared.data
    if study.data.task in TASKS:
        few = _some_rows(data[parts.train], LOOKED_AT, jax.random.key(0))
        checked_methods(analyses[study.data.task].methods, data[parts.train[few]])
    if not learners and not any(analysis.needs == "target" for analysis in analyses.values()):
        return
    try:
        check_target(labels)
    except InputError as error:
        raise InputError(f"data: {error}") from None
    _check_classes(labels)
    check_significance(study, prepared)
    _check_metric(study, labels)
    check_protected(study.report.protected, data)
    some = data[_some_rows(data, LOOKED_AT, jax.random.key(0))]
    for name, learner in learners.items():
        try:
            _check_learner(study.models[name].kind, learner, labels, some)
        except InputError as error:
            raise InputError(f"models.{name}: {error}") from None


def _check_classes(labels: Dataset) -> None:
    """Every class needs a positive sum of weights."""
    for k, name in enumerate(labels.classes or ()):
        total = float(labels.weight[labels.y == k].sum())
        if not total > 0:
            raise InputError(f"data: the weights of class '{name}' sum to {total:g}; a class needs a positive sum")


def _check_learner(kind: str, learner: Learner, labels: Dataset, some: Dataset) -> None:
    if labels.task not in learner.tasks:
        raise InputError(
            f"'{kind}' is for {' and '.join(sorted(learner.tasks))}, but the target asks for {labels.task}"
        )
    if isinstance(learner, SklearnLearner):
        signed = some.replace(weight=np.where(np.arange(len(some)) == 0, -1.0, 2.0)) if _negative(labels) else some
        learner.check(signed)
        learner.make(_job(labels, signed))
    else:
        check_learner(learner, labels)
        if isinstance(learner, Careful) and not isinstance(learner, Descent):
            learner.check(some)
        if isinstance(learner, Descent) and isinstance(learner.risk, Decorrelating):
            learner.risk(some)


@runtime_checkable
class Careful(Protocol):
    """A learner that can complain about events before it is trained on them."""

    def check(self, data: Dataset) -> None:
        """Raises InputError if it cannot be trained on `data`."""
        ...


def _job(labels: Dataset, some: Dataset) -> Job:
    """What the maker of a scikit-learn object is told, so that it can refuse before anything is fitted."""
    names, effective = some.columns, effective_count(labels.weight)
    return Job(labels.task, len(labels), effective, names, labels.outputs, _negative(labels), seed=0)


def _negative(data: Dataset) -> bool:
    return bool(np.any(data.weight < 0))


def _check_metric(study: Study, labels: Dataset) -> None:
    name = study.report.metric
    if name is None:
        return
    try:
        metric = metric_named(name)
    except InputError as error:
        raise InputError(f"report.metric: {error}") from None
    if metric.task != labels.task:
        raise InputError(f"report.metric: '{name}' is for {metric.task}, but the target asks for {labels.task}")
    if metric.binary and labels.outputs != 2:
        raise InputError(f"report.metric: '{name}' is for two classes, but there are {labels.outputs}")


def _plan(study: Study, name: str, learner: Learner, prepared: Prepared, parts: Parts, *, timed: bool) -> ModelPlan:
    kind, fits = study.models[name].kind, len(parts.folds) + 1
    if not timed:
        return ModelPlan(name, kind, fits)
    key = named(jax.random.key(study.seed), f"trial {name}")
    sizes = [len(train) for train, _ in parts.folds] + [len(parts.train)]
    few = _some_rows(prepared.labels[parts.train], TRIAL_ROWS[1], named(key, "rows"))
    try:
        seconds, remark = _estimate(kind, learner, prepared.data[parts.train[few]], sizes, key)
    except InputError as error:
        return ModelPlan(name, kind, fits, None, f"a trial on few rows failed: {error}")
    return ModelPlan(name, kind, fits, round(seconds, 1), remark)


def _estimate(kind: str, learner: Learner, sample: Dataset, sizes: list[int], key: Key) -> tuple[float, str]:
    """Seconds for fits of these sizes, from small ones on a sample, and a remark."""
    if isinstance(learner, Descent):
        return _network_seconds(learner, sample, sizes, key), "at most"
    few, more = min(TRIAL_ROWS[0], len(sample)), len(sample)
    short, long = (_timed(learner, sample, rows, named(key, f"{rows}")) for rows in (few, more))
    slope = max(long - short, 0.1 * long) / max(more - few, 1)
    most = learner.rows if isinstance(learner, SklearnLearner) else None
    rows = [size if most is None else min(size, most) for size in sizes]
    seconds = sum(long + slope * more * max((n / more) ** POWERS.get(kind, 1.0) - 1, 0.0) for n in rows)
    return seconds, "" if most is None or max(sizes) <= most else f"trained on {most} of its rows, its limit"


def _network_seconds(learner: Descent, sample: Dataset, sizes: list[int], key: Key) -> float:
    start = time.perf_counter()
    short, long = (_trial_epochs(learner, sample, epochs, named(key, f"{epochs} epochs")) for epochs in TRIAL_EPOCHS)
    compiling = max(time.perf_counter() - start - short - long, 0.0)
    epoch = max(long - short, 0.1 * long) / (TRIAL_EPOCHS[1] - TRIAL_EPOCHS[0]) / len(sample)
    return compiling + sum(short + epoch * learner.epochs * n for n in sizes)


def _trial_epochs(learner: Descent, sample: Dataset, epochs: int, key: Key) -> float:
    return dataclasses.replace(learner, epochs=epochs, patience=None)(sample, key).seconds


def _timed(learner: Callable, sample: Dataset, rows: int, key: Key) -> float:
    some = sample[_some_rows(sample, rows, named(key, "rows"))]
    start = time.perf_counter()
    learner(some, named(key, "fit"))
    return time.perf_counter() - start


def _some_rows(data: Dataset, rows: int, key: Key) -> np.ndarray:
    """Random rows, the classes in their shares and at least two rows of each."""
    if len(data) <= rows:
        return np.arange(len(data))
    rng = generator(key)
    if data.task != "classification":
        return np.sort(rng.choice(len(data), rows, replace=False))
    chosen = []
    for k in np.unique(data.y):
        inside = np.flatnonzero(data.y == k)
        count = min(len(inside), max(round(rows * len(inside) / len(data)), 2))
        chosen.append(rng.choice(inside, count, replace=False))
    return np.sort(np.concatenate(chosen))


def _told(data: Dataset, parts: Parts) -> str:
    what = f"{data.outputs} classes ({', '.join(data.classes[:6])})" if data.classes else "regression"
    what = "no target" if data.y is None else what
    columns = (
        f"{len(data.columns)} feature{'s' * (len(data.columns) != 1)}"
        if data.columns
        else f"events of shape {data.x.shape[1:]}"
    )
    judged = f"{len(parts.judged)} test rows" if parts.on == "test" else "judged on folds"
    weights = ", weighted" if data.weighted else ""
    trained = f"{len(parts.train)} training rows in {len(parts.folds)} folds"
    return f"{len(data)} events{weights}, {columns}, {what}; {trained}, {judged}"


def _warnings(data: Dataset, parts: Parts) -> tuple[str, ...]:
    found = []
    reach = {name: _reach(column) for name, column in zip(data.columns, data.x.T, strict=False)}
    constant = [name for name, (low, high) in reach.items() if low == high]
    if constant:
        found.append(f"constant columns say nothing: {', '.join(constant)}")
    if _negative(data):
        found.append(f"{np.mean(data.weight < 0):.1%} of the events have a negative weight")
    effective = effective_count(data.weight[parts.judged])
    if effective < 100:
        found.append(f"only {effective:.0f} effective events to judge on; intervals will be wide")
    extreme = [name for name, (low, high) in reach.items() if max(-low, high) > EXTREME]
    if extreme:
        found.append(f"columns with values beyond {EXTREME:g}, perhaps a code for 'missing': {', '.join(extreme)}")
    found += [f"feature '{s['column']}' may leak the target: {s['why']}" for s in suspicious(data)]
    if not data.weighted:
        named = [name for name in data.columns if name.casefold() in WEIGHTS]
        found += [f"feature '{name}' looks like an event weight; if it is one: weight = \"{name}\"" for name in named]
    return tuple(found)


def _reach(column: np.ndarray) -> tuple[float, float]:
    """Least and largest finite value; zeros if there is none."""
    known = column[np.isfinite(column)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
