"""Can I believe this? Each reason for doubt is raised by a case that deserves it, and by no other."""

import dataclasses

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.keys import named
from ansatz.studies import belief
from ansatz.studies.belief import Evidence, beliefs
from ansatz.studies.build import Prepared
from ansatz.studies.execution.evaluation import Evaluation, Fitted, Judged
from ansatz.studies.execution.parts import divide
from ansatz.validation import Answers, Verdict, compare, normal, scores


def data_of(n=600, negative=0.0, leak=False):
    rng = np.random.default_rng(3)
    y = rng.integers(2, size=n)
    x = np.column_stack([y + rng.normal(size=n), rng.normal(size=n)])
    if leak:
        x[:, 1] = y
    weight = np.where(rng.random(n) < negative, -1.0, 1.0)
    return Dataset(x, y=y, weight=weight, columns=("a", "b"), classes=("background", "signal"))


def evidence(make_study, data=None, answers=None, **results):
    """Two models of known quality on known events; `answers` replaces those of the better."""
    study, data, key = make_study(), data if data is not None else data_of(), jax.random.key(0)
    parts = divide(data, study.data.split, by=None, key=named(key, "rows"))
    test = data[parts.judged]
    rng = np.random.default_rng(5)
    given = {
        "good": answers(test) if answers else classifier(test, rng.normal(0, 0.4, len(test))),
        "bad": classifier(test, rng.normal(0, 3.0, len(test))),
    }
    fitted = {name: Fitted(name, "mlp" if name == "good" else "threshold") for name in given}
    judged = {n: Judged(fitted[n], a, a, scores(a, key=named(key, n))) for n, a in given.items()}
    verdict = Verdict("good", "R_train = R_test", (), "log_loss", *[normal(0.5, 0.1)] * 3, baseline=0.7)
    record = {
        "overtraining": {},
        "folds": {},
        "converged": True,
        "folds_converged": [],
        "message": "",
        "stopped": "epochs",
    }
    found = {
        "models": {name: dict(record) for name in given},
        "failures": {},
        "primary_metric": "auc",
        "winner": "good",
        "baseline": "bad",
        "runner_up": "bad",
        "ranking": [],
    } | results
    comparisons = compare(given, metric="auc", key=named(key, "compare"))
    evaluation = Evaluation(study, Prepared(data), parts, fitted, lambda name: None, key)
    return Evidence(evaluation, judged, dict.fromkeys(given, verdict), comparisons, found)


def classifier(test, noise):
    score = 2 * test.y - 1 + noise
    return Answers.classified(test.y, score=score, probability=1 / (1 + np.exp(-4 * score)), weight=test.weight)


def marks(e):
    return {b.name: b.mark for b in beliefs(e)}


def test_a_sound_result_is_green(small):
    found = marks(evidence(small))
    assert found["Against the baseline"] == "green"
    assert found["Training against fresh events"] == "green"
    assert found["Convergence"] == "green"
    assert found["Duplicate rows"] == "green"
    assert found["Alarms"] == "green"
    assert "Negative weights" not in found


def test_every_belief_has_a_mark_numbers_and_a_reason(small):
    for found in beliefs(evidence(small)):
        assert found.mark in ("green", "amber", "red")
        assert found.value
        assert found.sentence.endswith(".")


def test_flipped_labels_are_an_alarm(small):
    flipped = evidence(small, answers=lambda test: Answers.classified(test.y, score=1.0 - 2 * test.y))
    assert marks(flipped)["Below one half"] == "red"


def test_hard_labels_are_an_alarm(small):
    def hard(test):
        wrong = np.random.default_rng(0).random(len(test)) < 0.1
        return Answers.classified(test.y, score=np.where(wrong, 1 - test.y, test.y) - 0.5, weight=test.weight)

    found = marks(evidence(small, answers=hard))
    assert found["ROC of three points"] == "amber"
    assert found["Calibration"] == "amber"


def test_a_column_that_is_the_label_is_an_alarm(small):
    assert marks(evidence(small, data=data_of(leak=True)))["A column gives the target"] == "red"


def test_copies_of_training_rows_are_counted(small):
    data = data_of(300)
    doubled = data[np.concatenate([np.arange(300), np.arange(60)])]
    e = evidence(small, data=doubled)
    [found] = [b for b in beliefs(e) if b.name == "Duplicate rows"]
    parts = e.given.parts
    seen = {tuple(row) for row in doubled.x[parts.train]}
    assert found.value.startswith(f"{sum(tuple(row) in seen for row in doubled.x[parts.judged])} judged rows")
    assert found.mark == "red"


@pytest.mark.parametrize(("share", "mark"), [(0.05, "green"), (0.2, "amber"), (0.4, "red")])
def test_negative_weights_are_counted(small, share, mark):
    assert marks(evidence(small, data=data_of(4000, negative=share)))["Negative weights"] == mark


def test_a_small_sample_is_told(small):
    assert marks(evidence(small, data=data_of(80)))["Effective sample size"] == "red"
    assert marks(evidence(small, data=data_of(4000)))["Effective sample size"] == "green"


def test_a_baseline_that_wins_is_told(small):
    assert marks(evidence(small, baseline="good"))["Against the baseline"] == "red"


def test_a_difference_that_is_chance_is_told(small):
    same = evidence(small, answers=lambda test: classifier(test, np.random.default_rng(8).normal(0, 3.0, len(test))))
    assert marks(same)["Against the baseline"] == "amber"


def test_fits_that_did_not_finish_are_told(small):
    e = evidence(small)
    e.results["models"]["bad"]["converged"] = False
    assert marks(e)["Convergence"] == "amber"
    e.results["models"]["good"]["converged"] = False
    assert marks(e)["Convergence"] == "red"


def test_folds_that_disagree_are_told(small):
    e = evidence(small)
    e.results["models"]["good"]["folds"] = {"auc": [0.99, 0.98, 0.99, 0.985]}
    assert marks(e)["Spread over folds"] == "green"
    e.results["models"]["good"]["folds"] = {"auc": [0.99, 0.6, 0.3, 0.9]}
    assert marks(e)["Spread over folds"] == "red"


def test_members_that_disagree_are_told(small):
    e = evidence(small)
    assert "Spread over seeds" not in marks(e)
    error = e.best.metrics["auc"].error
    for size, mark in ((0.3, "green"), (2.0, "amber"), (9.0, "red")):
        spread = dataclasses.replace(e, members=(0.9, 0.9 + size * error * np.sqrt(2)))
        assert marks(spread)["Spread over seeds"] == mark


def test_overfitting_is_told_with_its_remedies(small):
    e = evidence(small)
    bad = Verdict(
        "overfitting", "R_train < R_test", ("stop earlier",), "log_loss", *[normal(0.5, 0.1)] * 3, baseline=0.7
    )
    [found] = [b for b in beliefs(dataclasses.replace(e, verdicts={"good": bad})) if b.name.startswith("Training")]
    assert found.mark == "red"
    assert "stop earlier" in found.sentence


def test_a_failed_model_is_told(small):
    assert marks(evidence(small, failures={"net": "net: the risk is not finite"}))["Model net"] == "red"


def test_every_check_is_read_once():
    assert len(set(belief.CHECKS)) == len(belief.CHECKS)
