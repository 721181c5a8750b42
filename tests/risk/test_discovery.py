"""The risk of a search is the Asimov significance, and a network that makes it small finds the best cut."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.inference import asimov
from ansatz.risk.discovery import squared_significance
from ansatz.training import mlp
from ansatz.training.networks.dense import for_search


@pytest.mark.parametrize("error", [0.0, 0.05, 0.5])
@pytest.mark.parametrize(("s", "b"), [(1.0, 1e5), (30.0, 1e3), (29.0, 1e3), (8.2, 4.66), (100.0, 2.0)])
def test_it_is_the_asimov_significance(s, b, error):
    found = jnp.sqrt(squared_significance(jnp.array(s), jnp.array(b), jnp.array(error)))
    assert float(found) == pytest.approx(float(asimov(s, b, error=error * b)), rel=0.012)


def test_its_slope_is_finite_where_the_signal_is_small_or_nothing_is_left():
    slope = jax.grad(lambda s, b: jnp.log(squared_significance(s, b, jnp.array(0.1))), argnums=(0, 1))
    for s, b in ((1e-6, 1.0), (1.0, 1e6), (1e3, 1.0)):
        assert np.all(np.isfinite(slope(jnp.array(s), jnp.array(b))))


def sample(n, seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    return Dataset(rng.normal(2.0 * y, 1.0)[:, None], y=y, classes=("background", "signal"))


def test_a_network_finds_the_cut_that_is_best_for_the_search():
    """Signal at 2, background at 0: the best cut on x is known, and half of the network's answer lies there."""
    learner = for_search(
        mlp(width=16, depth=1, loss="asimov", batch_size=2048, epochs=60, patience=60, learning_rate=0.01),
        (100.0, 10_000.0, 0.02),
    )
    fit = learner(sample(20_000, 0), jax.random.key(0))
    cuts = np.linspace(-2, 6, 801)
    s, b = 100.0 * norm.sf(cuts - 2), 10_000.0 * norm.sf(cuts)
    best = asimov(s, b + 1, error=0.02 * (b + 1))
    soft = 1 / (1 + np.exp(-fit.score(cuts[:, None])))
    density = [norm.pdf(cuts - 2), norm.pdf(cuts)]
    s, b = (float(np.trapezoid(soft * d, cuts)) * n for d, n in zip(density, (100.0, 10_000.0), strict=True))
    reached = asimov(s, b + 1, error=0.02 * (b + 1))
    assert reached > 0.93 * best.max()
    assert abs(cuts[np.argmin(np.abs(soft - 0.5))] - cuts[np.argmax(best)]) < 0.35
    assert fit.predictor.link == "score"


def test_the_numbers_of_a_study_reach_only_networks_that_ask_for_them():
    plain = mlp(width=4)
    assert for_search(plain, (1.0, 2.0, 0.0)) is plain
    asking = for_search(mlp(width=4, loss="asimov"), (1.0, 2.0, 0.0))
    assert asking.risk.search == (1.0, 2.0, 0.0)
    assert for_search(asking, (9.0, 9.0, 0.0)) is asking


def test_it_is_for_two_classes_with_positive_weights():
    data = sample(40, 1)
    with pytest.raises(InputError, match="loss 'asimov' does not suit regression"):
        mlp(loss="asimov").risk(data.replace(classes=None, y=data.x[:, 0]))
    with pytest.raises(InputError, match="needs a positive sum of weights in both classes"):
        mlp(loss="asimov").risk(data.replace(weight=np.where(data.y == 1, -0.1, 1.0)))
