"""What analyses of lattices share: states in two independent halves, and whether the sampler may be believed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from ansatz.data import Dataset
from ansatz.keys import named
from ansatz.problems.lattice import Chains, Estimate, IsingStates, combined_p_value, dataset, energy_tests
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.typing import Key
from ansatz.validation import ONE_SIGMA, Interval, normal


@dataclasses.dataclass(frozen=True, eq=False)
class Drawn:
    """Simulated states.

    Attributes:
        chains: the Markov chains with every measurement.
        train: states to learn from.
        fresh: states of other chains, to judge on.
    """

    chains: Chains
    train: Dataset
    fresh: Dataset


def drawn_states(problem: IsingStates, states: int, fresh: int, *, key: Key) -> Drawn:
    """Equilibrium states in two parts that share no Markov chain.

    Args:
        problem: model, lattice and temperatures.
        states: to learn from, at each temperature.
        fresh: to judge on, at each temperature.
        key: random key.
    """
    grid = len(problem.grid)
    chains = problem.simulate(named(key, "chains"), grid * (states + fresh))
    each, kept = chains.states.shape[0] // grid, chains.states.shape[1]
    learned = min(max(round(each * states / (states + fresh)), 1), each - 1)
    data = dataset(chains, grid * each * kept, label=problem.label, key=named(key, "order"))
    first = data.observers["chain"] % each < learned
    return Drawn(chains, _most(data[first], states), _most(data[~first], fresh))


def _most(data: Dataset, count: int) -> Dataset:
    """At most so many states of each temperature, those that come first."""
    temperature = data.observers["temperature"]
    rows = [np.flatnonzero(temperature == t)[:count] for t in np.unique(temperature)]
    return data[np.sort(np.concatenate(rows))]


def energies(chains: Sequence[Chains]) -> dict[str, np.ndarray]:
    """Mean energies beside the exact ones, for a figure; NaN where nothing exact is known."""
    tests = [(c.lattice.shape[0], test) for c in chains for test in energy_tests(c)]
    nan = float("nan")
    return {
        "energy/size": np.array([size for size, _ in tests]),
        "energy/temperature": np.array([test.temperature for _, test in tests]),
        "energy/value": np.array([test.energy.value for _, test in tests]),
        "energy/error": np.array([test.energy.error for _, test in tests]),
        "energy/exact": np.array([nan if test.exact is None else test.exact for _, test in tests]),
    }


def sampling_beliefs(chains: Sequence[Chains]) -> tuple[Belief, ...]:
    """Whether the energies are exact, whether the chains were thermal, and whether kept states are independent."""
    tests = [test for c in chains for test in energy_tests(c)]
    return (_exact_energies(tests), _thermal(tests), _independent(chains))


def _exact_energies(tests: Sequence) -> Belief:
    pulls = np.array([test.pull for test in tests if test.exact is not None])
    name = "Energies of the samples"
    if not len(pulls):
        return Belief(name, AMBER, "nothing exact is known", "The energies of this model cannot be checked.")
    p = combined_p_value(list(tests))
    mark = GREEN if p > 0.01 else AMBER if p > 1e-4 else RED
    sentence = {
        GREEN: "The sampler gives the exact mean energies.",
        AMBER: "The mean energies are a little off; chance, or chains that are too short.",
        RED: "The mean energies are wrong: the samples are not those of the temperatures that they claim.",
    }[mark]
    origins = ", ".join(sorted({test.origin for test in tests if test.exact is not None}))
    value = f"{len(pulls)} z-tests ({origins}): p = {p:.2g}, largest pull {pulls[np.abs(pulls).argmax()]:+.1f}"
    return Belief(name, mark, value, sentence)


def _thermal(tests: Sequence) -> Belief:
    drifts = np.array([test.drift for test in tests])
    worst = float(np.abs(drifts).max())
    mark = GREEN if worst < 4 else AMBER if worst < 6 else RED
    sentence = "First and second half of the chains agree." if mark == GREEN else "The chains were not thermal yet."
    return Belief("Thermalization", mark, f"largest drift of an energy {worst:.1f} standard errors", sentence)


def _independent(chains: Sequence[Chains]) -> Belief:
    """How many of the kept states count, by the autocorrelation of energy and order parameter."""
    shares = []
    for c in chains:
        both = zip(c.autocorrelations("energy"), c.autocorrelations("order"), strict=True)
        times = np.array([max(energy.time, order.time) for energy, order in both])
        slowest = int(times.argmax())
        shares.append(
            (min(1.0, c.spacing / (2 * times[slowest])), c.temperatures[slowest], times[slowest] * c.every, c)
        )
    share, temperature, time, slow = min(shares, key=lambda entry: entry[0])
    mark = GREEN if share >= 0.5 else AMBER if share >= 0.2 else RED
    sentence = {
        GREEN: "Kept states are as good as independent.",
        AMBER: "Kept states remember each other; errors are a little too small.",
        RED: "Kept states are copies of each other to a large part; keep fewer, further apart.",
    }[mark]
    value = (
        f"effective share at least {share:.0%} (slowest: L = {slow.lattice.shape[0]}, T = {temperature:.3g}, "
        f"autocorrelation time {time:.0f} steps, states every {slow.spacing * slow.every})"
    )
    return Belief("Effective sample size", mark, value, sentence)


def interval(estimate: Estimate, method: str = "") -> Interval:
    """An estimate with its standard error as an interval."""
    return normal(estimate.value, estimate.error, method=method)


def mean_interval(values: np.ndarray, method: str = "") -> Interval:
    """The mean of independent values with its standard error."""
    return normal(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))), method=method)


def ratio_interval(numerator: np.ndarray, denominator: np.ndarray, method: str = "") -> Interval:
    """The ratio of the means of paired values with its standard error.

    Example:
        >>> ratio_interval(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])).value
        0.5
    """
    ratio = float(numerator.mean() / denominator.mean())
    spread = float((numerator - ratio * denominator).std(ddof=1) / np.sqrt(len(numerator)) / abs(denominator.mean()))
    return Interval(ratio, ratio - spread, ratio + spread, ONE_SIGMA, method)


def against_temperature(data: Dataset, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Temperatures, the mean of some values at each, and its error from the scatter over Markov chains."""
    temperature, chain = data.observers["temperature"], data.observers["chain"]
    grid = np.unique(temperature)
    mean, error = np.empty(len(grid)), np.empty(len(grid))
    for place, t in enumerate(grid):
        rows = temperature == t
        _, number = np.unique(chain[rows], return_inverse=True)
        sums, counts = np.bincount(number, values[rows]), np.bincount(number)
        mean[place] = values[rows].mean()
        error[place] = np.sqrt(np.sum((sums - counts * mean[place]) ** 2)) / counts.sum()
    return grid, mean, error
