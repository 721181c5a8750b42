"""A fit is a population of fits: what its members share and in what they differ."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from ansatz.errors import InputError, suggest
from ansatz.keys import generator
from ansatz.models import Dropout, Frozen, is_random, partition
from ansatz.optimizers import Recipe
from ansatz.risk import Risk, Scaled, checked_covariance, checked_deviations
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class Population:
    """How many members a fit has, and in what they differ besides their initial key.

    Attributes:
        members: how many.
        resample: None (all members see the same rows) or "bootstrap" (each member its own resampling of the rows,
            with replacement).
        hyperparameters: one value for each member of some numbers: of the optimizer ("learning_rate", "momentum",
            "weight_decay", "warmup", "clip"), of the model ("dropout", and "scale", a factor on the starting
            parameters) or the strength of a penalty by its name ("l1", "l2", "smoothness" ...).
        weight: factors on the event weights, shape (members, events): folds, or any resampling of one's own.
        target: targets of each member, shape (members, events) or (members, events, outputs): noise replicas of the
            measurements, see `replicas`.
        validation_weight: factors on the weights of the validation rows, shape (members, validation events).
        validation_target: targets of the validation rows of each member, shaped as `target`.
        common: whether all members start where a fit alone would, and see the same shuffles, dropout masks and
            resampling (common random numbers), so that each gives the numbers of that fit.
        idle: which members are never trained, shape (members,): they fill up a population, so that some of other
            sizes share its compilation; None for none.

    Raises:
        InputError: if an array does not have one entry for each member.

    Example:
        >>> Population(3, hyperparameters={"learning_rate": np.array([1e-2, 1e-3, 1e-4])}).members
        3

    Source: B. Efron, Ann. Statist. 7 (1979) 1; NNPDF, arXiv:0808.1231 (replicas).
    """

    members: int = 1
    resample: str | None = None
    hyperparameters: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    weight: np.ndarray | None = None
    target: np.ndarray | None = None
    validation_weight: np.ndarray | None = None
    validation_target: np.ndarray | None = None
    common: bool = False
    idle: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.members < 1:
            raise InputError(f"a population needs at least one member, not {self.members}")
        if self.resample not in (None, "bootstrap"):
            raise InputError(f"there is no resampling '{self.resample}'; there is: bootstrap")
        for name, values in self.hyperparameters.items():
            if np.shape(values) != (self.members,):
                raise InputError(
                    f"hyperparameter '{name}' needs one value for each of the {self.members} members, "
                    f"not an array of shape {np.shape(values)}"
                )
        for name in ("weight", "target", "validation_weight", "validation_target", "idle"):
            values = getattr(self, name)
            if values is not None and len(values) != self.members:
                raise InputError(f"{name} needs one row for each of the {self.members} members, not {len(values)}")


NUMBERS = ("learning_rate", "momentum", "weight_decay", "warmup", "clip")
"""The numbers of an optimizer in which members may differ."""


def replicas(values: np.ndarray, covariance: np.ndarray, members: int, *, key: Key) -> np.ndarray:
    r"""Gaussian noise replicas of measurements: $y^{(k)} = y + L z^{(k)}$ with $LL^T = C$ and $z$ standard normal.

    Args:
        values: the measurements y, shape (events,).
        covariance: C, shape (events, events), or the standard deviations, shape (events,).
        members: how many replicas.
        key: decides the draws.

    Returns:
        Shape (members, events), float64.

    Raises:
        InputError: if the covariance is not symmetric and positive definite, or a standard deviation not positive; it
            names the rows.

    Example:
        >>> replicas(np.zeros(2), np.ones(2), 5, key=jax.random.key(0)).shape
        (5, 2)

    Source: W. Giele, S. Keller and D. Kosower, hep-ph/0104052; NNPDF, arXiv:0808.1231.
    """
    noise = generator(key).normal(size=(members, len(values)))
    if np.ndim(covariance) == 1:
        return values + checked_deviations(covariance, len(values)) * noise
    return values + noise @ np.linalg.cholesky(checked_covariance(covariance, len(values))).T


def stack(tree: PyTree, members: int) -> PyTree:
    """Each array of a tree, repeated along a new member axis."""
    return jax.tree.map(
        lambda leaf: jnp.broadcast_to(leaf, (members, *leaf.shape)) if eqx.is_array(leaf) else leaf, tree
    )


def keys_of(population: Population, key: Key) -> Key:
    """A key for each member: its own, or that of a fit alone."""
    if not population.common:
        return jax.random.split(key, population.members)
    alone = jax.random.key_data(jax.random.split(key, 1))
    return jax.random.wrap_key_data(jnp.repeat(alone, population.members, axis=0), impl=jax.random.key_impl(key))


def models_of(model: PyTree | Callable[[Key], PyTree], population: Population, key: Key) -> PyTree:
    """The model of every member, as one model whose arrays have a leading member axis."""
    if isinstance(model, eqx.Module):
        return stack(model, population.members)
    if population.common:
        return stack(model(jax.random.split(key, 1)[0]), population.members)
    return stacked_models(model, keys_of(population, key))


def stacked_models(make: Callable[[Key], PyTree], keys: Key) -> PyTree:
    """One model for each key, as one model whose arrays have a leading member axis."""
    models = [make(key) for key in keys]
    if len(models) == 1:
        return stack(models[0], 1)
    arrays = [eqx.filter(model, eqx.is_array) for model in models]
    stacked = jax.tree.map(lambda *leaves: jnp.asarray(np.stack(leaves)), *arrays)
    return eqx.combine(stacked, eqx.filter(models[0], eqx.is_array, inverse=True))


def with_hyperparameters(
    models: PyTree, risk: Risk, optimizer: PyTree, population: Population
) -> tuple[PyTree, Risk, PyTree]:
    """Stacked models, risks and optimizers in which the members have values of their own.

    Raises:
        InputError: if a number is neither of the optimizer nor of the model nor of the risk.
    """
    for name, values in population.hyperparameters.items():
        own = jnp.asarray(values, float)
        if name in NUMBERS and isinstance(optimizer, Recipe):
            optimizer = eqx.tree_at(lambda o, n=name: getattr(o, n), optimizer, own, is_leaf=lambda x: x is None)
        elif name == "dropout" and is_random(models):
            models = _with_dropout(models, own)
        elif name == "scale":
            parameters, rest = partition(models)
            models = eqx.combine(jax.tree.map(lambda p, s=own: jax.vmap(jnp.multiply)(p, s), parameters), rest)
        elif name in risk.names():
            risk = _with_strength(risk, name, own)
        else:
            known = (*NUMBERS, *(("dropout",) if is_random(models) else ()), "scale", *risk.names())
            raise InputError(
                f"there is no hyperparameter '{name}'{suggest(name, known)}; there are: {', '.join(known)}"
            )
    return models, risk, optimizer


def _with_dropout(models: PyTree, rates: Array) -> PyTree:
    def own(node: object) -> object:
        return eqx.tree_at(lambda d: d.rate, node, Frozen(rates)) if isinstance(node, Dropout) else node

    return jax.tree.map(own, models, is_leaf=lambda node: isinstance(node, Dropout))


def _with_strength(risk: Risk, name: str, strengths: Array) -> Risk:
    """The risk with the strength of one term replaced."""

    def own(node: object) -> object:
        found = isinstance(node, Scaled) and node.names() == (name,)
        return eqx.tree_at(lambda s: s.strength, node, strengths) if found else node

    return jax.tree.map(own, risk, is_leaf=lambda node: isinstance(node, Scaled) and node.names() == (name,))


def member(tree: PyTree, number: int) -> PyTree:
    """One member out of a stacked tree."""
    return jax.tree.map(lambda leaf: leaf[number] if eqx.is_array(leaf) else leaf, tree)
