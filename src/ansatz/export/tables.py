"""Tables of events as Parquet, CSV or ROOT files."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from ansatz.errors import InputError
from ansatz.files import whole

ENDINGS = (".parquet", ".csv", ".root")
TREE = "predictions"


class Writer(Protocol):
    """Writes tables to a file, one after the other; Arrow's writers are such."""

    def write_table(self, table: pa.Table) -> None:
        """Append a table."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


class RootWriter:
    """Writes tables into the tree `predictions` of a ROOT file; text becomes numbers, whose names lie beside the tree.

    Args:
        path: the file.
        first: a table of the same columns.
    """

    def __init__(self, path: Path, first: pa.Table) -> None:
        import uproot

        self.words: dict[str, list[str]] = {
            name: [] for name in first.column_names if pa.types.is_string(first.schema.field(name).type)
        }
        self.file = uproot.recreate(path)
        kinds = {_branch(name): self._numbers(first, name).dtype for name in first.column_names}
        self.tree = self.file.mktree(TREE, kinds)

    def write_table(self, table: pa.Table) -> None:
        """Append a table."""
        self.tree.extend({_branch(name): self._numbers(table, name) for name in table.column_names})

    def close(self) -> None:
        """Write what the numbers that stand for text mean, and finish the file."""
        for name, words in self.words.items():
            self.file[f"{_branch(name)}_names"] = "\n".join(words)
        self.file.close()

    def _numbers(self, table: pa.Table, name: str) -> np.ndarray:
        if name not in self.words:
            return np.asarray(table[name].to_numpy())
        known = self.words[name]
        texts = table[name].to_pylist()
        known += [text for text in dict.fromkeys(texts) if text not in known]
        place = {text: number for number, text in enumerate(known)}
        return np.array([place[text] for text in texts], np.int32)


def _branch(name: str) -> str:
    """A name that ROOT's own tools take for a branch."""
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def check_ending(path: Path) -> None:
    """Whether the name of a file decides its format.

    Raises:
        InputError: if not.
    """
    if path.suffix not in ENDINGS:
        raise InputError(f"'{path}' should end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}, which decides the format")


@contextlib.contextmanager
def table_writer(path: Path, first: pa.Table) -> Iterator[Writer]:
    """A writer of tables like the first one, whose file appears whole or not at all."""
    from pyarrow import csv, parquet

    with whole(path) as temporary:
        makers: dict[str, Any] = {
            ".parquet": lambda: parquet.ParquetWriter(temporary, first.schema),
            ".csv": lambda: csv.CSVWriter(temporary, first.schema),
            ".root": lambda: RootWriter(temporary, first),
        }
        writer = makers[path.suffix]()
        try:
            yield writer
        finally:
            writer.close()


def write_table(table: pa.Table, path: Path | str) -> Path:
    """Writes a table; the ending of the name (.parquet, .csv, .root) decides the format.

    Raises:
        InputError: if it ends in none of them, or the file cannot be written.
    """
    path = Path(path)
    check_ending(path)
    with table_writer(path, table) as writer:
        writer.write_table(table)
    return path
