"""Arrow tables, which Parquet, CSV and every data frame become on the way in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ansatz.data.readers.tablefile import CELLS, ColumnInfo, Piece, TableFile, reading, refuse_twice
from ansatz.errors import InputError


def open_parquet(path: Path, inside: str = "") -> TableFile:
    """A Parquet file, read row group by row group.

    Raises:
        InputError: if the file is damaged or names two columns alike.
    """
    import pyarrow.parquet as pq

    if inside:
        raise InputError(f"{path} is a Parquet file and has nothing inside to name; leave out ':{inside}'")
    with reading(path, "Parquet"), pq.ParquetFile(path) as file:
        schema = file.schema_arrow
    refuse_twice(schema.names, str(path))

    def pieces(names: Sequence[str]) -> Iterator[Piece]:
        with reading(path, "Parquet"), pq.ParquetFile(path) as file:
            rows = max(1, CELLS // max(1, len(names)))
            for batch in file.iter_batches(batch_size=rows, columns=list(names)):
                yield {name: values_of(batch.column(name)) for name in names}

    return TableFile(path.name, _infos(schema), pieces)


def open_arrow(table: pa.Table, title: str) -> TableFile:
    """A table in memory.

    Raises:
        InputError: if it names two columns alike.
    """
    refuse_twice(table.schema.names, title)

    def pieces(names: Sequence[str]) -> Iterator[Piece]:
        wanted = table.select(list(names))
        for batch in wanted.to_batches(max_chunksize=max(1, CELLS // max(1, len(names)))):
            yield {name: values_of(batch.column(name)) for name in names}

    return TableFile(title, _infos(table.schema), pieces)


def open_frame(frame: Any, title: str = "the data frame") -> TableFile:
    """A data frame of any library that Narwhals knows: pandas, polars, PyArrow, Modin, DuckDB ...

    Raises:
        InputError: if it is no data frame, or a column mixes numbers and words.
    """
    import narwhals as nw

    try:
        eager = nw.from_native(frame)
        eager = eager.collect() if isinstance(eager, nw.LazyFrame) else eager
        table = eager.to_arrow()
    except nw.exceptions.DuplicateError as error:
        raise InputError(f"{title} names two columns alike: {', '.join(str(error).split()[-3:-2])}") from None
    except pa.ArrowException as error:
        raise InputError(f"a column of {title} mixes types: {'; '.join(map(str, error.args))[:160]}") from None
    except TypeError:
        raise InputError(
            f"a value of type {type(frame).__name__} is no data: give a file, a data frame or arrays by name"
        ) from None
    return open_arrow(table, title)


def _infos(schema: pa.Schema) -> dict[str, ColumnInfo]:
    return {field.name: _info(field) for field in schema}


def _info(field: pa.Field) -> ColumnInfo:
    metadata = field.metadata or {}
    unit = (metadata.get(b"unit") or metadata.get(b"units") or b"").decode() or None
    kind = field.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return ColumnInfo("number", "s")
    if _is_number(kind):
        return ColumnInfo("number", unit)
    if _is_text(kind):
        return ColumnInfo("text", unit)
    if pa.types.is_fixed_size_list(kind) and _is_number(kind.value_type):
        return ColumnInfo("field", unit)
    if (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and _is_number(kind.value_type):
        return ColumnInfo("list", unit)
    return ColumnInfo("other", why=f"it holds {kind}")


def _is_number(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal, pa.types.is_null)
    return any(test(kind) for test in tests)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def values_of(column: pa.Array) -> Any:
    """The values as a NumPy array; nulls are NaN in numbers and None in text; lists become an Awkward array."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return values_of(pc.divide(column.cast(pa.timestamp("us")).cast(pa.int64()).cast(pa.float64()), 1e6))
    if pa.types.is_dictionary(kind):
        return values_of(column.dictionary_decode())
    if pa.types.is_fixed_size_list(kind):
        flat = values_of(
            column.fill_null([np.nan] * kind.list_size).flatten() if column.null_count else column.flatten()
        )
        return flat.reshape(len(column), kind.list_size)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _lists(column)
    if pa.types.is_null(kind) or pa.types.is_decimal(kind) or (pa.types.is_boolean(kind) and column.null_count):
        column = column.cast(pa.int8() if pa.types.is_boolean(kind) else pa.float64())
    return column.to_numpy(zero_copy_only=False)


def _lists(column: pa.Array) -> Any:
    import awkward as ak

    counts = pc.list_value_length(column).fill_null(0)
    return ak.unflatten(values_of(column.flatten()), counts.to_numpy(zero_copy_only=False))
