"""Classical methods as ONNX: a pipeline step by step, the method itself at its end."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from ansatz.export.graph import CannotExport, Graph
from ansatz.export.kernels import process, ridge, support_vectors
from ansatz.export.multivariate import boxes, h_matrix, likelihood
from ansatz.export.trees import ensemble, histogram_trees, plain_tree
from ansatz.training.classical.estimator import Estimator


def estimator(graph: Graph, predictor: Estimator, x: str) -> str:
    """What a fitted scikit-learn object answers.

    Raises:
        CannotExport: if a step is none of those that have been put into words.
    """
    table = x if predictor.picked is None else graph.columns(x, list(predictor.picked))
    *steps, (_, method) = predictor.model.steps
    for _, step in steps:
        table = _step(graph, step, table)
    if predictor.link == "probability":
        return _probability(graph, predictor, method, table)
    if predictor.link == "score":
        return _every_class(graph, predictor, method, table)
    value = _method(graph, method, table, "value")
    shift, scale = (np.asarray(part) if len(part) > 1 else part[0] for part in (predictor.shift, predictor.scale))
    return graph.add("Add", graph.constant(shift), graph.add("Mul", graph.constant(scale), value))


def _probability(graph: Graph, predictor: Estimator, method: Any, table: str) -> str:
    """Shares between 0 and 1 that add up to one, none of them less than the floor."""
    share = _method(graph, method, table, "probability")
    share = graph.add("Clip", share, graph.constant(0.0), graph.constant(1.0))
    share = graph.shares(share)
    if predictor.floor:
        factor = graph.constant(1 - len(predictor.labels) * predictor.floor)
        share = graph.add("Add", graph.add("Mul", factor, share), graph.constant(predictor.floor))
    if len(predictor.labels) < predictor.classes:
        spread = np.zeros((len(predictor.labels), predictor.classes))
        spread[np.arange(len(predictor.labels)), list(predictor.labels)] = 1
        share = graph.add("MatMul", share, graph.constant(spread))
    return share


def _every_class(graph: Graph, predictor: Estimator, method: Any, table: str) -> str:
    if len(predictor.labels) < predictor.classes:
        raise CannotExport("a score for classes that training never saw has no form in ONNX")
    return _method(graph, method, table, "score")


def _step(graph: Graph, step: Any, table: str) -> str:
    """One preparation of the columns."""
    name = type(step).__name__
    if name == "SimpleImputer":
        return graph.add("Where", graph.add("IsNaN", table), graph.constant(step.statistics_), table)
    if name == "StandardScaler":
        centered = graph.add("Sub", table, graph.constant(step.mean_))
        return graph.add("Div", centered, graph.constant(step.scale_))
    if name == "PolynomialFeatures":
        return _monomials(graph, step.powers_, table)
    raise CannotExport(f"ONNX has no word yet for the step '{name}' before the method")


def _monomials(graph: Graph, powers: np.ndarray, table: str) -> str:
    found = []
    for row in powers:
        columns = [graph.columns(table, [i]) for i, power in enumerate(row) for _ in range(int(power))]
        product = columns[0]
        for column in columns[1:]:
            product = graph.add("Mul", product, column)
        found.append(product)
    return graph.add("Concat", *found, axis=1)


def _method(graph: Graph, method: Any, table: str, wanted: str) -> str:
    """The method at the end: probabilities (events, classes), scores or values (events,)."""
    name = type(method).__name__
    if name not in WORDS:
        raise CannotExport(f"ONNX has no word yet for the method '{name}'")
    return WORDS[name](graph, method, table, wanted)


def _histogram(graph: Graph, method: Any, table: str, wanted: str) -> str:
    outputs = method.n_trees_per_iteration_
    base = np.asarray(method._baseline_prediction, float).reshape(1, -1)
    raw = ensemble(graph, histogram_trees(method), table, outputs=outputs, base=base)
    if outputs > 1:
        return graph.add("Softmax", raw, axis=-1)
    flat = graph.add("Squeeze", raw, graph.constant([1], np.int64))
    return graph.both(graph.add("Sigmoid", flat)) if wanted == "probability" else flat


def _forest(graph: Graph, method: Any, table: str, wanted: str) -> str:
    trees = [plain_tree(one, 1 / len(method.estimators_)) for one in method.estimators_]
    return _sum_of_trees(graph, trees, table, wanted)


def _tree(graph: Graph, method: Any, table: str, wanted: str) -> str:
    return _sum_of_trees(graph, [plain_tree(method)], table, wanted)


def _sum_of_trees(graph: Graph, trees: list, table: str, wanted: str) -> str:
    """Thresholds of these trees meet columns in single precision."""
    rounded = graph.cast(graph.cast(table, np.float32), np.float64)
    outputs = trees[0].value.shape[1]
    total = ensemble(graph, trees, rounded, outputs=outputs, base=np.zeros((1, outputs)))
    flat = wanted == "value" and outputs == 1
    return graph.add("Squeeze", total, graph.constant([1], np.int64)) if flat else total


def _linear(graph: Graph, method: Any, table: str, wanted: str) -> str:
    """A linear function of the columns, and of classes its probabilities."""
    weight, bias = np.atleast_2d(method.coef_), np.atleast_1d(method.intercept_)
    score = graph.add("Add", graph.add("MatMul", table, graph.constant(weight.T)), graph.constant(bias))
    if len(weight) > 1:
        return graph.add("Softmax", score, axis=-1) if wanted == "probability" else score
    flat = graph.add("Squeeze", score, graph.constant([1], np.int64))
    return graph.both(graph.add("Sigmoid", flat)) if wanted == "probability" else flat


def _cut(graph: Graph, method: Any, table: str, wanted: str) -> str:
    column = graph.add("Gather", table, graph.constant(method.column_, np.int64), axis=1)
    return graph.add("Mul", graph.constant(method.sign_), graph.add("Sub", column, graph.constant(method.cut_)))


def _gaussians(graph: Graph, method: Any, table: str, wanted: str) -> str:
    """Log densities of the classes, by the inverse of the root of each covariance."""
    logs = []
    for k in range(len(method.classes_)):
        root = np.linalg.inv(method.factor_[k])
        pull = graph.add("MatMul", graph.add("Sub", table, graph.constant(method.mean_[k])), graph.constant(root.T))
        square = graph.add("ReduceSum", graph.add("Mul", pull, pull), graph.constant([-1], np.int64), keepdims=1)
        constant = np.log(method.share_[k]) + np.log(np.diag(root)).sum()
        logs.append(graph.add("Sub", graph.constant(constant), graph.add("Mul", square, graph.constant(0.5))))
    return graph.add("Softmax", graph.add("Concat", *logs, axis=1), axis=-1)


def _constant(graph: Graph, method: Any, table: str, wanted: str) -> str:
    """The same for every event."""
    known = method.class_prior_ if wanted == "probability" else np.ravel(method.constant_)
    zero = graph.add("Mul", graph.columns(table, [0]), graph.constant(0.0))
    answer = graph.add("Add", graph.add("Where", graph.add("IsNaN", zero), graph.constant(0.0), zero),
                       graph.constant(np.asarray(known)[None]))  # fmt: skip
    flat = wanted != "probability" and len(known) == 1
    return graph.add("Squeeze", answer, graph.constant([1], np.int64)) if flat else answer


def _votes(graph: Graph, method: Any, table: str, wanted: str) -> str:
    """AdaBoost: every tree votes for one class with its weight, against the others with its part of it."""
    classes = len(method.classes_)
    total = method.estimator_weights_.sum()
    trees = []
    for one, weight in zip(method.estimators_, method.estimator_weights_, strict=False):
        tree = plain_tree(one)
        chosen = np.eye(classes)[tree.value.argmax(axis=1)]
        trees.append(dataclasses.replace(tree, value=weight / total * np.where(chosen == 1, 1.0, -1 / (classes - 1))))
    decision = _sum_of_trees(graph, trees, table, "votes")
    factor = graph.constant(1.0 if classes == 2 else 1 / (classes - 1))
    return graph.add("Softmax", graph.add("Mul", decision, factor), axis=-1)


WORDS: dict[str, Callable[[Graph, Any, str, str], str]] = {
    "HistGradientBoostingClassifier": _histogram,
    "HistGradientBoostingRegressor": _histogram,
    "RandomForestClassifier": _forest,
    "RandomForestRegressor": _forest,
    "ExtraTreesClassifier": _forest,
    "ExtraTreesRegressor": _forest,
    "DecisionTreeClassifier": _tree,
    "DecisionTreeRegressor": _tree,
    "LogisticRegression": _linear,
    "LinearRegression": _linear,
    "Ridge": _linear,
    "Lasso": _linear,
    "ElasticNet": _linear,
    "RidgeClassifier": _linear,
    "Perceptron": _linear,
    "AdaBoostClassifier": _votes,
    "SVC": support_vectors,
    "SVR": support_vectors,
    "KernelRidge": ridge,
    "GaussianProcessRegressor": process,
    "Boxes": boxes,
    "ProjectiveLikelihood": likelihood,
    "HMatrix": h_matrix,
    "Cut": _cut,
    "DummyClassifier": _constant,
    "DummyRegressor": _constant,
    "GaussianClasses": _gaussians,
}
"""Methods that are written node by node."""
