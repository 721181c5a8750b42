"""The analyses that repeat an experiment many times: bias-variance, double descent, coverage, the gluon."""

import dataclasses

import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.report.analyses.table import drawing_of
from ansatz.report.blocks import Gallery
from ansatz.studies.analyses import ANALYSES, analysis_named
from ansatz.studies.analyses.findings import Bench, Findings

LINES = {"line": {"kind": "polynomial", "degree": 1}, "cubic": {"kind": "polynomial", "degree": 3}}
SMALL = {
    "bias-variance": {
        "events": 40,
        "fresh": 30,
        "experiments": 12,
        "learners": LINES,
        "curve": {"kind": "polynomial", "vary": "degree", "values": [1, 2, 4]},
    },
    "double-descent": {"events": 20, "fresh": 40, "experiments": 8, "sizes": (5, 20, 100), "ridge": 0.0},
    "coverage": {
        "experiments": 8,
        "fresh": 10,
        "learner": {"kind": "polynomial", "degree": 1},
        "uncertainties": ("split-conformal",),
    },
    "gluon": {"members": 3, "sets": 2, "replicas": 2, "events": 20, "epochs": 60, "widths": (8,), "momentum": 0.42},
}


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    """The findings of a small run of each analysis, made when they are asked for."""
    made = {}

    def of(kind):
        if kind not in made:
            import jax

            folder = tmp_path_factory.mktemp(kind)
            made[kind] = analysis_named(kind)(**SMALL[kind])(None, Bench(folder), jax.random.key(3)), folder
        return made[kind]

    return of


@pytest.mark.parametrize("kind", SMALL)
def test_it_finds_believes_and_is_drawn(kind, findings):
    found, _ = findings(kind)
    assert kind in ANALYSES
    assert found.headline.endswith(".")
    assert found.numbers
    assert {belief.mark for belief in found.beliefs} <= {"green", "amber", "red"}
    again = Findings.from_piece(found.piece())
    pictures = [p for block in drawing_of(kind)(again) if isinstance(block, Gallery) for p in block.pictures]
    assert pictures
    assert all(picture.caption and len(picture) for picture in pictures)


@pytest.mark.parametrize("kind", SMALL)
def test_pieces_are_done_once(kind, findings):
    """With its pieces in the folder the analysis fits nothing and finds the same."""
    import jax

    found, folder = findings(kind)
    pieces = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    again = analysis_named(kind)(**SMALL[kind])(None, Bench(folder), jax.random.key(3))
    assert [dataclasses.astuple(n) for n in again.numbers] == [dataclasses.astuple(n) for n in found.numbers]
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == pieces


def test_the_parts_of_every_learner_are_told(findings):
    found, _ = findings("bias-variance")
    names = [number.name for number in found.numbers]
    assert names[:5] == [f"{n}: sum minus risk" for n in ("line", "cubic", "degree = 1", "degree = 2", "degree = 4")]
    noise = found.numbers[-1]
    assert (noise.reference, abs(noise.sigmas) < 4) == (1.0, True)
    assert found.beliefs[0].mark in ("green", "amber")


def test_a_peak_is_believed(findings):
    found, _ = findings("double-descent")
    assert found.numbers[0].value == found.numbers[0].reference == 20
    assert found.beliefs[0].mark == "green", found.beliefs[0]


def test_coverage_is_held_against_its_promise(findings):
    found, _ = findings("coverage")
    one_sigma, two = found.numbers
    assert (one_sigma.reference, two.reference) == (0.6827, 0.95)
    assert abs(one_sigma.sigmas) < 4
    assert "mean width" in one_sigma.note


def test_every_way_that_suits_is_tried():
    numbers = analysis_named("coverage")(learner={"kind": "mlp", "dropout": 0.1})._learners()
    classes = analysis_named("coverage")(learner={"kind": "mlp", "dropout": 0.1}, problem="gaussians")._learners()
    every = {*numbers, *classes}
    from ansatz.training import UNCERTAINTIES

    assert every == set(UNCERTAINTIES)


def test_classifiers_are_judged_by_sets_and_calibration(tmp_path):
    import jax

    analysis = analysis_named("coverage")(
        problem="gaussians",
        learner={"kind": "naive-bayes"},
        uncertainties=("conformal-sets", "platt"),
        experiments=6,
        fresh=40,
    )
    found = analysis(None, Bench(tmp_path), jax.random.key(0))
    assert [n.name for n in found.numbers][-1] == "platt, probability minus frequency"
    assert 0 <= found.numbers[-1].value.value < 0.1
    assert "mean size" in found.numbers[0].note


