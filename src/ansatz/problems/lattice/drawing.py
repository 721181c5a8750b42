"""From chains to datasets: what all lattice problems share."""

from __future__ import annotations

import abc
import dataclasses

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError, suggest
from ansatz.keys import generator, named
from ansatz.problems.lattice.exact.reference import transition
from ansatz.problems.lattice.geometry import Lattice
from ansatz.problems.lattice.judging.quality import energy_tests
from ansatz.problems.lattice.models import Model
from ansatz.problems.lattice.sampling.chains import Chains, check_temperatures, kernel_named, simulate
from ansatz.typing import Key

LABELS = ("phase", "temperature", "energy", "none")
PHASES = ("disordered", "ordered")


@dataclasses.dataclass(frozen=True, kw_only=True)
class LatticeStates(abc.ABC):
    """States of a model in thermal equilibrium, as a source.

    Attributes:
        label: what a study predicts: `"phase"` (ordered below the transition of the infinite lattice), `"temperature"`,
            `"energy"` per site, or `"none"`.
        method: the sampler, one of `METHODS`; `"auto"` is Metropolis where a checkerboard fits.
        chains: most independent chains at one temperature.
        spacing: steps between two states of a chain; by default 200 (L / 40)^2.17, three autocorrelation times of
            Metropolis updates at the Ising transition.
        warmup: steps before the first state; ten spacings by default.
        flat: whether a state is a row of columns, for methods that take tables.
    """

    label: str = "phase"
    method: str = "auto"
    chains: int = 64
    spacing: int | None = None
    warmup: int | None = None
    flat: bool = False

    @property
    @abc.abstractmethod
    def grid(self) -> tuple[float, ...]:
        """The temperatures, in units of the coupling."""

    @property
    @abc.abstractmethod
    def model(self) -> Model:
        """The energies."""

    @property
    @abc.abstractmethod
    def sites(self) -> Lattice:
        """The lattice."""

    def __post_init__(self) -> None:
        _check(self)

    @property
    def task(self) -> str:
        """What a study makes of the label."""
        return {"phase": "classification", "none": "none"}.get(self.label, "regression")

    def simulate(self, key: Key, n: int) -> Chains:
        """The chains behind `draw`, with every measurement: at least `n` states of all temperatures together."""
        wanted = max(1, -(-n // len(self.grid)))
        chains = min(self.chains, max(wanted, 2))
        spacing, warmup = _steps(self)
        every = max(1, spacing // 20)
        measured = max(2, spacing // every)
        return simulate(
            self.model,
            self.sites,
            self.grid,
            chains=chains,
            method=_method(self),
            measurements=measured * -(-wanted // chains),
            every=every,
            spacing=measured,
            warmup=-(-warmup // every),
            key=key,
        )

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` states, equally many of each temperature (but for one)."""
        chains = self.simulate(named(key, "chains"), n)
        return dataset(chains, n, label=self.label, flat=self.flat, key=named(key, "order"))


def _check(states: LatticeStates) -> None:
    """Refuse what cannot be drawn, before anything runs."""
    name, lattice = states.model.name, states.sites
    check_temperatures(states.grid)
    if states.label not in LABELS:
        raise InputError(
            f"{name}: label is one of {', '.join(LABELS)}, not '{states.label}'{suggest(states.label, LABELS)}"
        )
    if states.label == "phase" and transition(states.model, lattice) is None:
        raise InputError(
            f"{name}: where this {lattice.name} orders is not known; take label = 'temperature' or 'energy'"
        )
    for option in ("chains", "spacing"):
        value = getattr(states, option)
        if value is not None and value < 1:
            raise InputError(f"{name}: {option} is a count, one or more, not {value}")
    if states.warmup is not None and states.warmup < 0:
        raise InputError(f"{name}: warmup is a number of steps, zero or more, not {states.warmup}")
    kernel_named(_method(states), states.model, lattice)


def _method(states: LatticeStates) -> str:
    return "metropolis" if states.method == "auto" and states.sites.even else states.method


def _steps(states: LatticeStates) -> tuple[int, int]:
    """Steps between kept states, and before the first."""
    spacing = states.spacing or max(10, round(200 * (max(states.sites.shape) / 40) ** 2.17))
    return spacing, 10 * spacing if states.warmup is None else states.warmup


def dataset(chains: Chains, n: int, *, label: str = "temperature", flat: bool = False, key: Key) -> Dataset:
    """`n` of the kept states in random order, equally many of each temperature (but for one).

    Observers: `temperature`; `energy` and `magnetization` (the order parameter) per site of each state; `chain`, the
    number of its Markov chain, by which to split where states of a chain must not be on both sides;
    `autocorrelation_time` in steps and `effective_size` of the energy at its temperature; and `energy_pull`, the
    standard errors by which the mean energy of all measurements there lies above the exact one (NaN if not known).

    Raises:
        InputError: if fewer states were kept.
    """
    chain, kept = _chosen(chains, n, generator(key))
    x, last = chains.states[chain, kept], (kept + 1) * chains.spacing - 1
    observers = {
        "temperature": chains.temperature[chain],
        "energy": chains.energy[chain, last].astype(float),
        "magnetization": chains.order[chain, last].astype(float),
        "chain": chain,
        **{name: values[chain] for name, values in _quality(chains).items()},
    }
    y, classes = observers.get(label), None
    if label == "phase":
        y, classes = (observers["temperature"] < transition(chains.model, chains.lattice)).astype(int), PHASES
    return Dataset(
        x.reshape(len(x), -1) if flat else x,
        y=y,
        target=(label,),
        classes=classes,
        observers=observers,
        name=chains.model.name,
    )


def _chosen(chains: Chains, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Chain and number of each state."""
    count = len(chains.temperatures)
    share = n // count + (rng.permutation(count) < n % count)
    pairs: list[tuple[int, int]] = []
    for temperature, wanted in zip(chains.temperatures, share, strict=True):
        rows = np.flatnonzero(chains.temperature == temperature)
        if wanted > len(rows) * chains.states.shape[1]:
            raise InputError(f"{wanted} states at T = {temperature:g} are more than the {rows.size} chains have kept")
        # one state of each chain first, then a second one: as independent as can be
        order = [(row, number) for number in range(chains.states.shape[1]) for row in rng.permutation(rows)]
        pairs += order[:wanted]
    chosen = np.array(pairs, int).reshape(-1, 2)[rng.permutation(len(pairs))]
    return chosen[:, 0], chosen[:, 1]


def _quality(chains: Chains) -> dict[str, np.ndarray]:
    """The tests of each temperature, for every chain."""
    tests = energy_tests(chains)
    place = np.searchsorted(chains.temperatures, chains.temperature)
    numbers = {
        "autocorrelation_time": [test.autocorrelation.time * chains.every for test in tests],
        "effective_size": [test.autocorrelation.effective for test in tests],
        "energy_pull": [test.pull for test in tests],
    }
    return {name: np.array(values)[place] for name, values in numbers.items()}


def spaced(low: float, high: float, points: int) -> tuple[float, ...]:
    """Equally spaced temperatures.

    Example:
        >>> spaced(1.0, 3.5, 6)
        (1.0, 1.5, 2.0, 2.5, 3.0, 3.5)
    """
    return tuple(float(t) for t in np.linspace(low, high, points).round(6))
