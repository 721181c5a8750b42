"""HDF5 files: a compound table, one field or image per event, or a group of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ansatz.data.readers.tablefile import (
    MOST_COLUMNS,
    ColumnInfo,
    Piece,
    TableFile,
    array_info,
    native,
    ragged,
    reading,
    refuse_twice,
    slices,
)
from ansatz.errors import InputError, suggest

Place = tuple[str, str | int | None]
"""Where a column lies: the path of its data set, and the field or the column in that, if it holds several."""


def open_hdf5(path: Path, inside: str = "") -> TableFile:
    """A data set of an HDF5 file, or a group whose data sets are the columns; units come from their attributes.

    A data set of shape (events, columns) falls into columns; one of more axes is a field per event.

    Args:
        path: the file.
        inside: the object inside, such as `/maps`; may be left out where only one group holds data.

    Raises:
        InputError: if the file is damaged, or the object not there or not a table.
    """
    with reading(path, "HDF5"):
        import h5py

        with h5py.File(path, "r") as file:
            sets = _data_sets(file, inside, path)
            found = [pair for name, data in sets.items() for pair in _places(name, data)]
            refuse_twice([name for name, _ in found], str(path))
            places, rows = dict(found), _rows(sets)
            infos = {name: _info(file[data], item, rows) for name, (data, item) in found}

    def pieces(names: Sequence[str]) -> Iterator[Piece]:
        where = {name: places[name] for name in names}
        with reading(path, "HDF5"), h5py.File(path, "r") as file:
            used = {data: file[data] for data, _ in where.values()}
            for part in slices(rows, [_width(data) for data in used.values()]):
                read = {name: data[part] for name, data in used.items()}
                yield {name: _values(_pick(read[data], item), infos[name].kind) for name, (data, item) in where.items()}

    return TableFile(f"{path.name}{':' + inside if inside else ''}", infos, pieces)


def _data_sets(file: Any, inside: str, path: Path) -> dict[str, Any]:
    """The data sets that make up the table, by their short names."""
    import h5py

    if inside and inside not in file:
        names: list[str] = []
        file.visit(names.append)
        raise InputError(
            f"{path} has no '{inside}'{suggest(inside.strip('/'), names)}; there are: {', '.join(names[:12])}"
        )
    node = file[inside or "/"]
    if isinstance(node, h5py.Dataset):
        return {node.name.rpartition("/")[2]: node}
    sets = {name: child for name, child in node.items() if isinstance(child, h5py.Dataset) and child.ndim}
    groups = [name for name, child in node.items() if isinstance(child, h5py.Group)]
    if not sets and len(groups) == 1:
        return _data_sets(file, f"{node.name.rstrip('/')}/{groups[0]}", path)
    if not sets:
        found = f"only groups: {', '.join(groups)}" if groups else "nothing"
        raise InputError(
            f"{path} holds {found} at '{node.name}'; name a data set or group, as in {path}:/{(groups or ['maps'])[0]}"
        )
    return sets


def _places(name: str, data: Any) -> list[tuple[str, Place]]:
    if data.dtype.names:
        return [(field, (data.name, field)) for field in data.dtype.names]
    if data.ndim == 2 and data.shape[1] <= MOST_COLUMNS:
        return [(f"{name}{i}", (data.name, i)) for i in range(data.shape[1])]
    return [(name, (data.name, None))]


def _rows(sets: Mapping[str, Any]) -> int:
    """The number of rows that most data sets have."""
    lengths = Counter(len(data) for data in sets.values() if data.ndim)
    return max(lengths, key=lambda length: (lengths[length], length), default=0)


def _info(data: Any, item: str | int | None, rows: int) -> ColumnInfo:
    if not data.ndim or len(data) != rows:
        return ColumnInfo("other", why=f"it has {len(data) if data.ndim else 'no'} rows, not {rows} as the rest")
    unit = next((data.attrs[name] for name in ("unit", "units", "UNIT", "Units") if name in data.attrs), None)
    text = unit.decode() if isinstance(unit, bytes) else unit
    unit = text if isinstance(text, str) else None
    empty = _pick(np.empty((0, *data.shape[1:]), data.dtype), item)
    return ColumnInfo("list", unit) if _is_ragged(empty.dtype) else array_info(empty, unit)


def _is_ragged(dtype: np.dtype) -> bool:
    import h5py

    inner = h5py.check_vlen_dtype(dtype)
    return inner is not None and np.dtype(inner).kind in "biuf"


def _values(values: np.ndarray, kind: str) -> Any:
    return ragged(values) if kind == "list" else native(values)


def _pick(values: np.ndarray, item: str | int | None) -> np.ndarray:
    if item is None:
        return values
    return values[item] if isinstance(item, str) else values[:, item]


def _width(data: Any) -> int:
    return int(np.prod(data.shape[1:])) * max(1, len(data.dtype.names or ()))
