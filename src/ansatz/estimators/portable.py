"""What a network needs to live inside a scikit-learn estimator: few shapes, and a state that keeps its precision."""

from __future__ import annotations

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from ansatz.data import Dataset
from ansatz.training import Fit, Network

FEWEST = 64
"""Smaller samples are padded to so many rows."""


def round_size(n: int) -> int:
    """The next power of two, at least `FEWEST`: searches and cross-validation meet few sizes, so they compile rarely.

    Example:
        >>> [round_size(n) for n in (1, 64, 65, 300)]
        [64, 64, 128, 512]
    """
    return max(FEWEST, 1 << (n - 1).bit_length())


def padded(data: Dataset, *, most: int) -> Dataset:
    """The sample with copies of its first row that weigh nothing, up to a round size; as it is if that exceeds `most`.

    Where all rows are one batch such rows change nothing.

    Example:
        >>> sample = padded(Dataset(np.ones((3, 1)), y=np.zeros(3)), most=256)
        >>> len(sample), sample.weight.sum()
        (64, np.float64(3.0))
    """
    size = round_size(len(data))
    if size > most:
        return data
    rows = np.zeros(size, int)
    rows[: len(data)] = np.arange(len(data))
    weight = np.zeros(size)
    weight[: len(data)] = data.weight
    return data[rows].replace(weight=weight)


def at_rest(state: dict[str, Any]) -> dict[str, Any]:
    """An estimator's state with NumPy's numbers, which a pickle keeps in float64 whatever JAX is set to."""
    return _moved(state, lambda leaf: np.asarray(leaf) if eqx.is_array(leaf) else leaf)


def awake(state: dict[str, Any]) -> dict[str, Any]:
    """The state as it was before `at_rest`."""
    with jax.enable_x64(True):
        return _moved(state, lambda leaf: jnp.asarray(leaf) if isinstance(leaf, np.ndarray) else leaf)


def _moved(state: dict[str, Any], move: Any) -> dict[str, Any]:
    fit: Fit | None = state.get("fit_")
    if fit is None:
        return state
    model: PyTree = jax.tree.map(move, fit.predictor.model)
    return state | {"fit_": dataclasses.replace(fit, predictor=Network(model, fit.predictor.head))}
