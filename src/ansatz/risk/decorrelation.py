"""Scores that do not know a mass: distance correlation (DisCo) and an adversary, as risks beside the loss."""

from __future__ import annotations

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from ansatz.data import Batch
from ansatz.models import evaluate
from ansatz.models.rivals import Rivals
from ansatz.risk.algebra import Risk
from ansatz.typing import Key, Scalar

BLOCK = 512
"""Events whose distances are taken at once; more are cut into blocks, whose values are averaged."""

Values = Float[Array, " events"]


class Observing(Risk):
    """The abstract risk that looks at columns that the model does not see."""

    @abc.abstractmethod
    def observers(self) -> tuple[str, ...]:
        """Names of these columns."""


def observers_of(risk: Risk) -> tuple[str, ...]:
    """The columns besides the features that a risk looks at, each once.

    Example:
        >>> observers_of(2.0 * DistanceCorrelation("mass"))
        ('mass',)
    """
    parts = jax.tree.leaves(risk, is_leaf=lambda part: isinstance(part, Observing))
    return tuple(dict.fromkeys(name for part in parts if isinstance(part, Observing) for name in part.observers()))


class DistanceCorrelation(Observing):
    r"""$\mathrm{dCorr}^2(f(X), m)$ within one class: zero only if the probability and the column are independent.

    $\mathrm{dCov}^2(X, Y) = \sum_{jk} w_j w_k A_{jk} B_{jk}$ with $A_{jk} = |x_j - x_k|$ centered so that all weighted
    means over rows and over columns vanish, B likewise, and
    $\mathrm{dCorr}^2 = \mathrm{dCov}^2(X, Y) / \sqrt{\mathrm{dCov}^2(X, X)\,\mathrm{dCov}^2(Y, Y)}$. Weights are |w|: a
    correlation has no use for a sign. X is the probability of class 1. More events than `BLOCK` are cut into blocks.

    Args:
        observer: name of the column.
        group: class within which it shall be independent; None for all events.
        name: name of the term.

    Source: G. Kasieczka and D. Shih, Phys. Rev. Lett. 125 (2020) 122001, arXiv:2001.05310; G. Szekely, M. Rizzo and
    N. Bakirov, Ann. Stat. 35 (2007) 2769.

    Example:
        >>> import numpy as np
        >>> from ansatz.data import Dataset
        >>> from ansatz.models import Linear
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> data = Dataset(x, y=np.zeros(64, int), observers={"mass": 3 / (1 + np.exp(-x[:, 0]))})
        >>> line = Linear(jnp.array([1.0]), jnp.array(0.0))
        >>> DistanceCorrelation("mass")(line, data.batch(("mass",)), None).round(3).item()
        1.0
    """

    observer: str = eqx.field(static=True)
    group: int | None = eqx.field(static=True, default=0)
    name: str = eqx.field(static=True, default="disco")

    def terms(self, model: PyTree, batch: Batch, key: Key | None) -> dict[str, Scalar]:
        """The squared distance correlation, mean over blocks."""
        weight = _within(batch, self.group)
        columns = (jax.nn.sigmoid(evaluate(model, batch.x, key)), jnp.asarray(batch.observers[self.observer]), weight)
        count = -(-len(weight) // BLOCK)
        size = -(-len(weight) // count)
        blocks = [jnp.pad(column, (0, count * size - len(weight))).reshape(count, size) for column in columns]
        values = jax.lax.map(lambda block: distance_correlation(*block), tuple(blocks))
        share = jnp.sum(blocks[2], axis=1)
        return {self.name: jnp.sum(share * values) / jnp.maximum(jnp.sum(share), _tiny(share))}

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> Risk:
        """The whole of it: what is chosen on fresh events shall be independent there too."""
        return self

    def observers(self) -> tuple[str, ...]:
        """The one column."""
        return (self.observer,)


class Adversary(Observing):
    r"""What a rival network learns of a column from the score: $\ln K - \mathrm{E}[-\ln q(k(m) \mid f(x))]$, in nats.

    The column is cut into K bins of equal content; the rival answers with the probability q of each from the
    probability of class 1 alone, and makes the cross-entropy small, while the classifier makes the term small: a lower
    bound of the mutual information of score and column. Gradients of the rival's parameters change their sign on the
    way, so both learn in one descent.

    Args:
        observer: name of the column.
        edges: between the bins, rising, shape (K - 1,).
        group: class within which it shall be independent; None for all events.
        rival: how fast the rival learns, in units of the strength of this risk.
        name: name of the term.
        place: of the first of the rival's answers to this column; one rival can guess several columns.

    Source: G. Louppe, M. Kagan and K. Cranmer, NeurIPS (2017) 981, arXiv:1611.01046; Y. Ganin and V. Lempitsky,
    arXiv:1409.7495 (gradients that change their sign).
    """

    edges: Float[Array, " edges"]
    observer: str = eqx.field(static=True)
    group: int | None = eqx.field(static=True, default=0)
    rival: float = eqx.field(static=True, default=1.0)
    name: str = eqx.field(static=True, default="adversary")
    place: int = eqx.field(static=True, default=0)

    def terms(self, model: Rivals, batch: Batch, key: Key | None) -> dict[str, Scalar]:
        """What the rival knows, in nats; below zero while it is worse than no answer."""
        rival = jax.tree.map(self._turned, eqx.filter(model.rival, eqx.is_inexact_array))
        rival = eqx.combine(rival, model.rival)
        score = jax.nn.sigmoid(evaluate(model.player, batch.x, key))
        logits = jax.vmap(rival)(2 * score[:, None] - 1)[:, self.place : self.place + len(self.edges) + 1]
        number = jnp.searchsorted(self.edges, jnp.asarray(batch.observers[self.observer]))
        losses = -jnp.take_along_axis(jax.nn.log_softmax(logits, axis=1), number[:, None], axis=1)[:, 0]
        weight = _within(batch, self.group)
        mean = jnp.sum(weight * losses) / jnp.maximum(jnp.sum(weight), _tiny(weight))
        return {self.name: jnp.log(len(self.edges) + 1.0) - mean}

    def _turned(self, leaf: Array) -> Array:
        """The same number with the opposite gradient."""
        return jax.lax.stop_gradient(leaf) + self.rival * (jax.lax.stop_gradient(leaf) - leaf)

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> Risk:
        """The whole of it."""
        return self

    def observers(self) -> tuple[str, ...]:
        """The one column."""
        return (self.observer,)


def distance_correlation(x: Values, y: Values, weight: Values) -> Scalar:
    r"""The squared distance correlation of two columns, see `DistanceCorrelation`; zero if one does not vary.

    Example:
        >>> x = jnp.arange(5.0)
        >>> distance_correlation(x, 2 * x + 1, jnp.ones(5)).round(6).item()
        1.0
    """
    w = weight / jnp.maximum(jnp.sum(weight), _tiny(weight))
    a, b = (_centered(column, w) for column in (x, y))
    pairs = w[:, None] * w[None, :]
    covariance, first, second = (jnp.sum(pairs * product) for product in (a * b, a * a, b * b))
    scale = first * second
    return jnp.where(scale > 0, covariance / jnp.sqrt(jnp.where(scale > 0, scale, 1.0)), 0.0)


def _centered(x: Values, w: Values) -> Float[Array, "events events"]:
    distance = jnp.abs(x[:, None] - x[None, :])
    row = distance @ w
    return distance - row[:, None] - row[None, :] + w @ row


def _within(batch: Batch, group: int | None) -> Values:
    """|w| of the events of a class, zero for others."""
    weight = jnp.abs(jnp.asarray(batch.weight))
    return weight if group is None else jnp.where(jnp.asarray(batch.y) == group, weight, 0.0)


def _tiny(values: Values) -> float:
    return float(jnp.finfo(values.dtype).tiny)
