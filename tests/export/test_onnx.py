"""Models as ONNX answer as they do themselves, to 1e-6 over 10,000 events; what ONNX cannot say is named."""

import json

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.export import agreement, to_onnx, to_xgboost
from ansatz.training import Balanced, Calibrated, Ensemble, Transformed, linear_descent, mlp
from ansatz.training.classical import CLASSICAL
from ansatz.training.methods import METHODS

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

EVENTS = 300


def sample(kind):
    """Columns of very different sizes; two or three classes, or numbers."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3 if kind == "three" else 2, EVENTS)
    x = rng.normal(size=(EVENTS, 4)) + y[:, None] * np.array([1.0, 0.5, 0.0, -0.7])
    x *= np.array([1.0, 50.0, 1e-3, 1.0])
    x[:, 1] += 1e4
    if kind == "numbers":
        return Dataset(x, y=3 * x[:, 0] + x[:, 3] ** 2 + 100)
    return Dataset(x, y=y, classes=("a", "b", "c")[: 3 if kind == "three" else 2])


def fresh():
    rng = np.random.default_rng(1)
    return sample("two").x[rng.integers(0, EVENTS, 10_000)] * (1 + 0.01 * rng.normal(size=(10_000, 4)))


WRITTEN = {
    "linear": "numbers",
    "logistic": "two three",
    "lda": "two",
    "qda": "three",
    "threshold": "two",
    "perceptron": "three",
    "constant": "two numbers",
    "svm": "two three numbers",
    "kernel-ridge": "numbers",
    "gaussian-process": "numbers",
    "rectangular-cuts": "two",
    "projective-likelihood": "two three",
    "h-matrix": "two",
    "random-features": "two numbers",
    "tree": "two three numbers",
    "forest": "two",
    "extra-trees": "numbers",
    "adaboost": "two three",
    "boosted-trees": "two three numbers",
}
QUICK = {
    ("logistic", "two"),
    ("qda", "three"),
    ("svm", "three"),
    ("gaussian-process", "numbers"),
    ("rectangular-cuts", "two"),
    ("projective-likelihood", "three"),
    ("h-matrix", "two"),
    ("random-features", "numbers"),
    ("tree", "numbers"),
    ("boosted-trees", "two"),
    ("adaboost", "two"),
}
CASES = [
    pytest.param(name, kind, marks=() if (name, kind) in QUICK else pytest.mark.slow)
    for name, kinds in WRITTEN.items()
    for kind in kinds.split()
]
FEW = {"boosted-trees": {"trees": 20}, "forest": {"trees": 20}, "extra-trees": {"trees": 20}, "adaboost": {"trees": 20}}


def agrees(learner, data, path):
    fit = learner(data, jax.random.key(0))
    found = agreement(fit, to_onnx(fit, path), fresh())
    assert found.events == 10_000
    assert found.same, found.largest
    return fit


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_classical_methods(name, kind, tmp_path):
    agrees((CLASSICAL | METHODS)[name](**FEW.get(name, {})), sample(kind), tmp_path / "m.onnx")


@pytest.mark.parametrize("kernel", ["linear", "polynomial"])
def test_other_kernels(kernel, tmp_path):
    agrees(CLASSICAL["svm"](kernel=kernel, strength=0.1), sample("three"), tmp_path / "m.onnx")


def test_own_boosted_trees_with_missing_values(tmp_path):
    data = sample("two").replace(observers={"mass": np.arange(float(EVENTS))})
    data.x[::7, 0] = np.nan
    fit = METHODS["flat-boosting"](protected=["mass"], trees=20)(data, jax.random.key(0))
    x = fresh()
    x[::5, 0] = np.nan
    assert agreement(fit, to_onnx(fit, tmp_path / "m.onnx"), x).same


@pytest.mark.parametrize("names", [("decorrelated",), ("uniform", "principal")])
def test_transformed_columns(names, tmp_path):
    agrees(Transformed(CLASSICAL["tree"](depth=3), names), sample("two"), tmp_path / "m.onnx")


@pytest.mark.parametrize("features", [False, True])
def test_stacks(features, tmp_path):
    first = {"line": CLASSICAL["logistic"](), "tree": CLASSICAL["tree"](), "svm": CLASSICAL["svm"](strength=0.1)}
    learner = METHODS["stack"](learners=first, parts=2, features=features)
    agrees(learner, sample("two"), tmp_path / "m.onnx")


@pytest.mark.parametrize("method", ["temperature", "platt", "isotonic"])
@pytest.mark.parametrize("kind", ["two", "three"])
def test_calibrations(method, kind, tmp_path):
    agrees(Calibrated(CLASSICAL["tree"](depth=3), method), sample(kind), tmp_path / "m.onnx")


@pytest.mark.parametrize(
    ("kind", "activation"),
    [
        ("two", "gelu"),
        pytest.param("three", "elu", marks=pytest.mark.slow),
        pytest.param("numbers", "softplus", marks=pytest.mark.slow),
    ],
)
def test_networks(kind, activation, tmp_path):
    agrees(mlp(width=12, epochs=3, activation=activation), sample(kind), tmp_path / "m.onnx")


@pytest.mark.parametrize("kind", ["two", "numbers"])
def test_lightgbm(kind, tmp_path):
    pytest.importorskip("lightgbm")
    agrees(METHODS["lightgbm"](trees=20), sample(kind), tmp_path / "m.onnx")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["two", "three", "numbers"])
def test_xgboost(kind, tmp_path):
    pytest.importorskip("xgboost")
    agrees(METHODS["xgboost"](trees=20), sample(kind), tmp_path / "m.onnx")


def test_what_stands_around_a_model(tmp_path):
    two = sample("two")
    agrees(Balanced(CLASSICAL["boosted-trees"](trees=10)), two, tmp_path / "a.onnx")
    agrees(Ensemble(CLASSICAL["tree"](), members=3), two, tmp_path / "b.onnx")
    agrees(Calibrated(CLASSICAL["tree"](depth=3)), two, tmp_path / "c.onnx")


@pytest.mark.slow
def test_a_polynomial_by_descent(tmp_path):
    agrees(linear_descent(degree=2, epochs=3), sample("two"), tmp_path / "m.onnx")


def test_missing_values_are_answered_alike(tmp_path):
    data = sample("two")
    data.x[::7, 0] = np.nan
    for name in ("boosted-trees", "logistic"):
        fit = CLASSICAL[name](**FEW.get(name, {}))(data, jax.random.key(0))
        x = fresh()
        x[::5, 0] = np.nan
        assert agreement(fit, to_onnx(fit, tmp_path / f"{name}.onnx"), x).same


def test_columns_and_classes_are_in_the_file(tmp_path):
    data = sample("two").replace(columns=("pt", "e", "d", "z"))
    fit = CLASSICAL["logistic"]()(data, jax.random.key(0))
    model = onnx.load(str(to_onnx(fit, tmp_path / "m.onnx")))
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(told["columns"]) == ["pt", "e", "d", "z"]
    assert json.loads(told["classes"]) == ["a", "b"]
    assert told["link"] == "probability"


@pytest.mark.parametrize(("name", "part"), [("knn", "Votes"), ("adaboost", "AdaBoostRegressor")])
def test_what_onnx_cannot_say_is_named(name, part, tmp_path):
    fit = CLASSICAL[name](**FEW.get(name, {}))(sample("numbers"), jax.random.key(0))
    with pytest.raises(InputError, match=f"ONNX has no word.*{part}"):
        to_onnx(fit, tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_a_gaussian_transformation_is_named(tmp_path):
    fit = Transformed(CLASSICAL["tree"](depth=2), ("gaussian",))(sample("two"), jax.random.key(0))
    with pytest.raises(InputError, match="the transformation 'gaussian'; 'uniform' has one"):
        to_onnx(fit, tmp_path / "m.onnx")


def walked(model, x):
    """What XGBoost's JSON answers, walked through in single precision as XGBoost does."""
    trees = model["learner"]["gradient_booster"]["model"]["trees"]
    x, total = np.asarray(x, np.float32), np.zeros(len(x))
    for tree in trees:
        place = np.zeros(len(x), int)
        left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
        condition = np.array(tree["split_conditions"], np.float32)
        column, default = np.array(tree["split_indices"]), np.array(tree["default_left"], bool)
        while np.any(left[place] >= 0):
            value = x[np.arange(len(x)), column[place]]
            goes_left = np.where(np.isnan(value), default[place], value < condition[place])
            place = np.where(left[place] < 0, place, np.where(goes_left, left[place], right[place]))
        total += condition[place]
    return total


