"""The studies of Ising states: order parameter, phases, transition and confusion, beside exact answers."""

import time

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.problems.lattice.exact import critical_temperature
from ansatz.report.analyses.table import drawing_of
from ansatz.report.blocks import Gallery
from ansatz.studies.analyses import ANALYSES, Bench, Findings, analysis_named
from ansatz.studies.analyses.lattice.confusion import middle_peak, peak
from ansatz.studies.analyses.lattice.order_parameter import structure_factor
from ansatz.studies.analyses.lattice.phases import _below_the_limit, best_cut
from ansatz.studies.analyses.lattice.states import drawn_states
from ansatz.studies.analyses.lattice.transition import logit_curve
from ansatz.studies.catalogue import build_analyses
from ansatz.studies.schema.study import load_study

TINY = {"kind": "mlp", "width": 4, "depth": 1, "epochs": 6, "batch_size": 64, "learning_rate": 0.02}
TINY |= {"initialization": "he"}
"""Six epochs are too few for a network that starts near zero."""

HALVES = {"points": 11, "states": 40, "fresh": 40}
"""Eighty states of each of eleven temperatures: the sampler of one size is compiled once for all tests."""

SMALL = {
    "order-parameter": {"size": 8, "points": 11, "states": 73},
    "phase-classification": {"size": 8, **HALVES, "learners": {"dense": TINY}},
    "confusion": {"size": 8, **HALVES, "cells": 4, "learner": TINY},
    "phase-transition": {
        "sizes": (8, 12),
        **HALVES,
        "cells": 4,
        "triangular": (),
        "learner": {**TINY, "population": 2, "resample": "bootstrap"},
    },
}


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    """The findings of a small run of each analysis, made when they are asked for."""
    made = {}

    def of(kind):
        if kind not in made:
            bench = Bench(tmp_path_factory.mktemp(kind))
            made[kind] = analysis_named(kind)(**SMALL[kind])(None, bench, jax.random.key(3))
        return made[kind]

    return of


@pytest.mark.parametrize("kind", SMALL)
def test_it_finds_believes_and_is_drawn(kind, findings):
    assert kind in ANALYSES
    again = Findings.from_piece(findings(kind).piece())
    marks = {belief.name: belief.mark for belief in again.beliefs}
    assert marks["Energies of the samples"] == "green"
    assert marks["Thermalization"] == "green"
    pictures = [p for block in drawing_of(kind)(again) if isinstance(block, Gallery) for p in block.pictures]
    assert len(pictures) >= 2
    assert all(picture.caption and len(picture) for picture in pictures)


def numbers_of(found):
    return {number.name: number for number in found.numbers}


def test_components_are_fourier_modes(findings):
    found = findings("order-parameter")
    numbers = numbers_of(found)
    assert float(numbers["correlation of PC1 and magnetization"].value) > 0.999
    assert float(numbers["weights against copies"].value) < 1e-10
    assert abs(numbers["explained by PC1"].sigmas) < 4
    assert found.arrays["explained"][0] == pytest.approx(found.arrays["structure"][0], rel=0.01)


def test_structure_factors_of_waves():
    """States that are one wave have all their variance in its two modes."""
    phase = np.random.default_rng(0).uniform(0, 2 * np.pi, (500, 1, 1))
    wave = np.cos(2 * np.pi * np.arange(8)[None, :, None] / 8 + phase) * np.ones((1, 1, 8))
    assert structure_factor(wave)[:3] == pytest.approx([0.5, 0.5, 0], abs=1e-2)


def test_accuracies_are_below_the_exact_limit(findings):
    numbers = numbers_of(findings("phase-classification"))
    limit = numbers["Bayes limit"].value
    for name in ("threshold on |m|", "dense"):
        assert numbers[f"accuracy, {name}"].value.value <= limit
        assert 0.8 < numbers[f"fraction of the limit, {name}"].value.value <= 1


