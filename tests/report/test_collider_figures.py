"""What a figure of a search must show: signals too small to be seen, ratios only where there is a background."""

import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.report.figures.collider import masses, search
from ansatz.report.figures.performance.responses import response
from ansatz.report.style import canvas, marked
from ansatz.validation import respond


def stack(signal, background, **more):
    count = np.array([background, signal], float)
    arrays = {"edges": np.linspace(100, 140, len(signal) + 1), "count": count, "variance": count, **more}
    return search.stack(arrays, ["continuum", "resonance"], [False, True], column="m", unit="GeV")


def labels(picture):
    return picture.figure.axes[0].get_legend_handles_labels()[1]


def test_a_small_signal_is_drawn_enlarged_by_a_round_factor():
    assert "signal × 20" in labels(stack([1, 9, 1, 0], [400, 380, 350, 300]))
    assert not any("×" in text for text in labels(stack([10, 90, 10, 0], [400, 380, 350, 300])))
    assert not any("×" in text for text in labels(stack([0, 0, 0, 0], [400, 380, 350, 300])))


def test_the_height_of_a_bin_says_its_width():
    assert stack([1, 2, 1, 0], [4, 3, 2, 1]).figure.axes[0].get_ylabel() == "expected events / 10 GeV"


def test_the_ratio_ends_where_there_is_no_background():
    [steps] = [p for p in stack([0, 2, 1, 0], [0, 3, 2, 0]).figure.axes[1].patches if p.get_hatch() is None]
    heights = steps.get_path().vertices[:, 1]
    np.testing.assert_allclose(np.unique(heights[np.isfinite(heights)]), [1.5, 5 / 3])


def test_whole_numbers_are_unfolded_in_bins_of_whole_numbers():
    values = np.random.default_rng(0).poisson(40.0, 3000).astype(float)
    table = masses.unfolded(values, np.full((3000, 2), 0.5), name="tracks").table
    widths = np.asarray(table["high"]) - np.asarray(table["low"])
    np.testing.assert_allclose(widths, round(widths[0]))


@pytest.mark.parametrize("texts", [(), ("Private work",), ("Private work", "√s = 13 TeV, 139 fb⁻¹")])
def test_a_label_stands_over_the_figure(texts):
    figure, axes = canvas()
    marked(figure, texts)
    assert tuple(text for side in ("left", "right") if (text := axes.get_title(side))) == texts


def test_a_label_leaves_a_title_alone():
    figure, axes = canvas()
    axes.set_title("generation 1")
    marked(figure, ("Private work",))
    assert axes.get_title("left") == ""


@pytest.mark.parametrize("rare", [False, True])
def test_probabilities_of_a_rare_class_are_drawn_as_if_it_were_not(rare):
    """One event in a thousand is signal: unchanged, every probability would lie in the first bin."""
    rng = np.random.default_rng(1)
    y = np.repeat([0, 1], 500)
    weight = np.where(y == 1, 1e-3 if rare else 1.0, 1.0)
    ratio = np.exp(rng.normal(2.0 * y - 1, 1.0)) * (1e-3 if rare else 1.0)
    p = ratio / (1 + ratio)
    data = Dataset(np.zeros((1000, 1)), y=y, weight=weight, classes=("b", "s"))
    answers = respond(np.stack([1 - p, p], axis=1)[None], data, link="probability")
    picture = response(answers, None, ("b", "s"))
    table = picture.table
    signal = [n for n, who in zip(table["count"], table["events"], strict=True) if who.startswith("s")]
    assert np.max(signal) < 250
    assert ("equally frequent" in picture.caption) == rare
