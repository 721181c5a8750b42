"""A scan gives every setting the numbers it has alone, whatever is scanned beside it, before or after."""

import math
import time

import jax
import numpy as np
import pytest

from ansatz.data import folds
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.problems import Gaussians
from ansatz.training.classical import CLASSICAL
from ansatz.training.networks.dense import mlp
from ansatz.validation import answers_of, statistic_of
from ansatz.validation.scans import (
    TPE,
    Grid,
    Halving,
    Integer,
    Log,
    OneOf,
    Random,
    Space,
    Uniform,
    read_trials,
    scan,
)
from compiling import compilations

FIXED = {"width": 4, "depth": 1, "epochs": 3}
NUMBERS = Space({"learning_rate": Log(1e-3, 1e-1), "weight_decay": Log(1e-5, 1e-1), "dropout": Uniform(0.0, 0.5)})


@pytest.fixture(scope="module")
def data():
    return Gaussians().draw(jax.random.key(0), 240)


@pytest.fixture(scope="module")
def pairs(data):
    return folds(data, 2, key=jax.random.key(1))


def run(data, pairs, space=NUMBERS, make=mlp, fixed=FIXED, **options):
    return scan(make, data, space, folds=pairs, fixed=fixed, key=jax.random.key(2), **options)


def alone(setting, data, pairs, number, *, make=mlp, fixed=FIXED):
    """The score of a setting in one fold, fitted by itself with the key of that fold."""
    train, held = pairs[number]
    key = jax.random.fold_in(named(jax.random.key(2), "fits"), number)
    answers = answers_of(make(**{**fixed, **setting})(data[train], key), data[held])
    return float(statistic_of("auc", answers)(answers.weight))


def without_seconds(trials):
    return [{k: v for k, v in vars(trial).items() if k != "seconds"} for trial in trials]


def test_sixty_four_settings_are_one_compiled_program(data, pairs):
    run(data, pairs, settings=16)
    assert compilations(lambda: run(data, pairs, settings=64)) == 0


def test_a_setting_has_the_numbers_that_it_has_alone(data, pairs):
    found = run(data, pairs, settings=5)
    for trial in found.trials[::2]:
        expected = [alone(trial.setting, data, pairs, number) for number in range(2)]
        np.testing.assert_allclose(trial.scores, expected, atol=1e-4)


def test_penalties_and_starting_scales_are_those_of_a_fit_alone(data, pairs):
    space = Space({"l2": Log(1e-3, 1.0), "l1": Log(1e-3, 1.0), "scale": Uniform(0.5, 2.0), "clip": Log(0.01, 10.0)})
    trial = run(data, pairs, space, settings=3).trials[1]
    np.testing.assert_allclose(trial.scores[0], alone(trial.setting, data, pairs, 0), atol=1e-4)


def test_the_choice_of_architecture_is_a_loop_over_programs(data, pairs):
    space = Space({"width": OneOf((3, 5)), "activation": OneOf(("relu", "tanh")), "learning_rate": Log(1e-3, 1e-1)})
    found = run(data, pairs, space, fixed={"depth": 1, "epochs": 2}, settings=8)
    assert [trial.number for trial in found.trials] == list(range(8))
    trial = found.trials[5]
    expected = alone(trial.setting, data, pairs, 1, fixed={"depth": 1, "epochs": 2})
    np.testing.assert_allclose(trial.scores[1], expected, atol=1e-4)


def test_trees_are_scanned_as_networks_are(data, pairs):
    space = Space({"depth": Integer(1, 6), "smallest_leaf": Log(1e-3, 1e-1)})
    found = run(data, pairs, space, CLASSICAL["tree"], {}, settings=8)
    trial = found.trials[3]
    assert trial.scores[0] == alone(trial.setting, data, pairs, 0, make=CLASSICAL["tree"], fixed={})
    assert math.isnan(trial.cost)


def test_the_best_is_the_largest_reward_whichever_way_the_metric_goes(data, pairs):
    space = Space({"depth": Integer(1, 6)})
    for metric, best in (("auc", max), ("log_loss", min)):
        found = run(data, pairs, space, CLASSICAL["tree"], {}, settings=6, reward=metric)
        assert found.best.score == best(trial.score for trial in found.trials)


def test_errors_of_a_score_are_those_of_its_held_out_rows(data, pairs):
    trial = run(data, pairs, Space({"depth": OneOf((2,))}), CLASSICAL["tree"], {}, reward="accuracy").trials[0]
    for score, error, (_, held) in zip(trial.scores, trial.errors, pairs, strict=True):
        assert error == pytest.approx(math.sqrt(score * (1 - score) / (len(held) - 1)), rel=1e-9)


def test_a_setting_that_diverges_stops_no_other(data, pairs):
    space = Space({"learning_rate": OneOf((0.01, 1e30)), "optimizer": OneOf(("sgd",))})
    found = run(data, pairs, space, settings=2, strategy=Grid())
    assert [trial.status for trial in found.trials] == ["finished", "diverged"]
    assert found.best.number == 0
    assert math.isnan(found.trials[1].reward)
    assert found.trials[0].scores[0] == pytest.approx(alone(found.trials[0].setting, data, pairs, 0), abs=1e-4)


