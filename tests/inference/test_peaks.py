"""Mass peaks: normalized shapes, pulls of pseudo-experiments, published peaks; and what sWeights unfold."""

import numpy as np
import pytest
import uproot

from ansatz.errors import InputError
from ansatz.inference import BACKGROUNDS, SIGNALS, fit_peak, independence, sweights, sweights_of
from ansatz.inference.peaks import _at_limit, _minimized

WITHIN = (5.0, 6.0)
POINTS = {
    "gaussian": (5.4, 0.03),
    "double-gaussian": (5.4, 0.03, 2.0, 0.3),
    "breit-wigner": (5.4, 0.05),
    "voigt": (5.4, 0.003, 0.002),
    "crystal-ball": (5.4, 0.03, 1.2, 4.0),
    "exponential": (-3.0,),
    "constant": (),
    "linear": (0.3,),
    "quadratic": (0.3, 2.0),
    "cubic": (0.3, 2.0, 0.7),
}


@pytest.mark.parametrize("name", [*SIGNALS, *BACKGROUNDS])
def test_a_shape_integrates_to_one(name):
    shape = {**SIGNALS, **BACKGROUNDS}[name]
    m = np.linspace(*WITHIN, 200_001)
    density = shape.density(m, POINTS[name], WITHIN)
    assert np.all(density >= 0)
    assert np.trapezoid(density, m) == pytest.approx(1.0, abs=2e-6)


def draw(seed, signal=800, background=1500, slope=-2.0):
    rng = np.random.default_rng(seed)
    peak = rng.normal(5.4, 0.04, rng.poisson(signal))
    u = rng.uniform(size=rng.poisson(background))
    below = 5.0 + np.log1p(u * np.expm1(slope)) / slope
    return np.concatenate([peak, below]), np.repeat([1, 0], [len(peak), len(below)])


def test_pulls_are_normal():
    fits = [fit_peak(draw(seed)[0], within=WITHIN) for seed in range(40)]
    truth = {"signal": 800, "background": 1500, "mean": 5.4, "sigma": 0.04, "slope": -2.0}
    for name, value in truth.items():
        found = [fit.parameters[name] for fit in fits]
        pulls = np.array([(interval.value - value) / interval.error for interval in found])
        assert abs(pulls.mean()) < 4 / np.sqrt(40), name
        assert abs(np.sum(pulls**2) - 40) < 4 * np.sqrt(2 * 40), name
    p = [fit.p_value for fit in fits]
    assert abs(np.mean(p) - 0.5) < 4 * np.sqrt(1 / 12 / 40) + 0.1


def test_weights_of_both_signs_give_the_same_answer_with_larger_errors():
    mass, _ = draw(1, 2000, 4000)
    rng = np.random.default_rng(2)
    more = np.concatenate([mass, rng.uniform(*WITHIN, 1500)])
    twice = np.concatenate([more, more[len(mass) :]])
    weight = np.concatenate([np.ones(len(more)), -np.ones(1500)])
    plain = fit_peak(mass, within=WITHIN, bins=100)
    signed = fit_peak(twice, weight, within=WITHIN, bins=100)
    for name in ("signal", "mean", "sigma"):
        a, b = plain.parameters[name], signed.parameters[name]
        assert a.value == pytest.approx(b.value, abs=1.5 * b.error)
        assert b.error > a.error


def test_a_binned_fit_agrees_with_an_unbinned_one():
    mass, _ = draw(3)
    binned, unbinned = fit_peak(mass, within=WITHIN, bins=200), fit_peak(mass, within=WITHIN)
    for name, interval in unbinned.parameters.items():
        assert abs(binned.parameters[name].value - interval.value) < 0.2 * interval.error


def test_yields_in_a_window(shared):
    mass, origin = draw(4)
    fit = fit_peak(mass, within=WITHIN)
    s, b = fit.yields_within(5.3, 5.5)
    inside = (mass > 5.3) & (mass < 5.5)
    assert abs(s - np.sum(inside & (origin == 1))) < 4 * fit.parameters["signal"].error
    assert abs(s + b - inside.sum()) < 3 * np.sqrt(inside.sum())


@pytest.fixture(scope="module")
def decays(shared):
    with uproot.open(shared / "hep" / "hepml_RD_distribution.root") as file:
        return file["tree"].arrays(library="np")


@pytest.fixture(scope="module")
def strange(decays):
    return fit_peak(decays["m_b"], signal="gaussian", background="exponential", within=(5.2, 5.6))


