"""A bump in a falling spectrum: where it is, and how likely such a bump is anywhere without one."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.special import gammainc

from ansatz.errors import InputError
from ansatz.inference.significance import sigmas
from ansatz.keys import generator
from ansatz.typing import Key
from ansatz.validation import Interval, wilson

STEPS = 8
"""Steps of the fit of the background; it starts near and converges quadratically."""


@dataclasses.dataclass(frozen=True, eq=False)
class BumpHunt:
    r"""What a search for a bump found.

    Attributes:
        edges: of the bins.
        counts: events in each.
        background: smooth background.
        window: the window with the most unlikely excess.
        observed: events in it.
        expected: background in it.
        local_p: probability of as many events in this window.
        global_p: probability of so unlikely an excess in any window, from pseudo-experiments, with its interval.
        statistics: \( -\ln p \) of the best window of every pseudo-experiment.
    """

    edges: np.ndarray
    counts: np.ndarray
    background: np.ndarray
    window: tuple[float, float]
    observed: float
    expected: float
    local_p: float
    global_p: Interval
    statistics: np.ndarray

    @property
    def local_sigmas(self) -> float:
        """The local p-value in standard deviations; what looking elsewhere costs is not in it."""
        return max(sigmas(self.local_p), 0.0)

    @property
    def global_sigmas(self) -> float:
        """The global p-value in standard deviations; by the trial factor where no pseudo-experiment went so far."""
        return max(sigmas(self.extrapolated if self.unreached else self.global_p.value), 0.0)

    @property
    def unreached(self) -> bool:
        """Whether no pseudo-experiment has so unlikely an excess."""
        return bool(np.all(self.statistics < -np.log(self.local_p)))

    @property
    def trials(self) -> float:
        """How many independent places the search amounts to: what turns local into global p-values of 5 %."""
        return -np.log1p(-0.05) / float(np.exp(-np.quantile(self.statistics, 0.95)))

    @property
    def extrapolated(self) -> float:
        r"""The global p-value as \( 1 - (1 - p)^N \) with that number of places."""
        return float(-np.expm1(self.trials * np.log1p(-self.local_p)))


def bump_hunt(
    mass: np.ndarray,
    *,
    within: tuple[float, float],
    bins: int = 40,
    widths: tuple[int, int] = (2, 6),
    degree: int = 3,
    toys: int = 2000,
    region: tuple[float, float] | None = None,
    key: Key,
) -> BumpHunt:
    r"""Searches a spectrum for the most unlikely excess over a smooth background.

    The background is \( \exp(\text{polynomial of degree } d) \), fitted by maximum likelihood to all bins, or to those
    outside the region if there is one. For each window of some neighbouring bins the p-value of the events in it is
    computed, and \( t = -\ln \min p \) over all windows compared with that of pseudo-experiments, each fitted and
    searched like the data: that is the probability to find such a bump anywhere (the look-elsewhere effect).

    Args:
        mass: of each event; counts have no weights.
        within: lower and upper end of the spectrum.
        bins: of equal width.
        widths: least and largest window, in bins.
        degree: of the polynomial.
        toys: pseudo-experiments; the smallest global p-value that they can tell is about one over their number.
        region: windows must lie inside it, and the background is fitted outside; anywhere if None.
        key: of the pseudo-experiments.

    Raises:
        InputError: if there are too few events, or no window fits.

    Example:
        >>> import jax
        >>> rng = np.random.default_rng(0)
        >>> mass = np.concatenate([rng.exponential(1.0, 4000), rng.normal(1.5, 0.05, 150)])
        >>> found = bump_hunt(mass, within=(0.0, 4.0), toys=500, key=jax.random.key(0))
        >>> found.window[0] < 1.5 < found.window[1], found.global_p.value < 0.01
        (True, True)

    Source: G. Choudalakis, arXiv:1101.0390 (BumpHunter); E. Gross and O. Vitells, Eur. Phys. J. C 70 (2010) 525.
    """
    edges = np.linspace(*within, bins + 1)
    counts = np.histogram(mass, edges)[0].astype(float)
    if counts.sum() < 5 * (degree + 1):
        raise InputError(f"{int(counts.sum())} events between {within[0]:g} and {within[1]:g} are too few to fit")
    windows = _windows(edges, widths, region)
    middle = (edges[:-1] + edges[1:]) / 2
    used = np.ones(bins, bool) if region is None else (middle < region[0]) | (middle > region[1])
    if used.sum() <= degree + 1:
        raise InputError("the region leaves too few bins for the background; make it narrower")
    background = smooth(counts[None], degree, used)[0]
    first, last = windows
    local = _p_values(counts[None], background[None], windows)[0]
    best = int(np.argmin(local))
    draws = generator(key).poisson(background, (toys, bins)).astype(float)
    statistics = -np.log(_p_values(draws, smooth(draws, degree, used), windows).min(axis=1))
    above = int(np.sum(statistics >= -np.log(local[best])))
    inside = slice(first[best], last[best])
    return BumpHunt(
        edges,
        counts,
        background,
        (float(edges[first[best]]), float(edges[last[best]])),
        float(counts[inside].sum()),
        float(background[inside].sum()),
        float(local[best]),
        wilson((above + 1) / (toys + 1), toys + 1, method=f"Wilson, {toys} pseudo-experiments"),
        statistics,
    )


def _windows(
    edges: np.ndarray, widths: tuple[int, int], region: tuple[float, float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """First and last edge of every window."""
    bins, slack = len(edges) - 1, 1e-9 * (edges[-1] - edges[0])
    pairs = [(a, a + w) for w in range(widths[0], widths[1] + 1) for a in range(bins - w + 1)]
    if region is not None:
        pairs = [(a, b) for a, b in pairs if edges[a] >= region[0] - slack and edges[b] <= region[1] + slack]
    if not pairs or widths[0] < 1:
        raise InputError("no window of these widths fits; give more bins, other widths, or a wider region")
    first, last = np.array(pairs).T
    return first, last


def _p_values(counts: np.ndarray, background: np.ndarray, windows: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Probability of at least as many events in every window, shape (samples, windows); 1 where there is no excess."""
    first, last = windows
    sums = [np.concatenate([np.zeros((len(c), 1)), np.cumsum(c, axis=1)], axis=1) for c in (counts, background)]
    n, b = (total[:, last] - total[:, first] for total in sums)
    return np.where(n > b, np.maximum(gammainc(np.maximum(n, 1.0), b), 1e-300), 1.0)


