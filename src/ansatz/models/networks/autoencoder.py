"""Auto-encoders: a point through a narrow passage and back."""

from __future__ import annotations

import math
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ansatz.models.linear import Linear, linear
from ansatz.models.networks.activations import activation as activation_named
from ansatz.models.networks.convolution import Convolution, ConvolutionalNetwork, convolution
from ansatz.models.networks.initializations import suited
from ansatz.models.networks.mlp import MLP, Dropout
from ansatz.typing import Key, Point, Points, Scalar


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
        start = {"activation": activation, "initialization": suited(activation)}
        self.corruption = None if corruption is None else Dropout(corruption)
        self.encoder = MLP(inputs, code, width=tuple(width), **start, key=inward)
        self.decoder = MLP(code, inputs, width=tuple(width)[::-1], **start, key=outward)

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """One point as it comes back."""
        shown = x if self.corruption is None or key is None else self.corruption(x, key=key)
        return self.decoder(self.encoder(shown))

    def many(self, points: Points, *, key: Key | None = None) -> Points:
        """Many points as they come back, shape (n, inputs)."""
        shown = points if self.corruption is None or key is None else self.corruption(points, key=key)
        return self.decoder.many(self.encoder.many(shown))


class VariationalAutoEncoder(eqx.Module):
    r"""A distribution with hidden coordinates: $z \sim N(0, 1)$, $x \sim N(g(z), \sigma^2)$.

    The encoder gives mean and logarithm of the variance of $q(z|x)$, a Gaussian without correlations. What is made
    small is $-\ln p(x)$ from above, $\mathrm{E}_q[-\ln p(x|z)] + \mathrm{KL}(q(z|x) \| p(z))$.

    Args:
        inputs: number of components of a point.
        code: number of components of z.
        width: units of each hidden layer of the encoder, from the point inwards; the decoder mirrors them.
        activation: of hidden units.
        key: decides the starting point.

    Source: D. Kingma and M. Welling, arXiv:1312.6114.

    Example:
        >>> network = VariationalAutoEncoder(5, 2, width=(8,), key=jax.random.key(0))
        >>> reconstruction, divergence = network.bound(jnp.ones(5), jax.random.key(1))
        >>> network.encoder(jnp.ones(5)).shape, bool(divergence > 0)
        ((4,), True)
    """

    encoder: MLP
    decoder: MLP
    log_sigma: Float[Array, "..."]

    def __init__(
        self, inputs: int, code: int, *, width: tuple[int, ...] = (64,), activation: str = "relu", key: Key
    ) -> None:
        inward, outward = jax.random.split(key)
        start = {"activation": activation, "initialization": suited(activation)}
        self.encoder = MLP(inputs, 2 * code, width=tuple(width), **start, key=inward)
        self.decoder = MLP(code, inputs, width=tuple(width)[::-1], **start, key=outward)
        self.log_sigma = jnp.zeros(())

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """One point as it comes back from the middle of its code."""
        return self.decoder(self.posterior(x)[0])

    def posterior(self, x: Point) -> tuple[Point, Point]:
        """Mean and variance of q(z|x), each of shape (code,)."""
        mean, log_variance = jnp.split(self.encoder(x), 2)
        return mean, jnp.exp(jnp.clip(log_variance, -20.0, 10.0))

    def bound(self, x: Point, key: Key | None) -> tuple[Scalar, Scalar]:
        r"""Both terms of the bound on -ln p(x): reconstruction and divergence.

        With a key the first is that of one code drawn from q, without one the mean over two codes along each axis,
        $\pm\sqrt{K}$ standard deviations away (exact for a decoder of third degree).
        """
        mean, variance = self.posterior(x)
        divergence = 0.5 * jnp.sum(variance + mean**2 - 1 - jnp.log(variance))
        spread = jnp.sqrt(variance)
        if key is not None:
            return self._missed(x, mean + spread * jax.random.normal(key, mean.shape)), divergence
        steps = jnp.sqrt(1.0 * len(mean)) * jnp.concatenate([jnp.diag(spread), -jnp.diag(spread)])
        return jnp.mean(jax.vmap(lambda step: self._missed(x, mean + step))(steps)), divergence

    def _missed(self, x: Point, z: Point) -> Scalar:
        """-ln p(x|z)."""
        pull = (x - self.decoder(z)) * jnp.exp(-self.log_sigma)
        return 0.5 * jnp.sum(pull**2) + len(x) * (self.log_sigma + 0.5 * math.log(2 * math.pi))


