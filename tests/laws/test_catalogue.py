"""What must be true of every study in the catalogue."""

import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.studies import check_study, find_study, parse_study, shipped
from ansatz.studies.analyses import ANALYSES, TASKS, analysis_named, task_named
from ansatz.studies.catalogue import build_analyses, build_learner, build_problem, compared, kinds, problems
from ansatz.studies.schema import toml
from ansatz.studies.schema.study import dump_study

OWN_COPY = {"pulsars", "higgsml"}
BUILT_IN = [name for name in shipped() if name not in OWN_COPY]


def load(name):
    return find_study(name, changes=[] if name in BUILT_IN else ["data.source=missing.csv"])


@pytest.mark.parametrize("name", shipped())
def test_it_builds_and_says_what_it_is_about(name):
    study = load(name)
    assert study.name == name
    assert study.report.notes
    assert study.report.baseline or not compared(study)
    for model, described in compared(study).items():
        build_learner(model, described)
    for analysis in build_analyses(study).values():
        assert analysis.needs in {"nothing", "features", "target"}
        assert all(entry.startswith("@") for entry in analysis.citations)
    assert parse_study(toml.parse(dump_study(study))) == study


@pytest.mark.parametrize("name", BUILT_IN)
def test_it_checks(name):
    plan = check_study(load(name), timed=False)
    assert [model.name for model in plan.models] == list(compared(load(name)))
    assert [name for name, _ in plan.analyses] == list(build_analyses(load(name)))


@pytest.mark.parametrize("name", [name for name in BUILT_IN if load(name).data is not None])
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


NEEDED = {"flat-boosting": {"protected": ["x1"]}, "categories": {"regions": {"all": {"kind": "lda"}}}}
NEEDED["stack"] = {"learners": {"one": {"kind": "lda"}}}
"""What kinds of models cannot do without."""


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_of_model_builds_from_its_name(kind):
    table = {"kind": kind, **NEEDED.get(kind, {})}
    study = parse_study({"title": "x", "data": {"problem": "xnor"}, "models": {"a": table}})
    learner = build_learner("a", study.models["a"])
    assert learner.tasks <= {"classification", "regression"}
    assert isinstance(learner.negative_weights, bool | np.bool_)


@pytest.mark.parametrize("problem", problems())
def test_every_problem_draws_what_it_says(problem):
    study = parse_study({"title": "x", "data": {"problem": problem}, "models": {"a": {"kind": "constant"}}})
    assert build_problem(study.data).task in {"classification", "regression", "none"}


@pytest.mark.parametrize("kind", ANALYSES)
def test_every_analysis_is_a_table_of_plain_options(kind):
    analysis = analysis_named(kind)
    assert analysis.needs in {"nothing", "features", "target"}
    assert analysis.__doc__


@pytest.mark.parametrize("task", TASKS)
def test_every_task_without_a_target_has_methods(task):
    assert kinds(task)
    assert task_named(task).needs == "features"
