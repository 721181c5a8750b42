"""Networks whose score does not follow protected columns: `decorrelate = "mass"` in a study."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from ansatz.data import Dataset
from ansatz.errors import InputError, suggest
from ansatz.models import MLP
from ansatz.models.rivals import Rivals
from ansatz.risk import Risk
from ansatz.risk.decorrelation import Adversary, DistanceCorrelation
from ansatz.training.boosting.trees import quantile_edges
from ansatz.training.classical.options import choice, within
from ansatz.training.learners import Descent, Learner
from ansatz.typing import Key

WAYS = ("disco", "adversary")
GROUPS = {"background": 0, "signal": 1, "both": None}
BINS = 10
"""Bins of a column that an adversary tells apart."""


@dataclasses.dataclass(frozen=True)
class Contested:
    """Training rows -> key -> a network and its rival.

    Attributes:
        model: training rows -> key -> network.
        columns: how many columns the rival guesses.
    """

    model: Callable[[Dataset], Callable[[Key], PyTree]]
    columns: int = 1

    def __call__(self, data: Dataset) -> Callable[[Key], Rivals]:
        """The function of a key that makes both."""
        make = self.model(data)

        def both(key: Key) -> Rivals:
            first, second = jax.random.split(key)
            return Rivals(make(first), MLP(1, BINS * self.columns, width=20, depth=2, activation="tanh", key=second))

        return both


@dataclasses.dataclass(frozen=True)
class Decorrelating:
    """Training rows -> risk: that of the network, and what keeps it independent of each protected column.

    Attributes:
        risk: training rows -> risk of the network alone.
        columns: names of the protected columns.
        way: "disco" or "adversary".
        strength: of each of these risks.
        group: class within which the score shall be independent; None for all events.
    """

    risk: Callable[[Dataset], Risk]
    columns: tuple[str, ...]
    way: str
    strength: float
    group: int | None

    def __call__(self, data: Dataset) -> Risk:
        """The risk for these rows.

        Raises:
            InputError: if a column is missing, or there are not two classes.
        """
        if data.task != "classification" or data.outputs != 2:
            raise InputError("a score is kept independent of a column for two classes; leave out 'decorrelate'")
        known = (*data.columns, *data.observers)
        risk = self.risk(data)
        for number, name in enumerate(self.columns):
            if name not in known:
                raise InputError(f"there is no column '{name}' to be independent of{suggest(name, known)}")
            risk = risk + self.strength * self._of(data, name, number)
        return risk

    def _of(self, data: Dataset, column: str, number: int) -> Risk:
        if self.way == "disco":
            return DistanceCorrelation(column, self.group, f"disco {column}")
        own = slice(None) if self.group is None else data.y == self.group
        edges = quantile_edges(np.asarray(data.column(column), float)[own], np.abs(data.weight[own]), BINS)
        place = number * BINS
        return Adversary(jnp.asarray(edges, float), column, self.group, name=f"adversary {column}", place=place)


def decorrelated(
    learner: Learner,
    columns: str | list[str] | tuple[str, ...],
    *,
    way: str = "disco",
    strength: float = 10.0,
    group: str = "background",
) -> Descent:
    """A network that is trained to be independent of protected columns, which are features or, as a rule, observers.

    Args:
        learner: a network of two classes.
        columns: one or more names.
        way: "disco" (distance correlation) or "adversary" (a rival network that guesses the columns from the score).
        strength: of the risk beside the loss.
        group: class within which the score shall be independent: "background", "signal" or "both".

    Raises:
        InputError: if it is no network, or an option is not one of these.

    Example:
        >>> from ansatz.training import mlp
        >>> decorrelated(mlp(), "mass", strength=5.0).risk.columns
        ('mass',)
    """
    choice("way", way, WAYS)
    choice("in", group, GROUPS)
    within(0, float("inf"), {"strength": strength})
    names = (columns,) if isinstance(columns, str) else tuple(columns)
    if not isinstance(learner, Descent):
        raise InputError("only networks can be decorrelated; for trees take 'flat-boosting'")
    if not names or len(set(names)) < len(names):
        raise InputError(f"decorrelate names one or more columns, each once, not: {', '.join(names) or 'none'}")
    risk = Decorrelating(learner.risk, names, way, strength, GROUPS[group])
    model = Contested(learner.model, len(names)) if way == "adversary" else learner.model
    return dataclasses.replace(learner, risk=risk, model=model)


def decorrelated_as(learner: Learner, table: object) -> Descent:
    """The same from what a study says: a name, a list of names, or a table with `columns`, `way`, `strength`, `in`.

    Raises:
        InputError: on an unknown or missing entry.
    """
    if not isinstance(table, Mapping):
        table = {"columns": table}
    names = ("columns", "way", "strength", "in")
    for name in table:
        if name not in names:
            raise InputError(f"there is no '{name}'{suggest(str(name), names)}")
    columns = table.get("columns")
    texts = [columns] if isinstance(columns, str) else columns
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise InputError('expected a column such as "mass", a list of columns, or a table with columns = "mass"')
    strength = table.get("strength", 10.0)
    if isinstance(strength, bool) or not isinstance(strength, int | float):
        raise InputError(f"strength must be a number, not {strength!r}")
    options = {"way": str(table.get("way", "disco")), "group": str(table.get("in", "background"))}
    return decorrelated(learner, tuple(texts), strength=float(strength), **options)
