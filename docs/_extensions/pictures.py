"""Draws the pictures of these pages: each file of `pictures/` has a function `pictures()` that returns them.

They are computed when the pages are built, so a page cannot show what the program no longer does. A picture is drawn
again when its file is newer.
"""

from __future__ import annotations

import runpy
from pathlib import Path

from sphinx.application import Sphinx

FOLDER = "_made"


def draw_all(app: Sphinx) -> None:
    """Writes `_made/FILE-PICTURE.png` for every picture of every file."""
    made = Path(app.srcdir) / FOLDER
    made.mkdir(exist_ok=True)
    for script in sorted((Path(app.srcdir) / "pictures").glob("*.py")):
        seen = made / f"{script.stem}.done"
        if not seen.exists() or seen.stat().st_mtime < script.stat().st_mtime:
            for picture in runpy.run_path(str(script))["pictures"]():
                picture.figure.savefig(made / f"{script.stem}-{picture.name}.png", dpi=170)
            seen.touch()


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", draw_all)
    return {"parallel_read_safe": True}
