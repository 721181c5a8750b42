r"""Regularizers: risks that know the model but not the target. They are never part of the score."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from ansatz.data import Batch
from ansatz.models import partition
from ansatz.risk.algebra import Risk
from ansatz.typing import Key, Scalar


def penalized(model: PyTree) -> list[jax.Array]:
    """The fitted arrays with an input axis: biases are not penalized."""
    return [leaf for path, leaf in jax.tree.leaves_with_path(partition(model)[0]) if path[-1] != _BIAS]


_BIAS = jax.tree_util.GetAttrKey("bias")


class L2(Risk):
    r"""Ridge: $\sum_j \theta_j^2$ over the fitted weights, without biases and frozen numbers.

    Example:
        >>> from ansatz.models import Linear
        >>> L2()(Linear(jnp.array([3.0, 4.0]), jnp.array(7.0)), None, None).item()
        25.0
    """

    name: str = eqx.field(static=True, default="l2")

    def terms(self, model: PyTree, batch: Batch | None, key: Key | None) -> dict[str, Scalar]:
        """The sum of squares."""
        return {self.name: sum((jnp.sum(w**2) for w in penalized(model)), start=jnp.zeros(()))}

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> None:
        """Nothing: a penalty judges no data."""
        return


class L1(Risk):
    r"""Lasso: $\sum_j |\theta_j|$ over the fitted weights, without biases and frozen numbers.

    Example:
        >>> from ansatz.models import Linear
        >>> L1()(Linear(jnp.array([3.0, -4.0]), jnp.array(7.0)), None, None).item()
        7.0
    """

    name: str = eqx.field(static=True, default="l1")

    def terms(self, model: PyTree, batch: Batch | None, key: Key | None) -> dict[str, Scalar]:
        """The sum of absolute values."""
        return {self.name: sum((jnp.sum(jnp.abs(w)) for w in penalized(model)), start=jnp.zeros(()))}

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> None:
        """Nothing: a penalty judges no data."""
        return


class Smoothness(Risk):
    r"""$\mathrm{E}\,\|\partial f/\partial x\|^2$ at the points of the batch: steep answers cost.

    Example:
        >>> import numpy as np
        >>> from ansatz.data import Dataset
        >>> from ansatz.models import Linear
        >>> batch = Dataset(np.zeros((5, 2))).batch()
        >>> Smoothness()(Linear(jnp.array([3.0, 4.0]), jnp.array(7.0)), batch, None).item()
        25.0
    """

    name: str = eqx.field(static=True, default="smoothness")

    def terms(self, model: PyTree, batch: Batch, key: Key | None) -> dict[str, Scalar]:
        """The mean squared norm of the Jacobian, at rows that weigh something."""
        return {self.name: jnp.sum(self.slopes(model, batch) ** 2)}

    def slopes(self, model: PyTree, batch: Batch) -> jax.Array:
        """The derivatives whose squares sum to the term, one vector."""
        jacobians = jax.vmap(jax.jacrev(model))(jnp.asarray(batch.x))
        present = (jnp.asarray(batch.weight) != 0).astype(jacobians.dtype)
        share = present / jnp.sqrt(jnp.maximum(jnp.sum(present), 1))
        return jax.vmap(jnp.multiply)(share, jacobians.reshape(len(share), -1)).ravel()

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> None:
        """Nothing: a penalty judges no data."""
        return


def elastic_net(strength: float, *, ratio: float = 0.5) -> Risk:
    r"""$\lambda\,(\rho \sum|\theta_j| + (1-\rho) \sum\theta_j^2)$: between lasso (ratio 1) and ridge (ratio 0).

    Source: H. Zou and T. Hastie, J. R. Stat. Soc. B 67 (2005) 301.
    """
    return (strength * ratio) * L1() + (strength * (1 - ratio)) * L2()
