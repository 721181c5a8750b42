"""What mattered, held against functions whose variance is known; and how good the best of many really is."""

import itertools
import math

import jax
import numpy as np
import pytest
from sklearn.tree import DecisionTreeRegressor

from ansatz.data import folds
from ansatz.errors import InputError
from ansatz.problems import Gaussians
from ansatz.training.classical import CLASSICAL
from ansatz.validation import metric_named
from ansatz.validation.scans import (
    Integer,
    OneOf,
    Scan,
    Space,
    Trial,
    importance_of_choices,
    nested_scan,
    select,
    variance_shares,
)

KEY = jax.random.key(0)


def grid_shares(tree, columns=3, points=64):
    """Main, pair and total shares of a tree, from its values on a fine grid whose cells its cuts do not cross."""
    axis = (np.arange(points) + 0.5) / points
    table = tree.predict(np.array(list(itertools.product(axis, repeat=columns)))).reshape((points,) * columns)
    table = table - table.mean()
    whole = np.mean(table**2)

    def left(kept):
        return np.mean(table.mean(axis=tuple(set(range(columns)) - set(kept))) ** 2) / whole

    main = np.array([left({i}) for i in range(columns)])
    total = np.array([1 - left(set(range(columns)) - {i}) for i in range(columns)])
    return main, total, left({0, 1}) - main[0] - main[1]


def test_shares_of_a_tree_are_those_of_brute_force():
    rng = np.random.default_rng(0)
    x = rng.integers(64, size=(300, 3)) / 64 + 1 / 128
    cuts = np.round(x * 64 - 0.5) / 64
    tree = DecisionTreeRegressor(max_leaf_nodes=25).fit(cuts, x[:, 0] * x[:, 1] + x[:, 2] ** 2)
    tree.tree_.threshold[:] = np.where(tree.tree_.feature >= 0, np.round(tree.tree_.threshold * 64) / 64, -2)
    found = variance_shares([tree])
    main, total, pair = grid_shares(tree)
    np.testing.assert_allclose(found.main, main, atol=1e-6)
    np.testing.assert_allclose(found.total, total, atol=1e-6)
    assert found.pair[0, 1] == pytest.approx(pair, abs=1e-6)


def test_shares_of_an_additive_function_are_those_of_its_terms():
    """f = 3 a + 2 (2 b - 1)^2 + c: variances 9/12, 16/45, 1/12, and nothing from d."""
    x = np.random.default_rng(1).random((250, 4))
    y = 3 * x[:, 0] + 2 * (2 * x[:, 1] - 1) ** 2 + x[:, 2]
    truth = dict(zip("abcd", np.array([9 / 12, 16 / 45, 1 / 12, 0]) / (9 / 12 + 16 / 45 + 1 / 12), strict=True))
    found = importance_of_choices(tuple("abcd"), x, y, key=KEY)
    assert [choice.name for choice in found.choices] == list("abcd")
    for choice in found.choices:
        expected = truth[choice.name]
        assert choice.main.value == pytest.approx(expected, abs=0.06)
        assert choice.permutation.value == pytest.approx(expected, abs=0.06 + 4 * choice.permutation.error)
        assert choice.total.value >= choice.main.value
    assert found.explained > 0.9


@pytest.mark.slow
def test_two_choices_that_only_act_together_have_no_share_of_their_own():
    """f = (a - 1/2)(b - 1/2): all of the variance is the pair's."""
    x = np.random.default_rng(2).random((250, 3))
    found = importance_of_choices(tuple("abc"), x, (x[:, 0] - 0.5) * (x[:, 1] - 0.5), key=KEY)
    shares = {choice.name: choice for choice in found.choices}
    assert found.pairs["a", "b"] > 0.6
    assert all(shares[name].main.value < 0.15 < 0.75 < shares[name].total.value for name in "ab")
    assert shares["c"].total.value < 0.2


def test_noise_has_no_importance_and_says_so():
    x = np.random.default_rng(3).random((80, 2))
    found = importance_of_choices(("a", "b"), x, np.random.default_rng(4).normal(size=80), key=KEY)
    assert found.explained < 0.2
    assert all(abs(choice.permutation.value) < 4 * choice.permutation.error + 0.05 for choice in found.choices)


def test_too_few_settings_tell_nothing():
    with pytest.raises(InputError, match="at least 12 settings"):
        importance_of_choices(("a",), np.zeros((5, 1)), np.zeros(5), key=KEY)


def lottery(seed, settings=50, count=4, error=0.1):
    """Settings that are all equally good (0.7): their scores are noise alone."""
    scores = 0.7 + error * np.random.default_rng(seed).normal(size=(settings, count))
    trials = [
        Trial(n, {"a": n}, tuple(row.tolist()), (error,) * count, float(row.mean())) for n, row in enumerate(scores)
    ]
    return Scan(Space({"a": Integer(0, settings - 1)}), metric_named("auc"), tuple(trials))


def test_the_best_of_many_equal_settings_is_flattered_and_crossing_folds_shows_it():
    """Over 60 scans: the best score is biased by many errors, the crossed one by less than 3.5 of its own."""
    chosen = [select(lottery(seed)) for seed in range(60)]
    seen, crossed = (np.array([getattr(c, n).value for c in chosen]) - 0.7 for n in ("seen", "crossed"))
    assert seen.mean() > 10 * seen.std(ddof=1) / math.sqrt(60)
    assert abs(crossed.mean()) < 3.5 * crossed.std(ddof=1) / math.sqrt(60)
    assert np.mean([c.rivals for c in chosen]) > 3


def test_one_fold_cannot_be_crossed():
    trials = (Trial(0, {"a": 1}, (0.6,), (0.1,), 0.6), Trial(1, {"a": 2}, (0.7,), (0.1,), 0.7))
    assert select(Scan(Space({"a": OneOf((1, 2))}), metric_named("auc"), trials)).crossed is None


def test_nested_cross_validation_judges_every_row_once_and_by_the_truth():
    problem = Gaussians(separation=1.5)
    data = problem.draw(jax.random.key(5), 600)
    outer = folds(data, 3, key=jax.random.key(6))
    found = nested_scan(CLASSICAL["tree"], data, Space({"depth": Integer(1, 4)}), outer=outer, inner=2, key=KEY)
    assert len(found.answers) == 600
    assert len(found.chosen) == 3
    assert found.score.value < problem.optimal_auc() + 3 * found.score.error
    assert found.score.value > 0.7


def test_nested_scans_see_the_rows_of_their_outer_fold_alone():
    """Targets of the rows held out may be anything: what was chosen without them stays the same."""
    data = Gaussians().draw(jax.random.key(5), 200)
    outer = folds(data, 2, key=jax.random.key(6))
    other = data.y.copy()
    other[outer[0][1]] = 1 - other[outer[0][1]]
    space = Space({"depth": Integer(1, 4)})
    first, second = (
        nested_scan(CLASSICAL["tree"], d, space, outer=outer, inner=2, key=KEY) for d in (data, data.replace(y=other))
    )
    assert first.chosen[0] == second.chosen[0]
