r"""Where the parameters of a layer start, by name.

A layer with $n$ inputs and $m$ outputs starts with biases zero and weights of mean zero and variance

| name | variance | for |
|---|---|---|
| zero | 0 | showing that a network of equal units cannot break their symmetry |
| random | 1 | showing that saturated units hardly learn |
| lecun | $1/n$ | SELU, linear |
| glorot | $2/(n+m)$ | tanh, sigmoid |
| he | $2/n$ | ReLU and its relatives |

Source: Y. LeCun et al., Efficient BackProp (1998); X. Glorot and Y. Bengio, AISTATS 9 (2010) 249;
K. He et al., arXiv:1502.01852.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ansatz.errors import InputError, suggest
from ansatz.typing import Key, Scalar

VARIANCES: dict[str, Callable[[int, int], float]] = {
    "zero": lambda n, m: 0.0,
    "random": lambda n, m: 1.0,
    "lecun": lambda n, m: 1.0 / max(n, 1),
    "glorot": lambda n, m: 2.0 / max(n + m, 1),
    "he": lambda n, m: 2.0 / max(n, 1),
}
"""Variance of the starting weights as a function of the numbers of inputs and outputs."""


RECTIFIERS = ("relu", "leaky-relu", "elu", "gelu", "silu", "softplus")
"""Activations whose variance the "he" initialization keeps."""


def suited(activation: str) -> str:
    """The initialization that keeps the variance of signals through layers of an activation: "he" or "glorot".

    Example:
        >>> suited("relu"), suited("tanh")
        ('he', 'glorot')
    """
    return "he" if activation in RECTIFIERS else "glorot"


def initialize(
    name: str, outputs: int, inputs: int, *, scale: float | Scalar = 1.0, distribution: str = "normal", key: Key
) -> Float[Array, "outputs inputs"]:
    """Starting weights of a layer, shape (outputs, inputs).

    Args:
        name: a name of `VARIANCES`.
        outputs: number of outputs m.
        inputs: number of inputs n.
        scale: factor on the standard deviation.
        distribution: "normal", or "uniform" of the same variance.
        key: decides the draw.

    Raises:
        InputError: if there is no initialization or distribution of that name.

    Example:
        >>> w = initialize("glorot", 300, 500, key=jax.random.key(0))
        >>> abs(float(w.var()) * 400 - 1) < 4 * (2 / w.size) ** 0.5
        True
    """
    if name not in VARIANCES:
        raise InputError(
            f"there is no initialization '{name}'{suggest(name, VARIANCES)}; there are: {', '.join(VARIANCES)}"
        )
    deviation = scale * jnp.sqrt(VARIANCES[name](inputs, outputs))
    if distribution == "normal":
        return deviation * jax.random.normal(key, (outputs, inputs))
    if distribution == "uniform":
        edge = jnp.sqrt(3.0)
        return deviation * jax.random.uniform(key, (outputs, inputs), minval=-edge, maxval=edge)
    raise InputError(f"there is no distribution '{distribution}' of starting weights; there are: normal, uniform")
