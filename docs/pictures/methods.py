"""Pictures of the page on methods: uniform boosting, and reweighting."""

import jax
import numpy as np

from ansatz.inference import BoostedTrees, reweight
from ansatz.problems.collider import Dalitz
from ansatz.report.figures.collider import reweighting, uniformity
from ansatz.training.boosting import flat_boosting


def pictures():
    """The efficiency of plain and of flat boosting along a squared mass, and a column before and after reweighting."""
    return [efficiency("plain", 0.0), efficiency("flat", 12.0), reweighted()]


def efficiency(name, strength):
    """Signal efficiency along one axis of the Dalitz plane."""
    data = Dalitz(correlation=0.8).draw(jax.random.key(0), 30_000)
    train, fresh = data[:15_000], data[15_000:]
    fit = flat_boosting(protected=["M2AB", "M2AC"], flat="signal", strength=strength)(train, jax.random.key(1))
    own = fresh.y == 1
    picture = uniformity.efficiency(
        fit.score(fresh.x)[own], fresh.observers["M2AB"][own], fresh.weight[own], column="M2AB", unit="GeV^2", name=name
    )
    return renamed(picture, name)


def reweighted():
    """A shifted column, original, target and with new weights."""
    from ansatz.data import Dataset

    rng = np.random.default_rng(0)
    original, target = rng.normal(size=(8000, 2)), rng.normal(size=(8000, 2)) * [1.0, 0.9] + [0.5, -0.2]
    ratio = BoostedTrees()(Dataset(original[:4000]), Dataset(target[:4000]), jax.random.key(0))
    weight = reweight(ratio, Dataset(original[4000:])).weight
    edges = np.linspace(-3, 3, 31)
    arrays = {"edges/pt": edges}
    samples = {
        "original": (original, np.ones(4000)),
        "target": (target, np.ones(4000)),
        "boosted-trees": (original, weight),
    }
    for name, (values, w) in samples.items():
        content, square = (np.histogram(values[4000:, 0], edges, weights=v)[0] for v in (w, w**2))
        arrays[f"{name}/pt"] = np.stack([content, np.sqrt(square)]) / w.sum()
    return renamed(reweighting.columns(arrays, "pt", ["boosted-trees"]), "reweighted")


def renamed(picture, name):
    """The same picture under a short name."""
    import dataclasses

    return dataclasses.replace(picture, name=name)
