"""Laws over the whole table of metrics."""

import dataclasses

import jax
import numpy as np
import pytest
from sklearn import metrics as sk

from ansatz.errors import InputError
from ansatz.validation import METRICS, Answers, bootstrap_values, linear_error, score, scores, statistic_of

KINDS = [(name, "regression") for name, m in METRICS.items() if m.task == "regression"]
KINDS += [(name, "binary") for name, m in METRICS.items() if m.task == "classification"]
KINDS += [(name, "multi") for name, m in METRICS.items() if m.task == "classification" and not m.binary]


def raw(answers, weight):
    """The answers with weights exactly as given, not rescaled."""
    return dataclasses.replace(answers, weight=weight)


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_scale_of_the_weights_changes_no_value_and_no_interval(name, kind, samples):
    a = samples[kind]
    scaled = raw(a, 7 * a.weight)
    first, second = (score(x, name, key=jax.random.key(0)) for x in (a, scaled))
    np.testing.assert_allclose(
        [first.value, first.low, first.high], [second.value, second.low, second.high], rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_a_weight_of_two_is_the_event_twice(name, kind, samples):
    a = samples[kind]
    times = np.arange(len(a)) % 3
    twice = a[np.repeat(np.arange(len(a)), times)]
    merged = a[times > 0]
    merged = raw(merged, a.weight[times > 0] * times[times > 0])
    values = [float(statistic_of(name, x)(x.weight)) for x in (twice, merged)]
    assert values[0] == pytest.approx(values[1], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_order_of_the_events_changes_nothing(name, kind, samples):
    a = samples[kind]
    mixed = a[np.argsort(np.sin(np.arange(len(a))))]
    values = [float(statistic_of(name, x)(x.weight)) for x in (a, mixed)]
    assert values[0] == pytest.approx(values[1], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_many_weights_at_once_give_the_same_as_one_by_one(name, kind, samples):
    a = samples[kind]
    statistic = statistic_of(name, a)
    weights = np.stack([a.weight, np.abs(a.weight), np.ones(len(a))])
    np.testing.assert_allclose(statistic(weights), [statistic(w) for w in weights], rtol=1e-12)


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_influences_cancel(name, kind, samples):
    """A statistic that does not see the scale of the weights has sum_i w_i dT/dw_i = 0."""
    a = samples[kind]
    moved = a.weight * statistic_of(name, a).influence(a.weight)
    assert abs(moved.sum()) < 1e-12 * np.abs(moved).sum()


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_linear_error_is_the_spread_of_the_bootstrap(name, kind, positive_samples):
    """To a factor 1.3: 400 replicas know a spread to 4 %, the rest is the curvature of working points."""
    a = positive_samples[kind]
    statistic = statistic_of(name, a)
    found = bootstrap_values([statistic], a.weight, replicas=400, key=jax.random.key(1))[:, 0]
    low, high = np.quantile(found[np.isfinite(found)], [0.16, 0.84])
    assert 1 / 1.3 < linear_error(statistic, a.weight) / ((high - low) / 2) < 1.3


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_perfect_answers_have_the_ideal_value(name, kind):
    y = np.array([0, 1, 2] * 10) if kind == "multi" else np.array([0, 1] * 15)
    if kind == "regression":
        pull = np.tile([-1.0, 1.0], 15)
        perfect = {"chi2": pull, "pull_width": pull}.get(name, np.zeros(30))
        a = Answers.predicted(y.astype(float), y + perfect, sigma=1.0)
    else:
        a = Answers.classified(y, probability=np.eye(3 if kind == "multi" else 2)[y])
    assert float(statistic_of(name, a)(a.weight)) == pytest.approx(METRICS[name].ideal, abs=1e-12)


def test_classification_agrees_with_scikit_learn(positive_samples):
    for kind, average in (("binary", "binary"), ("multi", "macro")):
        a = positive_samples[kind]
        given = {"sample_weight": a.weight}
        known = {
            "accuracy": sk.accuracy_score(a.y, a.decision, **given),
            "balanced_accuracy": sk.balanced_accuracy_score(a.y, a.decision, **given),
            "precision": sk.precision_score(a.y, a.decision, average=average, **given),
            "recall": sk.recall_score(a.y, a.decision, average=average, **given),
            "f1": sk.f1_score(a.y, a.decision, average=average, **given),
            "log_loss": sk.log_loss(a.y, a.probability, **given),
            "brier": sk.brier_score_loss(a.y, a.probability if kind == "multi" else a.score, **given),
        }
        for name, value in known.items():
            assert float(statistic_of(name, a)(a.weight)) == pytest.approx(value, rel=1e-9), (kind, name)


def test_macro_area_agrees_with_scikit_learn(positive_samples):
    a = positive_samples["multi"]
    each = [sk.roc_auc_score(a.y == k, a.score[:, k], sample_weight=a.weight) for k in range(3)]
    assert float(statistic_of("auc", a)(a.weight)) == pytest.approx(np.mean(each))


def test_regression_agrees_with_scikit_learn(positive_samples):
    a = positive_samples["regression"]
    given = {"sample_weight": a.weight}
    known = {
        "mse": sk.mean_squared_error(a.y, a.value, **given),
        "rmse": sk.root_mean_squared_error(a.y, a.value, **given),
        "mae": sk.mean_absolute_error(a.y, a.value, **given),
        "r2": sk.r2_score(a.y, a.value, **given),
        "chi2": sk.mean_squared_error(a.y, a.value, **given) / 0.4**2,
    }
    for name, value in known.items():
        assert float(statistic_of(name, a)(a.weight)) == pytest.approx(value, rel=1e-9), name


def test_every_output_has_its_own_scores(samples):
    found = scores(samples["regression"], key=jax.random.key(0))
    assert found["mse"].value == pytest.approx((found["mse[a]"].value + found["mse[b]"].value) / 2)
    assert found["r2"].value == pytest.approx((found["r2[a]"].value + found["r2[b]"].value) / 2)


def test_chi2_of_fitted_events_is_per_degree_of_freedom():
    """A straight line through noisy points of known error: 300 fits, mean chi2 / (n - 2) is 1 within 4 errors."""
    found = []
    for key in jax.random.split(jax.random.key(7), 300):
        x = np.linspace(0, 1, 8)
        y = 1 + 2 * x + 0.3 * np.asarray(jax.random.normal(key, (8,)), float)
        a = Answers.predicted(y, np.polyval(np.polyfit(x, y, 1), x), sigma=0.3, parameters=2)
        found.append(float(statistic_of("chi2", a)(a.weight)))
    assert abs(np.mean(found) - 1) < 4 * np.sqrt(2 / 6 / 300)


def test_probabilities_are_not_asked_for_where_there_are_none(binary):
    ranked = Answers.classified(binary.y, binary.score - 0.5, weight=binary.weight)
    found = scores(ranked, key=jax.random.key(0))
    assert "auc" in found
    assert not {"log_loss", "brier", "ece"} & set(found)
    with pytest.raises(InputError, match="'brier' needs .* probability"):
        score(ranked, "brier", key=jax.random.key(0))


def test_nothing_selected_is_said_not_hidden():
    a = Answers.classified([0, 1, 0, 1], score=[-1.0, -2.0, -3.0, -0.5])
    found = score(a, "precision", key=jax.random.key(0))
    assert (found.low, found.high) == (0, 1)
    assert "undetermined" in found.method


def test_rejection_without_background_is_a_lower_limit():
    a = Answers.classified([0] * 20 + [1] * 20, score=np.arange(40.0))
    found = score(a, "rejection@0.3", key=jax.random.key(0))
    assert found.value == np.inf
    assert str(found).startswith("> ")


def test_unknown_metric_gets_a_suggestion(binary):
    with pytest.raises(InputError, match="did you mean 'accuracy'"):
        score(binary, "acuracy", key=jax.random.key(0))


def test_higgs_weights_change_the_area(shared):
    """Event weights of the published example file; the value is the brute-force sum's."""
    import gzip

    with gzip.open(shared / "hep" / "higgs_uci_binary.test.gz", "rt") as text:
        table = np.loadtxt(text)
    weight = np.loadtxt(shared / "hep" / "higgs_uci_binary.test.weight")
    y, score_ = table[:, 0], table[:, 26]
    a = Answers.classified(y, score_, weight=weight)
    assert float(statistic_of("auc", a)(a.weight)) == pytest.approx(sk.roc_auc_score(y, score_, sample_weight=weight))
