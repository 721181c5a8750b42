"""A bump hunt: its p-values are uniform where there is no bump, with and without a classifier, and a bump is found."""

import jax
import numpy as np
import pytest
from scipy.stats import kstest, poisson

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.inference import bump_hunt
from ansatz.inference.bumps import smooth
from ansatz.inference.cwola import cwola
from ansatz.problems.collider import HiddenResonance
from ansatz.report.analyses.collider.bump_hunt import draw
from ansatz.studies.analyses.collider.bump_hunt import BumpSearch
from ansatz.studies.analyses.findings import Bench, Sample
from ansatz.training.classical import CLASSICAL

WITHIN = (0.0, 4.0)


def spectrum(seed, n=3000, bump=0):
    rng = np.random.default_rng(seed)
    falling = -np.log(1 - rng.random(n) * (1 - np.exp(-4)))
    return np.concatenate([falling, rng.normal(1.5, 0.06, bump)])


def test_the_background_is_the_maximum_of_the_likelihood():
    counts = np.histogram(spectrum(0), 40, WITHIN)[0][None].astype(float)
    expected = smooth(counts, 3)
    x = np.polynomial.legendre.legvander(np.linspace(-1, 1, 40), 3)
    np.testing.assert_allclose((counts - expected)[0] @ x, 0, atol=1e-3)


def test_the_local_p_value_is_poisson():
    found = bump_hunt(spectrum(1, bump=100), within=WITHIN, toys=100, key=jax.random.key(0))
    assert found.local_p == pytest.approx(poisson.sf(found.observed - 1, found.expected), rel=1e-6)


def test_global_p_values_are_uniform_without_a_bump():
    """100 pseudo-data sets: a Kolmogorov-Smirnov p-value below .0027 (3 sigma) would refuse it."""
    found = [
        bump_hunt(spectrum(seed), within=WITHIN, bins=30, toys=200, key=jax.random.key(seed)) for seed in range(100)
    ]
    values = np.array([one.global_p.value for one in found])
    assert kstest(values, "uniform").pvalue > 0.0027
    assert abs(values.mean() - 0.5) < 4 / np.sqrt(12 * 100)
    extrapolated = np.array([one.extrapolated for one in found])
    assert abs(np.mean(extrapolated < 0.1) - 0.1) < 4 * np.sqrt(0.09 / 100)


def test_an_injected_bump_is_found_where_it_is():
    found = bump_hunt(spectrum(2, bump=150), within=WITHIN, toys=500, key=jax.random.key(0))
    assert found.window[0] < 1.5 < found.window[1]
    assert found.global_p.value < 0.01
    assert found.local_sigmas > found.global_sigmas > 3


def test_a_search_in_a_region_costs_less():
    mass = spectrum(3, bump=80)
    wide, narrow = (
        bump_hunt(mass, within=WITHIN, toys=500, region=region, key=jax.random.key(0)) for region in (None, (1.3, 1.7))
    )
    assert narrow.trials < wide.trials
    assert 1.3 <= narrow.window[0] < narrow.window[1] <= 1.7 + 1e-9


OPTIONS = {"region": (3.25, 3.75), "sidebands": 0.5, "keep": 0.02, "parts": 3}


@pytest.mark.slow
def test_a_classifier_without_labels_makes_no_bump():
    """40 samples without signal: mean of the global p-values within 4 sigma of one half, and no tiny one."""
    values = []
    for seed in range(40):
        data = HiddenResonance(signal=0.0).draw(jax.random.key(seed), 4000)
        mass, key = data.column("mass"), jax.random.key(seed)
        chosen = cwola(data, mass, learner=CLASSICAL["lda"](), **OPTIONS | {"keep": 0.1}, key=key)
        found = bump_hunt(mass[chosen.passed], within=(2.5, 5.0), bins=30, toys=100, region=(3.25, 3.75), key=key)
        values.append(found.global_p.value)
    assert abs(np.mean(values) - 0.5) < 4 / np.sqrt(12 * 40)
    assert min(values) > 0.001


def test_what_distinguishes_a_window_is_learned_without_labels():
    data = HiddenResonance(signal=0.02).draw(jax.random.key(0), 6000)
    chosen = cwola(data, data.column("mass"), learner=CLASSICAL["lda"](), **OPTIONS, key=jax.random.key(0))
    efficiencies = [chosen.passed[data.y == k].mean() for k in (0, 1)]
    assert efficiencies[1] > 0.5
    assert efficiencies[0] < 0.02


@pytest.fixture(scope="module")
def searched():
    data = HiddenResonance(signal=0.01).draw(jax.random.key(1), 12_000)
    sample = Sample(data, np.arange(len(data)), np.zeros(0, int))
    search = BumpSearch(region=(3.25, 3.75), keep=0.02, parts=3, toys=300, classifier={"kind": "lda"})
    return search(sample, Bench(None), jax.random.key(0))


def test_the_analysis_finds_what_the_spectrum_hides(searched):
    numbers = {number.name: number.value for number in searched.numbers}
    assert numbers["after the cut: local significance"] > 5 > numbers["before the cut: local significance"]
    assert numbers["efficiency of the cut for signal"].low > 0.5
    assert {belief.name for belief in searched.beliefs} == {"Look-elsewhere effect", "Background", "Mass sculpting"}


def test_it_is_drawn(searched):
    pictures = [picture for block in draw(searched) for picture in block.pictures]
    assert len(pictures) == 4
    assert sum(pictures[1].table["events"]) == sum(searched.arrays["after/counts"])


def test_a_detector_of_outliers_takes_its_place():
    data = HiddenResonance(signal=0.01).draw(jax.random.key(1), 6000)
    sample = Sample(data, np.arange(len(data)), np.zeros(0, int))
    search = BumpSearch(keep=0.02, parts=2, toys=100, detector={"kind": "isolation-forest", "trees": 30})
    numbers = {number.name: number.value for number in search(sample, Bench(None), jax.random.key(0)).numbers}
    assert numbers["efficiency of the cut for signal"].value > 0.3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classifier": {"kind": "lda"}}, "region is missing"),
        ({"classifier": {"kind": "ldaa"}, "region": (3.0, 4.0)}, "did you mean 'lda'"),
        ({"toys": 3}, "too few for a p-value"),
        ({"mass": "mas"}, "no column 'mas'; did you mean 'mass'"),
        ({"within": (9.0, 10.0)}, "too few to fit"),
        ({"region": (3.0, 3.001)}, "no window of these widths fits"),
        ({"classifier": {"kind": "lda"}, "region": (4.99, 5.0)}, "too few for 5 folds"),
    ],
)
def test_what_cannot_be_searched_is_one_line(options, message):
    data = HiddenResonance().draw(jax.random.key(0), 1000)
    sample = Sample(data, np.arange(len(data)), np.zeros(0, int))
    if "region" in options and "classifier" not in options:
        with pytest.raises(InputError, match=message):
            bump_hunt(data.column("mass"), within=(2.5, 5.0), toys=100, region=options["region"], key=jax.random.key(0))
        return
    with pytest.raises(InputError, match=message):
        BumpSearch(**options)(sample, Bench(None), jax.random.key(0))


def test_counts_have_no_weights():
    data = HiddenResonance().draw(jax.random.key(0), 1000)
    weighted = Dataset(data.x, weight=np.linspace(1, 2, 1000), columns=data.columns, observers=data.observers)
    with pytest.raises(InputError, match="counts events; leave out data.weight"):
        BumpSearch()(Sample(weighted, np.arange(1000), np.zeros(0, int)), Bench(None), jax.random.key(0))
