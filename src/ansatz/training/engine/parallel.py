"""Members of a population on the cores and devices of one machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from jaxtyping import PyTree

from ansatz.training.engine.program import Layout

TICK = 0.5
"""Seconds between two looks at how far members are."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def layout(members: int) -> Layout:
    """One member after another on a CPU, side by side elsewhere; shared out over several devices."""
    devices = jax.local_devices()[:members]
    mesh = Mesh(np.array(devices), ("members",)) if len(devices) > 1 else None
    return Layout(one_by_one=jax.default_backend() == "cpu", mesh=mesh)


def on_host(tree: PyTree) -> PyTree:
    """A tree whose arrays are NumPy's, to be cut, joined and sent without compiling anything."""
    return jax.tree.map(lambda leaf: np.asarray(leaf) if isinstance(leaf, jax.Array) else leaf, tree)


def on_device(tree: PyTree) -> PyTree:
    """A tree whose arrays are JAX's."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf) if isinstance(leaf, np.ndarray) else leaf, tree)


def cut(tree: PyTree, numbers: np.ndarray | slice) -> PyTree:
    """Some members of a stacked tree on the host.

    Example:
        >>> cut({"a": np.arange(6).reshape(3, 2), "name": "x"}, np.array([2, 2]))["a"].tolist()
        [[4, 5], [4, 5]]
    """
    return jax.tree.map(lambda leaf: leaf[numbers] if isinstance(leaf, np.ndarray) else leaf, tree)


def join(parts: list[PyTree]) -> PyTree:
    """Stacked trees on the host as one.

    Example:
        >>> join([np.arange(2), np.arange(3)]).tolist()
        [0, 1, 0, 1, 2]
    """
    return jax.tree.map(
        lambda *leaves: np.concatenate(leaves) if isinstance(leaves[0], np.ndarray) else leaves[0], *parts
    )


def at_once(
    function: Callable[[int], PyTree],
    count: int,
    *,
    threads: int,
    meanwhile: Callable[[], None],
    stop: Callable[[], None],
) -> list[PyTree]:
    """The answers for 0, 1, ... in order, from so many threads; a thread that is free takes the next number.

    Args:
        function: called with each number.
        count: how many numbers there are.
        threads: how many of them at a time.
        meanwhile: called now and then while the threads are at work.
        stop: called if one of them fails or the user interrupts; what runs should then come to an end.
    """
    if min(count, threads) == 1:
        return [function(number) for number in range(count)]
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(function, number) for number in range(count)]
        try:
            left = futures
            while left:
                done, left = wait(left, timeout=TICK, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
                meanwhile()
        except BaseException:
            stop()
            for future in futures:
                future.cancel()
            raise
    return [future.result() for future in futures]
