"""What the scores are worth to a search: working points, histograms of expected events, the likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ansatz.report.blocks import Block, Cell, Gallery, Section, Table, Text
from ansatz.report.figures.collider import search
from ansatz.report.story import Story
from ansatz.report.words import interval_of, number, typeset

FORMULAS = {"asimov": "Asimov", "asimov with error": "Asimov with error", "ams": "AMS", "s/sqrt(b)": "s / √b",
            "s/sqrt(s+b)": "s / √(s + b)"}  # fmt: skip
MOST_SCORES = 4


def significance(story: Story) -> Section | None:
    """Nothing where a study says nothing of expected events."""
    record = story.results.get("significance")
    if not record:
        return None
    arrays = story.directory.significance
    blocks: list[Block] = [Text(headline(record), "strong"), working_points(record)]
    blocks.append(Gallery([_scan(story, record, arrays), _reach(story, record)], "Where to cut"))
    blocks.append(Gallery(scores(story, record, arrays), "Scores of the processes"))
    blocks += columns(story, record, arrays)
    if record.get("likelihood"):
        blocks += likelihood(record)
    return Section("significance", "Significance", blocks)


def headline(record: Mapping[str, Any]) -> str:
    """The best model and what its cut is worth on rows that it was not chosen on."""
    one = record["models"][record["best"]]
    value = interval_of(one["significances"][one["measure"]])
    s, b = (interval_of(one[key]) for key in ("signal", "background"))
    return (
        f"A cut on {record['best']} at {one['cut']:.4g} is expected to give {value} standard deviations "
        f"({FORMULAS[one['measure']]}): {s} signal events over {b} of background."
    )


def working_points(record: Mapping[str, Any]) -> Table:
    """One line per model."""
    formulas = list(dict.fromkeys(f for one in record["models"].values() for f in one["significances"]))
    head = ["model", "cut", "where chosen", *(FORMULAS[f] for f in formulas), "shape", "signal", "background"]
    rows = [[name, *_cells(one, formulas)] for name, one in record["models"].items()]
    where = "by cross-validation on the training rows" if record["chosen_on"] == "folds" else (
        "on one half of the judged rows, for there are no others")  # fmt: skip
    error = record.get("background_error") or 0.0
    caption = f"Cuts are chosen {where}; all other numbers are from judged rows, scaled to the expected events. "
    caption += "Shape: all bins of the score together. "
    caption += f"The background is known to {100 * error:.3g} %." if error else "The background is taken as known."
    return Table(head, rows, caption)


def _cells(one: Mapping[str, Any], formulas: list[str]) -> list[Cell]:
    values = [one["validation"], *(one["significances"].get(f) for f in formulas), one["shape"]]
    values += [one["signal"], one["background"]]
    return [Cell(f"{one['cut']:.4g}"), *(Cell(typeset(interval_of(value))) for value in values)]


def _scan(story: Story, record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> search.Picture:
    models = {name: part_of(arrays, f"scan/{name}") for name in record["models"]}
    return search.scan(models, record["measure"], record["models"], looks=story.looks)


def _reach(story: Story, record: Mapping[str, Any]) -> search.Picture:
    values = {
        name: {**{FORMULAS[f]: v for f, v in one["significances"].items()}, "shape of the score": one["shape"]}
        for name, one in record["models"].items()
    }
    return search.reach(values, looks=story.looks)


def scores(story: Story, record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> list[search.Picture]:
    """The stacked histogram of the score of a few models."""
    first = dict.fromkeys([record["told"], record["best"], *(m.name for m in story.featured)])
    names = [name for name in first if name in record["models"]][:MOST_SCORES]
    about = {"processes": list(record["expected"]), "signal": signals(record)}
    note = "Probabilities are drawn as if both classes were equally frequent."
    return [search.stack(part_of(arrays, f"score/{n}"), **about, column=f"response of {n}", note=note) for n in names]


def columns(story: Story, record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> list[Block]:
    """The mass before and after the cut, then all columns before it."""
    about = {"processes": list(record["expected"]), "signal": signals(record)}
    names = list(
        dict.fromkeys(key.split("/")[1] for key in arrays if key.startswith("before/") and key.endswith("/edges"))
    )
    found: list[Block] = []
    mass = record.get("mass")
    if mass in names:
        pictures = [
            search.stack(
                part_of(arrays, f"{when}/{mass}"),
                **about,
                column=mass,
                unit=story.units.get(mass),
                title=f"{mass} {when} the cut",
                note=f"{when.capitalize()} the cut on {record['told']}.",
            )
            for when in ("before", "after")
        ]
        found.append(Gallery(pictures, f"{mass} before and after the cut"))
    rest = [name for name in names if name != mass]
    pictures = [search.stack(part_of(arrays, f"before/{n}"), **about, column=n, unit=story.units.get(n)) for n in rest]
    return [*found, Gallery(pictures, "Expected events")] if pictures else found


def part_of(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The arrays whose names begin so, without the beginning."""
    return {key.removeprefix(f"{prefix}/"): values for key, values in arrays.items() if key.startswith(f"{prefix}/")}


def signals(record: Mapping[str, Any]) -> list[bool]:
    """Which processes are signal."""
    return [name in record["signal"] for name in record["expected"]]


def likelihood(record: Mapping[str, Any]) -> list[Block]:
    """What pyhf makes of the histogram of the score."""
    fit = record["likelihood"]
    if fit.get("message"):
        return [Text(f"The likelihood of the score was not fitted: {fit['message']}", "note")]
    seen = "observed" if fit["observed"] else "expected with the signal"
    band = " ".join(number(value) for value in fit["expected_cls"])
    rows = [
        ["strength of the signal that fits best", Cell(number(fit["best"]))],
        [f"significance of the signal, {seen}", Cell(number(fit["significance"]))],
        [f"CLs of strength 1, {seen}", Cell(number(fit["cls"]))],
        ["CLs of strength 1 expected without it, −2 to 2 standard deviations", Cell(band)],
    ]
    caption = f"Likelihood of the score of {record['told']} with all its systematic errors, by pyhf; in {fit['file']}."
    return [Table(["likelihood of the score", "value"], rows, caption)]
