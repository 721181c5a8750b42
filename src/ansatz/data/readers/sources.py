"""From what the user names (a file, a pattern, a folder, a list of files, arrays) to opened tables."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from ansatz.data.readers.tablefile import ColumnInfo, Piece, TableFile
from ansatz.errors import InputError, suggest

WEIGHT = "weight"
"""Name of the column that a file of weights becomes."""

SUFFIXES: dict[str, str] = {
    ".root": "ROOT", ".parquet": "Parquet", ".pq": "Parquet", ".h5": "HDF5", ".hdf5": "HDF5", ".hdf": "HDF5",
    ".fits": "FITS", ".fit": "FITS", ".npz": "NumPy", ".npy": "NumPy", ".csv": "text", ".tsv": "text",
    ".txt": "text", ".dat": "text", ".data": "text", ".ascii": "text",
}  # fmt: skip
PACKED = (".gz", ".bz2", ".xz")
MAGIC = {
    b"root": "ROOT",
    b"PAR1": "Parquet",
    b"\x89HDF": "HDF5",
    b"SIMP": "FITS",
    b"PK\x03\x04": "NumPy",
    b"\x93NUM": "NumPy",
}


@dataclasses.dataclass(frozen=True)
class File:
    """One of several files that make up a sample.

    Attributes:
        file: its path, which may name something inside (`signal.root:Events`), or a pattern or folder.
        label: class of its events, if the file decides it.
        scale: factor on the weights of its events, such as cross-section times luminosity over generated events.
        names: names of its columns, if it is a text table without a header.
        weights: a table of one column beside it that holds the weight of each event.
    """

    file: str | Path
    label: str | int | bool | None = None
    scale: float = 1.0
    names: Sequence[str] = ()
    weights: str | Path | None = None


@dataclasses.dataclass(frozen=True)
class Part:
    """An opened table of a sample.

    Attributes:
        table: the table.
        label: class of all of its events, or None.
        scale: factor on their weights.
        weighted: whether a file of weights lies beside it; they are its column `weight`.
    """

    table: TableFile
    label: str | int | bool | None = None
    scale: float = 1.0
    weighted: bool = False


def open_source(source: object, *, names: Sequence[str] = ()) -> list[Part]:
    """Opens whatever holds data.

    Args:
        source: a path (`events.root:Events`, `fields.h5:/maps`, a folder, a pattern such as `run*.parquet`), a `File`
            or a mapping with its fields, a list of these, a data frame, an array of shape (events, columns), a
            structured array, or arrays by name.
        names: of the columns, for text tables without a header.

    Raises:
        InputError: if a file is missing or not what its name says, or the source is nothing that holds data.
    """
    if isinstance(source, (str, Path)):
        return [Part(_opened(path, inside, names)) for path, inside in _matches(source)]
    if isinstance(source, Mapping) and "file" in source:
        source = _file(source)
    if isinstance(source, File):
        parts = open_source(source.file, names=source.names or names)
        parts = [dataclasses.replace(part, label=source.label, scale=_scale(source)) for part in parts]
        return parts if source.weights is None else [_weighted(parts, source)]
    if isinstance(source, (list, tuple)) and source:
        return _labelled([part for one in source for part in open_source(one, names=names)])
    return [Part(_in_memory(source))]


def _in_memory(source: object) -> TableFile:
    from ansatz.data.readers import arrays, arrow

    if isinstance(source, TableFile):
        return source
    if isinstance(source, np.ndarray):
        return arrays.open_array(source)
    if isinstance(source, Mapping):
        return arrays.open_arrays(source)
    return arrow.open_frame(source)


def _file(fields: Mapping[str, object]) -> File:
    known = [field.name for field in dataclasses.fields(File)]
    for name in fields:
        if name not in known:
            raise InputError(f"a file has no '{name}'{suggest(name, known)}; there are: {', '.join(known)}")
    return File(**fields)


def _scale(file: File) -> float:
    if isinstance(file.scale, bool) or not isinstance(file.scale, (int, float)) or not np.isfinite(file.scale):
        raise InputError(f"the scale of {file.file} is {file.scale!r}; expected a number that multiplies its weights")
    return float(file.scale)


def _weighted(parts: list[Part], file: File) -> Part:
    """A table with the weights that lie beside it as one more column."""
    [beside] = open_source(file.weights)
    if len(parts) > 1 or len(beside.table.columns) != 1:
        raise InputError(f"{file.weights} should hold one column of weights beside one file")
    weights = np.concatenate([next(iter(piece.values())) for piece in beside.table.pieces(list(beside.table.columns))])
    table = parts[0].table
    if WEIGHT in table.columns:
        raise InputError(f"{table.title} has a column '{WEIGHT}' already; leave out weights = '{file.weights}'")
    return dataclasses.replace(parts[0], table=_with_column(table, WEIGHT, weights), weighted=True)


def _with_column(table: TableFile, name: str, values: np.ndarray) -> TableFile:
    def pieces(wanted: Sequence[str]) -> Iterator[Piece]:
        start, wrong = 0, f"there are {len(values)} weights beside {table.title}, which has another number of rows"
        for piece in table.pieces([column for column in wanted if column != name]):
            stop = start + len(next(iter(piece.values())))
            if stop > len(values):
                raise InputError(wrong)
            yield {**piece, name: values[start:stop]}
            start = stop
        if start < len(values):
            raise InputError(wrong)

    return dataclasses.replace(table, columns={**table.columns, name: ColumnInfo("number")}, pieces=pieces)


def _labelled(parts: list[Part]) -> list[Part]:
    without = [part.table.title for part in parts if part.label is None]
    if without and len(without) < len(parts):
        raise InputError(f"some files have a label but {without[0]} has none; label all files or none")
    return parts


def _matches(source: str | Path) -> list[tuple[Path, str]]:
    """The files that a path means, with what is named inside."""
    path, inside = _split_inside(str(source))
    place = Path(path).expanduser()
    if place.is_file():
        return [(place, inside)]
    if place.is_dir():
        return [(file, inside) for file in _one_format(_listed(place.iterdir()), place)]
    if any(mark in path for mark in "*?["):
        root = Path(place.anchor) if place.is_absolute() else Path()
        found = _listed(root.glob(str(place.relative_to(place.anchor))))
        if not found:
            raise InputError(f"no file matches '{path}'")
        return [(file, inside) for file in found]
    raise InputError(_missing(place))


def _split_inside(text: str) -> tuple[str, str]:
    """`events.root:Events` in its two halves; a colon elsewhere belongs to the path."""
    if Path(text).exists():
        return text, ""
    found = re.match(r"(.+\.(?:root|h5|hdf5|hdf|fits|fit|npz|parquet|csv)(?:\.gz)?):([^:]*)$", text)
    return (found[1], found[2]) if found else (text, "")


def _missing(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder '{folder}' to look for '{path.name}' in"
    near = [file.name for file in folder.iterdir()]
    return f"there is no file '{path}'{suggest(path.name, near)}"


def _listed(paths: Iterable[Path]) -> list[Path]:
    """Files that are not hidden, run2 before run10."""
    files = [path for path in paths if path.is_file() and not path.name.startswith((".", "_"))]
    return sorted(files, key=lambda path: [int(p) if p.isdecimal() else p for p in re.split(r"(\d+)", str(path))])


def _one_format(files: list[Path], folder: Path) -> list[Path]:
    known = [file for file in files if _by_name(file)]
    formats = {_by_name(file) for file in known}
    if not known:
        raise InputError(f"the folder '{folder}' holds no data file; known are: {', '.join(SUFFIXES)}")
    if len(formats) > 1:
        raise InputError(
            f"the folder '{folder}' mixes {' and '.join(sorted(formats))} files; give a pattern: {folder}/*.root"
        )
    return known


def _by_name(path: Path) -> str | None:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in PACKED:
        inner = SUFFIXES.get(suffixes[-2]) if len(suffixes) > 1 else None
        return inner or "text"
    return SUFFIXES.get(suffixes[-1]) if suffixes else None


def _by_content(path: Path) -> str:
    from ansatz.data.readers.dialect import decompressed

    try:
        with decompressed(path) as file:
            start = file.read(4)
    except (OSError, EOFError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    if not start:
        raise InputError(f"{path} is empty; expected rows of numbers")
    return MAGIC.get(start, "text")


def _opened(path: Path, inside: str, names: Sequence[str]) -> TableFile:
    promised, found = _by_name(path), _by_content(path)
    if promised and promised != found:
        raise InputError(
            f"{path} is not what its name says: expected {_told(promised)}, found {_told(found)}; "
            "it may be damaged, or rename it"
        )
    return _opener(found, names)(path, inside)


def _told(kind: str) -> str:
    return {"text": "a text table", "NumPy": "NumPy arrays"}.get(kind, f"a {kind} file")


def _opener(kind: str, names: Sequence[str]) -> Callable[[Path, str], TableFile]:
    from ansatz.data.readers import arrays, arrow, fits, hdf5, root, text

    if kind == "text":
        return lambda path, inside: text.open_text(path, inside, names=names)
    return {
        "ROOT": root.open_root,
        "Parquet": arrow.open_parquet,
        "HDF5": hdf5.open_hdf5,
        "FITS": fits.open_fits,
        "NumPy": arrays.open_npz,
    }[kind]
