"""From a run directory to its report, and to figures for a paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from ansatz.files import whole, write_text
from ansatz.report.blocks import Section, Text
from ansatz.report.page import about_run, render
from ansatz.report.picture import Picture, save, to_csv
from ansatz.report.sections.again import again
from ansatz.report.sections.analyses import analyses
from ansatz.report.sections.belief import belief
from ansatz.report.sections.data import data
from ansatz.report.sections.interpretation import interpretation
from ansatz.report.sections.models import models
from ansatz.report.sections.result import result
from ansatz.report.sections.significance import significance
from ansatz.report.sections.task import task
from ansatz.report.sections.training import training
from ansatz.report.sections.uniformity import uniformity
from ansatz.report.story import Story, open_story
from ansatz.report.style import marked

COMPARISON: tuple[Callable[[Story], Section | None], ...] = (
    data,
    models,
    training,
    task,
    significance,
    uniformity,
    interpretation,
)
"""What is told of the events and of models that were compared, in the order in which it is read."""


def sections_of(story: Story) -> Iterator[Section]:
    """The sections that this run has something to say in."""
    compared = (make(story) for make in COMPARISON)
    for section in (belief(story), result(story), *compared, *analyses(story), again(story)):
        if section is not None and section.blocks:
            for picture in section.pictures:
                marked(picture.figure, story.directory.study.report.label)
            yield section


def write_report(run: Path | str) -> Path:
    """Writes `report.html` into a run directory: one file that needs no network, whole or not at all.

    Args:
        run: the run directory, or the name of a run in `runs/`.

    Returns:
        The path of the report.

    Raises:
        InputError: if it is no run directory, its results are missing, or the file cannot be written.
    """
    story = open_story(run)
    notes = study_notes(story)
    sections = list(sections_of(story))
    if notes:
        sections.insert(1, Section("notes", "Notes", [Text(notes)]))
    title = str(story.run.get("title") or story.directory.name)
    path = story.directory.path / "report.html"
    study = story.directory.study
    asked = study.data.task if study.data is not None else None
    write_text(path, render(title, about_run(story.run, len(story.data), asked), sections))
    return path


def study_notes(story: Story) -> str:
    """What the author of the study wrote for the reader."""
    return story.directory.study.report.notes.strip()


def write_figures(run: Path | str, folder: Path | str, *, formats: tuple[str, ...] = ("pdf",)) -> list[Path]:
    """Writes every figure of the report as a file for a paper, with its numbers as CSV beside it.

    Args:
        run: the run directory, or the name of a run.
        folder: where to; it is made if it is not there.
        formats: of the figures: `"pdf"`, `"svg"`, `"png"`, `"eps"`.

    Returns:
        The files written.

    Raises:
        InputError: if the run cannot be read or a file cannot be written.
    """
    written = []
    for section in sections_of(open_story(run)):
        for picture in section.pictures:
            written += _files(picture, Path(folder) / f"{section.name}-{picture.name}", formats)
    return written


def _files(picture: Picture, stem: Path, formats: tuple[str, ...]) -> list[Path]:
    table = stem.with_name(stem.name + ".csv")
    write_text(table, to_csv(picture))
    found = [table]
    for kind in formats:
        path = stem.with_name(f"{stem.name}.{kind}")
        with whole(path) as temporary:
            save(picture, temporary, kind)
        found.append(path)
    return found
