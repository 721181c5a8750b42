"""Features that know the answer: a column that alone gives the target is more often a leak than a discovery."""

from __future__ import annotations

import numpy as np

from ansatz.data.dataset import Dataset

ROWS = 200_000
"""Rows that are looked at; of larger samples, evenly spaced ones."""

FEWEST = 30
"""Below so many rows a column may give the target by chance."""


def suspicious(data: Dataset) -> list[dict[str, object]]:
    """Features that alone give the target, each with a sentence why.

    For classes: an area under the ROC curve of one class against the rest of at least .999 either way, or values each
    of which goes with one class (a hundredth of the errors of always naming the commonest class). For numbers: a rank
    correlation (Spearman) of at least .9999. Weights play no part.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> y = np.repeat([0, 1], 50)
        >>> x = np.stack([rng.normal(size=100), y + 0.1 * rng.random(100)], axis=1)
        >>> [s["column"] for s in suspicious(Dataset(x, y=y, columns=("noise", "leak"), classes=("b", "s")))]
        ['leak']
    """
    if data.x.ndim != 2 or data.y is None or data.y.ndim > 1 or len(data) < FEWEST:
        return []
    rows = np.unique(np.linspace(0, len(data) - 1, min(ROWS, len(data))).astype(int))
    judge = _gives_class if data.classes else _gives_number
    found = []
    for i, name in enumerate(data.columns):
        known = rows[np.isfinite(data.x[rows, i])]
        why = judge(data.x[known, i], data.y[known]) if len(known) >= FEWEST else None
        found += [{"column": name, "why": why}] if why else []
    return found


def _gives_class(column: np.ndarray, y: np.ndarray) -> str | None:
    different, value = np.unique(column, return_inverse=True)
    table = np.zeros((len(different), int(y.max()) + 1), int)
    np.add.at(table, (value, y), 1)
    for k in np.flatnonzero(table.sum(axis=0)):
        area = _area(table[:, k], table.sum(axis=1) - table[:, k])
        if area is not None and max(area, 1 - area) >= 0.999:
            return f"on its own it separates one class from the rest (area under the ROC curve {area:.4f})"
    errors, common = len(y) - table.max(axis=1).sum(), len(y) - table.sum(axis=0).max()
    if common and len(different) <= len(y) / 10 and errors <= common / 100:
        return f"its {len(different)} values each go with one class"
    return None


def _area(signal: np.ndarray, background: np.ndarray) -> float | None:
    """Area under the ROC curve from the counts at each value in rising order; ties count half."""
    pairs = signal.sum() * background.sum()
    if not pairs:
        return None
    return float(signal @ (np.cumsum(background) - background / 2) / pairs)


def _gives_number(column: np.ndarray, y: np.ndarray) -> str | None:
    ranks = np.stack([_ranks(column), _ranks(y)])
    if np.any(ranks.std(axis=1) == 0):
        return None
    rho = float(np.corrcoef(ranks)[0, 1])
    return f"on its own it orders the target (rank correlation {rho:.5f})" if abs(rho) >= 0.9999 else None


def _ranks(values: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - counts / 2)[inverse]
