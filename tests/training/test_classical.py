"""What must be true of every classical method."""

import dataclasses
import json

import jax
import numpy as np
import pytest
import skops.io

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.training.classical import CLASSICAL, SIGNED, TRUSTED, logistic

SMALL = {
    "adaboost": {"trees": 10},
    "boosted-trees": {"trees": 10, "smallest_leaf": 1},
    "extra-trees": {"trees": 10},
    "forest": {"trees": 10},
}
LEARNERS = {name: make(**SMALL.get(name, {})) for name, make in CLASSICAL.items()}
TASKS = [(name, task) for name, learner in LEARNERS.items() for task in sorted(learner.tasks)]
ORDERED = {"perceptron", "forest", "gaussian-process"}
"""Methods for which a duplicate is not a weight: one event after the other, drawn rows, no weights."""

every_method = pytest.mark.parametrize("name", LEARNERS)
every_task = pytest.mark.parametrize(("name", "task"), TASKS)


def sample(task, *, n=120, seed=0, classes=2, outputs=1, apart=1.0):
    """Three columns, of which two matter, with integer weights."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(1, 4, n).astype(float)
    if task == "classification":
        y = np.arange(n) % classes
        x = rng.normal(size=(n, 3)) + apart * y[:, None] * np.array([1.0, -0.5, 0.0])
        return Dataset(x, y=y, weight=weight, columns=("a", "b", "c"), classes=tuple("klmn"[:classes]))
    x = rng.normal(size=(n, 3))
    y = 100 * x[:, :1] + 30 * x[:, 1:2] * np.arange(1, outputs + 1) + 10 * rng.normal(size=(n, outputs))
    return Dataset(x, y=y[:, 0] if outputs == 1 else y, weight=weight, columns=("a", "b", "c"))


def fitted(name, data, seed=0):
    data = data if LEARNERS[name].weights else data.replace(weight=np.ones(len(data)))
    return LEARNERS[name](data, jax.random.key(seed))


@every_task
def test_the_scale_of_the_weights_changes_nothing(name, task):
    data = sample(task)
    first, other = fitted(name, data), fitted(name, data.replace(weight=7 * data.weight))
    np.testing.assert_array_equal(first.members(data.x), other.members(data.x))


@pytest.mark.parametrize(
    ("name", "task"), [t for t in TASKS if t[0] not in ORDERED and t != ("adaboost", "regression")]
)
def test_a_duplicate_is_a_weight(name, task):
    data = sample(task)
    copies = data[np.repeat(np.arange(len(data)), data.weight.astype(int))]
    first, other = fitted(name, data), fitted(name, copies.replace(weight=np.ones(len(copies))))
    span = np.std(data.y) if task == "regression" else 1.0
    tolerance = 1e-3 if name == "svm" else 1e-6
    np.testing.assert_allclose(first.members(data.x), other.members(data.x), rtol=0, atol=tolerance * span)


@every_task
def test_an_event_without_weight_is_not_there(name, task):
    data = sample(task)
    more = data[np.r_[np.arange(len(data)), np.arange(20)]]
    weighed = more.replace(x=np.r_[data.x, 50 * data.x[:20]], weight=np.r_[data.weight, np.zeros(20)])
    if LEARNERS[name].weights:
        first, other = fitted(name, data), fitted(name, weighed)
        np.testing.assert_array_equal(first.members(data.x), other.members(data.x))


@every_task
def test_the_same_key_gives_the_same_fit(name, task):
    data = sample(task)
    first, other = fitted(name, data, seed=5), fitted(name, data, seed=5)
    np.testing.assert_array_equal(first.members(data.x), other.members(data.x))


@every_task
def test_it_beats_the_constant_answer(name, task):
    train, test = sample(task, n=300, apart=2), sample(task, n=300, seed=1, apart=2)
    fit = fitted(name, train)
    if name == "constant":
        assert len(np.unique(fit.predict(test.x))) == 1
    elif task == "classification":
        correct = np.mean(fit.predict(test.x) == test.y)
        assert correct > 0.5 + 3 * np.sqrt(0.25 / 300)
    else:
        assert np.mean((fit.predict(test.x) - test.y) ** 2) < 0.5 * np.var(test.y)


@pytest.mark.parametrize("name", [n for n in LEARNERS if "classification" in LEARNERS[n].tasks and n != "threshold"])
def test_several_classes(name):
    data = sample("classification", n=300, classes=4, apart=2)
    fit = fitted(name, data)
    answers = fit.members(data.x)
    assert answers.shape == (1, 300, 4)
    if fit.predictor.link == "probability":
        np.testing.assert_allclose(answers.sum(axis=-1), 1)
    assert name == "constant" or np.mean(fit.predict(data.x) == data.y) > 0.35


@pytest.mark.parametrize("name", [n for n in LEARNERS if "regression" in LEARNERS[n].tasks])
def test_several_targets_are_learned_each_as_alone(name):
    data = sample("regression", n=80, outputs=2)
    fit = fitted(name, data)
    assert fit.predict(data.x).shape == (80, 2)
    if name in {"linear", "ridge", "lasso", "polynomial", "boosted-trees", "knn"}:
        alone = fitted(name, data.replace(y=data.y[:, 1]))
        np.testing.assert_allclose(fit.predict(data.x)[:, 1], alone.predict(data.x), rtol=1e-6, atol=1e-4)


@every_task
def test_units_change_nothing(name, task):
    data = sample(task)
    scale, value = 2.0 ** np.array([10, 1, -10]), 2.0**20 if task == "regression" else 1.0
    first = fitted(name, data).members(data.x)
    changed = data.replace(x=data.x * scale, y=data.y * value if task == "regression" else data.y)
    other = fitted(name, changed).members(changed.x) / value
    if name == "threshold":
        first, other = np.sign(first), np.sign(other)
    np.testing.assert_allclose(first, other, rtol=0, atol=1e-3 * np.std(data.y))


@every_task
def test_missing_values_are_filled_in_and_told(name, task):
    data = sample(task)
    x = data.x.copy()
    x[:5, 1] = np.nan
    fit = fitted(name, data.replace(x=x))
    assert np.isfinite(fit.members(x)).all()
    assert LEARNERS[name].missing or "b (5 events)" in fit.message


@every_task
def test_details_are_plain_numbers(name, task):
    fit = fitted(name, sample(task))
    assert json.loads(json.dumps(fit.details)) == fit.details


@every_task
def test_a_stored_model_answers_the_same_and_holds_known_types_only(name, task):
    data = sample(task)
    fit = fitted(name, data)
    stored = skops.io.dumps(fit.model)
    assert set(skops.io.get_untrusted_types(data=stored)) <= set(TRUSTED)
    again = dataclasses.replace(fit.predictor, model=skops.io.loads(stored, trusted=list(TRUSTED)))
    np.testing.assert_array_equal(again.response(data.x), fit.members(data.x))


@every_method
def test_negative_weights_are_refused_where_they_would_not_mean_what_they_should(name):
    learner = LEARNERS[name]
    data = sample(min(learner.tasks))
    signed = data.replace(weight=np.where(np.arange(len(data)) < 5, -0.5, 1.0))
    if learner.negative_weights:
        assert np.isfinite(fitted(name, signed).members(data.x)).all()
    else:
        with pytest.raises(InputError, match="negative event weights, which 5 of 120.*boosted-trees"):
            learner.check(signed)


def test_the_message_names_all_that_take_negative_weights():
    assert set(SIGNED) == {name for name, learner in LEARNERS.items() if learner.negative_weights}


def test_the_tables_name_is_the_learners_name():
    assert {name: learner.name for name, learner in LEARNERS.items()} == {name: name for name in LEARNERS}


def test_fields_are_flattened():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4, 4))
    y = (x[:, 1, 2] > 0).astype(int)
    fit = LEARNERS["tree"](Dataset(x, y=y, classes=("off", "on")), jax.random.key(0))
    assert fit.details["tree"]["feature"][0] == 6
    np.testing.assert_array_equal(fit.predict(x), y)


def test_a_class_that_is_not_in_the_training_rows_gets_nothing():
    data = sample("classification", classes=3)
    fit = logistic()(data[data.y != 1], jax.random.key(0))
    assert (fit.probability(data.x)[:, 1] == 0).all()
    scores = LEARNERS["svm"](data[data.y != 1], jax.random.key(0)).members(data.x)[0]
    assert (scores[:, 1] < scores[:, [0, 2]].min(axis=1)).all()


def test_a_solver_that_has_not_converged_says_so_without_a_warning():
    fit = logistic(iterations=1, strength=0.0)(sample("classification"), jax.random.key(0))
    assert (fit.converged, fit.stopped) == (False, "epochs")
    assert "converge" in fit.message
