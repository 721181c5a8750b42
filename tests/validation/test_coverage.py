"""Bands hold the truth as often as they promise, over pseudo-experiments; where they do not, it is said here."""

import numpy as np
import pytest

import zoo
from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.training import (
    Bootstrap,
    ClosedForm,
    ConformalizedQuantile,
    CVPlus,
    Heteroscedastic,
    Replicas,
    SplitConformal,
    mlp,
)
from ansatz.validation import ONE_SIGMA, coverage, coverage_over

NETWORK = {
    "width": 16,
    "depth": 1,
    "activation": "tanh",
    "learning_rate": 0.02,
    "batch_size": 64,
    "epochs": 150,
    "patience": 20,
}
LEVELS = (ONE_SIGMA, 0.95)


def straight(x):
    return 1 + 2 * x


def wave(x):
    return np.sin(3 * x)


def sample(rng, n, law, deviation):
    x = rng.uniform(size=n)
    sigma = deviation(x)
    return Dataset(x[:, None], y=law(x) + sigma * rng.normal(size=n), observers={"error": sigma})


def experiment(*, n, fresh, law, deviation=lambda x: 0.1 + 0.2 * x):
    """From a key to training events, fresh events and the law at these."""

    def draw(key):
        rng = generator(key)
        train, test = sample(rng, n, law, deviation), sample(rng, fresh, law, deviation)
        return train, test, law(test.x[:, 0])

    return draw


line = experiment(n=100, fresh=1, law=straight)
curved = experiment(n=500, fresh=5, law=wave)

SETTLED = NETWORK | {"epochs": 400}
"""Long enough to forget the start; `Replicas` lets the learning rate fall to zero and keeps no events aside."""


def assert_covers(curve, sigmas):
    assert np.all(np.abs(curve.pulls) < sigmas), str(curve)


@pytest.mark.parametrize(
    "learner",
    [Replicas(ClosedForm(), 8, noise="error"), SplitConformal(ClosedForm()), CVPlus(ClosedForm(), 5)],
    ids=["replicas", "split-conformal", "cv-plus"],
)
def test_bands_of_a_line_cover(learner):
    """40 pseudo-experiments with one event each: 3 binomial standard errors."""
    assert_covers(coverage_over(learner, line, experiments=40, levels=LEVELS, key=zoo.key(3)), 3)


def test_a_network_with_mean_and_variance_covers():
    """10 pseudo-experiments with 50 events each: 3 standard errors over the experiments."""
    draw = experiment(n=500, fresh=50, law=wave)
    learner = Heteroscedastic(mlp(**NETWORK))
    assert_covers(coverage_over(learner, draw, experiments=10, levels=LEVELS, key=zoo.key(4)), 3)


COVERING = {
    "replicas, line": (lambda: Replicas(ClosedForm(), noise="error"), line),
    "replicas with unknown noise, line": (
        lambda: Replicas(ClosedForm()),
        experiment(n=100, fresh=1, law=straight, deviation=lambda x: np.full_like(x, 0.2)),
    ),
    "replicas, quintic": (lambda: Replicas(ClosedForm(degree=5), 12, noise="error"), curved),
    "bootstrap, line": (lambda: Bootstrap(ClosedForm()), line),
    "split-conformal, line": (lambda: SplitConformal(ClosedForm()), line),
    "cv-plus, line": (lambda: CVPlus(ClosedForm()), line),
    "split-conformal": (lambda: SplitConformal(mlp(**NETWORK)), curved),
    "conformalized-quantile": (lambda: ConformalizedQuantile(mlp(**NETWORK)), curved),
    "heteroscedastic": (lambda: Heteroscedastic(mlp(**NETWORK)), curved),
    "split-conformal, heteroscedastic": (lambda: SplitConformal(Heteroscedastic(mlp(**NETWORK))), curved),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COVERING)
def test_68_and_95_percent_bands_cover(name):
    """200 pseudo-experiments, within 2 standard errors."""
    make, draw = COVERING[name]
    assert_covers(coverage_over(make(), draw, experiments=200, levels=LEVELS, key=zoo.key(5)), 2)


@pytest.mark.slow
def test_replicas_of_a_network_that_came_to_rest_cover():
    """200 pseudo-experiments, within 3 standard errors; 400 gave .669 +- .013 and .955 +- .006."""
    learner = Replicas(mlp(**SETTLED), 12, noise="error")
    assert_covers(coverage_over(learner, curved, experiments=200, levels=LEVELS, key=zoo.key(5)), 3)


def test_coverage_is_the_fraction_inside_with_wilson_errors():
    y = np.arange(100.0)
    curve = coverage({0.5: (np.full(100, -1.0), np.full(100, 39.5))}, Dataset(np.zeros((100, 1)), y=y))
    found, width = curve.covered[0], curve.width[0]
    assert (found.value, width.value, curve.kind) == (0.4, 40.5, "prediction")
    assert (found.low, found.high) == pytest.approx((0.3524, 0.4495), abs=1e-3)
    assert curve.pulls[0] == pytest.approx(-2.0)


def test_weights_count_in_coverage():
    y, weight = np.array([0.0, 0.0, 5.0]), np.array([1.0, 2.0, 1.0])
    ends = {0.9: (np.full(3, -1.0), np.full(3, 1.0))}
    data = Dataset(np.zeros((3, 1)), y=y, weight=weight)
    found = [coverage(ends, data.replace(weight=f * weight)).covered[0] for f in (1, 7)]
    assert found[0].value == pytest.approx(0.75)
    assert found[1].low == pytest.approx(found[0].low)


def test_a_band_of_the_mean_needs_the_truth():
    data = zoo.numbers()
    fit = Bootstrap(ClosedForm(), 5)(data, zoo.key())
    with pytest.raises(InputError, match="give truth="):
        coverage(fit, data)
    assert coverage(fit, data, truth=100 + 20 * data.x[:, 0] - 5 * data.x[:, 1]).kind == "mean"


def test_targets_of_another_shape_are_refused():
    with pytest.raises(InputError, match="shape"):
        coverage({0.9: (np.zeros(3), np.ones(3))}, Dataset(np.zeros((2, 1)), y=np.zeros(2)))
    with pytest.raises(InputError, match="at least 2"):
        coverage_over(ClosedForm(), line, experiments=1, key=zoo.key())


def test_an_unbounded_band_has_no_width():
    data = line(zoo.key())[0][:20]
    curve = coverage(SplitConformal(ClosedForm())(data, zoo.key()), data, levels=(0.5, 0.95))
    assert np.isfinite(curve.width[0].value)
    assert not np.isfinite(curve.width[1].value)


def test_a_curve_is_written_as_plain_numbers():
    record = coverage(
        {0.5: (np.zeros(4), np.ones(4))}, Dataset(np.zeros((4, 1)), y=np.array([0.5, 0.5, 2, 2]))
    ).to_dict()
    assert (record["levels"], record["covered"][0]["value"], record["kind"]) == ([0.5], 0.5, "prediction")
