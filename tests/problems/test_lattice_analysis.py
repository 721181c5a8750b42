"""Errors of correlated series, finite-size scaling, and samples that carry their own quality."""

import dataclasses

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.problems import IsingStates, Phi4States, PottsStates, XYStates
from ansatz.problems.lattice import (
    Curve,
    Estimate,
    Ising,
    autocorrelation,
    binder_curve,
    blocks,
    collapse,
    combined_p_value,
    correlation_length,
    crossings,
    dataset,
    energy,
    energy_tests,
    jackknife,
    kernel_named,
    observe,
    simulate,
    square,
)
from ansatz.problems.lattice.exact import (
    critical_temperature,
    kaufman,
    magnetization_distribution,
    spontaneous_magnetization,
)

Z = 4.0


def autoregressive(rng, memory, chains, times):
    """Stationary series with rho(t) = memory^t, of unit variance."""
    series = np.empty((chains, times))
    series[:, 0] = rng.normal(size=chains)
    for t in range(1, times):
        series[:, t] = memory * series[:, t - 1] + np.sqrt(1 - memory**2) * rng.normal(size=chains)
    return series


@pytest.mark.parametrize("window", ["wolff", "sokal"])
@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_autocorrelation_time_of_a_known_process(window, memory):
    """tau = (1 + a) / 2 (1 - a)."""
    found = autocorrelation(autoregressive(np.random.default_rng(1), memory, 20, 4000), window=window)
    assert abs(found.time - (1 + memory) / (2 * (1 - memory))) < Z * found.error
    assert found.effective == pytest.approx(80_000 / (2 * found.time))


def test_a_constant_series_has_no_memory():
    assert autocorrelation(np.ones((3, 50))).time == 0.5


