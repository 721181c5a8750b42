"""Samplers draw from the Boltzmann distribution: each against an exact answer, within stated standard errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import ive

from ansatz.errors import InputError
from ansatz.problems.lattice import (
    METHODS,
    XY,
    Checkerboard,
    Clusters,
    Flood,
    Ising,
    Lattice,
    Multispin,
    Phi4,
    Potts,
    chain,
    cubic,
    energy,
    kernel_named,
    lattice_named,
    simulate,
    square,
    triangular,
)
from ansatz.problems.lattice.exact import enumerate_states, kaufman, magnetization_distribution, triangular_energy
from ansatz.problems.lattice.observables import moments
from ansatz.problems.lattice.sampling import words
from ansatz.problems.lattice.sampling.sublattices import merge, neighbors, parities, split

Z = 4.0


def mean_and_error(series):
    """Mean over independent chains of the means of their times."""
    chains = np.asarray(series, float).mean(axis=1)
    return chains.mean(axis=0), chains.std(axis=0, ddof=1) / np.sqrt(len(chains))


def agrees(series, truth):
    mean, error = mean_and_error(series)
    return np.all(np.abs(mean - truth) < Z * error + 1e-6)


def run(model, lattice, temperature, method, seed=0, chains=256, measurements=60, **options):
    return simulate(
        model,
        lattice,
        np.atleast_1d(temperature),
        chains=chains,
        method=method,
        measurements=measurements,
        spacing=20,
        warmup=40,
        key=jax.random.key(seed),
        **options,
    )


def check_enumeration(model, lattice, temperature, method, **options):
    chains = run(model, lattice, temperature, method, **options)
    exact = enumerate_states(model, lattice).moments(temperature)
    assert agrees(moments(chains.energy, chains.order), exact)


QUICK = [
    (Ising((1.0, 0.6), 0.3), square(4), 2.0, "metropolis"),
    (Ising((1.0, 0.7)), square(3, 5), 2.0, "wolff"),
    (Potts(3, field=0.2), square(2, 4), 1.0, "heat-bath"),
    (Potts(3), square(3), 1.0, "swendsen-wang"),
]
SLOW = [
    (Ising(), square(4), 2.269, "heat-bath"),
    (Potts(3), square(2, 4), 1.0, "metropolis"),
    (Ising(), square(4), 2.269, "metropolis"),
    (Ising(), square(4), 1.5, "swendsen-wang"),
    (Ising(), square(4), 2.269, "metropolis+wolff"),
    (Ising(-1.0), square(4), 2.269, "wolff"),
    (Ising(-1.0, 0.5), square(4), 2.0, "metropolis"),
    (Ising((1.0, 0.7, -0.3)), triangular(4), 2.5, "metropolis"),
    (Ising(), triangular(4), 3.6, "wolff"),
    (Ising(-1.0), triangular(4), 1.0, "heat-bath"),
    (Ising(), Lattice((2, 2, 4), cubic(2).bonds), 4.5, "metropolis"),
    (Ising(), Lattice((2, 2, 4), cubic(2).bonds), 4.5, "wolff"),
    (Ising(field=0.4), chain(10), 1.0, "metropolis"),
    (Ising(), chain(9), 1.0, "wolff"),
    (Potts(4), square(3), 0.9, "wolff"),
    (Potts(2), square(4), 1.1345, "heat-bath"),
]


@pytest.mark.parametrize(("model", "lattice", "temperature", "method"), QUICK)
def test_small_lattices_agree_with_enumeration(model, lattice, temperature, method):
    check_enumeration(model, lattice, temperature, method)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "lattice", "temperature", "method"), SLOW)
def test_more_small_lattices_agree_with_enumeration(model, lattice, temperature, method):
    check_enumeration(model, lattice, temperature, method, chains=1024)


@pytest.mark.slow
def test_every_state_of_a_small_lattice_has_its_probability():
    """All 65,536 states of the 4 x 4 lattice, by chi2 over states that are expected 20 times or more."""
    chains = run(Ising(), square(4), 2.0, "metropolis", chains=65536, measurements=100)
    exact = enumerate_states(Ising(), square(4)).probability(2.0)
    states = chains.states[:, -1].reshape(65536, 16) > 0
    counts = np.bincount(states @ (1 << np.arange(16)[::-1]), minlength=65536)
    expected = exact * 65536
    often = expected >= 20
    observed = np.append(counts[often], counts[~often].sum())
    wanted = np.append(expected[often], expected[~often].sum())
    chi2, freedom = np.sum((observed - wanted) ** 2 / wanted), len(wanted) - 1
    assert abs(chi2 - freedom) < Z * np.sqrt(2 * freedom)


@pytest.mark.slow
def test_parallel_tempering_keeps_every_temperature_exact():
    temperatures = (1.2, 1.8, 2.6, 4.0)
    chains = run(Ising(), square(4), temperatures, "metropolis", exchange=True, chains=128)
    exact = enumerate_states(Ising(), square(4))
    for temperature in temperatures:
        part = chains.at(temperature)
        assert agrees(moments(part.energy, part.order), exact.moments(temperature))
        last = np.asarray(energy(Ising(), square(4), jnp.asarray(part.states[:, -1])))
        np.testing.assert_allclose(last, part.energy[:, -1], atol=1e-5)
    pairs = zip(temperatures[:-1], temperatures[1:], strict=True)
    for found, (low, high) in zip(chains.exchanges, pairs, strict=True):
        rate = exchange_rate(exact, low, high)
        assert abs(found - rate) < Z * np.sqrt(rate * (1 - rate) / (128 * 10))


def exchange_rate(exact, low, high):
    """Mean of min(1, exp((beta - beta') (E - E'))) over two independent states."""
    energies, p = exact.distribution("energy", low)
    q = exact.distribution("energy", high)[1]
    gain = (1 / low - 1 / high) * 16 * (energies[:, None] - energies)
    return float(p @ np.minimum(1, np.exp(gain)) @ q)


@pytest.mark.parametrize("method", ["metropolis", "wolff"])
def test_a_ring_of_xy_spins_has_the_energy_of_bessel_functions(method):
    """Z = sum over n of I_n(beta)^L."""
    beta, size, n = 1 / 0.7, 6, np.arange(-30, 31)
    bessel, slope = ive(n, beta), (ive(n - 1, beta) + ive(n + 1, beta)) / 2
    exact = -np.sum(bessel ** (size - 1) * slope) / np.sum(bessel**size)
    chains = run(XY(), chain(size), 0.7, method, seed=3)
    assert agrees(chains.energy, exact)


def test_the_free_field_has_its_propagator():
    """<S> = N / 2, and <m^2> = 1 / (N m^2), the propagator at zero momentum."""
    model, lattice = Phi4(0.7, 0.0), square(4)
    chains = run(model, lattice, 1.0, "metropolis", seed=4, every=4)
    assert agrees(chains.energy, 0.5)
    assert agrees(chains.order**2, 1 / (16 * 0.7))
    momentum = 2 - 2 * np.cos(2 * np.pi * np.arange(4) / 4)
    exact = np.mean(1 / (momentum[:, None] + momentum + 0.7))
    assert agrees(np.mean(chains.states**2, axis=(2, 3)), exact)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["metropolis", "swendsen-wang+metropolis"])
def test_interacting_fields_obey_schwinger_and_dyson(method):
    """<phi dS/dphi> = 1 at each site."""
    model, lattice = Phi4(-1.0, 0.25), square(8)
    chains = run(model, lattice, 1.0, method.split("+")[-1], seed=5, every=5)
    phi = chains.states.astype(float)
    around = sum(np.roll(phi, shift, axis) for shift in (1, -1) for axis in (2, 3))
    slope = 4 * phi - around + model.mass_squared * phi + 4 * model.quartic * phi**3
    assert agrees(np.mean(phi * slope, axis=(2, 3)), 1.0)


@pytest.mark.slow
def test_xy_spins_have_their_configurational_temperature():
    """T <d2E/dtheta2> = <(dE/dtheta)^2> at each site."""
    chains = run(XY(), square(8), 0.9, "metropolis", seed=6, every=5)
    theta = chains.states.astype(float)
    apart = [theta - np.roll(theta, shift, axis) for shift in (1, -1) for axis in (2, 3)]
    slope, curvature = sum(np.sin(a) for a in apart), sum(np.cos(a) for a in apart)
    assert agrees(np.mean(slope**2 - 0.9 * curvature, axis=(2, 3)), 0.0)


def test_energy_magnetization_and_specific_heat_at_several_temperatures():
    """Pulls of 4 x 4 lattices against Kaufman and the transfer matrix, and their chi2."""
    temperatures = (1.2, 1.8, 2.6, 4.0)
    chains = run(Ising(), square(4), temperatures, "metropolis", exchange=True, seed=7, chains=128, measurements=400)
    pulls = pulls_of(chains, {t: exact_four(t) for t in temperatures})
    assert np.abs(pulls).max() < Z
    assert abs(np.sum(pulls[:, 0] ** 2) - 4) < Z * np.sqrt(8)


def exact_four(temperature):
    m, p = magnetization_distribution(temperature, 4)
    return kaufman(temperature, 4), p @ np.abs(m)


def pulls_of(chains, exact):
    """Pulls of energy, specific heat and |m|, shape (temperatures, 3)."""
    return np.array(
        [
            (
                o.energy.pull(exact[o.temperature][0].energy),
                o.specific_heat.pull(exact[o.temperature][0].specific_heat),
                o.magnetization.pull(exact[o.temperature][1]),
            )
            for o in chains.observables()
        ]
    )


@pytest.mark.slow
def test_triangular_lattice_far_from_its_transition():
    chains = run(Ising(), triangular(24), (2.4, 5.5), "metropolis", seed=8, chains=64)
    for temperature in (2.4, 5.5):
        assert agrees(chains.at(temperature).energy, triangular_energy(temperature))


def test_the_same_key_gives_the_same_chains():
    first, again, other = (run(Potts(3, field=0.2), square(2, 4), 2.0, "heat-bath", seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.states, again.states)
    assert (first.states != other.states).any()


@pytest.mark.slow
def test_replicas_share_no_random_numbers():
    """At infinite temperature two replicas agree on half of their spins, whatever word and bit they are in."""
    chains = run(Ising(), square(8), 1e6, "heat-bath", chains=192, measurements=20)
    spins = chains.states[:, 0].reshape(192, -1).astype(float)
    overlap = spins @ spins.T / 64
    between = overlap[np.triu_indices(192, 1)] * 8
    assert np.abs(between).max() < 6
    assert abs(between.var() - 1) < Z * np.sqrt(2 / len(between))


@pytest.mark.parametrize("lattice", [chain(6), square(4, 6), triangular(4), cubic(4)], ids=lambda lattice: lattice.name)
def test_sublattices_hold_all_sites_and_know_their_neighbors(lattice):
    number = jnp.arange(lattice.sites).reshape(1, *lattice.shape)

    @jax.jit
    def seen(number):
        parts = split(lattice, number)
        everywhere = [[neighbors(lattice, parts, part, b) for b in lattice.bonds] for part in range(len(parts))]
        return merge(lattice, parts), everywhere

    merged, everywhere = seen(number)
    np.testing.assert_array_equal(merged, number)
    for place, bond in enumerate(lattice.bonds):
        shifted = np.roll(np.asarray(number[0]), [-b for b in bond], axis=range(lattice.dimension))
        for part, parity in enumerate(parities(lattice)):
            expected = shifted[tuple(slice(p, None, 2) for p in parity)]
            np.testing.assert_array_equal(everywhere[part][place].ravel(), expected.ravel())
            # no site of a part is bound to another of the same part
            assert not set(expected.ravel()) & set(
                np.asarray(number)[0][tuple(slice(p, None, 2) for p in parity)].ravel()
            )


@pytest.mark.parametrize("kind", [Multispin, Flood, Clusters, Checkerboard])
def test_packing_loses_nothing_and_measures_what_is_there(kind):
    model, lattice = Ising((1.0, 0.5)), square(4, 6)
    states = Ising().hot(jax.random.uniform(jax.random.key(0), (70, 4, 6)))
    kernel = kind(model, lattice)

    @jax.jit
    def there_and_back(states):
        packed = kernel.pack(states)
        return kernel.unpack(packed, 70), kernel.measure(packed, 70)

    again, (found, order) = there_and_back(states)
    np.testing.assert_array_equal(again, states)
    np.testing.assert_allclose(found[:70], energy(model, lattice, states), atol=1e-5)
    np.testing.assert_allclose(order[:70], np.mean(states, axis=(1, 2)), atol=1e-6)


def test_ones_are_counted():
    bits = np.random.default_rng(0).random((900, 64)) < 0.3
    packed = words.pack_bits(jnp.asarray(bits))
    count = jax.jit(words.count_ones)
    np.testing.assert_array_equal(count(packed).ravel(), bits.sum(axis=0))
    full = jnp.full((1000, 1), 0xFFFFFFFF, jnp.uint32)
    np.testing.assert_array_equal(count(full).ravel(), np.full(32, 1000))


def test_chances_have_their_probability():
    probability = np.tile([0.0, 1e-3, 0.25, 0.5, 0.9, 1.0, 1 / 3, 0.7], 4)
    tables = words.digits(jnp.asarray(probability)[None])
    rows = 40_000
    seed = jnp.arange(4, dtype=jnp.uint32)
    bits = jax.jit(lambda t: words.chances(words.lanes(seed, (rows, 1)), t[:, :, None, :])[1][0])(tables)
    found = words.unpack_bits(bits).mean(axis=0)
    assert np.all(np.abs(found - probability) <= 4.5 * np.sqrt(probability * (1 - probability) / rows) + 1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_kernel(method):
    for model in (Ising(), Potts(3), XY(), Phi4()):
        if method == "heat-bath" and model.values is None:
            continue
        assert kernel_named(method, model, square(4)).lattice == square(4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Multispin(Ising(), square(7)),
            "a checkerboard needs even sides, but square lattice has one of 7; take 8",
        ),
        (lambda: Checkerboard(XY(), square(4, 5)), "has one of 5"),
        (lambda: Checkerboard(XY(), square(4), "heat-bath"), "needs spins with a few values; for xy use metropolis"),
        (lambda: Multispin(Ising(), square(4), "metropolos"), "not 'metropolos'; did you mean 'metropolis'"),
        (lambda: Flood(Ising(field=1.0), square(4)), "without a field"),
        (lambda: Clusters(Potts(3, field=1.0), square(4)), "without a field; use metropolis or heat-bath"),
        (lambda: Clusters(Ising(), square(4), "wollf"), "'swendsen-wang' or 'wolff', not 'wollf'"),
        (lambda: kernel_named("wollf", Ising(), square(4)), "did you mean 'wolff'"),
        (lambda: square(1), "two sites or more, not"),
        (lambda: lattice_named("squar", 4), "did you mean 'square'"),
        (lambda: Ising((1.0,)).couplings(square(4)), "2 bond directions, but 1 couplings came"),
        (lambda: Ising(float("inf")), "a coupling is a finite number"),
        (lambda: Potts(1), "from 2 to 127, not 1"),
        (lambda: XY(step=4.0), "between 0 and pi"),
        (lambda: Phi4(-1.0, 0.0), "no minimum"),
        (lambda: run(Ising(), square(4), -2.0, "metropolis"), "a temperature is a positive number, not -2"),
        (lambda: run(Ising(), square(4), 0.0, "metropolis"), "a temperature is a positive number, not 0"),
        (lambda: run(Ising(), square(4), (), "metropolis"), "temperatures is empty"),
        (lambda: run(Ising(), square(4), (2.0, 2.0), "metropolis"), "given twice"),
        (lambda: run(Ising(), square(4), 2.0, "metropolis", chains=0), "chains is a count, one or more, not 0"),
        (lambda: run(Ising(), square(4), 2.0, "metropolis", start="cold"), "'ordered' or 'random', not 'cold'"),
    ],
)
def test_bad_input_is_one_line(make, message):
    with pytest.raises(InputError, match=message):
        make()
