"""Distances and the centers that belong to them."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from ansatz.embedding import Euclidean, Formula, FourMomenta, Given, Periodic
from ansatz.embedding.distances import check, table
from ansatz.errors import InputError

RNG = np.random.default_rng(2)


@pytest.mark.parametrize("seed", range(5))
def test_the_circular_mean_is_the_least_squares_point_of_the_circle(seed):
    rng = np.random.default_rng(seed)
    angle, weight = rng.uniform(-10, 10, size=(9, 1)), rng.uniform(0.1, 2.0, size=9)
    around = Periodic((2 * np.pi,))

    def cost(center):
        return weight @ around.between(angle, np.array([center])) ** 2

    starts = [minimize_scalar(cost, bracket=(c, c + 0.01)).fun for c in np.linspace(0, 2 * np.pi, 40)]
    assert cost(around.center(angle, weight)[0]) == pytest.approx(min(starts), rel=1e-9)


def test_a_weight_is_a_number_of_copies_of_every_center():
    x, times = RNG.uniform(0.5, 2.0, size=(12, 4)), RNG.integers(1, 4, size=12)
    x[:, 0] = np.linalg.norm(x[:, 1:], axis=1) + 0.1
    for distance in (Euclidean(), Periodic((1.0, 0.0, 2.0, 0.0)), Given(Euclidean().between), FourMomenta()):
        copied = np.repeat(x, times, axis=0)
        np.testing.assert_allclose(
            distance.center(x, times.astype(float)), distance.center(copied, np.ones(len(copied))), rtol=1e-9
        )


def test_a_table_is_made_of_single_distances():
    a, b = RNG.normal(size=(7, 2)), RNG.normal(size=(5, 2))
    for distance in (Euclidean(), Formula("abs(u_1 - u_2) + abs(v_1 - v_2)", ("u", "v"))):
        single = [[float(distance.between(p, q)) for q in b] for p in a]
        np.testing.assert_allclose(table(distance, a, b), single, rtol=1e-12)


@pytest.mark.parametrize(
    ("distance", "message"),
    [
        (Given(lambda a, b: np.abs(a - 2 * b).sum(-1), "lopsided"), "'lopsided' is not symmetric"),
        (Given(lambda a, b: np.abs(a - b).sum(-1) + 1.0, "shifted"), "puts row 0 1 from itself"),
        (Given(lambda a, b: -np.abs(a - b).sum(-1), "negative"), "not negative"),
        (Given(lambda a, b: np.abs(a - b), "raw"), "gives shape .* work along the last axis"),
        (Given(lambda a, b: np.abs(a - b).sum(-1) * np.nan, "nothing"), "gives nan for rows 0 and 0"),
        (Formula("x_1 - x_2", ("x", "y")), "is not symmetric: rows 0 and 1"),
    ],
)
def test_what_is_no_distance_is_refused(distance, message):
    with pytest.raises(InputError, match=message):
        check(distance, RNG.normal(size=(10, 2)))
