"""A decay that peaks in its mass, over chance combinations, with control variables that know the species only."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.references import SPLOT
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, kw_only=True)
class StrangeBeauty:
    r"""Candidates for a strange beauty meson: a peak at 5.37 GeV over a falling background.

    Momentum and vertex quality of real mesons differ from those of chance combinations; within each species they are
    independent of the mass, unless `correlation` makes the background's momentum grow with it.

    Attributes:
        signal: expected part of signal.
        resolution: of the mass, GeV.
        correlation: slope of the background's mean logarithm of momentum with the mass, per 0.1 GeV.

    Raises:
        InputError: if a parameter is out of range.

    Example:
        >>> import jax
        >>> data = StrangeBeauty().draw(jax.random.key(0), 1000)
        >>> data.columns, data.classes
        (('mass', 'pt', 'vertex_chi2', 'tracks'), ('background', 'signal'))
    """

    signal: float = 0.25
    resolution: float = 0.018
    correlation: float = 0.0

    events: ClassVar[int] = 20_000
    task: ClassVar[str] = "classification"
    within: ClassVar[tuple[float, float]] = (5.2, 5.6)
    citations: ClassVar[tuple[str, ...]] = (SPLOT,)

    def __post_init__(self) -> None:
        if not 0 < self.signal < 1:
            raise InputError(f"strange-beauty: signal is a part of the events, between 0 and 1, not {self.signal}")
        if not 0 < self.resolution < 0.1:
            raise InputError(f"strange-beauty: resolution lies between 0 and 0.1 GeV, not {self.resolution}")

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` candidates."""
        rng = generator(key)
        y = (rng.random(n) < self.signal).astype(int)
        mass = np.where(y == 1, self._peak(rng, n), self._below(rng, n))
        lift = np.where(y == 1, 0.0, self.correlation * (mass - 5.4) / 0.1)
        pt = np.exp(rng.normal(np.where(y == 1, 1.9, 1.4) + lift, 0.45))
        vertex = rng.gamma(np.where(y == 1, 2.0, 4.0), np.where(y == 1, 2.5, 4.0))
        tracks = rng.poisson(np.where(y == 1, 35.0, 42.0) * rng.gamma(8.0, 1 / 8.0, n)).astype(float)
        return Dataset(
            np.column_stack([mass, pt, vertex, tracks]),
            y=y,
            columns=("mass", "pt", "vertex_chi2", "tracks"),
            target=("species",),
            classes=("background", "signal"),
            units={"mass": "GeV", "pt": "GeV"},
            name="strange-beauty",
        )

    def _peak(self, rng: np.random.Generator, n: int) -> np.ndarray:
        low, high = self.within
        mass = rng.normal(5.3669, self.resolution, n)
        return np.clip(mass, low, high)

    def _below(self, rng: np.random.Generator, n: int, slope: float = -1.8) -> np.ndarray:
        low, high = self.within
        return low + np.log1p(rng.random(n) * np.expm1(slope * (high - low))) / slope
