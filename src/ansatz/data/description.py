"""What is in a sample, in numbers that a person checks before trusting anything learned from it."""

from __future__ import annotations

import hashlib

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.data.duplicates import duplicates
from ansatz.data.statistics import correlations, effective_size, median_and_distinct, moments
from ansatz.data.suspicion import suspicious

WIDEST = 60
"""Correlations of more columns than this are not listed in full."""

FIELD_VALUES = 10_000_000
"""Values of a field that its statistics are taken from."""

LOSS = 1e5
"""A column whose mean is this many standard deviations from zero loses its digits in single precision."""


def describe(data: Dataset) -> dict[str, object]:
    """A description of a sample in plain values (JSON): what is there, what is missing, what looks wrong.

    Returns:
        `name`, `rows`, `shape`, `task`, `classes`, `sha256`; `columns`, `observers` and `targets`: by name, see
        `describe_column`; `weights` and, by class, `per_class`: see `describe_weights`; `correlation`: weighted linear
        coefficients of the features, of all events and by class; `most_correlated`: the ten strongest pairs;
        `duplicates`: see there; `suspicious`: features that alone give the target; `warnings`: sentences.

    Example:
        >>> data = Dataset(np.array([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]), columns=("pt", "flag"), units={"pt": "GeV"})
        >>> about = describe(data)
        >>> about["rows"], about["columns"]["pt"]["mean"], about["columns"]["flag"]["constant"]
        (3, 2.0, True)
        >>> about["warnings"]
        ["column 'flag' is constant and can teach nothing"]
    """
    table = data.x.ndim == 2
    columns = {name: describe_column(data, name) for name in data.columns} if table else {"x": _field(data)}
    matrix = _correlation(data) if table and 1 < len(data.columns) <= 1000 else None
    about = {
        "name": data.name,
        "rows": len(data),
        "shape": list(data.x.shape),
        "task": data.task,
        "classes": list(data.classes or ()),
        "sha256": fingerprint(data),
        "columns": columns,
        "observers": {name: describe_column(data, name) for name in data.observers},
        "targets": _targets(data),
        "weights": describe_weights(data.weight),
        "per_class": {name: describe_weights(data.weight[data.y == k]) for k, name in enumerate(data.classes or ())},
        "correlation": _listed(data, matrix),
        "most_correlated": _strongest(data, matrix),
        "duplicates": duplicates(data),
        "suspicious": suspicious(data),
    }
    return {**about, "warnings": _warnings(about)}


def describe_column(data: Dataset, name: str) -> dict[str, object]:
    """One feature or observer: type, unit, range, weighted moments and median, missing, different values, flags.

    Statistics are of the finite values. `float32_loss` says that single precision would lose the column's digits,
    because its mean is more than 1e5 standard deviations from zero.
    """
    return _column(data.column(name), data.weight, data.units.get(name))


def describe_weights(weight: np.ndarray) -> dict[str, object]:
    """Rows, sum, effective sample size (sum w)^2 / sum w^2, range and share of negative ones.

    Example:
        >>> describe_weights(np.array([1.0, 1.0, -1.0, 1.0]))["effective"]
        1.0
    """
    return {
        "rows": len(weight),
        "sum": _plain(weight.sum()),
        "effective": _plain(effective_size(weight)),
        "min": _plain(weight.min()) if len(weight) else None,
        "max": _plain(weight.max()) if len(weight) else None,
        "negative_fraction": _plain(np.mean(weight < 0)) if len(weight) else 0.0,
        "zero_fraction": _plain(np.mean(weight == 0)) if len(weight) else 0.0,
    }


def fingerprint(data: Dataset) -> str:
    """SHA-256 of the content: all numbers, names, classes and units, not the sample's name or its row numbers.

    Example:
        >>> a = Dataset(np.array([[1.0], [2.0]]))
        >>> fingerprint(a) == fingerprint(a.replace(name="other")), fingerprint(a) == fingerprint(a[::-1])
        (True, False)
    """
    names = (data.columns, data.target if data.y is not None else (), data.classes, sorted(data.units.items()))
    digest = hashlib.sha256(repr(names).encode())
    arrays = {"x": data.x, "y": data.y, "weight": data.weight, **dict(sorted(data.observers.items()))}
    for name, values in arrays.items():
        if values is not None:
            _feed(digest, name, values)
    return digest.hexdigest()


def _feed(digest: hashlib._Hash, name: str, values: np.ndarray) -> None:
    digest.update(f"{name} {values.shape} {values.dtype.str.lstrip('<>=|')}".encode())
    if values.dtype.kind == "O":
        digest.update("\0".join(map(str, values.ravel().tolist())).encode())
        return
    for start in range(0, len(values), 2**16):
        piece = values[start : start + 2**16]
        digest.update(np.ascontiguousarray(piece.astype(piece.dtype.newbyteorder("<"), copy=False)).tobytes())


