"""The task `reduce`, drawn: maps, what they keep, explained variance, and how many dimensions there are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ansatz.report.blocks import Block, Cell, Gallery, Table
from ansatz.report.figures.unlabeled import choice, kept, plane, sheet, spectrum, steadiness, values_map
from ansatz.report.figures.unlabeled.choices import Curve
from ansatz.report.picture import Picture
from ansatz.report.words import interval_of, number, typeset
from ansatz.studies.analyses.findings import Findings


def draw(findings: Findings) -> list[Block]:
    """All methods in one table, then their maps, what these keep, and how many dimensions there are."""
    galleries = [
        Gallery([*_maps(findings)], "The maps"),
        Gallery([*_sheets(findings)], "Self-organizing maps"),
        Gallery([_kept(findings), *_steadiness(findings), *_labels(findings)], "What the maps keep"),
        Gallery([*_spectra(findings), *_components(findings), *_dimension(findings)], "How many dimensions there are"),
    ]
    return [_table(findings), *(gallery for gallery in galleries if gallery.pictures)]


def _table(findings: Findings) -> Table:
    records = findings.record["methods"]
    weighted = any(r["weights"] is not None for r in records.values())
    head = ["method", "coordinates", "trustworthiness", "continuity", "other samples", "other seeds", "explained"]
    keys = ("trustworthiness", "continuity", "stability", "seeds")
    rows = []
    for name, r in records.items():
        explained = number(float(np.sum(r["explained"])), 3) if r["explained"] else "—"
        cells = [str(r["components"]), *(typeset(interval_of(r[key])) for key in keys), explained]
        cells += [number(r["weights"], 3)] if weighted else []
        rows.append([name, *(Cell(c) for c in cells)])
    head += ["without weights"] if weighted else []
    caption = (
        "On events that were not learned from where there are any. Other samples and seeds: the part of the variance"
        " that maps of other fits have in common with this one, after shift, rotation and scale."
    )
    return Table(head, rows, caption)


def _coordinates(findings: Findings) -> Iterator[tuple[str, np.ndarray]]:
    for n, name in enumerate(findings.record["methods"]):
        yield name, findings.arrays[f"coordinates/{n}"]


def _maps(findings: Findings) -> Iterator[Picture]:
    labels = list(findings.record["labels"].items())[:1]
    shades = list(findings.record["shades"].items())[:1]
    for name, z in _coordinates(findings):
        for label, names in labels if z.shape[1] > 1 else []:
            title = f"{label} in the map of {name}"
            axes = ("coordinate 1", "coordinate 2")
            yield plane(z[:, :2], findings.arrays["label/0"], axes, name=title, names=names)
        for shown, unit in [] if labels and z.shape[1] > 1 else shades or [("", "")]:
            values = findings.arrays.get("shade/0")
            yield values_map(z, values, name=name, shown=shown, unit=unit)


def _kept(findings: Findings) -> Picture:
    records = findings.record["methods"]
    trust, keeps = ({n: interval_of(r[k]) for n, r in records.items()} for k in ("trustworthiness", "continuity"))
    return kept(trust, keeps, findings.record["neighbors"])


def _steadiness(findings: Findings) -> Iterator[Picture]:
    records = findings.record["methods"]
    kinds = {"other samples": "stability", "other seeds": "seeds"}
    found = {kind: {n: interval_of(r[key]) for n, r in records.items()} for kind, key in kinds.items()}
    caption = "How much of the variance of a map comes back from bootstrap samples and from other seeds."
    yield steadiness(found, "variance in common", caption)


def _labels(findings: Findings) -> Iterator[Picture]:
    records = findings.record["methods"]
    for label in findings.record["labels"]:
        found = {
            when: {n: interval_of(r["labels"][label][key]) for n, r in records.items()}
            for when, key in (("in the map", "after"), ("in all columns", "before"))
        }
        caption = (
            f"The mean part of an event's ten nearest neighbors with its {label}, in the map and before; no method saw"
            " it."
        )
        yield steadiness(found, f"neighbors of the same {label}", caption, name=f"neighbors-{label}")


def _spectra(findings: Findings) -> Iterator[Picture]:
    for n, (name, r) in enumerate(findings.record["methods"].items()):
        if f"spectrum/{n}" in findings.arrays:
            yield spectrum(findings.arrays[f"spectrum/{n}"], r["components"], name=name)


def _sheets(findings: Findings) -> Iterator[Picture]:
    for n, name in enumerate(findings.record["methods"]):
        if f"walls/{n}" in findings.arrays:
            yield sheet(findings.arrays[f"walls/{n}"], findings.arrays[f"mass/{n}"], name=name)


def _components(findings: Findings) -> Iterator[Picture]:
    chosen = interval_of(findings.record["components"])
    if chosen is not None:
        parts = [findings.arrays[f"components/{part}"] for part in ("numbers", "value", "error")]
        yield choice(Curve(*parts, chosen), "held-out likelihood", "number of principal components")


def _dimension(findings: Findings) -> Iterator[Picture]:
    found = {name: interval_of(value) for name, value in findings.record["dimension"].items() if value}
    if found:
        caption = (
            "How many coordinates the events really have, by three estimates with their intervals; principal components"
            " count what is straight, neighbors also what is curved."
        )
        yield steadiness({"estimate": found}, "intrinsic dimension", caption, name="intrinsic-dimension", most=None)
