"""What a study says of a search: sums over cuts, workspaces with all systematics, and what it cannot say."""

import json
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.inference import asimov, read_workspace
from ansatz.report.sections.significance import significance
from ansatz.report.story import open_story
from ansatz.studies import parse_study, run_study
from ansatz.studies.build import prepare
from ansatz.studies.check import check_study
from ansatz.studies.significance.expected import wanted
from ansatz.studies.significance.weighing import _simulated

MODELS = {"line": {"kind": "logistic"}, "cut": {"kind": "threshold"}}
SYSTEMATICS = {
    "pileup": {"weight": {"down": "w_down", "up": "w_up"}},
    "scale": {"columns": {"x": {"down": "x_down", "up": "x_up"}}},
    "top-rate": {"norm": 0.1, "samples": ["top"]},
}


@pytest.fixture(scope="module")
def searched(samples, tmp_path_factory):
    """A run with systematics and observed events."""
    folder = tmp_path_factory.mktemp("searched")
    rng = np.random.default_rng(9)
    seen = np.column_stack([rng.normal(-0.3, 1.1, 500), rng.normal(size=500)])
    np.savetxt(folder / "data.csv", seen, delimiter=",", header="x,noise", comments="")
    tables = [*samples.values(), {"name": "data", "files": str(folder / "data.csv"), "observed": True}]
    data = {"samples": tables, "weight": "w", "luminosity": 2.0, "features": ["x", "noise"], "systematics": SYSTEMATICS}
    data |= {"split": {"test": 0.5, "folds": 2}}
    study = {"title": "S", "name": "s", "data": data, "models": MODELS}
    return run_study(parse_study(study | {"significance": {"mass": "x", "replicas": 50}}), folder / "run")


def test_expected_events_are_those_of_all_rows(searched):
    record = searched.results["significance"]
    told = {line["name"]: line["sum"] for line in searched.data["samples"] if not line["observed"]}
    assert record["expected"] == pytest.approx(told)
    assert record["signal"] == ["signal"]
    for name in MODELS:
        count = searched.significance[f"score/{name}/count"]
        np.testing.assert_allclose(count.sum(axis=1), list(told.values()))
        assert searched.significance[f"score/{name}/observed"].sum() == 500
    before, after = (searched.significance[f"{when}/x/count"].sum() for when in ("before", "after"))
    assert before == pytest.approx(sum(told.values()))
    assert 0 < after < before


def test_a_working_point_is_the_sum_over_judged_rows(searched):
    arrays = searched.arrays
    for name, found in searched.results["significance"]["models"].items():
        response = arrays[f"response/{name}"]
        score = response[:, 1] if response.ndim == 2 else response
        s, b = (arrays["weight"][(score >= found["cut"]) & (arrays["y"] == k)].sum() for k in (1, 0))
        assert found["signal"]["value"] == pytest.approx(2 * s, rel=0.3)
        assert found["background"]["value"] == pytest.approx(2 * b, rel=0.1)
        z = asimov(found["signal"]["value"], found["background"]["value"])
        assert found["significances"]["asimov"]["value"] == pytest.approx(z)


def test_the_workspace_holds_every_systematic(searched):
    record = searched.results["significance"]
    spec = read_workspace(searched.path / record["workspaces"]["line"])
    by_name = {sample["name"]: sample for sample in spec["channels"][0]["samples"]}
    kinds = {name: {m["name"]: m["type"] for m in sample["modifiers"]} for name, sample in by_name.items()}
    assert kinds["signal"]["mu"] == "normfactor"
    assert kinds["top"] | {"top-rate": "normsys", "pileup": "histosys", "scale": "histosys"} == kinds["top"]
    assert "top-rate" not in kinds["dibosons"]
    assert sum(spec["observations"][0]["data"]) == 500
    pileup = next(m for m in by_name["top"]["modifiers"] if m["name"] == "pileup")
    np.testing.assert_allclose(pileup["data"]["hi_data"], 1.2 * np.array(by_name["top"]["data"]), atol=1e-5)
    scale = next(m for m in by_name["top"]["modifiers"] if m["name"] == "scale")["data"]
    above = [sum(counts[1:]) for counts in (scale["lo_data"], by_name["top"]["data"], scale["hi_data"])]
    assert above == sorted(above)
    assert above[0] < above[2]
    assert 0 <= record["likelihood"]["cls"] <= 1
    assert "p_value" in record["likelihood"]


def test_the_report_tells_it(searched):
    section = significance(open_story(searched.path))
    names = [picture.name for picture in section.pictures]
    assert {"significance", "stack-x-before-the-cut", "stack-x-after-the-cut"} <= set(names)
    assert "standard deviations" in section.blocks[0].text
    assert "dibosons" in section.pictures[2].table


def problem(**tables):
    data = {"problem": "gaussians", "events": 400, "split": tables.pop("split", {"test": 0.25, "folds": 2})}
    return parse_study({"title": "x", "name": "x", "data": data, "models": MODELS} | tables)


def test_without_folds_one_half_of_the_judged_rows_chooses(tmp_path):
    for number, split in enumerate(({"test": 0.5, "folds": 0}, {"test": 0, "folds": 2})):
        asked = {"signal": 20, "background": 200, "fewest": 3, "workspace": False}
        run = run_study(problem(split=split, significance=asked), tmp_path / str(number))
        record = run.results["significance"]
        assert record["chosen_on"] == "half of the judged rows"
        assert sum(record["expected"].values()) == pytest.approx(220)
        assert record["workspaces"] == {}


def test_a_study_without_expected_events_says_nothing():
    study = problem()
    assert not wanted(study, prepare(study.data, key=jax.random.key(0)))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"signal": 10}, "significance.background: is missing; give the number of events expected"),
        ({"background": 10}, "significance.signal: is missing"),
        ({"signal": 1, "background": 9, "measure": "ams", "background_error": 0.1}, "known to 'asimov' only"),
        ({"signal": 1, "background": 9, "mass": "mas"}, "significance.mass: there is no column 'mas'"),
        ({"signl": 1}, "significance.signl: there is no 'signl'; did you mean 'signal'?"),
        ({"signal": -1, "background": 9}, "significance.signal"),
    ],
)
def test_what_cannot_be_is_refused_by_check(table, message):
    with pytest.raises(InputError, match=message) as caught:
        check_study(problem(significance=table), timed=False)
    assert "\n" not in str(caught.value)


def test_the_record_is_json(searched):
    assert json.loads((searched.path / "results.json").read_text())["significance"]["models"].keys() == MODELS.keys()


@pytest.mark.parametrize(("found", "mark"), [(1.95, "green"), (1.2, "amber"), (0.2, "red"), (np.inf, "red")])
def test_templates_that_cost_significance_are_told(found, mark):
    """Also where a bin holds signal and no background, so that the likelihood has no finite answer."""
    [belief] = _simulated(SimpleNamespace(shape=SimpleNamespace(value=2.0)), {"observed": False, "significance": found})
    assert belief.mark == mark
