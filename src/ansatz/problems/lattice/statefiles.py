"""Ising states on disk: read, checked, and their faults reported."""

from __future__ import annotations

import io
import math
import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError

TEMPERATURE = re.compile(r"T[=_]?(\d+(?:\.\d+)?)")
STATES = ("states", "x", "packed", "spins", "configurations")
TEMPERATURES = ("T", "temperature", "temperatures", "t", "y")
SUFFIXES = (".npz", ".npy", ".txt", ".csv", ".dat")


def read_states(path: str | Path, *, temperature: float | None = None, side: int | None = None) -> Dataset:
    r"""Square Ising states from a file, an archive, or a folder of files.

    Taken are `.npz` (states, spins or packed bits, and temperatures of the states or of groups of states), `.npy`, text
    with one state a line (0 and 1, or -1 and 1), and `.tar`, `.tar.gz` or `.zip` archives of such files. Where a file
    does not hold the temperature, it is read from its name (`..._T2.269_...`).

    Args:
        path: where the states are.
        temperature: of all states, if neither the file nor its name says.
        side: L of packed bits; by default the largest square that fits.

    Returns:
        Spins of -1 and 1 of type int8, shape (states, L, L), in the order of the file, with the target `temperature`;
        observers `temperature`, `energy` and `magnetization` per site, and `file`, the number of the file.

    Raises:
        InputError: if there is no such file, its format or its values are not as above, or a temperature is missing.

    Example:
        >>> import tempfile
        >>> name = Path(tempfile.mkdtemp()) / "ising_T2.0.txt"
        >>> _ = name.write_text("0 0 1 1\n1 1 1 1\n")
        >>> read_states(name).observers["magnetization"].tolist()
        [0.0, 1.0]
    """
    path = Path(path)
    parts = [_part(name, content, temperature, side) for name, content in _files(path)]
    if not parts:
        raise InputError(f"{path}: holds no file of states ({', '.join(SUFFIXES)})")
    shapes = {states.shape[1:] for states, _ in parts}
    if len(shapes) > 1:
        raise InputError(f"{path}: the states have different sizes: {', '.join(str(s[0]) for s in sorted(shapes))}")
    x, t = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Dataset(
        x,
        y=t,
        target=("temperature",),
        observers={
            "temperature": t,
            "energy": square_energy(x),
            "magnetization": x.mean(axis=(1, 2)),
            "file": np.repeat(np.arange(len(parts)), [len(states) for states, _ in parts]),
        },
        name=path.name,
    )


