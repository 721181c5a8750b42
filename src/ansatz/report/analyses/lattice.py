"""Phases of lattice models, drawn."""

from __future__ import annotations

import numpy as np

from ansatz.problems.lattice.exact import spontaneous_magnetization
from ansatz.report.blocks import Block, Gallery
from ansatz.report.figures.lattice import phases, samples
from ansatz.report.picture import Picture
from ansatz.studies.analyses.findings import Findings
from ansatz.validation import Interval


def draw_order_parameter(findings: Findings) -> list[Block]:
    """The plane of two components and their clusters, the spectrum, the axes, and the samples behind them."""
    a = findings.arrays
    plane = samples.component_plane(a["plane"], a["temperature"], a["cluster"])
    found = [plane, _order(findings, a["component"]), samples.spectrum(a["explained"], a["structure"])]
    return [Gallery(found), Gallery([samples.component_images(a["axes"]), _examples(findings), _energies(findings)])]


def draw_phases(findings: Findings) -> list[Block]:
    """Outputs against temperature, accuracies beside the limit, and the samples behind them."""
    a, r = findings.arrays, findings.record
    curves = {name: (a["order/temperature"], a[f"output/{name}"], a[f"output/{name}/error"]) for name in r["networks"]}
    found = {name: Interval.from_dict(share) for name, share in r["shares"].items()}
    drawn = [phases.outputs(curves, a["output/exact"], critical=r["critical"])] if curves else []
    drawn.append(phases.shares(found, limit=r["limit"]))
    return [Gallery(drawn), Gallery([_order(findings), _examples(findings), _energies(findings)])]


def draw_confusion(findings: Findings) -> list[Block]:
    """The W, and the samples behind it."""
    a, r = findings.arrays, findings.record
    curve = (a["cut"], a["accuracy"], a["error"], a["limit"])
    found = None if r["found"] is None else Interval.from_dict(r["found"])
    return [Gallery([phases.confusion(*curve, found, critical=r["critical"]), _energies(findings)])]


def draw_transition(findings: Findings) -> list[Block]:
    """For each lattice the outputs of all sizes, before and after the collapse."""
    drawn = [
        _collapse(findings, name, scaled=scaled) for name in findings.record["critical"] for scaled in (False, True)
    ]
    return [Gallery(drawn), Gallery([_energies(findings)])]


def draw_states(findings: Findings) -> list[Block]:
    """Energies and order of states from a file, and some of the states."""
    return [Gallery([_energies(findings), _order(findings), _examples(findings)])]


def _collapse(findings: Findings, name: str, *, scaled: bool) -> Picture:
    a, r = findings.arrays, findings.record
    curves = {size: tuple(a[f"{name}/{size}/{part}"] for part in ("temperature", "output", "error"))
              for size in r["sizes"]}  # fmt: skip
    found, known = Interval.from_dict(r["found"][name]), r["critical"][name]
    return phases.collapse(curves, found, known=known, lattice=name, scaled=scaled, edge=r["edge"])


def _energies(findings: Findings) -> Picture:
    parts = ("size", "temperature", "value", "error", "exact")
    return samples.energies(*(findings.arrays[f"energy/{part}"] for part in parts))


def _order(findings: Findings, component: np.ndarray | None = None) -> Picture:
    parts = [findings.arrays[f"order/{part}"] for part in ("temperature", "value", "error", "exact")]
    fine = np.union1d(np.linspace(parts[0].min(), parts[0].max(), 300), [findings.record["critical"]])
    curve = (fine, np.array([spontaneous_magnetization(t) for t in fine]))
    return samples.order(*parts, curve=curve, critical=findings.record["critical"], component=component)


def _examples(findings: Findings) -> Picture:
    return samples.examples(findings.arrays["example/states"], findings.arrays["example/temperature"])
