"""Whether cuts on the models' scores shape the columns that the study protects."""

from __future__ import annotations

import numpy as np

from ansatz.report.blocks import Block, Cell, Gallery, Section, Table
from ansatz.report.figures.collider import uniformity as figures
from ansatz.report.story import Judged, Story
from ansatz.report.words import interval_of, number, typeset

MODELS = 3
"""Models that get figures: the last ones of the study, for the baseline stands first."""


def uniformity(story: Story) -> Section | None:
    """The measures of all models, then efficiencies and shapes of some."""
    found = story.results.get("uniformity") or {}
    names = [name.removeprefix("observer/") for name in story.arrays if name.startswith("observer/")]
    if not found or not names:
        return None
    models = [model for name, model in story.judged.items() if name in found]
    drawn = [model for model in models if model.record.get("kind") != "reference"][-MODELS:]
    shapes = [_shaped(story, model, name) for model in drawn for name in names]
    blocks: list[Block] = [_measures(found)]
    for k, group in enumerate(story.classes):
        pictures = [_efficiency(story, model, name, k) for model in drawn for name in names]
        blocks.append(Gallery(pictures, f"Efficiency of {group}"))
    return Section("uniformity", "Uniformity", [*blocks, Gallery(shapes, "Shapes before and after a cut")])


def _measures(found: dict) -> Table:
    rows = [
        [
            f"{name}, {group}",
            Cell(typeset(interval_of(record["sde"]))),
            Cell(number(record["expected"])),
            Cell(number(record["theil"])),
            Cell(number(record["cvm"])),
        ]
        for name, groups in found.items()
        for group, record in groups.items()
    ]
    caption = (
        "Spread of the efficiency over cells of the protected columns (SDE, at 10 to 50 % of the class), what a score "
        "that knows nothing of them shows with so few events, Theil's index, and the Cramér-von Mises measure."
    )
    return Table(["", "SDE", "by chance", "Theil", "CvM"], rows, caption)


def _efficiency(story: Story, model: Judged, column: str, group: int) -> figures.Picture:
    own = model.test.y == group
    return figures.efficiency(
        model.test.score[own],
        np.asarray(story.arrays[f"observer/{column}"])[own],
        model.test.weight[own],
        column=column,
        unit=story.units.get(column),
        name=model.name,
        group=story.classes[group],
    )


def _shaped(story: Story, model: Judged, column: str) -> figures.Picture:
    return figures.shaping(
        model.test.score,
        np.asarray(story.arrays[f"observer/{column}"]),
        model.test.y,
        model.test.weight,
        column=column,
        unit=story.units.get(column),
        name=model.name,
        classes=story.classes,
    )
