"""The analysis `order-parameter`: principal components of spins find the magnetization without being told of it."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from ansatz.data import Dataset
from ansatz.embedding import PCA
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.problems.lattice import IsingStates, jackknife, references
from ansatz.problems.lattice.drawing import spaced
from ansatz.problems.lattice.exact import EnergyPosterior, critical_temperature, spontaneous_magnetization
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.lattice.states import Drawn, drawn_states, energies, interval, sampling_beliefs
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.typing import Key
from ansatz.validation import Interval, proportion

KEPT = 12
"""Components that are kept."""

WEIGHTED = 500
"""States on which weights are held against copies."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class OrderParameter:
    r"""Principal components of Ising states of many temperatures, beside the magnetization and the Fourier modes.

    Spins of a periodic lattice are alike at every site, so the principal axes are Fourier modes: the first is the
    uniform one, whose coordinate is \( \sqrt N m \) and whose share of the variance is \( \langle m^2 \rangle \). The
    next are the longest waves, with shares \( S(k) / N \), S the structure factor. Three clusters in the plane of the
    first two components are the two ordered phases and the disordered one.

    Attributes:
        size: side of the lattice, even, from 4 to 40.
        low: lowest temperature, in units of the coupling.
        high: highest temperature.
        points: number of temperatures.
        states: states at each temperature.

    Raises:
        InputError: if a number is out of range.

    Source: L. Wang, Phys. Rev. B 94 (2016) 195105, arXiv:1606.00318.
    """

    size: int = 40
    low: float = 1.0
    high: float = 3.54
    points: int = 41
    states: int = 100

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = (references.DISCOVERING, references.ONSAGER, references.KAUFMAN)

    def __post_init__(self) -> None:
        if self.size % 2 or not 4 <= self.size <= 40:
            raise InputError(f"size: the exact limit is for even sides from 4 to 40, not {self.size}")
        if not (0 < self.low < critical_temperature() < self.high) or self.points < 4:
            raise InputError("low, high and points: four temperatures or more on both sides of the transition")
        if self.states * self.points <= KEPT:
            raise InputError(f"states: {KEPT + 1} states or more of all temperatures are needed")

    @property
    def problem(self) -> IsingStates:
        """Where the states come from."""
        return IsingStates(size=self.size, temperatures=spaced(self.low, self.high, self.points))

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Simulate, find the components, compare."""
        bench.announce(f"simulating {self.points} temperatures of a {self.size} x {self.size} lattice")
        drawn = drawn_states(self.problem, self.states, max(self.states // 10, 2), key=named(key, "states"))
        bench.announce(f"principal components of {len(drawn.train)} states of {self.size**2} spins")
        data = drawn.train
        pca = PCA.of(data.x, components=KEPT)
        plane = pca.transform(data.x)[:, :2]
        groups = clusters(plane, named(key, "clusters"))
        return _findings(self, drawn, pca, plane, groups, _copies(data, named(key, "weights")))


def clusters(plane: np.ndarray, key: Key) -> np.ndarray:
    """Three groups by k-means, numbered by their place along the first component: down, disordered, up."""
    from sklearn.cluster import KMeans

    seed = int(generator(key).integers(2**31))
    found = KMeans(3, n_init=10, random_state=seed).fit(plane)
    rank = np.argsort(np.argsort(found.cluster_centers_[:, 0]))
    return rank[found.labels_]


def structure_factor(x: np.ndarray) -> np.ndarray:
    """Share of the variance in each Fourier mode about the mean state, largest first."""
    modes = np.abs(np.fft.fft2(x - x.mean(axis=0, dtype=float), axes=(1, 2))) ** 2
    power = modes.mean(axis=0).ravel()
    return np.sort(power)[::-1] / power.sum()


def _copies(data: Dataset, key: Key) -> float:
    """Largest difference between components of weighted states and of states that come so often."""
    rng = generator(key)
    rows = rng.choice(len(data), min(WEIGHTED, len(data)), replace=False)
    x, times = data.x[rows], rng.integers(1, 4, len(rows))
    weighted = PCA.of(x, 7.0 * times, components=2)
    copied = PCA.of(np.repeat(x, times, axis=0), components=2)
    first = np.abs(np.asarray(weighted.axes[0]) - np.asarray(copied.axes[0])).max()
    return float(max(first, np.abs(weighted.explained - copied.explained).max()))


def _findings(
    spec: OrderParameter, drawn: Drawn, pca: PCA, plane: np.ndarray, groups: np.ndarray, copies: float
) -> Findings:
    data, tc = drawn.train, critical_temperature()
    m = data.observers["magnetization"]
    along = float(np.corrcoef(plane[:, 0], m)[0, 1])
    explained = _explained(data, pca)
    expected = _mean_square(drawn)
    found = _cluster_accuracy(data, groups)
    limit = EnergyPosterior(spec.size, spec.problem.grid).limit(tc)
    numbers = (
        Number("correlation of PC1 and magnetization", f"{abs(along):.9f}", 1.0),
        Number("explained by PC1", explained, expected.value, note=f"<m^2> of all measurements: {expected}"),
        Number("explained by PC2", float(pca.explained[1]), float(structure_factor(data.x)[1]), note="longest wave"),
        Number("clusters told apart", found, limit, note="ordered against disordered; reference: Bayes' decision"),
        Number("weights against copies", f"{copies:.1e}", 0.0, note="largest difference of the components"),
    )
    headline = (
        f"The first of {spec.size**2} principal components is the magnetization (correlation {abs(along):.7f}) and "
        f"explains {explained.value:.1%} of the variance."
    )
    beliefs = (*sampling_beliefs([drawn.chains]), _is_order_parameter(along), _is_expected(explained, expected),
               _weights(copies))  # fmt: skip
    order = [o.magnetization for o in drawn.chains.observables()]
    grid, size = np.array(spec.problem.grid), spec.size
    shown = np.concatenate([np.flatnonzero(data.observers["temperature"] == t)[:25] for t in grid])
    arrays = {
        **energies([drawn.chains]),
        "plane": plane[shown] / size,
        "temperature": data.observers["temperature"][shown],
        "cluster": groups[shown],
        "explained": pca.explained,
        "structure": structure_factor(data.x)[:KEPT],
        "axes": np.asarray(pca.axes[:4]).reshape(4, size, size),
        "order/temperature": grid,
        "order/value": np.array([o.value for o in order]),
        "order/error": np.array([o.error for o in order]),
        "order/exact": np.array([spontaneous_magnetization(t) for t in grid]),
        "component": np.array([np.abs(plane[data.observers["temperature"] == t, 0]).mean() / size for t in grid]),
        "example/states": data.x[shown[:: max(len(shown) // 6, 1)][:6]],
        "example/temperature": data.observers["temperature"][shown[:: max(len(shown) // 6, 1)][:6]],
    }
    return Findings(headline, numbers, beliefs, arrays, {"size": size, "critical": tc})


def _explained(data: Dataset, pca: PCA) -> Interval:
    """Share of the variance along PC1; the error is from the scatter of m^2 over the states of each temperature."""
    m, temperature = data.observers["magnetization"], data.observers["temperature"]
    variance = np.mean([(m[temperature == t] ** 2).var(ddof=1) for t in np.unique(temperature)])
    value, error = float(pca.explained[0]), float(np.sqrt(variance / len(m)))
    return Interval(value, value - error, value + error, method="scatter over states")


def _mean_square(drawn: Drawn) -> Interval:
    """The mean of m^2 over all temperatures and measurements."""
    found = [jackknife((c.order**2).mean(axis=1)) for c in map(drawn.chains.at, drawn.chains.temperatures)]
    mean = float(np.mean([f.value for f in found]))
    error = float(np.sqrt(np.sum([f.error**2 for f in found])) / len(found))
    return interval(type(found[0])(mean, error), "jackknife over chains")


def _cluster_accuracy(data: Dataset, groups: np.ndarray) -> Interval:
    return proportion((groups != 1) == (data.y == 1))


def _is_order_parameter(correlation: float) -> Belief:
    size = abs(correlation)
    mark = GREEN if size > 0.9999 else AMBER if size > 0.99 else RED
    sentence = {
        GREEN: "The first component is the order parameter.",
        AMBER: "The first component is nearly the order parameter; more states would make it so.",
        RED: "The first component is something else than the order parameter.",
    }[mark]
    return Belief("PC1 is the magnetization", mark, f"|correlation| = {size:.7f}", sentence)


def _is_expected(explained: Interval, expected: Interval) -> Belief:
    sigmas = (explained.value - expected.value) / float(np.hypot(explained.error, expected.error))
    mark = GREEN if abs(sigmas) < 3 else AMBER if abs(sigmas) < 5 else RED
    sentence = "The variance is that of the chains." if mark == GREEN else "The states are not like the chains' others."
    value = f"{explained} explained, <m^2> = {expected}: {sigmas:+.1f} standard errors"
    return Belief("Variance of PC1", mark, value, sentence)


def _weights(copies: float) -> Belief:
    mark = GREEN if copies < 1e-8 else RED
    sentence = "A state of weight two counts as two states." if mark == GREEN else "Weights do not act as copies."
    return Belief("Weights act as copies", mark, f"largest difference {copies:.1e}", sentence)
