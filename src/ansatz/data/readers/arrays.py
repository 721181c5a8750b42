"""Arrays: NPZ and NPY files, structured and two-dimensional arrays, arrays by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from ansatz.data.readers.tablefile import (
    MOST_COLUMNS,
    ColumnInfo,
    Piece,
    TableFile,
    array_info,
    native,
    reading,
    refuse_twice,
    slices,
)
from ansatz.errors import InputError, suggest


def open_npz(path: Path, inside: str = "") -> TableFile:
    """An NPZ or NPY file: one array a column, or a two-dimensional array whose columns the array `columns` may name.

    Pickled objects are refused. Arrays with another number of rows than the rest cannot be used.

    Raises:
        InputError: if the file is damaged, or holds Python objects, or not the array named.
    """
    with reading(path, "NumPy arrays"), open(path, "rb") as file:
        try:
            loaded = np.load(file, allow_pickle=False)
            arrays = {"x": loaded} if isinstance(loaded, np.ndarray) else {name: loaded[name] for name in loaded.files}
        except ValueError as error:
            if "allow_pickle" not in str(error):
                raise
            raise InputError(f"{path} holds Python objects, which are not safe to load; save plain arrays") from error
    if inside:
        if inside not in arrays:
            raise InputError(f"{path} has no array '{inside}'{suggest(inside, arrays)}; there are: {', '.join(arrays)}")
        arrays = {inside: arrays[inside]}
    return open_arrays(arrays, path.name)


def open_array(array: np.ndarray, title: str = "the array") -> TableFile:
    """A structured array, or one of shape (events, columns)."""
    if array.dtype.names:
        return open_arrays({name: array[name] for name in array.dtype.names}, title)
    return open_arrays({"x": array}, title)


def open_arrays(arrays: Mapping[str, np.ndarray], title: str = "the arrays") -> TableFile:
    """Arrays by name, one entry per event along the first axis; (events, columns) falls into `x0, x1, ...`.

    Raises:
        InputError: if there are none, or two columns are named alike.
    """
    found = {str(name): np.asarray(values) for name, values in arrays.items()}
    labels = found.pop("columns", None) if "x" in found and found["x"].ndim == 2 else None
    columns = [pair for name, values in found.items() for pair in _spread(name, values, labels)]
    refuse_twice([name for name, _ in columns], title)
    table = dict(columns)
    rows = _rows(table, title)
    infos = {name: _info(values, rows) for name, values in table.items()}

    def pieces(names: Sequence[str]) -> Iterator[Piece]:
        widths = [int(np.prod(table[name].shape[1:])) for name in names]
        return ({name: native(table[name][part]) for name in names} for part in slices(rows, widths))

    return TableFile(title, infos, pieces)


def _spread(name: str, values: np.ndarray, labels: np.ndarray | None) -> list[tuple[str, np.ndarray]]:
    if values.dtype.names:
        return [pair for field in values.dtype.names for pair in _spread(f"{name}.{field}", values[field], None)]
    if values.ndim != 2 or values.shape[1] > MOST_COLUMNS:
        return [(name, values)]
    fits = name == "x" and labels is not None and len(labels) == values.shape[1]
    names = [str(label) for label in labels] if fits else [f"{name}{i}" for i in range(values.shape[1])]
    return [(label, values[:, i]) for i, label in enumerate(names)]


def _rows(table: Mapping[str, np.ndarray], title: str) -> int:
    """The number of rows that most columns have."""
    lengths = Counter(len(values) for values in table.values() if values.ndim)
    if not lengths:
        raise InputError(f"{title}: there is no array with one entry per event")
    return max(lengths, key=lambda length: (lengths[length], length))


def _info(values: np.ndarray, rows: int) -> ColumnInfo:
    if not values.ndim or len(values) != rows:
        found = len(values) if values.ndim else "no"
        return ColumnInfo("other", why=f"it has {found} rows, not {rows} as the rest")
    return array_info(values)
