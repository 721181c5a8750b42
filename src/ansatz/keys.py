"""Randomness from explicit keys, for NumPy too.

Every random choice in Ansatz comes from a `jax.random.key`. Host code (splits, bootstrap, permutation tests) uses
NumPy generators made from such a key, so that one key still decides everything.
"""

import hashlib

import jax
import numpy as np

from ansatz.typing import Key


def generator(key: Key) -> np.random.Generator:
    """A NumPy generator that is decided by `key` alone.

    Example:
        >>> import jax
        >>> key = jax.random.key(0)
        >>> bool(generator(key).random() == generator(jax.random.key(0)).random())
        True
    """
    return np.random.default_rng(np.asarray(jax.random.key_data(key)).ravel())


def named(key: Key, name: str) -> Key:
    """The key that belongs to `name`: the same for the same name, whatever else is drawn.

    A study gives each model the key of its name, so that adding a model changes no other one.

    Example:
        >>> import jax
        >>> a, b = named(jax.random.key(0), "a"), named(jax.random.key(0), "b")
        >>> bool((jax.random.key_data(a) == jax.random.key_data(b)).all())
        False
    """
    digest = hashlib.sha256(name.encode()).digest()
    return jax.random.fold_in(key, int.from_bytes(digest[:4], "little"))
