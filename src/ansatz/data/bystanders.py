"""Columns that are seldom meant as features: event weights, and numbers that only name an event."""

from __future__ import annotations

import re

import numpy as np

from ansatz.data.dataset import Dataset

WEIGHT = re.compile(r"(^|_)(w|wgt|wt|weight|weights|sumw)($|_)|weight", re.IGNORECASE)
NUMBERING = re.compile(
    r"^(run|event|evt|lumi|ls|lumi_?block|lumi_?section|entry|index|row|id|unnamed.*)(_?(number|num|nr|no|id))?$",
    re.IGNORECASE,
)


def bystanders(data: Dataset) -> dict[str, str]:
    """Features that look like something else, each with the reason.

    A name such as `weight` or `w_mc` speaks of event weights; one such as `run` or `eventNumber`, or whole numbers that
    count the rows one by one, only names an event.

    Example:
        >>> x = np.array([[1, 30.5, 0.9], [2, 41.0, 1.2], [3, 22.5, 1.1]])
        >>> bystanders(Dataset(x, columns=("eventNumber", "pt", "mc_weight")))
        {'eventNumber': 'names an event', 'mc_weight': 'looks like an event weight'}
    """
    found = {}
    for i, name in enumerate(data.columns):
        if WEIGHT.search(name):
            found[name] = "looks like an event weight"
        elif NUMBERING.match(name) or _counts_rows(data.x[:, i]):
            found[name] = "names an event"
    return found


def _counts_rows(column: np.ndarray) -> bool:
    return len(column) > 2 and bool(np.all(np.diff(column) == 1))
