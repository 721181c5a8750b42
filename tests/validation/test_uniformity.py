"""Measures of uniformity against sums written out, and against published numbers."""

import jax
import numpy as np
import pytest

from ansatz.data import load
from ansatz.errors import InputError
from ansatz.training.classical import boosted_trees
from ansatz.validation import cells, cvm, sde, theil, uniformity
from ansatz.validation.classifiers.uniformity import EFFICIENCIES

RNG = np.random.default_rng(5)
N = 400
CELL = RNG.integers(0, 4, N)
SCORE = np.round(RNG.normal(size=N) + 0.4 * CELL, 1)
WEIGHT = RNG.integers(1, 4, N).astype(float)


def kept(efficiency):
    """Scores above the smallest cut that keeps no more than this part of the weight."""
    cuts = np.sort(np.unique(SCORE))
    passed = np.array([WEIGHT[cut < SCORE].sum() for cut in cuts]) / WEIGHT.sum()
    return cuts[np.argmax(passed <= efficiency)] < SCORE


def efficiencies(efficiency):
    chosen = kept(efficiency)
    return np.array([WEIGHT[chosen & (c == CELL)].sum() / WEIGHT[c == CELL].sum() for c in range(4)])


SHARE = np.array([WEIGHT[c == CELL].sum() for c in range(4)]) / WEIGHT.sum()


def test_the_standard_deviation_is_the_sum_over_cells():
    squares = [SHARE @ (e - SHARE @ e) ** 2 for e in map(efficiencies, EFFICIENCIES)]
    assert sde(SCORE, CELL, WEIGHT) == pytest.approx(np.sqrt(np.mean(squares)))


def test_theil_is_the_sum_over_cells():
    ratios = [e / (SHARE @ e) for e in map(efficiencies, EFFICIENCIES)]
    assert theil(SCORE, CELL, WEIGHT) == pytest.approx(np.mean([SHARE @ (r * np.log(r)) for r in ratios]))


def test_cramer_von_mises_is_the_integral_over_all_cuts():
    total = 0.0
    for cut in np.unique(SCORE):
        step = WEIGHT[cut == SCORE].sum() / WEIGHT.sum()
        whole = WEIGHT[cut >= SCORE].sum() / WEIGHT.sum()
        for c in range(4):
            inside = WEIGHT[(cut >= SCORE) & (c == CELL)].sum() / WEIGHT[c == CELL].sum()
            total += SHARE[c] * step * (inside - whole) ** 2
    assert cvm(SCORE, CELL, WEIGHT) == pytest.approx(total)


@pytest.mark.parametrize("measure", [sde, theil, cvm])
def test_neither_scale_nor_splitting_of_weights_matters(measure):
    copies = np.repeat(np.arange(N), WEIGHT.astype(int))
    assert measure(SCORE, CELL, 7 * WEIGHT) == pytest.approx(measure(SCORE, CELL, WEIGHT))
    assert measure(SCORE[copies], CELL[copies]) == pytest.approx(measure(SCORE, CELL, WEIGHT))


def test_a_score_that_knows_nothing_of_the_cells_is_as_uniform_as_chance_allows():
    rng = np.random.default_rng(0)
    found = uniformity(rng.normal(size=4000), rng.uniform(size=(4000, 2)), bins=5, replicas=20, rng=rng)
    assert found.sde.value == pytest.approx(found.expected, rel=0.25)


def test_a_score_of_few_values_may_let_nothing_pass():
    assert theil(np.ones(8), np.repeat([0, 1], 4)) == 0
    assert sde(np.ones(8), np.repeat([0, 1], 4)) == 0


def test_cells_whose_weights_cancel_are_refused():
    with pytest.raises(InputError, match="fewer bins"):
        sde(np.arange(4.0), np.array([0, 0, 1, 1]), np.array([1.0, 1.0, 1.0, -1.0]))
    with pytest.raises(InputError, match="two or more"):
        cells(np.arange(3.0), bins=1)


@pytest.mark.slow
def test_plain_boosting_of_the_dalitz_sample_is_as_uniform_as_published(shared):
    """hep_ml prints .1325 and .0225 for its gradient boosting, whose AUC is .9392; ours is scikit-learn's."""
    data = load(
        shared / "hep" / "hepml_dalitzdata.root",
        target="labels",
        features=["Y1", "Y2", "Y3"],
        observers=["M2AB", "M2AC"],
    )
    order = np.random.default_rng(0).permutation(len(data))
    train, test = data[order[:50_000]], data[order[50_000:]]
    score = boosted_trees(trees=150, leaves=16)(train, jax.random.key(0)).score(test.x)
    own = test.y == 1
    cell = cells(np.column_stack([test.observers[name][own] for name in ("M2AB", "M2AC")]))
    assert sde(score[own], cell) == pytest.approx(0.1325, abs=0.006)
    assert cvm(score[own], cell) == pytest.approx(0.0225, abs=0.003)
