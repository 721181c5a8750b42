"""The likelihood ratio of the resonance is the true one, and nothing beats it."""

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems import Resonance
from ansatz.problems.collider.resonance import COLUMNS

N = 200_000


def column(data, name):
    return data.x[:, COLUMNS.index(name)]


def rank_auc(score, y, weight):
    """Weighted Mann-Whitney by sorting, for scores without ties."""
    order = np.argsort(score)
    signal, background = (weight * y)[order], (weight * (1 - y))[order]
    return signal @ (np.cumsum(background) - background) / signal.sum() / background.sum()


@pytest.fixture(scope="module")
def sample():
    return Resonance().draw(jax.random.key(1), N)


@pytest.fixture(scope="module")
def ratio(sample):
    return Resonance().log_likelihood_ratio(sample.x)


@pytest.mark.parametrize(
    "name", [*COLUMNS, "pt1 * eta2", "m_ll * pt_ll", "|y_ll| * cos_theta^2", "delta_phi * pt2", "(m_ll - 125)^2 pt1"]
)
def test_background_reweighted_by_the_ratio_is_signal(sample, ratio, name):
    """E_b[r f] = E_s[f] for every column and for products: a wrong Jacobian or shape would show here."""
    observables = {
        **{c: column(sample, c) for c in COLUMNS},
        "pt1 * eta2": column(sample, "pt1") * column(sample, "eta2"),
        "m_ll * pt_ll": column(sample, "m_ll") * column(sample, "pt_ll"),
        "|y_ll| * cos_theta^2": np.abs(column(sample, "y_ll")) * column(sample, "cos_theta") ** 2,
        "delta_phi * pt2": column(sample, "delta_phi") * column(sample, "pt2"),
        "(m_ll - 125)^2 pt1": (column(sample, "m_ll") - 125) ** 2 * column(sample, "pt1"),
    }
    f, signal = observables[name], sample.y == 1
    reweighted = np.exp(ratio[~signal]) * f[~signal]
    difference = reweighted.mean() - f[signal].mean()
    error = np.hypot(reweighted.std() / np.sqrt(len(reweighted)), f[signal].std() / np.sqrt(signal.sum()))
    assert abs(difference) < 4 * error


def test_ratio_integrates_to_one(sample, ratio):
    r = np.exp(ratio[sample.y == 0])
    assert abs(r.mean() - 1) < 4 * r.std() / np.sqrt(len(r))


def test_probability_is_calibrated(sample):
    """In bins of the true probability the part of signal is that probability: chi2 of 20 bins within 4 sigma."""
    p = Resonance().probability(sample.x)
    bins = np.clip((p * 20).astype(int), 0, 19)
    excess = np.bincount(bins, sample.y - p, 20)
    variance = np.bincount(bins, p * (1 - p), 20)
    assert abs((excess**2 / variance).sum() - 20) < 4 * np.sqrt(40)


def test_optimal_auc_agrees_with_a_large_sample(sample, ratio):
    """Hanley and McNeil's error of an AUC bounds the fluctuation."""
    a = rank_auc(ratio, sample.y, sample.weight)
    error = np.sqrt(a * (1 - a) / (N / 2))
    assert abs(a - Resonance().optimal_auc()) < 4 * error


def test_physics_is_as_tuned():
    """About .90 at the optimum; the best cut on one column stays near .75."""
    data = Resonance().draw(jax.random.key(2), 50_000)
    single = {c: rank_auc(column(data, c), data.y, data.weight) for c in COLUMNS}
    best = max(max(a, 1 - a) for a in single.values())
    assert 0.89 < Resonance().optimal_auc() < 0.92
    assert 0.70 < best < 0.80


def test_spectators_carry_no_information(sample):
    for name in ("vertices", "pileup"):
        values = column(sample, name)
        a, b = values[sample.y == 1], values[sample.y == 0]
        error = np.hypot(a.std() / np.sqrt(len(a)), b.std() / np.sqrt(len(b)))
        assert abs(a.mean() - b.mean()) < 4 * error
    correlation = np.corrcoef(column(sample, "vertices"), column(sample, "pileup"))[0, 1]
    assert correlation > 0.5


