"""The samplers by name."""

from __future__ import annotations

from ansatz.errors import InputError, suggest
from ansatz.problems.lattice.geometry import Lattice
from ansatz.problems.lattice.models import Ising, Model
from ansatz.problems.lattice.sampling.checkerboard import Checkerboard
from ansatz.problems.lattice.sampling.clusters import Clusters
from ansatz.problems.lattice.sampling.flood import Flood
from ansatz.problems.lattice.sampling.kernels import Kernel
from ansatz.problems.lattice.sampling.mixture import Alternating
from ansatz.problems.lattice.sampling.multispin import Multispin

METHODS = ("auto", "metropolis", "heat-bath", "wolff", "swendsen-wang", "metropolis+wolff")


def kernel_named(method: str, model: Model, lattice: Lattice) -> Kernel:
    """The fastest kernel of a method for a model.

    Ising models take the multi-spin coded kernels. `"auto"` is Metropolis, for Ising models without a field alternating
    with Wolff clusters.

    Raises:
        InputError: if there is no such method, or it cannot take the model or the lattice.
    """
    if method not in METHODS:
        raise InputError(f"there is no sampler '{method}'; there are: {', '.join(METHODS)}{suggest(method, METHODS)}")
    if method == "auto":
        method = _best(model, lattice)
    if method == "metropolis+wolff":
        return Alternating(kernel_named("metropolis", model, lattice), kernel_named("wolff", model, lattice))
    if method == "swendsen-wang":
        return Clusters(model, lattice)
    if not isinstance(model, Ising):
        return Clusters(model, lattice, "wolff") if method == "wolff" else Checkerboard(model, lattice, method)
    if method == "wolff":
        return Flood(model, lattice) if model.symmetric else Clusters(model, lattice, "wolff")
    return Multispin(model, lattice, method)


def _best(model: Model, lattice: Lattice) -> str:
    if not lattice.even:
        return "wolff"
    return "metropolis+wolff" if isinstance(model, Ising) and model.symmetric else "metropolis"
