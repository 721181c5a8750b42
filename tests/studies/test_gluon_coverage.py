"""The gluon: the truth lies in the band as often as it promises, over pseudo-data; minutes, so all slow."""

import jax
import numpy as np
import pytest

from ansatz.studies import find_study
from ansatz.studies.analyses.findings import Bench
from ansatz.studies.catalogue import build_analyses

FILE = "rojo_gluon_NNPDF31_nlo_pch_as_0118_xmin1e-3.dat"


def found(folder, **changes):
    """What the shipped study finds, by name of the number."""
    written = [f"analyses.density.{name}={value}" for name, value in changes.items()]
    (analysis,) = build_analyses(find_study("gluon", changes=written)).values()
    findings = analysis(None, Bench(folder), jax.random.key(1))
    return {number.name: number.value for number in findings.numbers}, findings


def assert_right(numbers, sigmas=2):
    """Coverage within so many of its errors over 25 sets, and chi2 per point of all sets within 2 sqrt(2/N) of 1."""
    share = numbers["share of x inside the 68% band"]
    print(f"in the 68 % band: {share}; chi2 per point {numbers['mean chi2 per point of all sets']}")
    assert abs(share.value - 0.6827) < sigmas * share.error
    assert abs(numbers["mean chi2 per point of all sets"].value - 1) < 2 * np.sqrt(2 / 60)
    assert abs(numbers["chi2 per degree of freedom"].value - 1) < 2 * numbers["chi2 per degree of freedom"].error


@pytest.mark.slow
@pytest.mark.parametrize("observable", ["density", "scaling-violation"])
def test_bands_with_the_momentum_sum_rule_hold_the_truth(tmp_path, observable):
    numbers, findings = found(tmp_path, observable=observable)
    assert_right(numbers)
    assert np.abs(findings.arrays["momentum"] - 0.42).max() < 1e-3


@pytest.mark.slow
def test_bands_of_the_pseudo_data_of_the_course_hold_the_truth(tmp_path, shared):
    path = shared / "hep" / FILE
    numbers, _ = found(tmp_path, source=path, momentum=0, epochs=5000, rounds=1, members=20, replicas=15)
    assert_right(numbers)
