"""A picture becomes SVG that can stand beside others in a page, and CSV that loses nothing."""

import csv
import io
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from ansatz.data import Dataset
from ansatz.report import Picture, figures, to_csv, to_svg


@pytest.fixture(scope="module")
def made():
    return figures.distribution(Dataset(np.arange(12.0)[:, None], columns=('a<b>&"c"',)), 'a<b>&"c"')


@pytest.fixture(scope="module")
def svg(made):
    return to_svg(made, "f1")


def test_ids_carry_the_prefix_and_are_unique(svg):
    ids = re.findall(r'\sid="([^"]+)"', svg)
    assert ids
    assert len(set(ids)) == len(ids)
    assert all(name.startswith("f1-") for name in ids)


def test_every_reference_points_inside(svg):
    ids = set(re.findall(r'\sid="([^"]+)"', svg))
    references = re.findall(r'(?:href="#|url\(#)([^")]+)', svg)
    assert references
    assert set(references) <= ids
    assert "http" not in svg


def test_title_and_caption_are_read_aloud(svg, made):
    assert svg.startswith('<svg role="img" aria-label="a&lt;b&gt;&amp;&quot;c&quot;. Weighted density')
    assert "<b>" not in svg


def test_the_same_picture_gives_the_same_bytes(svg, made):
    assert to_svg(made, "f1") == svg


def test_csv_keeps_every_digit(made):
    rows = list(csv.DictReader(io.StringIO(to_csv(made))))
    assert [float(r["density"]) for r in rows] == np.asarray(made.table["density"]).tolist()


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        Picture(Figure(), {"x": [1, 2], "y": [1]}, "", "", "broken")


def test_large_numbers_carry_a_power_of_ten():
    made = figures.distribution(Dataset(np.linspace(1e5, 9e5, 50)[:, None], columns=("price",)), "price")
    assert ">×10⁵<" in to_svg(made)


def test_errors_of_either_sign_are_one_thin_path(svg):
    assert svg.count("<path") < 40
