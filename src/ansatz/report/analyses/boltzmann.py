"""Boltzmann machines, drawn."""

from __future__ import annotations

import numpy as np

from ansatz.report.blocks import Block, Gallery
from ansatz.report.figures.lattice import energy_models as figures
from ansatz.report.picture import Picture
from ansatz.studies.analyses.findings import Findings


def draw(findings: Findings) -> list[Block]:
    """How the machines learned, what the best one learned, and the states that it draws."""
    a, r = findings.arrays, findings.record
    learned = [figures.filters(a["filters"])]
    if "exact_log_prob" in a:
        learned = [_curves(findings), figures.log_probabilities(*_laws(findings)), *learned]
    exact = r["exact_log_z"]
    learned.append(figures.annealing(a["log_weights"], r["log_z"], r["log_z_error"], exact))
    drawn = [figures.states({"drawn by the machine": a["samples"], "real": a["real"]}), _energies(findings)]
    return [Gallery(learned), Gallery([*drawn, _orders(findings)])]


def draw_coder(findings: Findings) -> list[Block]:
    """The states that an auto-encoder draws, their energies and their order."""
    a = findings.arrays
    shown = figures.states({"drawn by the auto-encoder": a["samples"], "real": a["real"]})
    return [Gallery([shown, _energies(findings), _orders(findings)])]


def _curves(findings: Findings) -> Picture:
    a, r = findings.arrays, findings.record
    curves = {}
    for method in r["methods"]:
        watched = a[f"{method}/watched"]
        looked = np.isfinite(watched)
        steps = (np.arange(len(watched)) + 1) * r["steps"]
        curves[method] = (steps[looked], watched[looked])
    return figures.divergences(curves, r["floor"])


def _laws(findings: Findings) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return tuple(findings.arrays[name] for name in ("exact_log_prob", "model_log_prob", "state_energy"))


def _energies(findings: Findings) -> Picture:
    a = findings.arrays
    parts = {"exact": a["exact_energy"]} if "exact_energy" in a else {}
    parts |= {"drawn": a["samples_energy"], "real": a["real_energy"]}
    return figures.distribution(
        a["levels"], parts, counts=findings.record["counts"], quantity="energy per site", name="boltzmann-energy"
    )


def _orders(findings: Findings) -> Picture:
    a = findings.arrays
    parts = {"drawn": a["samples_order"], "real": a["real_order"]}
    middles = (a["order_bins"][1:] + a["order_bins"][:-1]) / 2
    return figures.distribution(
        middles, parts, counts=findings.record["counts"], quantity="magnetization per site", name="boltzmann-order"
    )
