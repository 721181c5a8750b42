"""A process: where its events lie, which class they are of, and how many of them are expected."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

from ansatz.errors import InputError, suggest

FEMTOBARN = 1000.0
"""A picobarn in femtobarns."""


@dataclasses.dataclass(frozen=True)
class Process:
    r"""One sample of a physics analysis: a signal, a background, or what was observed.

    With a cross section the weights of its events add up to what a luminosity yields,

    \[ w_i \to w_i \, k \, \frac{\sigma L}{\sum_j w_j}, \]

    where the sum goes over all events that were generated, before any cut.

    Attributes:
        name: what tables and figures call it.
        files: paths, patterns or folders; `file.root:Tree` names what is inside.
        label: class of its events; its name if it has none.
        cross_section: \( \sigma \) in picobarns, filter efficiencies included.
        generated: \( \sum w \) of all generated events; by default that of all events in the files.
        scale: the factor \( k \), such as that to a higher order; without a cross section the only one.
        weight: column or formula of its event weights, where it is not that of the other samples.
        select: cuts that only this sample needs; they come before the common ones.
        observed: whether these are data: without a class, never trained on, drawn as points.

    Raises:
        InputError: if a number is not finite or of the wrong sign, or there is no file.

    Example:
        >>> Process("ttbar", ("ttbar.root",), cross_section=830.0).factor(139.0, 2.0e7)
        5.7685
    """

    name: str
    files: Sequence[object]
    label: str | None = None
    cross_section: float | None = None
    generated: float | None = None
    scale: float = 1.0
    weight: str | None = None
    select: Sequence[str] = ()
    observed: bool = False

    def __post_init__(self) -> None:
        if not self.files:
            raise InputError(f"sample '{self.name}' has no files; give files = \"NAME.root\"")
        for field in ("cross_section", "generated"):
            value = getattr(self, field)
            if value is not None and not 0 < value < math.inf:
                raise InputError(f"sample '{self.name}': {field} must be a positive number, not {value}")
        if not math.isfinite(self.scale) or self.scale == 0:
            raise InputError(f"sample '{self.name}': scale must be a finite number and not zero, not {self.scale}")
        if self.observed and (self.label is not None or self.cross_section is not None):
            raise InputError(f"sample '{self.name}' is observed: it has neither a label nor a cross section")

    @property
    def group(self) -> str:
        """The class of its events."""
        return self.label or self.name

    def factor(self, luminosity: float | None, generated: float) -> float:
        """What its weights are multiplied by.

        Args:
            luminosity: in inverse femtobarns.
            generated: sum of the weights of all generated events.

        Raises:
            InputError: if that sum is not positive.
        """
        if self.cross_section is None:
            return self.scale
        if not generated > 0:
            raise InputError(f"sample '{self.name}': its generated weights sum to {generated:g}; they must be positive")
        return self.scale * self.cross_section * FEMTOBARN * (luminosity or math.nan) / generated


@dataclasses.dataclass(frozen=True)
class Variation:
    """A systematic variation: what one standard deviation down and up does to the events.

    Attributes:
        name: of the nuisance parameter; variations of one name move together.
        weight: columns or formulae that replace the event weight, down and up.
        columns: for each column that changes, the columns that stand in for it, down and up; cuts are applied again.
        norm: relative error of the number of events, such as .02 for 2 %.
        processes: whom it concerns; all that are not observed if empty.

    Raises:
        InputError: if it is not exactly one of the three, or the error is out of range.
    """

    name: str
    weight: tuple[str, str] | None = None
    columns: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=dict)
    norm: float | None = None
    processes: Sequence[str] = ()

    def __post_init__(self) -> None:
        given = [bool(self.weight), bool(self.columns), self.norm is not None]
        if sum(given) != 1:
            raise InputError(
                f"systematic '{self.name}' needs exactly one of weight, columns, norm; it has {sum(given)}"
            )
        if self.norm is not None and not 0 < self.norm < 1:
            raise InputError(f"systematic '{self.name}': norm is a part of the events, above 0 and below 1")

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns or formulae that it looks at."""
        return (*(self.weight or ()), *(text for pair in self.columns.values() for text in pair))

    def concerns(self, process: Process) -> bool:
        """Whether it changes a process."""
        return not process.observed and (not self.processes or process.name in self.processes)


def check_processes(processes: Sequence[Process], variations: Sequence[Variation], luminosity: float | None) -> None:
    """Whether samples fit together.

    Raises:
        InputError: if names are given twice, a luminosity or a cross section is missing, or there is nothing to learn.
    """
    names = [process.name for process in processes]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"two samples are called '{twice[0]}'; rename one")
    simulated = [process for process in processes if not process.observed]
    if len({process.group for process in simulated}) < 2:
        raise InputError('the samples are of one class; give another a label of its own, such as label = "signal"')
    _check_luminosity(simulated, luminosity)
    for variation in variations:
        strange = [name for name in variation.processes if name not in names]
        if strange:
            known = suggest(strange[0], names)
            raise InputError(
                f"systematic '{variation.name}' names the sample '{strange[0]}', which there is not{known}"
            )


def _check_luminosity(simulated: Sequence[Process], luminosity: float | None) -> None:
    crossed = [process.name for process in simulated if process.cross_section is not None]
    if luminosity is None:
        if crossed:
            raise InputError(f"luminosity is missing (fb^-1): '{crossed[0]}' has a cross section")
        return
    if not 0 < luminosity < math.inf:
        raise InputError(f"luminosity must be a positive number of fb^-1, not {luminosity}")
    without = [process.name for process in simulated if process.name not in crossed]
    if without:
        raise InputError(f"cross_section of sample '{without[0]}' is missing (pb); the luminosity cannot scale it")
