"""Every figure names its axes, holds the numbers it draws, and does not look at the scale of the weights."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.report import figures
from ansatz.validation import (
    Answers,
    Interval,
    calibration_curve,
    confusion_matrix,
    precision_recall_curve,
    roc_curve,
)

CLASSES = ("background", "signal")


def events(scale=1.0, rows=400):
    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, rows)
    x = rng.normal(size=(rows, 2)) + y[:, None]
    weight = scale * rng.choice([-0.5, 1.0, 1.5], rows)
    return Dataset(x, y, weight, columns=("pt", "eta"), classes=CLASSES, units={"pt": "GeV"})


def answers(scale=1.0, rows=400):
    data = events(scale, rows)
    p = 1 / (1 + np.exp(1 - data.x.sum(axis=1)))
    return Answers.classified(data.y, probability=p, weight=data.weight)


def values(scale=1.0, rows=600):
    rng = np.random.default_rng(6)
    y = rng.normal(size=rows)
    return Answers.predicted(y, y + 0.3 * rng.normal(size=rows), scale * rng.choice([-0.2, 1.0], rows))


def heights(scale=1.0):
    data = events(scale)
    return data.replace(y=data.x[:, 0] ** 2, classes=None, target=("h",), units={"pt": "GeV", "h": "m"})


def signal_share(points):
    share = 1 / (1 + np.exp(1 - points.sum(axis=1)))
    return np.stack([1 - share, share], axis=1)


def curve_of(scale):
    found = answers(scale)
    return roc_curve(found.y, found.score, scale * found.weight)


LINES = [{"cut": "pt > 25", "rows": 3, "total": 0.5, "total_error": 0.1, "efficiency": 0.5, "error": 0.1}]
RANKED = [{"column": "pt", "value": 0.1, "separation": 0.1, "low": 0.0, "high": 0.2}]
NODES = {
    "columns": ["pt"],
    "left": [1, -1, -1],
    "right": [2, -1, -1],
    "feature": [0, -1, -1],
    "threshold": [25.0, 0.0, 0.0],
    "share": [1.0, 0.75, 0.25],
    "value": [[0.6, 0.4], [0.9, 0.1], [0.0, 1.0]],
}
HISTORY = {"train/mse": np.array([3.0, 2.0, 1.0]), "validation/mse": np.array([3.0, 2.5, 2.6])}


def precision_of(scale):
    found = answers(scale)
    return precision_recall_curve(found.y, found.score, scale * found.weight)


def confusion_of(scale):
    found = answers(scale)
    return confusion_matrix(found.y, found.decision, scale * found.weight)


WEIGHTED = {
    "distribution": lambda s: figures.distribution(events(s), "pt"),
    "correlations": lambda s: figures.correlations(events(s), "signal"),
    "target_against": lambda s: figures.target_against(heights(s), "pt"),
    "roc": lambda s: figures.roc({"net": curve_of(s)}),
    "rejection": lambda s: figures.rejection({"net": curve_of(s)}),
    "precision_recall": lambda s: figures.precision_recall({"net": precision_of(s)}),
    "confusion": lambda s: figures.confusion(confusion_of(s), CLASSES),
    "cut_scan": lambda s: figures.cut_scan(curve_of(s), 0.4),
    "response": lambda s: figures.response(answers(s), answers(s, 300), CLASSES, p_values={"signal": 0.5}),
    "calibration": lambda s: figures.calibration(
        {"net": calibration_curve(answers(s), replicas=5, key=jax.random.key(0))}
    ),
    "predicted_against_true": lambda s: figures.predicted_against_true(values(s), unit="m"),
    "residuals": lambda s: figures.residuals(values(s), unit="m"),
    "pulls": lambda s: figures.pulls(values(s), sigma=0.3),
    "regions": lambda s: figures.regions(events(s), signal_share, cells=20),
}
"""Figures of weighted events: the constructor takes a factor for all weights."""

PLAIN = {
    "cutflow": lambda: figures.cutflow(LINES),
    "n_minus_one": lambda: figures.n_minus_one(LINES),
    "scores": lambda: figures.scores("auc", {"net": Interval(0.9, 0.8, 0.95)}, train={"net": 0.95}, best="net"),
    "differences": lambda: figures.differences("auc", {"net": Interval(0.1, 0.0, 0.2)}, reference="cut"),
    "importance": lambda: figures.importance(RANKED),
    "ranking": lambda: figures.ranking(RANKED),
    "coefficients": lambda: figures.coefficients({"pt": 2.0, "eta": -3.0}, errors={"pt": 0.1, "eta": 0.2}),
    "learning_curve": lambda: figures.learning_curve(HISTORY, "mse", best_epoch=np.array([1])),
    "curve": lambda: figures.curve(np.arange(4.0), np.arange(4.0), np.arange(4.0), np.ones((3, 4)), units=("s", "m")),
}
"""Figures of finished numbers."""


def picture(name):
    return WEIGHTED[name](1.0) if name in WEIGHTED else PLAIN[name]()


@pytest.mark.parametrize("name", [*WEIGHTED, *PLAIN])
def test_every_figure_names_its_axes_and_holds_its_numbers(name):
    made = picture(name)
    axes = [a for a in made.figure.axes if a.get_label() != "<colorbar>"]
    assert axes[-1].get_xlabel()
    assert all(a.get_ylabel() for a in axes)
    assert len(made) > 0
    assert made.caption.endswith(".")


def drawn(figure):
    """All points of all lines of a figure."""
    points = [line.get_xydata() for axes in figure.axes for line in axes.get_lines()]
    return np.nan_to_num(np.concatenate(points)) if points else np.zeros((0, 2))


@pytest.mark.parametrize("name", WEIGHTED)
def test_the_scale_of_the_weights_changes_no_figure(name):
    once, seven = WEIGHTED[name](1.0), WEIGHTED[name](7.0)
    np.testing.assert_allclose(drawn(once.figure), drawn(seven.figure), rtol=1e-9, atol=1e-9)
    for column, numbers in once.table.items():
        mine, theirs = np.asarray(numbers), np.asarray(seven.table[column])
        if mine.dtype.kind in "fi":
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)
        else:
            assert mine.tolist() == theirs.tolist()


def test_axes_carry_the_units_of_the_columns():
    axes = figures.distribution(events(), "pt").figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("pt [GeV]", "density [1/GeV]")
    assert figures.target_against(heights(), "pt").figure.axes[0].get_ylabel() == "h [m]"
    assert figures.residuals(values(), unit="m").figure.axes[0].get_ylabel() == "predicted − true [m]"


def test_a_distribution_sums_weights_of_either_sign():
    data = Dataset(
        np.array([[0.0], [0.0], [1.0], [2.0]]), np.array([1, 1, 1, 0]), np.array([3.0, -1.0, 2.0, 5.0]), classes=CLASSES
    )
    table = figures.distribution(data, "x0").table
    rows = {
        (c, a): (d, e) for c, a, d, e in zip(*(table[k] for k in ("class", "from", "density", "error")), strict=True)
    }
    assert rows["signal", -0.5] == pytest.approx((0.5, np.sqrt(10) / 4))
    assert rows["signal", 0.5] == pytest.approx((0.5, 0.5))
    assert rows["background", 1.5] == pytest.approx((1.0, 1.0))


def test_a_doubled_row_is_a_row_of_twice_the_weight():
    data = events()
    merged = data.replace(weight=2 * data.weight)
    twice = data[np.repeat(np.arange(len(data)), 2)]
    one, other = (figures.correlations(d).table["pt"] for d in (merged, twice))
    np.testing.assert_allclose(one, other, rtol=1e-12)


def test_correlations_agree_with_numpy():
    data = events().replace(weight=np.random.default_rng(1).uniform(1, 2, 400))
    covariance = np.cov(data.x.T, aweights=data.weight)
    expected = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert figures.correlations(data).table["eta"][0] == pytest.approx(expected)


def test_the_roc_draws_the_exact_curve_of_few_events():
    table = figures.roc({"net": roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])}).table
    assert table["signal efficiency"] == [0.0, 0.5, 0.5, 1.0, 1.0]
    assert table["background efficiency"] == [0.0, 0.0, 0.5, 0.5, 1.0]


def test_the_rejection_is_one_over_the_background_efficiency():
    table = figures.rejection({"net": roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])}).table
    assert table["rejection"] == [2.0, 2.0, 1.0]


def test_a_scan_marks_the_best_cut():
    curve = roc_curve([0, 0, 0, 1, 1], [0.1, 0.2, 0.6, 0.7, 0.8])
    made = figures.cut_scan(curve, 0.4)
    assert "largest at 0.7," in made.caption
    assert max(made.table["∝ s/√(s + b)"]) == pytest.approx(1.0)


def test_the_confusion_matrix_shows_shares_of_the_true_class():
    table = figures.confusion(confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1]), CLASSES).table
    assert table["share"].tolist() == [0.5, 0.5, 0.0, 1.0]
    assert table["taken for"].tolist() == ["background", "signal"] * 2


def test_a_learning_curve_tells_which_epoch_was_kept():
    made = PLAIN["learning_curve"]()
    assert "epoch 2 was kept" in made.caption
    assert made.table["epoch"] == [1, 2, 3, 1, 2, 3]


def test_a_population_gets_a_band():
    members = {"train/mse": np.array([[1.0, 0.5], [3.0, 1.5], [2.0, np.nan]])}
    table = figures.learning_curve(members, "mse").table
    assert table["risk"] == [2.0, 1.0]
    assert table["low"][0] < 2.0 < table["high"][0]


def test_bars_come_in_the_order_of_their_length():
    rows = [{"column": c, "value": v, "low": v, "high": v} for c, v in (("a", 0.1), ("b", 0.3), ("c", -0.2))]
    assert figures.importance(rows).table["column"] == ["b", "a", "c"]


def test_a_tree_is_drawn_with_every_question_and_answer():
    made = figures.tree(NODES, CLASSES)
    words = " ".join(text.get_text() for text in made.figure.axes[0].texts)
    assert "pt ≤ 25?" in words
    assert made.table["answer"] == ["background 60 %", "background 90 %", "signal 100 %"]


def test_a_deep_tree_is_cut_and_says_so():
    chain = {**NODES, "left": [1, 2, -1, -1, -1], "right": [4, 3, -1, -1, -1], "feature": [0, 0, -1, -1, -1]}
    deep = {**chain, "threshold": [1.0] * 5, "share": [1.0] * 5, "value": [[0.5, 0.5]] * 5}
    made = figures.tree(deep, CLASSES, deepest=1)
    assert "upper 3 of 5 nodes" in made.caption
    assert len(made) == 5


def test_images_show_the_wrong_ones_and_mark_them():
    y = np.array([0, 1, 0, 1])
    found = Answers.classified(y, probability=np.array([0.1, 0.9, 0.8, 0.7]))
    made = figures.samples(np.zeros((4, 4)), found, (2, 2), ("a", "b"))
    assert made.table["taken for"] == ["a", "b", "b", "b"]
    titles = [axes.get_title() for axes in made.figure.axes[:4]]
    assert titles == ["a", "b", "✗ b, is a", "b"]


def test_mean_images_are_weighted_means():
    x, y = np.array([[0.0, 0, 0, 0], [4.0, 0, 0, 0], [1.0, 1, 1, 1]]), np.array([0, 0, 1])
    table = figures.mean_images(x, y, np.array([1.0, 3.0, 1.0]), (2, 2), ("a", "b")).table
    assert table["mean"] == [3.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]


def test_regions_say_what_is_decided_where():
    table = figures.regions(events(), signal_share, cells=40).table
    decided = np.where(table["pt"] + table["eta"] > 1, "signal", "background")
    assert decided.tolist() == table["class"].tolist()


def test_dollar_signs_and_long_names_are_no_mathematics():
    data = events().replace(columns=("cost_$x^{2$", "n" * 90), units={})
    for name in data.columns:
        figures.distribution(data, name).figure.draw_without_rendering()
