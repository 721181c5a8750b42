r"""What makes a distribution like the data: the negative log-likelihood."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from ansatz.data import Batch
from ansatz.risk.algebra import Risk
from ansatz.typing import Key, Scalar


class NegativeLogLikelihood(Risk):
    r"""$-\frac1n \sum_i w_i \ln p(x_i)$ with weights of mean one, for a model with `log_prob`.

    Up to the entropy of the data it is the Kullback-Leibler divergence from the data to the model.

    Args:
        name: name of the term.

    Example:
        >>> import numpy as np
        >>> from ansatz.data import Dataset
        >>> from ansatz.models.energy import RBM
        >>> coins = RBM(jnp.zeros((2, 1)), jnp.zeros(2), jnp.zeros(1), "binary")
        >>> data = Dataset(np.array([[0.0, 1.0], [1.0, 1.0]]))
        >>> round(NegativeLogLikelihood()(coins, data.batch(), None).item(), 4)
        1.3863
    """

    name: str = eqx.field(static=True, default="nll")

    def terms(self, model: PyTree, batch: Batch, key: Key | None) -> dict[str, Scalar]:
        """The weighted mean of -ln p."""
        return {self.name: -jnp.mean(batch.weight * jax.vmap(model.log_prob)(jnp.asarray(batch.x)))}

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> Risk:
        """The whole of it."""
        return self
