"""sWeights: what signal and background look like in a variable that the mass knows nothing of."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.stats import chi2, rankdata

from ansatz.errors import InputError
from ansatz.inference.peaks import PeakFit


@dataclasses.dataclass(frozen=True, eq=False)
class SWeights:
    """Weights that unfold a sample into its species.

    Attributes:
        weight: of each event for signal and background, shape (events, 2); some are negative; they sum to one for each
            event, and over events to the yields.
        yields: sums over events, shape (2,).
        covariance: of the yields, for known shapes, shape (2, 2).
    """

    weight: np.ndarray
    yields: np.ndarray
    covariance: np.ndarray

    @property
    def signal(self) -> np.ndarray:
        """Weights of signal, shape (events,)."""
        return self.weight[:, 0]

    @property
    def background(self) -> np.ndarray:
        """Weights of background, shape (events,)."""
        return self.weight[:, 1]


def sweights(density: np.ndarray, yields: np.ndarray, *, iterations: int = 50) -> SWeights:
    r"""The sPlot weights \( w_n(m) = \sum_j V_{nj} f_j(m) / \sum_k N_k f_k(m) \).

    \( V^{-1}_{nj} = \sum_e f_n f_j / (\sum_k N_k f_k)^2 \) and the yields \( N \) are those that maximize the extended
    likelihood for the given densities: they are found again here, so that the sums come out exactly.

    Args:
        density: of each species at the mass of each event, shape (species, events); see `PeakFit.densities`.
        yields: where to begin, shape (species,).
        iterations: at most.

    Raises:
        InputError: if densities are negative, or species cannot be told apart by the mass.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> mass = np.concatenate([rng.uniform(0.4, 0.6, 300), rng.uniform(0, 1, 700)])
        >>> peak = np.where(np.abs(mass - 0.5) < 0.1, 5.0, 0.0)
        >>> found = sweights(np.stack([peak, np.ones(1000)]), np.array([300.0, 700.0]))
        >>> bool(abs(found.signal.sum() - found.yields[0]) < 1e-6), np.allclose(found.weight.sum(axis=1), 1)
        (True, True)

    Source: M. Pivk and F. R. Le Diberder, Nucl. Instrum. Meth. A 555 (2005) 356, arXiv:physics/0402083.
    """
    f, n = np.asarray(density, float), np.asarray(yields, float)
    if f.ndim != 2 or len(f) != len(n):
        raise InputError(f"densities of {len(n)} species have the shape ({len(n)}, events), not {f.shape}")
    if np.any(f < 0) or not np.all(np.isfinite(f)) or np.any(f.sum(axis=0) <= 0):
        raise InputError("a density is negative, not finite, or zero for all species at the mass of some event")
    for _ in range(iterations):
        before, n = n, _updated(f, n)
        if np.allclose(before, n, rtol=1e-12, atol=0):
            break
    total = n @ f
    inverse = (f / total**2) @ f.T
    if np.linalg.cond(inverse * np.outer(n, n)) > 1e10:
        raise InputError("the species cannot be told apart by the mass: their densities are nearly the same")
    covariance = np.linalg.inv(inverse)
    weight = (covariance @ f / total).T
    return SWeights(weight, weight.sum(axis=0), covariance)


def _updated(f: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Newton's step for the yields of an extended likelihood, kept positive."""
    total = n @ f
    gradient = (f / total).sum(axis=1) - 1
    step = np.linalg.lstsq((f / total**2) @ f.T, gradient, rcond=None)[0]
    return np.maximum(n + step, 0.1 * n)


def sweights_of(fit: PeakFit, mass: np.ndarray) -> SWeights:
    """The sWeights of events in the range of a fitted peak.

    Raises:
        InputError: as `sweights`, or if a mass lies outside the range.
    """
    outside = int(np.sum((mass < fit.within[0]) | (mass > fit.within[1])))
    if outside:
        raise InputError(f"{outside} masses lie outside the range of the fit; cut them away first")
    start = np.array([fit.parameters[name].value for name in ("signal", "background")])
    return sweights(fit.densities(mass), np.maximum(start, 1e-3 * start.sum()))


@dataclasses.dataclass(frozen=True)
class Independence:
    """Whether a control variable is independent of the mass within each species, as sWeights assume.

    Attributes:
        column: the control variable.
        slices: slices of the mass, each with the mean rank of the variable that is seen, and that which the unfolded
            distributions predict.
        chi2: of the slices.
        degrees: its degrees of freedom.
        p_value: probability of a chi2 as large.
    """

    column: str
    slices: tuple[tuple[float, float, float, float], ...]
    chi2: float
    degrees: int
    p_value: float


def independence(
    mass: np.ndarray, control: np.ndarray, fit: PeakFit, weights: SWeights, *, column: str = "control", slices: int = 12
) -> Independence:
    r"""Tests the assumption of sPlot: within each species the control variable does not depend on the mass.

    If it holds, the mean rank of the variable in a slice of the mass is
    \( \langle r \rangle_s P_s + \langle r \rangle_b P_b \), with the sWeighted means over all masses and the shares of
    the species in the slice. The chi2 compares that with what the slices show; two degrees of freedom went into the
    means.

    Args:
        mass: shape (events,).
        control: the variable, shape (events,).
        fit: of the mass.
        weights: its sWeights.
        column: name of the variable.
        slices: equally populated slices of the mass.

    Raises:
        InputError: if there are fewer than 20 events a slice.
    """
    if len(mass) < 20 * slices:
        raise InputError(f"{len(mass)} events are too few for {slices} slices; 20 in each are needed")
    rank = rankdata(control) / len(control)
    share = weights.yields[:, None] * fit.densities(mass)
    share = share / share.sum(axis=0)
    order = np.array_split(np.argsort(mass, kind="stable"), slices)
    seen = np.array([rank[rows].mean() for rows in order])
    error = np.array([rank[rows].std(ddof=1) / np.sqrt(len(rows)) for rows in order])
    design = np.stack([share[:, rows].mean(axis=1) for rows in order]) / error[:, None]
    means = np.linalg.lstsq(design, seen / error, rcond=None)[0]
    predicted = (design @ means) * error
    found = float(np.sum(((seen - predicted) / error) ** 2))
    middle = [float(np.mean(mass[rows])) for rows in order]
    table = tuple(zip(middle, seen.tolist(), error.tolist(), predicted.tolist(), strict=True))
    return Independence(column, table, found, slices - 2, float(chi2.sf(found, slices - 2)))
