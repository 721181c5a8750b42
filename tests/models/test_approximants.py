"""Sums of ReLUs, powers and Chebyshev polynomials come near a function as the theorems say."""

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.models import (
    MLP,
    bending,
    bending_points,
    chebyshev_curve,
    largest_error,
    polynomial_curve,
    relu_curve,
    relu_sum,
)


def runge(x):
    return 1 / (1 + 25 * x**2)


def slope(function, approximant, counts):
    errors = [largest_error(function, approximant(n)) for n in counts]
    return np.polyfit(np.log(counts), np.log(errors), 1)[0]


def test_a_relu_sum_is_a_network_that_is_the_polygon():
    x = np.array([-1.0, -0.2, 0.5, 1.0])
    network = relu_sum(x, np.sin(3 * x))
    assert isinstance(network, MLP)
    fine = np.linspace(-1, 1, 50)
    assert np.allclose(jax.vmap(network)(fine[:, None]), np.interp(fine, x, np.sin(3 * x)), atol=1e-6)


def test_uniform_relus_keep_the_bound_and_nearly_reach_it():
    for n in (8, 32):
        error = largest_error(np.square, relu_curve(np.square, np.linspace(-1, 1, n + 1)), points=20001)
        assert 0.99 < error / ((2 / n) ** 2 * 2 / 8) <= 1 + 1e-9


def test_relus_fall_with_the_square_of_their_number_where_the_function_is_smooth():
    assert abs(slope(np.exp, lambda n: relu_curve(np.exp, np.linspace(-1, 1, n + 1)), [64, 128, 256]) + 2) < 0.02


def test_relus_placed_where_it_bends_do_for_a_root_what_uniform_ones_do_not():
    """The error of sqrt(1 + x) falls as 1/sqrt(n) with uniform corners and as 1/(2 n^2) with well-placed ones."""

    def root(x):
        return np.sqrt(np.maximum(1 + x, 0))

    def second(x):
        return 0.25 * (1 + x) ** -1.5

    def placed(n):
        return relu_curve(root, bending_points(second, n + 1))

    assert abs(slope(root, lambda n: relu_curve(root, np.linspace(-1, 1, n + 1)), [16, 32, 64]) + 0.5) < 0.05
    total = bending(second)
    assert abs(total - 2 * 2**0.25) < 0.01
    error = largest_error(root, placed(32), points=40001)
    assert 0.8 < error / (total**2 / (8 * 32**2)) < 1.2


def test_chebyshev_sums_fall_geometrically_at_the_rate_of_the_nearest_pole():
    rho = (1 + 26**0.5) / 5
    errors = [largest_error(runge, chebyshev_curve(runge, n)) for n in (20, 60)]
    assert abs((errors[0] / errors[1]) ** (1 / 40) / rho - 1) < 0.02


def test_polynomials_through_equidistant_points_run_away_from_runges_function():
    errors = [largest_error(runge, polynomial_curve(runge, n)) for n in (11, 21)]
    assert errors[0] > 1
    assert errors[1] > 10 * errors[0]


def test_both_polynomials_are_exact_for_polynomials():
    def cubic(x):
        return 1 - 2 * x + 0.5 * x**3

    assert largest_error(cubic, chebyshev_curve(cubic, 4)) < 1e-14
    assert largest_error(cubic, polynomial_curve(cubic, 4)) < 1e-13


def test_points_must_rise():
    with pytest.raises(InputError, match="rise"):
        relu_sum(np.array([0.0, 0.0]), np.zeros(2))
