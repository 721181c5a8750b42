r"""What makes a distribution like the data: the negative log-likelihood, or a bound on it."""

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


class EvidenceBound(Risk):
    r"""$\frac1n \sum_i w_i (\mathrm{E}_q[-\ln p(x_i|z)] + \beta\, \mathrm{KL}(q(z|x_i) \| p(z)))$.

    For a model whose `bound(x, key)` gives both terms, such as `VariationalAutoEncoder`; with beta one it lies above
    the negative log-likelihood.

    Attributes:
        strength: beta.

    Source: D. Kingma and M. Welling, arXiv:1312.6114; I. Higgins et al., ICLR (2017) (beta).

    Example:
        >>> import numpy as np
        >>> from ansatz.data import Dataset
        >>> from ansatz.models import VariationalAutoEncoder
        >>> network = VariationalAutoEncoder(2, 1, key=jax.random.key(0))
        >>> terms = EvidenceBound().terms(network, Dataset(np.zeros((4, 2))).batch(), jax.random.key(1))
        >>> sorted(terms)
        ['divergence', 'reconstruction']
    """

    strength: float = 1.0

    def terms(self, model: PyTree, batch: Batch, key: Key | None) -> dict[str, Scalar]:
        """The weighted means of both terms."""
        points = jnp.asarray(batch.x)
        if key is None:
            missed, divergence = jax.vmap(lambda x: model.bound(x, None))(points)
        else:
            missed, divergence = jax.vmap(model.bound)(points, jax.random.split(key, len(points)))
        return {
            "reconstruction": jnp.mean(batch.weight * missed),
            "divergence": self.strength * jnp.mean(batch.weight * divergence),
        }

    def names(self) -> tuple[str, ...]:
        """The names of both terms."""
        return ("reconstruction", "divergence")

    def expected(self) -> Risk:
        """The whole of it."""
        return self
