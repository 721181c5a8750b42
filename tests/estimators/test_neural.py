"""Networks as scikit-learn estimators."""

import copy
import pickle

import jax
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from ansatz.errors import InputError
from ansatz.estimators import NeuralClassifier, NeuralRegressor

SMALL = {"width": 16, "depth": 1, "random_state": 0}


@pytest.fixture
def quick_compilation():
    """The checks meet dozens of shapes; what XLA would gain in speed is less than it takes to gain it."""
    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", before)


@pytest.fixture(scope="module")
def xnor():
    x = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    return x, np.where(x[:, 0] * x[:, 1] > 0, "same", "other")


@pytest.mark.parametrize("face", [NeuralClassifier, NeuralRegressor])
@pytest.mark.filterwarnings("default")
def test_it_passes_every_check_of_scikit_learn(face, quick_compilation, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")
    outcomes = check_estimator(face(depth=1, epochs=100), on_fail=None, on_skip=None)
    assert [o["check_name"] for o in outcomes if o["status"] != "passed"] == []
    assert len(outcomes) >= 60


def test_xnor_is_learned(xnor):
    x, y = xnor
    model = NeuralClassifier(**SMALL, learning_rate=0.02).fit(x, y)
    assert model.score(x, y) > 0.95
    assert model.classes_.tolist() == ["other", "same"]
    np.testing.assert_allclose(model.predict_proba(x).sum(axis=1), 1)
    assert (model.fit_.classes, model.n_iter_) == (("class 0: other", "class 1: same"), 200)


def test_several_targets_are_learned():
    x = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    y = np.stack([1000 * x[:, 0] * x[:, 1], 1e-3 * np.abs(x[:, 0])], axis=1)
    model = NeuralRegressor(width=32, learning_rate=0.02, epochs=300, random_state=0).fit(x, y)
    assert model.predict(x).shape == (200, 2)
    assert model.score(x, y) > 0.97


def test_weights_of_either_sign_cancel():
    """A parabola beside wrong targets that are given once more and taken away again."""
    x = np.random.default_rng(0).uniform(-1, 1, (150, 1))
    wrong = x[:50]
    everything = np.concatenate([x, wrong, wrong])
    y = np.concatenate([x[:, 0] ** 2, np.full(100, 9.0)])
    weight = np.repeat([1.0, 0.5, -0.5], [150, 50, 50])
    model = NeuralRegressor(**SMALL, learning_rate=0.02)
    signed, blind = (clone(model).fit(everything, y, sample_weight=w).predict(x) for w in (weight, np.abs(weight)))
    assert np.abs(signed - x[:, 0] ** 2).max() < 0.3
    assert np.abs(blind - x[:, 0] ** 2).mean() > 1


def test_the_scale_of_the_weights_changes_nothing(xnor):
    x, y = xnor
    weight = np.random.default_rng(1).uniform(0.5, 2, len(y))
    first, other = (NeuralClassifier(**SMALL).fit(x, y, sample_weight=c * weight) for c in (1, 7))
    np.testing.assert_allclose(first.predict_proba(x), other.predict_proba(x), atol=1e-9)


def test_rows_without_weight_are_not_there(xnor):
    x, y = xnor
    some = np.arange(len(y)) < 150
    first = NeuralClassifier(**SMALL).fit(x[some], y[some])
    other = NeuralClassifier(**SMALL).fit(x, y, sample_weight=some.astype(float))
    np.testing.assert_allclose(first.predict_proba(x), other.predict_proba(x), atol=1e-9)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_the_precision_is_that_of_the_features(xnor, precision):
    x, y = xnor
    model = NeuralClassifier(**SMALL, epochs=5).fit(x.astype(precision), y)
    leaves = [leaf for leaf in jax.tree.leaves(model.fit_.model) if isinstance(leaf, jax.Array)]
    assert {leaf.dtype for leaf in leaves} == {np.dtype(precision)}
    assert not jax.config.jax_enable_x64


@pytest.mark.parametrize("again", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_answers_the_same_to_the_bit(xnor, again):
    x, y = xnor
    model = NeuralClassifier(**SMALL, epochs=5).fit(x, y)
    np.testing.assert_array_equal(again(model).predict_proba(x), model.predict_proba(x))


def test_the_seed_decides(xnor):
    x, y = xnor
    same, equal, other = (NeuralClassifier(width=4, epochs=3, random_state=s).fit(x, y) for s in (1, 1, 2))
    np.testing.assert_array_equal(same.predict_proba(x), equal.predict_proba(x))
    assert not np.array_equal(same.predict_proba(x), other.predict_proba(x))


def test_pipelines_and_searches_take_it(xnor):
    x, y = xnor
    pipeline = make_pipeline(StandardScaler(), NeuralClassifier(**SMALL, learning_rate=0.02))
    search = GridSearchCV(pipeline, {"neuralclassifier__width": np.array([1, 16])}, cv=2).fit(x, y)
    assert search.best_params_ == {"neuralclassifier__width": 16}


def test_rows_kept_aside_choose_the_epoch(xnor):
    x, y = xnor
    model = NeuralClassifier(**SMALL, learning_rate=0.05, validation=0.25, patience=5, epochs=1000).fit(x, y)
    assert model.n_iter_ < 1000
    assert model.fit_.stopped == "patience"


def test_several_networks_answer_with_their_mean(xnor):
    x, y = xnor
    model = NeuralClassifier(**SMALL, epochs=5, population=3).fit(x, y)
    np.testing.assert_allclose(model.predict_proba(x), model.fit_.members(x).mean(axis=0))
    assert len(model.fit_.members(x)) == 3


@pytest.mark.parametrize(
    ("face", "message"),
    [
        (NeuralClassifier(optimizer="adm"), "did you mean 'adam'"),
        (NeuralClassifier(width=0), "width must be at least 1"),
        (NeuralClassifier(validation=1.5), "validation must be in"),
        (NeuralRegressor(loss="cross-entropy"), "does not suit regression"),
    ],
)
def test_a_setting_that_cannot_be_used(face, message):
    x = np.arange(8.0).reshape(4, 2)
    with pytest.raises(InputError, match=message):
        face.fit(x, [0, 1, 0, 1])


def test_one_class_with_a_weight_is_not_enough(xnor):
    x, y = xnor
    with pytest.raises(ValueError, match="all of one class"):
        NeuralClassifier().fit(x, y, sample_weight=(y == "same").astype(float))
