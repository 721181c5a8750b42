import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.training import Fit
from ansatz.validation import permutation_importance, rank_columns, separation


class Weighted:
    """A model that looks at its columns with known strengths."""

    link = "identity"

    def __init__(self, strength):
        self.strength = np.array(strength)

    def response(self, x):
        return (x @ self.strength)[None]


def line(key, n=4000):
    rng = generator(key)
    x = rng.normal(size=(n, 3))
    strength = np.array([2.0, 1.0, 0.0])
    data = Dataset(x, y=x @ strength + 0.5 * rng.normal(size=n), columns=("a", "b", "c"))
    return Fit(Weighted(strength), "regression", None, data.columns), data


def test_loss_of_a_shuffled_column_is_twice_its_variance():
    """y = sum c_j x_j: shuffling column j adds 2 c_j^2 var(x_j) to the mean squared error."""
    fit, data = line(jax.random.key(0))
    found = {i.name: i.loss for i in permutation_importance(fit, data, key=jax.random.key(1))}
    assert abs(found["a"].value - 8) < 4 * found["a"].error
    assert abs(found["b"].value - 2) < 4 * found["b"].error
    assert found["c"].value == 0


def test_most_important_comes_first_and_groups_are_shuffled_together():
    fit, data = line(jax.random.key(2))
    assert [i.name for i in permutation_importance(fit, data, key=jax.random.key(1))] == ["a", "b", "c"]
    groups = {"both": ("a", "b"), "rest": ("c",)}
    found = permutation_importance(fit, data, groups=groups, key=jax.random.key(1))
    assert [i.name for i in found] == ["both", "rest"]
    assert abs(found[0].loss.value - 10) < 4 * found[0].loss.error


def test_error_covers_the_truth():
    """60 samples; the standard error holds the truth about as often as it should (z < 4)."""
    covered = []
    for key in jax.random.split(jax.random.key(3), 60):
        fit, data = line(key, n=300)
        found = permutation_importance(fit, data, groups={"b": ("b",)}, repeats=15, key=jax.random.fold_in(key, 1))
        covered.append(not found[0].loss.excludes(2.0))
    assert abs(np.mean(covered) - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / 60)


def test_values_are_handed_on_by_weight():
    """An event of weight 3 gives its value three times as often: as if it were there three times."""
    fit, data = line(jax.random.key(4))
    heavy = data.replace(weight=np.where(np.abs(data.x[:, 0]) > 1, 3.0, 1.0))
    found = permutation_importance(fit, heavy, groups={"a": ("a",)}, key=jax.random.key(1))[0].loss
    variance = np.average(data.x[:, 0] ** 2, weights=heavy.weight)
    assert abs(found.value - 8 * variance) < 4 * found.error


def test_unknown_column_gets_a_suggestion():
    fit, data = line(jax.random.key(0), n=10)
    data = data.replace(columns=("alpha", "beta", "gamma"))
    with pytest.raises(InputError, match="did you mean 'alpha'"):
        permutation_importance(fit, data, groups={"g": ("alhpa",)}, key=jax.random.key(0))


def test_separation_of_two_slopes_is_known():
    """s = 2x, b = 2 (1 - x) on [0, 1]: one half of the integral of (4x - 2)^2 / 2 is 1/3."""
    rng = generator(jax.random.key(5))
    y = np.arange(40_000) % 2
    x = np.sqrt(rng.random(40_000))
    found = separation(np.where(y == 1, x, 1 - x), y, key=jax.random.key(0))
    assert abs(found.value - 1 / 3) < 4 * found.error + 0.002


@pytest.mark.parametrize("negative", [0.0, 0.15])
def test_separation_of_nothing_is_zero_on_average(negative):
    """The noise is subtracted: 200 samples, mean within 4 standard errors of 0."""
    found = []
    for key in jax.random.split(jax.random.key(6), 200):
        rng = generator(key)
        weight = np.where(rng.random(2000) < negative, -1.0, 1.0)
        found.append(separation(rng.normal(size=2000), np.arange(2000) % 2, weight, replicas=1, key=key).value)
    assert abs(np.mean(found)) < 4 * np.std(found) / np.sqrt(200)


def test_separation_covers():
    """150 samples of the two slopes: the bootstrap interval holds 1/3 (z < 4)."""
    covered = 0
    for key in jax.random.split(jax.random.key(7), 150):
        rng = generator(key)
        y = np.arange(2000) % 2
        x = np.sqrt(rng.random(2000))
        found = separation(np.where(y == 1, x, 1 - x), y, replicas=100, key=jax.random.fold_in(key, 1))
        covered += not found.excludes(1 / 3)
    assert abs(covered / 150 - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / 150)


def test_separation_sees_neither_unit_nor_tail_nor_scale_of_weights():
    rng = generator(jax.random.key(8))
    y = rng.integers(2, size=500)
    x, weight = rng.normal(size=500) + y, rng.uniform(0.5, 1.5, 500)
    value = separation(x, y, weight, replicas=10, key=jax.random.key(0)).value
    assert separation(np.exp(60 * x), y, 7 * weight, replicas=10, key=jax.random.key(0)).value == pytest.approx(value)


def test_columns_are_ranked():
    rng = generator(jax.random.key(9))
    y = np.arange(1000) % 2
    x = np.column_stack([rng.normal(size=1000), rng.normal(size=1000) + 2 * y, rng.normal(size=1000) - 0.7 * y])
    data = Dataset(x, y=y, columns=("noise", "strong", "weak"), classes=("background", "signal"))
    found = rank_columns(data, key=jax.random.key(0))
    assert [rank.column for rank in found] == ["strong", "weak", "noise"]
    assert found[0].auc.value > 0.9
    assert found[1].auc.value < 0.4


def test_columns_of_several_classes_are_ranked():
    rng = generator(jax.random.key(10))
    y = np.arange(900) % 3
    x = np.column_stack([rng.normal(size=900), rng.normal(size=900) + 2 * y])
    data = Dataset(x, y=y, columns=("noise", "strong"), classes=("a", "b", "c"))
    found = rank_columns(data, replicas=20, key=jax.random.key(0))
    assert found[0].column == "strong"
    assert found[0].auc is None


def test_ranking_needs_classes():
    with pytest.raises(InputError, match="target of classes"):
        rank_columns(Dataset(np.zeros((4, 1)), y=np.arange(4.0)), key=jax.random.key(0))
