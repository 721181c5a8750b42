"""Who is trained on and who is judged on: splits and folds, random, stratified, by group, by time or by file."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError, suggest
from ansatz.keys import generator
from ansatz.typing import Key


def split(
    data: Dataset,
    *,
    test: float | int = 0.25,
    validation: float | int = 0.0,
    how: str | None = None,
    by: str | None = None,
    key: Key,
) -> dict[str, Dataset]:
    """The sample in two or three parts: `"train"`, `"test"` and, if asked for, `"validation"`.

    Args:
        data: the sample.
        test: share of the rows (a fraction), or their number (an integer), that is kept for the end.
        validation: share or number of the rows that decides when to stop.
        how: `"random"`; `"stratified"` (every class in its share, to within one row); `"group"` (rows of one value of
            `by` stay together); `"time"` (the latest rows are the test, the earliest the training, and equal times
            stay together); `"file"` (files stay together). Default: stratified for classes, else random; by group if
            `by` is given.
        by: the column of groups or times, a feature or an observer.
        key: decides everything that is random.

    Returns:
        The parts by name; the rows of each keep their order.

    Raises:
        InputError: if a part would be empty, a class too small, or the column is not there.

    Example:
        >>> import jax
        >>> data = Dataset(np.arange(8.0)[:, None], y=np.arange(8) % 2, classes=("background", "signal"))
        >>> parts = split(data, test=0.25, key=jax.random.key(0))
        >>> {name: len(part) for name, part in parts.items()}
        {'train': 6, 'test': 2}
        >>> sorted(parts["test"].y.tolist())
        [0, 1]
    """
    rows = split_rows(data, test=test, validation=validation, how=how, by=by, key=key)
    return {name: data[index] for name, index in rows.items()}


def split_rows(
    data: Dataset,
    *,
    test: float | int = 0.25,
    validation: float | int = 0.0,
    how: str | None = None,
    by: str | None = None,
    key: Key,
) -> dict[str, np.ndarray]:
    """As `split`, but the row numbers of each part instead of the rows.

    Raises:
        InputError: if a part would be empty, a class too small, or the column is not there.
    """
    wanted = {"validation": _share(validation, len(data), "validation"), "test": _share(test, len(data), "test")}
    wanted = {"train": 1.0 - sum(wanted.values()), **wanted}
    if wanted["train"] <= 0:
        raise InputError(f"test = {test} and validation = {validation} leave nothing of {len(data)} rows to train on")
    shares = {name: share for name, share in wanted.items() if share > 0}
    part = _assign(data, list(shares.values()), how, by, key)
    return _filled({name: np.flatnonzero(part == i) for i, name in enumerate(shares)})


def folds(
    data: Dataset, k: int, *, how: str | None = None, by: str | None = None, key: Key
) -> list[tuple[np.ndarray, np.ndarray]]:
    """`k` pairs of row numbers (train, test) for cross-validation.

    The test rows of the folds share out the sample, except for `how="time"`: there fold i trains on everything
    earlier than the rows that it is tested on, so the earliest rows are never tested on.

    Args:
        data: the sample.
        k: number of folds, at least two.
        how: as in `split`.
        by: as in `split`.
        key: decides everything that is random.

    Raises:
        InputError: if there are more folds than rows, than rows of a class, or than groups.

    Example:
        >>> import jax
        >>> data = Dataset(np.zeros((6, 1)), y=np.array([0, 0, 0, 1, 1, 1]), classes=("a", "b"))
        >>> [data.y[test].tolist() for train, test in folds(data, 3, key=jax.random.key(1))]
        [[0, 1], [0, 1], [0, 1]]
    """
    if k < 2 or k > len(data):
        raise InputError(f"folds = {k}: expected at least 2 and at most the {len(data)} rows of the sample")
    blocks = k + 1 if how == "time" else k
    part = _assign(data, [1 / blocks] * blocks, how, by, key)
    _filled({f"fold {i + 1}": np.flatnonzero(part == i) for i in range(blocks)})
    if how == "time":
        return [(np.flatnonzero(part <= i), np.flatnonzero(part == i + 1)) for i in range(k)]
    return [(np.flatnonzero(part != i), np.flatnonzero(part == i)) for i in range(k)]


def _assign(data: Dataset, shares: Sequence[float], how: str | None, by: str | None, key: Key) -> np.ndarray:
    """The part of every row, shape (events,)."""
    default = "group" if by is not None else "stratified" if data.task == "classification" else "random"
    how = default if how is None else how
    if how not in _WAYS:
        raise InputError(f"there is no split '{how}'{suggest(how, _WAYS)}; there are: {', '.join(_WAYS)}")
    return _WAYS[how](data, np.asarray(shares, float), by, generator(key))


def _share(size: float | int, rows: int, name: str) -> float:
    if isinstance(size, (int, np.integer)) and not isinstance(size, bool) and 0 <= size < max(rows, 1):
        return size / max(rows, 1)
    if isinstance(size, (float, np.floating)) and 0 <= size < 1:
        return float(size)
    raise InputError(
        f"{name} = {size!r}: expected a fraction from 0 to below 1, or fewer rows than the {rows} there are"
    )


def _filled(parts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    empty = [name for name, rows in parts.items() if not len(rows)]
    if empty:
        raise InputError(f"the part '{empty[0]}' would hold no rows; ask for fewer or larger parts, or use more data")
    return parts


def _random(data: Dataset, shares: np.ndarray, by: str | None, rng: np.random.Generator) -> np.ndarray:
    return _dealt([np.arange(len(data))], shares, rng)


def _stratified(data: Dataset, shares: np.ndarray, by: str | None, rng: np.random.Generator) -> np.ndarray:
    if data.task != "classification":
        raise InputError("a stratified split needs a target of classes; for numbers use how = 'random'")
    counts = np.bincount(data.y, minlength=len(data.classes))
    for name, count in zip(data.classes, counts, strict=True):
        if count < len(shares):
            raise InputError(
                f"class '{name}' has {count} rows but {len(shares)} parts or folds each need one; "
                "ask for fewer, or use how = 'random'"
            )
    return _dealt([np.flatnonzero(data.y == c) for c in range(len(counts))], shares, rng)


def _dealt(strata: Sequence[np.ndarray], shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each stratum dealt out by the shares to within one row, and the whole sample as nearly as that allows."""
    part = np.zeros(sum(map(len, strata)), int)
    owed = np.zeros(len(shares))
    for rows in strata:
        counts, owed = _counts(len(rows), shares, owed)
        part[rng.permutation(rows)] = np.repeat(np.arange(len(shares)), counts)
    return part


