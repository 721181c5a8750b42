"""A narrow state decaying to two leptons, over a falling continuum: a collider sample whose best test is known."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import ClassVar, NamedTuple

import numpy as np
from scipy.special import expit

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.collider import spectra
from ansatz.problems.collider.kinematics import (
    Lepton,
    Pair,
    cos_collins_soper,
    decay,
    mass,
    rapidity,
    transverse_momentum,
    wrap,
)
from ansatz.problems.collider.optimum import Spectrum, auc_of_sum
from ansatz.problems.references import COLLINS_SOPER, NEXT_TO_LEADING_ORDER, NEYMAN_PEARSON
from ansatz.typing import Key

COLUMNS = (
    *("pt1", "eta1", "phi1", "pt2", "eta2", "phi2"),
    *("m_ll", "pt_ll", "y_ll", "delta_eta", "delta_phi", "cos_theta"),
    *("vertices", "pileup"),
)
UNITS = {name: "GeV" for name in ("pt1", "pt2", "m_ll", "pt_ll", "pileup", "m_true")}
UNITS |= {name: "rad" for name in ("phi1", "phi2", "delta_phi")}


class Production(NamedTuple):
    """How a class is produced and decays.

    Attributes:
        recoil: true scales of the soft and the hard part of the recoil, in GeV.
        hard: part of the events with a hard recoil.
        rapidity: standard deviation of the rapidity of the pair.
        alpha: decay angle, p(cos theta) proportional to 1 + alpha cos^2 theta; 0 for spin 0, 1 for a virtual photon.
    """

    recoil: tuple[float, float]
    hard: float
    rapidity: float
    alpha: float


CONTINUUM = Production(recoil=(9.0, 30.0), hard=0.25, rapidity=1.25, alpha=1.0)
STATE = Production(recoil=(14.0, 42.0), hard=0.45, rapidity=0.95, alpha=0.0)
NEGATIVE_IN_HARD = 0.8


@dataclasses.dataclass(frozen=True)
class Resonance:
    r"""Two leptons from a narrow state (signal) or from a falling continuum (background), as a detector sees them.

    The true mass follows a Breit-Wigner of the given `mass` and `width`, or exp(-m / slope); a Gaussian `resolution`
    smears it, and events inside the observed mass `window` are kept. The pair recoils with a transverse momentum whose
    vector is a sum of a soft and a hard Gaussian, smeared by `recoil_resolution`; it has a Gaussian rapidity and decays
    with 1 + alpha cos^2 theta in the Collins-Soper frame. Azimuths are uniform. From these six numbers come the two
    lepton momenta, by Lorentz boosts; the leptons are ordered by pt. Two spectators, the number of `vertices` and the
    `pileup` energy density, are the same for both classes.

    The features are an invertible map of the six numbers, and its Jacobian is the same for both classes, so that

    $$\log\frac{p(x|s)}{p(x|b)} = \log\frac{V(m)}{F(m)} + \log\frac{R_s(p_t)}{R_b(p_t)} + \log\frac{N_s(y)}{N_b(y)}
    + \log\frac{A_s(\cos\theta)}{A_b(\cos\theta)}$$

    is exact for the observed, smeared features: V a Voigt peak, F an exponential folded with the resolution, R a sum of
    Rayleigh densities, N a Gaussian, A the decay angle. By Neyman and Pearson no classifier ranks events better.

    With `negative` > 0 the sample is like one from a generator at next-to-leading order: weights are +1 and -1, the
    expected part of -1 is `negative`, most of them at hard recoil, and the weighted density is the one above whereas
    the density of unweighted events is not (Frixione and Webber, arXiv:hep-ph/0204244).

    Attributes:
        mass: mass of the state, in GeV.
        width: its full width at half maximum, in GeV.
        resolution: Gaussian resolution of the mass, in GeV.
        slope: the continuum falls as exp(-m / slope), in GeV.
        window: observed masses that are kept, in GeV.
        recoil_resolution: Gaussian resolution of each component of the recoil, in GeV.
        signal: expected part of signal.
        negative: expected part of events with weight -1.

    Raises:
        InputError: if a parameter is out of range.

    Example:
        >>> import jax
        >>> problem = Resonance()
        >>> data = problem.draw(jax.random.key(0), 1000)
        >>> data.x.shape, data.classes, data.units["m_ll"]
        ((1000, 14), ('background', 'signal'), 'GeV')
        >>> ratio = problem.log_likelihood_ratio(data.x)
        >>> bool(ratio[data.y == 1].mean() > 0 > ratio[data.y == 0].mean())
        True
    """

    mass: float = 125.0
    width: float = 4.0
    resolution: float = 6.0
    slope: float = 45.0
    window: tuple[float, float] = (80.0, 160.0)
    recoil_resolution: float = 4.0
    signal: float = 0.5
    negative: float = 0.0

    events: ClassVar[int] = 50_000
    task: ClassVar[str] = "classification"
    citations: ClassVar[tuple[str, ...]] = (NEYMAN_PEARSON, COLLINS_SOPER, NEXT_TO_LEADING_ORDER)

    def __post_init__(self) -> None:
        object.__setattr__(self, "window", tuple(float(edge) for edge in self.window))
        for name in ("mass", "width", "resolution", "slope"):
            if not 0 < getattr(self, name) < np.inf:
                raise InputError(f"resonance: {name} must be a positive number of GeV, not {getattr(self, name)}")
        if not 0 <= self.recoil_resolution < np.inf:
            raise InputError(f"resonance: recoil_resolution is zero or more GeV, not {self.recoil_resolution}")
        if len(self.window) != 2 or not 0 <= self.window[0] < self.window[1]:
            raise InputError(f"resonance: window must be two rising masses in GeV, not {list(self.window)}")
        if not 0 < self.signal < 1:
            raise InputError(f"resonance: signal is a part of the events, between 0 and 1, not {self.signal}")
        if not 0 <= self.negative < 0.5:
            raise InputError(f"resonance: negative is a part of the events, from 0 to below 0.5, not {self.negative}")
        if min(self._inside()) < 1e-3:
            raise InputError(f"resonance: less than 0.1 % of a class has a mass inside {self.window} GeV; widen window")

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` events of both classes; their weights are 1, or +-1 with `negative`."""
        rng = generator(key)
        y = (rng.random(n) < self.signal).astype(int)
        weight = np.ones(n)
        pair, m_true = np.zeros((6, n)), np.zeros(n)
        for label, production in enumerate((CONTINUUM, STATE)):
            rows = np.flatnonzero(y == label)
            pair[:, rows], m_true[rows], weight[rows] = self._class(rng, len(rows), production)
        columns = {**features(*decay(Pair(*pair))), **_spectators(rng, n)}
        return Dataset(
            np.column_stack([columns[name] for name in COLUMNS]),
            y=y,
            weight=weight,
            columns=COLUMNS,
            target=("class",),
            classes=("background", "signal"),
            observers={"m_true": m_true},
            units=UNITS,
            name="resonance",
        )

    def log_likelihood_ratio(self, x: np.ndarray) -> np.ndarray:
        """Log p(x | signal) - log p(x | background) of observed events, shape (events,).

        Args:
            x: features in the order of `COLUMNS`, shape (events, 14).
        """
        x = np.asarray(x, dtype=float)
        return np.sum([s.log_ratio(x[:, COLUMNS.index(name)]) for name, s in self._spectra().items()], axis=0)

    def probability(self, x: np.ndarray) -> np.ndarray:
        """The true probability of signal, 1 / (1 + exp(-log ratio - log prior odds)), shape (events,)."""
        return expit(self.log_likelihood_ratio(x) + np.log(self.signal / (1 - self.signal)))

    def optimal_auc(self) -> float:
        """The largest area under a ROC curve that any classifier can reach, to 1e-6."""
        return auc_of_sum(list(self._spectra().values()))

    def _spectra(self) -> dict[str, Spectrum]:
        rapid = 9 * max(CONTINUUM.rapidity, STATE.rapidity)
        hard = 10 * np.hypot(max(CONTINUUM.recoil[1], STATE.recoil[1]), self.recoil_resolution)
        return {
            "m_ll": Spectrum(*self.window, self._peak, self._continuum),
            "pt_ll": Spectrum(0.0, hard, partial(self._recoil, STATE), partial(self._recoil, CONTINUUM)),
            "y_ll": Spectrum(-rapid, rapid, partial(_rapidity, STATE), partial(_rapidity, CONTINUUM)),
            "cos_theta": Spectrum(-1.0, 1.0, partial(_angle, STATE), partial(_angle, CONTINUUM)),
        }

    def _peak(self, m: np.ndarray) -> np.ndarray:
        return spectra.log_voigt(m, self.mass, self.width, self.resolution) - np.log(self._inside()[1])

    def _continuum(self, m: np.ndarray) -> np.ndarray:
        return spectra.log_falling(m, self.slope, self.resolution) - np.log(self._inside()[0])

    def _inside(self) -> tuple[float, float]:
        """The parts of the continuum and of the peak whose observed mass is inside the window."""
        continuum = spectra.continuum_inside(self.window, self.slope, self.resolution)
        return continuum, spectra.peak_inside(self.window, self.mass, self.width, self.resolution)

    def _recoil(self, production: Production, pt: np.ndarray) -> np.ndarray:
        scales = tuple(float(np.hypot(scale, self.recoil_resolution)) for scale in production.recoil)
        return spectra.log_recoil(pt, (1 - production.hard, production.hard), scales)

    def _class(self, rng: np.random.Generator, n: int, production: Production) -> tuple[Pair, np.ndarray, np.ndarray]:
        m, m_true = self._masses(rng, n, production)
        hard, weight = self._signs(rng, n, production.hard)
        scale = np.hypot(np.where(hard, production.recoil[1], production.recoil[0]), self.recoil_resolution)
        pair = Pair(
            m=m,
            pt=scale * np.sqrt(2 * rng.exponential(size=n)),
            y=production.rapidity * rng.normal(size=n),
            phi=rng.uniform(-np.pi, np.pi, n),
            cos_theta=_cosines(rng, n, production.alpha),
            phi_star=rng.uniform(-np.pi, np.pi, n),
        )
        return pair, m_true, weight

    def _masses(self, rng: np.random.Generator, n: int, production: Production) -> tuple[np.ndarray, np.ndarray]:
        observed, true = np.zeros(0), np.zeros(0)
        while len(observed) < n:
            if production is STATE:
                m = self.mass + self.width / 2 * rng.standard_cauchy(2 * n)
            else:
                m = self.slope * rng.exponential(size=2 * n)
            seen = m + self.resolution * rng.normal(size=2 * n)
            inside = (seen > self.window[0]) & (seen < self.window[1])
            observed, true = np.append(observed, seen[inside]), np.append(true, m[inside])
        return observed[:n], true[:n]

    def _signs(self, rng: np.random.Generator, n: int, hard: float) -> tuple[np.ndarray, np.ndarray]:
        """Which recoils are hard, and the sign of each weight, so that the weighted part of hard ones is `hard`.

        Of all events a part N_i is negative and P_i = p_i (1 - 2 N) + N_i positive in component i, with N the sum of
        the N_i; then (P_i - N_i) / (1 - 2 N) = p_i.
        """
        wanted = np.array([1 - hard, hard])
        minus = self.negative * np.array([1 - NEGATIVE_IN_HARD, NEGATIVE_IN_HARD])
        plus = wanted * (1 - 2 * self.negative) + minus
        kind = rng.choice(4, size=n, p=np.concatenate([plus, minus]))
        return kind % 2 == 1, np.where(kind < 2, 1.0, -1.0)