def test_what_beats_the_limit_is_red():
    """A classifier that has seen the labels is right 1,000 times of 1,000 where 98 % are possible."""
    rng = np.random.default_rng(0)
    assert _below_the_limit({"cheat": np.ones(1000, bool)}, 0.98).mark == "red"
    assert _below_the_limit({"best": rng.random(1000) < 0.98}, 0.98).mark == "green"


def test_the_cut_on_the_magnetization_is_the_best_on_the_states_it_was_found_on(states):
    cut = best_cut(states.train, states.train) > 0.5
    right = np.mean(cut == states.train.y)
    m = np.abs(states.train.observers["magnetization"])
    every = [np.mean((m > c) == states.train.y) for c in np.unique(np.append(m, -1.0))]
    assert right == pytest.approx(max(every))


@pytest.fixture(scope="module")
def states():
    problem = analysis_named("phase-classification")(**SMALL["phase-classification"]).problem
    return drawn_states(problem, 40, 40, key=jax.random.key(5))


def test_halves_share_no_chain(states):
    assert not set(states.train.observers["chain"]) & set(states.fresh.observers["chain"])
    for part in (states.train, states.fresh):
        assert np.unique(part.observers["temperature"], return_counts=True)[1].tolist() == [40] * 11


def test_a_w_has_a_peak_and_a_v_has_none():
    t = np.linspace(1, 3, 21)
    w = np.maximum(1 - (t - 2.04) ** 2, 1.2 - 8 * np.minimum(t - 1, 3 - t))
    assert peak(t, w, 3) == pytest.approx(2.04)
    assert middle_peak(np.abs(t - 2)) is None
    assert np.isnan(peak(t, np.abs(t - 2), 3))


def test_labels_that_mean_nothing_give_no_transition():
    """All temperatures above the transition: no peak stands out of the dips, or hardly."""
    far = {**SMALL["confusion"], "low": 5.0, "high": 9.0}
    found = analysis_named("confusion")(**far)(None, Bench(None), jax.random.key(0))
    [shape] = [belief for belief in found.beliefs if belief.name == "Shape of the curve"]
    assert shape.mark != "green"


def test_outputs_that_jump_are_one_line():
    with pytest.raises(InputError, match="within one step of the temperature; take more points"):
        logit_curve(8, np.array([2.0, 2.5]), np.array([1.0, 0.0]), np.full(2, 0.01))


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("order-parameter", {"size": 7}, "even sides from 4 to 40, not 7"),
        ("order-parameter", {"low": 3.0}, "both sides of the transition"),
        ("order-parameter", {"low": -1.0}, "both sides of the transition"),
        ("phase-classification", {"size": 50}, "even sides from 4 to 40, not 50"),
        ("phase-classification", {"fresh": 1}, "at least 2"),
        ("phase-classification", {"learners": {"a": {"kind": "mpl"}}}, "learners.a.kind: there is no 'mpl'; did you"),
        ("confusion", {"cells": 7}, "not divided by 7 cells"),
        ("confusion", {"points": 5}, "11 rising temperatures or more"),
        ("confusion", {"learner": {"kind": "forest"}}, "it must be a network, as 'mlp'"),
        ("confusion", {"learner": {"kind": "mlp", "population": 3}}, "the cuts are the members; leave it out"),
        ("confusion", {"states": 10_000}, "at most 4878 at each of 41 temperatures"),
        ("rbm", {"size": 8, "hidden": 100, "window": 3}, "a window of 1 to 8 spins, and a multiple of 64 hidden units"),
        ("rbm", {"deep": (20, 4)}, "at most 12 in the inner ones"),
        ("rbm", {"size": 8, "deep": (4,)}, "for sizes up to 4"),
        ("phase-transition", {"sizes": (16,)}, "two even sizes or more"),
        ("phase-transition", {"sizes": (24, 16)}, "rising"),
        ("phase-transition", {"reach": 50.0}, "six positive temperatures"),
        ("phase-transition", {"triangular": (3.0,)}, "the lowest and the highest temperature"),
        ("phase-transition", {"sizes": (16, 20)}, "a lattice of side 20 is not divided by 8 cells"),
    ],
)
def test_bad_options_are_one_line(kind, options, message):
    with pytest.raises(InputError, match=message) as error:
        analysis_named(kind)(**options)
    assert "\n" not in str(error.value)


