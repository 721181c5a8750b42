"""A fit is a population of fits: what its members share and in what they differ."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from ansatz.errors import InputError, suggest
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class Population:
    """How many members a fit has, and in what they differ besides their initial key.

    Attributes:
        members: how many.
        resample: None (all members see the same rows) or "bootstrap" (each member its own resampling of the rows,
            with replacement).
        hyperparameters: values of numbers of the optimizer, one for each member: "learning_rate", "momentum",
            "weight_decay", "warmup", "clip".

    Raises:
        InputError: if a number is unknown or has not one value for each member.

    Example:
        >>> Population(3, hyperparameters={"learning_rate": np.array([1e-2, 1e-3, 1e-4])}).members
        3

    Source: B. Efron, Ann. Statist. 7 (1979) 1; NNPDF, arXiv:0808.1231 (replicas).
    """

    members: int = 1
    resample: str | None = None
    hyperparameters: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.members < 1:
            raise InputError(f"a population needs at least one member, not {self.members}")
        if self.resample not in (None, "bootstrap"):
            raise InputError(f"there is no resampling '{self.resample}'; there is: bootstrap")
        for name, values in self.hyperparameters.items():
            if name not in NUMBERS:
                raise InputError(
                    f"there is no hyperparameter '{name}'{suggest(name, NUMBERS)}; there are: {', '.join(NUMBERS)}"
                )
            if np.shape(values) != (self.members,):
                raise InputError(
                    f"hyperparameter '{name}' needs one value for each of the {self.members} members, "
                    f"not an array of shape {np.shape(values)}"
                )


NUMBERS = ("learning_rate", "momentum", "weight_decay", "warmup", "clip")
"""The numbers of an optimizer in which members may differ."""


def stack(tree: PyTree, members: int) -> PyTree:
    """Each array of a tree, repeated along a new member axis."""
    return jax.tree.map(
        lambda leaf: jnp.broadcast_to(leaf, (members, *leaf.shape)) if eqx.is_array(leaf) else leaf, tree
    )


def stacked_models(make: Callable[[Key], PyTree], keys: Key) -> PyTree:
    """One model for each key, as one model whose arrays have a leading member axis."""
    models = [make(key) for key in keys]
    if len(models) == 1:
        return stack(models[0], 1)
    arrays = [eqx.filter(model, eqx.is_array) for model in models]
    return eqx.combine(
        jax.tree.map(lambda *leaves: jnp.stack(leaves), *arrays), eqx.filter(models[0], eqx.is_array, inverse=True)
    )


def with_hyperparameters(optimizer: PyTree, population: Population) -> PyTree:
    """The optimizer of all members: its arrays with a leading member axis, some with values of their own."""
    stacked = stack(optimizer, population.members)
    for name, values in population.hyperparameters.items():
        stacked = eqx.tree_at(
            lambda o, name=name: getattr(o, name),
            stacked,
            jnp.asarray(values, float),
            is_leaf=lambda leaf: leaf is None,
        )
    return stacked


def member(tree: PyTree, number: int) -> PyTree:
    """One member out of a stacked tree."""
    return jax.tree.map(lambda leaf: leaf[number] if eqx.is_array(leaf) else leaf, tree)