def features(a: Lepton, b: Lepton) -> dict[str, np.ndarray]:
    """The columns that two leptons give, the one with the larger transverse momentum first."""
    swap = b.pt > a.pt
    first = Lepton(*(np.where(swap, v, u) for u, v in zip(a, b, strict=True)))
    second = Lepton(*(np.where(swap, u, v) for u, v in zip(a, b, strict=True)))
    return {
        **{f"{name}1": values for name, values in first._asdict().items()},
        **{f"{name}2": values for name, values in second._asdict().items()},
        "m_ll": mass(first, second),
        "pt_ll": transverse_momentum(first, second),
        "y_ll": rapidity(first, second),
        "delta_eta": first.eta - second.eta,
        "delta_phi": np.abs(wrap(first.phi - second.phi)),
        "cos_theta": cos_collins_soper(first, second),
    }


def _spectators(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    vertices = rng.poisson(30, n).astype(float)
    return {"vertices": vertices, "pileup": 0.6 * vertices + rng.normal(0, 3, n)}


def _rapidity(production: Production, y: np.ndarray) -> np.ndarray:
    return spectra.log_normal(y, production.rapidity)


def _angle(production: Production, cosine: np.ndarray) -> np.ndarray:
    return spectra.log_angular(cosine, production.alpha)


def _cosines(rng: np.random.Generator, n: int, alpha: float) -> np.ndarray:
    """From 1 + alpha c^2: with probability alpha / (3 + alpha) as c^2, the cube root of a uniform; else flat."""
    flat = rng.uniform(-1, 1, n)
    return np.where(rng.random(n) < alpha / (3 + alpha), np.cbrt(flat), flat)
