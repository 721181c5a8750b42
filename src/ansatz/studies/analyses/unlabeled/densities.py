"""The task `density`: methods that learn how events are distributed, judged by events that they did not see."""

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
from ansatz.studies.analyses.unlabeled.density_beliefs import beliefs_of
from ansatz.studies.analyses.unlabeled.methods import (
    answers_again,
    checked_methods,
    each,
    fitted,
    parts_of,
    plain_interval,
    some_rows,
    spread_of,
    unlabeled,
)
from ansatz.studies.execution.pieces import Piece
from ansatz.training.density.references import PARZEN
from ansatz.training.result import Fit
from ansatz.training.unsupervised import Unsupervised
from ansatz.typing import Key
from ansatz.validation import Interval, two_sample_test
from ansatz.validation.structure.groups import mean_of

TRUTH = "log density"
"""Name of an observer that knows the logarithm of the true density."""
DRAWN, CELLS, KEPT_DETAILS = 4000, 60, ("width", "shares", "log_likelihood", "left_out")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Densities:
    r"""Learns the density with every method and asks how far each can be believed.

    For each method: the mean log-likelihood of events that it did not learn from and of those that it did, the paired
    difference to the first method, whether events lie where it says (the part of its own draws that are less likely
    than an event must be even between 0 and 1), how much it changes from sample to sample, and what event weights
    change. Where an observer `log density` knows the truth, the Kullback-Leibler divergence
    $\langle \ln p - \ln \hat p \rangle$.

    Attributes:
        methods: learners by name.
        level: of the intervals.
        samples: bootstrap samples for the stability.

    Source: C. Bishop, Pattern Recognition and Machine Learning (2006), chapters 2 and 9.
    """

    methods: Mapping[str, Unsupervised]
    level: float = 0.6827
    samples: int = 6

    needs: ClassVar[str] = "features"
    citations: ClassVar[tuple[str, ...]] = (*entries("scikit-learn"), PARZEN)

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """The density of every method, and what is to be believed of it."""
        checked_methods(self.methods, sample.data[sample.train])
        train, judged = parts_of(sample, key)
        found = each(self.methods, bench, key, lambda name, f, own: self._judged(name, f, train, judged, bench, own))
        records = {name: dict(piece.record) for name, piece in found.items()}
        compared = _compared(found, np.maximum(judged.weight, 0), self.level)
        for name, difference in compared.items():
            records[name]["difference"] = plain_interval(difference)
        best = max(records, key=lambda name: records[name]["held"]["value"])
        truth = judged.observers.get(TRUTH)
        record = {
            "methods": records,
            "columns": list(judged.columns),
            "units": dict(judged.units),
            "known": truth is not None,
            "best": best,
            "rows": {"learned": len(train), "judged": len(judged), "fresh": bool(len(sample.test))},
        }
        beliefs = tuple(beliefs_of(records, best, judged, fresh=bool(len(sample.test))))
        arrays = {f"{part}/{n}": a for n, piece in enumerate(found.values()) for part, a in piece.arrays.items()}
        arrays |= {"weight": judged.weight} | ({} if truth is None else {"truth": truth})
        flat = judged.x.reshape(len(judged), -1).astype(float)
        arrays |= {"x": flat[:, :12]} if flat.shape[1] <= 12 else {}
        numbers = tuple(_numbers(records, truth, np.maximum(judged.weight, 0), self.level))
        return Findings(_headline(records, best), numbers, beliefs, arrays, record)

    def _judged(
        self, name: str, learner: Unsupervised, train: Dataset, judged: Dataset, bench: Bench, key: Key
    ) -> Piece:
        """One method: fitted, stored, and asked about the judged rows."""
        fit = fitted(name, learner, train, named(key, "fit"))
        bench.keep(name, fit)
        weight, held = np.maximum(judged.weight, 0), fit.predict(judged.x)
        seen = some_rows(train, named(key, "seen"))
        drawn, level = _drawn(fit, generator(named(key, "draws")))
        place = np.searchsorted(np.sort(level), held) / len(level)
        even = np.linspace(0, 1, 2001)[1::2]
        test = two_sample_test(place, even, weight, permutations=300, key=named(key, "even"))
        again, _ = answers_again(
            learner, unlabeled(train), judged, samples=self.samples, seeds=0, key=named(key, "again")
        )
        changes = [float(np.average(np.abs(other - held), weights=weight)) for other in again]
        truth = judged.observers.get(TRUTH)
        record = {
            "kind": learner.name,
            "held": plain_interval(mean_of(held, weight, level=self.level)),
            "train": plain_interval(mean_of(fit.predict(seen.x), np.maximum(seen.weight, 0), level=self.level)),
            "divergence": None
            if truth is None
            else plain_interval(mean_of(np.asarray(truth) - held, weight, level=self.level)),
            "even": test.p_value,
            "changes": plain_interval(spread_of(changes, self.level, f"{len(changes)} bootstrap samples")),
            "weights": _unweighted(learner, train, judged, held, key),
            "converged": fit.converged,
            "message": fit.message,
            "details": {k: v for k, v in plain(fit.details).items() if k in KEPT_DETAILS},
        }
        return Piece({"held": held, "place": place, "drawn": drawn, "levels": level, **_surface(fit, judged)}, record)


