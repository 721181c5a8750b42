r"""Losses: how bad one prediction is for one target. Pure functions; weights live in the expectation.

A classifier's output is a logit z (two classes, scalar; target 0 or 1) or a vector of logits (K classes; target
0..K-1). A Poisson rate is given by its logarithm. For several regression targets a loss is the mean over them, so
that adding a target does not change the scale.

Minimizing the expectation of a negative log-likelihood is maximizing the likelihood: squared error is the Gaussian,
absolute error the Laplace, cross-entropy the Bernoulli, softmax cross-entropy the categorical case.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from ansatz.errors import InputError, suggest
from ansatz.typing import Point, Scalar


def squared_error(prediction: Point, target: Point) -> Scalar:
    r"""$(f - y)^2$; its best constant is the mean.

    Example:
        >>> squared_error(jnp.array(3.0), jnp.array(1.0)).item()
        4.0
    """
    return jnp.mean((prediction - target) ** 2)


def absolute_error(prediction: Point, target: Point) -> Scalar:
    r"""$|f - y|$; its best constant is the median.

    Example:
        >>> absolute_error(jnp.array(3.0), jnp.array(1.0)).item()
        2.0
    """
    return jnp.mean(jnp.abs(prediction - target))


def huber(prediction: Point, target: Point) -> Scalar:
    r"""$r^2/2$ for $|r| \le 1$, $|r| - 1/2$ beyond: quadratic near, linear far, so outliers pull less.

    Source: P. Huber, Ann. Math. Statist. 35 (1964) 73.

    Example:
        >>> huber(jnp.array(3.0), jnp.array(1.0)).item()
        1.5
    """
    size = jnp.abs(prediction - target)
    return jnp.mean(jnp.where(size <= 1, 0.5 * size**2, size - 0.5))


def cross_entropy(prediction: Point, target: Point) -> Scalar:
    r"""$-y\ln p - (1-y)\ln(1-p)$ with $p = 1/(1+e^{-z})$, from the logit z.

    Example:
        >>> round(cross_entropy(jnp.array(0.0), jnp.array(1)).item(), 6)
        0.693147
    """
    return jnp.mean(jax.nn.softplus(prediction) - target * prediction)


def softmax_cross_entropy(prediction: Point, target: Point) -> Scalar:
    r"""$-\ln p_y$ with $p = \mathrm{softmax}(z)$, from K logits.

    Example:
        >>> round(softmax_cross_entropy(jnp.zeros(4), jnp.array(2)).item(), 6)
        1.386294
    """
    return jax.nn.logsumexp(prediction) - prediction[target.astype(int)]


def hinge(prediction: Point, target: Point) -> Scalar:
    r"""$\max(0, 1 - s z)$ with $s = 2y - 1$: the loss of the support-vector machine.

    Example:
        >>> hinge(jnp.array(0.25), jnp.array(1)).item()
        0.75
    """
    return jnp.mean(jnp.maximum(0.0, 1.0 - (2 * target - 1) * prediction))


def zero_one(prediction: Point, target: Point) -> Scalar:
    r"""1 for a wrong class, 0 for the right one; it has no gradient, so it judges but cannot train.

    Example:
        >>> zero_one(jnp.array(-0.3), jnp.array(1)).item()
        1.0
    """
    if prediction.ndim:
        return (jnp.argmax(prediction) != target).astype(prediction.dtype)
    return ((prediction > 0) != (target > 0.5)).astype(prediction.dtype)


def poisson(prediction: Point, target: Point) -> Scalar:
    r"""$e^{z} - n z$: the negative log-likelihood of n counts with rate $e^z$, without $\ln n!$.

    Example:
        >>> poisson(jnp.array(0.0), jnp.array(3.0)).item()
        1.0
    """
    return jnp.mean(jnp.exp(prediction) - target * prediction)


LOSSES: dict[str, Callable[[Point, Point], Scalar]] = {
    "squared-error": squared_error,
    "absolute-error": absolute_error,
    "huber": huber,
    "cross-entropy": cross_entropy,
    "softmax-cross-entropy": softmax_cross_entropy,
    "hinge": hinge,
    "zero-one": zero_one,
    "poisson": poisson,
}
"""Name of each loss."""


def loss_named(name: str) -> Callable[[Point, Point], Scalar]:
    """The loss of that name.

    Raises:
        InputError: if there is none.
    """
    if name not in LOSSES:
        raise InputError(f"there is no loss '{name}'{suggest(name, LOSSES)}; there are: {', '.join(LOSSES)}")
    return LOSSES[name]
