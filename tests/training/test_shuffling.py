"""The order of an epoch: a permutation, and one that no test tells from a fair draw."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from ansatz.training.engine.shuffling import SORTED, permutation

DRAWS = 200
LEVEL = 1e-4
"""Two-sided level of each test of fairness: 3.9 sigma."""


@pytest.mark.parametrize("size", [16, 100, SORTED, SORTED + 2, 70_000])
def test_it_is_a_permutation_with_the_real_rows_first(size):
    count = size * 3 // 4
    order = np.asarray(permutation(size, jnp.asarray(count), jax.random.key(0)))
    np.testing.assert_array_equal(np.sort(order[:count]), np.arange(count))
    np.testing.assert_array_equal(order[count:], np.arange(count, size))


@pytest.fixture(scope="module", params=[1024, 5120], ids=["sorted", "mixed"])
def orders(request):
    size, count = request.param, request.param * 3 // 4 + 7
    draw = jax.jit(jax.vmap(lambda key: permutation(size, jnp.asarray(count), key)[:count]))
    return np.asarray(draw(jax.random.split(jax.random.key(1), DRAWS))).astype(int)


def fair(values, count):
    """Whether integers from 0 to count - 1 are as even as they should be, by chi^2 over 64 bins."""
    found, expected = (np.bincount(v * 64 // count, minlength=64) for v in (values.ravel(), np.arange(count)))
    p = stats.chisquare(found, expected * values.size / count).pvalue
    return LEVEL / 2 < p < 1 - LEVEL / 2


def test_every_row_comes_to_every_place(orders):
    """Blocks of rows against blocks of places, all draws together: chi^2 with (b-1)^2 degrees of freedom."""
    count, blocks = orders.shape[1], 16
    where = np.digitize(np.arange(count), np.linspace(0, count, blocks + 1)[1:-1])
    table = np.zeros((blocks, blocks))
    np.add.at(table, (where[orders], np.broadcast_to(where, orders.shape)), 1)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    square = np.sum((table - expected) ** 2 / expected) * (count - 1) / count
    assert LEVEL / 2 < stats.chi2.sf(square, (blocks - 1) ** 2) < 1 - LEVEL / 2


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_what_comes_next_does_not_depend_on_what_came(orders, lag):
    count = orders.shape[1]
    steps = (orders[:, lag:] - orders[:, :-lag]) % count
    assert fair(steps - 1, count - 1)


def test_the_bends_of_the_order_are_even_too(orders):
    count = orders.shape[1]
    assert fair((orders[:, 2:] - 2 * orders[:, 1:-1] + orders[:, :-2]) % count, count)


def test_ranks_correlate_as_little_as_fair_ones(orders):
    """The correlation of row and place has variance 1/(n-1) over the draws, within 4 standard errors."""
    count = orders.shape[1]
    rho = [np.corrcoef(order, np.arange(count))[0, 1] for order in orders]
    assert abs(np.var(rho) * (count - 1) - 1) < 4 * np.sqrt(2 / DRAWS)
    assert abs(np.mean(rho)) * np.sqrt((count - 1) * DRAWS) < 4


def test_no_two_keys_give_the_same_order(orders):
    assert len(np.unique(orders, axis=0)) == DRAWS
