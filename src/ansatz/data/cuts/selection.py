"""Cuts with names, what each of them takes away, and what each would take away if it came last."""

from __future__ import annotations

import ast
import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from ansatz.data.cuts.expression import Columns, Expression, parsed, segments
from ansatz.data.dataset import Dataset
from ansatz.data.jagged import RULES, is_jagged
from ansatz.errors import InputError

Cuts = str | Sequence[str] | Mapping[str, str]


@dataclasses.dataclass(frozen=True, init=False)
class Selection:
    """A sequence of cuts that an event has to pass one after another.

    Args:
        cuts: one string, which falls into cuts at its outermost `and`; or several strings; or names and strings. What
            a cut may say is told at `Expression`. A comparison with a missing value is false.

    Attributes:
        cuts: the name and formula of each cut.

    Raises:
        InputError: if a cut is not a formula.

    Example:
        >>> selection = Selection("pt > 25 and abs(eta) < 2.5")
        >>> selection.titles
        ('pt > 25', 'abs(eta) < 2.5')
        >>> selection.mask({"pt": np.array([30.0, 40.0, 10.0]), "eta": np.array([0.1, 3.0, 1.0])}).tolist()
        [True, False, False]
    """

    cuts: tuple[tuple[str, Expression], ...]

    def __init__(self, cuts: Cuts) -> None:
        if isinstance(cuts, str):
            named = {part: part for part in _split_at_and(cuts)}
        else:
            named = dict(cuts) if isinstance(cuts, Mapping) else {cut: cut for cut in cuts}
        object.__setattr__(self, "cuts", tuple((str(name), Expression(cut)) for name, cut in named.items()))

    @property
    def titles(self) -> tuple[str, ...]:
        """The name of each cut."""
        return tuple(name for name, _ in self.cuts)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that the cuts look at, each once."""
        return tuple(dict.fromkeys(name for _, cut in self.cuts for name in cut.names))

    def masks(self, columns: Columns | Dataset) -> np.ndarray:
        """What each cut says of each event, shape (cuts, events).

        Raises:
            InputError: if a column is missing, or a cut is neither yes nor no for each event.
        """
        found = columns_of(columns)
        rows = len(next(iter(found.values()), ()))
        return np.array([_decided(cut, found) for _, cut in self.cuts], bool).reshape(len(self.cuts), rows)

    def mask(self, columns: Columns | Dataset) -> np.ndarray:
        """Which events pass all cuts, shape (events,).

        Raises:
            InputError: as `masks`.
        """
        return self.masks(columns).all(axis=0)

    def undecided(self, columns: Columns) -> Counter[str]:
        """How many events each cut takes away because a value that it looks at is missing: cuts nobody decided.

        Example:
            >>> values = {"pt": np.array([30.0, np.nan, 10.0])}
            >>> Selection("pt > 25").undecided(values)
            Counter({'pt > 25': 1})
        """
        found: Counter[str] = Counter()
        for name, cut in self.cuts:
            lost = [np.isnan(columns[n]) for n in cut.names if _plain(columns.get(n))]
            count = int(np.sum(np.any(lost, axis=0) & ~_decided(cut, columns))) if lost else 0
            found += Counter({name: count})
        return found


def _plain(values: object) -> bool:
    """Whether these are numbers, one for each event, of which some may be missing."""
    return isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype.kind == "f"


def columns_of(source: Columns | Dataset) -> Columns:
    """The columns of a sample by name: features and observers."""
    if not isinstance(source, Dataset):
        return source
    return {name: source.column(name) for name in (*source.columns, *source.observers)}


def _decided(cut: Expression, columns: Columns) -> np.ndarray:
    passed = cut(columns)
    if is_jagged(passed):
        raise InputError(f"the cut '{cut.text}' gives a list per event; flatten it by a rule: {RULES}")
    if passed.dtype.kind in "iu":
        return passed != 0
    if passed.dtype.kind != "b":
        raise InputError(f"the cut '{cut.text}' gives numbers, not a yes or no; compare it, as in '{cut.text} > 0'")
    return passed


def _split_at_and(text: str) -> list[str]:
    parts = _conjuncts(parsed(text)[0])
    return [text.strip()] if len(parts) == 1 else segments(text, parts)


def _conjuncts(tree: ast.expr) -> list[ast.expr]:
    if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
        return [part for value in tree.values for part in _conjuncts(value)]
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.BitAnd):
        return [*_conjuncts(tree.left), *_conjuncts(tree.right)]
    return [tree]