def test_no_learner_beats_the_ratio():
    """Trees on 20,000 events, judged on 20,000 others with the ratio beside them: paired, so the error is small."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    problem = Resonance()
    train, test = (problem.draw(k, 20_000) for k in jax.random.split(jax.random.key(3)))
    trees = HistGradientBoostingClassifier(max_iter=60, random_state=0).fit(train.x, train.y)
    learned = rank_auc(trees.predict_proba(test.x)[:, 1], test.y, test.weight)
    best = rank_auc(problem.log_likelihood_ratio(test.x), test.y, test.weight)
    assert 0.85 < learned < best


@pytest.mark.parametrize("negative", [0.1, 0.3])
def test_negative_weights_give_the_same_density(negative):
    """Weighted histograms of the recoil agree with the sample without negative weights; unweighted ones do not."""
    problem = Resonance(negative=negative)
    data, plain = problem.draw(jax.random.key(4), N), Resonance().draw(jax.random.key(5), N)
    assert abs((data.weight < 0).mean() - negative) < 4 * np.sqrt(negative * (1 - negative) / N)
    edges = np.array([0, 10, 20, 30, 45, 60, 80, 120, 400.0])

    def chi2(weights):
        total, result = weights.sum(), 0.0
        for label in (0, 1):
            rows, others = data.y == label, plain.y == label
            got = np.histogram(column(data, "pt_ll")[rows], edges, weights=weights[rows])[0] / total
            error2 = np.histogram(column(data, "pt_ll")[rows], edges, weights=weights[rows] ** 2)[0] / total**2
            wanted = np.histogram(column(plain, "pt_ll")[others], edges)[0] / N
            result += ((got - wanted) ** 2 / (error2 + wanted / N)).sum()
        return result

    bins = 2 * (len(edges) - 1)
    assert abs(chi2(data.weight) - bins) < 4.5 * np.sqrt(2 * bins)
    assert chi2(np.ones(N)) > 5 * bins


def test_optimum_holds_with_negative_weights():
    data = Resonance(negative=0.1).draw(jax.random.key(6), N)
    a = rank_auc(Resonance().log_likelihood_ratio(data.x), data.y, data.weight)
    error = np.sqrt(a * (1 - a) / (N / 2)) / (1 - 2 * 0.1)
    assert abs(a - Resonance(negative=0.1).optimal_auc()) < 4 * error


def test_leptons_are_ordered_and_columns_consistent(sample):
    pt1, pt2 = column(sample, "pt1"), column(sample, "pt2")
    assert (pt1 >= pt2).all()
    delta_phi = column(sample, "delta_phi")
    m = np.sqrt(2 * pt1 * pt2 * (np.cosh(column(sample, "delta_eta")) - np.cos(delta_phi)))
    np.testing.assert_allclose(m, column(sample, "m_ll"), rtol=1e-6)
    assert ((0 <= delta_phi) & (delta_phi <= np.pi)).all()


def test_mass_is_the_true_one_smeared(sample):
    pull = (column(sample, "m_ll") - sample.observers["m_true"])[sample.y == 1]
    middle = np.abs(sample.observers["m_true"][sample.y == 1] - 120) < 10
    assert abs(pull[middle].std() - 6) < 4 * 6 / np.sqrt(2 * middle.sum())


def test_same_key_same_events():
    one, other = (Resonance(negative=0.2).draw(jax.random.key(7), 500) for _ in range(2))
    np.testing.assert_array_equal(one.x, other.x)
    np.testing.assert_array_equal(one.weight, other.weight)
    assert not np.array_equal(one.x, Resonance(negative=0.2).draw(jax.random.key(8), 500).x)


def test_ratio_is_finite_for_any_event():
    x = np.zeros((4, len(COLUMNS)))
    x[:, COLUMNS.index("m_ll")] = [0.0, 1e4, 125, 125]
    x[:, COLUMNS.index("pt_ll")] = [0.0, 1e4, 1e3, 0]
    x[:, COLUMNS.index("y_ll")] = [0, 50, -50, 0]
    assert np.isfinite(Resonance().log_likelihood_ratio(x)).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0.0}, "width must be a positive number"),
        ({"window": (150.0, 90.0)}, "rising masses"),
        ({"window": (900.0, 901.0)}, "widen window"),
        ({"negative": 0.5}, "negative is a part"),
        ({"signal": 1.0}, "signal is a part"),
        ({"recoil_resolution": -1.0}, "recoil_resolution is zero or more"),
    ],
)
def test_bad_parameters_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        Resonance(**options)


def test_other_shapes_keep_the_law():
    problem = Resonance(mass=91.2, width=2.5, resolution=2.0, window=(60.0, 120.0), slope=30.0, signal=0.2)
    data = problem.draw(jax.random.key(9), 50_000)
    score = problem.log_likelihood_ratio(data.x) + 1e-12 * generator(jax.random.key(10)).random(len(data))
    a = rank_auc(score, data.y, data.weight)
    assert abs(a - problem.optimal_auc()) < 4 * np.sqrt(a * (1 - a) / (0.2 * 50_000))


def test_network_comes_within_three_thousandths_of_the_optimum():
    """The network of the catalogue study on 50,000 events, a tenth of them negative, on the rows of the optimum."""
    from ansatz.training import mlp

    problem = Resonance(negative=0.1)
    train_key, test_key, fit_key = jax.random.split(jax.random.key(11), 3)
    test = problem.draw(test_key, 200_000)
    learner = mlp(activation="gelu", initialization="glorot", l2=3e-4, schedule="cosine", epochs=30, patience=30)
    fit = learner(problem.draw(train_key, 50_000), fit_key)
    best = rank_auc(problem.log_likelihood_ratio(test.x), test.y, test.weight)
    learned = rank_auc(fit.score(test.x), test.y, test.weight)
    cut = rank_auc(column(test, "m_ll"), test.y, test.weight)
    assert best - 0.003 < learned < best
    assert cut < best - 0.1
