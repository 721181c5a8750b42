"""`Picture`: a figure and the numbers behind it; and how it is put into a page or a file."""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from ansatz.report.style import POWERS, RC

Column = Sequence | np.ndarray
"""The values of one column of a table."""

FONTS = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"


@dataclasses.dataclass(frozen=True, eq=False)
class Picture:
    """One figure with the table of numbers that it draws.

    Attributes:
        figure: the Matplotlib figure; `figure.savefig("roc.pdf")` puts it into a paper.
        table: the numbers behind it, name of the column to its values, all of one length.
        caption: what is drawn and how, in one or two sentences.
        title: a few words.
        name: what a file or an anchor calls it: letters, digits and hyphens.

    Raises:
        ValueError: if the columns of the table differ in length or it is empty.

    Example:
        >>> picture = Picture(Figure(), {"x": [1, 2], "y": [0.5, 0.25]}, "Half of half.", "Halves", "halves")
        >>> len(picture)
        2
    """

    figure: Figure
    table: Mapping[str, Column]
    caption: str
    title: str
    name: str

    def __post_init__(self) -> None:
        lengths = {column: len(values) for column, values in self.table.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"the table of figure '{self.name}' needs columns of one length, not {lengths}")
        object.__setattr__(self, "name", slug(self.name))

    def __len__(self) -> int:
        return len(next(iter(self.table.values())))

    def rows(self) -> list[tuple]:
        """The table, row by row, as plain Python values."""
        return list(zip(*(np.asarray(values).tolist() for values in self.table.values()), strict=True))


def slug(text: str) -> str:
    """A name that is safe in a file name, an anchor and an SVG id.

    Example:
        >>> slug("M(l, l) / GeV"), slug("???")
        ('m-l-l-gev', 'figure')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "figure"


def stacked_table(series: Mapping[str, Mapping[str, Column]], key: str) -> dict[str, list]:
    """Several tables of the same columns as one, whose first column `key` says which they were.

    Example:
        >>> stacked_table({"a": {"x": [1, 2]}, "b": {"x": [3]}}, "model")
        {'model': ['a', 'a', 'b'], 'x': [1, 2, 3]}
    """
    table: dict[str, list] = {key: []}
    for name, columns in series.items():
        length = len(next(iter(columns.values())))
        table[key] += [name] * length
        for column, values in columns.items():
            table.setdefault(column, []).extend(np.asarray(values).tolist())
    return table


def to_csv(picture: Picture) -> str:
    """The numbers behind a figure as CSV, at full precision."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(picture.table)
    writer.writerows(picture.rows())
    return out.getvalue()


def to_svg(picture: Picture, prefix: str = "") -> str:
    """The figure as SVG to put inside an HTML page.

    Text stays text, numbers are cut to hundredths of a point, ids carry `prefix` so that no two figures of a page
    collide, and title and caption are there for those who cannot see it. Nothing refers outside.
    """
    out = io.StringIO()
    _save(picture, out, "svg", {"svg.fonttype": "none", "svg.hashsalt": picture.name, "svg.image_inline": True})
    own = prefix or picture.name
    return _described(_own_ids(_moving(_small(_bare(out.getvalue())), own), own), picture)


FRAME_SECONDS = 0.22
"""How long a frame of a moving picture stands; the last one stands eight times as long."""


def _moving(svg: str, prefix: str) -> str:
    """Shows artists with the ids `frame-0`, `frame-1` ... one frame after another, by style rules alone.

    On paper, in files and for readers who want no motion, all frames are shown at once.
    """
    numbers = [int(number) for number in re.findall(r'<g id="frame-(\d+)"', svg)]
    if not numbers:
        return svg
    frames = max(numbers) + 1
    whole = (frames + 7) * FRAME_SECONDS

    def shown(found: re.Match) -> str:
        number = int(found[1])
        kind = "last" if number == frames - 1 else "frame"
        delay = number * FRAME_SECONDS - whole
        return f'<g class="{prefix}-{kind}" style="animation-delay:{delay:.2f}s"'

    rules = "".join(
        f"@keyframes {prefix}-{kind}{{0%{{visibility:visible}}"
        f"{100 * part / (frames + 7):.3f}%,100%{{visibility:hidden}}}}"
        f".{prefix}-{kind}{{animation:{prefix}-{kind} {whole:.2f}s step-end infinite}}"
        for kind, part in (("frame", 1), ("last", 8))
    )
    style = f"<style>@media screen and (prefers-reduced-motion:no-preference){{{rules}}}</style>"
    svg = re.sub(r'<g id="frame-(\d+)"', shown, svg)
    return svg.replace(">", f">{style}", 1)


def save(picture: Picture, to: Path, kind: str) -> None:
    """Writes the figure for a paper in the format `kind`: the same bytes every time."""
    for axis in (axis for axes in picture.figure.axes for axis in (axes.xaxis, axes.yaxis)):
        formatter = axis.get_major_formatter()
        if isinstance(formatter, ScalarFormatter):
            formatter.set_useMathText(True)
    _save(picture, to, kind, {"svg.hashsalt": picture.name})


def _save(picture: Picture, to: Path | io.StringIO, kind: str, settings: Mapping[str, Any]) -> None:
    dates = {"svg": ("Creator", "Date", "Format", "Type"), "pdf": ("Creator", "Producer", "CreationDate")}
    with mpl.rc_context({**RC, **settings}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        picture.figure.savefig(to, format=kind, metadata=dict.fromkeys(dates.get(kind, ())))


def _bare(svg: str) -> str:
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", svg).replace("xlink:href", "href")
    return re.sub(r'<style type="text/css">.*?</style>', "", svg, flags=re.DOTALL)


def _small(svg: str) -> str:
    cut = re.compile(r"(-?\d+\.\d\d)\d+")
    svg = re.sub(r'\s(d|points|x|y|width|height)="[^"]*"', lambda m: cut.sub(r"\1", m.group()), svg)
    svg = re.sub(r"\s*\n([A-Za-z]) ?", r"\1", svg)
    svg = re.sub(r"font: [^;\"]*?([\d.]+px)[^;\"]*", r"font-size: \1", svg)
    svg = re.sub(r"<use [^>]*>", lambda m: re.sub(r"; stroke[^;\"]*", "", m.group()), svg)
    svg = re.sub(r">1e([−-]?\d+)<", lambda m: f">×10{m[1].replace('−', '-').translate(POWERS)}<", svg)
    return re.sub(r">\s+<", "><", svg)


def _own_ids(svg: str, prefix: str) -> str:
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    svg = re.sub(r'\sid="([^"]+)"', lambda m: f' id="{prefix}-{m[1]}"' if m[1] in used else "", svg)
    svg = re.sub(r"<g>(<use [^>]*>)</g>", r"\1", svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}-\1"', svg)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)


def _described(svg: str, picture: Picture) -> str:
    words = html.escape(f"{picture.title}. {picture.caption}", quote=True)
    return svg.replace("<svg", f'<svg role="img" aria-label="{words}" font-family="{FONTS}"', 1)
