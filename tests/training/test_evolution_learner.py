"""Evolution trains networks through `fit`: XNOR to the optimum, weights, look-back, what it refuses."""

import numpy as np
import pytest

import zoo
from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.models import MLP, linear
from ansatz.optimizers import CMAES, EVOLUTIONARY, DifferentialEvolution, GeneticAlgorithm, GridSearch
from ansatz.problems import PROBLEMS
from ansatz.risk import Expected, cross_entropy, squared_error, zero_one
from ansatz.training import Evolution, fit, load_fit, mlp, save_fit

RISK = Expected(squared_error)


def line(key):
    return linear(zoo.INPUTS, None, initialization="zero", key=key)


def small(key):
    return MLP(2, None, width=6, depth=1, activation="tanh", key=key)


def xnor(n, seed):
    return PROBLEMS["xnor"](noise=0.3).draw(zoo.key(seed), n)


@pytest.mark.parametrize("optimizer", [CMAES(sigma=0.5), GeneticAlgorithm()], ids=lambda o: type(o).__name__)
def test_evolution_trains_xnor_to_the_best_accuracy_possible(optimizer):
    """Within 3.5 standard errors of the accuracy of the law itself, on 4,000 fresh events."""
    train, fresh = xnor(1_000, 1), xnor(4_000, 2)
    learner = Evolution(
        lambda rows: small, lambda rows: Expected(cross_entropy), lambda rows: "sigmoid", optimizer=optimizer
    )
    found = learner(train, zoo.key(3))
    best = np.mean((PROBLEMS["xnor"](noise=0.3).probability(fresh.x) > 0.5) == fresh.y)
    accuracy = np.mean(found.predict(fresh.x) == fresh.y)
    assert accuracy > best - 3.5 * np.sqrt(best * (1 - best) / len(fresh))
    assert {"train/cross_entropy", "train/risk", "validation/risk"} <= set(found.history)


def test_a_generation_is_never_worse_than_the_one_before():
    data = zoo.two_classes()
    found = fit(line, Expected(cross_entropy), data, optimizer=CMAES(), epochs=40, head="sigmoid", key=zoo.key())
    assert len(found.history["train/risk"]) == 40
    assert (np.diff(found.history["train/risk"]) <= 0).all()
    assert found.best_epoch[0] == 39


@pytest.mark.parametrize("optimizer", [CMAES(), DifferentialEvolution()], ids=lambda o: type(o).__name__)
def test_weights_of_either_sign_are_respected(optimizer):
    """Events whose weights cancel change nothing: the end is that of weighted least squares."""
    data = zoo.numbers().replace(y=(zoo.numbers().y - 100) / 20)
    wrong = data.replace(y=data.y + 7)
    both = Dataset(
        np.concatenate([data.x, wrong.x, wrong.x]),
        y=np.concatenate([data.y, wrong.y, wrong.y]),
        weight=np.concatenate([data.weight, wrong.weight, -wrong.weight]),
    )
    found = fit(line, RISK, both, optimizer=optimizer, epochs=300, key=zoo.key())
    design, root = np.column_stack([data.x, np.ones(len(data))]), np.sqrt(data.weight)
    exact = design @ np.linalg.lstsq(root[:, None] * design, root * data.y, rcond=None)[0]
    np.testing.assert_allclose(found.predict(data.x), exact, atol=5e-3)


def test_look_back_stops_and_keeps_the_best_generation():
    data, fresh = xnor(40, 1), xnor(300, 2)
    found = fit(
        small,
        Expected(cross_entropy),
        data,
        validation=fresh,
        optimizer=CMAES(),
        epochs=400,
        patience=20,
        head="sigmoid",
        key=zoo.key(),
    )
    curve = found.history["validation/risk"]
    assert found.stopped == "patience"
    assert found.best_epoch[0] == np.argmin(curve)
    p = found.score(fresh.x)
    score = -np.mean(np.where(fresh.y == 1, np.log(p), np.log1p(-p)))
    assert score == pytest.approx(curve.min(), rel=1e-3)


def test_members_differ_by_their_start_alone_and_can_be_stored(tmp_path):
    data = zoo.two_classes()
    both = fit(
        line, Expected(cross_entropy), data, optimizer=CMAES(), epochs=150, population=2, head="sigmoid", key=zoo.key()
    )
    first, second = both.members(data.x)
    assert both.history["train/risk"].shape[0] == 2
    assert not np.array_equal(first, second)
    np.testing.assert_allclose(first, second, atol=0.02)
    np.testing.assert_array_equal(load_fit(save_fit(both, tmp_path / "fit")).members(data.x), both.members(data.x))


def test_a_loss_without_a_gradient_is_made_small():
    data = zoo.two_classes(300)
    learner = Evolution(lambda rows: line, lambda rows: Expected(zero_one), lambda rows: "score", generations=100)
    assert np.mean(learner(data, zoo.key()).predict(data.x) == data.y) > 0.85


@pytest.mark.parametrize("name", EVOLUTIONARY)
def test_a_study_may_name_each_of_them(name):
    data = xnor(400, 1)
    found = mlp(width=6, depth=1, activation="tanh", optimizer=name, epochs=150, patience=None)(data, zoo.key())
    assert np.mean(found.predict(data.x) == data.y) > 0.65
    assert found.history["train/risk"][-1] < 0.9 * found.history["train/risk"][0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: fit(line, RISK, zoo.numbers(), optimizer=GridSearch(), key=zoo.key()),
            "GridSearch cannot train a network; take CMAES",
        ),
        (
            lambda: fit(
                lambda key: MLP(zoo.INPUTS, None, width=60, depth=2, key=key),
                RISK,
                zoo.numbers(),
                optimizer=CMAES(),
                key=zoo.key(),
            ),
            "CMAES learns a matrix of 3,961 by 3,961 numbers; take CMAES\\(separable=True\\)",
        ),
        (lambda: mlp(optimizer="cma-es", dropout=0.1), "leave out dropout"),
    ],
)
def test_what_is_impossible_is_refused_in_one_line(call, message):
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
