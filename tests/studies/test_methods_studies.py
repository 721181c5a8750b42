"""Studies of uniformity, reweighting and negative weights, small, from the file to the report."""

import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.report import write_report
from ansatz.report.figures.collider import reweighting, signs, uniformity
from ansatz.studies import check_study, find_study, open_run, run_study
from ansatz.studies.analyses.running import findings_in
from ansatz.validation import Interval

SMALL = {
    "flat-boosting": ["data.events=2000", "models.plain.trees=8", "models.flat.trees=8"],
    "reweighting": ["data.events=8000", "analyses.reweighting.trees=50"],
    "negative-weights": ["data.events=1500", "analyses.strategies.epochs=2"],
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return {name: run_study(find_study(name, changes=changes), folder / name) for name, changes in SMALL.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_the_report_has_its_section(runs, name):
    text = write_report(runs[name].path).read_text()
    titles = {"flat-boosting": "Shapes before and after", "reweighting": "Before and after"}
    assert titles.get(name, "What the strategies do") in text


@pytest.mark.slow
def test_uniformity_is_measured_for_every_model_and_class(runs):
    found = runs["flat-boosting"].results["uniformity"]
    assert list(found) == ["one-observable", "boosted-trees", "plain", "flat", "exact likelihood ratio"]
    for groups in found.values():
        assert set(groups) == {"background", "signal"}
        assert all(0 < record["expected"] < 0.3 for record in groups.values())
    names = [belief["name"] for belief in runs["flat-boosting"].results["beliefs"]]
    assert any(name.startswith("Uniformity of") for name in names)


@pytest.mark.slow
def test_the_reweighted_sample_is_closer_to_its_target(runs):
    found = findings_in(open_run(runs["reweighting"].path).analysis_path("reweighting"))
    numbers = {number.name: number.value for number in found.numbers}
    assert abs(numbers["AUC after boosted-trees"].value - 0.5) < abs(
        numbers["AUC between the samples before"].value - 0.5
    )
    assert 0 < numbers["effective events kept by boosted-trees"] < 1


@pytest.mark.slow
def test_annihilation_keeps_the_histograms_that_ignored_signs_do_not(runs):
    found = findings_in(open_run(runs["negative-weights"].path).analysis_path("strategies"))
    numbers = {number.name: number.value for number in found.numbers}
    assert numbers["histograms moved, annihilate"] < numbers["histograms moved, sign-ignored"]
    area, gain = numbers["AUC, annihilate"], numbers["AUC, annihilate - sign-ignored"]
    assert gain.value == pytest.approx(area.value - numbers["AUC, sign-ignored"].value)
    assert gain.error < area.error


@pytest.mark.parametrize(
    ("study", "change", "message"),
    [
        ("flat-boosting", "report.protected=['M2BA']", "report.protected: there is no column 'M2BA'"),
        ("flat-boosting", "models.flat.protected=['M2BA']", "models.flat: there is no column 'M2BA'"),
        ("mass-decorrelation", "models.disco.decorrelate='m_lll'", "models.disco: there is no column 'm_lll'"),
        ("negative-weights", "analyses.strategies.method=tre", "no classical classifier 'tre'"),
    ],
)
def test_what_cannot_work_is_refused_at_check(study, change, message):
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        check_study(find_study(study, changes=["data.events=500", change]), timed=False)


def test_a_file_takes_the_place_of_the_problem(shared):
    path = shared / "hep" / "hepml_dalitzdata.root"
    plan = check_study(find_study("flat-boosting", data=str(path)), timed=False)
    assert plan.data.startswith("100000 events, 3 features, 2 classes")


def test_figures_do_not_look_at_the_scale_of_the_weights():
    rng = np.random.default_rng(0)
    score, mass, y, w = rng.normal(size=300), rng.uniform(size=300), np.arange(300) % 2, rng.uniform(0.5, 2, 300)
    for draw in (
        lambda s: uniformity.efficiency(score, mass, s * w, column="m", unit="GeV"),
        lambda s: uniformity.shaping(score, mass, y, s * w, column="m"),
    ):
        first, second = draw(1.0), draw(7.0)
        for column in first.table:
            np.testing.assert_allclose(first.table[column], second.table[column], rtol=1e-9, equal_nan=True)
        assert all(axes.get_ylabel() for axes in first.figure.axes)


def test_figures_of_weights_hold_their_numbers():
    arrays = {"factor/a": np.array([0.5, 1.0, 1.5, 1.0])}
    assert sum(reweighting.factors(arrays, ["a"]).table["a"]) == pytest.approx(1)
    areas = signs.areas({"as-they-are": Interval(0.9, 0.89, 0.91), "annihilate": Interval(0.8, 0.7, 0.85)})
    assert areas.table["auc"].tolist() == [0.9, 0.8]
