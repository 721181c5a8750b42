"""The task `density`, drawn: likelihoods, the densities themselves, and whether events lie where they say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ansatz.report.blocks import Block, Cell, Gallery, Table
from ansatz.report.figures.unlabeled import evenness, line, marginal, steadiness, surface
from ansatz.report.picture import Picture
from ansatz.report.words import interval_of, number, typeset
from ansatz.studies.analyses.findings import Findings
from ansatz.validation import Interval


def draw(findings: Findings) -> list[Block]:
    """All methods in one table, then how well they describe fresh events, what they look like, and their draws."""
    galleries = [
        Gallery([*_likelihoods(findings), _even(findings)], "How well they describe fresh events"),
        Gallery([*_shapes(findings)], "The densities"),
        Gallery([*_marginals(findings)], "What they draw, column by column"),
    ]
    return [_table(findings), *(gallery for gallery in galleries if gallery.pictures)]


def _table(findings: Findings) -> Table:
    records, known = findings.record["methods"], findings.record["known"]
    weighted = any(r["weights"] is not None for r in records.values())
    head = ["method", "ln p, fresh events", "ln p, own events", "gain over the first", "moves by", "p (evenness)"]
    rows = []
    for name, r in records.items():
        told = [typeset(interval_of(r[key])) for key in ("held", "train", "difference", "changes")]
        cells = [*told, number(r["even"], 2)]
        cells += [typeset(interval_of(r["divergence"]))] if known else []
        cells += [number(r["weights"], 2)] if weighted else []
        rows.append([name, *(Cell(c, best=name == findings.record["best"] and k == 0) for k, c in enumerate(cells))])
    head += (["from the truth"] if known else []) + (["gain by weights"] if weighted else [])
    caption = (
        "Mean ln p of one event, in nats. Moves by: the mean change of ln p of an event from one bootstrap sample to"
        " another. Evenness: whether fresh events are as likely under the density as its own draws are."
    )
    return Table(head, rows, caption)


def _numbered(findings: Findings, part: str) -> Iterator[tuple[str, np.ndarray]]:
    for n, name in enumerate(findings.record["methods"]):
        if f"{part}/{n}" in findings.arrays:
            yield name, findings.arrays[f"{part}/{n}"]


def _named(findings: Findings) -> list[str]:
    units = findings.record["units"]
    return [f"{c} [{units[c]}]" if units.get(c) else c for c in findings.record["columns"]]


def _likelihoods(findings: Findings) -> Iterator[Picture]:
    records, arrays = findings.record["methods"], findings.arrays
    found = {kind: {n: interval_of(r[k]) for n, r in records.items()} for kind, k in _KINDS.items()}
    best = None
    caption = "Mean log-likelihood of an event, with standard errors; the distance of the two is what was overfitted."
    if "truth" in arrays:
        best = float(np.average(arrays["truth"], weights=np.maximum(arrays["weight"], 0)))
        caption += " The line is the true density on the fresh events."
    yield steadiness(found, "mean ln p", caption, name="likelihoods", most=best)
    known: dict[str, Interval | None] = {n: interval_of(r["divergence"]) for n, r in records.items()}
    if findings.record["known"]:
        caption = "Kullback and Leibler's divergence of the truth from each density, with standard errors."
        yield steadiness({"divergence": known}, "divergence / nats", caption, name="divergences", most=None)


_KINDS = {"fresh events": "held", "own events": "train"}


def _even(findings: Findings) -> Picture:
    return evenness(dict(_numbered(findings, "place")), np.maximum(findings.arrays["weight"], 0))


def _shapes(findings: Findings) -> Iterator[Picture]:
    names, arrays = _named(findings), findings.arrays
    surfaces, axes = dict(_numbered(findings, "surface")), dict(_numbered(findings, "axes"))
    if not surfaces:
        return
    if len(names) == 1:
        across = next(iter(axes.values()))[0]
        yield line(surfaces, across, arrays["x"][:, 0], np.maximum(arrays["weight"], 0), names[0])
        return
    held = dict(_numbered(findings, "levels"))
    for name, values in surfaces.items():
        yield surface(values, axes[name], arrays["x"], held[name], (names[0], names[1]), name=name)


def _marginals(findings: Findings) -> Iterator[Picture]:
    names, drawn = _named(findings), dict(_numbered(findings, "drawn"))
    if "x" not in findings.arrays:
        return
    whole = {method: values for method, values in drawn.items() if values.shape[1] == len(names)}
    for j, name in enumerate(names):
        each = {method: values[:, j] for method, values in whole.items()}
        if each:
            yield marginal(findings.arrays["x"][:, j], np.maximum(findings.arrays["weight"], 0), each, name)
