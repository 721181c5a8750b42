"""The closed forms are the convolutions that they claim to be."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import cauchy, norm

from ansatz.problems.collider import spectra
from ansatz.problems.collider.optimum import Spectrum, auc_of_sum


@pytest.mark.parametrize("m", [90.0, 118.0, 125.0, 140.0])
def test_voigt_is_breit_wigner_smeared(m):
    peak = cauchy(loc=125.0, scale=2.0)
    numeric = sum(
        quad(lambda t: peak.pdf(t) * norm.pdf(m, t, 6.0), a, b, epsabs=1e-14, limit=400)[0]
        for a, b in [(m - 60, 125.0), (125.0, m + 60)]
    )
    assert np.exp(spectra.log_voigt(m, 125.0, 4.0, 6.0)) == pytest.approx(numeric, rel=1e-8)


@pytest.mark.parametrize("m", [-3.0, 2.0, 40.0, 120.0])
def test_continuum_is_an_exponential_smeared(m):
    edges = (0.0, max(m, 0.0) + 1.0, max(m, 0.0) + 60.0)
    numeric = sum(
        quad(lambda t: np.exp(-t / 45.0) / 45.0 * norm.pdf(m, t, 6.0), a, b, epsabs=1e-14, limit=400)[0]
        for a, b in [edges[:2], edges[1:]]
    )
    assert np.exp(spectra.log_falling(m, 45.0, 6.0)) == pytest.approx(numeric, rel=1e-8)


def test_part_inside_a_window_adds_up():
    wide = spectra.peak_inside((60.0, 200.0), 125.0, 4.0, 6.0)
    parts = [spectra.peak_inside(w, 125.0, 4.0, 6.0) for w in [(60.0, 110.0), (110.0, 126.0), (126.0, 200.0)]]
    assert sum(parts) == pytest.approx(wide, abs=1e-12)
    survival = spectra.continuum_inside((100.0, 4000.0), 45.0, 1e-3)
    assert survival == pytest.approx(np.exp(-100 / 45), rel=1e-8)


def test_log_densities_hold_far_out():
    far = np.array([0.0, 1e4])
    assert np.isfinite(spectra.log_recoil(far, (0.7, 0.3), (10.0, 40.0))).all()
    assert np.isfinite(spectra.log_falling(np.array([-500.0, 1e5]), 45.0, 6.0)).all()


@pytest.mark.parametrize("shift", [0.1, 1.0, 2.5])
def test_auc_of_a_sum_of_gaussian_ratios(shift):
    """A sum of k equal ratios is one ratio with sqrt(k) times the shift; AUC = Phi(shift sqrt(k / 2))."""
    one = Spectrum(-10.0, 12.0, norm(shift).logpdf, norm(0.0).logpdf)
    for k in (1, 2, 4):
        assert auc_of_sum([one] * k) == pytest.approx(norm.cdf(shift * np.sqrt(k / 2)), abs=1e-6)
