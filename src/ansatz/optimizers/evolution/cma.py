r"""One run of CMA-ES: sample a Gaussian, rank the samples, move and reshape the Gaussian.

In NumPy and float64: a generation of 16 points with 10 parameters costs about as much as three calls of a compiled
program, and nothing is compiled. Measured on one core: 5 CPU microseconds a point, and 2.2 seconds of compilation for
each number of parameters saved.

Source: N. Hansen, arXiv:1604.00772 (the equations and their numbers); R. Ros and N. Hansen, PPSN X (2008) 296
(separable).
"""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.optimizers.stopping import DECREASE, PRECISION, RUNNING, STEP

CONDITION, GROWTH = 1e14, 1e3
"""Largest condition number of the covariance, largest factor by which the population may widen."""


@dataclasses.dataclass(frozen=True, eq=False)
class Numbers:
    """What the theory fixes once the number of parameters and the population size are given.

    Attributes:
        count: population size.
        weights: of the ranks; positive for the better half, negative or zero for the worse one.
        mass: variance-effective number of parents.
        sigma_rate: of the path that controls the step size.
        sigma_damping: of the step size.
        path_rate: of the path that shapes the covariance.
        one_rate: of the rank-one update of the covariance.
        many_rate: of its rank-mu update.
        norm: expected length of a standard Gaussian vector.
        idle: generations between decompositions of the covariance.
        patience: generations without improvement that are too many.
        window: generations over which the best values are compared.
        limit: most generations of a run.
    """

    count: int
    weights: np.ndarray
    mass: float
    sigma_rate: float
    sigma_damping: float
    path_rate: float
    one_rate: float
    many_rate: float
    norm: float
    idle: int
    patience: float
    window: int
    limit: int


def numbers(n: int, count: int, *, active: bool = True, separable: bool = False) -> Numbers:
    """The numbers for n parameters and a population of `count`.

    Example:
        >>> own = numbers(10, 10)
        >>> round(float(own.mass), 2), round(float(own.weights[:5].sum()), 6), bool(own.weights[-1] < 0)
        (3.17, 1.0, True)
    """
    raw = np.log((count + 1) / 2) - np.log(np.arange(1, count + 1))
    plus, minus = np.maximum(raw, 0), np.minimum(raw, 0)
    mass = plus.sum() ** 2 / (plus**2).sum()
    gain = (n + 2) / 3 if separable else 1.0
    one = min(1.0, gain * 2 / ((n + 1.3) ** 2 + mass))
    many = min(1 - one, gain * 2 * (0.25 + mass + 1 / mass - 2) / ((n + 2) ** 2 + mass))
    weights = plus / plus.sum()
    if active:
        mass_minus = minus.sum() ** 2 / (minus**2).sum()
        most = min(1 + one / many, 1 + 2 * mass_minus / (mass + 2), (1 - one - many) / (n * many))
        weights = weights + max(most, 0.0) * minus / abs(minus.sum())
    sigma_rate = (mass + 2) / (n + mass + 3)
    return Numbers(
        count=count,
        weights=weights,
        mass=mass,
        sigma_rate=sigma_rate,
        sigma_damping=1 + 2 * max(0.0, np.sqrt((mass - 1) / (n + 1)) - 1) + sigma_rate,
        path_rate=(4 + mass / n) / (n + 4 + 2 * mass / n),
        one_rate=one,
        many_rate=many,
        norm=np.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n**2)),
        idle=int(max(1, 1 / (10 * n * (one + many)))),
        patience=50 + 50 * n**1.5 / count,
        window=10 + int(np.ceil(30 * n / count)),
        limit=100 + int(150 * (n + 3) ** 2 / np.sqrt(count)),
    )


