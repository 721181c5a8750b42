"""Fits of a mass peak over a background: extended maximum likelihood by MINUIT, unbinned or binned."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import chi2

from ansatz.errors import InputError, required, suggest
from ansatz.inference.shapes import BACKGROUNDS, SIGNALS, Range, Shape
from ansatz.validation import Interval

FEWEST = 20
"""Events without which there is nothing to fit."""


@dataclasses.dataclass(frozen=True, eq=False)
class PeakFit:
    r"""A peak and what lies under it, \( \rho(m) = N_s f_s(m; \theta_s) + N_b f_b(m; \theta_b) \).

    Attributes:
        signal: name of the shape of the peak.
        background: name of the shape below it.
        within: range of the fit.
        parameters: every parameter with its error, the yields `signal` and `background` first.
        covariance: of the parameters, in their order.
        valid: whether MINUIT found a minimum with a covariance that is positive definite.
        chi2: of the binned masses to the fit.
        degrees: its degrees of freedom.
        edges: of the bins of that test.
        counts: in the bins.
        variance: of the counts.
        expected: in the bins, by the fit.
        at_limit: parameters that lie at the end of their range, where their errors mean little.
    """

    signal: str
    background: str
    within: Range
    parameters: Mapping[str, Interval]
    covariance: np.ndarray
    valid: bool
    chi2: float
    degrees: int
    edges: np.ndarray
    counts: np.ndarray
    variance: np.ndarray
    expected: np.ndarray
    at_limit: tuple[str, ...] = ()

    @property
    def p_value(self) -> float:
        """Probability of a chi2 as large as this."""
        return float(chi2.sf(self.chi2, self.degrees))

    def densities(self, m: np.ndarray) -> np.ndarray:
        """Densities of signal and background, each normalized over the range, shape (2, masses)."""
        values = [interval.value for interval in self.parameters.values()]
        return _densities(SIGNALS[self.signal], BACKGROUNDS[self.background], np.asarray(m, float), values, self.within)

    def yields_within(self, low: float, high: float) -> tuple[float, float]:
        """Signal and background events between two masses: the s and b of a counting experiment."""
        nodes, weights = np.polynomial.legendre.leggauss(256)
        m = (low + high) / 2 + (high - low) / 2 * nodes
        share = (high - low) / 2 * self.densities(m) @ weights
        return float(share[0] * self.parameters["signal"].value), float(share[1] * self.parameters["background"].value)


def fit_peak(
    mass: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    signal: str = "gaussian",
    background: str = "exponential",
    within: Range | None = None,
    bins: int | None = None,
    test_bins: int = 60,
) -> PeakFit:
    """Fits a peak over a smooth background by extended maximum likelihood.

    Without weights the fit is unbinned; a sample with weights, or `bins`, is fitted in bins, where the variance of a
    bin is the sum of squared weights, so that errors are right for weighted events of either sign.

    Args:
        mass: shape (events,).
        weight: event weights; all one by default.
        signal: a name of `SIGNALS`.
        background: a name of `BACKGROUNDS`.
        within: range of the fit; all masses by default.
        bins: number of bins of a binned fit.
        test_bins: bins of the chi2 of the result.

    Raises:
        InputError: on an unknown shape, masses that are not finite, too few events in the range, or a fit that does
            not converge (it names what to try).

    Example:
        >>> rng = np.random.default_rng(0)
        >>> mass = np.concatenate([rng.normal(5.37, 0.02, 2000), rng.uniform(5.2, 5.6, 3000)])
        >>> fit = fit_peak(mass, background="constant", within=(5.2, 5.6))
        >>> bool(abs(fit.parameters["mean"].value - 5.37) < 4 * fit.parameters["mean"].error), fit.valid
        (True, True)

    Source: F. James and M. Roos, Comput. Phys. Commun. 10 (1975) 343; G. Bohm and G. Zech, Nucl. Instrum. Meth. A 748
    (2014) 1, arXiv:1309.1287, for weighted bins.
    """
    shapes = _shape(signal, SIGNALS, "peak"), _shape(background, BACKGROUNDS, "background")
    m, w, within = _prepared(mass, weight, within)
    weighted = not np.all(w == 1.0)
    minuit = _minuit(*shapes, m, w, within, bins or (100 if weighted else None))
    _minimized(minuit, len(m))
    values = list(minuit.values)
    names = ("signal", "background", *shapes[0].names, *shapes[1].names)
    errors = dict(zip(names, zip(values, minuit.errors, strict=True), strict=True))
    parameters = {n: Interval(v, v - e, v + e, method="HESSE") for n, (v, e) in errors.items()}
    judged = _judged(shapes, values, m, w, within, test_bins)
    judged["at_limit"] = tuple(p.name for p in minuit.params if _at_limit(p))
    return PeakFit(signal, background, within, parameters, np.asarray(minuit.covariance), bool(minuit.valid), **judged)


def _shape(name: str, table: Mapping[str, Shape], what: str) -> Shape:
    if name not in table:
        raise InputError(f"there is no {what} '{name}'{suggest(name, table)}; there are: {', '.join(table)}")
    return table[name]


def _prepared(
    mass: np.ndarray, weight: np.ndarray | None, within: Range | None
) -> tuple[np.ndarray, np.ndarray, Range]:
    m = np.asarray(mass, float).ravel()
    w = np.ones(len(m)) if weight is None else np.asarray(weight, float).ravel()
    if len(w) != len(m):
        raise InputError(f"{len(m)} masses need as many weights, not {len(w)}")
    if not np.all(np.isfinite(m)):
        raise InputError(f"{np.sum(~np.isfinite(m))} masses are not finite; cut them away first")
    within = (float(m.min()), float(m.max())) if within is None else (float(within[0]), float(within[1]))
    if not within[0] < within[1]:
        raise InputError(f"the range of a fit goes from low to high, not from {within[0]:g} to {within[1]:g}")
    kept = (m >= within[0]) & (m <= within[1])
    if kept.sum() < FEWEST:
        raise InputError(f"{kept.sum()} events between {within[0]:g} and {within[1]:g} are too few to fit a peak")
    if w[kept].sum() <= 0:
        raise InputError(f"the weights in the range sum to {w[kept].sum():g}; a yield must be positive")
    return m[kept], w[kept], within


def _densities(peak: Shape, below: Shape, m: np.ndarray, theta: list[float], within: Range) -> np.ndarray:
    cut = 2 + len(peak.names)
    return np.stack([peak.density(m, theta[2:cut], within), below.density(m, theta[cut:], within)])


def _minuit(peak: Shape, below: Shape, m: np.ndarray, w: np.ndarray, within: Range, bins: int | None) -> Any:
    iminuit, cost_of = (required(name, extra="hep") for name in ("iminuit", "iminuit.cost"))
    total = float(w.sum())
    start = [0.3 * total, 0.7 * total, *peak.start(m, w, within), *below.start(m, w, within)]
    names = ["N_s", "N_b", *peak.names, *below.names]

    def density(x: np.ndarray, *theta: float) -> tuple[float, np.ndarray]:
        return theta[0] + theta[1], np.asarray(theta[:2]) @ _densities(peak, below, x, list(theta), within)

    def cumulative(edges: np.ndarray, *theta: float) -> np.ndarray:
        return _cumulative(peak, below, edges, list(theta), within)

    cost = (
        cost_of.ExtendedUnbinnedNLL(m, density)
        if bins is None
        else cost_of.ExtendedBinnedNLL(*_histogram(m, w, within, bins), cumulative)
    )
    minuit = iminuit.Minuit(cost, *start, name=names)
    minuit.limits = [(None, None), (None, None), *peak.limits(within), *below.limits(within)]
    minuit.strategy = 1
    return minuit


def _histogram(m: np.ndarray, w: np.ndarray, within: Range, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Counts with their variances, and edges, as MINUIT's cost wants them."""
    counts, edges = np.histogram(m, bins, within, weights=w)
    squares = np.histogram(m, bins, within, weights=w**2)[0]
    return (counts if np.all(w == 1.0) else np.stack([counts, squares], axis=1)), edges


