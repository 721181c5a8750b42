"""A fit is a population of fits: each member learns as if it were alone."""

import jax
import numpy as np
import pytest

import zoo
from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.models import MLP, linear
from ansatz.optimizers import Recipe
from ansatz.risk import L2, Expected, squared_error
from ansatz.training import Population, fit, replicas

RISK = Expected(squared_error)
RECIPE = Recipe("sgd", learning_rate=0.05)


def line(key):
    return linear(zoo.INPUTS, None, initialization="zero", key=key)


def centered(n=96, seed=0):
    data = zoo.numbers(n, seed)
    return data.replace(y=(data.y - 100) / 20)


def fitted(data, population=1, *, recipe=RECIPE, risk=RISK, epochs=20, model=line):
    return fit(
        model, risk, data, optimizer=recipe, epochs=epochs, batch_size=None, population=population, key=zoo.key()
    )


def agree(first, second):
    np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-5)


def test_members_have_learning_rates_of_their_own():
    data, rates = centered(), np.array([0.01, 0.05, 0.1])
    together = fitted(data, Population(3, hyperparameters={"learning_rate": rates})).members(data.x)
    for number, rate in enumerate(rates):
        agree(together[number], fitted(data, recipe=Recipe("sgd", learning_rate=rate)).predict(data.x))


def test_members_have_penalties_of_their_own():
    data, strengths = centered(), np.array([0.0, 0.3])
    together = fitted(data, Population(2, hyperparameters={"l2": strengths}), risk=RISK + 1.0 * L2()).members(data.x)
    for number, strength in enumerate(strengths):
        agree(together[number], fitted(data, risk=RISK + strength * L2()).predict(data.x))


def test_members_have_dropout_of_their_own():
    def network(key):
        return MLP(zoo.INPUTS, None, width=64, depth=1, dropout=0.0, key=key)

    data, rates = centered(), np.array([0.0, 0.0, 0.9])
    recipe, population = Recipe("adam", learning_rate=0.01), Population(3, hyperparameters={"dropout": rates})
    risks = fitted(data, population, recipe=recipe, model=network).history["train/risk"]
    assert risks[2, -1] > 1.5 * risks[:2, -1].max()


def test_weights_of_its_own_are_a_sample_of_its_own():
    data = centered()
    folds = np.arange(96) % 3
    weight = np.stack([folds != fold for fold in range(3)]).astype(float)
    together = fitted(data, Population(3, weight=weight)).members(data.x)
    for fold in range(3):
        agree(together[fold], fitted(data[folds != fold]).predict(data.x))


def test_targets_of_its_own_are_measurements_of_its_own():
    data = centered()
    targets = replicas(data.y, np.full(96, 0.5), 3, key=zoo.key(4))
    together = fitted(data, Population(3, target=targets)).members(data.x)
    for number in range(3):
        agree(together[number], fitted(data.replace(y=targets[number])).predict(data.x))


def network(key):
    return MLP(zoo.INPUTS, None, width=8, depth=1, dropout=0.2, key=key)


def test_members_of_common_numbers_are_fits_alone():
    data, rates = centered(), np.array([0.003, 0.01])
    population = Population(2, hyperparameters={"learning_rate": rates}, common=True)
    together = fitted(data, population, recipe=Recipe("adam"), model=network).members(data.x)
    for number, rate in enumerate(rates):
        alone = fitted(data, recipe=Recipe("adam", learning_rate=rate), model=network)
        agree(together[number], alone.members(data.x)[0])


def test_idle_members_are_never_trained_and_change_no_other():
    data, idle = centered(), np.array([False, True, True, False])
    whole = fitted(data, Population(4, common=True), recipe=Recipe("adam"), model=network)
    some = fitted(data, Population(4, common=True, idle=idle), recipe=Recipe("adam"), model=network)
    agree(some.members(data.x)[~idle], whole.members(data.x)[~idle])
    assert np.isnan(some.history["train/risk"][idle]).all()
    assert some.details["members_stopped"] == ["epochs", "patience", "patience", "epochs"]


def test_bootstrap_members_scatter_as_the_standard_error():
    rng = np.random.default_rng(2)
    n, members = 200, 200
    data = Dataset(np.zeros((n, 1)), y=rng.normal(size=n))
    found = fit(
        lambda key: linear(1, None, initialization="zero", key=key),
        RISK,
        data,
        epochs=80,
        batch_size=None,
        optimizer=Recipe("sgd", learning_rate=0.25),
        population=Population(members, "bootstrap"),
        key=zoo.key(),
    )
    means = found.members(data.x[:1])[:, 0]
    truth = data.y.std() / np.sqrt(n)
    assert abs(means.std() - truth) < 4 * truth / np.sqrt(2 * members)
    assert abs(means.mean() - data.y.mean()) < 4 * truth / np.sqrt(members)


def test_replicas_have_the_covariance_of_the_measurements():
    root = np.array([[1.0, 0.0, 0.0], [0.8, 0.6, 0.0], [0.0, 0.5, 2.0]])
    covariance, members = root @ root.T, 4000
    drawn = replicas(np.array([1.0, 2.0, 3.0]), covariance, members, key=zoo.key())
    variances = np.outer(np.diag(covariance), np.diag(covariance))
    error = np.sqrt((covariance**2 + variances) / members)
    assert (np.abs(np.cov(drawn.T) - covariance) < 4 * error).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Population(0), "at least one member"),
        (lambda: Population(2, "jacknife"), "no resampling 'jacknife'"),
        (lambda: Population(2, hyperparameters={"l2": np.ones(3)}), "one value for each of the 2 members"),
        (lambda: Population(2, weight=np.ones((3, 5))), "one row for each of the 2 members"),
        (lambda: fitted(centered(), Population(2, weight=np.ones((2, 5)))), "5 columns but there are 96 events"),
        (lambda: fitted(centered(), Population(2, hyperparameters={"learning_rte": np.ones(2)})), "'learning_rate'"),
        (lambda: replicas(np.zeros(2), np.array([[1.0, 2.0], [2.0, 1.0]]), 3, key=jax.random.key(0)), "not positive"),
        (lambda: replicas(np.zeros(2), np.array([[1.0, 0.5], [0.1, 1.0]]), 3, key=jax.random.key(0)), "symmetric"),
        (lambda: replicas(np.zeros(2), np.array([1.0, 0.0]), 3, key=jax.random.key(0)), "row 1 is 0"),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
