"""The analysis `state-files`: are the Ising states of a file what they claim to be?"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from ansatz.problems.lattice import StateReport, inspect_states, read_states, references
from ansatz.problems.lattice.exact import critical_temperature, spontaneous_magnetization
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.lattice.states import interval
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, kw_only=True)
class StateFiles:
    """Ising states on disk, held to the exact energies, to the number of equal states there should be, and to time.

    For each temperature: the mean energy beside Kaufman's for a lattice of that size, with the autocorrelation in the
    order of the file; how many pairs of states are equal, beside the exact mean of that; whether the first states are
    a quench; and how many states below the transition are not magnetized.

    Attributes:
        file: `.npz`, `.npy`, text, an archive or a folder of these, as `read_states` takes them.
        temperature: of all states, if neither the file nor its name says.
        side: of packed bits, L.

    Raises:
        InputError: if the file is missing, or holds no Ising states.

    Source: B. Kaufman, Phys. Rev. 76 (1949) 1232.
    """

    file: str
    temperature: float | None = None
    side: int | None = None

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = (references.KAUFMAN, references.ONSAGER)

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Read, inspect, report."""
        bench.announce(f"reading {self.file}")
        data = read_states(self.file, temperature=self.temperature, side=self.side)
        bench.announce(f"inspecting {len(data)} states of {data.x.shape[1]} x {data.x.shape[2]} spins")
        reports = inspect_states(data)
        faulty = [report for report in reports if report.faults]
        headline = (
            f"{len(data)} states at {len(reports)} temperatures: "
            f"{'none has a fault' if not faulty else f'{len(faulty)} of them have faults'}."
        )
        arrays = {**_arrays(reports, data.x.shape[1]), **_examples(data.x, data.observers["temperature"])}
        beliefs = (_summary(reports, faulty), *(_faults(report) for report in faulty))
        record = {"critical": critical_temperature()}
        return Findings(headline, tuple(_number(report) for report in reports), beliefs, arrays, record)


def _number(report: StateReport) -> Number:
    note = f"{report.states} states, autocorrelation time {report.autocorrelation_time:.1f}"
    return Number(f"energy at T = {report.temperature:g}", interval(report.energy), report.exact, "J", note)


def _summary(reports: list[StateReport], faulty: list[StateReport]) -> Belief:
    value = f"{len(reports) - len(faulty)} of {len(reports)} temperatures without a fault"
    if not faulty:
        return Belief("States", GREEN, value, "The states are what they claim to be, as far as exact answers can tell.")
    mark = AMBER if 4 * len(faulty) <= len(reports) else RED
    return Belief("States", mark, value, "Leave the faulty temperatures out, or simulate them again.")


def _faults(report: StateReport) -> Belief:
    value = f"energy {report.energy}, exact {report.exact:.5f}: {report.pull:+.1f} standard errors"
    return Belief(f"T = {report.temperature:g}", RED, value, "; ".join(report.faults) + ".")


def _arrays(reports: list[StateReport], side: int) -> dict[str, np.ndarray]:
    temperature = np.array([report.temperature for report in reports])
    return {
        "energy/size": np.full(len(reports), side),
        "energy/temperature": temperature,
        "energy/value": np.array([report.energy.value for report in reports]),
        "energy/error": np.array([report.energy.error for report in reports]),
        "energy/exact": np.array([report.exact for report in reports]),
        "order/temperature": temperature,
        "order/value": np.array([report.magnetization.value for report in reports]),
        "order/error": np.array([report.magnetization.error for report in reports]),
        "order/exact": np.array([spontaneous_magnetization(t) for t in temperature]),
    }


def _examples(x: np.ndarray, temperature: np.ndarray) -> dict[str, np.ndarray]:
    grid = np.unique(temperature)
    shown = grid[np.unique(np.linspace(0, len(grid) - 1, 6).round().astype(int))]
    first = [int(np.flatnonzero(temperature == t)[0]) for t in shown]
    return {"example/states": x[first], "example/temperature": shown}
