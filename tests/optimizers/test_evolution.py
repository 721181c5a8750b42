"""Optimizers without gradients: CMA-ES, differential evolution, genetic algorithm; bounds; black boxes."""

import concurrent.futures

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

from ansatz.errors import InputError
from ansatz.models import MLP, partition
from ansatz.optimizers import CMAES, BlackBox, DifferentialEvolution, GeneticAlgorithm, Stop, minimize
from ansatz.optimizers.evolution.cma import Gaussian, numbers
from ansatz.optimizers.evolution.generations import fold

KEY = jax.random.key(0)


def ellipsoid(points):
    return (points**2) @ np.geomspace(1, 1e6, points.shape[1])


def rastrigin(points):
    return (points**2 + 10 * (1 - np.cos(2 * np.pi * points))).sum(axis=1)


def black(function):
    return BlackBox(function, batched=True)


def gaussian(n, count, **options):
    separable = options.pop("separable", False)
    own = numbers(n, count, separable=separable, **options)
    return Gaussian(
        np.ones(n), np.ones(n), own, np.random.default_rng(0), separable=separable, width=1e-11, spread=1e-11
    )


@pytest.mark.parametrize(("n", "count"), [(2, 6), (10, 10), (40, 200)])
def test_the_weights_of_the_ranks_are_those_of_the_theory(n, count):
    """Positive ones sum to one; with the negative ones the covariance neither decays nor loses its sign."""
    own = numbers(n, count)
    assert own.weights[own.weights > 0].sum() == pytest.approx(1)
    assert (own.weights > 0).sum() == count // 2
    assert own.mass == pytest.approx(1 / (own.weights[own.weights > 0] ** 2).sum())
    minus = -own.weights[own.weights < 0].sum()
    assert n * own.many_rate * minus <= (1 - own.one_rate - own.many_rate) * (1 + 1e-12)
    assert own.norm == pytest.approx(np.sqrt(2) * np.exp(log_gamma_ratio(n)), rel=0.01)


def log_gamma_ratio(n):
    """Of the gamma functions of (n + 1) / 2 and n / 2: the mean length of a normal vector over root two."""
    return scipy.special.gammaln((n + 1) / 2) - scipy.special.gammaln(n / 2)


def test_without_selection_the_step_size_does_not_drift():
    """On random values the logarithm of sigma walks without bias; 4 standard errors over 60 walks."""
    drift = []
    for seed in range(60):
        cloud = gaussian(5, 8)
        cloud.draws = np.random.default_rng(seed)
        for _ in range(50):
            cloud.ask()
            cloud.tell(cloud.draws.uniform(size=8))
        drift.append(np.log(cloud.sigma))
    assert abs(np.mean(drift)) < 4 * np.std(drift) / np.sqrt(60) + 0.05


def test_the_covariance_learns_the_inverse_of_the_hessian():
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
    hessian = rotation @ np.diag([1.0, 10.0, 100.0, 1000.0]) @ rotation.T
    cloud = gaussian(4, 12)
    for _ in range(150):
        points = cloud.ask()
        cloud.tell(np.einsum("ij,jk,ik->i", points, hessian, points))
    product = np.linalg.eigvalsh(cloud.covariance @ hessian).real
    assert product.max() / product.min() < 12


@pytest.mark.parametrize("options", [{}, {"active": False}, {"population": 20}], ids=str)
def test_an_ill_conditioned_ellipsoid_is_solved_at_the_known_cost(options):
    """In ten dimensions published runs take between 3,500 and 6,500 evaluations to 1e-8 (arXiv:1604.00772)."""
    end = minimize(
        black(ellipsoid),
        np.full(10, 1.5),
        optimizer=CMAES(sigma=1.0, **options),
        stop=Stop(evaluations=20_000, target=1e-8),
        key=KEY,
    )
    assert end.stopped == "target"
    assert end.evaluations[-1] < 9_000


def test_the_separable_form_solves_many_parameters():
    end = minimize(
        black(ellipsoid),
        np.full(100, 1.5),
        optimizer=CMAES(sigma=1.0, separable=True),
        stop=Stop(evaluations=100_000, target=1e-8),
        key=KEY,
    )
    assert end.stopped == "target"


