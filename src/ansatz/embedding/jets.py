"""Jets: groups of particles by the distance of four-momenta, merged pair by pair (generalized kt)."""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.errors import InputError, suggest

POWERS = {"kt": 1.0, "cambridge-aachen": 0.0, "anti-kt": -1.0}
"""Power p of the transverse momentum in the distance, for each algorithm."""

FORWARD = 1e5
"""Rapidity that stands for infinity: a momentum exactly along the beam."""


@dataclasses.dataclass(frozen=True, eq=False)
class Jets:
    """The jets of one event, hardest first.

    Attributes:
        momentum: sums of four-momenta (E, px, py, pz), shape (jets, 4).
        group: number of the jet of each particle, shape (particles,); -1 where that jet was too soft.
    """

    momentum: np.ndarray
    group: np.ndarray

    def __len__(self) -> int:
        return len(self.momentum)

    @property
    def pt(self) -> np.ndarray:
        """Transverse momenta, shape (jets,)."""
        return np.hypot(self.momentum[:, 1], self.momentum[:, 2])


def cluster_jets(
    momenta: np.ndarray, *, radius: float = 0.4, algorithm: str = "anti-kt", least_pt: float = 0.0
) -> Jets:
    r"""The jets of one event: agglomerative clustering with the metric of four-momenta.

    $d_{ij} = \min(p_{Ti}^{2p}, p_{Tj}^{2p})\, \Delta R_{ij}^2 / R^2$ between particles and $d_{iB} = p_{Ti}^{2p}$
    to the beam, with $\Delta R^2 = \Delta y^2 + \Delta\phi^2$. The pair with the least distance is replaced by the sum
    of its momenta; a particle that is nearest to the beam becomes a jet. p = 1 is kt, 0 Cambridge/Aachen, -1 anti-kt.

    Args:
        momenta: (E, px, py, pz) of each particle, shape (particles, 4).
        radius: R, the reach of a jet.
        algorithm: "kt", "cambridge-aachen" or "anti-kt".
        least_pt: transverse momentum that a jet has at least.

    Raises:
        InputError: if the algorithm or a number is none that can be used.

    Source: M. Cacciari, G. Salam and G. Soyez, arXiv:0802.1189; the search keeps the nearest neighbor of each
    particle, as in M. Cacciari and G. Salam, hep-ph/0512210.

    Example:
        >>> event = np.array([[50.0, 50.0, 0.0, 0.0], [10.0, 9.9, 1.0, 0.0], [40.0, -40.0, 0.0, 0.0]])
        >>> jets = cluster_jets(event)
        >>> jets.group.tolist(), np.round(jets.pt, 2).tolist()
        ([0, 0, 1], [59.91, 40.0])
    """
    momenta = _checked(momenta, radius, algorithm)
    merging = _Merging(momenta, radius, POWERS[algorithm])
    while merging.alive:
        merging.step()
    return _sorted(np.array(merging.jets).reshape(-1, 4), merging.members, len(momenta), least_pt)


