"""Four-momenta in formulae: made from columns, added, and asked for masses and angles; `vector` does the arithmetic."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from ansatz.data.jagged import is_jagged
from ansatz.errors import InputError, required

Momentum = Any
"""A `vector.MomentumNumpy4D` of shape (events,)."""

MADE: dict[str, tuple[str, ...]] = {"momentum": ("pt", "eta", "phi", "mass"), "fourvector": ("E", "px", "py", "pz")}
"""From what makes a momentum to the coordinates that it takes; a mass that is not given is zero."""

OF_SUM: dict[str, Callable[[Momentum], np.ndarray]] = {
    "mass": lambda p: p.mass, "pt": lambda p: p.pt, "eta": lambda p: p.eta, "phi": lambda p: p.phi,
    "rapidity": lambda p: p.rapidity, "energy": lambda p: p.E, "px": lambda p: p.px, "py": lambda p: p.py,
    "pz": lambda p: p.pz, "theta": lambda p: p.theta,
}  # fmt: skip
"""What is asked of one momentum, or of the sum of several."""

OF_TWO: dict[str, Callable[[Momentum, Momentum], np.ndarray]] = {
    "delta_r": lambda a, b: a.deltaR(b),
    "delta_phi": lambda a, b: a.deltaphi(b),
    "delta_eta": lambda a, b: a.eta - b.eta,
    "angle": lambda a, b: a.deltaangle(b),
    "transverse_mass": lambda a, b: np.sqrt(np.maximum((a.pt + b.pt) ** 2 - (a + b).pt ** 2, 0.0)),
}
"""What is asked of two momenta; the transverse mass takes both as massless."""

FUNCTIONS = (*MADE, *OF_SUM, *OF_TWO)
NONE_OF_THIS = "a momentum is made by momentum(pt, eta, phi), momentum(pt, eta, phi, mass) or fourvector(E, px, py, pz)"


def is_momentum(values: object) -> bool:
    """Whether these are momenta rather than numbers."""
    return isinstance(values, np.ndarray) and values.dtype.names is not None


def makes_momentum(tree: ast.AST, momenta: Collection[str]) -> bool:
    """Whether a formula gives momenta, where some columns are known to be such."""
    if isinstance(tree, ast.Name):
        return tree.id in momenta
    if isinstance(tree, ast.BinOp):
        return makes_momentum(tree.left, momenta) or makes_momentum(tree.right, momenta)
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in MADE


def applied(name: str, arguments: Sequence[object]) -> object:
    """A momentum from columns, or what is asked of momenta.

    Raises:
        InputError: if the number of arguments is wrong, or they are not what the function takes.
    """
    if name in MADE:
        return _made(name, arguments)
    for value in arguments:
        if not is_momentum(value):
            raise InputError(f"{name} is asked of momenta; {NONE_OF_THIS}")
    if name in OF_SUM:
        return np.asarray(OF_SUM[name](_total(arguments)))
    if len(arguments) != 2:
        raise InputError(f"{name} takes two momenta, not {len(arguments)}")
    return np.asarray(OF_TWO[name](*arguments))


def _total(momenta: Sequence[Momentum]) -> Momentum:
    if not momenta:
        raise InputError("no momentum is given")
    return momenta[0] if len(momenta) == 1 else momenta[0] + _total(momenta[1:])


def _made(name: str, arguments: Sequence[object]) -> Momentum:
    """In Cartesian coordinates, where differences keep the sign of their energy."""
    coordinates = MADE[name]
    if len(arguments) not in ((3, 4) if name == "momentum" else (4,)):
        raise InputError(f"{name} takes {', '.join(coordinates)}; {len(arguments)} are given")
    for coordinate, value in zip(coordinates, arguments, strict=False):
        if is_momentum(value):
            raise InputError(f"{coordinate} of {name} is a number, not a momentum")
        if is_jagged(value):
            raise InputError(f"{coordinate} of {name} is a list per event; take one element, as in Muon_pt[0]")
    values = [*arguments, 0.0][:4]
    arrays = np.broadcast_arrays(*(np.asarray(value, float) for value in values))
    arrays = [np.atleast_1d(array) for array in arrays]
    made = required("vector", extra="hep").array(dict(zip(coordinates, arrays, strict=True)))
    return made.to_xyzt()


def invariants(momenta: Sequence[str]) -> dict[str, str]:
    """Formulae of what does not depend on the frame, or on boosts along the beam, for every set of some momenta.

    For each pair its mass and its distance in rapidity and azimuth; for more than two also the mass and the transverse
    momentum of all together.

    Args:
        momenta: names of columns that hold momenta.

    Raises:
        InputError: if there are fewer than two.

    Example:
        >>> invariants(["a", "b"])
        {'mass_a_b': 'mass(a, b)', 'delta_r_a_b': 'delta_r(a, b)'}
    """
    if len(momenta) < 2:
        raise InputError(f"invariants need the names of at least two momenta, not {len(momenta)}")
    pairs = list(itertools.combinations(momenta, 2))
    found = {f"{name}_{a}_{b}": f"{name}({a}, {b})" for name in ("mass", "delta_r") for a, b in pairs}
    if len(momenta) > 2:
        found |= {f"{name}_of_all": f"{name}({', '.join(momenta)})" for name in ("mass", "pt")}
    return found
