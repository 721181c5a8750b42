"""Lattice states as problems of a study."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from ansatz.problems.lattice import references
from ansatz.problems.lattice.drawing import LatticeStates, spaced
from ansatz.problems.lattice.fields import XY, Phi4
from ansatz.problems.lattice.geometry import Lattice, lattice_named
from ansatz.problems.lattice.models import Ising, Potts


@dataclasses.dataclass(frozen=True, kw_only=True)
class IsingStates(LatticeStates):
    """States of the Ising model at several temperatures, in thermal equilibrium.

    The features are spins of plus and minus one, shape (states, L, L), or as the lattice has it. Chains start in one of
    the two ordered states, so that below the transition both signs are equally likely and no domain wall survives. Each
    state carries the quality of its temperature's sample (see `drawing.dataset`).

    Attributes:
        size: side of the lattice, L.
        temperatures: in units of the coupling; the default is the range of J. Carrasquilla and R. G. Melko, Nature
            Phys. 13 (2017) 431, arXiv:1605.01735.
        lattice: `"square"`, `"chain"`, `"triangular"` or `"cubic"`.
        coupling: J, or one for each bond direction.
        field: h.
        label: `"phase"`, `"temperature"`, `"energy"` or `"none"`.
        method: `"auto"`, `"metropolis"`, `"heat-bath"`, `"wolff"`, `"swendsen-wang"` or `"metropolis+wolff"`.
        chains: most independent chains at one temperature.
        spacing: steps between two states of a chain; three autocorrelation times by default.
        warmup: steps before the first state; ten spacings by default.
        flat: whether a state is a row of columns, for methods that take tables.

    Raises:
        InputError: if an option is out of range, or the sampler cannot take the lattice.

    Example:
        >>> import jax
        >>> data = IsingStates(size=4, temperatures=(1.0, 4.0)).draw(jax.random.key(0), 100)
        >>> data.x.shape, data.classes, int(data.y.sum())
        ((100, 4, 4), ('disordered', 'ordered'), 50)
    """

    size: int = 40
    temperatures: tuple[float, ...] = spaced(1.0, 3.54, 41)
    lattice: str = "square"
    coupling: float | tuple[float, ...] = 1.0
    field: float = 0.0

    events: ClassVar[int] = 4100
    citations: ClassVar[tuple[str, ...]] = (
        references.ONSAGER,
        references.KAUFMAN,
        references.METROPOLIS,
        references.PHASES,
    )

    @property
    def grid(self) -> tuple[float, ...]:
        """The temperatures."""
        return tuple(self.temperatures)

    @property
    def model(self) -> Ising:
        """The energies."""
        return Ising(self.coupling, self.field)

    @property
    def sites(self) -> Lattice:
        """The lattice itself."""
        return lattice_named(self.lattice, self.size)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PottsStates(LatticeStates):
    """States of the Potts model on a square lattice: colors 0..q-1, shape (states, L, L).

    Attributes:
        size: side of the lattice, L.
        states: number of colors, q.
        temperatures: in units of the coupling; the transition is at 1 / ln(1 + sqrt q).
        label: `"phase"`, `"temperature"`, `"energy"` or `"none"`.
        method: the sampler, as for `IsingStates`.
        chains: most independent chains at one temperature.
        spacing: steps between two states of a chain.
        warmup: steps before the first state; ten spacings by default.
        flat: whether a state is a row of columns, for methods that take tables.

    Example:
        >>> PottsStates(size=8, states=3, temperatures=(0.5, 2.0)).task
        'classification'
    """

    size: int = 24
    states: int = 3
    temperatures: tuple[float, ...] = spaced(0.5, 1.5, 21)

    events: ClassVar[int] = 2100
    citations: ClassVar[tuple[str, ...]] = (references.POTTS, references.METROPOLIS)

    @property
    def grid(self) -> tuple[float, ...]:
        """The temperatures."""
        return tuple(self.temperatures)

    @property
    def model(self) -> Potts:
        """The energies."""
        return Potts(self.states)

    @property
    def sites(self) -> Lattice:
        """The lattice itself."""
        return lattice_named("square", self.size)


@dataclasses.dataclass(frozen=True, kw_only=True)
class XYStates(LatticeStates):
    """States of the XY model on a square lattice: angles in radians, shape (states, L, L).

    Attributes:
        size: side of the lattice, L.
        temperatures: in units of the coupling; the Kosterlitz-Thouless transition is at 0.893.
        label: `"phase"`, `"temperature"`, `"energy"` or `"none"`.
        method: the sampler, as for `IsingStates`.
        chains: most independent chains at one temperature.
        spacing: steps between two states of a chain.
        warmup: steps before the first state; ten spacings by default.
        flat: whether a state is a row of columns, for methods that take tables.

    Example:
        >>> XYStates(size=8, temperatures=(0.5, 2.0), label="temperature").task
        'regression'
    """

    size: int = 16
    temperatures: tuple[float, ...] = spaced(0.4, 1.6, 21)

    events: ClassVar[int] = 2100
    citations: ClassVar[tuple[str, ...]] = (references.KOSTERLITZ_THOULESS, references.METROPOLIS)

    @property
    def grid(self) -> tuple[float, ...]:
        """The temperatures."""
        return tuple(self.temperatures)

    @property
    def model(self) -> XY:
        """The energies."""
        return XY()

    @property
    def sites(self) -> Lattice:
        """The lattice itself."""
        return lattice_named("square", self.size)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Phi4States(LatticeStates):
    """Configurations of a real scalar field on a square lattice with the weight exp(-S), shape (states, L, L).

    Attributes:
        size: side of the lattice, L.
        mass_squared: m^2; negative for two minima.
        quartic: lambda.
        label: `"energy"` (the action per site) or `"none"`.
        method: the sampler, as for `IsingStates`.
        chains: most independent chains.
        spacing: steps between two states of a chain.
        warmup: steps before the first state; ten spacings by default.
        flat: whether a state is a row of columns, for methods that take tables.

    Example:
        >>> Phi4States(size=8, mass_squared=0.5, quartic=0.0).task
        'regression'
    """

    size: int = 16
    mass_squared: float = -1.0
    quartic: float = 0.25
    label: str = "energy"

    events: ClassVar[int] = 1000
    citations: ClassVar[tuple[str, ...]] = (references.PHI4, references.METROPOLIS)

    @property
    def grid(self) -> tuple[float, ...]:
        """One temperature, at which the weight is exp(-S)."""
        return (1.0,)

    @property
    def model(self) -> Phi4:
        """The action."""
        return Phi4(self.mass_squared, self.quartic)

    @property
    def sites(self) -> Lattice:
        """The lattice itself."""
        return lattice_named("square", self.size)
