"""The exact distribution of the magnetization on narrow lattices, by the transfer matrix in an imaginary field."""

from __future__ import annotations

import numpy as np

from ansatz.errors import InputError
from ansatz.problems.lattice.exact.infinite import positive

WIDEST = 10


def magnetization_distribution(
    temperature: float, size: int, *, coupling: float = 1.0, field: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    r"""Values of the magnetization per site of the Ising model on a periodic square, and their exact probabilities.

    \( Z(h + i\theta) / Z(h) \) is the characteristic function of M; its Fourier transform over
    \( \theta = \pi k / (N + 1) \), k = 0..N, is P(M), for M takes N + 1 equally spaced values.

    Args:
        temperature: T.
        size: side of the square, at most ten.
        coupling: J.
        field: h.

    Raises:
        InputError: if the size is out of range.

    Example:
        >>> m, p = magnetization_distribution(2.269, 4)
        >>> round(float(p @ np.abs(m)), 4)
        0.8439
    """
    positive(temperature)
    if not 2 <= size <= WIDEST:
        raise InputError(f"the transfer matrix is for sides from 2 to {WIDEST}, not {size}")
    sites, beta = size**2, 1 / temperature
    spin = 1 - 2 * (np.arange(1 << size)[:, None] >> np.arange(size) & 1)
    within = beta * coupling * np.sum(spin * np.roll(spin, 1, axis=1), axis=1)
    total = spin.sum(axis=1)
    between = np.exp(beta * coupling * (spin @ spin.T - size))
    half = np.exp((within - within.max() + beta * field * total - beta * abs(field) * size) / 2)
    matrix = half[:, None] * between * half
    angles = np.pi * np.arange((sites + 1) // 2 + 1) / (sites + 1)
    values = np.array([_trace(matrix * np.exp(1j * angle * total), size) for angle in angles])
    # Z at the angle of N + 1 - k is the complex conjugate times (-1)^N, as M has the parity of N
    mirrored = values[1 : sites - (sites + 1) // 2 + 1]
    values = np.concatenate([values, (-1) ** sites * np.conj(mirrored[::-1])])
    up = np.arange(sites + 1)
    phase = np.exp(-1j * np.pi * np.outer(2 * up - sites, np.arange(sites + 1)) / (sites + 1))
    p = np.real(phase @ values)
    return (2 * up - sites) / sites, np.maximum(p, 0) / np.maximum(p, 0).sum()


def _trace(matrix: np.ndarray, power: int) -> complex:
    """Trace of a power of a matrix, up to a scale that depends on no angle."""
    half = np.linalg.matrix_power(matrix, power // 2)
    return complex(np.sum((half @ matrix if power % 2 else half) * half.T))
