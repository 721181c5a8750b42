"""The task `cluster`: methods that find groups, judged without a target."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from typing import ClassVar

import jax
import numpy as np

from ansatz.citations import entries
from ansatz.data import Dataset
from ansatz.embedding import PCA
from ansatz.files import plain
from ansatz.keys import generator, named
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.unlabeled.cluster_beliefs import beliefs_of
from ansatz.studies.analyses.unlabeled.methods import (
    answers_again,
    checked_methods,
    each,
    fitted,
    labels_of,
    parts_of,
    plain_interval,
    spread_of,
    unlabeled,
)
from ansatz.studies.execution.pieces import Piece, once
from ansatz.training.result import Fit
from ansatz.training.unsupervised import Nearest, Unsupervised, prepared
from ansatz.typing import Key
from ansatz.validation import Interval
from ansatz.validation.structure import agreement, choose_clusters, describe_groups, silhouettes, spread_ratio
from ansatz.validation.structure.groups import mean_of

OUTLINED, CHOSEN = 1500, 400
"""Most rows of silhouettes, and of the choice of the number of groups."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Clusters:
    """Finds groups with every method and asks how far they can be believed.

    For each method: the groups of rows that it did not learn from, how well they are apart (silhouette), whether they
    come back from other samples and other seeds, what they agree with if labels are known, how wide they are, which
    columns make them, and what event weights change. For the data: how many groups there are, by four criteria.

    Attributes:
        methods: learners by name.
        level: of the intervals.
        most: largest number of groups that the criteria look at.
        samples: bootstrap samples for the stability.
        seeds: other seeds for the stability.
        replicas: bootstrap samples, and even samples, behind the criteria for the number of groups.

    Source: U. von Luxburg, arXiv:1007.1075 (stability).
    """

    methods: Mapping[str, Unsupervised]
    level: float = 0.6827
    most: int = 8
    samples: int = 10
    seeds: int = 5
    replicas: int = 20

    needs: ClassVar[str] = "features"
    citations: ClassVar[tuple[str, ...]] = tuple(entries("scikit-learn", "k-means", "gap", "silhouette"))

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """The groups of every method, and what is to be believed of them."""
        checked_methods(self.methods, sample.data[sample.train])
        train, judged = parts_of(sample, key)
        labels = labels_of(judged)
        found = each(self.methods, bench, key, lambda name, f, own: self._judged(name, f, train, judged, bench, own))
        bench.announce("how many groups there are")
        choice = once(bench.folder / "choice.npz", lambda: self._choice(train, named(key, "choice")))
        agreements = _pairs({name: piece.arrays["group"] for name, piece in found.items()}, judged.weight, self.level)
        numbers = _numbers(found, choice, labels)
        records = {name: dict(piece.record) for name, piece in found.items()}
        record = {
            "methods": records,
            "columns": list(judged.columns),
            "units": dict(judged.units),
            "axes": axes_of(judged),
            "labels": {name: list(names) for name, (_, names) in labels.items()},
            "choice": choice.record["choice"],
            "agreements": agreements,
            "rows": {"learned": len(train), "judged": len(judged), "fresh": bool(len(sample.test))},
        }
        best = steadiest(records)
        return Findings(
            _headline(best, records[best], choice.record["choice"]),
            numbers,
            beliefs_of(records, choice.record["choice"], judged, best),
            _arrays(found, choice, judged, labels),
            record,
        )

    def _judged(
        self, name: str, learner: Unsupervised, train: Dataset, judged: Dataset, bench: Bench, key: Key
    ) -> Piece:
        """One method: fitted, stored, and asked about the judged rows."""
        fit = fitted(name, learner, train, named(key, "fit"))
        bench.keep(name, fit)
        group, weight = fit.predict(judged.x), judged.weight
        again, seeds = answers_again(
            learner, unlabeled(train), judged, samples=self.samples, seeds=self.seeds, key=named(key, "again")
        )
        outline, rows = _outlined(fit, judged, group, named(key, "outline"))
        x = fit.predictor.preparation.apply(judged.x)
        ratio, widths = spread_ratio(x, group, np.maximum(weight, 0), level=self.level)
        table = judged.x.reshape(len(judged), -1)
        names = judged.columns if len(judged.columns) == table.shape[1] else tuple(map(str, range(table.shape[1])))
        about = describe_groups(table, names, group, np.maximum(weight, 0), level=self.level)
        record = {
            "kind": learner.name,
            "groups": int(len(np.unique(group[group >= 0]))),
            "noise": float(weight[group < 0].sum() / weight.sum()),
            "shares": [float(weight[group == k].sum() / weight.sum()) for k in range(int(group.max(initial=-1)) + 1)],
            "silhouette": plain_interval(mean_of(outline, weight[rows], level=self.level)),
            "stability": plain_interval(self._likeness(group, again, weight, "bootstrap samples")),
            "seeds": plain_interval(self._likeness(group, seeds, weight, "other seeds")),
            "spread_ratio": plain_interval(ratio),
            "widths": widths.tolist(),
            "labels": self._labels(judged, group, key),
            "weights": self._unweighted(learner, train, judged, group, key),
            "about": [[a.group, a.column, plain_interval(a.mean), plain_interval(a.separation)] for a in about[:200]],
            "size": learner.size,
            "converged": fit.converged,
            "message": fit.message,
            "details": {k: v for k, v in plain(fit.details).items() if k in KEPT_DETAILS},
        }
        return Piece({"group": group, "outline": outline, "outlined": rows}, record)

    def _likeness(self, group: np.ndarray, others: list[np.ndarray], weight: np.ndarray, what: str) -> Interval:
        values = [_rand(group, other, np.maximum(weight, 0)) for other in others]
        return spread_of(values, self.level, f"{len(others)} {what}")

    def _labels(self, judged: Dataset, group: np.ndarray, key: Key) -> dict[str, object]:
        """How far the groups agree with what is known."""
        found = {}
        for name, (label, _) in labels_of(judged).items():
            both = agreement(
                group, label, np.maximum(judged.weight, 0), level=self.level, key=named(key, f"label {name}")
            )
            found[name] = {"rand": plain_interval(both.rand), "information": plain_interval(both.information)}
        return found

    def _unweighted(
        self, learner: Unsupervised, train: Dataset, judged: Dataset, group: np.ndarray, key: Key
    ) -> float | None:
        """How like the groups are that one finds without the event weights; None if they are all the same."""
        if not train.weighted:
            return None
        even = unlabeled(train).replace(weight=np.ones(len(train)))
        return _rand(group, learner(even, named(key, "fit")).predict(judged.x), np.maximum(judged.weight, 0))

    def _choice(self, train: Dataset, key: Key) -> Piece:
        """The number of groups by four criteria, on standardized rows."""
        rng = generator(named(key, "rows"))
        some = train[np.sort(rng.choice(len(train), min(len(train), CHOSEN), replace=False))]
        _, rows = prepared(unlabeled(some), None, scale=True, negative=True, merge=False)
        most = min(self.most, len(some) // 3)
        if most < 2:
            return Piece({}, {"choice": {}})
        columns = (
            rows.x if rows.x.shape[1] <= 10 else PCA.of(rows.x, np.abs(rows.weight), components=10).transform(rows.x)
        )
        weight = np.abs(rows.weight)
        found = choose_clusters(
            columns,
            weight,
            most=most,
            replicas=self.replicas,
            references=self.replicas,
            level=self.level,
            key=named(key, "criteria"),
        )
        arrays = {f"{c.name}/{part}": getattr(c, part) for c in found for part in ("numbers", "value", "error")}
        return Piece(arrays, {"choice": {c.name: c.chosen.to_dict() for c in found}})


KEPT_DETAILS = ("tree", "leaf_group", "linkage", "radius", "share", "cost", "log_likelihood", "eigenvalues")
"""What of a fit's details the figures need."""


def steadiest(records: Mapping[str, Mapping[str, object]]) -> str:
    """The method whose groups come back most surely from other samples; the first of equals."""
    return max(records, key=lambda name: (records[name]["stability"] or {}).get("value", -1.0))


def _rand(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> float:
    return agreement(a, b, weight, replicas=1, key=jax.random.key(0)).rand.value


def _outlined(fit: Fit, judged: Dataset, group: np.ndarray, key: Key) -> tuple[np.ndarray, np.ndarray]:
    """Silhouettes of some of the judged rows in the method's own distance, and which rows these are."""
    rows = np.arange(len(judged))
    if len(rows) > OUTLINED:
        rows = np.sort(generator(key).choice(rows, OUTLINED, replace=False))
    x = fit.predictor.preparation.apply(judged.x[rows])
    distance = fit.predictor.model.distance if isinstance(fit.predictor.model, Nearest) else None
    return silhouettes(x, group[rows], np.maximum(judged.weight[rows], 0), distance), rows


def _pairs(groups: Mapping[str, np.ndarray], weight: np.ndarray, level: float) -> list[list[object]]:
    """How far every two methods agree."""
    pairs = itertools.combinations(groups, 2)
    return [[a, b, _rand(groups[a], groups[b], np.maximum(weight, 0))] for a, b in pairs]


def _numbers(found: Mapping[str, Piece], choice: Piece, labels: Mapping[str, object]) -> tuple[Number, ...]:
    known = {name: len(names) for name, (_, names) in labels.items()}
    first = next(iter(known.items()), None)
    reference = first[1] if first else None
    note = f"known: different values of '{first[0]}'" if first else ""
    lines = [
        Number(f"groups by the {name}", Interval.from_dict(value), reference, note=note)
        for name, value in choice.record["choice"].items()
    ]
    for name, piece in found.items():
        for label, both in piece.record["labels"].items():
            if both["rand"]:
                text = "adjusted Rand index: 0 by chance, 1 if the same"
                lines.append(Number(f"{name} and {label}", Interval.from_dict(both["rand"]), note=text))
    return tuple(lines)


def _headline(best: str, record: Mapping[str, object], choice: Mapping[str, Mapping]) -> str:
    told = ", ".join(f"{int(value['value'])} by the {name}" for name, value in choice.items())
    stability = Interval.from_dict(record["stability"]) if record["stability"] else "unknown"
    groups = f"{record['groups']} group{'s' * (record['groups'] != 1)}"
    told = f" Number of groups: {told}." if told else ""
    return f"{best} finds {groups}, the same from sample to sample to {stability} (adjusted Rand index).{told}"


def _arrays(
    found: Mapping[str, Piece], choice: Piece, judged: Dataset, labels: Mapping[str, tuple]
) -> dict[str, np.ndarray]:
    flat = judged.x.reshape(len(judged), -1).astype(float)
    arrays = {"plane": plane_of(judged), "weight": judged.weight}
    if flat.shape[1] <= 12:
        arrays["x"] = flat
    for number, piece in enumerate(found.values()):
        arrays |= {f"{part}/{number}": piece.arrays[part] for part in ("group", "outline", "outlined")}
    for number, (label, _) in enumerate(labels.values()):
        arrays[f"label/{number}"] = label
    return arrays | {f"choice/{name}": values for name, values in choice.arrays.items()}


def _varied(flat: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.ptp(np.nan_to_num(flat), axis=0) > 0)


def axes_of(judged: Dataset) -> list[str]:
    """What the two coordinates of the plane are, with units."""
    flat = judged.x.reshape(len(judged), -1).astype(float)
    varied = _varied(flat)
    if len(varied) > 2 or len(judged.columns) != flat.shape[1]:
        return ["principal component 1", "principal component 2"]
    named = [judged.columns[k] for k in varied]
    return [*(f"{n} [{judged.units[n]}]" if n in judged.units else n for n in named), *["(nothing)"] * (2 - len(named))]


def plane_of(judged: Dataset) -> np.ndarray:
    """Two coordinates to draw rows in: the columns themselves if there are two, else principal components."""
    flat = judged.x.reshape(len(judged), -1).astype(float)
    x = flat[:, _varied(flat)]
    if x.shape[1] <= 2:
        return np.pad(x, ((0, 0), (0, 2 - x.shape[1])))
    scaled = (np.nan_to_num(x) - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0)
    return PCA.of(scaled, components=2).transform(scaled)
