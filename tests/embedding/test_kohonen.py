"""Self-organizing maps beside what is known of them: the law of magnification, k-means, flat sheets."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from ansatz.embedding import KohonenMap
from ansatz.errors import InputError

RNG = np.random.default_rng(0)


def test_prototypes_lie_as_the_law_of_magnification_says():
    """On a line the density of prototypes goes as p^(2/3): H. Ritter and K. Schulten, Biol. Cybern. 54 (1986) 99.

    Here p = 2 x, so the distance between neighbors goes as x^(-2/3) away from the ends.
    """
    x = np.sqrt((np.arange(8000) + 0.5) / 8000)[:, None]
    found = KohonenMap.of(x, np.ones(8000), shape=(40,), radius=3.0, rounds=200)
    m = np.sort(found.prototypes[:, 0])
    inside = slice(10, 32)
    slope = np.polyfit(np.log(0.5 * (m[1:] + m[:-1]))[inside], np.log(np.diff(m))[inside], 1)[0]
    assert found.settled
    assert slope == pytest.approx(-2 / 3, abs=0.04)


def test_without_neighbors_it_is_k_means():
    """Each prototype is the mean of its rows: a fixed point of Lloyd's iteration."""
    x = RNG.normal(size=(400, 2)) + 6 * RNG.integers(2, size=(400, 2))
    weight = RNG.uniform(0.5, 2.0, size=400)
    found = KohonenMap.of(x, weight, shape=(2, 2), radius=1e-3, rounds=60)
    node = cdist(x, found.prototypes).argmin(axis=1)
    means = np.stack([np.average(x[node == k], axis=0, weights=weight[node == k]) for k in range(4)])
    np.testing.assert_allclose(found.prototypes, means, atol=1e-9)
    np.testing.assert_array_equal(found.node(x), node)


def test_a_sheet_through_a_plane_is_flat_and_whole():
    """Its places are the coordinates of the plane, but for shift and scale, and it is torn nowhere."""
    flat = RNG.random((3000, 2)) * [2.0, 1.0]
    x = flat @ np.linalg.qr(RNG.normal(size=(5, 5)))[0][:2]
    found = KohonenMap.of(x, np.ones(3000), shape=(14, 7))
    z = found.transform(x)
    assert np.abs(np.corrcoef(z.T, flat.T)[:2, 2:].diagonal()).min() > 0.995
    assert found.torn(x).mean() < 0.02
    assert found.missed(x).mean() < 0.1


def test_walls_stand_between_groups():
    x = np.concatenate([RNG.normal(size=(300, 2)), RNG.normal(size=(300, 2)) + [12.0, 0.0]])
    found = KohonenMap.of(x, np.ones(600), shape=(8, 4))
    ridge = found.walls().mean(axis=1)
    assert 2 <= ridge.argmax() <= 5
    assert ridge.max() > 2 * np.median(ridge)


def test_a_weight_is_a_number_of_copies():
    x, times = RNG.normal(size=(80, 3)), RNG.integers(1, 4, size=80)
    once = KohonenMap.of(x, 7.0 * times, shape=(4, 3))
    often = KohonenMap.of(np.repeat(x, times, axis=0), np.ones(times.sum()), shape=(4, 3))
    np.testing.assert_allclose(once.prototypes, often.prototypes, rtol=1e-9)


def test_sheets_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="at most as many axes as there are columns"):
        KohonenMap.of(RNG.normal(size=(9, 1)), np.ones(9), shape=(3, 3))
