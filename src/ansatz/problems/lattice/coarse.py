"""Coarse fields: means over blocks of sites, by which lattices of different sizes become alike."""

from __future__ import annotations

import numpy as np

from ansatz.errors import InputError


def coarse_grained(states: np.ndarray, cells: int) -> np.ndarray:
    """Block means of fields, so many cells along each axis: the first step of a renormalization (L. Kadanoff, 1966).

    The mean over the lattice, and so the order parameter, is kept.

    Args:
        states: shape (states, *shape), scalar values.
        cells: cells along each axis.

    Raises:
        InputError: if a side is no multiple of the cells.

    Example:
        >>> coarse_grained(np.array([[[1, 1, -1, -1], [1, -1, -1, -1]]]), 2).tolist()
        Traceback (most recent call last):
        ...
        ansatz.errors.InputError: 2 cells do not divide a lattice of 2 x 4 into squares; take sides of one length
        >>> coarse_grained(np.array([[[1, 1], [1, -1]]]), 1).tolist()
        [[[0.5]]]
    """
    states = np.asarray(states)
    shape = states.shape[1:]
    if len(set(shape)) > 1:
        raise InputError(
            f"{cells} cells do not divide a lattice of {' x '.join(map(str, shape))} into squares; "
            "take sides of one length"
        )
    side = shape[0]
    if cells < 1 or side % cells:
        raise InputError(f"a lattice of side {side} is not divided by {cells} cells along each axis")
    split = states.reshape(len(states), *(n for _ in shape for n in (cells, side // cells)))
    return split.mean(axis=tuple(range(2, split.ndim, 2)), dtype=np.float32)
