r"""Stochastic gradient descent laid open: the place after every step, for batches of any fraction of the rows.

`fit` trains by the same rule and keeps what a fit needs; this keeps the way, to be drawn over a landscape. A step uses
the gradient of the mean loss over a batch of $m = \gamma n$ rows: $\gamma = 1/n$ is online, $\gamma = 1$ is batch
gradient descent. Steps of constant size do not come to rest but wander around the minimum; how far is known exactly
for a straight line, see `expected_spread`.

Source: H. Robbins and S. Monro, Ann. Math. Statist. 22 (1951) 400; S. Mandt, M. Hoffman and D. Blei, arXiv:1704.04289.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from ansatz.errors import InputError
from ansatz.optimizers.recipes import Recipe
from ansatz.typing import Key, Scalar

RowLoss = Callable[[Array, PyTree], Scalar]


class BatchPath(NamedTuple):
    """The way of a descent in batches.

    Attributes:
        path: the start and the place after each step, shape (steps + 1, parameters).
        values: the mean loss over all rows there, shape (steps + 1,).
        rows_seen: how many rows had been used by then, shape (steps + 1,).
    """

    path: np.ndarray
    values: np.ndarray
    rows_seen: np.ndarray


def line_loss(theta: Array, row: tuple[Array, Array]) -> Scalar:
    r"""$(\theta_0 + \theta_1 x - y)^2$ of one row (x, y): the lecture's straight line."""
    x, y = row
    return (theta[0] + theta[1] * x - y) ** 2


