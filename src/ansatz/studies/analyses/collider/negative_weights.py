"""`negative-weights`: one method trained with every strategy for negative weights, judged on the same events."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from ansatz.data import Dataset
from ansatz.data.statistics import effective_size
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.problems.references import CELL_RESAMPLING, POSITIVE_REWEIGHTING
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.training.classical import CLASSICAL
from ansatz.training.composite.signs import STRATEGIES, annihilated, reweighted
from ansatz.training.networks.dense import mlp
from ansatz.typing import Key
from ansatz.validation import Interval, roc_auc
from ansatz.validation.classifiers.ranking import AreaUnderCurve, Ranking, delong
from ansatz.validation.interval import ONE_SIGMA, normal

IGNORED = "sign-ignored"
"""The wrong thing to do, for comparison: |w|."""
BINS = 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class NegativeWeights:
    """Trains one method with the weights as they are, with cancelled and with relearned ones, and without their signs.

    All are judged on the same fresh events with the weights of the file. Beside the areas under the ROC curve stands
    what each strategy does to the sample: how far the histograms of its columns move (a strategy must not change what
    the weights mean), and the effective number of events.

    Attributes:
        method: kind of a classical method; one that cannot take negative weights is left out "as-they-are".
        epochs: most epochs of the network that learns where weights are negative.

    Raises:
        InputError: if there are not two classes, no negative weights, or no such method.
    """

    method: str = "boosted-trees"
    epochs: int = 60

    needs: ClassVar[str] = "target"
    citations: ClassVar[tuple[str, ...]] = (CELL_RESAMPLING, POSITIVE_REWEIGHTING)

    def __post_init__(self) -> None:
        if self.method not in CLASSICAL or "classification" not in CLASSICAL[self.method]().tasks:
            raise InputError(f"there is no classical classifier '{self.method}'")

    def __call__(self, sample: Sample, bench: Bench, key: Key) -> Findings:
        """The areas, and what became of the sample."""
        train, fresh = self._parts(sample)
        learner = CLASSICAL[self.method]()
        samples = self._samples(train, key)
        names = [name for name in samples if name != STRATEGIES[0] or learner.negative_weights]
        scores: dict[str, np.ndarray] = {}
        for name in names:
            bench.announce(f"{self.method}, weights {name}")
            fit = learner(samples[name], named(key, "fit"))
            scores[name] = fit.score(fresh.x)
        areas = {name: roc_auc(fresh.y, score, fresh.weight) for name, score in scores.items()}
        gains = gained(fresh, scores)
        moved = {name: moved_by(train, samples[name]) for name in samples}
        best = max((name for name in names if name != IGNORED), key=lambda name: areas[name].value)
        part = float((train.weight < 0).mean())
        return Findings(
            f"With {part:.1%} of negative weights, '{self.method}' reaches AUC {areas[best]} by '{best}', "
            f"{_more(gains[best])} than if signs are ignored, on the same events.",
            _numbers(areas, gains, samples, moved, part),
            (*_beliefs(moved), _told(best, gains[best])),
            _arrays(train, samples),
            {"columns": list(train.columns), "names": list(samples), "classes": list(train.classes or ())}
            | {"areas": {name: area.to_dict() for name, area in areas.items()}, "units": dict(train.units)},
        )

    def _parts(self, sample: Sample) -> tuple[Dataset, Dataset]:
        data = sample.data
        if data.task != "classification" or data.outputs != 2:
            raise InputError("negative weights are compared on two classes")
        rows = (sample.train, sample.test) if len(sample.test) else (sample.train[::2], sample.train[1::2])
        train, fresh = (data[part] for part in rows)
        if not (train.weight < 0).any():
            raise InputError("no training event has a negative weight; leave this analysis out")
        return train, fresh

    def _samples(self, train: Dataset, key: Key) -> dict[str, Dataset]:
        network = mlp(width=32, epochs=self.epochs, patience=8, learning_rate=3e-3)
        return {
            "as-they-are": train,
            "annihilate": annihilated(train),
            "reweight": reweighted(train, network, named(key, "signs")),
            IGNORED: train.replace(weight=np.abs(train.weight)),
        }


def gained(fresh: Dataset, scores: dict[str, np.ndarray]) -> dict[str, Interval]:
    """How much larger each area is than that without signs: of the same events, so that what they share cancels."""
    names, mask = list(scores), fresh.y > 0
    parts = [AreaUnderCurve(Ranking.of(mask, score)) for score in scores.values()]
    values, covariance = delong(parts, fresh.weight)
    base = names.index(IGNORED)
    found = {}
    for k, name in enumerate(names):
        if k != base:
            variance = covariance[k, k] + covariance[base, base] - 2 * covariance[k, base]
            error = float(np.sqrt(max(variance, 0.0)))
            found[name] = normal(float(values[k] - values[base]), error, level=ONE_SIGMA, method="paired DeLong")
    return found


def _more(gain: Interval) -> str:
    value = f"{abs(gain.value):.4f} ± {gain.error:.4f}"
    return f"{value} {'more' if gain.value >= 0 else 'less'}"


def _told(best: str, gain: Interval) -> Belief:
    """Whether the area can tell that signs matter."""
    sigmas = gain.value / gain.error if gain.error else 0.0
    mark = GREEN if sigmas > 2 else RED if sigmas < -2 else AMBER
    text = {
        GREEN: "Events are ranked better if the signs are heeded.",
        AMBER: "The area cannot tell whether signs matter here; the histograms of the columns can.",
        RED: "Ignored signs rank better: the negative weights leave too few effective events for this method.",
    }
    return Belief("Signs heeded or ignored", mark, f"AUC by {best} - without signs: {gain}", text[mark])


def moved_by(before: Dataset, after: Dataset) -> float:
    """How far new weights move the histograms of all columns and classes: root mean square in statistical errors.

    Example:
        >>> data = Dataset(np.arange(40.0)[:, None], y=np.zeros(40, int), weight=np.ones(40), classes=("a",))
        >>> moved_by(data, data)
        0.0
    """
    pulls = []
    for k in np.unique(before.y):
        own = before.y == k
        for column in np.asarray(before.x[own], float).T:
            edges = np.unique(np.nanquantile(column, np.linspace(0, 1, BINS + 1)[1:-1]))
            place = np.searchsorted(edges, column)
            first, then = before.weight[own], after.weight[own]
            sums = [np.bincount(place, w / w.sum()) for w in (first, then)]
            error = np.sqrt(np.bincount(place, first**2)) / first.sum()
            pulls.append((sums[1] - sums[0]) / np.where(error > 0, error, np.inf))
    return float(np.sqrt(np.mean(np.concatenate(pulls) ** 2)))


def _numbers(
    areas: dict[str, Interval],
    gains: dict[str, Interval],
    samples: dict[str, Dataset],
    moved: dict[str, float],
    part: float,
) -> tuple[Number, ...]:
    lines = [Number("negative weights", round(part, 4), note="part of the training events")]
    lines += [Number(f"AUC, {name}", area) for name, area in areas.items()]
    lines += [Number(f"AUC, {name} - {IGNORED}", gain, note="on the same events") for name, gain in gains.items()]
    for name, data in samples.items():
        lines.append(Number(f"effective events, {name}", round(float(effective_size(data.weight)), 1)))
    return (
        *lines,
        *(Number(f"histograms moved, {name}", round(by, 3), note="in errors") for name, by in moved.items()),
    )


def _beliefs(moved: dict[str, float]) -> list[Belief]:
    found = []
    for name, by in moved.items():
        if name in ("as-they-are", IGNORED):
            continue
        mark = GREEN if by < 0.7 else AMBER if by < 1.5 else RED
        text = {
            GREEN: "The new weights mean the same density.",
            AMBER: "The new weights change the density by about its statistical error.",
            RED: "The new weights mean another density; take other columns, or more events.",
        }
        found.append(Belief(f"Density kept by {name}", mark, f"{by:.2f} standard errors", text[mark]))
    return found


def _arrays(train: Dataset, samples: dict[str, Dataset]) -> dict[str, np.ndarray]:
    """Histograms of each column and class: contents and errors of the weights as they are, contents of the others."""
    arrays: dict[str, np.ndarray] = {}
    for j, column in enumerate(train.columns):
        edges = np.linspace(*np.nanquantile(train.x[:, j], [0.005, 0.995]), 26)
        arrays[f"edges/{column}"] = edges if edges[-1] > edges[0] else np.linspace(edges[0] - 0.5, edges[0] + 0.5, 26)
        for k, group in enumerate(train.classes or ()):
            own = train.y == k
            for name, data in samples.items():
                w = data.weight[own]
                sums = [np.histogram(train.x[own, j], arrays[f"edges/{column}"], weights=v)[0] for v in (w, w**2)]
                arrays[f"{name}/{group}/{column}"] = np.stack([sums[0], np.sqrt(sums[1])]) / w.sum()
    return arrays
