"""The words of a report agree with its numbers."""

import pytest

from ansatz.report import open_story
from ansatz.report.blocks import Belief
from ansatz.report.sections.belief import belief, summary
from ansatz.report.sections.models import all_metrics, overview
from ansatz.report.sections.result import HINT, SIGNIFICANT, comparison, difference_words, result, significance
from ansatz.report.sections.task import task
from ansatz.report.words import best_of, interval_of, measured
from ansatz.validation import Interval


def marks(*colors):
    return [Belief(color, color, "", "") for color in colors]


@pytest.mark.parametrize(
    ("colors", "said"),
    [
        (("green", "green"), "Yes, as far as 2 checks can tell: all of them hold."),
        (("green", "red"), "Not yet: 1 of 2 checks hold, and 1 shows a problem."),
        (("amber", "red", "red"), "Not yet: 0 of 3 checks hold, 1 asks for caution, and 2 show problems."),
    ],
)
def test_the_summary_counts_the_marks(colors, said):
    assert summary(marks(*colors)) == said


def test_the_worst_check_comes_first(binary_run):
    block = belief(open_story(binary_run)).blocks[0]
    assert [item.mark for item in block.items] == ["amber", "green"]


def test_the_headline_names_the_winner_and_its_number(binary_run):
    story = open_story(binary_run)
    text = result(story).blocks[0].text
    assert text.startswith("network is the best of 2 models")
    assert measured(story.models["network"].metrics()["auc"]) in text


def test_a_difference_is_read_in_either_direction(binary_run):
    story = open_story(binary_run)
    forth, back = comparison(story, "network", "cut")[0], comparison(story, "cut", "network")[0]
    assert (forth.value, forth.low, forth.high) == (-back.value, -back.high, -back.low)
    values = [story.models[name].metrics()["auc"].value for name in ("network", "cut")]
    assert forth.value == pytest.approx(values[0] - values[1])
    assert "better than the baseline" in difference_words(story, "network", "cut", "the baseline")


def test_a_smaller_error_is_called_better(line_run):
    assert "better than" in difference_words(open_story(line_run), "line", "mean", "the baseline")


def test_significance_follows_two_and_three_sigma():
    assert significance(SIGNIFICANT / 2, "a", "b") == "That is significant."
    assert "hint" in significance(HINT / 2, "a", "b")
    assert "cannot tell a and b apart" in significance(0.3, "a", "b")


def test_the_best_value_is_bold_and_only_that(binary_run):
    rows = {row[0]: row[1:] for row in all_metrics(open_story(binary_run)).rows}
    assert [cell.best for cell in rows["area under the ROC curve ↑"]] == [False, True]
    assert [cell.best for cell in rows["cross-entropy ↓"]] == [False, False]


def test_the_overview_has_a_line_per_model(binary_run):
    assert [row[0] for row in overview(open_story(binary_run)).rows] == ["cut", "network"]


def test_the_best_is_the_smallest_loss_and_every_one_of_equals():
    found = {"a": Interval(0.3, 0.2, 0.4), "b": Interval(0.2, 0.1, 0.3), "c": None, "d": Interval(0.2, 0.0, 0.3)}
    assert best_of("log_loss", found) == {"b", "d"}
    assert best_of("auc", found) == {"a"}
    assert best_of("my own", found) == frozenset()


def test_an_unbounded_rejection_is_the_best():
    found = {"a": Interval(300.0, 200.0, 500.0), "b": Interval(float("inf"), 77.0, float("inf"))}
    assert best_of("rejection@0.3", found) == {"b"}


def test_errors_carry_the_unit_of_the_target(line_run):
    headings = [row[0] for row in all_metrics(open_story(line_run)).rows]
    assert {"root mean squared error [m] ↓", "mean squared error [m²] ↓", "R squared ↑"} <= set(headings)


def test_a_model_looks_alike_in_every_figure(binary_run):
    story = open_story(binary_run)
    drawn = {picture.name: picture.figure for picture in task(story).pictures}
    lines = drawn["calibration"].axes[0].get_lines() + drawn["roc"].axes[0].get_lines()
    colors = {line.get_color() for line in lines if line.get_label().startswith("network")}
    assert colors == {story.looks["network"].color}


def test_missing_ends_of_an_interval_do_no_harm():
    assert interval_of({"value": 0.5, "low": None, "high": None}) == Interval(0.5, 0.5, 0.5)
    assert interval_of({"value": None}) is None
    assert interval_of(None) is None
