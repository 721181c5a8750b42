"""The significance over the cut on a score, with its band: chosen on one sample, quoted on another."""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.errors import InputError
from ansatz.inference.replicas import poisson_counts
from ansatz.inference.significance import formula_named
from ansatz.keys import generator
from ansatz.typing import Key
from ansatz.validation import Interval

MOST_CUTS = 200


@dataclasses.dataclass(frozen=True, eq=False)
class CutScan:
    """Significances of all cuts on a score.

    Attributes:
        cut: events with at least this score are kept, shape (cuts,), rising.
        signal: expected signal above each cut.
        background: expected background above each cut.
        value: significance.
        low: lower edge of its band.
        high: upper edge.
        best: number of the cut with the largest significance.
        name: of the significance.
    """

    cut: np.ndarray
    signal: np.ndarray
    background: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    best: int
    name: str

    @property
    def chosen(self) -> float:
        """The best cut."""
        return float(self.cut[self.best])

    def at(self, cut: float) -> Interval:
        """Significance of the cut next to `cut`, on this sample."""
        i = int(np.argmin(np.abs(self.cut - cut)))
        return Interval(float(self.value[i]), float(self.low[i]), float(self.high[i]), method="Poisson bootstrap")


def scan_cuts(
    score: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    *,
    significance: str = "asimov",
    relative_error: float = 0.0,
    cuts: np.ndarray | None = None,
    fewest: int = 5,
    replicas: int = 200,
    level: float = 0.6827,
    key: Key,
) -> CutScan:
    r"""The expected significance over the cut on a score, with a band from the Poisson bootstrap of the events.

    Cuts that leave fewer than `fewest` background events (of the sample, not of their weights) are left out: there the
    background is not known, and a search for the largest value would find its fluctuations.

    Args:
        score: larger means more like signal, shape (events,).
        y: 1 for signal, 0 for background, shape (events,).
        weight: events expected for each event of the sample, of either sign, shape (events,).
        significance: a name of `SIGNIFICANCES`.
        relative_error: uncertainty of the background, as a part of it; for `"asimov"`.
        cuts: the cuts; by default up to 200 quantiles of the score of signal.
        fewest: background events that a cut must leave.
        replicas: bootstrap replicas of the band.
        level: probability that the band holds the truth.
        key: random key of the bootstrap.

    Raises:
        InputError: if a class is missing, or a background error is given to a significance that has none.

    Example:
        >>> import jax
        >>> y = np.repeat([0, 1], 500)
        >>> score = np.concatenate([np.linspace(0, 1, 500), np.linspace(0.5, 1.5, 500)])
        >>> scan = scan_cuts(score, y, np.where(y == 1, 0.02, 1.0), key=jax.random.key(0))
        >>> round(scan.chosen, 1), round(float(scan.value[scan.best]), 1)
        (1.0, 1.8)
    """
    y = np.asarray(y).astype(int)
    if set(np.unique(y)) != {0, 1}:
        raise InputError(f"a significance needs signal (1) and background (0); the classes are {np.unique(y).tolist()}")
    formula = formula_named(significance, relative_error)
    grid = _grid(score, y, fewest) if cuts is None else np.asarray(cuts, float)
    sums = _sums(score, y, np.asarray(weight, float), grid)
    rng = generator(key)
    spread = np.stack([formula(*_sums(score, y, weight * poisson_counts(rng, len(y)), grid)) for _ in range(replicas)])
    tail = 100 * (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low, high = np.percentile(np.where(np.isfinite(spread), spread, 0.0), [tail, 100 - tail], axis=0)
    value = np.asarray(formula(*sums))
    best = int(np.argmax(np.where(np.isfinite(value), value, -np.inf)))
    return CutScan(grid, *sums, value, low, high, best, significance)


def _grid(score: np.ndarray, y: np.ndarray, fewest: int) -> np.ndarray:
    """Quantiles of the signal's score, up to where enough background is left."""
    background = np.sort(score[y == 0])
    if len(background) < fewest:
        raise InputError(f"{len(background)} background events are too few to scan cuts; {fewest} must be left by each")
    cuts = np.unique(np.quantile(score[y == 1], np.linspace(0, 1, MOST_CUTS)))
    kept = cuts[cuts <= background[-fewest]]
    return kept if len(kept) else background[-fewest:][:1]


def _sums(score: np.ndarray, y: np.ndarray, weight: np.ndarray, cuts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of weights of signal and background at or above each cut."""
    place = np.searchsorted(cuts, score, side="right")
    total = [np.bincount(place[y == k], weight[y == k], minlength=len(cuts) + 1) for k in (1, 0)]
    signal, background = (np.cumsum(t[::-1])[::-1][1:] for t in total)
    return signal, background
