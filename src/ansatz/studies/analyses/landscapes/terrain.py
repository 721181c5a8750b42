"""What analyses of landscapes share: a landscape by name, its map, its stationary points, and marks of belief."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ansatz.errors import InputError, suggest
from ansatz.problems import Landscape, bowl, landscape
from ansatz.studies.belief import GREEN, RED, Belief


class Minima(NamedTuple):
    """The known minima of a landscape.

    Attributes:
        places: shape (minima, 2).
        values: shape (minima,).
    """

    places: np.ndarray
    values: np.ndarray

    @property
    def lowest(self) -> float:
        """The lowest value."""
        return float(self.values.min())

    def nearest(self, place: np.ndarray) -> tuple[int, float]:
        """Number of the nearest minimum, and how far it is."""
        distances = np.linalg.norm(self.places - np.asarray(place), axis=1)
        return int(distances.argmin()), float(distances.min())


def scene_of(name: str, *, condition: float = 10.0) -> Landscape:
    """The landscape of two parameters of that name.

    Args:
        name: a name of `ansatz.problems.LANDSCAPES`.
        condition: of a bowl, whose axes are turned by half a right angle.

    Raises:
        InputError: if there is none, or it has another number of parameters.

    Example:
        >>> len(scene_of("himmelblau").minima)
        4
    """
    with jax.enable_x64(True):
        found = bowl(condition, angle=np.pi / 4) if name == "bowl" else landscape(name)
    if len(found.lowest) != 2:
        raise InputError(f"a map needs a landscape of two parameters; '{name}' has {len(found.lowest)}")
    return found


def minima_of(scene: Landscape, name: str) -> Minima:
    """The known minima.

    Raises:
        InputError: if there are none.
    """
    if not scene.minima:
        raise InputError(f"'{name}' has no minimum; take another landscape")
    return Minima(np.array([p.theta for p in scene.minima]), np.array([p.value for p in scene.minima]))


def map_of(scene: Landscape, cells: int = 150) -> dict[str, np.ndarray]:
    """The landscape on a grid and its stationary points, as arrays to be stored.

    Example:
        >>> sorted(map_of(scene_of("double-well"), 5))
        ['map_values', 'map_x', 'map_y', 'point_kinds', 'point_places']
    """
    x, y = (np.linspace(low, high, cells) for low, high in zip(scene.lowest, scene.highest, strict=True))
    return {
        "map_x": x,
        "map_y": y,
        "map_values": values_at(scene, np.stack(np.meshgrid(x, y), axis=-1)),
        "point_places": np.array([p.theta for p in scene.stationary]).reshape(-1, 2),
        "point_kinds": np.array([p.kind for p in scene.stationary]),
    }


def values_at(scene: Landscape, points: np.ndarray) -> np.ndarray:
    """The landscape at points of shape (..., 2), in float64."""
    with jax.enable_x64(True):
        flat = jnp.asarray(points, float).reshape(-1, 2)
        return np.asarray(jax.jit(jax.vmap(scene))(flat)).reshape(points.shape[:-1])


def curvatures_at(scene: Landscape, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues of the Hessian at a place, rising, and its eigenvectors in columns."""
    with jax.enable_x64(True):
        return np.linalg.eigh(np.asarray(jax.hessian(scene)(jnp.asarray(place, float))))


def judged(name: str, value: str, *, good: bool, why: str, why_not: str, bad: str = RED) -> Belief:
    """A belief that is green if it is good, and red (or `bad`) if not."""
    return Belief(name, GREEN if good else bad, value, why if good else why_not)


def flat_series(prefix: str, series: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Named arrays as they are stored: `prefix/name`."""
    return {f"{prefix}/{name}": values for name, values in series.items()}


def check_names(what: str, names: Sequence[str], known: Sequence[str]) -> None:
    """Whether all names are known.

    Raises:
        InputError: naming the first that is not.
    """
    for name in names:
        if name not in known:
            raise InputError(f"there is no {what} '{name}'{suggest(name, known)}; there are: {', '.join(known)}")
