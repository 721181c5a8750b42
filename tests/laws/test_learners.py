"""What must be true of every learner: D -> f."""

import numpy as np
import pytest

import zoo
from ansatz.data import concatenate
from ansatz.errors import InputError
from ansatz.training import load_fit, save_fit

SAMPLES = {"classification": zoo.two_classes, "regression": zoo.numbers}


def each(names):
    """Every learner with a sample of each task that it can do."""
    pairs = [(name, task) for name in names for task in sorted(zoo.LEARNERS[name]().tasks)]
    values = [(zoo.LEARNERS[name], zoo.SAMPLE_OF.get(name, SAMPLES[task])) for name, task in pairs]
    return pytest.mark.parametrize(("make", "sample"), values, ids=[f"{name}-{task}" for name, task in pairs])


learners = each(zoo.LEARNERS)


def answers(fit, data):
    return fit.score(data.x) if data.task == "classification" else fit.predict(data.x)


def spread(data):
    return 1.0 if data.task == "classification" else float(np.std(data.y))


@learners
def test_the_same_key_gives_the_same_fit(make, sample):
    data = sample()
    first, second = (make()(data, zoo.key(3)) for _ in range(2))
    np.testing.assert_array_equal(answers(first, data), answers(second, data))


@learners
def test_it_learns(make, sample):
    data = sample()
    fit = make()(data, zoo.key(1))
    if data.task == "classification":
        assert np.mean(fit.predict(data.x) == data.y) > 0.8
    else:
        assert np.mean((fit.predict(data.x) - data.y) ** 2) < 0.9 * np.var(data.y)


@learners
def test_the_scale_of_the_weights_changes_nothing(make, sample):
    data = sample()
    fit, times_7 = make()(data, zoo.key(1)), make()(data.replace(weight=7 * data.weight), zoo.key(1))
    np.testing.assert_allclose(answers(fit, data), answers(times_7, data), rtol=1e-3, atol=2e-4 * spread(data))


@each(name for name in zoo.LEARNERS if name not in zoo.COUNT_ROWS)
def test_a_duplicated_row_is_a_row_of_weight_two(make, sample):
    data = sample()
    rows = np.arange(len(data)) < 30
    doubled = data.replace(weight=np.where(rows, 2.0, 1.0) * data.weight)
    twice = concatenate([data, data[rows]])
    fit, other = make()(doubled, zoo.key(1)), make()(twice, zoo.key(1))
    np.testing.assert_allclose(answers(fit, data), answers(other, data), rtol=1e-3, atol=1e-3 * spread(data))


@learners
def test_saved_and_loaded_it_answers_the_same_to_the_bit(make, sample, tmp_path):
    data = sample()
    fit = make()(data, zoo.key(1))
    again = load_fit(save_fit(fit, tmp_path / "fit"))
    np.testing.assert_array_equal(fit.members(data.x), again.members(data.x))
    assert (again.task, again.classes, again.columns) == (fit.task, fit.classes, fit.columns)


@learners
def test_answers_have_the_shape_of_the_task(make, sample):
    data = sample()
    fit = make()(data, zoo.key(1))
    assert fit.predict(data.x).shape == (len(data),)
    assert answers(fit, data[:5]).shape == (5,)
    assert fit.members(data.x).shape[1] == len(data)
    with pytest.raises(InputError, match=r"fitted on 3 columns .*, but the events have shape \(5, 2\)"):
        fit.predict(data.x[:5, :2])
