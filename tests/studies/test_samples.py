"""A study of samples: from files with cross sections to results, balanced in training and judged as they are."""

import dataclasses

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.studies import parse_study, run_study
from ansatz.studies.check import check_study
from ansatz.studies.schema.study import dump_study
from ansatz.training import Balanced, ConformalSets, load_fit, save_fit
from ansatz.training.classical import logistic
from ansatz.validation import answers_of

MODELS = {"line": {"kind": "logistic"}, "cut": {"kind": "threshold"}}


def study_of(samples, models=MODELS, **data):
    data = {"samples": list(samples.values()), "split": {"folds": 2}, "features": ["x", "noise"]} | data
    return parse_study({"title": "Samples", "name": "samples", "data": data, "models": models})


def test_it_is_written_as_it_was_read(samples):
    study = study_of(samples, luminosity=10.0, systematics={"w": {"weight": {"down": "w_down", "up": "w_up"}}})
    from ansatz.studies.schema import toml

    assert parse_study(toml.parse(dump_study(study))) == study


def test_samples_are_balanced_in_training_and_judged_as_they_are(samples, tmp_path):
    run = run_study(study_of(samples, weight="w", luminosity=10.0), tmp_path / "run")
    line = run.data["samples"][0]
    assert line["name"] == "signal"
    assert line["sum"] == pytest.approx(20.0, rel=0.3)
    assert 0 < line["negative_fraction"] < 0.2
    probability = run.model("line").probability(run.arrays["x"])[:, 1]
    share = np.average(run.arrays["y"], weights=run.arrays["weight"])
    assert share < 0.02
    assert np.average(probability, weights=run.arrays["weight"]) == pytest.approx(share, rel=0.3)


def rare(n=4000, share=0.02):
    rng = np.random.default_rng(0)
    y = (rng.random(n) < share).astype(int)
    return Dataset(rng.normal(1.5 * y[:, None], size=(n, 2)), y=y, classes=("b", "s"))


def test_balanced_probabilities_are_those_of_the_true_shares(tmp_path):
    data = rare()
    fit = Balanced(logistic())(data, jax.random.key(0))
    plain = logistic()(data, jax.random.key(0))
    difference = np.abs(fit.probability(data.x) - plain.probability(data.x))
    assert np.average(difference[:, 1]) < 0.005
    truth = 1 / (1 + np.exp(-(1.5 * data.x.sum(axis=1) - 2.25 + np.log(0.02 / 0.98))))
    assert np.abs(fit.probability(data.x)[:, 1] - truth).mean() < 0.01
    np.testing.assert_array_equal(load_fit(save_fit(fit, tmp_path / "fit")).members(data.x), fit.members(data.x))


def test_balance_changes_nothing_where_classes_are_balanced_and_no_scale_matters():
    data = rare(share=0.5)
    times = np.where(data.y == 1, 700.0, 7.0)
    fits = [Balanced(logistic())(data.replace(weight=w), jax.random.key(0)) for w in (data.weight, times)]
    np.testing.assert_allclose(*(answers_of(fit, data).score.argsort() for fit in fits))


def test_conformal_sets_of_a_balanced_method_hold_the_truth_in_the_true_mix():
    data = rare(share=0.1)
    half = len(data) // 2
    fit = Balanced(ConformalSets(logistic(), empty=True))(data[:half], jax.random.key(0))
    fresh = data[half:]
    held = fit.predict_set(fresh.x, level=0.8)[np.arange(len(fresh)), fresh.y]
    error = np.sqrt(0.16 * (1 / len(fresh) + 4 / half))
    assert abs(held.mean() - 0.8) < 3 * error


def test_regressions_cannot_be_balanced():
    with pytest.raises(InputError, match="only classes can be balanced"):
        check_study(
            parse_study(
                {
                    "title": "x",
                    "data": {"problem": "noisy-polynomial", "balance": True},
                    "models": {"a": {"kind": "linear"}},
                }
            ),
            timed=False,
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"luminosity": None}, r"data.samples: luminosity is missing"),
        ({"target": "y"}, "data.target: the samples have labels"),
        ({"select": "x > 99"}, "data.samples: sample 'signal': the selection keeps none"),
        ({"classes": ["background", "top"]}, "classes are background, top, but the samples have background, signal"),
    ],
)
def test_bad_samples_are_one_line(samples, changes, message):
    with pytest.raises(InputError, match=message):
        check_study(study_of(samples, **({"weight": "w", "luminosity": 10.0} | changes)), timed=False)


def test_a_misspelled_entry_is_named(samples):
    first = samples["signal"] | {"cross_sction": 1.0}
    with pytest.raises(InputError, match=r"data.samples.0.cross_sction: there is no 'cross_sction'; did you mean"):
        study_of({**samples, "signal": first})
    with pytest.raises(InputError, match="data.luminosity: only"):
        parse_study({"title": "x", "data": {"problem": "xnor", "luminosity": 1.0}, "models": MODELS})


def test_balanced_learners_say_what_they_can_do():
    learner = Balanced(logistic())
    assert learner.tasks == {"classification"}
    assert learner.negative_weights
    with pytest.raises(InputError, match="only classes can be balanced"):
        learner(dataclasses.replace(rare(), classes=None), jax.random.key(0))
