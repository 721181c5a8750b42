"""A report says whether bands held the law of a problem that knows it, or fresh events."""

import pytest

from ansatz.errors import InputError
from ansatz.studies import parse_study, run_study
from ansatz.studies.catalogue import build_learner
from ansatz.studies.schema.study import Model

REPLICAS = {"kind": "replicas", "members": 8, "noise": 1.0}
MODELS = {
    "law": {"kind": "polynomial", "degree": 10, "uncertainty": REPLICAS},
    "line": {"kind": "polynomial", "degree": 1, "uncertainty": REPLICAS},
    "fresh": {"kind": "polynomial", "degree": 1, "uncertainty": "split-conformal"},
    "plain": {"kind": "constant"},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    data = {"problem": "noisy-polynomial", "events": 600, "split": {"test": 0.5, "folds": 0}}
    study = parse_study({"title": "bands", "data": data, "models": MODELS, "report": {"importance": False}})
    return run_study(study, tmp_path_factory.mktemp("bands") / "run").results


def test_bands_are_held_against_the_law_or_fresh_events(results):
    kinds = {name: record["kind"] for name, record in results["coverage"].items()}
    assert kinds == {"law": "mean", "line": "mean", "fresh": "prediction"}
    for record in results["coverage"].values():
        assert record["levels"] == [0.6827, 0.95]


def test_a_model_too_simple_for_the_law_is_red_and_the_others_are_not(results):
    found = {b["name"]: b for b in results["beliefs"] if b["name"].startswith("Coverage")}
    assert {name: b["mark"] for name, b in found.items()} == {
        "Coverage of law": "green",
        "Coverage of line": "red",
        "Coverage of fresh": "green",
    }
    assert "too narrow" in found["Coverage of line"]["sentence"]


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("replica", "models.a.uncertainty: there is no uncertainty 'replica'; did you mean 'replicas'"),
        ({"members": 3}, "models.a.uncertainty: there is no uncertainty ''"),
        (
            {"kind": "replicas", "member": 3},
            "models.a.uncertainty.member: there is no 'member'; did you mean",
        ),
        ({"kind": "replicas", "members": 1}, "models.a.uncertainty: a band needs at least 2 members, not 1"),
        ({"kind": "cv-plus", "folds": "ten"}, "models.a.uncertainty.folds: expected a whole number"),
    ],
)
def test_an_uncertainty_that_cannot_be_is_told_with_its_path(way, message):
    with pytest.raises(InputError, match=message):
        build_learner("a", Model(kind="polynomial", arguments={"uncertainty": way}))
