"""Figures of groups: colors that mean the same in every panel, and trees that are cut where they say."""

import numpy as np

from ansatz.report.figures.unlabeled import dendrogram, matched, plane, steadiness
from ansatz.report.style import look
from ansatz.validation import Interval


def test_groups_of_the_same_events_get_the_same_color():
    reference = np.repeat([0, 1, 2], 10)
    other = np.repeat([2, 0, 1], 10)
    assert matched(reference, other) == {0: 1, 1: 2, 2: 0}
    assert matched(reference, np.where(other == 2, -1, other)) == {0: 1, 1: 2}
    assert sorted(matched(np.zeros(30, int), other).values()) == [0, 1, 2]


def test_a_plane_draws_every_event_in_the_color_of_its_group():
    points, group = np.arange(12.0).reshape(6, 2), np.array([0, 0, 1, 1, -1, -1])
    picture = plane(points, group, ("u [mm]", "v"), colors={0: 1, 1: 0})
    lines = {line.get_label(): line for line in picture.figure.axes[0].lines}
    assert lines["group 1"].get_color() == look(1).color
    assert lines["none"].get_marker() == "x"
    assert picture.table["group"] == ["group 1", "group 1", "group 2", "group 2", "none", "none"]


def test_a_tree_is_cut_between_its_groups():
    tree = np.array([[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 1.5, 2.0], [4.0, 5.0, 8.0, 4.0]])
    picture = dendrogram(tree, np.array([0, 0, 1, 1]))
    [cut] = [line for line in picture.figure.axes[0].lines if line.get_linestyle() == "--"]
    assert 1.5 < cut.get_ydata()[0] < 8.0


def test_a_quantity_without_a_best_value_is_drawn_where_it_is():
    found = {"estimate": {"two": Interval(9.0, 8.0, 10.0), "none": None}}
    low, high = steadiness(found, "dimension", "How many.", most=None).figure.axes[0].get_xlim()
    assert low < 8.0
    assert high > 10.0
