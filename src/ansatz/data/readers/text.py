"""Text tables: CSV, TSV and columns between blanks, packed or not, with a header or none, read block by block.

The file is gone through twice: once to learn what each column holds everywhere (a word in row four million is told as
such, not met half way), once to read the wanted ones.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from ansatz.data.readers.arrow import values_of
from ansatz.data.readers.dialect import BLANKS, BLOCK, Dialect, cleaned, dialect_of, is_number
from ansatz.data.readers.tablefile import ColumnInfo, Piece, TableFile, reading
from ansatz.errors import InputError

NULLS = [
    "",
    "NA",
    "N/A",
    "n/a",
    "NaN",
    "nan",
    "-nan",
    "-NaN",
    "NULL",
    "null",
    "None",
    "none",
    "#N/A",
    "#NA",
    "<NA>",
    "?",
]


def open_text(path: Path, inside: str = "", *, names: Sequence[str] = ()) -> TableFile:
    """A text table; delimiter, header, decimal mark and encoding are found out.

    Args:
        path: the file, which may be packed by gzip, bzip2 or xz.
        inside: must be empty.
        names: of the columns, where the file has no header (else they are `c0, c1, ...`) or a bad one.

    Raises:
        InputError: if the file is empty, binary, cut short, or its rows differ in length.
    """
    if inside:
        raise InputError(f"{path} is a text file and has nothing inside to name; leave out ':{inside}'")
    with reading(path, "a text table"):
        dialect = dialect_of(path, names)
        columns = _unnamed_apart(dialect)
        guesses = _learned(path, dialect, columns)

    def pieces(wanted: Sequence[str]) -> Iterator[Piece]:
        types = {name: guesses[name].final if name in guesses else pa.string() for name in columns}
        with reading(path, "a text table"):
            for batch in _batches(path, dialect, types, wanted):
                yield {name: values_of(batch.column(name)) for name in wanted}

    return TableFile(path.name, {name: guess.info for name, guess in guesses.items()}, pieces)


@dataclasses.dataclass
class _Guess:
    """What a column has held so far: the narrowest type that fits, and the first word among numbers."""

    type: pa.DataType = dataclasses.field(default_factory=pa.int64)
    seen: int = 0
    stray: str = ""
    boolean: bool = True

    @property
    def final(self) -> pa.DataType:
        return pa.bool_() if self.boolean and self.seen and pa.types.is_string(self.type) else self.type

    @property
    def info(self) -> ColumnInfo:
        return ColumnInfo("text" if pa.types.is_string(self.final) else "number", stray=self.stray)

    def learn(self, values: pa.Array, start: int, decimal: str) -> None:
        if pa.types.is_string(self.type):
            self.boolean = self.boolean and _yes_or_no(values)
            return
        trimmed = _pointed(pc.utf8_trim_whitespace(values), decimal)
        for kind in (pa.int64(), pa.float64()):
            if (self.type == kind or kind == pa.float64()) and _fits(trimmed, kind):
                self.type = kind
                self.seen += len(values) - values.null_count
                return
        self._give_up(values, start, decimal)

    def _give_up(self, values: pa.Array, start: int, decimal: str) -> None:
        """A word was met: a column of words, or a stray one among numbers."""
        words = [(i, value) for i, value in enumerate(values.to_pylist()) if value is not None]
        bad = [(i, value) for i, value in words if not is_number(value, decimal)]
        self.type = pa.string()
        self.boolean = not self.seen and _yes_or_no(values)
        self.seen += 1
        if bad and not self.boolean and (self.seen > 1 or len(bad) < len(words) / 2):
            self.stray = f"row {start + bad[0][0] + 1} has '{bad[0][1][:40]}'"


def _fits(values: pa.Array, kind: pa.DataType) -> bool:
    try:
        values.cast(kind)
    except pa.ArrowInvalid:
        return False
    return True


def _yes_or_no(values: pa.Array) -> bool:
    words = pc.utf8_lower(pc.utf8_trim_whitespace(values.drop_null()))
    return bool(pc.all(pc.is_in(words, value_set=pa.array(["true", "false"]))).as_py())


def _pointed(values: pa.Array, decimal: str) -> pa.Array:
    return values if decimal == "." else pc.replace_substring(values, decimal, ".")


def _unnamed_apart(dialect: Dialect) -> tuple[str, ...]:
    """Names of all columns, with stand-ins for those that the header leaves without one."""
    return tuple(name or f"\0{i}" for i, name in enumerate(dialect.names))


def _learned(path: Path, dialect: Dialect, columns: Sequence[str]) -> Mapping[str, _Guess]:
    """A column without a name is left out: it is a row number that a data frame wrote."""
    guesses = {name: _Guess() for name in columns if not name.startswith("\0")}
    start = 0
    for batch in _batches(path, dialect, dict.fromkeys(columns, pa.string()), list(guesses)):
        for name, guess in guesses.items():
            guess.learn(batch.column(name), start, dialect.decimal)
        start += len(batch)
    if not start:
        raise InputError(f"{path} has a header but no rows")
    return guesses


def _batches(
    path: Path, dialect: Dialect, types: Mapping[str, pa.DataType], wanted: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    with cleaned(path, dialect) as stream:
        reader = pa_csv.open_csv(
            pa.PythonFile(stream, mode="r"),
            pa_csv.ReadOptions(column_names=list(types), block_size=4 * BLOCK, encoding=_encoding(dialect)),
            pa_csv.ParseOptions(delimiter="\t" if dialect.delimiter == BLANKS else dialect.delimiter),
            pa_csv.ConvertOptions(
                column_types=types,
                include_columns=list(wanted),
                null_values=NULLS,
                strings_can_be_null=True,
                decimal_point=dialect.decimal,
            ),
        )
        with reader:
            yield from reader


def _encoding(dialect: Dialect) -> str:
    return "utf8" if dialect.encoding == "utf-8" else dialect.encoding
