"""FITS files: binary and ASCII tables, and stacks of images (needs `astropy`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ansatz.data.readers.tablefile import (
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


def open_fits(path: Path, inside: str = "") -> TableFile:
    """A table of a FITS file, or an image extension whose last FITS axis counts the events.

    Units come from TUNIT, missing integers (TNULL) become NaN, vector columns become fields.

    Args:
        path: the file.
        inside: name or number of the extension; by default the first table, or else the first stack of images.

    Raises:
        InputError: if `astropy` is missing, the file damaged, or the extension not there.
    """
    try:
        from astropy.io import fits
    except ImportError:
        raise InputError(f"{path}: reading FITS needs astropy; install it by: pip install 'ansatz-ml[astro]'") from None
    with reading(path, "FITS"), fits.open(path, memmap=False) as file:
        unit = file[_extension(file, inside, path)]
        if unit.data is None:
            raise InputError(f"{path}: the extension '{unit.name}' holds no data; name another, as in {path}:1")
        table = _table(unit)
        refuse_twice([name for name, *_ in table], str(path))
        infos = {name: _info(values, label) for name, values, label in table}
    columns = {name: values for name, values, _ in table}
    rows = len(table[0][1]) if table else 0

    def pieces(names: Sequence[str]) -> Iterator[Piece]:
        widths = [int(np.prod(columns[name].shape[1:])) for name in names]
        for part in slices(rows, widths):
            yield {name: _values(columns[name][part], infos[name].kind) for name in names}

    return TableFile(f"{path.name}{':' + inside if inside else ''}", infos, pieces)


def _extension(file: Sequence[Any], inside: str, path: Path) -> int:
    names = [unit.name or str(i) for i, unit in enumerate(file)]
    if inside:
        if inside.isdecimal() and int(inside) < len(file):
            return int(inside)
        if inside.upper() not in names:
            raise InputError(
                f"{path} has no extension '{inside}'{suggest(inside.upper(), names)}; there are: {', '.join(names)}"
            )
        return names.index(inside.upper())
    tables = [i for i, unit in enumerate(file) if type(unit).__name__ in {"BinTableHDU", "TableHDU"}]
    images = [i for i, unit in enumerate(file) if unit.header.get("NAXIS", 0) > 2]
    if not tables and not images:
        raise InputError(f"{path} holds neither a table nor a stack of images; extensions: {', '.join(names)}")
    return (tables or images)[0]


def _table(unit: Any) -> list[tuple[str, np.ndarray, str | None]]:
    """Name, values and unit of each column."""
    if unit.is_image:
        return [("x", unit.data, unit.header.get("BUNIT"))]
    return [(column.name, _known(unit.data[column.name], column.null), column.unit) for column in unit.columns]


def _known(values: np.ndarray, null: Any) -> np.ndarray:
    values = np.asarray(values)
    if isinstance(null, int) and values.dtype.kind in "iu" and np.any(values == null):
        return np.where(values == null, np.nan, values)
    return values


def _info(values: np.ndarray, unit: str | None) -> ColumnInfo:
    ragged = values.dtype.kind == "O" and len(values) and all(isinstance(v, np.ndarray) for v in values[:100])
    return ColumnInfo("list", unit or None) if ragged else array_info(values, unit or None)


def _values(values: np.ndarray, kind: str) -> Any:
    return ragged(values) if kind == "list" else native(values)