@pytest.mark.parametrize("restarts", ["ipop", "bipop"])
def test_restarts_find_the_lowest_of_many_minima(restarts):
    end = minimize(
        black(rastrigin),
        np.full(5, 3.2),
        optimizer=CMAES(sigma=2.0, restarts=restarts, region=(-4.0, 4.0)),
        stop=Stop(evaluations=100_000, target=1e-8),
        key=KEY,
    )
    assert end.stopped == "target"
    np.testing.assert_allclose(end.theta, 0, atol=1e-4)


def test_a_run_ends_by_itself_and_says_so():
    end = minimize(black(lambda p: 3 + (p**2).sum(axis=1)), np.ones(3), optimizer=CMAES(), key=KEY)
    assert end.converged
    assert end.evaluations[-1] < 3_000
    np.testing.assert_allclose(end.theta, 0, atol=1e-5)


@pytest.mark.parametrize("optimizer", [CMAES(), DifferentialEvolution()], ids=lambda o: type(o).__name__)
def test_a_minimum_on_the_wall_is_found(optimizer):
    """The lowest point of the plane x + 2 y in the box is its lower corner."""
    seen = []

    def plane(points):
        seen.append(points)
        return points @ np.array([1.0, 2.0])

    end = minimize(
        black(plane), np.zeros(2), optimizer=optimizer, bounds=(-1, (2, 3)), stop=Stop(evaluations=4_000), key=KEY
    )
    np.testing.assert_allclose(end.theta, [-1, -1], atol=1e-6)
    inside = np.concatenate(seen)
    assert (inside >= -1).all()
    assert (inside <= [2, 3]).all()


def test_folding_is_continuous_and_stays_inside():
    box = (np.array([-1.0]), np.array([2.0]))
    x = np.linspace(-20, 20, 100_001)[:, None]
    folded = fold(x, box)
    assert folded.min() == pytest.approx(-1, abs=1e-9)
    assert folded.max() == pytest.approx(2, abs=1e-9)
    assert np.abs(np.diff(folded[:, 0])).max() <= 4e-4 * (1 + 1e-9)
    middle = np.abs(x[:, 0] - 0.5) < 1.3
    np.testing.assert_allclose(folded[middle], x[middle], atol=1e-12)


@pytest.mark.parametrize("function", [rastrigin, ellipsoid])
def test_differential_evolution_solves_many_minima_and_bad_conditions(function):
    for seed in range(3):
        end = minimize(
            black(lambda points: function(points - 0.7)),
            np.full(6, 2.0),
            optimizer=DifferentialEvolution(),
            bounds=(-5.12, 5.12),
            stop=Stop(evaluations=40_000, target=1e-8),
            key=jax.random.key(seed),
        )
        assert end.stopped == "target"
        np.testing.assert_allclose(end.theta, 0.7, atol=2e-4)


def xnor():
    """The risk of a small network on the four corners, as a function of its parameters."""
    corners = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    labels = np.array([1.0, 0.0, 0.0, 1.0])
    start, rest = partition(MLP(2, None, width=3, depth=1, activation="tanh", key=jax.random.key(1)))

    def risk(parameters):
        model = jax.tree_util.tree_map(
            lambda a, b: b if a is None else a, parameters, rest, is_leaf=lambda a: a is None
        )
        logits = jax.vmap(model)(jnp.asarray(corners))
        return jnp.mean(jax.nn.softplus(logits) - labels * logits)

    return risk, start


@pytest.mark.parametrize("optimizer", [CMAES(), GeneticAlgorithm()], ids=lambda o: type(o).__name__)
def test_evolution_trains_a_network_on_xnor(optimizer):
    risk, start = xnor()
    end = minimize(risk, start, optimizer=optimizer, stop=Stop(evaluations=8_000, target=0.02), key=KEY)
    assert end.value < 0.05
    assert jax.tree.structure(end.theta) == jax.tree.structure(start)


