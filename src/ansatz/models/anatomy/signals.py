r"""How large activations and errors are in each layer of a deep network at its start, measured and expected.

In a wide layer of n units with weights of variance V the inputs $z^{(l)}$ are Gaussian with variance

$$q_{l} = n V \left\langle g(z)^2 \right\rangle_{q_{l-1}}, \qquad
\big\langle (\Delta^{(l)})^2 \big\rangle = n V \left\langle g'(z)^2 \right\rangle_{q_l}
\big\langle (\Delta^{(l+1)})^2 \big\rangle.$$

Where the second factor is below one the errors vanish on their way back, where it is above they explode. For ReLU and
"he" it is exactly one; for the sigmoid and "glorot" it is at most 1/16, because $g' \le 1/4$.

Source: B. Poole et al., arXiv:1606.05340; S. Schoenholz et al., arXiv:1611.01232; K. He et al., arXiv:1502.01852.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ansatz.keys import generator
from ansatz.models.anatomy.derivatives import Elementwise, derivative_of
from ansatz.models.networks.activations import activation as activation_named
from ansatz.models.networks.initializations import VARIANCES
from ansatz.typing import Key


class Signals(NamedTuple):
    r"""Root mean squares over the units of each layer.

    Attributes:
        inputs: of $z^{(l)}$, shape (depth,).
        errors: of $\Delta^{(l)}$, as a fraction of that at the output, shape (depth,).
    """

    inputs: np.ndarray
    errors: np.ndarray

    @property
    def factor(self) -> float:
        """By how much the errors change per layer on their way back, on average over all hidden layers."""
        first, last = self.errors[0], self.errors[-1]
        return float((first / last) ** (1 / (len(self.errors) - 1))) if first > 0 else 0.0


def measured_signals(
    activation: str, initialization: str, *, width: int = 100, depth: int = 20, draws: int = 20, key: Key
) -> Signals:
    r"""The signals of random networks at random points: root mean square over units and draws, in float64.

    Args:
        activation: name of the activation function of the hidden layers.
        initialization: where the weights start, see `ansatz.models.VARIANCES`.
        width: inputs, outputs, and units of each hidden layer.
        depth: number of hidden layers.
        draws: number of networks, each with its own point and its own error at the (linear) output.
        key: decides them.

    Raises:
        InputError: if there is no such activation or initialization.

    Example:
        >>> kept = measured_signals("relu", "he", width=64, depth=5, draws=10, key=jax.random.key(0))
        >>> bool(0.5 < kept.errors[0] < 2)
        True
    """
    draw = generator(key)
    deviation = np.sqrt(VARIANCES[initialization](width, width))
    weights = deviation * draw.standard_normal((depth + 1, draws, width, width))
    slope = derivative_of(activation_named(activation))
    passed, inputs = draw.standard_normal((draws, width)), []
    for layer in weights[:-1]:
        inputs.append(np.einsum("kij,kj->ki", layer, passed))
        passed = _at(activation_named(activation), inputs[-1])
    errors = [draw.standard_normal((draws, width))]
    for layer, z in zip(weights[:0:-1], inputs[::-1], strict=True):
        errors.insert(0, np.einsum("kij,ki->kj", layer, errors[0]) * _at(slope, z))
    sizes = np.array([np.sqrt(np.mean(error**2)) for error in errors])
    return Signals(np.array([np.sqrt(np.mean(z**2)) for z in inputs]), sizes[:-1] / sizes[-1])


def expected_signals(activation: str, initialization: str, *, width: int = 100, depth: int = 20) -> Signals:
    """The same for wide layers, from the two recursions above.

    Args:
        activation: name of the activation function of the hidden layers.
        initialization: where the weights start.
        width: units of each layer; enters by the variance of the weights only.
        depth: number of hidden layers.

    Raises:
        InputError: if there is no such activation.

    Example:
        >>> round(expected_signals("relu", "he", depth=10).factor, 6)
        1.0
        >>> expected_signals("sigmoid", "glorot").factor < 0.25
        True
    """
    gain = width * VARIANCES[initialization](width, width)
    q, factors, variances = gain, [], []
    for _ in range(depth):
        passed, slope = _gaussian_means(activation, q)
        variances.append(q)
        factors.append(gain * slope)
        q = gain * passed
    errors = np.sqrt(np.cumprod(factors[::-1])[::-1])
    return Signals(np.sqrt(np.array(variances)), errors)


def _gaussian_means(activation: str, variance: float) -> tuple[float, float]:
    r"""Means of $g(z)^2$ and $g'(z)^2$ over a Gaussian of that variance: sums over points on both sides of zero."""
    t = np.linspace(-9, 9, 6000)
    share = np.exp(-(t**2) / 2)
    share /= share.sum()
    function = activation_named(activation)
    z = np.sqrt(variance) * t
    return float(share @ _at(function, z) ** 2), float(share @ _at(derivative_of(function), z) ** 2)


def _at(function: Elementwise, z: np.ndarray) -> np.ndarray:
    with jax.enable_x64(True):
        return np.asarray(jax.jit(function)(jnp.asarray(z)))
