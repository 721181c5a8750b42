"""From finished fits to results: every number with its interval, models compared on the same rows."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.studies.belief import Evidence, beliefs
from ansatz.studies.build import REFERENCES, Prepared
from ansatz.studies.execution.bands import coverage_beliefs, coverages
from ansatz.studies.execution.parts import Parts
from ansatz.studies.execution.pieces import Piece
from ansatz.studies.execution.uniform import observed, uniform_beliefs, uniformities
from ansatz.studies.schema.study import Study
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation import (
    METRICS,
    Answers,
    Comparison,
    Interval,
    OutOfFold,
    Verdict,
    compare,
    metric_named,
    overtraining,
    permutation_importance,
    rank_columns,
    respond,
    scores,
    statistic_of,
    verdict,
)

LOOKED_AT = 20_000
"""Most rows of each part that permutation tests look at."""

EXPLAINED = 4_000
"""Most rows on which columns are permuted."""


@dataclasses.dataclass(frozen=True, eq=False)
class Fitted:
    """What came out of one model's fits.

    Attributes:
        name: its name in the study.
        kind: its kind.
        folds: answers to the rows that folds held out, or None if there are no folds.
        final: the piece of the final fit, or None if it failed.
        records: how the fit of each fold went.
        error: why it failed; empty if it did not.
    """

    name: str
    kind: str
    folds: OutOfFold | None = None
    final: Piece | None = None
    records: tuple[Mapping[str, object], ...] = ()
    error: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class Evaluation:
    """What there is to be judged.

    Attributes:
        study: the study.
        prepared: the data.
        parts: rows, by what they are for.
        fitted: what came out of every model.
        load: gives a fitted model by name.
        key: random key.
    """

    study: Study
    prepared: Prepared
    parts: Parts
    fitted: Mapping[str, Fitted]
    load: Callable[[str], Fit]
    key: Key


@dataclasses.dataclass(frozen=True, eq=False)
class Found:
    """The results of a run: numbers for `results.json`, arrays for `arrays.npz`."""

    results: dict[str, object]
    arrays: dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True, eq=False)
class Judged:
    """One model's answers, and how they score.

    Attributes:
        fitted: what came out of its fits; None for a reference.
        test: answers to the judged rows.
        train: answers to training rows; None for a reference.
        metrics: every metric on the judged rows.
    """

    fitted: Fitted | None
    test: Answers
    train: Answers | None
    metrics: Mapping[str, Interval]


def evaluate(given: Evaluation) -> Found:
    """Judges all models on the same rows.

    Raises:
        InputError: if no model gives answers that can be judged.
    """
    judged, failures = _judge_all(given)
    models = {name: found for name, found in judged.items() if found.fitted is not None}
    primary = given.study.report.metric or default_metric(next(iter(models.values())).test)
    ranked = ranking_by(primary, models)
    baseline = given.study.report.baseline or baseline_of(models)
    verdicts = {name: _verdict(name, judged, given) for name in models}
    comparisons = _comparisons(given, judged, primary, ranked[0])
    importance = _importance(given, ranked[0], primary) if given.study.report.importance else {}
    results = {
        "models": {name: _model_record(given, name, judged, verdicts, importance) for name in judged},
        "failures": failures,
        "primary_metric": primary,
        "winner": ranked[0],
        "baseline": baseline,
        "runner_up": ranked[1] if len(ranked) > 1 else None,
        "comparisons": [c.to_dict() for c in comparisons],
        "ranking": _separations(given),
        "uniformity": uniformities(given, judged),
        "coverage": coverages(given, judged),
    }
    evidence = Evidence(
        given, judged, verdicts, comparisons, results, _member_values(given, judged[ranked[0]], primary)
    )
    uniform = uniform_beliefs(results["uniformity"], ranked[0])
    found = [*beliefs(evidence), *uniform, *coverage_beliefs(results["coverage"])]
    results["beliefs"] = [belief.to_dict() for belief in found]
    return Found(results, _arrays(given, judged))


def default_metric(answers: Answers) -> str:
    """The metric that ranks models if the study names none."""
    if answers.task == "regression":
        return "rmse"
    return "auc" if answers.classes == 2 else "accuracy"


def ranking_by(metric: str, models: Mapping[str, Judged]) -> list[str]:
    """Names of the models that the metric applies to, best first.

    Raises:
        InputError: if it applies to none of them.
    """
    chosen = metric_named(metric)
    values = {name: found.metrics[metric].value for name, found in models.items() if metric in found.metrics}
    if not values:
        raise InputError(f"report.metric: '{metric}' does not apply to any model of this study")
    best = min if chosen.larger_is_better is False else max
    if chosen.larger_is_better is None:
        values, best = {name: -abs(value - chosen.ideal) for name, value in values.items()}, max
    sign = 1 if best is min else -1
    return sorted(values, key=lambda name: (sign * values[name], list(models).index(name)))


def baseline_of(models: Mapping[str, Judged]) -> str:
    """The simplest model: a threshold, a constant, a line; else the first one."""
    for kind in ("threshold", "constant", "linear", "logistic"):
        for name, found in models.items():
            if found.fitted is not None and found.fitted.kind == kind:
                return name
    return next(iter(models))


def _judge_all(given: Evaluation) -> tuple[dict[str, Judged], dict[str, str]]:
    judged: dict[str, Judged] = {}
    failures = {name: fitted.error for name, fitted in given.fitted.items() if fitted.error}
    for name, fitted in given.fitted.items():
        if fitted.error:
            continue
        try:
            judged[name] = _judge(given, fitted)
        except InputError as error:
            failures[name] = f"{name}: {error}"
    if not judged:
        raise InputError(f"no model could be judged; {next(iter(failures.values()))}")
    return judged | _references(given), failures


def _judge(given: Evaluation, fitted: Fitted) -> Judged:
    labels, link = given.prepared.labels, str(fitted.final.record["link"])
    if given.parts.on == "folds":
        test = fitted.folds.answers
    else:
        test = respond(fitted.final.arrays["judged"][None], labels[given.parts.judged], link=link)
    train = respond(fitted.final.arrays["sampled"][None], labels[given.parts.sampled], link=link)
    return Judged(fitted, test, train, _scores(given, fitted.name, test))


def _references(given: Evaluation) -> dict[str, Judged]:
    """The best that can be done, where the problem knows it."""
    labels, found = given.prepared.labels[given.parts.judged], {}
    for name, response in given.prepared.references.items():
        answers = respond(response[given.parts.judged][None], labels, link=REFERENCES[name].link)
        found[name] = Judged(None, answers, None, _scores(given, name, answers))
    return found


def _scores(given: Evaluation, name: str, answers: Answers) -> dict[str, Interval]:
    return scores(answers, level=given.study.report.level, key=named(given.key, f"scores {name}"))


def _verdict(name: str, judged: Mapping[str, Judged], given: Evaluation) -> Verdict:
    mine = judged[name]
    level = given.study.report.level
    first = verdict(mine.train, mine.test, level=level)
    metric = first.risk.removeprefix("1 - ")
    values = [found.metrics[metric].value for found in judged.values() if metric in found.metrics]
    best = min(values) if first.risk == metric else 1 - max(values)
    return verdict(mine.train, mine.test, reachable=min(best, first.test.value), level=level)


def _comparisons(given: Evaluation, judged: Mapping[str, Judged], metric: str, winner: str) -> list[Comparison]:
    answers = {name: found.test for name, found in judged.items() if metric in found.metrics}
    trained = [name for name in answers if judged[name].fitted is not None]
    pairs = list(itertools.combinations(trained, 2))
    pairs += [(winner, name) for name in answers if judged[name].fitted is None]
    if not pairs:
        return []
    key = named(given.key, "comparison")
    return compare(answers, metric=metric, pairs=pairs, level=given.study.report.level, key=key)


def _model_record(
    given: Evaluation,
    name: str,
    judged: Mapping[str, Judged],
    verdicts: Mapping[str, Verdict],
    importance: Mapping[str, list],
) -> dict[str, object]:
    found = judged[name]
    metrics = {metric: interval.to_dict() for metric, interval in found.metrics.items()}
    if found.fitted is None:
        return {
            "kind": "reference",
            "link": REFERENCES[name].link,
            "metrics": metrics,
            "meaning": REFERENCES[name].meaning,
        }
    train = _scores(given, f"{name} train", found.train)
    return {
        "kind": found.fitted.kind,
        "metrics": metrics,
        "train_metrics": {metric: interval.to_dict() for metric, interval in train.items()},
        "folds": _fold_values(found),
        "verdict": verdicts[name].to_dict(),
        "overtraining": _overtraining(given, name, found),
        "importance": importance.get(name, []),
        **found.fitted.final.record,
        "folds_converged": [bool(record.get("converged", True)) for record in found.fitted.records],
    }


def _fold_values(found: Judged) -> dict[str, list[float]]:
    """Each metric in each fold; metrics that some fold does not allow are left out."""
    folds, values = found.fitted.folds, {}
    if folds is None:
        return values
    for metric in METRICS:
        if metric in found.metrics:
            try:
                values[metric] = folds.fold_values(metric).tolist()
            except InputError:
                continue
    return values


def _overtraining(given: Evaluation, name: str, found: Judged) -> dict[str, object]:
    key, classes = named(given.key, f"overtraining {name}"), given.prepared.data.classes
    try:
        tests = overtraining(found.train, found.test, classes=classes, permutations=200, rows=LOOKED_AT, key=key)
    except InputError:
        return {}
    return {part: test.to_dict() for part, test in tests.items()}


def _importance(given: Evaluation, name: str, metric: str) -> dict[str, list]:
    """What the metric loses when a column is permuted, for the best model."""
    data = given.prepared.data[given.parts.judged[given.parts.kept[:EXPLAINED]]]
    if data.x.ndim != 2:
        return {}
    key, level = named(given.key, "importance"), given.study.report.level
    found = permutation_importance(given.load(name), data, metric=metric, level=level, key=key)
    return {name: [_column(one.name, one.loss) for one in found]}


def _separations(given: Evaluation) -> list[dict[str, object]]:
    """How well each column alone tells the classes apart, on training rows."""
    data = given.prepared.data[given.parts.sampled[given.parts.kept_sampled[:LOOKED_AT]]]
    if data.task != "classification" or data.x.ndim != 2:
        return []
    filled = data.replace(x=_without_gaps(data.x))
    found = rank_columns(filled, level=given.study.report.level, key=named(given.key, "separation"))
    return [
        {**_column(one.column, one.separation), "auc": None if one.auc is None else one.auc.to_dict()} for one in found
    ]


def _column(name: str, interval: Interval) -> dict[str, object]:
    return {"column": name, "value": interval.value, "low": interval.low, "high": interval.high}


def _without_gaps(x: np.ndarray) -> np.ndarray:
    """Missing values replaced by the column's median; a column of nothing else by zero."""
    gaps = np.isnan(x)
    if not gaps.any():
        return x
    medians = [np.median(column[~gap]) if not gap.all() else 0.0 for column, gap in zip(x.T, gaps.T, strict=True)]
    return np.where(gaps, np.array(medians), x)