@pytest.mark.parametrize("chains", [1, 8, 40])
def test_errors_of_correlated_means_are_right(chains):
    """chi2 of the pulls of 100 experiments, of the mean and of its square."""
    rng = np.random.default_rng(2)
    pulls = []
    for _ in range(100):
        means = blocks(autoregressive(rng, 0.8, chains, 2000 // chains)[..., None] + 1.0)
        pulls.append([jackknife(means[:, 0]).pull(1.0), jackknife(means[:, 0], np.square).pull(1.0)])
    mean_square = np.mean(np.square(pulls), axis=0)
    # chains of 50 times cut into four blocks of 12 forget some of the memory
    assert np.all(np.abs(mean_square - 1.0) < 0.5)
    assert np.all(np.abs(np.mean(pulls, axis=0)) < Z / np.sqrt(100))


def test_jackknife_takes_the_bias_off():
    rng = np.random.default_rng(3)
    values = np.array([jackknife(rng.normal(1.0, 2.0, 20), np.square).value for _ in range(4000)])
    assert abs(values.mean() - 1.0) < Z * values.std() / np.sqrt(4000)


def test_correlation_length_of_a_gaussian_field():
    """S(k) = 1 / (k^2 + m^2) with k^2 = 4 sum sin^2, so xi is 1 / m exactly."""
    rng, side, mass = np.random.default_rng(4), 16, 0.4
    k = 4 * np.sin(np.pi * np.arange(side) / side) ** 2
    scale = 1 / np.sqrt(k[:, None] + k + mass**2)
    white = np.fft.fft2(rng.normal(size=(3000, side, side)))
    found = correlation_length(np.fft.ifft2(white * scale).real)
    assert abs(found.pull(1 / mass)) < Z


def test_observables_of_independent_spins():
    """Without interaction: C = 0, chi = (1 - 2 / pi) / T for many sites, U = 2 / 3 N."""
    rng, sites = np.random.default_rng(5), 400
    m = (2 * rng.binomial(sites, 0.5, (64, 500)) - sites) / sites
    found = observe(np.zeros((64, 500)), m, temperature=2.0, sites=sites)
    assert found.specific_heat.value == pytest.approx(0)
    assert abs(found.susceptibility.value - (1 - 2 / np.pi) / 2) < Z * found.susceptibility.error + 1e-3
    assert abs(found.binder.pull(2 / (3 * sites))) < Z


def test_estimates_print_two_digits_of_their_error():
    assert str(Estimate(-1.42170, 0.00083)) == "-1.42170 ± 0.00083"
    assert Estimate(1.0, 0.0).pull(1.0) == 0


def curves(rng, tc=2.27, nu=1.0, noise=0.002, sizes=(8, 16, 32), reach=0.07):
    t = np.linspace(2.27 - reach, 2.27 + reach, 9)
    return [
        Curve(L, t, 0.4 - 0.3 * np.tanh(0.4 * (t - tc) * L ** (1 / nu)) + noise * rng.normal(size=9), np.full(9, noise))
        for L in sizes
    ]


def test_crossings_and_collapse_find_a_known_critical_point():
    """Over 16 samples the pulls of T_c and 1 / nu have mean zero and variance one."""
    rng, pulls = np.random.default_rng(6), []
    for number in range(16):
        sample = curves(rng)
        fitted = collapse(sample, start=2.25)
        crossing = crossings(sample, replicas=100, key=jax.random.key(number))
        pulls.append([crossing.temperature.pull(2.27), fitted.temperature.pull(2.27), fitted.inverse_nu.pull(1.0)])
    assert np.all(np.abs(np.mean(pulls, axis=0)) < Z / 4)
    assert np.all(np.mean(np.square(pulls), axis=0) < 1 + Z * np.sqrt(2 / 16))
    assert np.all(np.mean(np.square(pulls), axis=0) > 0.2)


def test_collapse_with_a_known_exponent():
    fitted = collapse(
        curves(np.random.default_rng(7), nu=0.63, reach=0.01), start=2.26, inverse_nu=1 / 0.63, fixed=True
    )
    assert abs(fitted.temperature.pull(2.27)) < Z
    assert fitted.inverse_nu.error == 0
    assert abs(fitted.chi2 - fitted.degrees_of_freedom) < Z * np.sqrt(2 * fitted.degrees_of_freedom)


PROBLEM = IsingStates(size=8, temperatures=(1.8, 2.2, 3.0))


@pytest.fixture(scope="module")
def chains():
    return PROBLEM.simulate(jax.random.key(0), 200)


@pytest.fixture(scope="module")
def sample(chains):
    return dataset(chains, 200, label="phase", key=jax.random.key(1))


def test_a_sample_carries_its_quality(sample):
    assert sample.x.shape == (200, 8, 8)
    assert sample.classes == ("disordered", "ordered")
    temperature = sample.observers["temperature"]
    np.testing.assert_array_equal(sample.y, temperature < critical_temperature())
    assert sorted(np.unique(temperature, return_counts=True)[1]) == [66, 67, 67]
    np.testing.assert_allclose(sample.observers["energy"], energy(Ising(), square(8), sample.x), atol=1e-5)
    np.testing.assert_allclose(sample.observers["magnetization"], sample.x.mean(axis=(1, 2)), atol=1e-6)
    assert np.all(np.abs(sample.observers["energy_pull"]) < Z)
    assert np.all(sample.observers["autocorrelation_time"] > 0)
    assert len({(t, round(p, 6)) for t, p in zip(temperature, sample.observers["energy_pull"], strict=True)}) == 3
    # every chain gives one state before any gives two
    assert np.unique(sample.observers["chain"], return_counts=True)[1].max() <= 2


def test_both_signs_are_equally_likely_below_the_transition(sample):
    order = sample.observers["magnetization"][sample.y == 1]
    assert abs(np.sum(order > 0) - len(order) / 2) < Z * np.sqrt(len(order)) / 2


def test_labels_and_tables(chains):
    data = dataset(chains, 50, label="energy", flat=True, key=jax.random.key(1))
    assert data.x.shape == (50, 64)
    assert data.task == IsingStates(label="energy").task == "regression"
    np.testing.assert_array_equal(data.y, data.observers["energy"])
    assert IsingStates(label="none").task == "none"
    assert IsingStates(size=5, temperatures=(2.0,)).task == "classification"


def test_a_problem_draws_its_chains(chains):
    data = PROBLEM.draw(jax.random.key(0), 200)
    again = PROBLEM.draw(jax.random.key(0), 200)
    assert (data.task, data.classes, len(data)) == (PROBLEM.task, ("disordered", "ordered"), 200)
    np.testing.assert_array_equal(data.x, again.x)


def test_quality_of_chains_that_are_right_and_of_chains_that_are_not(chains):
    tests = energy_tests(chains)
    assert all(abs(test.pull) < Z and abs(test.drift) < Z and test.origin == "Kaufman" for test in tests)
    assert combined_p_value(tests) > 1e-4
    hotter = np.where(chains.temperature == 1.8, 1.9, chains.temperature)
    wrong = energy_tests(dataclasses.replace(chains, temperature=hotter))
    assert abs(wrong[0].pull) > 5
    assert combined_p_value(wrong) < 1e-4
    with pytest.raises(InputError, match="more than the 64 chains have kept"):
        dataset(chains, 10_000, key=jax.random.key(3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: IsingStates(size=7, method="metropolis"), "has one of 7"),
        (lambda: IsingStates(temperatures=(-1.0,)), "a temperature is a positive number, not -1"),
        (lambda: IsingStates(temperatures=()), "temperatures is empty"),
        (lambda: IsingStates(label="phases"), "not 'phases'; did you mean 'phase'"),
        (lambda: IsingStates(field=0.5), "orders is not known; take label = 'temperature'"),
        (lambda: IsingStates(lattice="cube"), "did you mean 'cubic'"),
        (lambda: IsingStates(chains=0), "chains is a count, one or more, not 0"),
        (lambda: IsingStates(spacing=0), "spacing is a count"),
        (lambda: IsingStates(warmup=-1), "zero or more, not -1"),
        (lambda: PottsStates(method="heat-baht"), "did you mean 'heat-bath'"),
        (lambda: XYStates(method="heat-bath"), "for xy use metropolis"),
        (lambda: Phi4States(label="phase"), "phi4: where this square lattice orders is not known"),
        (lambda: autocorrelation(np.ones((3, 1))), "at least two measurements"),
        (lambda: autocorrelation(np.ones((3, 5)), window="gamma"), "'wolff' or 'sokal', not 'gamma'"),
        (lambda: jackknife(np.ones(1)), "two blocks or more"),
        (lambda: crossings(curves(np.random.default_rng(0))[:1], key=jax.random.key(0)), "two sizes or more"),
        (lambda: crossings(curves(np.random.default_rng(0), tc=2.6), key=jax.random.key(0)), "widen it"),
        (lambda: collapse(curves(np.random.default_rng(0))[:1], start=2.2), "two sizes and more than"),
        (lambda: Curve(8, np.ones(3), np.ones(3), np.zeros(3)), "positive errors"),
        (lambda: correlation_length(np.ones((4, 4, 6))), "equal sides"),
    ],
)
def test_bad_input_is_one_line(make, message):
    with pytest.raises(InputError, match=message):
        make()


TWELVE = (1.0, 1.4, 1.8, 2.0, 2.1, 2.2, 2.269, 2.35, 2.5, 2.8, 3.2, 4.0)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "method"), [(8, "metropolis"), (16, "metropolis"), (40, "metropolis"), (40, "wolff")])
def test_twelve_temperatures(size, method):
    """Energy, specific heat and |m| within 3 sigma of the exact answers, and chi2 of the pulls right.

    |m| is known exactly at L = 8 (transfer matrix), and on larger lattices where their size does not matter.
    """
    run = {"chains": 128, "measurements": 1000, "spacing": 100, "every": 2 if method == "wolff" else max(1, size // 4)}
    chains = simulate(Ising(), square(size), TWELVE, method=method, warmup=300, key=jax.random.key(size), **run)
    pulls = []
    for found in chains.observables():
        exact = kaufman(found.temperature, size)
        pulls += [found.energy.pull(exact.energy), found.specific_heat.pull(exact.specific_heat)]
        order = exact_order(found.temperature, size)
        pulls += [] if order is None else [found.magnetization.pull(order)]
    pulls = np.array(pulls)
    print(size, method, "largest pull", np.abs(pulls).max(), "chi2", np.sum(pulls**2), "of", len(pulls))
    assert np.sum(np.abs(pulls) > 3) <= 1
    assert np.abs(pulls).max() < Z
    assert abs(np.sum(pulls**2) - len(pulls)) < 3 * np.sqrt(2 * len(pulls))


def exact_order(temperature, size):
    """The mean |m| where it is known: L = 8, or ten correlation lengths and more below the transition."""
    if size == 8:
        m, p = magnetization_distribution(temperature, 8)
        return p @ np.abs(m)
    walls = 2 / temperature + np.log(np.tanh(1 / temperature))
    return spontaneous_magnetization(temperature) if size * walls > 5 else None


@pytest.mark.slow
def test_binder_crossings_find_the_critical_temperature():
    """Within two standard errors of 2 / ln(1 + sqrt 2), and better than 0.3 %."""
    tc, temperatures = critical_temperature(), np.linspace(2.2, 2.34, 8)
    found = []
    for size in (16, 24, 32, 48):
        run = {"chains": 64, "measurements": 600, "spacing": 100, "warmup": 200}
        key = jax.random.key(size)
        chains = simulate(Ising(), square(size), temperatures, method="metropolis+wolff", key=key, **run)
        found.append(binder_curve(size, chains.observables()))
    point = crossings(found, key=jax.random.key(1))
    fitted = collapse(found, start=2.25)
    print("crossings", point, "collapse", fitted)
    for estimate in (point.temperature, fitted.temperature):
        assert abs(estimate.pull(tc)) < 2
        assert abs(estimate.value / tc - 1) < 0.003
        assert estimate.error < 0.003 * tc
    assert abs(fitted.inverse_nu.pull(1.0)) < 3


@pytest.mark.slow
def test_samplers_agree_on_the_magnetization_near_the_transition():
    """Three algorithms that share no line of the update: L = 40 at three temperatures."""
    temperatures = (2.2, 2.269, 2.35)
    found = {}
    for method in ("metropolis", "wolff", "swendsen-wang"):
        run = {"chains": 64, "measurements": 400, "every": 10 if method == "metropolis" else 2, "spacing": 50}
        chains = simulate(Ising(), square(40), temperatures, method=method, key=jax.random.key(9), **run)
        found[method] = [o.magnetization for o in chains.observables()]
    for first, second in (("metropolis", "wolff"), ("wolff", "swendsen-wang")):
        for a, b in zip(found[first], found[second], strict=True):
            assert abs(a.value - b.value) < Z * np.hypot(a.error, b.error)


def test_auto_takes_what_the_lattice_allows():
    assert kernel_named("auto", Ising(), square(4)).seed_shape == (4 + 3, 4)
    assert kernel_named("auto", Ising(), square(5)).seed_shape == (3, 4)
