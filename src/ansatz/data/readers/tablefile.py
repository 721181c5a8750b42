"""What every reader returns: the columns of a table, and the way to read some of them piece by piece."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ansatz.errors import InputError

CELLS = 2**22
"""Numbers held at a time: 32 MiB in double precision."""

MOST_COLUMNS = 1000
"""An array of shape (events, columns) with more columns than this is one field per event, such as a time series."""

Piece = Mapping[str, Any]
"""Name to values of shape (rows of the piece, ...): a NumPy array, or an Awkward array with a list per event."""


@dataclasses.dataclass(frozen=True)
class ColumnInfo:
    """What is known of a column before it is read.

    Attributes:
        kind: `"number"`, `"text"`, `"list"` (of different length in each event), `"field"` (an array in each event) or
            `"other"` (cannot be used).
        unit: its unit, if the file says so.
        stray: where words stand among numbers: "row 17 has 'abc'".
        why: why a column of kind `"other"` cannot be used.
    """

    kind: str
    unit: str | None = None
    stray: str = ""
    why: str = ""


@dataclasses.dataclass(frozen=True)
class TableFile:
    """A table that may be larger than memory.

    Attributes:
        title: what messages call it.
        columns: what is known of each column.
        pieces: the wanted columns, a few million numbers at a time: name to values of shape (rows of the piece, ...).
    """

    title: str
    columns: Mapping[str, ColumnInfo]
    pieces: Callable[[Sequence[str]], Iterator[Piece]]


def array_info(values: np.ndarray, unit: str | None = None) -> ColumnInfo:
    """What an array with one entry per event can serve as."""
    kind = values.dtype.kind
    if kind in "biuf":
        return ColumnInfo("number" if values.ndim == 1 else "field", unit)
    if kind in "OSUT" and values.ndim == 1:
        return ColumnInfo("text", unit)
    return ColumnInfo("other", unit, why=f"it holds {values.dtype} of shape {values.shape[1:]}")


def native(values: np.ndarray) -> np.ndarray:
    """The same numbers in this machine's byte order; bytes become text."""
    if values.dtype.kind == "S":
        return np.char.decode(values, "utf-8", "replace").astype(object)
    if values.dtype.kind in "UT":
        return values.astype(object)
    if values.dtype.kind == "O":
        return np.array([v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in values], dtype=object)
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def ragged(values: np.ndarray) -> object:
    """An array of arrays as an Awkward array."""
    import awkward as ak

    flat = native(np.concatenate(list(values))) if len(values) else np.zeros(0)
    return ak.unflatten(flat, [len(value) for value in values])


def slices(rows: int, widths: Sequence[int]) -> Iterator[slice]:
    """Pieces of the rows such that columns of these widths hold `CELLS` numbers together."""
    step = max(1, CELLS // max(1, sum(widths)))
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


@contextlib.contextmanager
def reading(title: str | Path, expected: str) -> Iterator[None]:
    """Turns whatever a file library raises into one line for people.

    Raises:
        InputError: for any failure inside, memory apart.
    """
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].strip()
        reason = f"{type(error).__name__}: {reason[:120]}"
        raise InputError(f"{title} cannot be read as {expected}; it may be cut short or damaged ({reason})") from None


def refuse_twice(names: Sequence[str], title: str) -> None:
    """Refuses a table that names two columns alike.

    Raises:
        InputError: naming them.
    """
    twice = sorted({name for name in names if list(names).count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise InputError(f"{title} has two columns of the name '{twice[0]}'; rename one of them")