def rows_kept(prepared: Prepared, parts: Parts) -> dict[str, np.ndarray]:
    """The rows that figures are drawn from: those that are judged, and some of those that are learned from."""
    data, seen = prepared.data, parts.sampled[parts.kept_sampled]
    arrays = {"columns": np.array(data.columns, dtype=str), "fold": parts.fold_of[parts.kept]}
    return arrays | _rows(data[parts.judged[parts.kept]], "") | _rows(data[seen], "train/")


def _arrays(given: Evaluation, judged: Mapping[str, Judged]) -> dict[str, np.ndarray]:
    parts, arrays = given.parts, rows_kept(given.prepared, given.parts)
    arrays |= observed(given.prepared.data[parts.judged[parts.kept]], given.study.report.protected)
    for name, found in judged.items():
        arrays[f"response/{name}"] = _response(found.test)[parts.kept]
        if found.train is not None:
            arrays[f"train/response/{name}"] = _response(found.train)[parts.kept_sampled]
            arrays |= {f"members/{name}": members for members in _members(given, found)}
    return arrays


def _member_values(given: Evaluation, found: Judged, metric: str) -> tuple[float, ...]:
    """The metric of each member of a population by itself, on the kept rows."""
    labels, link = given.prepared.labels[given.parts.judged[given.parts.kept]], str(found.fitted.final.record["link"])
    members = [member for members in _members(given, found) for member in members]
    answers = [respond(member[None], labels, link=link) for member in members]
    return tuple(float(statistic_of(metric, a)(a.weight)) for a in answers)


def _rows(data: Dataset, prefix: str) -> dict[str, np.ndarray]:
    fields = {"x": data.x, "y": data.y, "weight": data.weight, "row": data.row}
    return {prefix + name: values for name, values in fields.items() if values is not None}


def _response(answers: Answers) -> np.ndarray:
    if answers.task == "regression":
        return answers.value
    return answers.score if answers.probability is None else answers.probability


def _members(given: Evaluation, found: Judged) -> list[np.ndarray]:
    """The members' answers to the kept rows; none for a plain fit."""
    if given.parts.on == "folds":
        response = found.fitted.folds.response[:, given.parts.kept]
        return [response] if len(response) > 1 else []
    members = found.fitted.final.arrays.get("members")
    return [] if members is None else [members]
