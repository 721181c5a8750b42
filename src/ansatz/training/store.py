"""Fits on disk, without pickle: a JSON header beside plain arrays, and skops for scikit-learn objects.

A folder holds `fit.json` (structure, how the fit went, and the SHA-256 of the other files), `arrays.npz` (all numbers)
and one `.skops` file for each scikit-learn object. Loading builds only types that this package names, from numbers that
NumPy reads without pickle; a file that was changed after it was written is refused.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np

from ansatz.errors import InputError
from ansatz.files import whole
from ansatz.training.engine.packing import Packer, Unpacker
from ansatz.training.result import Fit

FORMAT = 1


def save_fit(fit: Fit, folder: Path | str) -> Path:
    """Writes a fit as a folder, whole or not at all; an older one of that name is replaced.

    Raises:
        InputError: if the folder cannot be written, or the fit holds something that has no safe form on disk.

    Example:
        >>> import tempfile, jax
        >>> from ansatz.data import Dataset
        >>> from ansatz.training import ClosedForm
        >>> line = ClosedForm()(Dataset(np.array([[0.0], [1.0]]), y=np.array([0.0, 2.0])), jax.random.key(0))
        >>> with tempfile.TemporaryDirectory() as place:
        ...     again = load_fit(save_fit(line, Path(place) / "line"))
        >>> np.round(again.predict(np.array([[3.0]])), 9).tolist()
        [6.0]
    """
    folder = Path(folder)
    with whole(folder) as temporary:
        temporary.mkdir()
        packer = Packer()
        header = {"format": FORMAT, "fit": packer.pack(fit)}
        np.savez(temporary / "arrays.npz", **packer.arrays)
        for name, estimator in packer.estimators.items():
            (temporary / name).write_bytes(_skops_bytes(estimator))
        files = sorted(path for path in temporary.iterdir())
        header["sha256"] = {path.name: _sha256(path) for path in files}
        header["seal"] = _seal(header)
        (temporary / "fit.json").write_text(json.dumps(header, indent=1))
    return folder


def load_fit(folder: Path | str) -> Fit:
    """Reads a fit that `save_fit` wrote; its predictions are the same to the bit.

    Raises:
        InputError: if there is no fit, it was changed after it was written, or it names a type that is not ours.
    """
    folder = Path(folder)
    header = _header(folder)
    arrays = _arrays(folder / "arrays.npz")
    estimators = {name: _skops_load(folder / name) for name in header["sha256"] if name.endswith(".skops")}
    return Unpacker(arrays, estimators, str(folder)).unpack(header["fit"])


def _header(folder: Path) -> dict:
    """The header, once every file is seen to be as it was written."""
    try:
        header = json.loads((folder / "fit.json").read_text(encoding="utf-8"))
        expected, seal, version = header["sha256"], header["seal"], header["format"]
    except FileNotFoundError as error:
        raise InputError(f"there is no fitted model in {folder}; expected a file fit.json there") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / 'fit.json'} is not the header of a fitted model; fit the model again") from error
    if version != FORMAT:
        raise InputError(f"{folder} was written in format {version}, this program reads {FORMAT}; fit the model again")
    _refuse_unless(seal == _seal(header), folder / "fit.json")
    for name, digest in expected.items():
        path = folder / name
        _refuse_unless(Path(name).name == name and path.is_file() and _sha256(path) == digest, path)
    return header


def _refuse_unless(intact: bool, path: Path) -> None:  # noqa: FBT001
    if not intact:
        raise InputError(f"{path} was changed after it was written; the model is not loaded; fit it again")


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return dict(stored)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is not an array file; fit the model again") from error


def _seal(header: dict) -> str:
    rest = {name: value for name, value in header.items() if name != "seal"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _skops_bytes(estimator: object) -> bytes:
    import skops.io

    return skops.io.dumps(estimator)


def _skops_load(path: Path) -> object:
    """A scikit-learn object; only types that are known to be harmless are built."""
    import skops.io

    from ansatz.training.classical.table import TRUSTED

    foreign = sorted(set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED))
    if foreign:
        raise InputError(f"{path} holds types that are not ours ({', '.join(foreign)}); it is not loaded")
    return skops.io.load(path, trusted=list(TRUSTED))
