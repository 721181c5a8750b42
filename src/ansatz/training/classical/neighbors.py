"""Nearest neighbours, with votes that count as much as the events weigh."""

from __future__ import annotations

from typing import Any, Literal

from ansatz.training.classical.adapter import Job, SklearnLearner
from ansatz.training.classical.options import at_least, choice


def knn(*, neighbors: int = 25, votes: Literal["equal", "distance"] = "equal") -> SklearnLearner:
    """The k nearest training points (in standardized columns) vote or are averaged, each with its event weight.

    Events at the same place are one point with their summed weight, so that two equal events and one of twice the
    weight are the same sample.

    Args:
        neighbors: how many points are asked; all, if there are fewer.
        votes: "equal", or divided by the "distance".

    Source: T. Cover and P. Hart, IEEE Trans. Inf. Theory 13 (1967) 21.

    Example:
        >>> import jax, numpy as np
        >>> from ansatz.data import Dataset
        >>> data = Dataset(np.arange(4.0)[:, None], y=np.array([0, 0, 1, 1]), weight=np.array([1.0, 1.0, 3.0, 1.0]),
        ...                classes=("b", "s"))
        >>> knn(neighbors=2)(data, jax.random.key(0)).probability(np.array([[1.4]])).tolist()
        [[0.25, 0.75]]
    """
    at_least(1, {"neighbors": neighbors})
    choice("votes", votes, ["equal", "distance"])

    def make(job: Job) -> Any:
        from ansatz.training.classical.weighted.votes import Votes

        return Votes(neighbors=neighbors, by_distance=votes == "distance", classify=job.task == "classification")

    return SklearnLearner(make, "knn", scale=True, several=True)