def test_the_genetic_algorithm_is_elitist_and_keeps_its_generations():
    end = minimize(
        black(rastrigin),
        np.full(2, 3.0),
        optimizer=GeneticAlgorithm(population=20, keep_population=True),
        stop=Stop(evaluations=2_000),
        key=KEY,
    )
    assert (np.diff(end.values[1:]) <= 0).all()
    generations = end.details["population"]
    assert generations.shape == (len(end.values) - 1, 20, 2)
    np.testing.assert_allclose(rastrigin(generations[-1]).min(), end.value)
    assert (np.diff(end.details["rate"]) <= 0).all()
    assert end.evaluations[-1] <= 2_000


def test_multiplicative_mutation_alone_keeps_the_sign():
    algorithm = GeneticAlgorithm(additive=0.0, rates=(0.5,), spread=1e-3)
    end = minimize(black(ellipsoid), np.array([2.0, 3.0]), optimizer=algorithm, stop=Stop(evaluations=3_000), key=KEY)
    assert (end.path > 0).all()
    assert end.value < 1e-2 * end.values[0]


@pytest.mark.parametrize(
    "optimizer", [CMAES(), DifferentialEvolution(), GeneticAlgorithm()], ids=lambda o: type(o).__name__
)
def test_a_numpy_function_and_a_jax_function_take_the_same_way(optimizer):
    def along(function):
        stop = Stop(evaluations=300)
        return minimize(function, np.array([1.0, 0.5]), optimizer=optimizer, bounds=(-2, 2), stop=stop, key=KEY).path

    reference = along(PARABOLA)
    np.testing.assert_allclose(along(lambda t: float(np.sum(np.asarray(t) ** 2))), reference, rtol=1e-9, atol=1e-12)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        np.testing.assert_array_equal(along(BlackBox(lambda t: float(np.sum(t**2)), pool=pool)), reference)


def PARABOLA(theta):
    return jnp.sum(theta**2)


def test_what_is_not_a_number_is_never_the_best():
    def holes(points):
        return np.where(points[:, 0] < 0.5, np.nan, (points**2).sum(axis=1))

    for optimizer in (CMAES(), DifferentialEvolution(), GeneticAlgorithm()):
        stop = Stop(evaluations=1_500)
        end = minimize(black(holes), np.array([1.0, 1.0]), optimizer=optimizer, bounds=(-2, 2), stop=stop, key=KEY)
        assert end.theta[0] >= 0.5
        assert end.value < 0.26


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: minimize(black(ellipsoid), np.ones(2), optimizer=CMAES()), "CMAES draws random numbers; give key"),
        (
            lambda: minimize(black(ellipsoid), np.ones(2), optimizer=DifferentialEvolution(), key=KEY),
            "DifferentialEvolution searches inside bounds",
        ),
        (lambda: minimize(black(ellipsoid), np.ones(2), optimizer=CMAES(), bounds=(2, 3), key=KEY), "start inside"),
        (
            lambda: minimize(black(lambda p: np.full(len(p), np.nan)), np.ones(2), optimizer=CMAES(), key=KEY),
            "the function is nan at the start",
        ),
        (lambda: minimize(black(lambda p: p), np.ones(2), optimizer=CMAES(), key=KEY), "one number for each point"),
        (lambda: minimize(PARABOLA, np.ones(2), optimizer=CMAES(), key=3), "the key must be one of JAX"),
        (
            lambda: minimize(PARABOLA, np.ones(2), optimizer=CMAES(sigma=(1.0, 1.0, 1.0)), key=KEY),
            "one for each of 2 parameters, not 3",
        ),
        (
            lambda: minimize(PARABOLA, np.ones(2), optimizer=GeneticAlgorithm(), stop=Stop(evaluations=9), key=KEY),
            "starts with 61 evaluations, but the budget is 9",
        ),
        (lambda: CMAES(population=2), "at least 4"),
        (lambda: CMAES(population=8.5), "whole population"),
        (lambda: CMAES(region=(1.0, -1.0)), "wrong way round"),
        (lambda: CMAES(restarts="ipopp"), "did you mean 'ipop'"),
        (lambda: CMAES(sigma=-1.0), "must be positive"),
        (lambda: DifferentialEvolution(population=3), "at least 5"),
        (lambda: GeneticAlgorithm(population=2, elite=2), "fewer in the elite"),
        (lambda: GeneticAlgorithm(crossover=2.0), "crossover is a probability"),
        (lambda: GeneticAlgorithm(rates=()), "mutation rates"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(call, message):
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