def descend_in_batches(
    loss: RowLoss,
    rows: PyTree,
    theta0: np.ndarray,
    *,
    optimizer: Recipe,
    fraction: float = 1.0,
    epochs: int = 10,
    key: Key,
) -> BatchPath:
    r"""$\theta \leftarrow \theta - \eta \nabla \frac1m \sum_{i \in B} \ell(\theta; z_i)$: shuffle, go through, again.

    Works in float64. An epoch has $\lfloor n / m \rfloor$ steps with $m = \gamma n$ (at least one row) rows each.

    Args:
        loss: of the parameters and ONE row.
        rows: arrays with one entry for each row along the first axis.
        theta0: where to start, shape (parameters,).
        optimizer: the update rule; "sgd" for the formula above.
        fraction: $\gamma$.
        epochs: how often all rows are gone through.
        key: decides the order of the rows.

    Raises:
        InputError: if the fraction is not in (0, 1], the arrays differ in length, or there is no epoch.

    Example:
        >>> x = np.linspace(-1, 1, 20)
        >>> rule = Recipe("sgd", learning_rate=0.2)
        >>> start, key = np.zeros(2), jax.random.key(0)
        >>> way = descend_in_batches(line_loss, (x, 1 + 2 * x), start, optimizer=rule, epochs=60, key=key)
        >>> way.path.shape, way.path[-1].round(3).tolist()
        ((61, 2), [1.0, 2.0])
    """
    if not 0 < fraction <= 1:
        raise InputError(f"a batch is a fraction of the rows in (0, 1], not {fraction}")
    lengths = {len(column) for column in jax.tree.leaves(rows)}
    if len(lengths) != 1:
        raise InputError(f"all arrays must have the same number of rows, not {sorted(lengths)}")
    if epochs < 1:
        raise InputError(f"at least one epoch is needed, not {epochs}")
    with jax.enable_x64(True):
        rows = jax.tree.map(lambda column: jnp.asarray(column, float), rows)
        n = len(jax.tree.leaves(rows)[0])
        m = max(1, round(fraction * n))
        order = jax.vmap(lambda own: jax.random.permutation(own, n))(jax.random.split(key, epochs))
        batches = order[:, : n // m * m].reshape(-1, m)
        path, values = _walk(loss, rows, jnp.asarray(theta0, float), optimizer, batches)
        return BatchPath(np.asarray(path), np.asarray(values), m * np.arange(len(path)))


@eqx.filter_jit
def _walk(loss: RowLoss, rows: PyTree, start: Array, optimizer: Recipe, batches: Array) -> tuple[Array, Array]:
    """Places and mean losses, the start first; `batches` holds the row numbers of each step."""
    rule = optimizer.build(jnp.asarray(len(batches)))

    def mean(theta: Array, some: PyTree) -> Scalar:
        return jnp.mean(jax.vmap(loss, (None, 0))(theta, some))

    def step(carry: tuple[Array, PyTree], batch: Array) -> tuple[tuple[Array, PyTree], tuple[Array, Array]]:
        theta, memory = carry
        gradient = jax.grad(mean)(theta, jax.tree.map(lambda column: column[batch], rows))
        update, memory = rule.update(gradient, memory, theta)
        theta = theta + update
        return (theta, memory), (theta, mean(theta, rows))

    _, (path, values) = jax.lax.scan(step, (start, rule.init(start)), batches)
    return jnp.concatenate([start[None], path]), jnp.concatenate([mean(start, rows)[None], values])


def wandering_ends(
    x: np.ndarray, y: np.ndarray, *, learning_rate: float, batch: int, steps: int, walkers: int, key: Key
) -> np.ndarray:
    r"""Where independent walkers are after many steps of SGD on a straight line, less the minimum; (walkers, 2).

    Each step draws its batch anew (without replacement inside it), so that steps are independent.

    Args:
        x: feature, shape (rows,).
        y: target, shape (rows,).
        learning_rate: $\eta$.
        batch: rows in a batch.
        steps: how many steps from the minimum.
        walkers: how many.
        key: decides the batches.
    """
    with jax.enable_x64(True):
        rows, best = (jnp.asarray(x, float), jnp.asarray(y, float)), jnp.asarray(_best_line(x, y))
        starts = jnp.broadcast_to(best, (walkers, 2))
        ends = _ends(rows, starts, jnp.asarray(learning_rate, float), batch, jax.random.split(key, steps))
        return np.asarray(ends - starts)


@eqx.filter_jit
def _ends(rows: tuple[Array, Array], starts: Array, learning_rate: Array, batch: int, keys: Array) -> Array:
    """Where walkers are after as many steps as there are keys."""

    def slope(theta: Array, draw: Array) -> Array:
        _, some = jax.lax.top_k(draw, batch)
        return jnp.mean(jax.vmap(jax.grad(line_loss), (None, 0))(theta, (rows[0][some], rows[1][some])), axis=0)

    def step(places: Array, key: Array) -> tuple[Array, None]:
        draws = jax.random.uniform(key, (len(places), len(rows[0])))
        return places - learning_rate * jax.vmap(slope)(places, draws), None

    return jax.lax.scan(step, starts, keys)[0]


def expected_spread(x: np.ndarray, y: np.ndarray, *, learning_rate: float, batch: int) -> np.ndarray:
    r"""The covariance around the minimum that SGD with independent batches tends to on a straight line, shape (2, 2).

    With the gradient $A_i \delta + g_i$ of row i at the distance $\delta$ from the minimum, the second moment
    $\Sigma = \langle\delta\delta^T\rangle$ of a batch of m of n rows stands still where

    $$\bar A \Sigma + \Sigma \bar A = \eta \left[\bar A \Sigma \bar A + \tfrac{n - m}{m (n - 1)}
    \left(\langle A_i \Sigma A_i + g_i g_i^T\rangle - \bar A \Sigma \bar A\right)\right],$$

    a linear equation. For small steps it is the heat bath $\Sigma \propto \eta / m$.

    Args:
        x: feature, shape (rows,).
        y: target, shape (rows,).
        learning_rate: $\eta$.
        batch: m, rows in a batch.

    Raises:
        InputError: if the steps are so large that nothing stands still.

    Example:
        >>> x, y = np.array([-1.0, 1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0, -1.0])
        >>> expected_spread(x, y, learning_rate=0.1, batch=4).tolist()
        [[0.0, 0.0], [0.0, 0.0]]
        >>> bool(expected_spread(x, y, learning_rate=0.1, batch=1)[0, 0] > 0)
        True
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    n, rows = len(x), np.stack([np.ones_like(x), x], axis=1)
    a = 2 * rows[:, :, None] * rows[:, None, :]
    g = 2 * rows * (rows @ _best_line(x, y) - y)[:, None]
    mean, one = a.mean(axis=0), np.eye(2)
    share = (n - batch) / (batch * (n - 1))
    both = np.kron(mean, mean)
    single = np.mean([np.kron(part, part) for part in a], axis=0)
    change = learning_rate * (both + share * (single - both)) - np.kron(mean, one) - np.kron(one, mean)
    if np.linalg.eigvals(change).real.max() >= 0:
        raise InputError(f"with a learning rate of {learning_rate:g} and batches of {batch} the steps do not settle")
    noise = learning_rate * share * np.mean(g[:, :, None] * g[:, None, :], axis=0)
    return np.linalg.solve(change, -noise.ravel()).reshape(2, 2) + 0.0


def _best_line(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    x, y = np.asarray(x, float), np.asarray(y, float)
    return np.linalg.lstsq(np.stack([np.ones_like(x), x], axis=1), y, rcond=None)[0]
