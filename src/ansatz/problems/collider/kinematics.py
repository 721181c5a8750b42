"""Two massless leptons and their pair: the map between lepton momenta and the variables of the pair.

The pair is described by its mass m, transverse momentum pt, rapidity y, azimuth phi, and by the direction (cos theta,
phi*) of the first lepton in the Collins-Soper frame, whose z axis halves the angle between the beams in the rest frame
of the pair (Collins and Soper, Phys. Rev. D 16 (1977) 2219). Momenta, energies and masses are in GeV.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Pair(NamedTuple):
    """The pair: mass, transverse momentum, rapidity, azimuth, and the decay angles; arrays of one shape."""

    m: np.ndarray
    pt: np.ndarray
    y: np.ndarray
    phi: np.ndarray
    cos_theta: np.ndarray
    phi_star: np.ndarray


class Lepton(NamedTuple):
    """A massless lepton: transverse momentum, pseudorapidity and azimuth; arrays of one shape."""

    pt: np.ndarray
    eta: np.ndarray
    phi: np.ndarray


def decay(pair: Pair) -> tuple[Lepton, Lepton]:
    r"""The two leptons that a pair decays into, the one along (cos theta, phi*) first.

    In the rest frame they fly back to back with m / 2 each; from there a boost along the transverse momentum, one
    along the beam, and a rotation lead to the laboratory.

    Example:
        >>> pair = Pair(*(np.array([v]) for v in (90.0, 0.0, 0.0, 0.0, 0.0, 0.0)))
        >>> first, second = decay(pair)
        >>> float(first.pt[0]), float(second.pt[0]), round(float(abs(second.phi[0])), 4)
        (45.0, 45.0, 3.1416)
    """
    return _boosted(pair, +1.0), _boosted(pair, -1.0)


def _boosted(pair: Pair, sign: float) -> Lepton:
    energy = pair.m / 2
    across = sign * energy * np.sqrt(1 - pair.cos_theta**2)
    x, y, z = across * np.cos(pair.phi_star), across * np.sin(pair.phi_star), sign * energy * pair.cos_theta
    gamma, gamma_beta = np.hypot(pair.m, pair.pt) / pair.m, pair.pt / pair.m
    energy, x = gamma * energy + gamma_beta * x, gamma * x + gamma_beta * energy
    z = z * np.cosh(pair.y) + energy * np.sinh(pair.y)
    pt = np.hypot(x, y)
    return Lepton(pt, np.arcsinh(z / pt), wrap(np.arctan2(y, x) + pair.phi))


def mass(a: Lepton, b: Lepton) -> np.ndarray:
    r"""Invariant mass, m^2 = 2 pt_a pt_b (cosh(eta_a - eta_b) - cos(phi_a - phi_b)), in GeV."""
    return np.sqrt(2 * a.pt * b.pt * (np.cosh(a.eta - b.eta) - np.cos(a.phi - b.phi)))


def transverse_momentum(a: Lepton, b: Lepton) -> np.ndarray:
    """Length of the sum of the transverse momenta, in GeV."""
    return np.hypot(a.pt * np.cos(a.phi) + b.pt * np.cos(b.phi), a.pt * np.sin(a.phi) + b.pt * np.sin(b.phi))


def rapidity(a: Lepton, b: Lepton) -> np.ndarray:
    """Rapidity of the pair, (1/2) log((E + pz) / (E - pz)), from the light-cone momenta pt exp(+-eta)."""
    return 0.5 * np.log((a.pt * np.exp(a.eta) + b.pt * np.exp(b.eta)) / (a.pt * np.exp(-a.eta) + b.pt * np.exp(-b.eta)))


def cos_collins_soper(a: Lepton, b: Lepton) -> np.ndarray:
    r"""Cosine of the polar angle of lepton a in the Collins-Soper frame.

    cos theta = 2 pt_a pt_b sinh(eta_a - eta_b) / (m sqrt(m^2 + pt^2)) for massless leptons.
    """
    m = mass(a, b)
    return 2 * a.pt * b.pt * np.sinh(a.eta - b.eta) / (m * np.hypot(m, transverse_momentum(a, b)))


def wrap(phi: np.ndarray) -> np.ndarray:
    """An azimuth brought into [-pi, pi).

    Example:
        >>> round(float(wrap(np.array(4.0))), 4)
        -2.2832
    """
    return (phi + np.pi) % (2 * np.pi) - np.pi
