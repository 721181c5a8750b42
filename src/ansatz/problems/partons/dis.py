"""Readers of the user's own files: the gluon pseudo-data of the course, HERA and BCDMS structure functions."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.risk.covariance import Errors

NORMALIZATION_BCDMS = 0.03
"""Normalization error of the BCDMS hydrogen data, as a fraction."""

TOTALS = ("tot_noproc",)
"""Columns of a HERA table that sum up others and are no source of error."""


def read_gluon(path: str | Path) -> Dataset:
    """Pseudo-data for x g(x): columns x, central value, standard deviation, with `#` comments.

    The central values are smooth: `y` is the truth, and noise is for the caller to add, in the units of the file.

    Raises:
        InputError: if the file is not such a table.
    """
    table = _numbers(Path(path), skip=0)
    if table.shape[1] != 3:
        raise InputError(f"{path} has {table.shape[1]} columns; gluon pseudo-data have three: x, value, error")
    x, value, deviation = table.T
    observers = {"truth": value} | Errors(deviation).observers()
    return Dataset(x[:, None], y=value, columns=("x",), target=("xg",), observers=observers, name=Path(path).stem)


def read_hera(path: str | Path, *, q2_min: float = 3.5) -> Dataset:
    r"""Reduced cross sections of the combined HERA data: features x, Q2 (GeV^2) and y, errors as observers.

    Errors in the file are per cent of the cross section. The statistical and the uncorrelated one are taken as they
    are; each correlated source (`sys...` and the procedural `delta_...`) is multiplicative.

    Args:
        path: the table, whose first line names the columns.
        q2_min: smallest Q2 kept, in GeV^2.

    Raises:
        InputError: if the file is not such a table or nothing is left.

    Source: H1 and ZEUS, arXiv:1506.06042.
    """
    path = Path(path)
    names = _header(path).split()
    table = _numbers(path, skip=1)
    needed = ("Q2", "x", "y", "Sigma", "stat", "uncor")
    if tuple(names[:6]) != needed or table.shape[1] != len(names):
        raise InputError(f"{path} is no HERA table: its columns begin with {', '.join(needed)}")
    table = table[table[:, 0] >= q2_min]
    if not len(table):
        raise InputError(f"{path} has no points with Q2 >= {q2_min:g} GeV^2")
    q2, x, inelasticity, sigma, statistical, uncorrelated = table[:, :6].T
    sources = [place for place in range(6, len(names)) if names[place] not in TOTALS]
    errors = Errors(
        np.hypot(statistical, uncorrelated) / 100 * sigma,
        multiplicative=table[:, sources] / 100,
    )
    return Dataset(
        np.stack([x, q2, inelasticity], axis=1),
        y=sigma,
        columns=("x", "Q2", "y"),
        target=("sigma_r",),
        observers=errors.observers(),
        units={"Q2": "GeV^2"},
        name="hera",
    )


def read_bcdms(path: str | Path, *, normalization: float = NORMALIZATION_BCDMS) -> Dataset:
    r"""The structure function F2 of the proton: features x and Q2 (GeV^2), errors as observers.

    The file gives one systematic error for each point, summed over its sources. It is taken as one shift common to all
    points, beside the statistical error and a normalization.

    Args:
        path: a CSV with the columns x, Q2, F2, stat, sys.
        normalization: fraction, common to all points.

    Raises:
        InputError: if the file is not such a table.

    Source: BCDMS, Phys. Lett. B 223 (1989) 485.
    """
    path = Path(path)
    names = _header(path).strip().split(",")
    missing = [name for name in ("x", "Q2", "F2", "stat", "sys") if name not in names]
    if missing:
        raise InputError(f"{path} has no column {', '.join(missing)}; it has {', '.join(names)}")
    table = _numbers(path, skip=1, columns=[names.index(n) for n in ("x", "Q2", "F2", "stat", "sys")])
    x, q2, f2, statistical, systematic = table.T
    errors = Errors(statistical, additive=systematic[:, None], multiplicative=np.full((len(x), 1), normalization))
    return Dataset(
        np.stack([x, q2], axis=1),
        y=f2,
        columns=("x", "Q2"),
        target=("F2",),
        observers=errors.observers(),
        units={"Q2": "GeV^2"},
        name="bcdms",
    )


def _header(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    with path.open(encoding="utf-8", errors="replace") as lines:
        return next(lines, "")


def _numbers(path: Path, *, skip: int, columns: list[int] | None = None) -> np.ndarray:
    """The numbers of a table without its comments, shape (rows, columns)."""
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[skip:]
    kept = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    rows = [line.split(",") if "," in line else line.split() for line in kept]
    try:
        table = np.array([[float(row[place]) for place in columns or range(len(rows[0]))] for row in rows])
    except (ValueError, IndexError) as error:
        raise InputError(f"{path} is not a table of numbers: {error}") from error
    if table.ndim != 2 or not table.size or not np.isfinite(table).all():
        raise InputError(f"{path} holds no table of finite numbers")
    return table
