"""One number from a list of numbers: the rules that flatten a jagged branch (several muons an event), and no others.

A list per event is an Awkward array, or a NumPy array with a second axis where all lists are equally long.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

RULES = "pt[0], max(pt), min(pt), sum(pt), mean(pt), len(pt), any(pt > 25), all(pt > 25)"


def is_jagged(values: object) -> bool:
    """Whether an event holds a list of values rather than one."""
    return type(values).__module__.startswith("awkward") or (isinstance(values, np.ndarray) and values.ndim > 1)


def number_type(values: object) -> np.dtype:
    """The type of the numbers in the lists.

    Raises:
        TypeError: if the lists do not hold numbers.
    """
    import awkward as ak

    return np.dtype(str(ak.type(values)).split("*")[-1].strip().lstrip("?"))


def element(values: object, index: int) -> np.ndarray:
    """Entry `index` of each event's list, NaN where the list is too short; negative indices count from the end.

    Example:
        >>> import awkward as ak
        >>> element(ak.Array([[40.0, 25.0], [], [31.0]]), 1).tolist()
        [25.0, nan, nan]
    """
    import awkward as ak

    lists, position = (values, index) if index >= 0 else (ak.Array(values)[:, ::-1], -index - 1)
    return _flat(ak.pad_none(ak.Array(lists), position + 1, axis=1)[:, position])


def count(values: object) -> np.ndarray:
    """Length of each event's list.

    Example:
        >>> import awkward as ak
        >>> count(ak.Array([[40.0, 25.0], []])).tolist()
        [2, 0]
    """
    import awkward as ak

    return ak.to_numpy(ak.num(ak.Array(values), axis=1)).astype(np.int64)


def _reduction(name: str) -> Callable[[object], np.ndarray]:
    def reduce(values: object) -> np.ndarray:
        import awkward as ak

        lists = ak.Array(values)
        if name in {"max", "min"}:
            return _flat(getattr(ak, name)(lists, axis=1, mask_identity=True))
        if name == "mean":
            return _flat(ak.mean(ak.values_astype(lists, np.float64), axis=1, mask_identity=True))
        return _flat(getattr(ak, name)(lists, axis=1))

    return reduce


def _flat(values: object) -> np.ndarray:
    """Missing entries become NaN; whole numbers stay whole if none is missing."""
    import awkward as ak

    missing = ak.to_numpy(ak.is_none(values))
    if not missing.any():
        return np.asarray(ak.to_numpy(ak.drop_none(values)))
    known = np.asarray(ak.to_numpy(ak.drop_none(values)))
    kept = known.dtype if known.dtype.kind == "f" else np.float64
    full = np.full(len(missing), np.nan, kept)
    full[~missing] = known
    return full


REDUCTIONS: dict[str, Callable[[object], np.ndarray]] = {
    "len": count,
    "count": count,
    **{name: _reduction(name) for name in ("max", "min", "sum", "mean", "any", "all")},
}
