"""Bias, variance and noise, drawn."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ansatz.report.blocks import Block, Cell, Gallery, Table
from ansatz.report.figures.populations import decomposition as figures
from ansatz.report.words import typeset
from ansatz.studies.analyses.findings import Findings
from ansatz.validation import normal

HEAD = {"bias": "bias²", "variance": "variance", "noise": "noise", "sum": "sum", "risk": "risk", "train": "on its own"}


def draw(findings: Findings) -> list[Block]:
    """A table of the parts, the bars, the fits behind them, and the curve."""
    names, blocks = list(findings.record["learners"]), []
    if names:
        terms = group(findings.arrays, "learners")
        blocks += [_table(names, terms), Gallery([figures.parts(names, terms)])]
        shown = [(n, group(findings.arrays, f"fit-{k}")) for k, n in enumerate(names)]
        pictures = [figures.fits(n, **values) for n, values in shown if values]
        blocks += [Gallery(pictures, "The fits to all training samples")] if pictures else []
    curve = group(findings.arrays, "curve")
    if curve:
        blocks.append(Gallery([figures.growing(str(findings.record["parameter"]), curve.pop("values"), curve)]))
    return blocks


def group(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The arrays below a name.

    Example:
        >>> list(group({"a/x": np.zeros(1), "b/x": np.zeros(1)}, "a"))
        ['x']
    """
    return {name.removeprefix(f"{prefix}/"): v for name, v in arrays.items() if name.startswith(f"{prefix}/")}


def _table(names: list[str], terms: Mapping[str, np.ndarray]) -> Table:
    rows = [
        [name, *(Cell(typeset(normal(float(terms[t][row]), float(terms[f"{t}/error"][row])))) for t in HEAD)]
        for row, name in enumerate(names)
    ]
    caption = "Parts of the expected squared error; the sum beside the risk that was measured on other fresh events."
    return Table(["", *HEAD.values()], rows, caption)
