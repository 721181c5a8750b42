"""The analysis `hopfield`: a network of spins recalls patterns, up to the capacity that statistical mechanics knows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.models.energy import Hopfield, mean_field_overlap
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.lattice.states import mean_interval
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.training.density import references
from ansatz.typing import Key
from ansatz.validation import Interval, normal

CAPACITY = 0.138
"""Patterns for each spin, above which Hebb's couplings of infinitely many spins recall none."""

RECALLED = 0.7
"""Overlap above which a pattern counts as recalled: between that of recall (.97) and what is left without (.35)."""

REPLICAS = 400
"""Bootstrap samples of the networks behind the error of the capacity."""

FLIPPED = (0.0, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45)
"""Parts of the spins that are turned before a recall."""

Curve = dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True, kw_only=True)
class AssociativeMemory:
    r"""Hopfield's network recalls random patterns: how well, how many, and from how far away.

    N spins with Hebb's couplings $J = \frac1N \sum_\mu \xi_\mu \xi_\mu^T$ start at a pattern, or at one with some spins
    turned, and fall into a minimum of the energy. Its overlap m with the pattern is held against the mean field of
    infinitely many spins, in which recall ends at once at $\alpha_c = P / N = .138$. Of finitely many spins half of the
    patterns are lost at a larger load; as recall ends where a minimum meets a saddle, that load falls to the capacity
    as $N^{-2/3}$, by which it is extrapolated. Couplings by projection are beside it, for which every pattern is a
    minimum as long as there are no more of them than spins.

    Attributes:
        sizes: numbers of spins N, rising; overlaps and basins are those of the largest.
        loads: patterns for each spin, P / N, around the capacity, at which half of the patterns are looked for.
        below: loads at which the overlap is held against theory, below the capacity.
        networks: sets of patterns at each load.
        recalls: patterns of each that recall starts from.
        basins: loads at which recall starts further and further away.

    Raises:
        InputError: if a number is out of range, or the loads do not enclose the capacity.

    Source: J. Hopfield, PNAS 79 (1982) 2554; D. Amit, H. Gutfreund and H. Sompolinsky, Annals of Physics 173 (1987) 30.
    """

    sizes: tuple[int, ...] = (200, 400, 800)
    loads: tuple[float, ...] = (0.12, 0.14, 0.16, 0.18, 0.2, 0.23, 0.26)
    below: tuple[float, ...] = (0.03, 0.08, 0.1, 0.115)
    networks: int = 5
    recalls: int = 20
    basins: tuple[float, ...] = (0.03, 0.08)

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = (references.HOPFIELD, references.CAPACITY)

    def __post_init__(self) -> None:
        if len(self.sizes) < 2 or list(self.sizes) != sorted(set(self.sizes)) or self.sizes[0] < 50:
            raise InputError(f"sizes are two or more rising numbers of spins from 50 on, not {list(self.sizes)}")
        if min(self.networks, self.recalls) < 2:
            raise InputError("networks and recalls are at least 2")
        for name, loads in (("loads", self.loads), ("below", self.below), ("basins", self.basins)):
            if not loads or list(loads) != sorted(set(loads)) or not 0 < loads[0] <= loads[-1] <= 1:
                raise InputError(f"{name}: expected rising numbers of patterns for each spin, above 0 and at most 1,"
                                 f" got {list(loads)}")  # fmt: skip
        if not self.loads[0] < CAPACITY < self.loads[-1] or not self.below[-1] < CAPACITY:
            raise InputError(f"loads must enclose the capacity {CAPACITY}, and those of below lie below it")

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Recall below capacity, at it, and from further away."""
        spins, found = self.sizes[-1], {}
        for rule in ("hebb", "projection"):
            bench.announce(f"recall of stored patterns, {rule}")
            found[rule] = self._curve(rule, spins, [(load, 0.0) for load in self.below], named(key, rule))
        for size in self.sizes:
            bench.announce(f"capacity of {size} spins")
            found[f"{size}"] = self._curve("hebb", size, [(load, 0.0) for load in self.loads], named(key, f"{size}"))
        for load in self.basins:
            bench.announce(f"recall from further away, {load:g} patterns for each spin")
            starts = [(load, part) for part in FLIPPED]
            found[f"basin {load:g}"] = self._curve("hebb", spins, starts, named(key, f"basin {load}"))
        overlaps = [found[f"{size}"]["overlap"] for size in self.sizes]
        capacity = capacities(np.array(self.sizes), np.array(self.loads), overlaps, generator(named(key, "bootstrap")))
        return self._findings(found, capacity)

    def _curve(self, rule: str, spins: int, points: Sequence[tuple[float, float]], key: Key) -> Curve:
        """Recalls at some loads and parts of turned spins, shape (points, networks, recalls) each."""
        rows = [self._recalled(rule, spins, *point, named(key, f"point {k}")) for k, point in enumerate(points)]
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def _recalled(self, rule: str, spins: int, load: float, turned: float, key: Key) -> Curve:
        """Overlap of ends with patterns, and the energies before and after, shape (networks, recalls) each."""
        rows = [self._one(rule, spins, load, turned, named(key, f"network {k}")) for k in range(self.networks)]
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def _one(self, rule: str, spins: int, load: float, turned: float, key: Key) -> Curve:
        rng = generator(named(key, "patterns"))
        count = max(2, round(load * spins))
        xi = rng.choice([-1.0, 1.0], size=(count, spins))
        network = Hopfield.hebb(xi) if rule == "hebb" else Hopfield.projection(xi)
        which = rng.integers(count, size=self.recalls) if count < self.recalls else np.arange(self.recalls)
        flip = np.argsort(rng.random((self.recalls, spins)), axis=1) < round(turned * spins)
        begin = jnp.asarray(np.where(flip, -xi[which], xi[which]), float)
        ended = _ends(network, begin, jax.random.split(named(key, "order"), self.recalls))
        overlap = (np.asarray(ended.state, float) * xi[which]).mean(axis=1)
        parts = {"before": ended.before, "after": ended.after, "stable": ended.stable}
        return {"overlap": overlap, **{name: np.asarray(values) for name, values in parts.items()}}

    def _findings(self, found: Mapping[str, Curve], capacity: Capacity) -> Findings:
        below, spins = np.array(self.below), self.sizes[-1]
        theory = np.array([mean_field_overlap(load) for load in below])
        note = f"half of the patterns lost, {', '.join(map(str, self.sizes))} spins, extrapolated; known: mean field"
        kept = mean_interval(found["projection"]["overlap"].mean(axis=2).ravel(), "over networks")
        numbers = (
            Number("capacity, patterns for each spin", capacity.infinite, CAPACITY, "", note),
            *_overlaps(below, found["hebb"]["overlap"], theory),
            Number("overlap after recall, projection", kept, 1.0, "", "every pattern is a minimum"),
        )
        fine = np.linspace(0.01, self.loads[-1], 64)
        arrays = {"loads": np.array(self.loads), "below": below, "theory": theory, "fine": fine}
        arrays["fine_theory"] = np.array([mean_field_overlap(load) for load in fine])
        for name, curve in found.items():
            arrays |= _summary(name, curve["overlap"])
        arrays |= {"start": 1 - 2 * np.array(FLIPPED), "sizes": np.array(self.sizes)}
        arrays |= {"half": capacity.half, "half_error": capacity.error}
        record = {"spins": spins, "capacity": capacity.infinite.to_dict(), "known": CAPACITY}
        record |= {"sizes": [f"{size}" for size in self.sizes], "basins": [f"{load:g}" for load in self.basins]}
        beliefs = tuple(_beliefs(numbers, list(found.values())))
        return Findings(_headline(capacity.infinite, spins), numbers, beliefs, arrays, record)


class _Ended(eqx.Module):
    """Where recalls ended, their energies before and after, and whether no spin would turn any more."""

    state: Float[Array, "recalls spins"]
    before: Float[Array, " recalls"]
    after: Float[Array, " recalls"]
    stable: Array


@eqx.filter_jit
def _ends(network: Hopfield, begin: Array, keys: Key) -> _Ended:
    state = jax.vmap(lambda one, key: network.recall(one, key=key))(begin, keys)
    energy = jax.vmap(network.energy)
    return _Ended(state, energy(begin), energy(state), jax.vmap(network.stable)(state))


class Capacity(NamedTuple):
    """At which load half of the patterns are lost.

    Attributes:
        infinite: of infinitely many spins, by extrapolation.
        half: for each size.
        error: of each.
    """

    infinite: Interval
    half: np.ndarray
    error: np.ndarray


def capacities(
    sizes: np.ndarray, loads: np.ndarray, overlaps: Sequence[np.ndarray], rng: np.random.Generator
) -> Capacity:
    r"""The load at which half of the patterns are recalled, $\alpha(N) = \alpha_c + c N^{-2/3}$, by least squares.

    Args:
        sizes: numbers of spins.
        loads: patterns for each spin, rising.
        overlaps: of the ends with the patterns, for each size of shape (loads, networks, recalls).
        rng: draws networks anew for the errors.

    Example:
        >>> recalled = np.array([[[1.0, 1.0]], [[1.0, 1.0]], [[0.3, 0.3]]])
        >>> found = capacities(
        ...     np.array([100, 200]), np.array([0.1, 0.12, 0.14]), [recalled, recalled], np.random.default_rng(0)
        ... )
        >>> found.half.round(6).tolist(), round(found.infinite.value, 6)
        ([0.13, 0.13], 0.13)
    """
    shares = [(overlap > RECALLED).mean(axis=2) for overlap in overlaps]
    half = np.array([_half(loads, share.mean(axis=1)) for share in shares])
    rounding = float(np.diff(loads).min()) / np.sqrt(12)
    error = np.array([np.hypot(np.std(_drawn(loads, share, rng)), rounding) for share in shares])
    design = np.stack([np.ones(len(sizes)), np.asarray(sizes, float) ** (-2 / 3)], axis=1) / error[:, None]
    best, *_ = np.linalg.lstsq(design, half / error)
    spread = float(np.sqrt(np.linalg.inv(design.T @ design)[0, 0]))
    return Capacity(normal(float(best[0]), spread, method="extrapolation"), half, error)


def _drawn(loads: np.ndarray, share: np.ndarray, rng: np.random.Generator) -> list[float]:
    """The same load for networks that are drawn anew."""
    networks = share.shape[1]
    picks = (rng.integers(networks, size=networks) for _ in range(REPLICAS))
    return [_half(loads, share[:, pick].mean(axis=1)) for pick in picks]


def _half(loads: np.ndarray, share: np.ndarray) -> float:
    """Where a falling share crosses one half, between the last load above it and the next."""
    above = np.flatnonzero(share >= 0.5)
    if not len(above) or above[-1] == len(loads) - 1:
        return float(loads[-1] if len(above) else loads[0])
    k = int(above[-1])
    return float(np.interp(0.5, share[[k + 1, k]], loads[[k + 1, k]]))


def _summary(name: str, overlap: np.ndarray) -> dict[str, np.ndarray]:
    """Mean overlap and its error from the scatter over networks, for each line, shape (lines,)."""
    each = overlap.mean(axis=2)
    return {f"{name}/overlap": each.mean(axis=1), f"{name}/error": each.std(axis=1, ddof=1) / np.sqrt(each.shape[1])}


def _overlaps(loads: np.ndarray, overlap: np.ndarray, theory: np.ndarray) -> Iterator[Number]:
    for load, found, known in zip(loads, overlap, theory, strict=True):
        each = mean_interval(found.mean(axis=1), "over networks")
        yield Number(f"overlap after recall, P = {load:g} N", each, float(known), "", "known: mean field, N infinite")


def _headline(capacity: Interval, spins: int) -> str:
    return (
        f"Hebb's couplings recall up to {capacity} random patterns for each spin, from up to {spins} spins;"
        f" mean-field theory says {CAPACITY}."
    )


def _beliefs(numbers: tuple[Number, ...], curves: list[Curve]) -> Iterator[Belief]:
    capacity, *overlaps, projection = numbers
    pull = abs(capacity.sigmas or 0.0)
    precise = capacity.value.error < 0.15 * CAPACITY
    mark = RED if pull > 4 else AMBER if pull > 2.5 or not precise else GREEN
    words = {
        GREEN: "It is that of statistical mechanics.",
        AMBER: "It is not known well, or a little off: take more networks, or more spins.",
        RED: "It is not that of statistical mechanics.",
    }
    yield Belief("Capacity", mark, f"{capacity.value} beside {CAPACITY} ({capacity.sigmas or 0:+.1f} σ)", words[mark])
    yield _theory(overlaps)
    perfect = float(projection.value.value)
    mark, sentence = (
        (GREEN, "All of them are minima.") if perfect > 1 - 1e-6 else (RED, "Some are no minima: that cannot be.")
    )
    yield Belief("Projection", mark, f"mean overlap {perfect:.6f}", sentence)
    rose = float(max((curve["after"] - curve["before"]).max() for curve in curves))
    still = float(np.mean([curve["stable"].mean() for curve in curves]))
    good = rose < 1e-2 and still > 0.99
    value = f"largest rise of an energy {max(rose, 0):.1g}; {still:.1%} of the ends are minima"
    sentence = "Every recall fell into a minimum." if good else "Some recalls did not end in a minimum: more sweeps."
    yield Belief("Energies", GREEN if good else RED, value, sentence)


def _theory(overlaps: list[Number]) -> Belief:
    """The overlap below capacity against the mean field."""
    away = [abs(number.value.value - number.reference) for number in overlaps]
    pulls = [abs(number.sigmas or 0.0) for number in overlaps]
    worst = int(np.argmax(away))
    good = max(min(pull, distance / 0.003) for pull, distance in zip(pulls, away, strict=True)) < 4
    sentence = (
        "Below capacity the overlap is that of the mean field." if good else "The overlap is not what it must be."
    )
    value = f"at most {away[worst]:.4f} away ({overlaps[worst].name.split(', ')[1]})"
    return Belief("Mean field", GREEN if good else RED, value, sentence)
