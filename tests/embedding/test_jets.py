"""Jets by the metric of four-momenta: the definition itself, and FastJet where it is installed."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.embedding import FourMomenta, cluster_jets
from ansatz.errors import InputError
from ansatz.training import CLUSTERING

POWER = {"kt": 1, "cambridge-aachen": 0, "anti-kt": -1}


def events(count, *, particles=(20, 60), seed=1):
    """A few jets of particles each, over soft ones all around, as (E, px, py, pz)."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        parts = []
        for _ in range(rng.integers(2, 6)):
            n = rng.integers(4, 20)
            pt = (rng.exponential(60.0) + 20.0) * rng.dirichlet(np.ones(n))
            y, phi = rng.normal(0, 1.5), rng.uniform(-np.pi, np.pi)
            parts.append(np.c_[pt, rng.normal(y, 0.15, n), rng.normal(phi, 0.15, n)])
        n = rng.integers(*particles)
        parts.append(np.c_[rng.exponential(0.8, n), rng.uniform(-4, 4, n), rng.uniform(-np.pi, np.pi, n)])
        pt, y, phi = np.concatenate(parts).T
        mt = np.hypot(pt, rng.choice([0.0, 0.14], len(pt)))
        yield np.c_[mt * np.cosh(y), pt * np.cos(phi), pt * np.sin(phi), mt * np.sinh(y)]


def by_definition(momenta, radius, power):
    """All pairs are looked at again after every merge."""
    alive, jets = [(p, frozenset([i])) for i, p in enumerate(momenta)], []
    while alive:
        pt2 = np.array([p[1] ** 2 + p[2] ** 2 for p, _ in alive]) ** power
        best = (pt2.min(), int(pt2.argmin()), None)
        for i in range(len(alive)):
            for j in range(i):
                apart = FourMomenta().between(alive[i][0], alive[j][0]) ** 2
                best = min(best, (min(pt2[i], pt2[j]) * apart / radius**2, i, j), key=lambda pair: pair[0])
        _, i, j = best
        if j is None:
            jets.append(alive.pop(i)[1])
        else:
            (a, inside), (b, others) = alive.pop(i), alive.pop(j)
            alive.append((a + b, inside | others))
    return set(jets)


@pytest.mark.parametrize("algorithm", POWER)
def test_they_follow_the_definition(algorithm):
    [event] = events(1, particles=(5, 6))
    jets = cluster_jets(event[:25], radius=0.7, algorithm=algorithm)
    ours = {frozenset(np.flatnonzero(jets.group == k).tolist()) for k in range(len(jets))}
    assert ours == by_definition(event[:25], 0.7, POWER[algorithm])


@pytest.mark.parametrize(("algorithm", "count"), [("anti-kt", 1000), ("kt", 100), ("cambridge-aachen", 100)])
def test_they_are_those_of_fastjet(algorithm, count):
    fastjet = pytest.importorskip("fastjet", reason="FastJet is not installed")
    name = {"anti-kt": "antikt", "kt": "kt", "cambridge-aachen": "cambridge"}[algorithm]
    definition = fastjet.JetDefinition(getattr(fastjet, f"{name}_algorithm"), 0.4)
    for event in events(count):
        particles = [fastjet.PseudoJet(px, py, pz, e) for e, px, py, pz in event.tolist()]
        sequence = fastjet.ClusterSequence(particles, definition)
        theirs = fastjet.sorted_by_pt(sequence.inclusive_jets(5.0))
        ours = cluster_jets(event, radius=0.4, algorithm=algorithm, least_pt=5.0)
        expected = np.array([[j.e(), j.px(), j.py(), j.pz()] for j in theirs]).reshape(-1, 4)
        np.testing.assert_allclose(ours.momentum, expected, rtol=1e-9, atol=1e-9)


def test_the_momentum_of_a_jet_is_that_of_its_particles():
    for event in events(5, seed=3):
        jets = cluster_jets(event)
        sums = np.stack([event[jets.group == k].sum(axis=0) for k in range(len(jets))])
        np.testing.assert_allclose(jets.momentum, sums, rtol=1e-12, atol=1e-9)
        np.testing.assert_allclose(jets.momentum.sum(axis=0), event.sum(axis=0), rtol=1e-12, atol=1e-9)


def test_a_soft_particle_and_a_collinear_split_change_no_hard_jet():
    """What makes a jet algorithm safe in perturbation theory."""
    [event] = events(1, seed=4)
    hard = cluster_jets(event, least_pt=10.0)
    hardest = int(np.argmax(np.hypot(event[:, 1], event[:, 2])))
    split = np.concatenate([np.delete(event, hardest, 0), 0.3 * event[[hardest]], 0.7 * event[[hardest]]])
    soft = np.concatenate([event, [[1e-9, 1e-9, 0.0, 0.0]]])
    for changed in (split, soft):
        np.testing.assert_allclose(cluster_jets(changed, least_pt=10.0).momentum, hard.momentum, rtol=1e-6)


def test_k_means_with_the_same_metric_finds_two_back_to_back_jets():
    rng = np.random.default_rng(0)
    phi = np.concatenate([rng.normal(3.1, 0.1, 20), rng.normal(0.0, 0.1, 20)])
    event = np.c_[np.ones(40) * 2, 2 * np.cos(phi), 2 * np.sin(phi), np.zeros(40)]
    fit = CLUSTERING["k-means"](clusters=2, metric="four-momenta")(
        Dataset(event, columns=("E", "px", "py", "pz")), jax.random.key(0)
    )
    group = fit.predict(event)
    assert len(set(group[:20])) == len(set(group[20:])) == 1
    assert group[0] != group[-1]


@pytest.mark.parametrize(
    ("momenta", "options", "message"),
    [
        (np.ones((2, 3)), {}, "columns E, px, py, pz"),
        (np.full((2, 4), np.nan), {}, "NaN or infinite"),
        (np.ones((2, 4)), {"radius": 0.0}, "radius of a jet is positive"),
        (np.ones((2, 4)), {"algorithm": "antikt"}, "did you mean 'anti-kt'"),
    ],
)
def test_bad_input_gives_one_clear_line(momenta, options, message):
    with pytest.raises(InputError, match=message):
        cluster_jets(momenta, **options)


def test_an_empty_event_has_no_jets():
    assert len(cluster_jets(np.zeros((0, 4)))) == 0
