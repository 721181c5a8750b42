"""The significance of every model: its cut chosen on validation rows, its numbers taken from rows not looked at."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from ansatz.inference import CutScan, WorkingPoint, scan_cuts, shape_edges, shape_significance, working_point
from ansatz.keys import generator, named
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.studies.execution.evaluation import Evaluation, Fitted
from ansatz.studies.schema.tables import Significance
from ansatz.studies.significance.expected import Expected, expected
from ansatz.studies.significance.likelihood import fitted, likelihoods
from ansatz.studies.significance.stacks import Seen, Stacked, column_stacks, score_stack
from ansatz.training.composite.balance import reweighted
from ansatz.validation import Interval

MASSES = ("m_", "mass", "der_mass")
"""How columns in electronvolts are called that are masses."""

FEW = 10
"""Background events below which what is left after a cut is hardly known."""


@dataclasses.dataclass(frozen=True, eq=False)
class Weighed:
    """What there is to say of significances: a record for the results, arrays for figures, beliefs."""

    record: dict[str, object]
    arrays: dict[str, np.ndarray]
    beliefs: list[Belief]


@dataclasses.dataclass(frozen=True, eq=False)
class Scored:
    """A model's scores: on the rows on which its cut is chosen, and on those on which it is judged.

    Attributes:
        chosen: rows of the sample on which the cut is chosen.
        chosen_score: their scores.
        judged: rows on which it is judged.
        judged_score: their scores.
        link: what a score is.
    """

    chosen: np.ndarray
    chosen_score: np.ndarray
    judged: np.ndarray
    judged_score: np.ndarray
    link: str


@dataclasses.dataclass(frozen=True, eq=False)
class _One:
    """What is known of one model."""

    scan: CutScan
    point: WorkingPoint
    shape: Interval
    edges: np.ndarray
    scored: Scored


def weigh(given: Evaluation, winner: str, folder: Path) -> Weighed:
    """Significances of all models, histograms, and the likelihood of the winner's score.

    Args:
        given: what was fitted, and on what.
        winner: the best model.
        folder: the run directory; workspaces are written there.

    Raises:
        InputError: if a process is missing among the rows that are judged.
    """
    options, level = given.study.significance or Significance(), given.study.report.level
    events = expected(given.study, given.prepared)
    scored = {name: _scored(given, fitted) for name, fitted in given.fitted.items() if not fitted.error}
    found = {name: _one(given, name, s, events, options, level) for name, s in scored.items()}
    best = max(found, key=lambda name: float(found[name].scan.value[found[name].scan.best]))
    told = winner if winner in found else best
    stacked = _stacked(given, found, told, events, options)
    files = likelihoods(given, scored, {name: one.edges for name, one in found.items()}, events, options, folder)
    observed = given.prepared.mixture is not None and given.prepared.mixture.observed is not None
    fit = fitted(folder, files[told], observed=observed) if told in files else {}
    record = {
        "measure": options.measure,
        "background_error": options.background_error,
        "expected": events.totals,
        "signal": [name for name, is_signal in zip(events.names, events.signal, strict=True) if is_signal],
        "chosen_on": "folds" if _has_validation(given) else "half of the judged rows",
        "models": {name: _record(one, options) for name, one in found.items()},
        "best": best,
        "told": told,
        "workspaces": files,
        "likelihood": fit,
        "mass": _mass(given, options),
    }
    arrays = {key: values for name, one in found.items() for key, values in _arrays(name, one, given).items()}
    return Weighed(record, arrays | stacked.arrays(), _beliefs(best, found[best], options, fit))


def _measured(options: Significance) -> str:
    return "asimov with error" if options.background_error else options.measure


def _has_validation(given: Evaluation) -> bool:
    return given.parts.on == "test" and bool(given.parts.folds)


def _scored(given: Evaluation, fitted: Fitted) -> Scored:
    """Where folds and test rows are both there, the folds choose; else one half of the judged rows does."""
    parts, link = given.parts, str(fitted.final.record["link"])
    if parts.on == "test":
        score = _score(fitted.final.arrays["judged"])
    else:
        score = fitted.folds.answers.score
    if _has_validation(given):
        return Scored(fitted.folds.rows, fitted.folds.answers.score, parts.judged, score, link)
    order = generator(named(given.key, "halves of the judged rows")).permutation(len(parts.judged))
    first, second = np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :])
    return Scored(parts.judged[first], score[first], parts.judged[second], score[second], link)


def _score(response: np.ndarray) -> np.ndarray:
    return response[:, 1] if response.ndim == 2 else response


def _one(given: Evaluation, name: str, scored: Scored, events: Expected, options: Significance, level: float) -> _One:
    y, key = given.prepared.data.y, named(given.key, f"significance {name}")
    chosen, judged = (events.of(rows) for rows in (scored.chosen, scored.judged))
    scan = scan_cuts(
        scored.chosen_score,
        y[scored.chosen],
        chosen,
        significance=options.measure,
        relative_error=options.background_error,
        fewest=options.fewest,
        replicas=options.replicas,
        level=level,
        key=named(key, "scan"),
    )
    point = working_point(
        scored.judged_score,
        y[scored.judged],
        judged,
        scan.chosen,
        relative_error=options.background_error,
        level=level,
        key=named(key, "point"),
    )
    edges = shape_edges(scored.chosen_score, y[scored.chosen], chosen, bins=options.bins, fewest=options.fewest)
    shape = shape_significance(
        scored.judged_score,
        y[scored.judged],
        judged,
        edges,
        relative_error=options.background_error,
        replicas=options.replicas,
        level=level,
        key=named(key, "shape"),
    )
    return _One(scan, point, shape, edges, scored)


def _record(one: _One, options: Significance) -> dict[str, object]:
    point = one.point
    return {
        "cut": point.cut,
        "validation": one.scan.at(point.cut).to_dict(),
        "measure": _measured(options),
        "significances": {name: value.to_dict() for name, value in point.significances.items()},
        "shape": one.shape.to_dict(),
        "bins": len(one.edges) - 1,
        "signal": point.signal.to_dict(),
        "background": point.background.to_dict(),
        "efficiency": point.efficiencies[1].to_dict(),
        "background_efficiency": point.efficiencies[0].to_dict(),
        "background_rows": point.left,
    }


def _arrays(name: str, one: _One, given: Evaluation) -> dict[str, np.ndarray]:
    """The scan over the cut, as figures draw it."""
    scan = one.scan
    fields = {
        "cut": scan.cut,
        "shown": shown_score(scan.cut, one.scored.link, given),
        "value": scan.value,
        "low": scan.low,
        "high": scan.high,
        "efficiency": scan.signal / np.max(scan.signal, initial=1e-300),
        "best": np.array([scan.best]),
    }
    return {f"scan/{name}/{field}": values for field, values in fields.items()}


def shown_score(score: np.ndarray, link: str, given: Evaluation) -> np.ndarray:
    """A score as figures show it: a probability as if both classes were equally frequent, which squeezes nothing."""
    if link != "probability":
        return score
    data = given.prepared.labels
    shares = np.array([data.weight[data.y == k].sum() for k in (0, 1)])
    probability = np.stack([1 - score, score], axis=-1)
    return reweighted(probability, shares.sum() / shares)[..., 1]


def _stacked(
    given: Evaluation, found: Mapping[str, _One], told: str, events: Expected, options: Significance
) -> Stacked:
    """Histograms of every score, and of the columns before and after the cut of the model that is told of."""
    observed = observed_scores(given, found)
    scores = {}
    for name, one in found.items():
        stack = score_stack(shown_score(one.scored.judged_score, one.scored.link, given), one.scored, events)
        scores[name] = stack.beside(shown_score(observed[name], one.scored.link, given) if observed else None)
    one, mixture = found[told], given.prepared.mixture
    passed = one.scored.judged_score >= one.point.cut
    seen = Seen(mixture.observed, observed[told] >= one.point.cut) if observed else None
    mass = _mass(given, options)
    return Stacked(scores, column_stacks(given.prepared.data, one.scored.judged, passed, events, mass, seen))


def observed_scores(given: Evaluation, names: Iterable[str]) -> dict[str, np.ndarray]:
    """The score of every observed event by each model; nothing if none were observed."""
    mixture = given.prepared.mixture
    if mixture is None or mixture.observed is None:
        return {}
    return {name: given.load(name).score(mixture.observed.x) for name in names}


def _mass(given: Evaluation, options: Significance) -> str | None:
    """The column that is a mass: the one that is named, or what looks like one."""
    if options.mass is not None:
        return options.mass
    data = given.prepared.data
    names = [n for n in (*data.columns, *data.observers) if data.units.get(n, "").endswith("eV")]
    likely = [name for name in names if name.casefold() == "m" or name.casefold().startswith(MASSES)]
    return likely[0] if likely else None


def _beliefs(best: str, one: _One, options: Significance, fit: Mapping[str, object]) -> list[Belief]:
    told = [_working(best, one, options), _left(best, one), *_formulas(one)]
    return [*told, *_simulated(one, fit), *_agreement(fit)]


def _working(best: str, one: _One, options: Significance) -> Belief:
    """Whether the cut is worth on fresh rows what it promised on those on which it was chosen."""
    promised = one.scan.at(one.point.cut)
    kept = one.point.significances[_measured(options)]
    width = float(np.hypot(promised.error, kept.error))
    away = (promised.value - kept.value) / width if width > 0 else 0.0
    mark = GREEN if away < 2 else AMBER if away < 4 else RED
    words = {
        GREEN: "The cut keeps on fresh rows what it promised where it was chosen.",
        AMBER: "The cut is worth less on fresh rows than where it was chosen; it fits their fluctuations.",
        RED: "The cut is worth much less on fresh rows than where it was chosen: do not quote the promise.",
    }
    return Belief(
        f"Working point of {best}", mark, f"{kept} on fresh rows, {promised} where it was chosen", words[mark]
    )


def _left(best: str, one: _One) -> Belief:
    left = one.point.left
    mark = GREEN if left >= 5 * FEW else AMBER if left >= FEW else RED
    text = {GREEN: "Enough background events are left to know their number.",
            AMBER: "Few background events are left; their number is known to some ten per cent only.",
            RED: "Hardly any background event is left, so its expected number is a guess."}[mark]  # fmt: skip
    return Belief("Background behind the cut", mark, f"{left} judged events of background pass the cut of {best}", text)


def _formulas(one: _One) -> list[Belief]:
    simple, right = (one.point.significances[name].value for name in ("s/sqrt(b)", "asimov"))
    if not np.isfinite(simple) or simple <= 1.1 * right:
        return []
    text = "s / sqrt(b) holds for s much smaller than b only; here it overstates."
    return [Belief("Simple formula", AMBER, f"s / sqrt(b) = {simple:.2f} where {right:.2f} are expected", text)]


def _simulated(one: _One, fit: Mapping[str, object]) -> list[Belief]:
    """Whether there are enough simulated events for the templates."""
    if fit.get("observed", True) or not one.shape.value > 0 or "significance" not in fit:
        return []
    if not np.isfinite(float(fit["significance"])):
        text = "A bin of the score holds signal and no background: judge on more simulated events, or take fewer bins."
        return [Belief("Templates", RED, "the likelihood has no finite answer", text)]
    kept = float(fit["significance"]) / one.shape.value
    mark = GREEN if kept > 0.8 else AMBER if kept > 0.4 else RED
    value = f"{fit['significance']:.2f} with the errors of the templates, {one.shape.value:.2f} without"
    part = {AMBER: "much", RED: "most"}.get(mark)
    cost = f"The templates' own errors cost {part} of the significance; judge on more simulated events."
    text = cost if part else "The templates are known well enough."
    return [Belief("Templates", mark, value, text)]


def _agreement(fit: Mapping[str, object]) -> list[Belief]:
    if "p_value" not in fit:
        return []
    p = float(fit["p_value"])
    mark = GREEN if p > 0.05 else AMBER if p > 1e-4 else RED
    text = "The observed scores are as the fitted processes say." if mark == GREEN else (
        "The observed scores are not as the processes say, whatever the strength of the signal.")  # fmt: skip
    return [Belief("Observed scores", mark, f"{fit['chi2']:.1f} / {fit['degrees']}, p = {p:.2g}", text)]
