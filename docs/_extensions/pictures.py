"""Draws the pictures of these pages: each file of `pictures/` has a function `pictures()` that returns them.

They are computed when the pages are built, so a page cannot show what the program no longer does. A picture is drawn
again when its file is newer. Files are independent of each other, so two are drawn at a time.
"""

from __future__ import annotations

import multiprocessing
import runpy
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from sphinx.application import Sphinx

FOLDER = "_made"


def draw_all(app: Sphinx) -> None:
    """Writes `_made/FILE-PICTURE.png` for every picture of every file."""
    made = Path(app.srcdir) / FOLDER
    made.mkdir(exist_ok=True)
    stale = [script for script in sorted((Path(app.srcdir) / "pictures").glob("*.py")) if _is_stale(script, made)]
    if stale:
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
            list(pool.map(draw, stale, [made] * len(stale)))


def _is_stale(script: Path, made: Path) -> bool:
    """Whether a file's pictures are missing or older than it is."""
    done = made / f"{script.stem}.done"
    return not done.exists() or done.stat().st_mtime < script.stat().st_mtime


def draw(script: Path, made: Path) -> None:
    """Writes the pictures of one file, and notes that they are done."""
    for picture in runpy.run_path(str(script))["pictures"]():
        picture.figure.savefig(made / f"{script.stem}-{picture.name}.png", dpi=170)
    (made / f"{script.stem}.done").touch()


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", draw_all)
    return {"parallel_read_safe": True}