def _drawn(fit: Fit, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Events drawn from a density, in the units of the columns that it looks at, and the log density of each."""
    placed, density = fit.predictor, fit.predictor.model.model
    z = density.sample(DRAWN, rng)
    preparation = placed.preparation
    scale = np.log(preparation.scale).sum()
    return preparation.shift + preparation.scale * z, density.log_density(z) - scale


def _surface(fit: Fit, judged: Dataset) -> dict[str, np.ndarray]:
    """The log density over the plane of two columns, or along one."""
    flat = judged.x.reshape(len(judged), -1).astype(float)
    if flat.shape[1] > 2 or not np.isfinite(flat).all():
        return {}
    low, high = flat.min(axis=0), flat.max(axis=0)
    margin = 0.04 * (high - low)
    axes = [np.linspace(a, b, CELLS) for a, b in zip(low - margin, high + margin, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, flat.shape[1])
    return {"surface": fit.predict(grid).reshape((CELLS,) * flat.shape[1]), "axes": np.stack(axes)}


def _unweighted(learner: Unsupervised, train: Dataset, judged: Dataset, held: np.ndarray, key: Key) -> float | None:
    """What the mean log-likelihood loses without event weights; None if they are all the same."""
    if not train.weighted:
        return None
    even = learner(unlabeled(train).replace(weight=np.ones(len(train))), named(key, "fit")).predict(judged.x)
    return float(np.average(held - even, weights=np.maximum(judged.weight, 0)))


def _compared(found: Mapping[str, Piece], weight: np.ndarray, level: float) -> dict[str, Interval | None]:
    """The paired gain of every method over the first one, event by event."""
    first = next(iter(found))
    base = found[first].arrays["held"]
    return {
        name: None if name == first else mean_of(piece.arrays["held"] - base, weight, level=level)
        for name, piece in found.items()
    }


def _headline(records: Mapping[str, Mapping[str, Any]], best: str) -> str:
    held, gain = (Interval.from_dict(v) if v else None for v in (records[best]["held"], records[best]["difference"]))
    first = next(iter(records))
    told = f", {gain} more than {first}" if gain else ""
    divergence = records[best]["divergence"]
    known = f" It is {Interval.from_dict(divergence)} nats from the true density." if divergence else ""
    return f"{best} describes fresh events best: ln p = {held} on average{told}.{known}"


def _numbers(
    records: Mapping[str, Mapping[str, Any]], truth: np.ndarray | None, weight: np.ndarray, level: float
) -> Iterator[Number]:
    top = None if truth is None else float(np.average(np.asarray(truth), weights=weight))
    for name, record in records.items():
        known = "" if top is None else "known: the true density on the same events"
        note = "; ".join(filter(None, ["nats per event, on events not learned from", known]))
        yield Number(f"ln p by {name}", Interval.from_dict(record["held"]), top, note=note)
    for name, record in records.items():
        if record["divergence"]:
            divergence = Interval.from_dict(record["divergence"])
            yield Number(f"divergence from the truth, {name}", divergence, 0.0, note="nats; below 0 only by chance")
