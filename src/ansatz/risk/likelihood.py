r"""Losses of a whole distribution: a Gaussian's mean and variance, and quantiles.

They are records, not functions, where they have numbers; two equal records share one compilation.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from ansatz.errors import InputError
from ansatz.typing import Point, Scalar


@dataclasses.dataclass(frozen=True)
class GaussianLikelihood:
    r"""$\sigma^{2\beta}\,\tfrac12\,[\,\ln\sigma^2 + (y - \mu)^2 / \sigma^2\,]$ from $\mu$ and $\ln\sigma^2$.

    With $\beta = 0$ it is the negative log-likelihood without its constant. There a point with a large variance hardly
    pulls on the mean; the factor $\sigma^{2\beta}$, which is not differentiated, gives it back its pull ($\beta = 1$:
    the mean learns as with squared error).

    The prediction has the means of all targets, then the logarithms of their variances, shape (2 targets,); only the
    first half of the target is looked at.

    Attributes:
        beta: between 0 and 1.

    Example:
        >>> GaussianLikelihood()(jnp.array([1.0, 0.0]), jnp.array([3.0, 0.0])).item()
        2.0

    Source: D. Nix and A. Weigend, ICNN (1994) 55; M. Seitzer et al., arXiv:2203.09168 (beta).
    """

    beta: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.beta <= 1:
            raise InputError(f"beta lies between 0 and 1, not {self.beta}")

    def __call__(self, prediction: Point, target: Point) -> Scalar:
        """The loss, the mean over the targets."""
        mean, log_variance = jnp.split(prediction, 2)
        square = (jnp.split(target, 2)[0] - mean) ** 2
        pull = jax.lax.stop_gradient(jnp.exp(self.beta * log_variance))
        return jnp.mean(pull * 0.5 * (log_variance + square * jnp.exp(-log_variance)))


@dataclasses.dataclass(frozen=True)
class Pinball:
    r"""$\max(\tau r, (\tau - 1) r)$ with $r = y - f$: its best constant is the quantile of level $\tau$.

    The prediction has the quantiles of all levels in order, each of all targets, shape (levels x targets,), and the
    target is repeated to that shape; the mean is taken.

    Attributes:
        levels: the levels, between 0 and 1.

    Example:
        >>> Pinball((0.75,))(jnp.array([1.0]), jnp.array([3.0])).item()
        1.5

    Source: R. Koenker and G. Bassett, Econometrica 46 (1978) 33.
    """

    levels: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.levels or not all(0 < level < 1 for level in self.levels):
            raise InputError(f"the levels of quantiles lie between 0 and 1, not {self.levels}")

    def __call__(self, prediction: Point, target: Point) -> Scalar:
        """The loss, the mean over levels and targets."""
        level = jnp.asarray(np.repeat(self.levels, len(prediction) // len(self.levels)), prediction.dtype)
        residual = target - prediction
        return jnp.mean(jnp.maximum(level * residual, (level - 1) * residual))
