"""The three-body decay knows its truth."""

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.problems.collider import Dalitz


@pytest.fixture(scope="module")
def drawn():
    return Dalitz().draw(jax.random.key(0), 40_000)


def test_the_probability_is_calibrated(drawn):
    p = Dalitz().probability(drawn.x)
    bins = np.clip((p * 10).astype(int), 0, 9)
    excess, variance = np.bincount(bins, drawn.y - p, 10), np.bincount(bins, p * (1 - p), 10)
    assert (excess**2 / variance).sum() < 10 + 4 * np.sqrt(20)


def test_masses_obey_the_decay(drawn):
    """The third mass follows from the sum rule and has to lie between its own ends."""
    problem, (a, b, c) = Dalitz(), Dalitz().products
    third = problem.mass**2 + a**2 + b**2 + c**2 - drawn.observers["M2AB"] - drawn.observers["M2AC"]
    assert third.min() >= (b + c) ** 2 - 1e-9
    assert third.max() <= (problem.mass - a) ** 2 + 1e-9


def test_phase_space_fills_the_plane_evenly(drawn):
    """Deep inside, cells of equal area hold equally many events."""
    counts = np.histogram2d(drawn.observers["M2AB"], drawn.observers["M2AC"], bins=5, range=[[3, 9], [3, 9]])[0]
    assert ((counts - counts.mean()) ** 2).sum() / counts.mean() < 24 + 4 * np.sqrt(48)


def test_bad_numbers_are_refused():
    with pytest.raises(InputError, match="sum to less"):
        Dalitz(mass=0.3)
    with pytest.raises(InputError, match="zero or more"):
        Dalitz(correlation=-1.0)
