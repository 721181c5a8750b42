"""The cutflow: how many events, and how much weight, are left after each cut."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from ansatz.data.cuts.expression import Columns
from ansatz.data.cuts.selection import Selection, columns_of
from ansatz.data.dataset import Dataset


@dataclasses.dataclass(frozen=True, eq=False)
class Cutflow:
    """Rows and weights before and after each cut, by class; cutflows of two chunks of a sample add up.

    An efficiency is a ratio of sums of weights, eps = W_pass / W. Its error is that of a weighted binomial,

        sigma^2 = [(1 - eps)^2 sum_pass w^2 + eps^2 sum_fail w^2] / W^2,

    which is eps (1 - eps) / n for equal weights and holds for weights of either sign.

    Attributes:
        titles: the name of each cut.
        groups: the name of each class; a single empty name if there are none.
        flow: rows, sum of weights, sum of squared weights before the first and after each cut, shape
            (groups, cuts + 1, 3).
        others: the same of the events that pass all cuts but one, shape (groups, cuts, 3).
    """

    titles: tuple[str, ...]
    groups: tuple[str, ...]
    flow: np.ndarray
    others: np.ndarray

    def __add__(self, other: Cutflow) -> Cutflow:
        groups = tuple(dict.fromkeys((*self.groups, *other.groups)))
        flow, others = (
            sum(_spread(getattr(part, field), part.groups, groups) for part in (self, other))
            for field in ("flow", "others")
        )
        return Cutflow(self.titles, groups, flow, others)

    def ordered(self, groups: Sequence[str]) -> Cutflow:
        """The same with the classes in this order; no classes at all merges them."""
        if not groups:
            return Cutflow(self.titles, ("",), self.flow.sum(0, keepdims=True), self.others.sum(0, keepdims=True))
        everyone = tuple(dict.fromkeys((*groups, *self.groups)))
        flow, others = (_spread(values, self.groups, everyone) for values in (self.flow, self.others))
        return Cutflow(self.titles, everyone, flow, others)

    def table(self) -> list[dict[str, object]]:
        """One record a line: the cut, `rows`, `sum_weights`, the efficiency of this cut, and of all so far.

        Example:
            >>> selection = Selection("pt > 25 and abs(eta) < 2.5")
            >>> events = {"pt": np.array([30.0, 40.0, 10.0, 50.0]), "eta": np.array([0.1, 3.0, 1.0, 2.0])}
            >>> for line in cutflow(selection, events).table():
            ...     print(line["cut"], line["rows"], line["total"])
            all events 4 1.0
            pt > 25 3 0.75
            abs(eta) < 2.5 2 0.5
        """
        lines = ("all events", *self.titles)
        return [{"cut": name, **self._line(i)} for i, name in enumerate(lines)]

    def n_minus_one(self) -> list[dict[str, object]]:
        """One record a cut: what passes all other cuts, and the efficiency of this one on that.

        Example:
            >>> events = {"pt": np.array([30.0, 40.0, 10.0]), "eta": np.array([0.1, 3.0, 1.0])}
            >>> flow = cutflow(Selection(["pt > 25", "abs(eta) < 2.5"]), events)
            >>> [(line["cut"], line["rows"], line["efficiency"]) for line in flow.n_minus_one()]
            [('pt > 25', 2, 0.5), ('abs(eta) < 2.5', 2, 0.5)]
        """
        return [
            {"cut": name, **self._classes(self.others[:, i], self.flow[:, -1])} for i, name in enumerate(self.titles)
        ]

    def _line(self, i: int) -> dict[str, object]:
        here, before, first = self.flow[:, i], self.flow[:, max(i - 1, 0)], self.flow[:, 0]
        return self._by_class([_stage(*triple) for triple in zip(here, before, first, strict=True)],
                              _stage(here.sum(0), before.sum(0), first.sum(0)))  # fmt: skip

    def _classes(self, others: np.ndarray, passed: np.ndarray) -> dict[str, object]:
        return self._by_class([_alone(*pair) for pair in zip(others, passed, strict=True)],
                              _alone(others.sum(0), passed.sum(0)))  # fmt: skip

    def _by_class(self, parts: list[dict[str, object]], whole: dict[str, object]) -> dict[str, object]:
        return whole if self.groups == ("",) else {**whole, "classes": dict(zip(self.groups, parts, strict=True))}


def cutflow(
    selection: Selection,
    source: Columns | Dataset,
    weight: np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> Cutflow:
    """The cutflow of a sample, or of one chunk of it.

    Args:
        selection: the cuts in their order.
        source: a dataset (then weights and classes are its own), or columns by name.
        weight: event weights of either sign, shape (events,); missing ones count as zero.
        labels: the name of each event's class, shape (events,).

    Raises:
        InputError: if a cut cannot be computed from these columns.
    """
    if isinstance(source, Dataset):
        weight = source.weight if weight is None else weight
        labels = np.asarray(source.classes)[source.y] if labels is None and source.classes else labels
    columns = columns_of(source)
    masks = selection.masks(columns)
    rows = len(next(iter(columns.values()), ()))
    weight = (
        np.ones(rows) if weight is None else np.nan_to_num(np.asarray(weight, float), nan=0.0, posinf=0.0, neginf=0.0)
    )
    names, group = (np.array([""]), np.zeros(rows, int)) if labels is None else np.unique(labels, return_inverse=True)
    sums = np.stack([_sums(mask, weight, group, len(names)) for mask in _stages(masks, rows)], axis=1)
    others = [_sums(mask, weight, group, len(names)) for mask in _all_but_one(masks)]
    empty = np.zeros((len(names), 0, 3))
    return Cutflow(selection.titles, tuple(map(str, names)), sums, np.stack(others, axis=1) if others else empty)


def _stages(masks: np.ndarray, rows: int) -> np.ndarray:
    """Who is left before the first and after each cut."""
    return np.logical_and.accumulate(np.concatenate([np.ones((1, rows), bool), masks]), axis=0)


def _all_but_one(masks: np.ndarray) -> list[np.ndarray]:
    failed = (~masks).sum(axis=0)
    return [(failed == 0) | ((failed == 1) & ~mask) for mask in masks]


def _sums(mask: np.ndarray, weight: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Rows, sum of weights and of their squares of the chosen events in each group, shape (groups, 3)."""
    w, g = weight[mask], group[mask]
    return np.stack([np.bincount(g, values, groups) for values in (np.ones(len(w)), w, w**2)], axis=1)


