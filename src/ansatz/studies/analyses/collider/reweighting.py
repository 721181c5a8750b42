"""`reweighting`: weights that make one class of a sample look like the other, and whether that can be believed."""

from __future__ import annotations

import dataclasses
from typing import ClassVar, Literal

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.inference.reweighting import (
    Bins,
    BoostedTrees,
    Classifier,
    Reweighted,
    Reweighter,
    closure,
    overlap,
    reweight,
)
from ansatz.keys import named
from ansatz.problems.references import BOOSTED_REWEIGHTING, LIKELIHOOD_RATIO
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.training.classical import boosted_trees
from ansatz.typing import Key
from ansatz.validation import Interval

Method = Literal["bins", "boosted-trees", "classifier"]
MOST = 12
"""Columns that get a histogram."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reweighting:
    r"""Finds weights $w(x) \approx p_t(x) / p_o(x)$ that make class 0 (original) look like class 1 (target).

    The ratio is learned on training rows and applied to rows that it has not seen. There a fresh classifier tries to
    tell the reweighted original from the target (closure test), the effective number of events says what the weights
    cost, and the overlap whether the original has events at all where the target is.

    Attributes:
        methods: of "bins" (one to three columns), "boosted-trees" and "classifier" (boosted trees of the log-loss).
        clip: largest factor in units of the mean; 0 for no limit.
        bins: along each column for "bins".
        trees: for "boosted-trees".

    Raises:
        InputError: if there are not two classes, or a method cannot do it.
    """

    methods: tuple[Method, ...] = ("boosted-trees", "classifier")
    clip: float = 0.0
    bins: int = 20
    trees: int = 100

    needs: ClassVar[str] = "target"
    citations: ClassVar[tuple[str, ...]] = (BOOSTED_REWEIGHTING, LIKELIHOOD_RATIO)

    def __post_init__(self) -> None:
        if not self.methods or self.clip < 0:
            raise InputError("reweighting needs one or more methods, and a clip of zero or more")

    def __call__(self, sample: Sample, bench: Bench, key: Key) -> Findings:
        """The weights of every method, judged on fresh events."""
        (original, target), (fresh, goal) = self._parts(sample)
        judge = boosted_trees(trees=150, learning_rate=0.05)
        bench.announce("how different the samples are")
        before = closure(fresh, goal, judge, named(key, "before"))
        found: dict[str, Reweighted] = {}
        after: dict[str, Interval] = {}
        outside: dict[str, float] = {}
        for name in self.methods:
            bench.announce(f"reweighting by {name}")
            ratio = self._method(name)(original, target, named(key, name))
            found[name] = reweight(ratio, fresh, total=float(goal.weight.sum()), clip=self.clip or None)
            outside[name] = overlap(ratio, original, goal)
            after[name] = closure(fresh.replace(weight=found[name].weight), goal, judge, named(key, f"after {name}"))
        best = min(after, key=lambda name: (abs(after[name].value - 0.5), -found[name].kept))
        return Findings(
            f"Weights by {best} bring the area under the ROC curve between the samples from {before} to {after[best]} "
            f"and keep {found[best].kept:.0%} of the effective events.",
            _numbers(before, after, found, outside),
            tuple(
                belief for name in self.methods for belief in _beliefs(name, after[name], found[name], outside[name])
            ),
            _arrays(fresh, goal, found),
            {"methods": list(self.methods), "columns": list(fresh.columns[:MOST]), "units": dict(fresh.units)}
            | {"classes": list(sample.data.classes or ()), "before": before.value}
            | {"after": {name: interval.value for name, interval in after.items()}},
        )

    def _parts(self, sample: Sample) -> tuple[tuple[Dataset, Dataset], tuple[Dataset, Dataset]]:
        """Original and target to learn from, and the same to be judged on."""
        data = sample.data
        if data.task != "classification" or data.outputs != 2:
            raise InputError("reweighting needs two classes: the original sample, and the target that it should become")
        rows = sample.train, sample.test
        if not len(sample.test):
            rows = sample.train[::2], sample.train[1::2]
        learn, judge = (tuple(data[part[data.y[part] == k]] for k in (0, 1)) for part in rows)
        if min(len(part) for part in (*learn, *judge)) < 20:
            raise InputError("reweighting needs 20 or more events of each class to learn from and to be judged on")
        return learn, judge

    def _method(self, name: Method) -> Reweighter:
        if name == "bins":
            return Bins(self.bins)
        return BoostedTrees(trees=self.trees) if name == "boosted-trees" else Classifier(boosted_trees())


def _numbers(
    before: Interval, after: dict[str, Interval], found: dict[str, Reweighted], outside: dict[str, float]
) -> tuple[Number, ...]:
    lines = [Number("AUC between the samples before", before, 0.5)]
    for name, weights in found.items():
        lines += [
            Number(f"AUC after {name}", after[name], 0.5, note="of a fresh classifier; one half is perfect"),
            Number(
                f"effective events kept by {name}", round(weights.kept, 4), note="(sum w)^2 / sum w^2, new over old"
            ),
            Number(f"largest factor of {name}", round(float(weights.factor.max()), 3), note="in units of the mean"),
            Number(f"target without original, {name}", round(outside[name], 5), note="where the ratio is above 20"),
        ]
        if weights.clipped:
            lines.append(Number(f"clipped by {name}", round(weights.clipped, 5), note="part of the events"))
    return tuple(lines)


def _beliefs(name: str, after: Interval, found: Reweighted, outside: float) -> tuple[Belief, ...]:
    away = abs(after.value - 0.5)
    marks = (
        GREEN if away < max(2 * after.error, 0.01) else AMBER if away < 0.05 else RED,
        GREEN if found.kept > 0.3 else AMBER if found.kept > 0.1 else RED,
        GREEN if outside < 0.005 else AMBER if outside < 0.05 else RED,
    )
    return (
        Belief(
            f"Closure of {name}",
            marks[0],
            f"AUC {after}",
            "A fresh classifier cannot tell the reweighted sample from the target."
            if marks[0] == GREEN
            else "A fresh classifier still tells the reweighted sample from the target.",
        ),
        Belief(
            f"Cost of {name}",
            marks[1],
            f"{found.kept:.1%} of the effective events",
            "The weights leave enough events." if marks[1] == GREEN else "Few events carry most of the weight.",
        ),
        Belief(
            f"Overlap, {name}",
            marks[2],
            f"{outside:.2%} of the target where the original has next to nothing",
            "The original has events where the target is."
            if marks[2] == GREEN
            else "No weights can make up for events that are not there; cut that region away.",
        ),
    )


def _arrays(fresh: Dataset, goal: Dataset, found: dict[str, Reweighted]) -> dict[str, np.ndarray]:
    """Histograms of each column, unit area: the original, the target, and the original with each method's weights."""
    arrays: dict[str, np.ndarray] = {}
    for j, column in enumerate(fresh.columns[:MOST]):
        values = np.concatenate([fresh.x[:, j], goal.x[:, j]])
        edges = np.linspace(*np.quantile(values, [0.002, 0.998]), 26)
        edges = edges if edges[-1] > edges[0] else np.linspace(edges[0] - 0.5, edges[0] + 0.5, 26)
        arrays[f"edges/{column}"] = edges
        kinds = {"original": (fresh, fresh.weight), "target": (goal, goal.weight)}
        kinds |= {name: (fresh, weights.weight) for name, weights in found.items()}
        for kind, (data, weight) in kinds.items():
            content, square = (np.histogram(data.x[:, j], edges, weights=w)[0] for w in (weight, weight**2))
            arrays[f"{kind}/{column}"] = np.stack([content, np.sqrt(square)]) / weight.sum()
    return arrays | {f"factor/{name}": weights.factor for name, weights in found.items()}
