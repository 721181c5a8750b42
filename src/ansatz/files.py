"""Files and folders that appear whole or not at all."""

import contextlib
import dataclasses
import json
import math
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from ansatz.errors import InputError


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`; what was written there becomes `path` in one step when the block ends well.

    Whatever fails, an older file of that name stays as it was and nothing half-written is left.

    Raises:
        InputError: if the operating system refuses (disk full, no permission), saying which file and why.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        _flush(temporary)
        _take_place(temporary, path)
    except OSError as error:
        raise InputError(_refused(path, error)) from error
    finally:
        _remove(temporary)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: object) -> None:
    """Write JSON whole or not at all; see `plain` for what may be in it."""
    write_text(path, json.dumps(plain(value), indent=1, allow_nan=False) + "\n")


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write an `.npz` file whole or not at all."""
    with whole(path) as temporary, temporary.open("wb") as stream:
        np.savez(stream, **{name: np.asarray(a) for name, a in arrays.items()})


def plain(value: object) -> object:
    """The value in the words of JSON: NumPy scalars and arrays, records and tuples unfolded, NaN and infinity as null.

    Example:
        >>> plain({"a": np.float32(0.5), "b": (1, float("nan")), "c": np.arange(2)})
        {'a': 0.5, 'b': [1, None], 'c': [0, 1]}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | bool | None) else str(value)


def _take_place(temporary: Path, path: Path) -> None:
    """Rename; an older folder steps aside first, for a folder cannot be replaced in one step."""
    if not (temporary.is_dir() and path.exists()):
        os.replace(temporary, path)
        return
    aside = path.with_name(f"{temporary.name}.old")
    os.replace(path, aside)
    os.replace(temporary, path)
    _remove(aside)


def _flush(path: Path) -> None:
    files = [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path]
    for file in files:
        with file.open("rb") as stream:
            os.fsync(stream.fileno())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _refused(path: Path, error: OSError) -> str:
    reason = (error.strerror or str(error)).lower()
    return f"cannot write {path}: {reason}; nothing that was finished is lost"
