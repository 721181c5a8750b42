"""What a section is made of: paragraphs, facts, tables, pictures, code, and marks of belief; data only, no layout."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

from markupsafe import Markup

from ansatz.report.picture import Picture


@dataclasses.dataclass(frozen=True)
class Text:
    """One paragraph; `strong` for the sentence that matters most, `note` for small print."""

    text: str
    tone: str = "plain"
    kind: ClassVar[str] = "text"


@dataclasses.dataclass(frozen=True)
class Facts:
    """Short facts: a term and its value each."""

    items: Sequence[tuple[str, str | Markup]]
    kind: ClassVar[str] = "facts"


@dataclasses.dataclass(frozen=True)
class Cell:
    """One cell of a table: its text, and whether it is a number, the best of its row, or a heading."""

    text: str | Markup
    number: bool = True
    best: bool = False


@dataclasses.dataclass(frozen=True)
class Table:
    """A table; the first cell of each row is its heading.

    Attributes:
        head: names of the columns.
        rows: cells, or plain text for words.
        caption: what it shows.
        folded: whether it is shown only when opened.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[Cell | str]]
    caption: str = ""
    folded: bool = False
    kind: ClassVar[str] = "table"


@dataclasses.dataclass(frozen=True)
class Gallery:
    """Pictures side by side, as many as fit: `"small"`, `"medium"` (at their own size), or `"wide"`, one a line."""

    pictures: Sequence[Picture]
    title: str = ""
    size: str = "small"
    kind: ClassVar[str] = "gallery"


@dataclasses.dataclass(frozen=True)
class Code:
    """Text to copy, such as a study file or BibTeX."""

    text: str
    title: str
    folded: bool = False
    kind: ClassVar[str] = "code"


@dataclasses.dataclass(frozen=True)
class Belief:
    """One check of the result: `mark` is green, amber or red."""

    name: str
    mark: str
    value: str
    sentence: str


@dataclasses.dataclass(frozen=True)
class Beliefs:
    """The checks, and the sentence over them."""

    items: Sequence[Belief]
    summary: str
    kind: ClassVar[str] = "beliefs"


Block = Text | Facts | Table | Gallery | Code | Beliefs


@dataclasses.dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    name: str
    title: str
    blocks: Sequence[Block]

    @property
    def pictures(self) -> list[Picture]:
        """All pictures of the section."""
        return [p for block in self.blocks if isinstance(block, Gallery) for p in block.pictures]