def _spread(values: np.ndarray, groups: Sequence[str], onto: Sequence[str]) -> np.ndarray:
    full = np.zeros((len(onto), *values.shape[1:]))
    full[[onto.index(name) for name in groups]] = values
    return full


def _stage(here: np.ndarray, before: np.ndarray, first: np.ndarray) -> dict[str, object]:
    step, step_error = efficiency(here, before)
    total, total_error = efficiency(here, first)
    return {**_amount(here), "efficiency": step, "error": step_error, "total": total, "total_error": total_error}


def _alone(others: np.ndarray, passed: np.ndarray) -> dict[str, object]:
    value, error = efficiency(passed, others)
    return {**_amount(others), "efficiency": value, "error": error}


def _amount(sums: np.ndarray) -> dict[str, object]:
    return {"rows": int(sums[0]), "sum_weights": float(sums[1]), "weight_error": float(np.sqrt(sums[2]))}


def efficiency(passed: np.ndarray, before: np.ndarray) -> tuple[float | None, float | None]:
    """The share of the weight that passed and its error, from (rows, sum w, sum w^2) of the passed and of all.

    Example:
        >>> value, error = efficiency(np.array([25, 25.0, 25.0]), np.array([100, 100.0, 100.0]))
        >>> round(value, 3), round(error, 4)
        (0.25, 0.0433)
    """
    if before[1] == 0:
        return None, None
    ratio = passed[1] / before[1]
    variance = (1 - ratio) ** 2 * passed[2] + ratio**2 * (before[2] - passed[2])
    return float(ratio), float(np.sqrt(max(variance, 0.0)) / abs(before[1]))
