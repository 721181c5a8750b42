"""The task `anomaly`: methods that say how unusual an event is, without having been told."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from scipy.stats import rankdata

from ansatz.citations import entries
from ansatz.data import Dataset
from ansatz.keys import named
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.unlabeled.anomaly_beliefs import beliefs_of
from ansatz.studies.analyses.unlabeled.clusters import axes_of, plane_of
from ansatz.studies.analyses.unlabeled.methods import (
    answers_again,
    checked_methods,
    each,
    fitted,
    parts_of,
    plain_interval,
    spread_of,
    unlabeled,
)
from ansatz.studies.execution.pieces import Piece
from ansatz.training.density.references import FOREST, OUTLIER_FACTOR
from ansatz.training.unsupervised import Unsupervised
from ansatz.typing import Key
from ansatz.validation import Interval, Ranking, WorkingPoint, linear_interval, roc_auc

RATIO = "log likelihood ratio"
"""Name of an observer that knows the best score that there is."""
RATES = (0.01, 0.1)
"""Parts of ordinary events at which the efficiency for unusual ones is told."""
FLAGGED = 0.01
"""Part of the weight that is called most unusual."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Anomalies:
    """Scores events with every method and asks how far the scores can be believed.

    For each method: whether the ranking, and the most unusual percent, come back from other samples and other seeds,
    and what event weights change; how far the methods agree. Where labels are known, which no method sees (of two
    classes the rarer one is the unusual one): the area under the ROC curve and the efficiency at 1 % and 10 % of
    ordinary events, with intervals; where an observer `log likelihood ratio` knows the best score, beside that.

    Attributes:
        methods: learners by name.
        level: of the intervals.
        samples: bootstrap samples for the stability.
        seeds: other seeds for the stability.
    """

    methods: Mapping[str, Unsupervised]
    level: float = 0.6827
    samples: int = 5
    seeds: int = 3

    needs: ClassVar[str] = "features"
    citations: ClassVar[tuple[str, ...]] = (*entries("scikit-learn", "delong"), FOREST, OUTLIER_FACTOR)

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """The scores of every method, and what is to be believed of them."""
        checked_methods(self.methods, sample.data[sample.train])
        train, judged = parts_of(sample, key)
        odd = unusual_of(judged)
        found = each(self.methods, bench, key, lambda name, f, own: self._judged(name, f, train, judged, bench, own))
        records = {name: dict(piece.record) for name, piece in found.items()}
        scores = {name: piece.arrays["score"] for name, piece in found.items()}
        weight = np.maximum(judged.weight, 0)
        best = self._best(records)
        limit = self._against_labels(judged.observers[RATIO], judged) if RATIO in judged.observers and odd else None
        record = {
            "methods": records,
            "limit": limit,
            "classes": list(odd[1]) if odd else [],
            "columns": list(judged.columns),
            "axes": axes_of(judged),
            "flagged": FLAGGED,
            "best": best,
            "agreements": [
                [a, b, rank_correlation(scores[a], scores[b], weight)] for a, b in itertools.combinations(scores, 2)
            ],
            "rows": {"learned": len(train), "judged": len(judged), "fresh": bool(len(sample.test))},
        }
        arrays = {f"score/{n}": score for n, score in enumerate(scores.values())}
        arrays |= {"weight": judged.weight, "plane": plane_of(judged)} | ({"odd": odd[0]} if odd else {})
        arrays |= {"limit": judged.observers[RATIO]} if limit else {}
        return Findings(
            _headline(records, best, odd),
            tuple(_numbers(records, limit)),
            tuple(beliefs_of(record, judged)),
            arrays,
            record,
        )

    def _best(self, records: Mapping[str, Mapping[str, Any]]) -> str:
        """The best by the area under the ROC curve where labels are known, else the steadiest."""

        def worth(name: str) -> float:
            record = records[name]
            told = record["labels"]["auc"] if record["labels"] else record["stability"]
            return told["value"] if told else -1.0

        return max(records, key=worth)

    def _judged(
        self, name: str, learner: Unsupervised, train: Dataset, judged: Dataset, bench: Bench, key: Key
    ) -> Piece:
        """One method: fitted, stored, and asked about the judged rows."""
        fit = fitted(name, learner, train, named(key, "fit"))
        bench.keep(name, fit)
        score, weight = fit.predict(judged.x), np.maximum(judged.weight, 0)
        again, seeds = answers_again(
            learner, unlabeled(train), judged, samples=self.samples, seeds=self.seeds, key=named(key, "again")
        )
        record = {
            "kind": learner.name,
            "stability": self._alike(score, again, weight, "bootstrap samples"),
            "seeds": self._alike(score, seeds, weight, "other seeds"),
            "top": plain_interval(
                spread_of([overlap(score, a, weight) for a in again], self.level, f"{len(again)} bootstrap samples")
            ),
            "labels": self._against_labels(score, judged),
            "weights": self._unweighted(learner, train, judged, score, key),
            "converged": fit.converged,
            "message": fit.message,
        }
        return Piece({"score": score}, record)

    def _alike(self, score: np.ndarray, others: list[np.ndarray], weight: np.ndarray, what: str) -> dict | None:
        values = [rank_correlation(score, other, weight) for other in others]
        return plain_interval(spread_of(values, self.level, f"{len(others)} {what}"))

    def _against_labels(self, score: np.ndarray, judged: Dataset) -> dict[str, object] | None:
        """How well the score finds the events that are known to be unusual."""
        known = unusual_of(judged)
        if known is None:
            return None
        odd, weight = known[0], np.maximum(judged.weight, 0)
        ranking = Ranking.of(odd > 0, score)
        found = {"auc": plain_interval(roc_auc(odd, score, weight, level=self.level))}
        for rate in RATES:
            point = linear_interval(WorkingPoint(ranking, rate), weight, level=self.level, kind="wilson")
            found[f"efficiency@{rate:g}"] = plain_interval(point)
        return found

    def _unweighted(
        self, learner: Unsupervised, train: Dataset, judged: Dataset, score: np.ndarray, key: Key
    ) -> float | None:
        if not train.weighted:
            return None
        even = unlabeled(train).replace(weight=np.ones(len(train)))
        other = learner(even, named(key, "fit")).predict(judged.x)
        return rank_correlation(score, other, np.maximum(judged.weight, 0))


