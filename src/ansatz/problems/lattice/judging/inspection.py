"""What is wrong with a sample of Ising states: energies, copies, thermalization; each judged by the exact answer."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.stats import poisson

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.problems.lattice.estimates import Estimate, autocorrelation, blocks, jackknife
from ansatz.problems.lattice.exact.infinite import critical_temperature, spontaneous_magnetization
from ansatz.problems.lattice.exact.kaufman import kaufman

ALARM = 5.0
"""Standard errors that are called a fault."""


@dataclasses.dataclass(frozen=True)
class StateReport:
    """The states at one temperature.

    Attributes:
        temperature: T.
        states: how many.
        energy: mean energy per site; the error takes the autocorrelation in the order of the file into account.
        exact: Kaufman's energy.
        best_temperature: the temperature at which that energy would be exact.
        magnetization: mean of |m|.
        autocorrelation_time: of the energy, in states.
        copies: pairs of equal states.
        expected_copies: mean number of such pairs among independent states, n (n - 1) / 2 Z(2 beta) / Z(beta)^2.
        copies_error: standard deviation of that number.
        warmup: states at the beginning that are not thermal yet.
        wrong_phase: part of the states with |m| below half of the spontaneous magnetization (below T_c).
        faults: what is wrong, one sentence each; empty if nothing is.
    """

    temperature: float
    states: int
    energy: Estimate
    exact: float
    best_temperature: float
    magnetization: Estimate
    autocorrelation_time: float
    copies: int
    expected_copies: float
    copies_error: float
    warmup: int
    wrong_phase: float
    faults: tuple[str, ...] = ()

    @property
    def pull(self) -> float:
        """Standard errors of the energy above the exact one."""
        return self.energy.pull(self.exact)


def inspect_states(data: Dataset) -> list[StateReport]:
    """Judge the states of each temperature, in the order in which they came.

    Args:
        data: square periodic states as `read_states` gives them.

    Raises:
        InputError: if the states are not square, or their temperatures are missing.

    Example:
        >>> import jax
        >>> from ansatz.problems.lattice import IsingStates
        >>> data = IsingStates(size=4, temperatures=(1.0, 4.0), label="temperature").draw(jax.random.key(0), 100)
        >>> [report.faults for report in inspect_states(data)]
        [(), ()]
    """
    if data.x.ndim != 3 or data.x.shape[1] != data.x.shape[2]:
        raise InputError(f"square states have the shape (states, L, L), not {data.x.shape}")
    for name in ("temperature", "energy", "magnetization"):
        if name not in data.observers:
            raise InputError(f"the states lack the observer '{name}'; read them with read_states")
    temperature = data.observers["temperature"]
    return [_report(data[temperature == t], float(t)) for t in np.unique(temperature)]


def _report(data: Dataset, temperature: float) -> StateReport:
    side, n = data.x.shape[1], len(data)
    energy, order = data.observers["energy"], np.abs(data.observers["magnetization"])
    if n < 4:
        raise InputError(f"{n} states at T = {temperature:g} are too few to judge; give four or more")
    exact = kaufman(temperature, side)
    estimate = _correlated_mean(energy)
    # states that are all alike have no spread; the exact one says how well their mean is known at best
    least = float(np.sqrt(max(exact.specific_heat, 0.0) / n) * temperature / side) + 1e-9
    estimate = Estimate(estimate.value, max(estimate.error, least))
    copies, copies_error = _expected_pairs(n, temperature, side)
    report = StateReport(
        temperature=temperature,
        states=n,
        energy=estimate,
        exact=exact.energy,
        best_temperature=_temperature_of(estimate.value, temperature, side),
        magnetization=_correlated_mean(order),
        autocorrelation_time=autocorrelation(energy).time,
        copies=_equal_pairs(data.x),
        expected_copies=copies,
        copies_error=copies_error,
        warmup=max(_warmup(energy), _warmup(order)),
        wrong_phase=_wrong_phase(order, temperature, side),
    )
    return dataclasses.replace(report, faults=tuple(_faults(report)))


def _correlated_mean(series: np.ndarray) -> Estimate:
    """Mean with an error that knows the autocorrelation, and is never below that of independent states."""
    found = autocorrelation(series)
    error = float(series.std() * np.sqrt(max(2 * found.time, 1.0) / len(series)))
    return Estimate(float(series.mean()), max(error, jackknife(blocks(series[None])).error if found.time > 1 else 0.0))


def _temperature_of(energy: float, near: float, side: int) -> float:
    """Temperature at which the exact energy is that of the sample, by Newton's method in bounds."""
    t = near
    for _ in range(8):
        exact = kaufman(t, side)
        step = (energy - exact.energy) / max(exact.specific_heat, 1e-3)
        t = float(np.clip(t + step, 0.8 * t, 1.25 * t))
    return t


