"""The problems by name, and what each of them answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol

from ansatz.data.dataset import Dataset
from ansatz.problems.blobs import Blobs
from ansatz.problems.clumps import Clumps
from ansatz.problems.collider.dalitz import Dalitz
from ansatz.problems.collider.decays import StrangeBeauty
from ansatz.problems.collider.hidden import HiddenResonance
from ansatz.problems.collider.resonance import Resonance
from ansatz.problems.digits import Digits
from ansatz.problems.gaussians import Gaussians
from ansatz.problems.lattice.sources import IsingStates, Phi4States, PottsStates, XYStates
from ansatz.problems.manifolds import Manifold
from ansatz.problems.partons.gluon import Gluon
from ansatz.problems.polynomial import NoisyPolynomial
from ansatz.problems.potatoes import Potatoes
from ansatz.problems.teacher import Teacher
from ansatz.problems.xnor import Xnor
from ansatz.typing import Key


class Problem(Protocol):
    """A source with a name, a usual size and a reference.

    Attributes:
        events: how many events a study draws if it does not say.
        citations: BibTeX entries of the papers it comes from.
    """

    events: ClassVar[int]
    citations: ClassVar[tuple[str, ...]]

    @property
    def task(self) -> str:
        """`"classification"` or `"regression"`."""
        ...

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` independent events."""
        ...


PROBLEMS: dict[str, Callable[..., Problem]] = {
    "resonance": Resonance,
    "xnor": Xnor,
    "noisy-polynomial": NoisyPolynomial,
    "digits": Digits,
    "potatoes": Potatoes,
    "blobs": Blobs,
    "clumps": Clumps,
    "manifold": Manifold,
    "gaussians": Gaussians,
    "strange-beauty": StrangeBeauty,
    "dalitz": Dalitz,
    "hidden-resonance": HiddenResonance,
    "ising": IsingStates,
    "potts": PottsStates,
    "xy": XYStates,
    "phi4": Phi4States,
    "gluon": Gluon,
    "teacher": Teacher,
}
"""Constructor of each problem; its signature is the schema of its options."""