def on_disk(states, folder, heat=0.0):
    """The states in a file that claims temperatures higher by `heat`."""
    path = folder / "ising.npz"
    np.savez(path, states=states.train.x.astype(np.int8), T=states.train.observers["temperature"] + heat)
    found = analysis_named("state-files")(file=str(path))(None, Bench(None), jax.random.key(0))
    return Findings.from_piece(found.piece())


def test_states_on_disk_are_believed_if_they_are_right(states, tmp_path):
    found = on_disk(states, tmp_path)
    assert [belief.mark for belief in found.beliefs] == ["green"]
    assert all(abs(number.sigmas) < 5 for number in found.numbers)
    [gallery] = drawing_of("state-files")(found)
    assert all(len(picture) for picture in gallery.pictures)


def test_states_on_disk_that_claim_another_temperature_are_red(states, tmp_path):
    found = on_disk(states, tmp_path, heat=0.6)
    assert found.beliefs[0].mark == "red"
    assert any("exact" in belief.sentence for belief in found.beliefs[1:])


def test_files_that_hold_no_states_are_one_line(tmp_path):
    (tmp_path / "a_T2.0.txt").write_text("0 1 1 2\n")
    with pytest.raises(InputError, match="-1 and 1, or 0 and 1; found 2"):
        analysis_named("state-files")(file=str(tmp_path / "a_T2.0.txt"))(None, Bench(None), jax.random.key(0))


def shipped(name):
    """The analyses of a study of the catalogue."""
    from ansatz.studies import shipped as catalogue

    return build_analyses(load_study(catalogue()[name]))


def run(name, analysis, seed=1):
    found = shipped(name)[analysis](None, Bench(None), jax.random.key(seed))
    print(found.headline, *(f"{n.name}: {n.value} ({n.reference}) {n.note}" for n in found.numbers), sep="\n  ")
    assert not [belief for belief in found.beliefs if belief.mark == "red"]
    return found, numbers_of(found)


@pytest.mark.slow
def test_the_first_component_is_the_magnetization():
    """L = 40, 41 temperatures: |corr(PC1, m)| > .999999, explained variance .468 +- .01."""
    found, numbers = run("ising-pca", "components")
    assert float(numbers["correlation of PC1 and magnetization"].value) > 0.999999
    assert abs(numbers["explained by PC1"].value.value - 0.468) < 0.01
    assert numbers["clusters told apart"].value.value > 0.94


@pytest.mark.slow
def test_a_network_comes_nearer_to_the_limit_than_the_magnetization():
    """L = 40, 41 temperatures: between the cut on |m|, about .9856, and Bayes' decision, .9888."""
    _, numbers = run("ising-phases", "classification")
    cut, best = (numbers[f"accuracy, {name}"].value.value for name in ("threshold on |m|", "convolutional"))
    assert numbers["Bayes limit"].value == pytest.approx(0.9888, abs=1e-4)
    assert cut == pytest.approx(0.9856, abs=0.002)
    assert cut < best < 0.9888


@pytest.mark.slow
def test_outputs_collapse_at_both_transitions():
    """Within 1 % and three standard errors, on a lattice that was learned from and on one that was not."""
    found, numbers = run("ising-phases", "scaling")
    for lattice in ("square", "triangular"):
        number = numbers[f"T_c, {lattice} lattice"]
        assert abs(number.sigmas) < 3
        assert abs(number.value.value / number.reference - 1) < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_confusion_finds_the_transition_within_one_percent_and_a_minute(seed):
    started = time.process_time()
    _, numbers = run("ising-confusion", "confusion", seed)
    assert abs(numbers["transition temperature"].value.value / critical_temperature() - 1) < 0.01
    assert time.process_time() - started < 60