def unusual_of(data: Dataset) -> tuple[np.ndarray, tuple[str, str]] | None:
    """Which events are known to be unusual, 0 or 1, and the names of both kinds; None where nothing is known.

    Of two classes it is the one that weighs less.
    """
    if data.y is None or len(data.classes or ()) != 2:
        return None
    y = np.asarray(data.y, int)
    sums = np.bincount(y, weights=np.maximum(data.weight, 0), minlength=2)
    if not (sums > 0).all():
        return None
    rare = 0 if sums[0] < sums[1] else 1
    return (y == rare).astype(int), (str(data.classes[1 - rare]), str(data.classes[rare]))


def rank_correlation(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> float:
    """The weighted correlation of ranks (Spearman).

    Example:
        >>> round(rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 90.0]), np.ones(3)), 9)
        1.0
    """
    ranks = np.stack([rankdata(a), rankdata(b)])
    share = weight / weight.sum()
    centered = ranks - (ranks @ share)[:, None]
    covariance = (centered * share) @ centered.T
    size = np.sqrt(covariance[0, 0] * covariance[1, 1])
    return float(covariance[0, 1] / size) if size > 0 else 0.0


def overlap(a: np.ndarray, b: np.ndarray, weight: np.ndarray, share: float = FLAGGED) -> float:
    """The part of the most unusual events by one score that are so by another too.

    Example:
        >>> overlap(np.array([9.0, 8.0, 1.0, 0.0]), np.array([9.0, 0.0, 1.0, 0.0]), np.ones(4), 0.5)
        0.5
    """
    first, second = (flagged(score, weight, share) for score in (a, b))
    return float(weight[first & second].sum() / weight[first].sum())


def flagged(score: np.ndarray, weight: np.ndarray, share: float) -> np.ndarray:
    """Whether each event is among the most unusual ones that weigh that share of all."""
    order = np.argsort(-score, kind="stable")
    passed = np.cumsum(weight[order]) - weight[order] < share * weight.sum()
    found = np.zeros(len(score), bool)
    found[order] = passed
    return found


def _headline(records: Mapping[str, Mapping[str, Any]], best: str, odd: tuple | None) -> str:
    record = records[best]
    if odd is None:
        stability = Interval.from_dict(record["stability"])
        return (
            f"Nothing is known of which events are unusual; the ranking of {best} is the steadiest, with a correlation"
            f" of ranks of {stability} from sample to sample."
        )
    auc, low = (Interval.from_dict(record["labels"][name]) for name in ("auc", f"efficiency@{RATES[0]:g}"))
    return (
        f"{best} finds '{odd[1][1]}' best without having seen a label: area under the ROC curve {auc}, and {low} of"
        f" them at a cut that {RATES[0]:.0%} of the others pass."
    )


def _numbers(records: Mapping[str, Mapping[str, Any]], limit: Mapping[str, Any] | None) -> Iterator[Number]:
    names = {"auc": "area under the ROC curve", **{f"efficiency@{r:g}": f"efficiency at {r:.0%}" for r in RATES}}
    for key, text in names.items():
        for name, record in records.items():
            if record["labels"] and record["labels"][key]:
                best = limit[key]["value"] if limit and limit[key] else None
                note = "known: the likelihood ratio, the best there is" if best is not None else ""
                yield Number(f"{text}, {name}", Interval.from_dict(record["labels"][key]), best, note=note)
