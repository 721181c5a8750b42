import jax
import numpy as np
import pytest
from scipy import stats

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.validation import Answers, Interval, bootstrap, compare, corrected_t, holm, mcnemar


def two_models(key, n=400, difference=0.0, weighted=False):
    """Two models that share most of their errors; the second is better by `difference`."""
    rng = generator(key)
    y = rng.integers(2, size=n)
    shared = rng.normal(size=n)
    weight = np.where(rng.random(n) < 0.1, -1.0, 1.0) if weighted else None
    scores = [(1.2 + d) * (y - 0.5) + 0.9 * shared + 0.4 * rng.normal(size=n) for d in (0, difference)]
    return {name: Answers.classified(y, s, weight=weight) for name, s in zip("ab", scores, strict=True)}


@pytest.mark.parametrize("weighted", [False, True])
def test_equal_models_are_seldom_called_different(weighted):
    """300 pairs of equally good models: p < 0.1 in a tenth of them; z < 4."""
    p = []
    for key in jax.random.split(jax.random.key(0), 300):
        [found] = compare(two_models(key, weighted=weighted), metric="auc", key=key)
        p.append(found.p_value)
    assert abs(np.mean(np.array(p) < 0.1) - 0.1) < 4 * np.sqrt(0.1 * 0.9 / 300)


def test_pairing_sees_what_two_intervals_do_not():
    models = two_models(jax.random.key(1), n=2000, difference=0.15)
    [paired] = compare(models, metric="auc", key=jax.random.key(0))
    assert paired.p_value < 0.01
    assert not paired.a_is_better


def test_bootstrap_and_delong_agree_on_the_error():
    models = two_models(jax.random.key(2), difference=0.2)
    [analytic] = compare(models, metric="auc", key=jax.random.key(0))

    def difference(w):
        return float_auc(models["a"], w) - float_auc(models["b"], w)

    resampled = bootstrap(difference, models["a"].weight, replicas=600, ends="percentile", key=jax.random.key(3))
    assert resampled.value == pytest.approx(analytic.difference.value)
    assert 0.85 < resampled.error / analytic.difference.error < 1.15


def float_auc(answers, weight):
    from ansatz.validation import statistic_of

    return statistic_of("auc", answers)(weight)


@pytest.mark.parametrize("metric", ["accuracy", "average_precision", "efficiency@0.1"])
def test_any_metric_can_be_compared(metric):
    models = two_models(jax.random.key(4), n=1500, difference=0.8)
    [found] = compare(models, metric=metric, key=jax.random.key(0))
    assert found.difference.value < 0
    assert found.difference.excludes(0)
    assert found.p_value < 0.01


def test_regressions_are_compared_without_decisions():
    rng = generator(jax.random.key(5))
    y = rng.normal(size=500)
    models = {n: Answers.predicted(y, y + s * rng.normal(size=500)) for n, s in (("good", 0.1), ("bad", 0.3))}
    [found] = compare(models, metric="mse", key=jax.random.key(0))
    assert found.a_is_better
    assert found.significant()
    assert found.mcnemar_p_value is None


def test_a_model_equals_itself():
    models = two_models(jax.random.key(6))
    [found] = compare({"one": models["a"], "two": models["a"]}, metric="auc", key=jax.random.key(0))
    assert (found.difference.value, found.p_value, found.mcnemar_p_value) == (0, 1, 1)


def test_scale_of_weights_changes_no_comparison():
    import dataclasses

    models = two_models(jax.random.key(7), weighted=True, difference=0.3)
    scaled = {n: dataclasses.replace(a, weight=7 * a.weight) for n, a in models.items()}
    for metric in ("auc", "accuracy"):
        first, second = (compare(m, metric=metric, key=jax.random.key(0))[0] for m in (models, scaled))
        assert first.p_value == pytest.approx(second.p_value)
        assert first.mcnemar_p_value == pytest.approx(second.mcnemar_p_value)
        assert first.difference.low == pytest.approx(second.difference.low)


def test_different_rows_are_refused():
    models = two_models(jax.random.key(8))
    with pytest.raises(InputError, match="same rows"):
        compare({"a": models["a"], "b": models["b"][:300]}, metric="auc", key=jax.random.key(0))