def _expected_pairs(n: int, temperature: float, side: int) -> tuple[float, float]:
    r"""Mean and standard deviation of the number of equal pairs among n independent states.

    With \( s_k = \sum p^k = Z(k\beta) / Z(\beta)^k \): mean \( \binom n2 s_2 \), variance
    \( \binom n2 s_2 (1 - s_2) + n (n - 1) (n - 2) (s_3 - s_2^2) \).
    """
    log_z = kaufman(temperature, side).log_z
    two, three = (float(np.exp(kaufman(temperature / k, side).log_z - k * log_z)) for k in (2, 3))
    pairs = n * (n - 1) / 2
    variance = pairs * two * (1 - two) + 2 * pairs * (n - 2) * max(three - two**2, 0.0)
    return pairs * two, float(np.sqrt(variance))


def _equal_pairs(states: np.ndarray) -> int:
    """Number of pairs of equal states."""
    packed = np.packbits(states.reshape(len(states), -1) > 0, axis=1)
    counts = np.unique(packed, axis=0, return_counts=True)[1]
    return int(np.sum(counts * (counts - 1) // 2))


def _warmup(series: np.ndarray) -> int:
    """Where to cut so that the rest has the smallest error of its mean (K. P. White, Simulation 69 (1997) 323).

    Batches of one hundredth of the series; zero unless what is cut is clearly unlike the rest.
    """
    size = max(len(series) // 100, 1)
    means = series[: len(series) // size * size].reshape(-1, size).mean(axis=1)
    spread = [means[cut:].var() / (len(means) - cut) for cut in range(len(means) // 2)]
    cut = int(np.argmin(spread)) * size
    return cut if cut and _unlike(series[:cut], series[cut:]) else 0


def _unlike(first: np.ndarray, rest: np.ndarray) -> bool:
    """Whether ranks differ by five standard errors, or far more states than one per cent lie in the outer per cent."""
    ordered = np.sort(rest)
    below, upto = (np.searchsorted(ordered, first, side) / len(rest) for side in ("left", "right"))
    memory = max(2 * autocorrelation(rest).time, 1.0)
    ranks = abs(np.mean(below + upto - 1) / 2) * np.sqrt(12 * len(first) / memory)
    outside = int(np.sum((upto <= 0.005) | (below >= 0.995)))
    return bool(ranks > ALARM or poisson.sf(outside - 1, 0.01 * len(first) * memory) < 1e-6)


def _wrong_phase(order: np.ndarray, temperature: float, side: int) -> float:
    r"""Part of the states that a domain wall divides, where that is more than chance.

    Two walls cost \( 2 L \sigma / T = 2 L (2K + \ln \tanh K) \), with Onsager's surface tension.
    """
    if temperature >= critical_temperature():
        return 0.0
    walls = 2 * side * (2 / temperature + float(np.log(np.tanh(1 / temperature))))
    found = float(np.mean(order < spontaneous_magnetization(temperature) / 2))
    return found if found > 10 * np.exp(-walls) else 0.0


def _faults(report: StateReport) -> list[str]:
    found = []
    if abs(report.pull) > ALARM:
        found.append(
            f"the energy {report.energy} is {abs(report.pull):.0f} standard errors "
            f"{'above' if report.pull > 0 else 'below'} the exact {report.exact:.4f}; "
            f"it belongs to T = {report.best_temperature:.4f}"
        )
    excess = report.copies - report.expected_copies
    if excess > ALARM * max(report.copies_error, 1.0):
        found.append(f"{report.copies} pairs of states are equal, {report.expected_copies:.3g} are expected")
    if report.warmup:
        found.append(f"the beginning is not thermal: leave out the first {report.warmup} of {report.states} states")
    if report.wrong_phase > 0.001:
        found.append(f"{100 * report.wrong_phase:.1f} % of the states are not magnetized, as after a quench")
    return found
