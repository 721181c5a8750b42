"""The analyses by name, loaded when they are used."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from ansatz.errors import InputError
from ansatz.studies.schema.signature import unknown

ANALYSES: dict[str, str] = {
    "curse-of-dimensionality": "ansatz.studies.analyses.unlabeled.dimensions:CurseOfDimensionality",
    "scan": "ansatz.studies.analyses.populations.scan:ScanOfSettings",
    "bias-variance": "ansatz.studies.analyses.populations.decomposition:BiasVariance",
    "double-descent": "ansatz.studies.analyses.populations.double_descent:DoubleDescent",
    "gluon": "ansatz.studies.analyses.populations.gluon:GluonExtraction",
    "coverage": "ansatz.studies.analyses.populations.coverage:Coverage",
    "bump-hunt": "ansatz.studies.analyses.collider.bump_hunt:BumpSearch",
    "splot": "ansatz.studies.analyses.collider.mass_fit:SPlot",
    "negative-weights": "ansatz.studies.analyses.collider.negative_weights:NegativeWeights",
    "reweighting": "ansatz.studies.analyses.collider.reweighting:Reweighting",
    "template-fit": "ansatz.studies.analyses.collider.template_fit:TemplateFitOfMass",
    "rbm": "ansatz.studies.analyses.lattice.boltzmann:IsingMachine",
    "hopfield": "ansatz.studies.analyses.lattice.hopfield:AssociativeMemory",
    "spin-autoencoder": "ansatz.studies.analyses.lattice.autoencoder:SpinCoder",
    "state-files": "ansatz.studies.analyses.lattice.inspection:StateFiles",
    "order-parameter": "ansatz.studies.analyses.lattice.order_parameter:OrderParameter",
    "phase-classification": "ansatz.studies.analyses.lattice.phases:PhaseClassification",
    "phase-transition": "ansatz.studies.analyses.lattice.transition:PhaseTransition",
    "confusion": "ansatz.studies.analyses.lattice.confusion:Confusion",
    "descent": "ansatz.studies.analyses.landscapes.descent:Descents",
    "minima": "ansatz.studies.analyses.landscapes.minima:AllMinima",
    "sgd": "ansatz.studies.analyses.landscapes.sgd:BatchDescent",
    "evolution": "ansatz.studies.analyses.landscapes.evolution:Evolution",
    "backpropagation": "ansatz.studies.analyses.networks.backpropagation:LaidOpen",
    "approximation": "ansatz.studies.analyses.networks.approximation:Approximation",
}
"""From the `kind` of an `[analyses.NAME]` table to `"module:Class"`."""

TASKS: dict[str, str] = {
    "cluster": "ansatz.studies.analyses.unlabeled.clusters:Clusters",
    "reduce": "ansatz.studies.analyses.unlabeled.reduction:Reduction",
    "density": "ansatz.studies.analyses.unlabeled.densities:Densities",
    "anomaly": "ansatz.studies.analyses.unlabeled.anomalies:Anomalies",
}
"""From a task without a target, as in `[data] task = "cluster"`, to the `"module:Class"` that judges its methods.

The class takes `methods`, learners by name, and `level`, and is an analysis."""


METHODS: dict[str, str] = {
    "cluster": "ansatz.training.unsupervised.table:CLUSTERING",
    "reduce": "ansatz.training.unsupervised.table:REDUCTION",
    "density": "ansatz.training.density.methods:DENSITY",
    "anomaly": "ansatz.training.density.outliers:ANOMALY",
}
"""From a task without a target to the `"module:table"` of the constructors of its methods, by kind."""


def analysis_named(kind: str) -> Callable:
    """The constructor of a kind of analysis.

    Raises:
        InputError: if there is none of that name.
    """
    return _loaded(kind, ANALYSES)


def task_named(task: str) -> Callable:
    """The constructor of the analysis of a task without a target.

    Raises:
        InputError: if there is none of that name.
    """
    return _loaded(task, TASKS)


def methods_of(task: str) -> Mapping[str, Callable]:
    """The constructors of the methods of a task without a target, by kind."""
    return _loaded(task, METHODS)


def _loaded(name: str, table: dict[str, str]) -> Any:
    if name not in table:
        raise InputError(unknown(name, table))
    module, _, attribute = table[name].partition(":")
    return getattr(importlib.import_module(module), attribute)
