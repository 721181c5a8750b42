r"""Fitting models whose normalization is unknown: data against states of the model's own chains.

The gradient of $-\ln p = F(x) + \ln Z$ is $\mathrm{E}_\mathrm{data}[\nabla F] - \mathrm{E}_\mathrm{model}[\nabla F]$;
the risks here differ in where the second mean is taken. The model has `free_energy(x)` and, for contrastive
divergence, `sweep(key, x)`.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from ansatz.data import Batch
from ansatz.errors import InputError
from ansatz.models.energy.units import UNITS
from ansatz.risk.algebra import Risk
from ansatz.typing import Key, Points, Scalar


class ContrastiveDivergence(Risk):
    r"""CD-k: $\frac1n \sum_i w_i\,[F(x_i) - F(\tilde x_i)]$ with $\tilde x_i$ after k sweeps of a chain from $x_i$.

    The chains are not differentiated, and each keeps the weight of the event it starts from. It is not the gradient of
    the likelihood, nor of anything else, but cheap; its bias falls with k. Judged on fresh data by `PseudoLikelihood`.

    Args:
        steps: k.
        name: name of the term.

    Raises:
        InputError: if there is no step.

    Example:
        >>> import numpy as np
        >>> from ansatz.data import Dataset
        >>> from ansatz.models.energy import rbm
        >>> machine = rbm(3, 2, key=jax.random.key(0))
        >>> ContrastiveDivergence(1)(machine, Dataset(np.ones((4, 3))).batch(), jax.random.key(1)).shape
        ()

    Source: G. Hinton, Neural Computation 14 (2002) 1771.
    """

    steps: int = eqx.field(static=True)
    name: str = eqx.field(static=True)

    def __init__(self, steps: int = 1, *, name: str = "contrast") -> None:
        if steps < 1:
            raise InputError(f"contrastive divergence needs at least one step, not {steps}")
        self.steps, self.name = steps, name

    def terms(self, model: PyTree, batch: Batch, key: Key) -> dict[str, Scalar]:
        """The weighted mean difference of free energies."""
        x = jnp.asarray(batch.x, float)
        dreamed = self._chains(jax.lax.stop_gradient(model), x, key)
        free_energy = jax.vmap(model.free_energy)
        return {self.name: jnp.mean(batch.weight * (free_energy(x) - free_energy(dreamed)))}

    def _chains(self, model: PyTree, x: Points, key: Key) -> Points:
        def once(number: Array, states: Points) -> Points:
            keys = jax.random.split(jax.random.fold_in(key, number), len(states))
            return jax.vmap(model.sweep)(keys, states)

        return jax.lax.fori_loop(0, self.steps, once, x)

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> Risk:
        """The pseudo-likelihood, which needs no chain."""
        return PseudoLikelihood()


class PseudoLikelihood(Risk):
    r"""$-\frac1n \sum_i w_i \sum_j \ln p(x_{ij} \mid x_{i, \neq j})$: each unit given all others.

    $\ln p(x_j \mid x_{\neq j}) = -\ln(1 + e^{F(x) - F(x^{(j)})})$, where unit j of $x^{(j)}$ is flipped; no
    normalization is needed. Its minimum lies at the law of the data, if the model can take it.

    Args:
        name: name of the term.

    Example:
        >>> import numpy as np
        >>> from ansatz.data import Dataset
        >>> from ansatz.models.energy import RBM
        >>> coins = RBM(jnp.zeros((2, 1)), jnp.zeros(2), jnp.zeros(1), "binary")
        >>> round(PseudoLikelihood()(coins, Dataset(np.eye(2)).batch(), None).item(), 4)
        1.3863

    Source: J. Besag, The Statistician 24 (1975) 179.
    """

    name: str = eqx.field(static=True, default="pseudo_nll")

    def terms(self, model: PyTree, batch: Batch, key: Key | None) -> dict[str, Scalar]:
        """The weighted mean over events."""
        values = jax.vmap(lambda x: _pseudo(model, x))(jnp.asarray(batch.x, float))
        return {self.name: jnp.mean(batch.weight * values)}

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> Risk:
        """The whole of it."""
        return self


def _pseudo(model: PyTree, x: Float[Array, " units"]) -> Scalar:
    here = model.free_energy(x)
    total = sum(UNITS[model.units])

    def flipped(unit: Array) -> Scalar:
        return jax.nn.softplus(here - model.free_energy(x.at[unit].set(total - x[unit])))

    return jnp.sum(jax.lax.map(flipped, jnp.arange(len(x))))


class ChainLikelihood(Risk):
    r"""The negative log-likelihood, up to a constant, from states that chains of an earlier model have reached.

    $\frac1n \sum_i w_i F(x_i) + \ln \frac1m \sum_c e^{F_0(c) - F(c)}$, where the chains c follow the model whose
    free energy is $F_0$. The second term estimates $\ln Z / Z_0$. Where the model still is the earlier one the
    gradient is that of persistent contrastive divergence; further on the chains are reweighted, so that many steps may
    be made before they must move. `effective` says how far that may go.

    Args:
        states: the visible units of the chains, shape (chains, units).
        energies: F_0 of each.
        name: name of the term.

    Example:
        >>> import numpy as np
        >>> from ansatz.data import Dataset
        >>> from ansatz.models.energy import RBM
        >>> coins = RBM(jnp.zeros((2, 1)), jnp.zeros(2), jnp.zeros(1), "binary")
        >>> states = jnp.array([[0.0, 1.0], [1.0, 1.0]])
        >>> risk = ChainLikelihood(states, jax.vmap(coins.free_energy)(states))
        >>> round(risk(coins, Dataset(np.eye(2)).batch(), None).item(), 4)
        -0.6931

    Source: C. Geyer, in Computing Science and Statistics (1991) 156; T. Tieleman, ICML (2008) 1064 (persistent chains).
    """

    states: Array
    energies: Array
    name: str = eqx.field(static=True, default="chain_nll")

    def terms(self, model: PyTree, batch: Batch, key: Key | None) -> dict[str, Scalar]:
        """Mean free energy of the data, and ln Z / Z_0."""
        free_energy = jax.vmap(model.free_energy)
        data = jnp.mean(batch.weight * free_energy(jnp.asarray(batch.x, float)))
        return {self.name: data + self.log_ratio(model)}

    def log_ratio(self, model: PyTree) -> Scalar:
        """The estimate of ln Z / Z_0."""
        return jax.nn.logsumexp(self._log_weights(model)) - jnp.log(len(self.states))

    def effective(self, model: PyTree) -> Scalar:
        """Effective number of chains, (sum u)^2 / sum u^2 with u = exp(F_0 - F), as a part of all."""
        log_weights = self._log_weights(model)
        first, second = jax.nn.logsumexp(log_weights), jax.nn.logsumexp(2 * log_weights)
        return jnp.exp(2 * first - second) / len(self.states)

    def _log_weights(self, model: PyTree) -> Float[Array, " chains"]:
        return self.energies - jax.vmap(model.free_energy)(self.states)

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> Risk:
        """The whole of it: it needs no chain of its own."""
        return self
