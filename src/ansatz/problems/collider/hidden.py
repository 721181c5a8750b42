"""A weak resonance in a large background of jets, for searches that do not know what they look for."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.typing import Key

COLUMNS = ("jet_mass", "mass_difference", "tau21_first", "tau21_second")

CWOLA = """@article{Collins:2018epr,
  author = {Collins, Jack H. and Howe, Kiel and Nachman, Benjamin},
  title = {Anomaly Detection for Resonant New Physics with Machine Learning},
  journal = {Phys. Rev. Lett.}, volume = {121}, pages = {241803}, year = {2018}, eprint = {1805.02664}
}"""


@dataclasses.dataclass(frozen=True)
class HiddenResonance:
    """Pairs of jets: their mass falls steeply, and a few of them come from a heavy particle.

    The invariant mass of background falls as exp(-m / slope); that of signal is a Gaussian. The four features of the
    jets do not depend on the mass within a class. Background jets are light and without structure; those of the signal
    come from two lighter particles, so that their masses and their substructure stand out. Shapes are as simple as the
    search needs; they are not those of a simulation.

    Attributes:
        mass: of the particle, in TeV.
        width: of its peak, in TeV.
        slope: of the background, in TeV.
        window: masses that are kept, in TeV.
        signal: expected part of signal.

    Raises:
        InputError: if a number is out of range.

    Example:
        >>> import jax
        >>> data = HiddenResonance().draw(jax.random.key(0), 5000)
        >>> data.columns[0], data.units["mass"], bool(0 < data.y.mean() < 0.02)
        ('jet_mass', 'TeV', True)
    """

    mass: float = 3.5
    width: float = 0.1
    slope: float = 0.7
    window: tuple[float, float] = (2.5, 5.0)
    signal: float = 0.005

    events: ClassVar[int] = 40_000
    task: ClassVar[str] = "classification"
    citations: ClassVar[tuple[str, ...]] = (CWOLA,)

    def __post_init__(self) -> None:
        if not 0 <= self.signal < 1:
            raise InputError(f"hidden-resonance: signal is a part of the events, from 0 to below 1, not {self.signal}")
        if not min(self.width, self.slope) > 0 or not self.window[0] < self.mass < self.window[1]:
            raise InputError("hidden-resonance: width and slope are positive, and the mass lies inside the window")

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` events; the invariant mass is an observer."""
        rng = generator(key)
        y = (rng.random(n) < self.signal).astype(int)
        x = np.where(y[:, None] == 1, _signal(rng, n), _background(rng, n))
        return Dataset(
            x,
            y=y,
            columns=COLUMNS,
            target=("class",),
            classes=("background", "signal"),
            observers={"mass": self._masses(rng, y)},
            units={"jet_mass": "TeV", "mass_difference": "TeV", "mass": "TeV"},
            name="hidden-resonance",
        )

    def _masses(self, rng: np.random.Generator, y: np.ndarray) -> np.ndarray:
        low, high = self.window
        tail = np.exp(-(high - low) / self.slope)
        falling = low - self.slope * np.log(1 - rng.random(len(y)) * (1 - tail))
        peak = np.clip(rng.normal(self.mass, self.width, len(y)), low, high)
        return np.where(y == 1, peak, falling)


def _background(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.column_stack([rng.gamma(2.0, 0.06, n), rng.exponential(0.12, n), rng.beta(6, 3, n), rng.beta(6, 3, n)])


def _signal(rng: np.random.Generator, n: int) -> np.ndarray:
    masses = [rng.normal(0.3, 0.03, n), rng.normal(0.25, 0.04, n)]
    return np.column_stack([*masses, rng.beta(2, 5, n), rng.beta(2, 5, n)])
