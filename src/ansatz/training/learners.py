"""Learners: the textbook's algorithm D -> f. Everything downstream (folds, comparisons, studies) is written for them.

A learner is a frozen record that is called with a dataset and a key and returns a `Fit`. It says which tasks it can
do and whether it can be trained with negative event weights.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Protocol

import jax
import numpy as np
from jaxtyping import PyTree

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.optimizers import Recipe, Rule
from ansatz.optimizers.evolution.search import Search
from ansatz.risk import Risk
from ansatz.training.engine import second_order
from ansatz.training.engine.cluster import Cluster
from ansatz.training.engine.job import Progress
from ansatz.training.fit import fit
from ansatz.training.population import Population
from ansatz.training.result import Fit
from ansatz.typing import Key

BOTH = frozenset({"classification", "regression"})


class Learner(Protocol):
    """D -> f.

    Attributes:
        tasks: what it can do, of "classification" and "regression".
        negative_weights: whether it can be trained with negative event weights.
    """

    tasks: frozenset[str]
    negative_weights: bool

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fitted model."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class Descent:
    """Fits a model by descent: wraps `fit`, keeps validation rows aside for look-back stopping.

    Attributes:
        model: (training rows) -> (key -> Equinox module); scalers are fitted there, on training rows only.
        risk: (training rows) -> what is made small.
        head: (training rows) -> name of the head, see `Network`.
        optimizer: update rule and its numbers; or a rule that knows the curvature, or a search by generations, which
            see all rows in each epoch, see `fit`.
        epochs: most times through the data, steps or generations.
        batch_size: events in a mini-batch, None for all.
        validation: fraction of the rows kept aside to choose the best model; 0 for none.
        patience: epochs without improvement before it stops, None for never.
        population: number of members, or a `Population`.
        tasks: what it can do.
        negative_weights: True: the expected risk takes weights of either sign.
        progress: called with a `Progress` during the fit.
        cluster: workers to whom the members of a population go, see `Cluster`.
    """

    model: Callable[[Dataset], Callable[[Key], PyTree]]
    risk: Callable[[Dataset], Risk]
    head: Callable[[Dataset], str]
    optimizer: Recipe | Rule | Search = dataclasses.field(default_factory=Recipe)
    epochs: int = 100
    batch_size: int | None = 256
    validation: float = 0.2
    patience: int | None = 10
    population: int | Population = 1
    tasks: frozenset[str] = BOTH
    negative_weights: bool = True
    progress: Callable[[Progress], None] | None = None
    cluster: Cluster | None = None

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fitted network.

        Raises:
            InputError: if the sample has no target, no rows or no positive total weight.
            NonFiniteRisk: if the risk stopped being finite.
        """
        check_target(data)
        split_key, fit_key = jax.random.split(key)
        train, judged = hold_out(data, self.validation, key=split_key)
        return fit(
            self.model(train),
            self.risk(train),
            train,
            optimizer=self.optimizer,
            epochs=self.epochs,
            batch_size=self.batch_size,
            validation=judged,
            patience=self.patience if judged is not None else None,
            population=self.population,
            head=self.head(train),
            progress=self.progress,
            cluster=self.cluster,
            key=fit_key,
        )

    def check(self, data: Dataset) -> None:
        """Whether the optimizer can make the risk of these events small; features are not looked at.

        Raises:
            InputError: if not.
        """
        if isinstance(self.optimizer, Rule):
            second_order.check(self.optimizer, self.risk(data), data)


def check_target(data: Dataset) -> None:
    """Whether a sample can be learned from.

    Raises:
        InputError: if it has no target, no events, one class only, or no positive total weight.
    """
    if data.task == "none":
        raise InputError(f"sample '{data.name}' has no target; name one, for instance target = \"y\"")
    if len(data) == 0:
        raise InputError(f"sample '{data.name}' has no events")
    if data.task == "classification" and len(np.unique(data.y)) < 2:
        raise InputError(f"sample '{data.name}' has one class only; a classifier needs at least two")
    if not data.weight.sum() > 0:
        raise InputError(
            f"the event weights of sample '{data.name}' sum to {data.weight.sum():g}; they must be positive"
        )


def hold_out(data: Dataset, fraction: float, *, key: Key) -> tuple[Dataset, Dataset | None]:
    """Rows to learn from and rows to choose the best model on; none of these if there are too few.

    Both parts keep a positive total weight and, where it can be had, every class.
    """
    count = round(fraction * len(data))
    if count < 2 or len(data) - count < 2:
        return data, None
    order = generator(key).permutation(len(data))
    kept, judged = data[np.sort(order[count:])], data[np.sort(order[:count])]
    whole = data.task != "classification" or len(np.unique(kept.y)) == len(np.unique(data.y))
    return (kept, judged) if whole and min(kept.weight.sum(), judged.weight.sum()) > 0 else (data, None)


def on_cluster(learner: Learner, cluster: Cluster) -> Learner:
    """A learner whose populations go to the workers of a cluster, through whatever wraps it; others as they are."""
    if isinstance(learner, Descent):
        return dataclasses.replace(learner, cluster=cluster)
    inside = getattr(learner, "learner", None)
    return learner if inside is None else dataclasses.replace(learner, learner=on_cluster(inside, cluster))
