"""What analyses of models that draw Ising states share: states to learn from, exact answers, what tests of them say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ansatz.keys import generator
from ansatz.problems.lattice import Ising, IsingStates, square
from ansatz.problems.lattice.exact import energy_distribution, enumerate_states, kaufman
from ansatz.problems.lattice.exact.enumeration import all_states
from ansatz.problems.lattice.judging.generated import GeneratedReport
from ansatz.problems.lattice.statefiles import square_energy
from ansatz.studies.analyses.findings import Number
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.typing import Key
from ansatz.validation import Interval
from ansatz.validation.interval import normal

SMALL = 4
"""Largest side whose states are all written down."""

CHAINS = 500
"""Markov chains that states of larger lattices come from."""

GOOD, POOR = 0.03, 0.1
"""Divergences, in nats, up to which a model is called good, and beyond which it is not the law of the data."""


def two_halves(size: int, temperature: float, states: int, key: Key) -> tuple[np.ndarray, np.ndarray]:
    """Independent states to learn from, and as many fresh ones, each of shape (states, size, size)."""
    if size <= SMALL:
        law = enumerate_states(Ising(), square(size)).probability(temperature)
        rows = generator(key).choice(len(law), 2 * states, p=law)
        both = all_states(Ising(), square(size))[rows]
    else:
        source = IsingStates(size=size, temperatures=(temperature,), label="none", method="wolff", chains=CHAINS)
        both = source.draw(key, 2 * states).x
    return both[:states], both[states:]


def log_law(states: np.ndarray, temperature: float) -> np.ndarray:
    r"""$\ln p(s) = -E(s) / T - \ln Z$ of square Ising states, with Kaufman's Z; exact for any size.

    Example:
        >>> from ansatz.problems.lattice.exact.enumeration import all_states
        >>> every = all_states(Ising(), square(3))
        >>> round(float(np.exp(log_law(every, 2.5)).sum()), 9)
        1.0
    """
    side = states.shape[-1]
    return -square_energy(states) * side**2 / temperature - kaufman(temperature, side).log_z


def entropy(size: int, temperature: float) -> float:
    """The mean of -ln p over all states, the least that any model can have on average."""
    exact = kaufman(temperature, size)
    return exact.log_z + size**2 * exact.energy / temperature


def divergence(log_prob: np.ndarray, real: np.ndarray, temperature: float, error: float = 0.0) -> Interval:
    r"""$\mathrm{KL}(p \| q)$ as the mean of $\ln p(s) - \ln q(s)$ over states of the law.

    Args:
        log_prob: ln q of each state.
        real: states of the law, shape (states, size, size).
        temperature: of the law.
        error: of the normalization of q.
    """
    excess = log_law(real, temperature) - log_prob
    both = float(np.hypot(excess.std(ddof=1) / np.sqrt(len(excess)), error))
    return normal(float(excess.mean()), both, method="mean over fresh states")


def law_belief(value: float, shown: str, what: str = "machine") -> Belief:
    """Whether a model is the law of the data."""
    mark = GREEN if value <= GOOD else AMBER if value <= POOR else RED
    words = {
        GREEN: f"The {what} is the law of the data, nearly as well as so many states can tell.",
        AMBER: f"The {what} is near the law of the data, but more steps or hidden units would help.",
        RED: f"The {what} has not learned the law of the data.",
    }
    return Belief("Divergence from the exact law", mark, shown, words[mark])


def thermodynamics(report: GeneratedReport) -> Iterator[Number]:
    """What drawn states say of each observable, beside what is known."""
    for check in report.checks:
        error = float(np.hypot(check.found.error, check.expected.error))
        found = normal(check.found.value, error, method="jackknife")
        note = f"known from: {check.origin}"
        yield Number(f"{check.name} of drawn states", found, check.expected.value, "", note)


def drawn_belief(report: GeneratedReport) -> Belief:
    """Whether any test tells drawn states from real ones."""
    faults = report.faults
    worst = max(report.checks, key=lambda check: abs(check.pull))
    mark = RED if len(faults) > 1 else AMBER if faults else GREEN
    sentence = (
        f"{faults[0][:1].upper()}{faults[0][1:]}." if faults else "No test tells the drawn states from real ones."
    )
    value = f"{report.states} states; {worst.name} is {worst.pull:+.1f} σ off, the most of {len(report.checks)}"
    return Belief("Drawn states", mark, value, sentence)


def copies_belief(report: GeneratedReport) -> Iterator[Belief]:
    """Whether drawn states are copies of those that were learned from."""
    found = report.memorization
    if found is None:
        return
    mark = GREEN if found.z < 4 else RED
    value = (
        f"nearest training state {found.distance.value:.4f} of the spins away, for fresh states {found.fresh.value:.4f}"
    )
    sentence = "Drawn states are no copies of training states." if mark == GREEN else "Training states were copied."
    yield Belief("Memorization", mark, value, sentence)


def histograms(states: np.ndarray, real: np.ndarray, size: int, temperature: float) -> dict[str, np.ndarray]:
    """Energies and orders of drawn and of real states, as parts of all, beside exact energies if the side is even."""
    levels = -2 + 4 * np.arange(size**2 + 1) / size**2
    found = {"levels": levels}
    for name, sample in (("samples", states), ("real", real)):
        place = np.rint((square_energy(sample) + 2) * size**2 / 4).astype(int)
        found[f"{name}_energy"] = np.bincount(place, minlength=len(levels)) / len(sample)
        found[f"{name}_order"] = np.histogram(sample.mean(axis=(1, 2)), _order_bins(size))[0] / len(sample)
    found["order_bins"] = _order_bins(size)
    if size % 2 == 0:
        found["exact_energy"] = energy_distribution(temperature, size)
    return found


def _order_bins(size: int) -> np.ndarray:
    """Edges around each value that the magnetization can take, or around groups of these on large lattices."""
    sites = size**2
    step = 2 / sites * max(1, sites // 32)
    return np.arange(-1 - step / 2, 1 + step, step)
