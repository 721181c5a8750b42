"""From a dataset on the host to the padded arrays that a compiled program takes."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from ansatz.data import Batch, Dataset
from ansatz.errors import InputError
from ansatz.training.engine.program import Rows
from ansatz.training.population import Population


def bucket(n: int) -> int:
    """The padded number of rows: the next m 2^e with m in 8..16, so that few sizes serve all samples.

    Example:
        >>> [bucket(n) for n in (3, 16, 17, 1000, 50_000)]
        [16, 16, 18, 1024, 53248]
    """
    step = 2 ** max((n - 1).bit_length() - 4, 1)
    return max(-(-n // step) * step, 16)


def as_rows(data: Dataset, *, dtype: np.dtype, batch_size: int | None = None, observers: tuple[str, ...] = ()) -> Rows:
    """The events as device arrays, padded with rows that weigh nothing, to a multiple of the batch size.

    The weights have mean one over all slots of the table, padding included, so that an expectation over the whole
    table is a plain mean.
    """
    batch = data.batch(observers)
    n = len(data)
    size = bucket(n) if batch_size is None else -(-bucket(n) // batch_size) * batch_size
    return Rows(
        Batch(
            x=_padded(batch.x, size, dtype),
            y=_padded(batch.y, size, dtype),
            weight=_padded(batch.weight, size, dtype) * jnp.asarray(size / n, dtype),
            observers={name: _padded(values, size, dtype) for name, values in batch.observers.items()},
        ),
        jnp.asarray(n, jnp.int32),
    )


def own_rows(
    population: Population, train: Rows, validation: Rows | None, dtype: np.dtype
) -> tuple[jnp.ndarray | None, ...]:
    """Weights and targets, of training and of validation rows, that members have of their own, padded as the rows are.

    Raises:
        InputError: if an array does not have one entry for each event.
    """
    return (
        _own("weight", population.weight, train, dtype),
        _own("target", population.target, train, dtype),
        _own("validation_weight", population.validation_weight, validation, dtype),
        _own("validation_target", population.validation_target, validation, dtype),
    )


def _own(name: str, values: np.ndarray | None, rows: Rows | None, dtype: np.dtype) -> jnp.ndarray | None:
    if values is None:
        return None
    count = 0 if rows is None else int(rows.count)
    if np.shape(values)[1] != count:
        raise InputError(f"{name} of the population has {np.shape(values)[1]} columns but there are {count} events")
    return jnp.stack([_padded(row, len(rows.batch.weight), dtype) for row in values])


def _padded(values: np.ndarray, size: int, dtype: np.dtype) -> jnp.ndarray:
    """Floats in the precision asked for, integers as they are; zeros beyond the last row."""
    kind = np.asarray(values)
    target = dtype if np.issubdtype(kind.dtype, np.floating) else np.int32
    room = np.zeros((size, *kind.shape[1:]), target)
    room[: len(kind)] = kind
    return jnp.asarray(room)
