"""What must be true of every study in the catalogue."""

import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.studies import check_study, find_study, parse_study, shipped, toml
from ansatz.studies.catalogue import build_learner, build_problem, kinds, problems
from ansatz.studies.study import dump_study

BUILT_IN = [name for name in shipped() if name != "pulsars"]


def load(name):
    return find_study(name, changes=[] if name in BUILT_IN else ["data.source=missing.csv"])


@pytest.mark.parametrize("name", shipped())
def test_it_builds_and_says_what_it_is_about(name):
    study = load(name)
    assert study.name == name
    assert study.report.notes
    assert study.report.baseline
    for model, described in study.models.items():
        build_learner(model, described)
    assert parse_study(toml.parse(dump_study(study))) == study


@pytest.mark.parametrize("name", BUILT_IN)
def test_it_checks(name):
    plan = check_study(load(name), timed=False)
    assert [model.name for model in plan.models] == list(load(name).models)


@pytest.mark.parametrize("name", BUILT_IN)
def test_its_problem_cites_its_source(name):
    assert all(entry.startswith("@") for entry in build_problem(load(name).data).citations)
    assert build_problem(load(name).data).citations


def test_a_study_of_a_users_file_says_how_to_give_it():
    with pytest.raises(InputError, match="ansatz run pulsars --data"):
        find_study("pulsars")


def test_pulsars_reads_both_copies_of_the_survey(shared, tmp_path):
    """With the header of the course's copy, and without one, as the archive has it."""
    copy = shared / "hep" / "htru2.csv"
    bare = tmp_path / "HTRU_2.csv"
    bare.write_text(copy.read_text().split("\n", 1)[1])
    plans = [check_study(find_study("pulsars", data=str(path)), timed=False) for path in (copy, bare)]
    assert plans[0].data == plans[1].data
    assert plans[0].data.startswith("17898 events, 8 features, 2 classes (noise, pulsar)")


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_of_model_builds_from_its_name(kind):
    study = parse_study({"title": "x", "data": {"problem": "xnor"}, "models": {"a": {"kind": kind}}})
    learner = build_learner("a", study.models["a"])
    assert learner.tasks <= {"classification", "regression"}
    assert isinstance(learner.negative_weights, bool | np.bool_)


@pytest.mark.parametrize("problem", problems())
def test_every_problem_draws_what_it_says(problem):
    study = parse_study({"title": "x", "data": {"problem": problem}, "models": {"a": {"kind": "constant"}}})
    assert build_problem(study.data).task in {"classification", "regression"}
