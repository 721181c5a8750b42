"""How a text table is written: its delimiter, header, comments, decimal mark, encoding."""

from __future__ import annotations

import bz2
import csv
import dataclasses
import gzip
import io
import lzma
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ansatz.data.readers.tablefile import refuse_twice
from ansatz.errors import InputError

BLOCK = 2**20
BLANKS = " "
DELIMITERS = (",", "\t", ";", "|", BLANKS)
MISSING = frozenset(
    ["", "na", "n/a", "nan", "-nan", "null", "none", "#n/a", "#na", "<na>", "inf", "-inf", "+inf", "infinity", "?"]
)


@dataclasses.dataclass(frozen=True)
class Dialect:
    """How to read a text table.

    Attributes:
        delimiter: what stands between fields; a blank means any run of blanks and tabs.
        decimal: the decimal mark.
        names: of the columns; empty where the header gives none.
        header: whether the first line names the columns.
        encoding: how letters are written.
    """

    delimiter: str
    decimal: str
    names: tuple[str, ...]
    header: bool
    encoding: str


def decompressed(path: Path) -> io.IOBase:
    """The bytes of a file, which may be packed by gzip, bzip2 or xz, whatever its name says."""
    with open(path, "rb") as file:
        start = file.read(6)
    packers = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
    opener = next((packer for magic, packer in packers.items() if start.startswith(magic)), open)
    return opener(path, "rb")


def cleaned(path: Path, dialect: Dialect) -> io.RawIOBase:
    """The rows of a text table alone, as a file: no comments, header or byte-order mark, lines that end in LF."""
    return _Stream(_blocks(path, dialect))


def dialect_of(path: Path, names: Sequence[str] = ()) -> Dialect:
    """The dialect of a file, judged by its first lines.

    Args:
        path: the file.
        names: of the columns, where the file has no header or a bad one.

    Raises:
        InputError: if the file is empty or binary, or its names are too few, too many or not different.
    """
    head, encoding = _head(path)
    lines = [line for line in head if line.strip() and not line.startswith("#")]
    if not lines:
        raise InputError(f"{path} is empty; expected rows of numbers")
    delimiter = max(DELIMITERS, key=lambda mark: _score(lines, mark))
    table = [_fields(line, delimiter) for line in lines]
    header = _is_header(table)
    if header and len(table) == 1:
        raise InputError(f"{path} has a header but no rows")
    found = table[0] if header else _comment_names(head, delimiter, len(table[0]))
    decimal = "," if delimiter == ";" and any(re.fullmatch(r"\s*[-+]?\d+,\d+", c) for r in table for c in r) else "."
    return Dialect(delimiter, decimal, _named(found, names, path), header, encoding)


def _head(path: Path) -> tuple[list[str], str]:
    """The first whole lines, and their encoding."""
    with decompressed(path) as file:
        raw = file.read(BLOCK // 4)
    if b"\x00" in raw:
        raise InputError(f"{path} is not a text table; its name or its content is wrong")
    whole = len(raw) < BLOCK // 4
    text = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    text = text if whole or b"\n" not in text else text[: text.rindex(b"\n")]
    try:
        return text.decode("utf-8").split("\n")[:500], "utf-8"
    except UnicodeDecodeError:
        return text.decode("latin-1").split("\n")[:500], "latin-1"


def _fields(line: str, delimiter: str) -> list[str]:
    if delimiter == BLANKS:
        return line.split()
    return [field.strip() for field in next(csv.reader([line], delimiter=delimiter))]


def _score(lines: Sequence[str], delimiter: str) -> tuple[int, float, int]:
    """How well the lines fall into columns: several of equal length, one of numbers, none."""
    table = [_fields(line, delimiter) for line in lines[:50]]
    widths = {len(row) for row in table}
    body = [field for row in table[1:] or table for field in row]
    numbers = sum(is_number(field, "," if delimiter == ";" else ".") for field in body) / len(body)
    if widths == {1}:
        return int(all(map(is_number, body))), 0.0, 1
    return (2, numbers, len(table[0])) if len(widths) == 1 else (0, 0.0, len(table[0]))


def is_number(field: str, decimal: str = ".") -> bool:
    """Whether a field holds a number, or says that it is missing."""
    if field.strip().lower() in MISSING:
        return True
    try:
        float(field.replace(decimal, "."))
    except ValueError:
        return False
    return "_" not in field


def _is_header(table: Sequence[Sequence[str]]) -> bool:
    return not any(is_number(field) and field for field in table[0])


def _comment_names(head: Sequence[str], delimiter: str, width: int) -> list[str]:
    """The last comment before the rows, if it names as many columns as there are."""
    comments = []
    for line in head:
        if line.strip() and not line.startswith("#"):
            break
        comments.append(line.lstrip("# \t"))
    last = _fields(comments[-1], delimiter) if comments and comments[-1].strip() else []
    if len(last) == width and not any(is_number(field) for field in last):
        return last
    return [f"c{i}" for i in range(width)]


def _named(found: Sequence[str], names: Sequence[str], path: Path) -> tuple[str, ...]:
    if names and len(names) != len(found):
        raise InputError(f"names lists {len(names)} columns but {path} has {len(found)}")
    chosen = tuple(names) or tuple(found)
    refuse_twice([name for name in chosen if name], str(path))
    return chosen


def _blocks(path: Path, dialect: Dialect) -> Iterator[bytes]:
    """Whole lines, tidied."""
    header = dialect.header
    for block in _whole_lines(path):
        text = _tidied(block, dialect)
        if header and text:
            header, text = False, text.partition(b"\n")[2]
        yield text


def _whole_lines(path: Path) -> Iterator[bytes]:
    rest = b""
    with decompressed(path) as file:
        mark = file.read(3)
        block = b"" if mark == b"\xef\xbb\xbf" else mark
        while more := file.read(BLOCK):
            text = rest + block + more
            held = b"\r" if text.endswith(b"\r") else b""
            text = text.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            end = text.rfind(b"\n") + 1
            yield text[:end]
            rest, block = text[end:] + held, b""
    yield (rest + block).replace(b"\r", b"\n") + b"\n"


def _tidied(text: bytes, dialect: Dialect) -> bytes:
    if b"#" in text:
        text = re.sub(rb"(?m)^#.*\n", b"", text)
    if dialect.delimiter == BLANKS:
        text = re.sub(rb"(?m)^[ \t]+|[ \t]+$", b"", text)
        text = re.sub(rb"[ \t]+", b"\t", text)
    if b"+" in text:
        text = re.sub(rb"(?m)(^|[,;|\t ])\+(?=[.\d])", rb"\1", text)
    return re.sub(rb"(?m)^ *\n", b"", text)


class _Stream(io.RawIOBase):
    """Blocks of bytes as a file."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