class _Merging:
    """The state of the clustering: momenta in slots, and for each slot its nearest neighbor."""

    def __init__(self, momenta: np.ndarray, radius: float, power: float) -> None:
        self.momentum, self.radius2, self.power = momenta.copy(), radius**2, power
        self.alive = len(momenta)
        self.axes = axes_of(self.momentum)
        self.scale = self._scales(self.momentum)
        self.parts: list[list[int]] = [[i] for i in range(len(momenta))]
        self.jets: list[np.ndarray] = []
        self.members: list[list[int]] = []
        self.near = np.full(len(momenta), self.radius2)
        self.neighbor = np.full(len(momenta), -1)
        for slot in range(self.alive):
            self._look(slot)

    def step(self) -> None:
        """Merge the nearest pair, or declare a jet."""
        n = self.alive
        other = self.neighbor[:n]
        scale = np.where(other >= 0, np.minimum(self.scale[:n], self.scale[other]), self.scale[:n])
        a = int(np.argmin(scale * self.near[:n]))
        b = int(self.neighbor[a])
        if b < 0:
            self.jets.append(self.momentum[a].copy())
            self.members.append(self.parts[a])
            self._remove(a)
            return
        a, b = min(a, b), max(a, b)
        self.momentum[a] += self.momentum[b]
        self.parts[a] = self.parts[a] + self.parts[b]
        self.axes[a], self.scale[a] = axes_of(self.momentum[a]), self._scales(self.momentum[a])
        orphans = self._orphans(a)
        self._remove(b, orphans, renewed=a)

    def _orphans(self, *gone: int) -> np.ndarray:
        return np.flatnonzero(np.isin(self.neighbor[: self.alive], gone))

    def _remove(self, slot: int, orphans: np.ndarray | None = None, renewed: int | None = None) -> None:
        """Take a slot away: the last one moves there, and all that pointed to what is gone look again."""
        again = set(self._orphans(slot).tolist()) | (set() if orphans is None else set(orphans.tolist()))
        last = self.alive - 1
        for array in (self.momentum, self.axes, self.scale, self.near, self.neighbor):
            array[slot] = array[last]
        self.parts[slot] = self.parts[last]
        self.parts.pop()
        self.alive = last
        self.neighbor[:last][self.neighbor[:last] == last] = slot
        moved = {slot if i == last else i for i in again - {slot}}
        for i in moved:
            self._look(i)
        if renewed is not None:
            self._look(renewed)
            self._offer(renewed)

    def _look(self, slot: int) -> None:
        """Find the nearest neighbor of a slot within the radius."""
        apart = distance_squared(self.axes[: self.alive], self.axes[slot])
        apart[slot] = np.inf
        best = int(np.argmin(apart)) if self.alive > 1 else slot
        inside = self.alive > 1 and apart[best] < self.radius2
        self.near[slot], self.neighbor[slot] = (apart[best], best) if inside else (self.radius2, -1)

    def _offer(self, slot: int) -> None:
        """Let all slots know that there is a new momentum."""
        apart = distance_squared(self.axes[: self.alive], self.axes[slot])
        closer = apart < self.near[: self.alive]
        closer[slot] = False
        self.near[: self.alive][closer] = apart[closer]
        self.neighbor[: self.alive][closer] = slot

    def _scales(self, momentum: np.ndarray) -> np.ndarray | np.floating:
        squared = np.maximum(momentum[..., 1] ** 2 + momentum[..., 2] ** 2, 1e-200)
        return squared**self.power


def axes_of(momentum: np.ndarray) -> np.ndarray:
    r"""Rapidity $y = \frac12 \log\frac{E + p_z}{E - p_z}$ and azimuth of four-momenta (E, px, py, pz), shape (..., 2).

    Computed as $\pm\log\frac{E + |p_z|}{\sqrt{m^2 + p_T^2}}$, which loses no digits near the beam. A mass squared below
    zero counts as zero.

    Example:
        >>> axes_of(np.array([5.0, 3.0, 0.0, 4.0])).round(4).tolist()
        [1.0986, 0.0]
    """
    energy, px, py, pz = np.moveaxis(np.asarray(momentum, float), -1, 0)
    pt2 = px**2 + py**2
    mass2 = np.maximum((energy + pz) * (energy - pz) - pt2, 0.0)
    across = mass2 + pt2
    with np.errstate(divide="ignore", invalid="ignore"):
        size = 0.5 * np.log((energy + np.abs(pz)) ** 2 / across)
    size = np.where(across > 0, size, FORWARD + np.abs(pz))
    return np.stack([np.sign(pz) * size, np.arctan2(py, px)], axis=-1)


def distance_squared(a: np.ndarray, b: np.ndarray) -> np.ndarray | np.floating:
    r"""$\Delta R^2 = \Delta y^2 + \Delta\phi^2$ of axes (y, phi) of shape (..., 2), the shorter way around.

    Example:
        >>> round(distance_squared(np.array([0.0, 3.1]), np.array([0.0, -3.1])).item(), 5)
        0.00692
    """
    around = np.abs(a[..., 1] - b[..., 1])
    around = np.minimum(around, 2 * np.pi - around)
    return (a[..., 0] - b[..., 0]) ** 2 + around**2


def _checked(momenta: np.ndarray, radius: float, algorithm: str) -> np.ndarray:
    if algorithm not in POWERS:
        raise InputError(f"algorithm must be one of {', '.join(POWERS)}, not '{algorithm}'{suggest(algorithm, POWERS)}")
    if not radius > 0:
        raise InputError(f"the radius of a jet is positive, not {radius}")
    momenta = np.asarray(momenta, float)
    if momenta.ndim != 2 or momenta.shape[1] != 4:
        raise InputError(f"momenta have shape (particles, 4) with columns E, px, py, pz, not {momenta.shape}")
    if not np.isfinite(momenta).all():
        raise InputError("a momentum is NaN or infinite; drop that particle")
    return momenta


def _sorted(momentum: np.ndarray, members: list[list[int]], particles: int, least_pt: float) -> Jets:
    pt = np.hypot(momentum[:, 1], momentum[:, 2])
    order = [j for j in np.argsort(-pt, kind="stable") if pt[j] >= least_pt]
    group = np.full(particles, -1)
    for number, j in enumerate(order):
        group[members[j]] = number
    return Jets(momentum[order], group)