def _column(values: np.ndarray, weight: np.ndarray, unit: str | None) -> dict[str, object]:
    if values.dtype.kind not in "biuf":
        return {"dtype": "text", "unit": unit, "distinct": len(set(values.tolist()))}
    ok = np.isfinite(values)
    known, w = (values, weight) if ok.all() else (values[ok], weight[ok])
    mean, std = moments(known, w)
    middle, distinct = median_and_distinct(known, w)
    low, high = (known.min(), known.max()) if len(known) else (np.nan, np.nan)
    return {
        "dtype": str(values.dtype),
        "unit": unit,
        "min": _plain(low),
        "max": _plain(high),
        "mean": _plain(mean),
        "std": _plain(std),
        "median": _plain(middle),
        "missing": int(np.isnan(values).sum()) if values.dtype.kind == "f" else 0,
        "infinite": int(np.isinf(values).sum()) if values.dtype.kind == "f" else 0,
        "distinct": distinct,
        "constant": bool(len(known) and low == high),
        "float32_loss": bool(low != high and abs(mean) > LOSS * std),
    }


def _field(data: Dataset) -> dict[str, object]:
    """All values of a field together; of many values, the statistics are those of evenly spaced events."""
    each = int(np.prod(data.x.shape[1:]))
    rows = np.unique(np.linspace(0, len(data) - 1, min(len(data), max(1, FIELD_VALUES // each))).astype(int))
    some = data.x[rows].reshape(-1)
    about = _column(some, np.repeat(data.weight[rows], each), data.units.get("x"))
    whole = {"missing": int(np.isnan(data.x).sum()), "infinite": int(np.isinf(data.x).sum())}
    return {**about, **whole, "shape": list(data.x.shape[1:])}


def _targets(data: Dataset) -> dict[str, object]:
    if data.y is None or data.classes:
        return {}
    columns = data.y[:, None] if data.y.ndim == 1 else data.y
    return {name: _column(columns[:, i], data.weight, data.units.get(name)) for i, name in enumerate(data.target)}


def _correlation(data: Dataset) -> np.ndarray:
    sets = [data.weight]
    if len(data.columns) <= WIDEST:
        sets += [data.weight * (data.y == k) for k in range(len(data.classes or ()))]
    return correlations(data.x, np.stack(sets))


def _listed(data: Dataset, matrix: np.ndarray | None) -> dict[str, object] | None:
    if matrix is None or len(data.columns) > WIDEST:
        return None
    everyone, *by_class = [[[_plain(r, 6) for r in row] for row in one] for one in matrix]
    return {
        "columns": list(data.columns),
        "all": everyone,
        "classes": dict(zip(data.classes or (), by_class, strict=True)),
    }


def _strongest(data: Dataset, matrix: np.ndarray | None) -> list[dict[str, object]]:
    if matrix is None:
        return []
    upper = np.stack(np.triu_indices(len(data.columns), 1))
    strength = np.nan_to_num(np.abs(matrix[0][tuple(upper)]))
    pairs = upper[:, np.argsort(-strength, kind="stable")[:10]].T
    return [
        {"a": data.columns[i], "b": data.columns[j], "correlation": _plain(matrix[0, i, j], 6)}
        for i, j in pairs
        if np.isfinite(matrix[0, i, j])
    ]


def _warnings(about: dict) -> list[str]:
    columns, found = about["columns"], []
    found += [f"column '{name}' is constant and can teach nothing" for name, c in columns.items() if c.get("constant")]
    found += [
        f"column '{name}' loses its digits in single precision: its mean {c['mean']:g} is more than {LOSS:g} standard "
        "deviations from zero; subtract an offset"
        for name, c in columns.items()
        if c.get("float32_loss")
    ]
    found += [
        f"column '{name}' has {c['missing'] + c['infinite']} missing or infinite values"
        for name, c in columns.items()
        if c.get("missing", 0) + c.get("infinite", 0)
    ]
    found += [f"feature '{s['column']}' may leak the target: {s['why']}" for s in about["suspicious"]]
    found += [
        f"the weights of class '{name}' sum to {c['sum']:g}, which is not positive"
        for name, c in about["per_class"].items()
        if not (c["sum"] or 0) > 0
    ]
    twins = about["duplicates"]
    if twins["rows"]:
        also = f", {twins['conflicting']} of them with another target" if twins["conflicting"] else ""
        found.append(f"{twins['rows']} rows have the features of an earlier row{also}")
    return found


def _plain(value: float | np.floating, digits: int | None = None) -> float | None:
    """A float that JSON can hold, or None."""
    number = float(value)
    if not np.isfinite(number):
        return None
    return number if digits is None else round(number, digits)
