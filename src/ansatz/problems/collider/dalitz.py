"""A three-body decay whose response depends on where in the Dalitz plane it is: uniformity has something to do."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
from scipy.special import expit, logsumexp

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.references import FLATNESS, NEYMAN_PEARSON
from ansatz.typing import Key

GRID = 40
"""Points along each mass over which the likelihood ratio is averaged."""
BLOCK = 20_000
"""Events whose ratio is found at once."""


@dataclasses.dataclass(frozen=True)
class Dalitz:
    r"""Signal decays X -> A B C by phase space alone, so that it fills the Dalitz plane evenly; so does the background.

    Three features are Gaussians of unit width, of mean 0 for background and of mean

    $$\mu_k(t) = a\,(1 + c\,(3 f_k(t) - 1)), \qquad f = (u, v, (u + v)/2)$$

    for signal at the place t of the plane, with u and v the squared masses of AB and AC mapped to the unit interval. As
    in a detector, the features tell signal from background better in some corners than in another, so any good score
    has an efficiency that follows the plane, unless it is told not to. The squared masses are observers. The likelihood
    ratio of the features, averaged over the plane, is the best test that does not know the place:

    $$\frac{p(Y|s)}{p(Y|b)} = \langle \exp(Y \cdot \mu(t) - \mu(t)^2/2) \rangle_t$$

    Attributes:
        mass: mass of X, in GeV.
        products: masses of A, B and C, in GeV.
        separation: a, mean distance of the classes in each feature.
        correlation: c, how much that depends on the place in the plane; 0 for not at all.
        signal: expected part of signal.

    Raises:
        InputError: if a parameter is out of range.

    Example:
        >>> import jax
        >>> data = Dalitz().draw(jax.random.key(0), 1000)
        >>> data.columns, sorted(data.observers)
        (('Y1', 'Y2', 'Y3'), ['M2AB', 'M2AC'])

    Source: A. Rogozhnikov et al., JINST 10 (2015) T03002, arXiv:1410.4140, for the idea of such a sample.
    """

    mass: float = 5.279
    products: tuple[float, float, float] = (0.1396, 0.1396, 0.1396)
    separation: float = 1.2
    correlation: float = 0.4
    signal: float = 0.5

    events: ClassVar[int] = 40_000
    task: ClassVar[str] = "classification"
    citations: ClassVar[tuple[str, ...]] = (FLATNESS, NEYMAN_PEARSON)

    def __post_init__(self) -> None:
        object.__setattr__(self, "products", tuple(float(m) for m in self.products))
        if len(self.products) != 3 or min(self.products) < 0 or not sum(self.products) < self.mass:
            raise InputError(f"dalitz: products must be three masses that sum to less than {self.mass} GeV")
        if not 0 < self.signal < 1:
            raise InputError(f"dalitz: signal is a part of the events, between 0 and 1, not {self.signal}")
        if not (0 <= self.separation < np.inf and 0 <= self.correlation < np.inf):
            raise InputError("dalitz: separation and correlation are zero or more")

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` events of both classes; the squared masses are observers."""
        rng = generator(key)
        y = (rng.random(n) < self.signal).astype(int)
        plane = self._places(rng, n)
        return Dataset(
            rng.normal(size=(n, 3)) + y[:, None] * self._means(plane),
            y=y,
            columns=("Y1", "Y2", "Y3"),
            target=("labels",),
            classes=("background", "signal"),
            observers={"M2AB": plane[:, 0], "M2AC": plane[:, 1]},
            units={"M2AB": "GeV^2", "M2AC": "GeV^2"},
            name="dalitz",
        )

    def log_likelihood_ratio(self, x: np.ndarray) -> np.ndarray:
        """Log p(x | signal) - log p(x | background), averaged over the plane, shape (events,)."""
        x = np.asarray(x, float)
        grid = np.stack(np.meshgrid(*(np.linspace(*ends, GRID) for ends in self._ranges()), indexing="ij"), -1)
        places = grid.reshape(-1, 2)
        means = self._means(places[self._allowed(places)])
        half = (means**2).sum(axis=1) / 2 + np.log(len(means))
        blocks = [x[i : i + BLOCK] for i in range(0, len(x), BLOCK)]
        return np.concatenate([logsumexp(block @ means.T - half, axis=1) for block in blocks] or [np.zeros(0)])

    def probability(self, x: np.ndarray) -> np.ndarray:
        """The true probability of signal given the features alone, shape (events,)."""
        return expit(self.log_likelihood_ratio(x) + np.log(self.signal / (1 - self.signal)))

    def _ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        a, b, c = self.products
        return ((a + b) ** 2, (self.mass - c) ** 2), ((a + c) ** 2, (self.mass - b) ** 2)

    def _allowed(self, plane: np.ndarray) -> np.ndarray:
        """Whether two squared masses are those of a decay: the energies of A and C in the frame of AB allow it."""
        (a, b, c), (ab, ac) = self.products, plane.T
        frame = np.sqrt(np.maximum(ab, 1e-12))
        energy_a, energy_c = (ab + a**2 - b**2) / (2 * frame), (self.mass**2 - ab - c**2) / (2 * frame)
        p_a, p_c = (np.sqrt(np.maximum(e**2 - m**2, 0)) for e, m in ((energy_a, a), (energy_c, c)))
        total = (energy_a + energy_c) ** 2
        return (ac >= total - (p_a + p_c) ** 2) & (ac <= total - (p_a - p_c) ** 2)

    def _places(self, rng: np.random.Generator, n: int) -> np.ndarray:
        found = np.zeros((0, 2))
        low, high = np.transpose(self._ranges())
        while len(found) < n:
            tried = rng.uniform(low, high, size=(2 * n + 10, 2))
            found = np.concatenate([found, tried[self._allowed(tried)]])
        return found[:n]

    def _means(self, plane: np.ndarray) -> np.ndarray:
        """Mean features of signal at each place."""
        low, high = np.transpose(self._ranges())
        u, v = ((plane - low) / (high - low)).T
        return self.separation * (1 + self.correlation * (3 * np.stack([u, v, (u + v) / 2], axis=1) - 1))
