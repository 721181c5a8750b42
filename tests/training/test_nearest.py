"""Searches for neighbors find what brute force finds."""

import numpy as np
import pytest

from ansatz.training.multivariate import nearest


def brute(points, x, count, order):
    distance = np.linalg.norm(points[None] - x[:, None], ord=order, axis=2)
    return np.sort(distance, axis=1)[:, :count]


@pytest.fixture
def no_trees(monkeypatch):
    monkeypatch.setattr(nearest, "TREE_COLUMNS", 0)
    monkeypatch.setattr(nearest, "SMALL", 0)


@pytest.mark.usefixtures("no_trees")
@pytest.mark.parametrize("kind", ["plain", "far from zero", "with tails", "on a grid"])
def test_all_points_looked_at_give_the_nearest_exactly(kind):
    rng = np.random.default_rng(0)
    points, x = rng.normal(size=(5000, 9)), rng.normal(size=(37, 9))
    if kind == "far from zero":
        points, x = points + 1e4, x + 1e4
    elif kind == "with tails":
        points, x = np.sign(points) * np.exp(2 * np.abs(points)), np.sign(x) * np.exp(2 * np.abs(x))
    elif kind == "on a grid":
        points, x = np.rint(points), np.rint(x)
    for search, order in ((nearest.in_cube, np.inf), (nearest.in_ball, 2)):
        distance, row = search(points, x, 30)
        exact = brute(points, x, 30, order)
        np.testing.assert_allclose(distance, exact, rtol=1e-9, atol=1e-6 if kind != "plain" else 1e-12)
        assert all(len(set(one)) == 30 for one in row.tolist())
        own = np.linalg.norm(points[row] - x[:, None], ord=order, axis=2)
        np.testing.assert_allclose(own, distance, rtol=1e-9, atol=1e-6)


@pytest.mark.usefixtures("no_trees")
def test_events_for_which_the_first_points_reach_too_short_are_mended(monkeypatch):
    """Twenty points say little about where the sixtieth of four hundred is."""
    monkeypatch.setattr(nearest, "FIRST", 20)
    rng = np.random.default_rng(1)
    points, x = rng.normal(size=(400, 3)), rng.normal(size=(200, 3))
    distance, _ = nearest.in_cube(points, x, 60)
    np.testing.assert_array_equal(distance, brute(points, x, 60, np.inf))