def test_boosted_trees_as_xgboost(tmp_path):
    data, x = sample("two"), fresh()
    x[::9, 2] = np.nan
    x = x.astype(np.float32).astype(float)
    fit = CLASSICAL["boosted-trees"](trees=30)(data, jax.random.key(0))
    model = json.loads(to_xgboost(fit, tmp_path / "m.json").read_text())
    np.testing.assert_allclose(1 / (1 + np.exp(-walked(model, x))), fit.score(x), atol=1e-5)
    numbers = CLASSICAL["boosted-trees"](trees=30)(sample("numbers"), jax.random.key(0))
    model = json.loads(to_xgboost(numbers, tmp_path / "n.json").read_text())
    np.testing.assert_allclose(walked(model, x), numbers.predict(x), rtol=1e-5)


@pytest.mark.parametrize("kind", ["two", "three", "numbers"])
def test_xgboost_reads_boosted_trees(kind, tmp_path):
    xgboost = pytest.importorskip("xgboost")
    fit = CLASSICAL["boosted-trees"](trees=20)(sample(kind), jax.random.key(0))
    booster = xgboost.Booster()
    booster.load_model(to_xgboost(fit, tmp_path / "m.json"))
    x = fresh().astype(np.float32).astype(float)
    found = booster.predict(xgboost.DMatrix(x, feature_names=list(fit.columns), feature_types=["float"] * 4))
    known = fit.predict(x) if kind == "numbers" else fit.score(x)
    np.testing.assert_allclose(found, known, rtol=2e-5, atol=1e-5)


def test_only_trees_have_a_form_for_xgboost(tmp_path):
    data = sample("two")
    with pytest.raises(InputError, match="only boosted trees have a form"):
        to_xgboost(CLASSICAL["logistic"]()(data, jax.random.key(0)), tmp_path / "m.json")


def test_balanced_trees_keep_the_true_shares(tmp_path):
    data = sample("two")
    data = data.replace(weight=np.where(data.y == 1, 0.01, 1.0))
    fit = Balanced(CLASSICAL["boosted-trees"](trees=10))(data, jax.random.key(0))
    x = fresh().astype(np.float32).astype(float)
    model = json.loads(to_xgboost(fit, tmp_path / "m.json").read_text())
    np.testing.assert_allclose(1 / (1 + np.exp(-walked(model, x))), fit.score(x), atol=1e-5)
