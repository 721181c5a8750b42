"""Histograms as objects of the `hist` package, and as a ROOT file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ansatz.errors import required
from ansatz.files import whole


class Binned(NamedTuple):
    """A weighted histogram: edges of the bins, sums of weights, and of their squares."""

    edges: np.ndarray
    count: np.ndarray
    variance: np.ndarray


def histogram_of(binned: Binned, *, name: str = "x", label: str = "") -> Any:
    """A histogram of the `hist` package with weighted storage.

    Raises:
        InputError: if `hist` is not installed.

    Example:
        >>> one = histogram_of(Binned(np.array([0.0, 1.0, 2.0]), np.array([3.0, 1.0]), np.array([4.0, 1.0])))
        >>> one.values().tolist(), one.variances().tolist()
        ([3.0, 1.0], [4.0, 1.0])
    """
    hist = required("hist", extra="export")
    axis = hist.axis.Variable(binned.edges, name=name, label=label or name)
    found = hist.Hist(axis, storage=hist.storage.Weight())
    found.view().value[...] = binned.count
    found.view().variance[...] = binned.variance
    return found


def write_histograms(histograms: Mapping[str, Binned], path: Path | str) -> Path:
    """Writes histograms into a ROOT file, with the errors of their bins; slashes in names make folders.

    Args:
        histograms: by name.
        path: the file; it appears whole or not at all.

    Raises:
        InputError: if `hist` is not installed, or the file cannot be written.
    """
    import uproot

    made = {name: histogram_of(one, label=name) for name, one in histograms.items()}
    path = Path(path)
    with whole(path) as temporary:
        with uproot.recreate(temporary) as file:
            for name, histogram in made.items():
                file[_safe(name)] = histogram
    return path


def _safe(name: str) -> str:
    """A name that ROOT takes: no spaces, no semicolons."""
    return name.replace(" ", "_").replace(";", "_")