def test_the_peak_of_the_strange_beauty_meson(strange):
    yielded, mean = strange.parameters["signal"], strange.parameters["mean"]
    assert abs(yielded.value - 4607) < 2 * yielded.error
    assert mean.value == pytest.approx(5.3716, abs=0.0003)
    assert mean.error == pytest.approx(0.0003, abs=0.0001)
    assert strange.parameters["sigma"].value == pytest.approx(0.0184, abs=0.0005)


def test_its_control_variables_are_unfolded(decays, strange):
    inside = (decays["m_b"] > 5.2) & (decays["m_b"] < 5.6)
    mass = decays["m_b"][inside]
    weights = sweights_of(strange, mass)
    assert weights.yields.sum() == pytest.approx(len(mass), rel=1e-6)
    assert weights.yields[0] == pytest.approx(strange.parameters["signal"].value, rel=1e-3)
    pt = decays["pt_b"][inside]
    signal, background = (np.average(pt, weights=weights.weight[:, k]) for k in (0, 1))
    assert signal > 1.1 * background  # beauty is harder than chance combinations
    tracks, vertex = (independence(mass, decays[c][inside], strange, weights, column=c) for c in ("hSPD", "vchi2_b"))
    assert tracks.chi2 < vertex.chi2


def test_sweights_give_back_what_was_put_in():
    mass, origin = draw(5, 3000, 6000)
    fit = fit_peak(mass, within=WITHIN)
    weights = sweights_of(fit, mass)
    rng = np.random.default_rng(6)
    control = np.where(origin == 1, rng.exponential(1.0, len(mass)), rng.normal(3.0, 1.0, len(mass)))
    for k, (mean, name) in enumerate([(1.0, "signal"), (3.0, "background")]):
        w = weights.weight[:, k]
        found = np.sum(w * control) / w.sum()
        error = np.sqrt(np.sum(w**2 * (control - found) ** 2)) / w.sum()
        assert abs(found - mean) < 4 * error, name
    assert independence(mass, control, fit, weights).p_value > 1e-4


def test_a_variable_that_knows_the_mass_is_found_out():
    mass, origin = draw(7, 3000, 6000)
    fit = fit_peak(mass, within=WITHIN)
    weights = sweights_of(fit, mass)
    noise = np.random.default_rng(8).normal(0, 0.3, len(mass))
    assert independence(mass, mass + noise, fit, weights).p_value < 1e-6
    assert independence(mass, noise, fit, weights).p_value > 1e-4
    assert origin.sum() > 0


def test_the_variance_of_the_yield_is_that_of_the_weights():
    """For known shapes the sum of squared sWeights is the variance of the yield (Pivk and Le Diberder, eq. 22)."""
    mass, _ = draw(9)
    weights = sweights_of(fit_peak(mass, within=WITHIN), mass)
    assert np.sum(weights.signal**2) == pytest.approx(weights.covariance[0, 0], rel=1e-6)


def test_bad_input():
    mass, _ = draw(10)
    with pytest.raises(InputError, match="no peak 'gausian'; did you mean 'gaussian'"):
        fit_peak(mass, signal="gausian")
    with pytest.raises(InputError, match="no background 'exp'"):
        fit_peak(mass, background="exp")
    with pytest.raises(InputError, match="1 masses are not finite"):
        fit_peak(np.append(mass, np.nan))
    with pytest.raises(InputError, match="too few to fit a peak"):
        fit_peak(mass, within=(7.0, 8.0))
    with pytest.raises(InputError, match="goes from low to high"):
        fit_peak(mass, within=(6.0, 5.0))
    with pytest.raises(InputError, match="a yield must be positive"):
        fit_peak(mass, -np.ones(len(mass)), within=WITHIN)
    with pytest.raises(InputError, match="cannot be told apart"):
        sweights(np.ones((2, 100)), np.array([50.0, 50.0]))
    fit = fit_peak(mass, within=(5.2, 5.6))
    with pytest.raises(InputError, match="lie outside the range of the fit"):
        sweights_of(fit, mass)


def test_a_fit_that_has_no_minimum_says_so():
    from iminuit import Minuit

    flat = Minuit(lambda a, b: a + b, 1.0, 1.0)
    with pytest.raises(InputError, match="the fit of 100 masses did not converge"):
        _minimized(flat, 100)


@pytest.mark.parametrize(("best", "found"), [(-1.0, True), (1.0, False)])
def test_a_parameter_at_the_end_of_its_range_is_known(best, found):
    from iminuit import Minuit

    parabola = Minuit(lambda a: 10 * (a - best) ** 2, 2.0)
    parabola.limits = [(0, None)]
    parabola.migrad()
    assert _at_limit(parabola.params[0]) == found
