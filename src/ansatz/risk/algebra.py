r"""What a risk is, and its algebra: `risk + 10 * other`.

A risk maps (model, batch, key) to one number made of named terms. Risks add and are multiplied by numbers; a law of
physics, a penalty and an expected loss are all risks. Strengths are traced, so that a scan over them compiles once.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ansatz.data import Batch, Dataset
from ansatz.typing import Key, Scalar


class Risk(eqx.Module):
    """The abstract risk: named terms whose sum is made small."""

    @abc.abstractmethod
    def terms(self, model: PyTree, batch: Batch | None, key: Key | None) -> dict[str, Scalar]:
        """Value of each term on a batch."""

    @abc.abstractmethod
    def names(self) -> tuple[str, ...]:
        """Names of the terms, in order."""

    @abc.abstractmethod
    def expected(self) -> Risk | None:
        """The part that judges fresh data, without regularizers; None if there is nothing else."""

    def __call__(self, model: PyTree, batch: Batch | None, key: Key | None) -> Scalar:
        """The sum of all terms."""
        return total(self.terms(model, batch, key))

    def __add__(self, other: Risk) -> Sum:
        return Sum(self, other)

    def __mul__(self, strength: float | Scalar) -> Scaled:
        return Scaled(self, jnp.asarray(strength, float))

    def __rmul__(self, strength: float | Scalar) -> Scaled:
        return self * strength


class Whole(Risk):
    """The abstract risk that is not a mean over events, such as chi2 with a covariance.

    It sees all rows at once and in their order; a row of weight zero is left out. What depends on the rows but not on
    the model is done once before the descent, by `settle`.
    """

    @abc.abstractmethod
    def settle(self, batch: Batch) -> Risk:
        """The risk for these rows alone; it may only be asked about them."""

    @abc.abstractmethod
    def check(self, data: Dataset) -> None:
        """Whether the risk is one of these events; `InputError` if not."""


def wholes(risk: Risk) -> list[Whole]:
    """The parts of a risk that are not means over events."""
    return [part for part in jax.tree.leaves(risk, is_leaf=_is_whole) if _is_whole(part)]


def settled(risk: Risk, batch: Batch) -> Risk:
    """The risk with those parts settled for these rows."""
    return jax.tree.map(lambda part: part.settle(batch) if _is_whole(part) else part, risk, is_leaf=_is_whole)


def _is_whole(part: object) -> bool:
    return isinstance(part, Whole)


class Sum(Risk):
    """Several risks at once; their terms keep their names, which must differ.

    Raises:
        ValueError: if two terms share a name, for one would hide the other.
    """

    parts: tuple[Risk, ...]

    def __init__(self, *parts: Risk) -> None:
        self.parts = parts
        names = self.names()
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"risk terms must have different names; given twice: {', '.join(twice)}; pass name=...")

    def terms(self, model: PyTree, batch: Batch | None, key: Key | None) -> dict[str, Scalar]:
        """The terms of all parts; each part sees the key of its place."""
        keys = [None if key is None else jax.random.fold_in(key, place) for place in range(len(self.parts))]
        found = [part.terms(model, batch, own) for part, own in zip(self.parts, keys, strict=True)]
        return {name: value for terms in found for name, value in terms.items()}

    def names(self) -> tuple[str, ...]:
        """Names of the terms of all parts."""
        return tuple(name for part in self.parts for name in part.names())

    def expected(self) -> Risk | None:
        """The sum of the expected parts."""
        kept = [e for e in (part.expected() for part in self.parts) if e is not None]
        return Sum(*kept) if kept else None


class Scaled(Risk):
    """A risk times a number."""

    risk: Risk
    strength: Array

    def terms(self, model: PyTree, batch: Batch | None, key: Key | None) -> dict[str, Scalar]:
        """The terms, each times the strength."""
        return {name: self.strength * value for name, value in self.risk.terms(model, batch, key).items()}

    def names(self) -> tuple[str, ...]:
        """Names of the terms of the risk inside."""
        return self.risk.names()

    def expected(self) -> Risk | None:
        """The expected part, times the strength."""
        inside = self.risk.expected()
        return None if inside is None else Scaled(inside, self.strength)


def total(terms: Mapping[str, Scalar]) -> Scalar:
    """The sum of named terms."""
    return sum(terms.values(), start=jnp.zeros(()))