def _cumulative(peak: Shape, below: Shape, edges: np.ndarray, theta: list[float], within: Range) -> np.ndarray:
    """Events expected below each edge."""
    return np.concatenate([[0.0], np.cumsum(_expected(peak, below, edges, theta, within))])


def _expected(peak: Shape, below: Shape, edges: np.ndarray, theta: list[float], within: Range) -> np.ndarray:
    """Events expected in each bin, by Gauss's rule with eight nodes."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    half = np.diff(edges) / 2
    points = (edges[:-1] + edges[1:])[:, None] / 2 + half[:, None] * nodes
    total = np.asarray(theta[:2]) @ _densities(peak, below, points.ravel(), theta, within)
    return half * (total.reshape(points.shape) @ weights)


def _minimized(minuit: Any, events: int) -> None:
    """The minimum and its curvature.

    Raises:
        InputError: if there is none.
    """
    with np.errstate(all="ignore"):
        for _ in range(3):
            minuit.migrad()
            if minuit.valid:
                break
        minuit.hesse()
    good = minuit.valid and minuit.covariance is not None and np.all(np.isfinite(list(minuit.errors)))
    if not good or not math.isfinite(minuit.fval):
        why = "the likelihood has no minimum" if not minuit.valid else "the covariance is not positive definite"
        limits = [p.name for p in minuit.params if p.is_fixed or _at_limit(p)]
        where = f" ({', '.join(limits)} at a limit)" if limits else ""
        raise InputError(
            f"the fit of {events} masses did not converge: {why}{where}; try another range, or a simpler shape"
        )


def _at_limit(p: Any) -> bool:
    """Whether a parameter lies at the end of its range, as seen with its error."""
    near = max(1e-3 * abs(p.value), 1e-6, 0.1 * (p.error or 0.0))
    return any(limit is not None and abs(p.value - limit) < near for limit in (p.lower_limit, p.upper_limit))


def _judged(
    shapes: tuple[Shape, Shape], theta: list[float], m: np.ndarray, w: np.ndarray, within: Range, bins: int
) -> dict[str, Any]:
    """The chi2 of the result in bins."""
    counts, edges = np.histogram(m, bins, within, weights=w)
    variance = np.histogram(m, bins, within, weights=w**2)[0]
    expected = _expected(*shapes, edges, theta, within)
    spread = np.where(
        variance > 0, np.maximum(variance, expected * variance.sum() / max(counts.sum(), 1e-300)), expected
    )
    found = float(np.sum((counts - expected) ** 2 / np.maximum(spread, 1e-12)))
    record = {"edges": edges, "counts": counts, "variance": variance, "expected": expected}
    return {"chi2": found, "degrees": bins - len(theta), **record}
