"""The gluon: the truth lies in the band as often as it promises, over pseudo-data; minutes, so all slow."""

import jax
import numpy as np
import pytest

from ansatz.studies import find_study
from ansatz.studies.analyses.findings import Bench
from ansatz.studies.catalogue import build_analyses

FILE = "rojo_gluon_NNPDF31_nlo_pch_as_0118_xmin1e-3.dat"
COURSE = {"momentum": 0, "epochs": 5000, "rounds": 1, "members": 20, "replicas": 15}


def found(folder, **changes):
    """What the shipped study finds, by name of the number."""
    written = [f"analyses.density.{name}={value}" for name, value in changes.items()]
    (analysis,) = build_analyses(find_study("gluon", changes=written)).values()
    findings = analysis(None, Bench(folder), jax.random.key(1))
    return {number.name: number.value for number in findings.numbers}, findings


def assert_right(numbers, findings, sigmas=2):
    """Coverage within so many of its errors over 25 sets; chi2 per point within 2 sqrt(2/N) of 1, shown and typical."""
    for level in (0.6827, 0.95):
        share = numbers[f"share of x inside the {level:.0%} band"]
        print(f"in the {level:.0%} band: {share}")
        assert abs(share.value - level) < sigmas * share.error
    for name in ("chi2 per point", "mean chi2 per point of all sets"):
        print(f"{name}: {numbers[name]}")
        assert abs(numbers[name].value - 1) < 2 * np.sqrt(2 / 60)
    print(f"sets near 1: {numbers['share of sets with chi2 per point near 1']}")
    assert numbers["share of sets with chi2 per point near 1"].value > 0.93 - 3 * np.sqrt(0.93 * 0.07 / 25)
    assert abs(numbers["chi2 per degree of freedom"].value - 1) < 2 * numbers["chi2 per degree of freedom"].error
    assert [belief.mark for belief in findings.beliefs if belief.name == "Coverage along x"] == ["green"]


@pytest.mark.slow
@pytest.mark.parametrize("observable", ["density", "scaling-violation"])
def test_bands_with_the_momentum_sum_rule_hold_the_truth(tmp_path, observable):
    numbers, findings = found(tmp_path, observable=observable)
    assert_right(numbers, findings)
    assert np.abs(findings.arrays["momentum"] - 0.42).max() < 1e-3


@pytest.mark.slow
def test_bands_of_the_pseudo_data_of_the_course_hold_the_truth(tmp_path, shared):
    path = shared / "hep" / FILE
    numbers, findings = found(tmp_path, source=path, **COURSE, high=[1.0, 3.0])
    assert_right(numbers, findings)


@pytest.mark.slow
def test_a_form_that_cannot_be_the_truth_is_told_by_where_it_fails(tmp_path, shared):
    """The course's gluon is below zero beyond x = 0.75, where (1-x)^4 vanishes too fast."""
    _, findings = found(tmp_path, source=shared / "hep" / FILE, **COURSE | {"sets": 12})
    (belief,) = [belief for belief in findings.beliefs if belief.name == "Coverage along x"]
    assert belief.mark == "amber"
    assert "in the 95% band in 0 of 12 sets at x = 0." in belief.value
    assert "widen low or high" in belief.sentence
