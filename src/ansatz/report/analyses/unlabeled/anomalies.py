"""The task `anomaly`, drawn: how well unusual events are found, which they are, and how far methods agree."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ansatz.report.blocks import Block, Cell, Gallery, Table
from ansatz.report.figures import roc
from ansatz.report.figures.unlabeled import agreements, most_unusual, score_distribution, steadiness
from ansatz.report.picture import Picture
from ansatz.report.style import REFERENCE, looks_of
from ansatz.report.words import interval_of, number, typeset
from ansatz.studies.analyses.findings import Findings
from ansatz.studies.analyses.unlabeled.anomalies import flagged
from ansatz.validation import roc_curve

BEST = "likelihood ratio"


def draw(findings: Findings) -> list[Block]:
    """All methods in one table, then what they find, the events they mean, and how far they agree."""
    galleries = [
        Gallery([*_curves(findings), *_scores(findings)], "What is found"),
        Gallery([*_planes(findings)], "The most unusual events"),
        Gallery([_steadiness(findings), *_agreement(findings)], "How sure the scores are"),
    ]
    return [_table(findings), *(gallery for gallery in galleries if gallery.pictures)]


def _table(findings: Findings) -> Table:
    records = findings.record["methods"]
    labeled = any(r["labels"] for r in records.values())
    weighted = any(r["weights"] is not None for r in records.values())
    asked = ("auc", "efficiency@0.01", "efficiency@0.1")
    head = ["method", *(["AUC", "efficiency at 1 %", "efficiency at 10 %"] if labeled else [])]
    head += ["same top percent", "ranks, other samples", "ranks, other seeds"]
    rows = []
    for name, r in records.items():
        found = [interval_of(r["labels"][key]) for key in asked] if labeled else []
        cells = [typeset(i) for i in (*found, *(interval_of(r[k]) for k in ("top", "stability", "seeds")))]
        cells += [number(r["weights"], 3)] if weighted else []
        rows.append([name, *(Cell(c, best=name == findings.record["best"] and k == 0) for k, c in enumerate(cells))])
    head += ["ranks without weights"] if weighted else []
    limit = findings.record["limit"]
    if limit:
        told = [Cell(typeset(interval_of(limit[key]))) for key in asked]
        rows.append([f"({BEST})", *told, *[Cell("—")] * (len(head) - 4)])
    caption = (
        "Efficiency: the part of the unusual events above a cut that 1 % or 10 % of the ordinary ones pass. Same top"
        " percent: how many of the most unusual percent are so again after learning from another sample."
    )
    return Table(head, rows, caption)


def _all(findings: Findings) -> dict[str, np.ndarray]:
    return {name: findings.arrays[f"score/{n}"] for n, name in enumerate(findings.record["methods"])}


def _curves(findings: Findings) -> Iterator[Picture]:
    a = findings.arrays
    if "odd" not in a:
        return
    ordinary, unusual = findings.record["classes"]
    scores = _all(findings) | ({BEST: a["limit"]} if "limit" in a else {})
    weight = np.maximum(a["weight"], 0)
    curves = {name: roc_curve(a["odd"], score, weight) for name, score in scores.items()}
    looks = looks_of(_all(findings)) | {BEST: REFERENCE}
    yield roc(curves, signal=unusual, background=ordinary, looks=looks)


def _scores(findings: Findings) -> Iterator[Picture]:
    a = findings.arrays
    if "odd" in a:
        for name, score in _all(findings).items():
            weight = np.maximum(a["weight"], 0)
            yield score_distribution(score, a["odd"], weight, findings.record["classes"], name=name)


def _planes(findings: Findings) -> Iterator[Picture]:
    a, axes = findings.arrays, tuple(findings.record["axes"])
    for name, score in _all(findings).items():
        top = flagged(score, np.maximum(a["weight"], 0), findings.record["flagged"])
        yield most_unusual(a["plane"], score, top, axes, name=name)


def _steadiness(findings: Findings) -> Picture:
    records = findings.record["methods"]
    kinds = {"ranks, other samples": "stability", "ranks, other seeds": "seeds", "same top percent": "top"}
    found = {kind: {n: interval_of(r[key]) for n, r in records.items()} for kind, key in kinds.items()}
    caption = "Correlation of ranks with fits of other samples and seeds, and how much of the top percent comes back."
    return steadiness(found, "in common with other fits", caption)


def _agreement(findings: Findings) -> Iterator[Picture]:
    names = list(findings.record["methods"])
    if len(names) < 2:
        return
    matrix = np.eye(len(names))
    for a, b, value in findings.record["agreements"]:
        matrix[names.index(a), names.index(b)] = matrix[names.index(b), names.index(a)] = value
    yield agreements(matrix, names, quantity="correlation of ranks", low=-1.0)
