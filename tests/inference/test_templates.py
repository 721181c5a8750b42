"""Signal strengths from histograms."""

import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.inference import asimov, fit_templates


def test_higgs_to_four_leptons(shared):
    """CMS open data: the strength and significances of the templates, to one per cent."""
    table = np.genfromtxt(shared / "hep" / "cms_h4l_templates.csv", delimiter=",", names=True)
    background = table["dy"] + table["ttbar"] + table["zz"]
    fit = fit_templates(table["observed"], background, table["hzz"])
    assert fit.counts == 102
    assert fit.background == pytest.approx(83.99, abs=0.005)
    assert fit.signal == pytest.approx(9.73, abs=0.005)
    assert fit.strength.value == pytest.approx(0.92, rel=0.01)
    assert fit.observed == pytest.approx(3.27, rel=0.01)
    assert fit.expected == pytest.approx(3.41, rel=0.01)
    peak = (table["m_lo"] >= 121) & (table["m_hi"] <= 130)
    s, b = table["hzz"][peak].sum(), background[peak].sum()
    assert asimov(s, b) == pytest.approx(3.12, abs=0.005)
    assert s / np.sqrt(b) == pytest.approx(3.80, abs=0.005)


@pytest.fixture(scope="module")
def bins():
    return np.array([50.0, 30.0, 20.0, 10.0]), np.array([1.0, 6.0, 10.0, 2.0])


def test_strengths_and_their_intervals_cover(bins):
    b, s = bins
    rng = np.random.default_rng(0)
    fits = [fit_templates(rng.poisson(0.8 * s + b).astype(float), b, s) for _ in range(400)]
    covered = np.mean([fit.strength.low < 0.8 < fit.strength.high for fit in fits])
    assert abs(covered - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / 400)
    values = [fit.strength.value for fit in fits]
    assert abs(np.mean(values) - 0.8) < 4 * np.std(values) / np.sqrt(400)


def test_expected_data_give_the_expected_answer(bins):
    b, s = bins
    fit = fit_templates(s + b, b, s)
    assert fit.strength.value == pytest.approx(1.0, abs=1e-9)
    assert fit.observed == pytest.approx(fit.expected, rel=1e-9)


def test_a_deficit_is_no_discovery(bins):
    b, s = bins
    fit = fit_templates(np.round(b - 0.3 * s), b, s)
    assert fit.strength.value < 0
    assert fit.observed == 0
    empty = fit_templates(np.zeros(4), b, s)
    assert empty.strength.value == pytest.approx(-2.0)


@pytest.mark.parametrize(
    ("counts", "background", "signal", "message"),
    [
        ([1.0, 2.0], [1.0], [1.0], "one number per bin each"),
        ([1.0, -2.0], [1.0, 1.0], [1.0, 1.0], "counts of bin 1 is -2"),
        ([1.0, 2.0], [1.0, np.nan], [1.0, 1.0], "background of bin 1 is nan"),
        ([1.0, 2.0], [1.0, 1.0], [0.0, 0.0], "signal template is empty"),
        ([1.0, 2.0], [1.0, 0.0], [1.0, 0.0], "bin 1 holds 2 events where none are expected"),
    ],
)
def test_bad_histograms(counts, background, signal, message):
    with pytest.raises(InputError, match=message):
        fit_templates(np.array(counts), np.array(background), np.array(signal))