class FieldEncoder(eqx.Module):
    """Convolutions of a field that is given as one row of pixels, to a code.

    Attributes:
        network: of the field.
        sites: its sites along each axis.
    """

    network: ConvolutionalNetwork
    sites: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """The code of one field, shape (code,)."""
        return self.network(x.reshape(*self.sites, 1))


class FieldDecoder(eqx.Module):
    """From a code to a coarse field, to one of twice as many sites, smoothed by convolutions.

    Attributes:
        coarse: from the code to the coarse field.
        layers: convolutions after the sites were doubled.
        activation: between them.
        sites: sites of the field along each axis.
    """

    coarse: Linear
    layers: tuple[Convolution, ...]
    activation: Callable[[Array], Array] = eqx.field(static=True)
    sites: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, z: Point, *, key: Key | None = None) -> Point:
        """One field as a row of pixels."""
        small = tuple(-(-s // 2) for s in self.sites)
        field = self.activation(self.coarse(z)).reshape(*small, -1)
        for axis in range(len(small)):
            field = jnp.repeat(field, 2, axis=axis)
        field = field[tuple(slice(s) for s in self.sites)]
        for layer in self.layers[:-1]:
            field = self.activation(layer(field))
        return self.layers[-1](field).ravel()


class ConvolutionalAutoEncoder(eqx.Module):
    """An auto-encoder of fields and images, given as rows of pixels.

    Args:
        sites: sites along each axis.
        code: number of components of the code.
        channels: channels of each convolution of the encoder, each with half as many sites; the decoder has the first.
        activation: of hidden units.
        corruption: probability that a pixel is dropped while fitting, or None.
        key: decides the starting point.

    Source: J. Masci et al., ICANN (2011) 52.

    Example:
        >>> network = ConvolutionalAutoEncoder((6, 6), 2, channels=(4,), key=jax.random.key(0))
        >>> network(jnp.ones(36)).shape, network.encoder(jnp.ones(36)).shape
        ((36,), (2,))
    """

    corruption: Dropout | None
    encoder: FieldEncoder
    decoder: FieldDecoder

    def __init__(
        self,
        sites: tuple[int, ...],
        code: int,
        *,
        channels: tuple[int, ...] = (8, 16),
        activation: str = "relu",
        corruption: float | None = None,
        key: Key,
    ) -> None:
        inward, coarse, first, last = jax.random.split(key, 4)
        self.corruption = None if corruption is None else Dropout(corruption)
        shape = {"channels": tuple(channels), "stride": 2, "summary": "flatten", "width": ()}
        self.encoder = FieldEncoder(
            ConvolutionalNetwork(tuple(sites), 1, code, activation=activation, key=inward, **shape), tuple(sites)
        )
        small, many = math.prod(-(-s // 2) for s in sites), channels[0]
        layers = (
            convolution(many, many, dimension=len(sites), key=first),
            convolution(many, 1, dimension=len(sites), initialization="glorot", key=last),
        )
        start = linear(code, small * many, initialization="he", key=coarse)
        self.decoder = FieldDecoder(start, layers, activation_named(activation), tuple(sites))

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """One field as it comes back."""
        shown = x if self.corruption is None or key is None else self.corruption(x, key=key)
        return self.decoder(self.encoder(shown))
