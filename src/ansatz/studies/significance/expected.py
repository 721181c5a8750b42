"""How many events of each process are expected, whatever part of the sample is looked at."""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError, suggest
from ansatz.studies.build import Prepared
from ansatz.studies.schema.study import Study


@dataclasses.dataclass(frozen=True, eq=False)
class Expected:
    """Expected numbers of events.

    Attributes:
        weight: expected number of events for each row of the sample, shape (rows,).
        process: number of the process of each row.
        names: of the processes.
        signal: which of them are signal.
    """

    weight: np.ndarray
    process: np.ndarray
    names: tuple[str, ...]
    signal: tuple[bool, ...]

    def of(self, rows: np.ndarray) -> np.ndarray:
        """Expected numbers of some rows, scaled up so that they stand for all rows of their process.

        Raises:
            InputError: if a process has no row among them, or they do not weigh something positive.
        """
        return self.weight[rows] * self.scale(rows)[self.process[rows]]

    def scale(self, rows: np.ndarray) -> np.ndarray:
        """For each process: expected events of all rows over those of these rows."""
        count = len(self.names)
        whole = np.bincount(self.process, self.weight, count)
        part = np.bincount(self.process[rows], self.weight[rows], count)
        if not np.all(part > 0):
            name = self.names[int(np.argmin(part))]
            raise InputError(f"the rows that are judged hold no positive weight of '{name}'; hold back more of them")
        return whole / part

    @property
    def totals(self) -> dict[str, float]:
        """Expected events of each process."""
        sums = np.bincount(self.process, self.weight, len(self.names))
        return {name: float(value) for name, value in zip(self.names, sums, strict=True)}

    @property
    def sums(self) -> tuple[float, float]:
        """Expected events of signal and of background."""
        signal = np.array(self.signal)[self.process]
        return float(self.weight[signal].sum()), float(self.weight[~signal].sum())


def wanted(study: Study, prepared: Prepared) -> bool:
    """Whether there are expected numbers of events, and a signal and a background to compare."""
    mixed = prepared.mixture is not None and prepared.mixture.normalized
    return (study.significance is not None or mixed) and prepared.data.outputs == 2


def expected(study: Study, prepared: Prepared) -> Expected:
    """The expected numbers of events of a study.

    Raises:
        InputError: if the study does not say how many are expected.
    """
    data, mixture, table = prepared.data, prepared.mixture, study.significance
    weight = _scaled(data, table.signal if table else None, table.background if table else None)
    if mixture is None:
        return Expected(weight, data.y, tuple(data.classes), (False, True))
    first = [int(np.argmax(mixture.which == k)) for k in range(len(mixture.names))]
    return Expected(weight, mixture.which, mixture.names, tuple(bool(data.y[row]) for row in first))


def _scaled(data: Dataset, signal: float | None, background: float | None) -> np.ndarray:
    factors = np.ones(2)
    for k, number in enumerate((background, signal)):
        if number is not None:
            factors[k] = number / data.weight[data.y == k].sum()
    return data.weight * factors[data.y]


def check_significance(study: Study, prepared: Prepared) -> None:
    """Whether the significance that a study asks for means something.

    Raises:
        InputError: if there are not two classes, or numbers of expected events are missing.
    """
    table = study.significance
    if table is None:
        return
    if prepared.data.outputs != 2 or prepared.data.classes is None:
        raise InputError("significance: needs two classes, a background and a signal; leave the table out")
    normalized = prepared.mixture is not None and prepared.mixture.normalized
    for name in ("signal", "background"):
        if getattr(table, name) is None and not normalized:
            raise InputError(f"significance.{name}: is missing; give the number of events expected after the cuts")
    if table.background_error and table.measure != "asimov":
        raise InputError("significance.measure: an uncertainty of the background is known to 'asimov' only")
    known = (*prepared.data.columns, *prepared.data.observers)
    if table.mass is not None and table.mass not in known:
        raise InputError(f"significance.mass: there is no column '{table.mass}'{suggest(table.mass, known)}")
