r"""A risk that is the aim of a search itself: the significance of what a network lets through."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ansatz.data import Batch
from ansatz.models import evaluate
from ansatz.risk.algebra import Risk
from ansatz.typing import Key, Scalar

ONE_EVENT = 1.0
"""What is added to the background, so that a network that finds events without any is not infinitely sure."""


class Discovery(Risk):
    r"""\( -\ln Z_A(s, b, \sigma_b) \) of the events that a network lets through.

    The output is a logit \( z \) whose sigmoid \( p \) is the part of an event that passes a soft cut:

    \[ s = S \, \frac{\sum_{y = 1} w \, p}{\sum_{y = 1} w}, \qquad
       b = 1 + B \, \frac{\sum_{y = 0} w \, p}{\sum_{y = 0} w}, \qquad \sigma_b = \epsilon \, b, \]

    with the Asimov significance of a counting experiment with an uncertain background. A batch estimates both sums, so
    batches of a thousand events or more are better than small ones. The answer ranks events; it is no probability.

    Args:
        signal: expected signal events \( S \) before the cut.
        background: expected background events \( B \).
        error: relative uncertainty \( \epsilon \) of the background.
        share: share of the signal in the sum of the weights of the training sample, so that sums are means.

    Example:
        >>> import numpy as np
        >>> from ansatz.data import Dataset
        >>> from ansatz.models import Linear
        >>> data = Dataset(np.array([[-9.0], [9.0]]), y=np.array([0, 1]), classes=("background", "signal"))
        >>> line = Linear(jnp.array([1.0]), jnp.array(0.0))
        >>> risk = Discovery(signal=10.0, background=1000.0)
        >>> round(float(jnp.exp(-risk(line, data.batch(), None))), 1)
        5.6

    Source: A. Elwood and D. Krücker, arXiv:1806.00322; G. Cowan et al., Eur. Phys. J. C 71 (2011) 1554.
    """

    signal: Array
    background: Array
    error: Array
    share: Array

    def __init__(self, *, signal: float, background: float, error: float = 0.0, share: float = 0.5) -> None:
        self.signal, self.background = jnp.asarray(signal, float), jnp.asarray(background, float)
        self.error, self.share = jnp.asarray(error, float), jnp.asarray(share, float)

    def terms(self, model: PyTree, batch: Batch, key: Key | None) -> dict[str, Scalar]:
        """The one term."""
        passing = batch.weight * jax.nn.sigmoid(evaluate(model, batch.x, key))
        s = self.signal * jnp.mean(passing * batch.y) / self.share
        b = self.background * jnp.mean(passing * (1 - batch.y)) / (1 - self.share)
        square = squared_significance(jnp.maximum(s, 1e-6), jnp.maximum(b, 0.0) + ONE_EVENT, self.error)
        return {"asimov": -0.5 * jnp.log(square)}

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return ("asimov",)

    def expected(self) -> Risk:
        """The whole of it."""
        return self


@eqx.filter_jit
def squared_significance(s: Scalar, b: Scalar, error: Scalar) -> Scalar:
    r"""\( Z_A^2 \) with a background known to a part `error`; small signals by their limit, which does not cancel.

    Example:
        >>> round(float(squared_significance(jnp.array(8.2), jnp.array(4.66), jnp.array(0.0))) ** 0.5, 2)
        3.12
    """
    v = jnp.maximum(error * b, 1e-3 * jnp.sqrt(b)) ** 2
    first = (s + b) * jnp.log1p(s * b / (b**2 + (s + b) * v))
    second = b**2 / v * jnp.log1p(v * s / (b * (b + v)))
    plain = 2 * ((s + b) * jnp.log1p(s / b) - s)
    whole = jnp.where(error > 0, 2 * (first - second), plain)
    limit = s**2 / (b + (error * b) ** 2)
    return jnp.where(s < 0.03 * b, limit, jnp.maximum(whole, 1e-12))