def test_the_gluon_is_told_with_chi2_coverage_and_momentum(findings):
    found, _ = findings("gluon")
    names = [number.name for number in found.numbers]
    assert names[0] == "chi2 per point"
    assert "share of x inside the 68% band" in names
    assert "momentum of x g" in names
    assert [belief.name for belief in found.beliefs] == [
        "Goodness of fit",
        "Coverage",
        "Coverage along x",
        "Momentum sum rule",
        "Convergence",
    ]
    assert found.arrays["inside/0.6827"].shape == found.arrays["x"].shape == (50,)


def test_more_events_make_the_variance_of_a_line_smaller(tmp_path):
    """Least squares: two parameters and noise of variance one make it 2 / events, up to 1 / events^2."""
    import jax

    curve = {"kind": "polynomial", "degree": 1, "vary": "events", "values": [20, 200]}
    analysis = analysis_named("bias-variance")(
        problem="noisy-polynomial",
        options={"coefficients": [0, 2], "noise": 1.0},
        learners={},
        curve=curve,
        experiments=60,
    )
    found = analysis(None, Bench(tmp_path), jax.random.key(0))
    value, error = found.arrays["curve/variance"], found.arrays["curve/variance/error"]
    assert np.all(np.abs(value - 2 / np.array([20, 200])) < 4 * error + 4 / np.array([20, 200]) ** 2)
    assert found.numbers[0].name == "events = 20: sum minus risk"
    (gallery,) = drawing_of("bias-variance")(found)
    assert "more events do not help" in gallery.pictures[0].caption


WIDTHS = {"width": [16, 64]}


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        ("bias-variance", {"problem": "digits"}, "knows neither its law"),
        ("bias-variance", {"problem": "noisy-polynomal"}, "problem: there is no .* did you mean 'noisy-polynomial'"),
        ("bias-variance", {"options": {"nois": 1}}, "options.nois: there is no 'nois'; did you mean 'noise'"),
        ("bias-variance", {"learners": {"a": {"degree": 1}}}, "learners.a.kind: is missing"),
        ("bias-variance", {"learners": {"a": {"kind": "polynomial", "degre": 1}}}, "learners.a.degre: .*'degree'"),
        ("bias-variance", {"curve": {"kind": "polynomial"}}, "give 'vary'"),
        ("bias-variance", {"curve": {"kind": "polynomial", "vary": "degree", "values": [3, 1]}}, "rising order"),
        ("bias-variance", {"experiments": 2}, "at least 4"),
        ("bias-variance", {"curve": {"kind": "polynomial", "vary": "events", "values": [1, 9]}}, "at least 2, not"),
        ("double-descent", {"sizes": (5, 10)}, "rise through the 100 events"),
        ("double-descent", {"network": {"kind": "mlp"}}, "network.widths: is missing"),
        ("coverage", {"uncertainties": ("replica",)}, "did you mean 'replicas'"),
        ("coverage", {"experiments": 1}, "at least 2"),
        ("coverage", {"uncertainties": ("laplace",)}, "for networks"),
        ("gluon", {"source": "nothing.dat"}, "there is no file"),
        ("gluon", {"members": 1}, "at least 2"),
        ("gluon", {"low": (0.0, -1.0)}, "rise"),
        ("scan", {"learner": "mpl", "space": WIDTHS}, "learner: there is no 'mpl'; did you mean 'mlp'"),
        ("scan", {"learner": "mlp", "space": {"widht": [8]}}, "space.widht: there is no .* did you mean 'width'"),
        ("scan", {"learner": "mlp", "space": {}}, "no valid point: it names no hyperparameter"),
        (
            "scan",
            {"learner": "mlp", "space": WIDTHS, "where": "width > 100"},
            "no setting of width meets 'width > 100'",
        ),
    ],
)
def test_bad_options_are_told_in_one_line(kind, arguments, message):
    with pytest.raises(InputError, match=message) as error:
        analysis_named(kind)(**arguments)
    assert "\n" not in str(error.value)


def test_pseudo_data_of_a_file_are_extracted(tmp_path):
    import jax

    x = np.geomspace(1e-3, 1, 40)
    value = x**-0.2 * (1 - x) ** 5
    table = tmp_path / "gluon.dat"
    table.write_text("# x g sd\n" + "\n".join(f"{a} {b} {0.05 * b}" for a, b in zip(x, value, strict=True)))
    analysis = analysis_named("gluon")(source=str(table), events=15, members=2, sets=0, epochs=60, widths=(8,))
    found = analysis(None, Bench(tmp_path / "work"), jax.random.key(0))
    assert found.arrays["x"].shape == (15,)
    assert found.arrays["x"].max() < 1
    assert found.numbers[-1].reference is None
    assert found.beliefs[1].mark == "amber"
