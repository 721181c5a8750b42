"""Spaces and strategies: every setting that may be tried is, none that may not."""

import itertools
import math

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.validation.scans import (
    TPE,
    Grid,
    Integer,
    Log,
    OneOf,
    QuasiRandom,
    Random,
    Space,
    Trial,
    Uniform,
    range_of,
    read_trials,
    write_trials,
)

RANGES = [
    Uniform(-2.0, 3.0),
    Log(1e-6, 1e-1),
    Integer(2, 9),
    Integer(8, 128, log=True),
    Integer(5, 5),
    OneOf(("relu", "tanh", "gelu")),
    OneOf(([64], [32, 32], None)),
]
KEY = jax.random.key(0)
MIXED = Space({"rate": Log(1e-4, 1e-1), "depth": Integer(1, 3), "rule": OneOf(("adam", "sgd"))})


@pytest.mark.parametrize("choices", RANGES, ids=repr)
def test_values_and_places_are_each_others_inverse(choices):
    for place in np.linspace(0, 1, 23):
        value = choices.at(place)
        assert choices.at(choices.place(value)) == (pytest.approx(value) if choices.ordered else value)
        if choices.count == math.inf:
            assert choices.place(value) == pytest.approx(place, abs=1e-12)


@pytest.mark.parametrize("choices", [r for r in RANGES if r.count < math.inf], ids=repr)
def test_every_value_of_a_discrete_choice_has_its_share(choices):
    values = [repr(choices.at(place)) for place in (np.arange(20_000) + 0.5) / 20_000]
    assert len(set(values)) == choices.count
    if not choices.log:
        shares = np.unique(values, return_counts=True)[1] / 20_000
        np.testing.assert_allclose(shares, 1 / choices.count, atol=1e-3)


def test_a_space_is_read_as_it_was_written():
    space = Space.of(
        {"a": {"log": [1e-4, 1]}, "b": {"integer": [1, 4]}, "c": {"log-integer": [2, 64]}, "d": ["x", 2]}, ["b < 4"]
    )
    assert Space.from_dict(space.to_dict()) == space


def test_conditions_between_choices_hold_for_every_strategy():
    space = Space(
        {"width": OneOf((16, 64)), "depth": Integer(1, 4), "rule": OneOf(("adam", "sgd"))},
        ("width * depth <= 128", "rule == 'adam' or depth < 3"),
    )
    allowed = [
        {"width": w, "depth": d, "rule": r}
        for w, d, r in itertools.product((16, 64), (1, 2, 3, 4), ("adam", "sgd"))
        if w * d <= 128 and (r == "adam" or d < 3)
    ]
    for strategy in (Grid(), Random(), QuasiRandom("sobol"), QuasiRandom("halton")):
        found = [ask.setting for ask in strategy.ask(space, [], 100, key=KEY)]
        assert sorted(map(repr, found)) == sorted(map(repr, allowed)), strategy
    trials = [Trial(n, s, (0.5,), (0.1,), 0.5) for n, s in enumerate(allowed)]
    assert all(space.allows(ask.setting) for ask in TPE().ask(space, trials, 20, key=KEY))


def test_a_grid_covers_all_of_a_space():
    found = [ask.setting for ask in Grid(points=3).ask(MIXED, [], 100, key=KEY)]
    rates = sorted({setting["rate"] for setting in found})
    assert len(found) == 3 * 3 * 2
    np.testing.assert_allclose(rates, [1e-4, math.sqrt(1e-5), 1e-1])
    assert {(s["depth"], s["rule"]) for s in found} == set(itertools.product((1, 2, 3), ("adam", "sgd")))


@pytest.mark.parametrize("sequence", ["sobol", "halton"])
def test_quasi_random_settings_fill_a_square_more_evenly_than_random_ones(sequence):
    """The largest deviation from uniform (star discrepancy) of 64 points; for random ones it is about 0.17."""
    from scipy.stats import qmc

    space = Space({"a": Uniform(0.0, 1.0), "b": Uniform(0.0, 1.0)})

    def discrepancy(strategy, seed):
        asks = strategy.ask(space, [], 64, key=jax.random.key(seed))
        return qmc.discrepancy(np.array([[ask.setting["a"], ask.setting["b"]] for ask in asks]))

    even = [discrepancy(QuasiRandom(sequence), seed) for seed in range(5)]
    random = [discrepancy(Random(), seed) for seed in range(5)]
    assert max(even) < min(random)