def square_energy(states: np.ndarray) -> np.ndarray:
    """Energy per site of periodic square states of -1 and 1, J = 1."""
    x = states.astype(np.int16)
    return -np.mean(x * (np.roll(x, 1, axis=1) + np.roll(x, 1, axis=2)), axis=(1, 2))


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of states."""
    if path.is_dir():
        for name in sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES):
            yield str(name), name.read_bytes()
    elif not path.is_file():
        raise InputError(f"{path}: there is no such file")
    elif path.name.endswith((".tar", ".tar.gz", ".tgz")):
        yield from _members(path)
    elif path.suffix == ".zip":
        yield from _zipped(path)
    elif path.suffix in SUFFIXES:
        yield path.name, path.read_bytes()
    else:
        raise InputError(f"{path}: states are read from {', '.join(SUFFIXES)}, .tar.gz and .zip, not '{path.suffix}'")


def _zipped(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(n for n in archive.namelist() if Path(n).suffix in SUFFIXES):
                yield f"{path.name}/{name}", archive.read(name)
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(f"{path}: not a readable archive ({_line(error)})") from None


def _line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(path) as archive:
            members = {m.name: m for m in archive.getmembers() if m.isfile() and Path(m.name).suffix in SUFFIXES}
            for name in sorted(n for n in members if not Path(n).name.startswith(".")):
                content = archive.extractfile(members[name])
                yield f"{path.name}/{name}", content.read() if content else b""
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InputError(f"{path}: not a readable archive ({_line(error)})") from None


def _part(name: str, content: bytes, temperature: float | None, side: int | None) -> tuple[np.ndarray, np.ndarray]:
    """States (n, L, L) of -1 and 1, and the temperature of each."""
    try:
        raw, told = _arrays(name, content, side)
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{name}: cannot be read as states ({_line(error)})") from None
    states, groups = _square(name, raw)
    if told is None:
        told = _told(name, temperature)
    if len(told) not in (1, len(states), groups):
        raise InputError(f"{name}: {len(told)} temperatures do not fit {len(states)} states")
    told = np.repeat(told, len(states) // len(told))
    if not (np.isfinite(told).all() and (told > 0).all()):
        raise InputError(f"{name}: a temperature is a positive number, not {told[~(told > 0)][0]:g}")
    return as_spins(name, states), told


def _arrays(name: str, content: bytes, side: int | None) -> tuple[np.ndarray, np.ndarray | None]:
    """States as they are stored, and temperatures if there are any."""
    if name.endswith(".npy"):
        return np.load(io.BytesIO(content), allow_pickle=False), None
    if not name.endswith(".npz"):
        return np.loadtxt(
            io.StringIO(content.decode()), ndmin=2, delimiter="," if name.endswith(".csv") else None
        ), None
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        states = next((key for key in STATES if key in arrays), None)
        if states is None:
            raise KeyError(f"there is no array {' or '.join(STATES)}; there are: {', '.join(arrays)}")
        told = next((key for key in TEMPERATURES if key in arrays), None)
        raw = arrays[states]
        temperatures = None if told is None else np.atleast_1d(arrays[told]).astype(float).ravel()
        return _unpacked(raw, side) if states == "packed" else raw, temperatures


def _told(name: str, temperature: float | None) -> np.ndarray:
    found = TEMPERATURE.findall(Path(name).name)
    if temperature is None and not found:
        raise InputError(f"{name}: the temperature is neither in the file nor in its name (T2.269); give temperature=")
    return np.array([float(found[-1]) if temperature is None else temperature])


def _unpacked(raw: np.ndarray, side: int | None) -> np.ndarray:
    """Bits of whole bytes, without those that only fill up the last one."""
    bits = np.unpackbits(raw, axis=-1)
    return bits[..., : (side or math.isqrt(bits.shape[-1])) ** 2]


def _square(name: str, raw: np.ndarray) -> tuple[np.ndarray, int]:
    """States as (n, L, L), and the number of groups they came in."""
    if raw.ndim >= 3 and raw.shape[-1] == raw.shape[-2]:
        return raw.reshape(-1, *raw.shape[-2:]), len(raw)
    if raw.ndim < 2 or math.isqrt(raw.shape[-1]) ** 2 != raw.shape[-1]:
        raise InputError(f"{name}: an array of shape {raw.shape} holds no square states")
    side = math.isqrt(raw.shape[-1])
    return raw.reshape(-1, side, side), len(raw)


def as_spins(name: str, states: np.ndarray) -> np.ndarray:
    """States of -1 and 1, or of 0 and 1, as int8 of -1 and 1; `name` is what messages call them.

    Raises:
        InputError: if there are other values.

    Example:
        >>> as_spins("states", np.array([0, 1, 1])).tolist()
        [-1, 1, 1]
    """
    values = np.unique(states)
    if not (np.isin(values, (-1, 1)).all() or np.isin(values, (0, 1)).all()):
        bad = [v for v in values if v not in (-1, 0, 1)]
        shown = ", ".join(f"{v:g}" for v in bad[:3]) if bad else "-1, 0 and 1 together"
        raise InputError(f"{name}: Ising spins are -1 and 1, or 0 and 1; found {shown}")
    return np.where(states > 0, 1, -1).astype(np.int8)
