"""Analyses of a study: they run with models or alone, are stored, resumed, believed and told."""

import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.report import write_report
from ansatz.report.analyses.table import DRAWINGS
from ansatz.studies import check_study, parse_study, run_study
from ansatz.studies.analyses import ANALYSES
from ansatz.studies.analyses.running import findings_in
from ansatz.studies.schema import toml
from ansatz.studies.schema.study import dump_study


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setitem(ANALYSES, "pi", "studies.tiny:Pi")
    monkeypatch.setitem(ANALYSES, "means", "studies.tiny:Means")
    monkeypatch.setitem(DRAWINGS, "pi", "studies.tiny:draw")


def alone(**arguments):
    return parse_study({"title": "Pi", "analyses": {"circle": {"kind": "pi", **arguments}}})


def test_a_study_may_be_an_analysis_alone(tmp_path):
    steps = []
    run = run_study(alone(), tmp_path / "a", observe=steps.append)
    assert run.status == "finished"
    (number,) = run.results["analyses"]["circle"]["numbers"]
    assert abs(number["value"]["value"] - np.pi) < 4 * (number["value"]["high"] - number["value"]["value"])
    assert [belief["name"] for belief in run.results["beliefs"]] == ["circle: pi"]
    assert run.run["citations"] == ["@book{buffon}"]
    assert [step.text for step in steps] == ["data", "circle", "circle: throwing", "done"]
    assert steps[-1].number == steps[-1].total
    found = findings_in(run.path / "analyses" / "circle")
    assert found.arrays["inside"].shape == (1000,)
    assert found.record == {"a": [1, "b"]}


def test_it_is_told_in_the_report(tmp_path):
    run = run_study(alone(), tmp_path / "a")
    page = write_report(run.path).read_text()
    assert "of 1000 inside, [1, &#39;b&#39;]" in page
    assert "Yes, as far as 1 checks can tell" in page
    assert "3.142" in page


def test_what_is_done_is_not_done_again(tmp_path):
    first = run_study(alone(), tmp_path / "a").results
    again = run_study(alone(), tmp_path / "a", resume=True)
    assert again.results == first
    assert (again.path / "analyses" / "circle" / "calls.txt").read_text() == "x"


def test_beside_models_it_sees_their_rows(small, tmp_path):
    study = small(models={"cut": {"kind": "threshold"}}, analyses={"middle": {"kind": "means"}})
    run = run_study(study, tmp_path / "a")
    assert run.results["winner"] == "cut"
    found = run.results["analyses"]["middle"]
    assert found["headline"] == "75 rows are kept back."
    train = run.arrays["train/x"]
    assert len(train) == 225
    np.testing.assert_allclose([number["value"] for number in found["numbers"]], train.mean(axis=0))
    assert "75 rows are kept back" in write_report(run.path).read_text()


def test_models_do_not_change_with_an_analysis(small, tmp_path, without_times):
    models = {"tree": {"kind": "tree"}}
    plain = run_study(small(models=models), tmp_path / "a")
    more = run_study(small(models=models, analyses={"circle": {"kind": "pi"}}), tmp_path / "b")
    assert without_times(plain)["models"] == without_times(more)["models"]


def test_the_study_is_written_as_it_was_read():
    study = alone(points=7)
    assert parse_study(toml.parse(dump_study(study))) == study


def test_the_plan_names_it(small):
    plan = check_study(alone())
    assert plan.analyses == (("circle", "pi"),)
    assert plan.data == "no events"
    plan = check_study(small(models={}, analyses={"middle": {"kind": "means"}}))
    assert plan.models == ()
    assert plan.data.startswith("300 events")


COMPLAINTS = [
    ({"a": {"kind": "pie"}}, "analyses.a.kind: there is no 'pie'; did you mean 'pi'?"),
    ({"a": {"kind": "pi", "point": 3}}, "analyses.a.point: there is no 'point'; did you mean 'points'?"),
    ({"a": {"kind": "pi", "points": 0}}, "analyses.a: points must be positive, not 0"),
    ({"a": {"kind": "means"}}, "data: is missing; 'a' needs events: give [data] with a source or a problem"),
    ({"a": 3}, "analyses.a: expected a table such as [analyses.a] with a kind, got the number 3"),
    ({"a": {}}, "analyses.a.kind: is missing; it must be text"),
    ({"/": {"kind": "pi"}}, "analyses: '/' is no name for an analysis; use letters, digits, spaces and . _ + -"),
]


@pytest.mark.parametrize(("tables", "message"), COMPLAINTS, ids=[message[:40] for _, message in COMPLAINTS])
def test_a_wrong_entry_is_named_by_its_path(tables, message):
    with pytest.raises(InputError) as raised:
        check_study(parse_study({"title": "x", "analyses": tables}))
    assert str(raised.value) == message
