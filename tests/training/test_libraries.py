"""XGBoost and LightGBM as learners."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.problems import Gaussians
from ansatz.training import load_fit, save_fit
from ansatz.training.boosting import lightgbm, xgboost
from ansatz.training.classical.weighted.cut import weighted_auc

KEY = jax.random.key(0)
MAKERS = {"xgboost": xgboost, "lightgbm": lightgbm}


@pytest.fixture(params=MAKERS)
def make(request):
    pytest.importorskip(request.param)
    return MAKERS[request.param]


def test_two_gaussians_near_the_optimum(make):
    problem = Gaussians(separation=1.5)
    data = problem.draw(jax.random.key(1), 8000)
    fit = make(trees=60)(data[:4000], KEY)
    assert abs(weighted_auc(fit.score(data[4000:].x), data[4000:].y == 1, np.ones(4000)) - problem.optimal_auc()) < 0.02


def test_weights_count(make):
    """An event of weight 3 pulls three times as much: the probability is the weighted share."""
    y = np.repeat([0, 1], 500)
    data = Dataset(np.zeros((1000, 1)), y=y, weight=np.where(y == 1, 3.0, 1.0), classes=("b", "s"))
    assert make(trees=200)(data, KEY).score(np.zeros((1, 1)))[0] == pytest.approx(0.75, abs=0.01)


def test_several_classes_and_numbers(make, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 2))
    classes = Dataset(x, y=(x[:, 0] > 0).astype(int) + (x[:, 1] > 0), classes=("a", "b", "c"))
    fit = make(trees=30)(classes, KEY)
    assert (fit.predict(x) == classes.y).mean() > 0.95
    np.testing.assert_allclose(fit.probability(x).sum(axis=1), 1, atol=1e-6)
    values = make(trees=60)(Dataset(x, y=1000 + 50 * x[:, 0]), KEY)
    assert np.std(values.predict(x) - 1000 - 50 * x[:, 0]) < 12
    again = load_fit(save_fit(values, tmp_path / "fit"))
    np.testing.assert_array_equal(again.members(x), values.members(x))


def test_negative_weights_are_refused(make):
    data = Gaussians().draw(KEY, 100)
    with pytest.raises(InputError, match="negative"):
        make()(data.replace(weight=np.where(np.arange(100) < 5, -1.0, 1.0)), KEY)


def test_a_library_that_is_missing_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "xgboost", None)
    with pytest.raises(InputError, match=r"pip install 'ansatz-ml\[trees\]'"):
        xgboost().check(Gaussians().draw(KEY, 10))
