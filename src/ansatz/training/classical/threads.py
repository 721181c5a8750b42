"""How many threads a classical method may use.

Measured on two cores shared with other programs, gradient boosting of 5,000 rows by 20 trees: 0.2 s on one thread, 4 to
7 s on two, which wait for each other at every histogram; from some hundred thousand rows on threads pay.
"""

from __future__ import annotations

import contextlib
import functools
from typing import Any

LARGE = 2_000_000
"""Numbers in a table (rows times columns) from which on all cores are used."""


def threads_for(size: int) -> contextlib.AbstractContextManager:
    """One thread inside for a small table, all for a large one.

    Example:
        >>> with threads_for(1000):
        ...     total = sum(range(3))
        >>> total
        3
    """
    return contextlib.nullcontext() if size >= LARGE else _pools().limit(limits=1)


@functools.cache
def _pools() -> Any:
    import sklearn.ensemble  # noqa: F401 (loads the thread pools)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