def smooth(counts: np.ndarray, degree: int, used: np.ndarray | None = None) -> np.ndarray:
    r"""Expected counts \( \exp(\sum_k c_k P_k) \) that describe each spectrum best, by maximum likelihood.

    Args:
        counts: shape (spectra, bins).
        degree: of the polynomial.
        used: bins that are looked at, shape (bins,); all if None. The others are interpolated.

    Example:
        >>> spectrum = np.exp(5 - np.linspace(0, 3, 20))[None]
        >>> bool(np.allclose(smooth(spectrum, 2), spectrum))
        True
    """
    x = np.linspace(-1, 1, counts.shape[1])
    basis = np.polynomial.legendre.legvander(x, degree)
    used = np.ones(counts.shape[1], bool) if used is None else used
    start = np.log(np.maximum(counts, 0.5))
    weight = np.maximum(counts, 0.5)
    expected = weight
    for _ in range(STEPS):
        gram = np.einsum("sb,bi,bj->sij", weight * used, basis, basis, optimize=True) + 1e-9 * np.eye(degree + 1)
        pull = (weight * used * start) @ basis
        line = np.linalg.solve(gram, pull[..., None])[..., 0] @ basis.T
        expected = np.exp(np.clip(line, -30, 30))
        weight, start = expected, line + (counts - expected) / np.maximum(expected, 1e-12)
    return expected
