"""The studies of masses: sWeights that unfold the truth, and the strength of a signal."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.problems.collider import FourLeptons, StrangeBeauty
from ansatz.report.analyses.collider import mass_fit, template_fit
from ansatz.studies.analyses import Bench, Sample
from ansatz.studies.analyses.collider.mass_fit import SPlot
from ansatz.studies.analyses.collider.template_fit import TemplateFitOfMass


def sample_of(data):
    return Sample(data, np.arange(len(data)), np.arange(0))


@pytest.fixture(scope="module")
def unfolded():
    data = StrangeBeauty().draw(jax.random.key(1), 6000)
    return SPlot(within=(5.2, 5.6))(sample_of(data), Bench(None), jax.random.key(0))


def test_the_yields_are_those_that_were_drawn(unfolded):
    signal, background = unfolded.numbers[:2]
    assert abs(signal.sigmas) < 4
    assert abs(background.sigmas) < 4


def test_independent_variables_are_believed(unfolded):
    marks = {belief.name: belief.mark for belief in unfolded.beliefs}
    assert all(marks[f"Independence of {name}"] != "red" for name in ("pt", "vertex_chi2", "tracks"))


def test_a_variable_that_follows_the_mass_is_not():
    data = StrangeBeauty(correlation=1.0).draw(jax.random.key(1), 6000)
    found = SPlot(within=(5.2, 5.6), controls=("pt", "tracks"))(sample_of(data), Bench(None), jax.random.key(0))
    marks = {belief.name: belief.mark for belief in found.beliefs}
    assert marks["Independence of pt"] == "red"
    assert marks["Independence of tracks"] != "red"


def test_every_variable_is_drawn(unfolded):
    fit, curves, tests = (block.pictures for block in mass_fit.draw(unfolded))
    assert (len(fit), len(curves), len(tests)) == (1, 3, 3)
    found = np.asarray(curves[0].table["signal"]) - np.asarray(curves[0].table["true signal"])
    pulls = found / np.asarray(curves[0].table["signal error"])
    assert np.mean(np.abs(pulls) < 4) == 1


@pytest.fixture(scope="module")
def learned():
    data = StrangeBeauty().draw(jax.random.key(2), 6000)
    trees = {"kind": "boosted-trees", "trees": 40, "early_stopping": False}
    options = {"within": (5.2, 5.6), "classifier": trees, "parts": 2}
    return SPlot(**options)(sample_of(data), Bench(None), jax.random.key(0))


def test_trees_learn_the_species_from_sweights_alone(learned):
    """Judged by sWeights as by the truth, and little worse than trees that were told the truth."""
    found = {number.name: number for number in learned.numbers}
    area = found["area under the ROC curve, by sWeights"]
    assert abs(area.sigmas) < 3
    told = found["area if trained with the true species"].value
    assert told.value - 0.02 < area.reference < told.value + 3 * told.error
    assert area.reference > 0.9


def test_the_score_is_unfolded_and_tested_as_a_variable(learned):
    assert "Independence of score" in {belief.name for belief in learned.beliefs}
    assert len(mass_fit.draw(learned)[1].pictures) == 4


def test_a_classifier_must_take_negative_weights():
    with pytest.raises(InputError, match="classifier: 'forest' takes no negative weights"):
        SPlot(classifier={"kind": "forest"})


def test_where_there_is_no_peak_it_is_said():
    rng = np.random.default_rng(3)
    x = np.column_stack([rng.uniform(5.2, 5.6, 2000), rng.normal(size=2000)])
    found = SPlot(background="constant")(sample_of(Dataset(x, columns=("mass", "a"))), Bench(None), jax.random.key(0))
    assert {belief.name: belief.mark for belief in found.beliefs}["Peak"] != "green"


def test_bad_columns_are_one_line():
    data = StrangeBeauty().draw(jax.random.key(1), 200)
    run = {"sample": sample_of(data), "bench": Bench(None), "key": jax.random.key(0)}
    with pytest.raises(InputError, match="no column 'mas'; did you mean 'mass'"):
        SPlot(mass="mas")(**run)
    weighted = Dataset(data.x, weight=np.linspace(1, 2, 200), columns=data.columns)
    with pytest.raises(InputError, match="leave out data.weight"):
        SPlot()(**{**run, "sample": sample_of(weighted)})


def test_the_discovery_in_open_data(shared):
    file = str(shared / "hep" / "cms_h4l_templates.csv")
    found = TemplateFitOfMass(file=file, toys=2000)(None, Bench(None), jax.random.key(0))
    numbers = {number.name: number for number in found.numbers}
    assert numbers["signal strength"].value.value == pytest.approx(0.92, rel=0.01)
    assert numbers["observed significance"].value == pytest.approx(3.27, rel=0.01)
    assert numbers["counting: s / sqrt(b)"].value == pytest.approx(3.80, abs=0.005)
    assert {belief.name: belief.mark for belief in found.beliefs}["Simple formula"] == "amber"
    stack, curve = (block.pictures[0] for block in template_fit.draw(found))
    assert sum(stack.table["events"]) == 102
    assert min(curve.table["-2 ln ratio"]) == pytest.approx(0, abs=1e-9)


def test_strengths_of_pseudo_experiments_cover_the_truth():
    inside = 0
    for seed in range(60):
        found = TemplateFitOfMass(toys=100)(None, Bench(None), jax.random.key(seed))
        strength = found.numbers[0].value
        inside += strength.low < 1.0 < strength.high
    assert abs(inside / 60 - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / 60)


def test_yields_are_those_of_the_open_data():
    problem = FourLeptons()
    assert problem.background.sum() == pytest.approx(83.99, abs=0.1)
    assert problem.signal.sum() == pytest.approx(9.73, abs=0.01)
    counts = np.mean([problem.counts(jax.random.key(seed)).sum() for seed in range(100)])
    assert abs(counts - 93.7) < 4 * np.sqrt(93.7 / 100)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("m_lo,m_hi,observed,zz\n1,2,3,4\n2,3,1,1\n", "has no column 'hzz'"),
        ("m_lo,m_hi,observed,hzz\n1,2,3,4\n2,3,1,1\n", "has no background template"),
        ("m_lo,m_hi,observed,hzz,zz\n1,2,3,4,1\n3,4,1,1,1\n", "the bins do not touch"),
        ("m_lo,m_hi,observed,hzz,zz\n1,2,3,4,1\n2,3,1,1,1\n", "no bin lies between 121 and 130"),
    ],
)
def test_bad_tables_are_one_line(tmp_path, text, message):
    path = tmp_path / "bins.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        TemplateFitOfMass(file=str(path))(None, Bench(None), jax.random.key(0))
