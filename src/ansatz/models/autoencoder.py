"""Auto-encoders: a point through a narrow passage and back."""

from __future__ import annotations

import equinox as eqx
import jax

from ansatz.models.mlp import MLP, Dropout
from ansatz.typing import Key, Point


class AutoEncoder(eqx.Module):
    r"""$\hat x = g(f(x))$ with a code $z = f(x)$ of few components; trained to make $|\hat x - x|^2$ small.

    With `corruption` it is a denoising auto-encoder: while it is fitted, each input component is dropped with that
    probability, but the whole point has to come back, so that the code must know what goes with what.

    Args:
        inputs: number of components of a point.
        code: number of components of z.
        width: units of each hidden layer of the encoder, from the point inwards; the decoder mirrors them.
        activation: of hidden units.
        corruption: probability that an input component is dropped while fitting, or None.
        key: decides the starting point.

    Source: G. Hinton and R. Salakhutdinov, Science 313 (2006) 504; P. Vincent et al., ICML (2008) 1096 (denoising).

    Example:
        >>> import jax.numpy as jnp
        >>> network = AutoEncoder(5, 2, width=(8,), key=jax.random.key(0))
        >>> network(jnp.ones(5)).shape, network.encoder(jnp.ones(5)).shape
        ((5,), (2,))
    """

    corruption: Dropout | None
    encoder: MLP
    decoder: MLP

    def __init__(
        self,
        inputs: int,
        code: int,
        *,
        width: tuple[int, ...] = (64,),
        activation: str = "relu",
        corruption: float | None = None,
        key: Key,
    ) -> None:
        inward, outward = jax.random.split(key)
        self.corruption = None if corruption is None else Dropout(corruption)
        self.encoder = MLP(inputs, code, width=tuple(width), activation=activation, key=inward)
        self.decoder = MLP(code, inputs, width=tuple(width)[::-1], activation=activation, key=outward)

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """One point as it comes back."""
        shown = x if self.corruption is None or key is None else self.corruption(x, key=key)
        return self.decoder(self.encoder(shown))
