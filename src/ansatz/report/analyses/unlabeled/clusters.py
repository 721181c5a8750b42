"""The task `cluster`, drawn: the groups of every method, how sure they are, how many there are, and what makes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ansatz.report.blocks import Block, Cell, Gallery, Table
from ansatz.report.figures.unlabeled import agreements, choice, dendrogram, matched, outline, plane, profile, steadiness
from ansatz.report.figures.unlabeled.choices import Curve
from ansatz.report.picture import Picture
from ansatz.report.words import interval_of, number, typeset
from ansatz.studies.analyses.findings import Findings

MOST_COLUMNS = 30
"""Most columns of the figure of what makes a group."""


def draw(findings: Findings) -> list[Block]:
    """All methods in one table, then their groups, their steadiness, the number of groups, and what makes them."""
    sure = [_steadiness(findings), *_agreement(findings)]
    blocks: list[Block] = [
        _table(findings),
        Gallery(list(_planes(findings)), "The groups"),
        Gallery(sure, "How sure they are"),
        Gallery([*_choices(findings)], "How many groups there are"),
        Gallery([*_profiles(findings)], "What makes the groups"),
        Gallery([*_outlines(findings)], "How far apart they are"),
        Gallery([*_trees(findings)], "Trees of merges", size="wide"),
    ]
    return [block for block in blocks if not isinstance(block, Gallery) or block.pictures]


def _table(findings: Findings) -> Table:
    records = findings.record["methods"]
    weighted = any(r["weights"] is not None for r in records.values())
    widths = "widest / narrowest"
    head = ["method", "groups", "shares", "in none", "silhouette", "other samples", "other seeds", widths]
    rows = []
    for name, r in records.items():
        told = [typeset(interval_of(r[key])) for key in ("silhouette", "stability", "seeds", "spread_ratio")]
        shares = ", ".join(f"{share:.2g}" for share in r["shares"][:8]) + (" …" if len(r["shares"]) > 8 else "")
        cells = [str(r["groups"]), shares, number(r["noise"], 2), *told]
        cells += [number(r["weights"], 3)] if weighted else []
        rows.append([name, *(Cell(c) for c in cells)])
    head += ["without weights"] if weighted else []
    caption = (
        "Silhouette: how much nearer events are to their own group. Other samples and seeds: adjusted Rand index of the"
        " groups with those of other fits, 1 if they are the same, 0 by chance."
    )
    return Table(head, rows, caption)


def _numbered(findings: Findings, part: str) -> dict[str, np.ndarray]:
    names = findings.record["methods"]
    return {name: findings.arrays[f"{part}/{n}"] for n, name in enumerate(names) if f"{part}/{n}" in findings.arrays}


def _colors(findings: Findings) -> dict[str, dict[int, int]]:
    """The looks of the groups of every method, alike where they hold the same events."""
    found = _numbered(findings, "group")
    most = max(found, key=lambda name: _count(found[name]))
    return {name: matched(found[most], group) for name, group in found.items()}


def _count(group: np.ndarray) -> int:
    sizes = np.bincount(group[group >= 0]) if (group >= 0).any() else np.zeros(1)
    return int((sizes > 0.01 * len(group)).sum())


def _planes(findings: Findings) -> Iterator[Picture]:
    points, axes = findings.arrays["plane"], tuple(findings.record["axes"])
    colors = _colors(findings)
    for name, group in _numbered(findings, "group").items():
        yield plane(points, group, axes, name=name, colors=colors[name])
    for n, (label, names) in enumerate(findings.record["labels"].items()):
        yield plane(points, findings.arrays[f"label/{n}"], axes, name=label, names=names)


def _steadiness(findings: Findings) -> Picture:
    records = findings.record["methods"]
    kinds = {"other samples": "stability", "other seeds": "seeds"}
    found = {kind: {n: interval_of(r[key]) for n, r in records.items()} for kind, key in kinds.items()}
    caption = (
        "Agreement of the groups with those of fits to bootstrap samples, and from other seeds: mean and central 68 %."
        " Methods without chance have no seeds."
    )
    return steadiness(found, "adjusted Rand index", caption)


def _agreement(findings: Findings) -> Iterator[Picture]:
    """Methods and labels beside each other."""
    records, pairs = findings.record["methods"], findings.record["agreements"]
    labels = list(findings.record["labels"])
    names = [*records, *labels]
    if len(names) < 2:
        return
    matrix, place = np.eye(len(names)), {name: k for k, name in enumerate(names)}
    known = [(n, label, r["labels"][label]["rand"]) for n, r in records.items() for label in labels]
    for a, b, value in [*pairs, *((n, label, rand["value"]) for n, label, rand in known if rand)]:
        matrix[place[a], place[b]] = matrix[place[b], place[a]] = value
    if len(labels) > 1:
        matrix[-len(labels) :, -len(labels) :] = np.where(np.eye(len(labels)), 1.0, np.nan)
    yield agreements(matrix, names, len(labels))


def _choices(findings: Findings) -> Iterator[Picture]:
    for name, chosen in findings.record["choice"].items():
        parts = [findings.arrays[f"choice/{name}/{part}"] for part in ("numbers", "value", "error")]
        yield choice(Curve(*parts, interval_of(chosen)), name)


def _profiles(findings: Findings) -> Iterator[Picture]:
    columns = findings.record["columns"]
    if not 1 < len(columns) <= MOST_COLUMNS:
        return
    for name, r in findings.record["methods"].items():
        if 1 < r["groups"] <= 12:
            yield profile(_separation(r["about"], columns), columns, name=name)


def _separation(about: list, columns: list[str]) -> np.ndarray:
    """Shape (groups, columns)."""
    found = np.full((1 + max(int(line[0]) for line in about), len(columns)), np.nan)
    for group, column, _, separation in about:
        found[int(group), columns.index(column)] = np.nan if separation is None else separation["value"]
    return found


def _outlines(findings: Findings) -> Iterator[Picture]:
    groups, rows, colors = _numbered(findings, "group"), _numbered(findings, "outlined"), _colors(findings)
    for name, values in _numbered(findings, "outline").items():
        if np.isfinite(values).any():
            yield outline(values, groups[name][rows[name]], name=name, colors=colors[name])


def _trees(findings: Findings) -> Iterator[Picture]:
    records: Mapping[str, Mapping[str, Any]] = findings.record["methods"]
    colors = _colors(findings)
    for name, r in records.items():
        details = r["details"]
        if "tree" in details and len(details["tree"]) > 1:
            tree, leaves = np.array(details["tree"], float), np.array(details["leaf_group"])
            yield dendrogram(tree, leaves, linkage=details["linkage"], name=name, colors=colors[name])
