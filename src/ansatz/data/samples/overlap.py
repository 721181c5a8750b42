"""Whether an event was counted twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ansatz.data.readers.tablefile import TableFile
from ansatz.data.samples.process import Process
from ansatz.errors import InputError, suggest


def refuse_shared_files(processes: Sequence[Process], opened: Sequence[Sequence[TableFile]]) -> None:
    """Two samples may read one file only if their cuts take different events from it.

    Raises:
        InputError: if a file is read twice without a cut that tells the samples apart.
    """
    seen: dict[str, Process] = {}
    for process, tables in zip(processes, opened, strict=True):
        for title in (table.title for table in tables if "." in table.title):
            other = seen.setdefault(title, process)
            if other is process and [t.title for t in tables].count(title) > 1:
                raise InputError(f"sample '{process.name}' reads {title} twice")
            if other is not process and tuple(other.select) == tuple(process.select):
                raise InputError(
                    f"samples '{other.name}' and '{process.name}' both read {title}; tell them apart by a cut of each "
                    "(select), or leave one out"
                )


def refuse_overlap(samples: Sequence[tuple[str, Mapping[str, np.ndarray]]], identity: Sequence[str]) -> None:
    """No event may be there twice, in one sample or in two.

    Args:
        samples: name and columns of each sample.
        identity: columns that name an event together, such as run and event; nothing is checked if there are none.

    Raises:
        InputError: if an event is there twice, or a column is missing.

    Example:
        >>> refuse_overlap([("a", {"event": np.array([1, 2])}), ("b", {"event": np.array([3, 2])})], ["event"])
        Traceback (most recent call last):
        ansatz.errors.InputError: samples 'a' and 'b' overlap: 1 event is in both (event 2); leave it out of one
    """
    if not identity:
        return
    for name, columns in samples:
        for column in identity:
            if column not in columns:
                raise InputError(f"sample '{name}' has no column '{column}' of identity{suggest(column, columns)}")
    values = [np.concatenate([columns[column] for _, columns in samples]) for column in identity]
    owner = np.repeat(np.arange(len(samples)), [len(columns[identity[0]]) for _, columns in samples])
    order = np.lexsort(values[::-1])
    ranked = [column[order] for column in values]
    again = np.flatnonzero(np.all([column[1:] == column[:-1] for column in ranked], axis=0))
    if not len(again):
        return
    first, second = (owner[order][again[0] + step] for step in (0, 1))
    event = ", ".join(f"{name} {column[again[0]]}" for name, column in zip(identity, ranked, strict=True))
    many = f"{len(again)} event{'s are' if len(again) > 1 else ' is'}"
    if first == second:
        raise InputError(f"sample '{samples[first][0]}': {many} there twice ({event}); leave the copies out")
    a, b = (samples[k][0] for k in sorted((first, second)))
    raise InputError(f"samples '{a}' and '{b}' overlap: {many} in both ({event}); leave {_it(len(again))} out of one")


def _it(count: int) -> str:
    return "it" if count == 1 else "them"
