"""The task `reduce`: methods that find coordinates, judged without a target."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from ansatz.citations import entries
from ansatz.data import Dataset
from ansatz.files import plain
from ansatz.keys import generator, named
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.unlabeled.methods import (
    answers_again,
    checked_methods,
    each,
    fitted,
    labels_of,
    parts_of,
    plain_interval,
    shades_of,
    spread_of,
    unlabeled,
)
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.studies.execution.pieces import Piece, once
from ansatz.training.result import Fit
from ansatz.training.unsupervised import Unsupervised, prepared
from ansatz.typing import Key
from ansatz.validation import Interval, effective_count
from ansatz.validation.structure import (
    choose_components,
    intrinsic_dimension,
    likeness,
    neighbor_agreement,
    neighborhood_intervals,
)

LOOKED_AT, MEASURED = 1200, 3000
"""Most rows whose neighborhoods are compared, and from which the dimension is measured."""

NEIGHBORS = 12

OWN = ("spectrum", "walls", "mass")
"""What only some methods have: the variance of every component, and the sheet of a self-organizing map."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reduction:
    """Finds coordinates with every method and asks what they keep.

    For each method: trustworthiness and continuity of the neighborhoods of rows that it did not learn from, whether the
    map comes back from other samples and other seeds, how far neighbors share a label if labels are known, and what
    event weights change. For the data: the intrinsic dimension by three estimates, and the number of principal
    components by the likelihood of held-out rows.

    Attributes:
        methods: learners by name.
        level: of the intervals.
        samples: bootstrap samples for the stability.
        seeds: other seeds for the stability.
        neighbors: size of a neighborhood.

    Source: J. Venna and S. Kaski, ICANN (2001) 485.
    """

    methods: Mapping[str, Unsupervised]
    level: float = 0.6827
    samples: int = 4
    seeds: int = 3
    neighbors: int = NEIGHBORS

    needs: ClassVar[str] = "features"
    citations: ClassVar[tuple[str, ...]] = tuple(entries("scikit-learn", "trustworthiness", "two-nn", "levina-bickel"))

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """The coordinates of every method, and what is to be believed of them."""
        checked_methods(self.methods, sample.data[sample.train])
        train, judged = parts_of(sample, key)
        if len(judged) > LOOKED_AT:
            judged = judged[np.sort(generator(named(key, "some")).choice(len(judged), LOOKED_AT, replace=False))]
        found = each(self.methods, bench, key, lambda name, f, own: self._judged(name, f, train, judged, bench, own))
        bench.announce("how many dimensions there are")
        size = once(bench.folder / "dimension.npz", lambda: self._dimension(train, named(key, "dimension")))
        records = {name: dict(piece.record) for name, piece in found.items()}
        labels, shades = labels_of(judged), shades_of(judged)
        best = max(records, key=lambda name: _value(records[name], "trustworthiness"))
        record = {
            "methods": records,
            "labels": {name: list(names) for name, (_, names) in labels.items()},
            "shades": {name: judged.units.get(name, "") for name in shades},
            "dimension": size.record["dimension"],
            "components": size.record["components"],
            "neighbors": self.neighbors,
            "rows": {"learned": len(train), "judged": len(judged), "fresh": bool(len(sample.test))},
        }
        arrays = {f"coordinates/{number}": piece.arrays["coordinates"] for number, piece in enumerate(found.values())}
        for number, piece in enumerate(found.values()):
            arrays |= {f"{own}/{number}": piece.arrays[own] for own in OWN if own in piece.arrays}
        arrays |= {f"label/{number}": label for number, (label, _) in enumerate(labels.values())}
        arrays |= {f"shade/{number}": values for number, values in enumerate(shades.values())}
        arrays |= {f"components/{name}": values for name, values in size.arrays.items()}
        return Findings(
            _headline(best, records[best], size.record["dimension"]),
            tuple(_numbers(records, size.record)),
            tuple(_beliefs(records, best, size.record, judged)),
            arrays,
            record,
        )

    def _judged(
        self, name: str, learner: Unsupervised, train: Dataset, judged: Dataset, bench: Bench, key: Key
    ) -> Piece:
        """One method: fitted, stored, and asked about the judged rows."""
        fit = fitted(name, learner, train, named(key, "fit"))
        bench.keep(name, fit)
        z, x, weight = fit.predict(judged.x), fit.predictor.preparation.apply(judged.x), np.maximum(judged.weight, 0)
        again, seeds = answers_again(
            learner, unlabeled(train), judged, samples=self.samples, seeds=self.seeds, key=named(key, "again")
        )
        neighbors = min(self.neighbors, (len(judged) - 1) // 3)
        trust, keeps = neighborhood_intervals(x, z, weight, neighbors=neighbors, level=self.level)
        labels = {
            label: {
                "before": plain_interval(neighbor_agreement(x, number, weight, level=self.level)),
                "after": plain_interval(neighbor_agreement(z, number, weight, level=self.level)),
            }
            for label, (number, _) in labels_of(judged).items()
        }
        record = {
            "kind": learner.name,
            "components": z.shape[1],
            "trustworthiness": plain_interval(trust),
            "continuity": plain_interval(keeps),
            "stability": plain_interval(self._likeness(z, again, "bootstrap samples")),
            "seeds": plain_interval(self._likeness(z, seeds, "other seeds")),
            "labels": labels,
            "weights": self._unweighted(learner, train, judged, z, key),
            "explained": plain(fit.details.get("explained")),
            "torn": plain(fit.details.get("torn")),
            "converged": fit.converged,
            "message": fit.message,
        }
        return Piece({"coordinates": z, **_own(learner.name, fit)}, record)

    def _likeness(self, z: np.ndarray, others: list[np.ndarray], what: str) -> Interval:
        return spread_of([likeness(z, other) for other in others], self.level, f"{len(others)} {what}")

    def _unweighted(
        self, learner: Unsupervised, train: Dataset, judged: Dataset, z: np.ndarray, key: Key
    ) -> float | None:
        if not train.weighted:
            return None
        even = unlabeled(train).replace(weight=np.ones(len(train)))
        return likeness(z, learner(even, named(key, "fit")).predict(judged.x))

    def _dimension(self, train: Dataset, key: Key) -> Piece:
        """Intrinsic dimension and number of components, of the columns as the first method sees them."""
        first = next(iter(self.methods.values()))
        rng = generator(named(key, "rows"))
        some = train[np.sort(rng.choice(len(train), min(len(train), MEASURED), replace=False))]
        _, rows = prepared(unlabeled(some), first.columns, scale=first.scale, negative=True, merge=False)
        weight = np.maximum(rows.weight, 0)
        dimension = {}
        if len(np.unique(rows.x, axis=0)) >= 40:
            dimension = intrinsic_dimension(rows.x, weight, level=self.level, key=named(key, "estimates"))
        if rows.x.shape[1] < 2:
            return Piece({}, {"dimension": {n: plain_interval(i) for n, i in dimension.items()}, "components": None})
        choice = choose_components(rows.x, weight, most=24, level=self.level, key=named(key, "components"))
        arrays = {"numbers": choice.numbers, "value": choice.value, "error": choice.error}
        told = {n: plain_interval(i) for n, i in dimension.items()}
        tried = int(choice.numbers[-1])
        return Piece(arrays, {"dimension": told, "components": choice.chosen.to_dict(), "components tried": tried})


def _own(kind: str, fit: Fit) -> dict[str, np.ndarray]:
    """What only this method has, for a figure of its own."""
    if kind == "pca":
        return {"spectrum": np.array(fit.details["variance"])}
    return {own: np.array(fit.details[own]) for own in ("walls", "mass")} if kind == "kohonen" else {}


def _value(record: Mapping[str, Any], name: str) -> float:
    return record[name]["value"] if record[name] else -1.0


def _headline(best: str, record: Mapping[str, Any], dimension: Mapping[str, Any]) -> str:
    trust = Interval.from_dict(record["trustworthiness"])
    known = [Interval.from_dict(dimension[name]) for name in ("two nearest neighbors",) if dimension.get(name)]
    told = f" The intrinsic dimension is {known[0]} (two nearest neighbors)." if known else ""
    count = f"{record['components']} coordinate{'s' * (record['components'] != 1)}"
    return f"{best} keeps neighborhoods best: its {count} have a trustworthiness of {trust}.{told}"


def _numbers(records: Mapping[str, Mapping], size: Mapping[str, Any]) -> Iterator[Number]:
    for name, value in size["dimension"].items():
        if value:
            note = "linear: how many components carry the variance" if name == "principal components" else ""
            yield Number(f"dimension by {name}", Interval.from_dict(value), note=note)
    if size["components"]:
        chosen = Interval.from_dict(size["components"])
        most = int(size["components tried"])
        note = f"no more than {most} were tried" if chosen.value >= most else "range: as good within the error"
        yield Number("principal components by held-out likelihood", chosen, note=note)
    for name, record in records.items():
        if record["explained"]:
            yield Number(f"variance explained by {name}", float(np.sum(record["explained"])))
        if record["torn"] is not None:
            note = "events whose two nearest prototypes are no neighbors on the sheet (topographic error)"
            yield Number(f"torn by {name}", float(record["torn"]), note=note)


def _beliefs(records: Mapping[str, Mapping], best: str, size: Mapping[str, Any], judged: Dataset) -> Iterator[Belief]:
    record = records[best]
    trust = Interval.from_dict(record["trustworthiness"])
    mark = GREEN if trust.value > 0.95 else AMBER if trust.value > 0.85 else RED
    words = {
        GREEN: "Neighbors in the map were neighbors before.",
        AMBER: "Some neighbors in the map were not neighbors before.",
        RED: "Many neighbors in the map were not neighbors before: its pattern may be made by the map.",
    }
    yield Belief("Trustworthiness", mark, f"{best}: {trust}", words[mark])
    yield from _steady(record, best)
    yield from _crowding(record, best, size)
    change = record["weights"]
    if change is not None:
        sentence = "Event weights hardly change the map." if change > 0.95 else "Event weights change the map."
        yield Belief(
            "Event weights", GREEN if change > 0.95 else AMBER, f"{best}: {change:.3f} alike without", sentence
        )
    late = [name for name, r in records.items() if not r["converged"]]
    sentence = "Give them more steps." if late else "Every method finished as it should."
    value = f"not finished: {', '.join(late)}" if late else f"{len(records)} of {len(records)} methods"
    yield Belief("Convergence", AMBER if late else GREEN, value, sentence)
    said = [part for r in records.values() for part in r["message"].split("; ") if part.startswith("column ")]
    if said:
        yield Belief("Columns", AMBER, "; ".join(list(dict.fromkeys(said))[:3]), "They add nothing, or count twice.")
    effective = effective_count(np.maximum(judged.weight, 0))
    mark = GREEN if effective >= 200 else AMBER if effective >= 50 else RED
    yield Belief("Effective sample size", mark, f"{effective:.0f} events judged", "On them neighborhoods are compared.")


def _steady(record: Mapping[str, Any], best: str) -> Iterator[Belief]:
    for name, what in (("stability", "other samples"), ("seeds", "other seeds")):
        if record[name]:
            found = Interval.from_dict(record[name])
            mark = GREEN if found.value > 0.9 else AMBER if found.value > 0.6 else RED
            words = {
                GREEN: "The map comes back, up to shift, rotation and scale.",
                AMBER: "The map comes back in part: read neighborhoods, not distances.",
                RED: "Another fit gives another map: only what all of them show may be believed.",
            }
            yield Belief(f"From {what}", mark, f"{best}: {found} of the variance in common", words[mark])


def _crowding(record: Mapping[str, Any], best: str, size: Mapping[str, Any]) -> Iterator[Belief]:
    known = size["dimension"].get("two nearest neighbors")
    if not known:
        return
    dimension, kept = Interval.from_dict(known), record["components"]
    low = dimension.value - 2 * dimension.error
    mark = GREEN if kept >= low else AMBER if kept >= low / 3 else RED
    words = {
        GREEN: "There are enough coordinates for what the data do.",
        AMBER: "There are fewer coordinates than the data have dimensions: what is far apart must crowd together.",
        RED: "There are far fewer coordinates than the data have dimensions: distances in the map cannot be right.",
    }
    yield Belief("Crowding", mark, f"{kept} coordinates for {dimension} dimensions", words[mark])