@pytest.mark.parametrize(("only_a", "only_b"), [(10, 2), (0, 6), (5, 5), (121, 59), (1, 0)])
def test_mcnemar_is_the_exact_binomial_test(only_a, only_b):
    a = np.repeat([True, False, True, False], [only_a, only_b, 40, 7])
    b = np.repeat([False, True, True, False], [only_a, only_b, 40, 7])
    known = stats.binomtest(only_a, only_a + only_b, 0.5).pvalue
    assert mcnemar(a, b) == pytest.approx(known)
    assert mcnemar(a, b, np.full(len(a), 7.0)) == pytest.approx(known)


def test_mcnemar_by_hand():
    """A. Agresti's approval ratings: 150 and 86 of 1,600 changed their mind; z = 64 / sqrt(236)."""
    a = np.repeat([True, False], [150, 86])
    weight = np.where(np.arange(236) % 2, 1.0, 1.0 + 1e-6)
    assert mcnemar(a, ~a, weight) == pytest.approx(2 * stats.norm.sf(64 / np.sqrt(236)), rel=1e-3)


def test_mcnemar_without_disagreement():
    right = np.array([True, False, True])
    assert mcnemar(right, right) == 1


def test_holm_by_hand():
    np.testing.assert_allclose(holm([0.02, 0.001, 0.3, 0.015]), [0.045, 0.004, 0.3, 0.045])


def test_corrected_t_by_hand():
    """Four folds of 25 of 100: t = mean / sqrt((1/4 + 1/3) s^2), three degrees of freedom."""
    d = np.array([0.02, 0.01, 0.04, 0.03])
    interval, p = corrected_t(d, train=75, test=25, level=0.95)
    error = np.sqrt((1 / 4 + 1 / 3) * d.var(ddof=1))
    assert p == pytest.approx(2 * stats.t.sf(d.mean() / error, 3))
    assert interval.high == pytest.approx(d.mean() + stats.t.ppf(0.975, 3) * error)


@pytest.mark.parametrize("kind", ["multinomial", "poisson"])
@pytest.mark.parametrize("ends", ["percentile", "bca"])
def test_bootstrap_covers_a_skewed_mean(kind, ends):
    """250 samples of 60 exponential numbers; coverage of one sigma within 4 binomial errors."""
    covered = 0
    for key in jax.random.split(jax.random.key(9), 250):
        x = generator(key).exponential(size=60)

        def mean(w, x=x):
            return w @ x / w.sum(axis=-1)

        found = bootstrap(mean, np.ones(60), replicas=200, kind=kind, ends=ends, key=jax.random.fold_in(key, 1))
        covered += not found.excludes(1.0)
    assert abs(covered / 250 - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / 250)


def test_bca_agrees_with_scipy():
    x = generator(jax.random.key(10)).exponential(size=80)

    def variance(w):
        return w @ x**2 / w.sum(axis=-1) - (w @ x / w.sum(axis=-1)) ** 2

    found = bootstrap(variance, np.ones(80), replicas=4000, level=0.9, key=jax.random.key(0))
    known = stats.bootstrap((x,), np.var, n_resamples=4000, confidence_level=0.9, method="BCa", rng=1)
    ends = known.confidence_interval
    assert found.low == pytest.approx(ends.low, rel=0.06)
    assert found.high == pytest.approx(ends.high, rel=0.06)


def test_top_taggers_are_told_apart(shared):
    """Published order of the taggers, arXiv:1902.09914; paired errors are far below the single ones."""
    parts = [np.load(shared / "hep" / f"toptag_ref_{part}.npz") for part in "abc"]
    y, found = parts[0]["label"], {}
    for name, part in (("ParticleNet", 0), ("ResNeXt50", 0), ("EFP", 2), ("PCNN", 1)):
        found[name] = Answers.classified(y, parts[part][name].astype(float) - 0.5)
    by_pair = {(c.a, c.b): c for c in compare(found, metric="auc", key=jax.random.key(0))}
    best = by_pair["ParticleNet", "ResNeXt50"]
    assert best.difference.value == pytest.approx(0.984772 - 0.983715, abs=2e-6)
    assert best.significant()
    assert best.difference.error < 1e-4
    close = by_pair["EFP", "PCNN"]
    assert isinstance(close.difference, Interval)
    assert abs(close.difference.value - (0.980331 - 0.980283)) < 2e-6
    assert not close.significant()
