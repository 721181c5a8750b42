"""Which exact answer belongs to a model on a lattice."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

from ansatz.problems.lattice.exact import infinite
from ansatz.problems.lattice.exact.enumeration import Enumeration, enumerate_states
from ansatz.problems.lattice.exact.kaufman import kaufman
from ansatz.problems.lattice.fields import XY, Phi4
from ansatz.problems.lattice.geometry import Lattice
from ansatz.problems.lattice.models import Ising, Model, Potts

SMALL = 1 << 16
"""Lattices with at most so many states are enumerated."""


class Reference(NamedTuple):
    """An exact energy per site, and where it comes from."""

    energy: float
    origin: str


def exact_energy(model: Model, lattice: Lattice, temperature: float) -> Reference | None:
    """The exact mean energy per site, or None where nobody knows it.

    Ising: Kaufman's partition function (square, no field, any size), the transfer matrix (ring), Houtappel's integral
    (triangular, far enough from the transition for the size not to matter). Any model of few states: enumeration. The
    free field: equipartition.

    Example:
        >>> from ansatz.problems.lattice import Ising, square
        >>> exact_energy(Ising(), square(40), 2.5).origin
        'Kaufman'
    """
    if isinstance(model, Ising) and len(lattice.shape) == 1:
        (coupling,) = model.couplings(lattice)
        value = infinite.chain_energy(temperature, coupling=coupling, field=model.field, size=lattice.sites)
        return Reference(value, "transfer matrix")
    if isinstance(model, Ising) and _onsager(model, lattice):
        vertical, horizontal = (abs(coupling) for coupling in model.couplings(lattice))
        value = kaufman(temperature, *lattice.shape, vertical=vertical, horizontal=horizontal)
        return Reference(value.energy, "Kaufman")
    if model.values is not None and lattice.sites * math.log(len(model.values)) <= math.log(SMALL) + 1e-9:
        exact = _enumerated(model, lattice)
        return Reference(exact.mean(exact.energy, temperature), "enumeration")
    if isinstance(model, Phi4) and model.quartic == 0:
        return Reference(temperature / 2, "equipartition")
    if isinstance(model, Ising) and _houtappel(model, lattice, temperature):
        return Reference(infinite.triangular_energy(temperature, model.couplings(lattice)[0]), "Houtappel")
    return None


def transition(model: Model, lattice: Lattice) -> float | None:
    """The temperature below which the infinite lattice is ordered; None if that is not known.

    Example:
        >>> from ansatz.problems.lattice import Potts, square
        >>> round(transition(Potts(3), square(8)), 4)
        0.995
    """
    couplings = model.couplings(lattice)
    same = len(set(couplings)) == 1 and couplings[0] > 0
    if isinstance(model, Phi4) or not model.symmetric:
        return None
    if lattice.name == "chain":
        return 0.0
    if lattice.name == "square lattice" and isinstance(model, Ising):
        return infinite.critical_temperature(*couplings)
    known = {
        ("triangular lattice", Ising): lambda: infinite.triangular_critical_temperature(couplings[0]),
        ("cubic lattice", Ising): lambda: infinite.CUBIC_TC * couplings[0],
        ("square lattice", Potts): lambda: infinite.potts_critical_temperature(len(model.values or ()), couplings[0]),
        ("square lattice", XY): lambda: infinite.XY_TC * couplings[0],
    }
    find = known.get((lattice.name, type(model)))
    return find() if find and same else None


def _onsager(model: Ising, lattice: Lattice) -> bool:
    """Whether Kaufman's formula holds: no field, and couplings whose sign does not matter or is positive."""
    couplings = model.couplings(lattice)
    signs = all(c > 0 for c in couplings) or (lattice.even and all(c != 0 for c in couplings))
    return lattice.bonds == ((1, 0), (0, 1)) and model.symmetric and signs


def _houtappel(model: Ising, lattice: Lattice, temperature: float) -> bool:
    couplings = model.couplings(lattice)
    if lattice.name != "triangular lattice" or not model.symmetric or len(set(couplings)) > 1 or couplings[0] <= 0:
        return False
    distance = abs(temperature / infinite.triangular_critical_temperature(couplings[0]) - 1)
    return distance * min(lattice.shape) > 6


@functools.lru_cache(maxsize=16)
def _enumerated(model: Model, lattice: Lattice) -> Enumeration:
    return enumerate_states(model, lattice)