def test_a_scan_that_is_stopped_goes_on_to_the_same_table(data, pairs, tmp_path):
    space = Space({"learning_rate": Log(1e-3, 1e-1), "width": OneOf((3, 5))})
    options = {"settings": 12, "block": 3, "strategy": TPE(batch=4, startup=4)}

    class Stopped(Exception):
        pass

    def stop(done, total):
        if done >= 7:
            raise Stopped

    whole = run(data, pairs, space, fixed={"depth": 1, "epochs": 2}, folder=tmp_path / "whole", **options)
    with pytest.raises(Stopped):
        run(data, pairs, space, fixed={"depth": 1, "epochs": 2}, folder=tmp_path / "part", progress=stop, **options)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "part" / "blocks").iterdir()}
    run(data, pairs, space, fixed={"depth": 1, "epochs": 2}, folder=tmp_path / "part", **options)
    assert all(path.stat().st_mtime_ns == at for path, at in before.items())
    first, second = (read_trials(tmp_path / name / "settings.parquet") for name in ("whole", "part"))
    assert without_seconds(first) == without_seconds(second) == without_seconds(whole.trials)


def test_a_folder_of_another_scan_is_refused(data, pairs, tmp_path):
    space = Space({"depth": Integer(1, 3)})
    run(data, pairs, space, CLASSICAL["tree"], {}, folder=tmp_path)
    with pytest.raises(InputError, match="holds a scan of other settings or other data"):
        run(data, pairs, Space({"depth": Integer(1, 4)}), CLASSICAL["tree"], {}, folder=tmp_path)


def test_halving_gives_the_best_third_three_times_the_epochs(data, pairs):
    space = Space({"learning_rate": Log(1e-4, 1e-1)})
    found = run(data, pairs, space, fixed={**FIXED, "epochs": 9}, settings=9, strategy=Halving(factor=3, rungs=3))
    rungs = [[trial for trial in found.trials if trial.rung == rung] for rung in range(3)]
    assert [len(rung) for rung in rungs] == [9, 3, 1]
    assert [rung[0].budget for rung in rungs] == [1, 3, 9]
    promoted = sorted(rungs[0], key=lambda trial: -trial.reward)[:3]
    assert {trial.number for trial in promoted} == {trial.number for trial in rungs[1]}
    assert found.best is rungs[2][0]
    assert all(trial.epochs == 2 * 3 for trial in rungs[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"space": Space({"learning_rte": Log(1e-3, 1e-1)})}, "no hyperparameter 'learning_rte'; did you mean"),
        ({"fixed": {"widht": 3}}, "no hyperparameter 'widht'; did you mean 'width'"),
        ({"fixed": {"dropout": 0.1}}, "'dropout' is both fixed and in the space"),
        ({"space": Space({"dropout": Uniform(1.0, 2.0)})}, r"setting 0 \(dropout = .*dropout must be in"),
        ({"reward": "aug"}, "no metric 'aug'; did you mean 'auc'"),
        ({"reward": "rmse"}, "settings failed"),
        ({"settings": 0}, "settings must be at least 1"),
        ({"strategy": Grid(points=5)}, "the grid has 125 settings but settings = 3"),
        ({"strategy": Halving(resource="epoch")}, "no 'epoch' to be rationed; did you mean 'epochs'"),
        (
            {"space": Space({"learning_rate": OneOf((1e30, 1e31))}), "fixed": {**FIXED, "optimizer": "sgd"}},
            r"all 2 settings diverged: setting 0 \(learning_rate = 1e\+3[01]\); setting 1",
        ),
    ],
)
def test_what_cannot_be_scanned_is_refused_in_one_line(data, pairs, change, message):
    with pytest.raises(InputError, match=message) as caught:
        run(data, pairs, **{"settings": 3, **change})
    assert "\n" not in str(caught.value)


def test_random_settings_are_the_same_for_the_same_key(data, pairs):
    first, second = (run(data, pairs, settings=3, strategy=Random()).trials for _ in range(2))
    assert without_seconds(first) == without_seconds(second)


@pytest.mark.slow
def test_a_population_of_settings_takes_no_longer_than_the_fits_one_after_another(pairs):
    data = Gaussians(dimensions=10).draw(jax.random.key(0), 4000)
    rows, fixed = folds(data, 2, key=jax.random.key(1)), {"width": 64, "epochs": 10}

    def each():
        for trial in found.trials:
            for number in range(2):
                alone(trial.setting, data, rows, number, fixed=fixed)

    def seconds(work):
        began = time.process_time()
        work()
        return time.process_time() - began

    found = run(data, rows, fixed=fixed, settings=64)
    each()
    together = seconds(lambda: run(data, rows, fixed=fixed, settings=64))
    assert together < 1.15 * seconds(each)
