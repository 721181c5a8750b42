"""NaN and infinity in what is read: counted, and refused, dropped or left for the model to fill in."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from ansatz.errors import InputError


@dataclasses.dataclass(frozen=True)
class Missing:
    """How many values are NaN, infinite or absent, and what became of their rows.

    Attributes:
        policy: `"refuse"`, `"drop"` or `"impute"`, see `Roles`.
        columns: number of missing values in each feature, target or weight that has any.
        rows: number of events with at least one.
        dropped: number of events that were left out for it.
    """

    policy: str
    columns: Mapping[str, int] = dataclasses.field(default_factory=dict)
    rows: int = 0
    dropped: int = 0

    def __add__(self, other: Missing) -> Missing:
        names = dict.fromkeys((*self.columns, *other.columns))
        columns = {name: self.columns.get(name, 0) + other.columns.get(name, 0) for name in names}
        return Missing(self.policy, columns, self.rows + other.rows, self.dropped + other.dropped)

    def messages(self) -> tuple[str, ...]:
        """One sentence for a person if there is something to say."""
        if not self.rows:
            return ()
        fate = f"{self.dropped} rows were left out"
        if self.policy == "impute" and self.rows > self.dropped:
            fate += f", {self.rows - self.dropped} keep NaN for the model to fill in"
        return (f"{self.rows} rows have missing values ({_counts(self.columns)}); {fate}",)


def screened(block: Mapping[str, np.ndarray], policy: str, features: Sequence[str]) -> tuple[dict, Missing]:
    """Some events with the policy applied, and the count of what was missing.

    Args:
        block: `"x"` of shape (events, ...), `"weight"`, `"target NAME"` and columns that may hold anything.
        policy: see `Roles`.
        features: the names of the columns of x.
    """
    lacks = {
        key.removeprefix("target "): absent(block[key]) for key in block if key == "weight" or key[:7] == "target "
    }
    bad = ~np.isfinite(block["x"])
    bad = bad if bad.ndim == 2 else bad.reshape(len(bad), -1).any(axis=1, keepdims=True)
    essential = np.any(list(lacks.values()), axis=0)
    anywhere = essential | bad.any(axis=1)
    counts = {**_feature_counts(bad, features), **{name: int(lack.sum()) for name, lack in lacks.items()}}
    dropped = {"refuse": np.zeros_like(anywhere), "drop": anywhere, "impute": essential}[policy]
    kept = {key: values[~dropped] for key, values in block.items()} if dropped.any() else dict(block)
    if policy == "impute" and bad.any():
        kept["x"] = np.where(np.isinf(kept["x"]), np.nan, kept["x"])
    found = {name: count for name, count in counts.items() if count}
    return kept, Missing(policy, found, int(anywhere.sum()), int(dropped.sum()))


def absent(values: np.ndarray) -> np.ndarray:
    """Which values are NaN, infinite or None.

    Example:
        >>> absent(np.array([1.0, np.nan, np.inf])).tolist(), absent(np.array(["a", None], dtype=object)).tolist()
        ([False, True, True], [False, True])
    """
    if values.dtype.kind == "f":
        return ~np.isfinite(values)
    if values.dtype.kind == "O":
        return np.array([value is None or value != value for value in values], bool)
    return np.zeros(len(values), bool)


def refuse(missing: Missing, rows: int) -> None:
    """Stops at missing values where the policy says so.

    Raises:
        InputError: naming the columns, how many rows, and what to set.
    """
    if missing.policy == "refuse" and missing.rows:
        raise InputError(
            f"{missing.rows} of {rows} rows have missing or infinite values ({_counts(missing.columns)}); "
            "set missing = 'drop' to leave those rows out, or missing = 'impute' to let the model fill in features "
            "(rows without a target or weight are left out then)"
        )


def _feature_counts(bad: np.ndarray, features: Sequence[str]) -> dict[str, int]:
    names = features if len(features) == bad.shape[1] else ["x"]
    return dict(zip(names, bad.sum(axis=0).tolist(), strict=True))


def _counts(columns: Mapping[str, int]) -> str:
    shown = [f"{name}: {count}" for name, count in columns.items()]
    return ", ".join(shown[:8]) + (f" and {len(shown) - 8} more columns" if len(shown) > 8 else "")