class Gaussian:
    """The search distribution of one run, which changes with each generation.

    Attributes:
        mean: its center.
        sigma: the step size.
        variances: the diagonal of the covariance in units of sigma squared.
        status: `RUNNING`, or why the run is over.
    """

    def __init__(
        self,
        mean: np.ndarray,
        widths: np.ndarray,
        own: Numbers,
        draws: np.random.Generator,
        *,
        separable: bool,
        width: float,
        spread: float,
    ) -> None:
        """A Gaussian around `mean`; the run is over when it is narrower than `width` or values differ by `spread`."""
        n = len(mean)
        self.mean, self.own, self.draws, self.n = mean.astype(float), own, draws, n
        self.width, self.spread, self.status = width, spread, RUNNING
        self.sigma = self.first_sigma = float(widths.max())
        self.scales = widths / self.sigma
        self.axes = None if separable else np.eye(n)
        self.covariance = self.scales**2 if separable else np.diag(self.scales**2)
        self.sigma_path, self.path = np.zeros(n), np.zeros(n)
        self.generation, self.decomposed, self.improved = 0, 0, 0
        self.bests: list[float] = []
        self.lowest, self.slow, self.fast = np.inf, None, None

    @property
    def variances(self) -> np.ndarray:
        """The diagonal of the covariance."""
        return self.covariance if self.axes is None else self.covariance.diagonal()

    def ask(self) -> np.ndarray:
        """A fresh population, shape (population, parameters)."""
        self.normal = self.draws.standard_normal((self.own.count, self.n))
        scaled = self.normal * self.scales
        self.steps = scaled if self.axes is None else scaled @ self.axes.T
        return self.mean + self.sigma * self.steps

    def tell(self, values: np.ndarray) -> None:
        """Moves and reshapes the Gaussian after its population has been ranked; NaN ranks last."""
        own = self.own
        order = values.argsort()
        values, steps, normal = values[order], self.steps[order], self.normal[order]
        plus = np.maximum(own.weights, 0)
        shift, plain = plus @ steps, plus @ normal
        self.mean = self.mean + self.sigma * shift
        rotated = plain if self.axes is None else self.axes @ plain
        self.sigma_path *= 1 - own.sigma_rate
        self.sigma_path += np.sqrt(own.sigma_rate * (2 - own.sigma_rate) * own.mass) * rotated
        length = np.sqrt(self.sigma_path @ self.sigma_path)
        settled = 1 - (1 - own.sigma_rate) ** (2 * (self.generation + 1))
        straight = length**2 / self.n / settled < 2 + 4 / (self.n + 1)
        self.path *= 1 - own.path_rate
        if straight:
            self.path += np.sqrt(own.path_rate * (2 - own.path_rate) * own.mass) * shift
        self._reshape(steps, normal, straight=straight)
        self.sigma *= np.exp(min(own.sigma_rate / own.sigma_damping * (length / own.norm - 1), 1.0))
        self.generation += 1
        self._decompose()
        self.status = self._judge(values)

    def _reshape(self, steps: np.ndarray, normal: np.ndarray, *, straight: bool) -> None:
        own = self.own
        lengths = np.einsum("ij,ij->i", normal, normal)
        weights = np.where(own.weights < 0, own.weights * self.n / lengths, own.weights)
        lost = own.one_rate * (1.0 if straight else 1 - own.path_rate * (2 - own.path_rate))
        self.covariance *= 1 - lost - own.many_rate * own.weights.sum()
        if self.axes is None:
            self.covariance += own.one_rate * self.path**2 + own.many_rate * (weights @ steps**2)
        else:
            self.covariance += np.multiply.outer(own.one_rate * self.path, self.path)
            self.covariance += (own.many_rate * weights * steps.T) @ steps

    def _decompose(self) -> None:
        """Eigenvectors and scales, brought up to date when they have grown old."""
        if self.axes is None:
            self.scales = np.sqrt(np.maximum(self.covariance, 1e-300))
        elif self.generation - self.decomposed >= self.own.idle:
            squares, self.axes = np.linalg.eigh(self.covariance)
            self.scales = np.sqrt(np.maximum(squares, 1e-300))
            self.decomposed = self.generation

    def _judge(self, values: np.ndarray) -> int:
        """Whether the run is over, and why."""
        own = self.own
        best, worst = float(values[0]), float(values[-1])
        self.bests.append(best)
        if best < self.lowest:
            self.lowest, self.improved = best, self.generation
        seen = self.bests[-own.window :]
        change = max(seen) - min(seen) if len(seen) == own.window else np.inf
        if change < self.spread and (worst - best < self.spread or change < 0.1 * self.spread):
            return DECREASE
        if self._tired(float(values[own.count // 2])) or self.generation >= own.limit:
            return DECREASE
        return self._shape()

    def _tired(self, median: float) -> bool:
        """Whether neither the best value nor the slow mean of the medians has improved for long."""
        median = min(median, 1e300) if median == median else 1e300
        self.slow = median if self.slow is None else self.slow + (median - self.slow) / self.own.patience
        self.fast = median if self.fast is None else self.fast + 4 * (median - self.fast) / self.own.patience
        late = self.generation > self.n * (5 + 100 / self.own.count)
        return late and self.generation - self.improved > self.own.patience and self.fast >= self.slow

    def _shape(self) -> int:
        """Whether the Gaussian has become too narrow, too wide or too flat to go on."""
        widest, narrowest = self.scales.max(), self.scales.min()
        if not np.isfinite(self.sigma) or self.sigma * widest > GROWTH * self.first_sigma:
            return PRECISION
        if widest > np.sqrt(CONDITION) * narrowest:
            return PRECISION
        if self.sigma * narrowest < self.width:
            widths = self.sigma * np.sqrt(self.variances)
            if widths.max() < self.width and np.abs(self.sigma * self.path).max() < self.width:
                return STEP
        if self.sigma * narrowest < 1e-14 * np.abs(self.mean).max() and self._no_effect():
            return PRECISION
        return RUNNING

    def _no_effect(self) -> bool:
        """Whether a fifth of a standard deviation is lost in the rounding of the mean."""
        return bool((self.mean == self.mean + 0.2 * self.sigma * np.sqrt(self.variances)).any())