def _counts(n: int, shares: np.ndarray, owed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`n` rows shared out in whole numbers; the odd rows go to the parts that are owed most so far."""
    ideal = n * shares / shares.sum()
    counts = np.floor(ideal + 1e-9).astype(int)
    owed = owed + ideal - counts
    fractional = ideal - counts > 1e-9
    order = np.argsort(np.where(fractional, -owed, np.inf), kind="stable")
    lucky = order[: n - counts.sum()]
    counts[lucky] += 1
    owed[lucky] -= 1
    return counts, owed


def _grouped(data: Dataset, shares: np.ndarray, by: str | None, rng: np.random.Generator) -> np.ndarray:
    names, group, sizes = np.unique(_column(data, by, "group"), return_inverse=True, return_counts=True)
    if len(names) < len(shares):
        raise InputError(f"column '{by}' has {len(names)} groups but {len(shares)} parts or folds each need one")
    return _placed(sizes, shares, rng)[group]


def _placed(sizes: np.ndarray, shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The part of each group: largest groups first, in random order among equals, to the part that lacks most."""
    shuffled = rng.permutation(len(sizes))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    room = shares * sizes.sum()
    part = np.zeros(len(sizes), int)
    for i, g in enumerate(order):
        part[g] = _roomiest(room, shares, part[order[:i]], left=len(order) - i)
        room[part[g]] -= sizes[g]
    return part


def _roomiest(room: np.ndarray, shares: np.ndarray, taken: np.ndarray, left: int) -> int:
    empty = np.setdiff1d(np.arange(len(room)), taken)
    allowed = empty if len(empty) >= left else np.arange(len(room))
    return int(allowed[np.argmax((room / shares)[allowed])])


def _timed(data: Dataset, shares: np.ndarray, by: str | None, rng: np.random.Generator) -> np.ndarray:
    time = _column(data, by, "time")
    order = np.sort(time)
    ends = np.round(np.cumsum(shares)[:-1] * len(data)).astype(int)
    edges = order[np.minimum(ends, len(data) - 1)]
    return np.searchsorted(edges, time, side="right")


def _filed(data: Dataset, shares: np.ndarray, by: str | None, rng: np.random.Generator) -> np.ndarray:
    if "file" not in data.observers:
        raise InputError("a split by file needs a sample read from several files")
    return _grouped(data, shares, "file", rng)


def _column(data: Dataset, by: str | None, how: str) -> np.ndarray:
    names = (*data.columns, *data.observers)
    if by is None:
        raise InputError(f"a split by {how} needs a column: by = 'run', say; there are: {', '.join(names)}")
    if by not in names:
        raise InputError(
            f"a split by {how} needs column '{by}', which is neither a feature nor an observer"
            f"{suggest(by, names)}; add it to the observers"
        )
    values = data.column(by)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise InputError(f"column '{by}' has {np.sum(~np.isfinite(values))} missing values and cannot decide a split")
    return values.astype(str) if values.dtype.kind == "O" else values


_WAYS: dict[str, Callable[[Dataset, np.ndarray, str | None, np.random.Generator], np.ndarray]] = {
    "random": _random,
    "stratified": _stratified,
    "group": _grouped,
    "time": _timed,
    "file": _filed,
}