def test_random_settings_are_uniform_in_the_logarithm():
    space = Space({"rate": Log(1e-4, 1.0)})
    logs = np.log10([ask.setting["rate"] for ask in Random().ask(space, [], 2000, key=KEY)])
    error = 4 / math.sqrt(12 * 2000)
    assert abs(logs.mean() + 2) < 4 * error


def best_of(strategy, key, settings=40):
    """The largest value of a smooth bump with a broad and a narrow direction that a strategy finds."""
    space, trials = Space({"a": Uniform(0.0, 1.0), "b": Uniform(0.0, 1.0)}), []
    while wave := strategy.ask(space, trials, settings, key=key):
        for ask in wave:
            a, b = ask.setting["a"] - 0.3, ask.setting["b"] - 0.7
            value = -(a**2) - 10 * b**2
            trials.append(Trial(ask.number, ask.setting, (value,), (0.0,), value))
    assert len(trials) == settings
    return max(trial.reward for trial in trials)


def test_the_parzen_estimator_finds_more_than_chance_on_a_smooth_function():
    """Paired over 12 repetitions: the mean logarithm of the gap is smaller by more than two standard errors."""
    keys = jax.random.split(jax.random.key(3), 12)
    gaps = np.log([[-best_of(strategy, key) for strategy in (TPE(batch=4, startup=12), Random())] for key in keys])
    better = gaps[:, 1] - gaps[:, 0]
    assert better.mean() > 2 * better.std(ddof=1) / math.sqrt(len(better))


def test_waves_of_the_parzen_estimator_depend_on_the_trials_alone():
    trials = [
        Trial(ask.number, ask.setting, (float(ask.number % 5),), (0.1,), float(ask.number % 5))
        for ask in QuasiRandom().ask(MIXED, [], 16, key=KEY)
    ]
    first, second = (TPE(batch=4).ask(MIXED, trials, 40, key=KEY) for _ in range(2))
    assert first == second
    assert [ask.number for ask in first] == [16, 17, 18, 19]
    assert first != TPE(batch=4).ask(MIXED, trials, 40, key=jax.random.key(1))


def test_trials_come_back_from_their_table(tmp_path):
    settings = [
        {"rate": 0.1, "depth": 1, "rule": "adam", "widths": [8], "clip": None},
        {"rate": 1, "depth": 2, "rule": "sgd", "widths": [8, 8], "clip": 0.5},
    ]
    trials = [
        Trial(0, settings[0], (0.7, 0.8), (0.01, 0.02), 0.75, 0.3, 20, 1.5, budget=10),
        Trial(1, settings[1], status="diverged", message="too fast", epochs=3),
    ]
    write_trials(tmp_path / "a.parquet", trials)
    back = read_trials(tmp_path / "a.parquet")
    assert back[0] == trials[0]
    assert (back[1].setting, back[1].status, back[1].message) == (settings[1], "diverged", "too fast")
    assert math.isnan(back[1].score)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Space({}), "a scan space with no valid point: it names no hyperparameter"),
        (
            lambda: Grid().ask(Space({"a": Integer(1, 3)}, ("a > 5",)), [], 9, key=KEY),
            "no valid point: no setting of a",
        ),
        (lambda: Random().ask(Space({"a": Uniform(0, 1)}, ("a > 5",)), [], 9, key=KEY), "space with no valid point"),
        (lambda: Space({"width": Integer(1, 3)}, ("widht > 5",)), "no 'widht' in the space; did you mean 'width'"),
        (lambda: Uniform(1.0, 1.0), "from a lower to a higher finite number"),
        (lambda: Log(0.0, 1.0), "ends above 0"),
        (lambda: Integer(4, 2), "from a lower to a higher one"),
        (lambda: OneOf(()), "at least one"),
        (lambda: OneOf(("a", "a")), "none twice"),
        (lambda: range_of("rate", {"lgo": [1, 2]}), "space.rate: there is no range 'lgo'; did you mean 'log'"),
        (lambda: range_of("rate", {"log": [1]}), r"space.rate.log: expected its two ends"),
        (lambda: range_of("rate", 3), "space.rate: expected a list of choices or a range"),
    ],
)
def test_a_space_without_a_point_is_refused_in_one_line(make, message):
    with pytest.raises(InputError, match=message):
        make()
