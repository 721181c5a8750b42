"""The page: sections to one HTML file that is complete in itself."""

from __future__ import annotations

import dataclasses
import math
import re
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup, escape

from ansatz.report.blocks import Block, Gallery, Section
from ansatz.report.picture import Picture, to_csv, to_svg
from ansatz.report.sections.belief import WORDS

TEMPLATE = Path(__file__).parent / "template"
SHOWN = 60
"""Rows of a table of numbers that the page shows; the CSV file beside it has all."""
ENDS = r'<span class="ends"><sup>\1</sup><sub>\2</sub></span>'
SIGNS = {"green": "✓", "amber": "!", "red": "✗"}


@dataclasses.dataclass(frozen=True)
class Plot:
    """A picture as the template wants it."""

    id: str
    svg: Markup
    title: str
    caption: str
    file: str
    csv: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: int
    left_out: bool


def render(title: str, about: str, sections: Sequence[Section]) -> str:
    """The whole page as HTML.

    Text is escaped wherever it comes from; there are no scripts, and a content security policy forbids the page to load
    anything.

    Args:
        title: heading of the page.
        about: the line under it.
        sections: what it says, in order.

    Example:
        >>> page = render("A <b>", "", [])
        >>> "A &lt;b&gt;" in page, "<script" in page
        (True, False)
    """
    loader = jinja2.FileSystemLoader(TEMPLATE)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["tidy"] = tidy
    style = Markup((TEMPLATE / "style.css").read_text(encoding="utf-8"))
    marks = {mark: {"sign": SIGNS[mark], "word": word} for mark, word in WORDS.items()}
    return environment.get_template("page.html").render(
        title=title, about=about, sections=_numbered(sections), style=style, version=version(), marks=marks
    )


def tidy(text: object) -> Markup:
    r"""Text for the page: escaped, with true minus signs, unequal errors above each other, and no torn numbers.

    Example:
        >>> tidy("auc < -0.5 ± 0.1 (68 %) - 2e-05")
        Markup('auc &lt; −0.5\xa0±\xa00.1 (68\u202f%) − 2e−05')
        >>> tidy("R_test = 0.9 +0.2 -0.1")
        Markup('R<sub>test</sub> = 0.9<span class="ends"><sup>+0.2</sup><sub>−0.1</sub></span>')
        >>> tidy("(1.5 ± 0.2)e-05")
        Markup('(1.5\xa0±\xa00.2) × 10<sup>−5</sup>')
    """
    if isinstance(text, Markup):
        return text
    words = str(escape(str(text)))
    words = re.sub(r"(?<![\w-])-(?=[\d.])|(?<= )-(?= )|(?<=\de)-(?=\d)", "−", words)
    words = re.sub(r"(?<=\d) (\+[\d.]+) (−[\d.]+)(?![\d.]*\w)", ENDS, words)
    words = re.sub(r"(\(\S[^()]*\))e([+−-]?)0*(\d+)", _power, words)
    words = re.sub(r"\bR_(train|test)\b", r"R<sub>\1</sub>", words)
    return Markup(re.sub(r" ± ", "\u00a0±\u00a0", re.sub(r" (?=[%σ](?!\w))", "\u202f", words)))


def _power(found: re.Match) -> str:
    sign = "−" if found[2] in ("-", "−") else ""
    return f"{found[1]} × 10<sup>{sign}{found[3]}</sup>"


def version() -> str:
    """Version of this package."""
    try:
        return metadata.version("ansatz-ml")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _numbered(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Sections with every picture drawn; its number in the page keeps names inside figures apart."""
    numbers = iter(range(1, 1_000_000))
    return [
        {
            "name": section.name,
            "title": section.title,
            "blocks": [_drawn(block, numbers) for block in section.blocks if not _empty(block)],
        }
        for section in sections
    ]


def _empty(block: Block) -> bool:
    return isinstance(block, Gallery) and not block.pictures


def _drawn(block: Block, numbers: Iterator[int]) -> object:
    if not isinstance(block, Gallery):
        return block
    pictures = [plot(picture, f"f{next(numbers)}") for picture in block.pictures]
    return {"kind": "gallery", "title": block.title, "size": block.size, "pictures": pictures}


def plot(picture: Picture, name: str) -> Plot:
    """A picture drawn, with its numbers as a short table and as CSV in a link."""
    rows = picture.rows()
    keep = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), SHOWN)).astype(int)) if rows else ()
    return Plot(
        id=name,
        svg=Markup(to_svg(picture, name)),
        title=picture.title,
        caption=picture.caption,
        file=f"{picture.name}.csv",
        csv="data:text/csv;charset=utf-8," + urllib.parse.quote(to_csv(picture), safe=",.-_:;/ ()"),
        head=list(picture.table),
        rows=[[_short(value) for value in rows[i]] for i in keep],
        total=len(rows),
        left_out=len(keep) < len(rows),
    )


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.5g}".replace("-", "−") if math.isfinite(value) else "—"
    return str(value)


UNLABELED = {
    "cluster": "groups without a target",
    "reduce": "coordinates without a target",
    "density": "density of the events",
    "anomaly": "unusual events",
}
"""Tasks in which no method sees a target."""


def about_run(run: Mapping[str, Any], rows: int, asked: str | None = None) -> str:
    """The line under the title; `asked` is the task that the study names itself."""
    classes = run.get("classes") or ()
    kind = f"{run.get('task', 'classification')} of {len(classes)} classes" if classes else str(run.get("task"))
    kind = kind if run.get("task") not in (None, "none") else ""
    kind = UNLABELED.get(asked or "", kind)
    parts = [kind[:1].upper() + kind[1:]] if kind else []
    parts += [f"{rows:,} rows judged".replace(",", "\u2009")] if rows else []
    parts += [f"seed {run['seed']}"] if run.get("seed") is not None else []
    parts += [str(run["finished"])[:10]] if run.get("finished") else []
    return " · ".join(parts)
