"""The drawings by kind of analysis, loaded when they are used."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence

from ansatz.report.blocks import Block
from ansatz.studies.analyses.findings import Findings

DRAWINGS: dict[str, str] = {
    "cluster": "ansatz.report.analyses.unlabeled.clusters:draw",
    "reduce": "ansatz.report.analyses.unlabeled.reduction:draw",
    "density": "ansatz.report.analyses.unlabeled.densities:draw",
    "anomaly": "ansatz.report.analyses.unlabeled.anomalies:draw",
    "curse-of-dimensionality": "ansatz.report.analyses.unlabeled.dimensions:draw",
    "scan": "ansatz.report.analyses.populations.scan:draw",
    "bias-variance": "ansatz.report.analyses.populations.decomposition:draw",
    "double-descent": "ansatz.report.analyses.populations.double_descent:draw",
    "gluon": "ansatz.report.analyses.populations.gluon:draw",
    "coverage": "ansatz.report.analyses.populations.coverage:draw",
    "bump-hunt": "ansatz.report.analyses.collider.bump_hunt:draw",
    "splot": "ansatz.report.analyses.collider.mass_fit:draw",
    "negative-weights": "ansatz.report.analyses.collider.negative_weights:draw",
    "reweighting": "ansatz.report.analyses.collider.reweighting:draw",
    "template-fit": "ansatz.report.analyses.collider.template_fit:draw",
    "rbm": "ansatz.report.analyses.boltzmann:draw",
    "hopfield": "ansatz.report.analyses.memory:draw",
    "spin-autoencoder": "ansatz.report.analyses.boltzmann:draw_coder",
    "state-files": "ansatz.report.analyses.lattice:draw_states",
    "order-parameter": "ansatz.report.analyses.lattice:draw_order_parameter",
    "phase-classification": "ansatz.report.analyses.lattice:draw_phases",
    "phase-transition": "ansatz.report.analyses.lattice:draw_transition",
    "confusion": "ansatz.report.analyses.lattice:draw_confusion",
    "descent": "ansatz.report.analyses.landscapes:draw_descent",
    "minima": "ansatz.report.analyses.landscapes:draw_minima",
    "sgd": "ansatz.report.analyses.landscapes:draw_sgd",
    "evolution": "ansatz.report.analyses.landscapes:draw_evolution",
    "backpropagation": "ansatz.report.analyses.networks:draw_backpropagation",
    "approximation": "ansatz.report.analyses.networks:draw_approximation",
}
"""From the kind of an analysis, or a task without a target, to `"module:function"`."""


def drawing_of(kind: str) -> Callable[[Findings], Sequence[Block]] | None:
    """What draws a kind of analysis, or None if its numbers are all there is to show."""
    if kind not in DRAWINGS:
        return None
    module, _, function = DRAWINGS[kind].partition(":")
    return getattr(importlib.import_module(module), function)
