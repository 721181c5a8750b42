"""Kernel methods as ONNX: a matrix of kernels between events and the places that were kept, times a matrix."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from ansatz.export.graph import CannotExport, Graph


def support_vectors(graph: Graph, method: Any, table: str, wanted: str) -> str:
    """A sum over support vectors of the kernel; of several classes the votes of all pairs."""
    if method.kernel not in FORMS:
        raise CannotExport(f"ONNX has no word yet for the kernel '{method.kernel}'")
    near = FORMS[method.kernel](graph, method, table, np.asarray(method.support_vectors_))
    if len(method.dual_coef_) > 1:
        return _pairs(graph, method, near)
    total = graph.add("MatMul", near, graph.constant(np.asarray(method.dual_coef_)[0]))
    return graph.add("Add", total, graph.constant(float(method.intercept_[0])))


def _pairs(graph: Graph, method: Any, near: str) -> str:
    """Wins of each class over others, and between equal numbers of wins how sure they were."""
    classes = len(method.classes_)
    pairs = list(combinations(range(classes), 2))
    owner = np.repeat(np.arange(classes), method.n_support_)
    weights = np.zeros((len(owner), len(pairs)))
    for column, (i, j) in enumerate(pairs):
        weights[owner == i, column] = method.dual_coef_[j - 1, owner == i]
        weights[owner == j, column] = method.dual_coef_[i, owner == j]
    line = graph.add("MatMul", near, graph.constant(weights))
    line = graph.add("Add", line, graph.constant(np.asarray(method.intercept_)[None]))
    first, second = (np.array([[k == pair[side] for k in range(classes)] for pair in pairs], float) for side in (0, 1))
    lost = graph.cast(graph.add("Less", line, graph.constant(0.0)), np.float64)
    won = graph.add("Add", graph.add("MatMul", lost, graph.constant(second - first)), graph.constant(first.sum(axis=0)))
    sure = graph.add("MatMul", line, graph.constant(first - second))
    bound = graph.add("Mul", graph.add("Add", graph.add("Abs", sure), graph.constant(1.0)), graph.constant(3.0))
    return graph.add("Add", won, graph.add("Div", sure, bound))


def ridge(graph: Graph, method: Any, table: str, wanted: str) -> str:
    """Kernel ridge regression with the Gaussian kernel."""
    if method.kernel != "rbf":
        raise CannotExport(f"ONNX has no word yet for the kernel '{method.kernel}'")
    near = _gaussian(graph, table, np.asarray(method.X_fit_), float(method.gamma))
    return graph.add("MatMul", near, graph.constant(method.dual_coef_))


def process(graph: Graph, method: Any, table: str, wanted: str) -> str:
    """The mean of a Gaussian process: amplitude times a Gaussian with a length for each column."""
    smooth = method.kernel_.k1
    scaled = graph.add("Div", table, graph.constant(np.atleast_1d(smooth.k2.length_scale)[None]))
    near = _gaussian(graph, scaled, np.asarray(method.X_train_) / smooth.k2.length_scale, 0.5)
    return graph.add("MatMul", near, graph.constant(smooth.k1.constant_value * np.asarray(method.alpha_)))


def _gaussian(graph: Graph, table: str, places: np.ndarray, gamma: float) -> str:
    square = graph.add("ReduceSum", graph.add("Mul", table, table), graph.constant([-1], np.int64), keepdims=1)
    cross = graph.add("MatMul", table, graph.constant(-2 * places.T))
    distance = graph.add("Add", graph.add("Add", square, cross), graph.constant((places**2).sum(axis=1)[None]))
    return graph.add("Exp", graph.add("Mul", distance, graph.constant(-gamma)))


def _polynomial(graph: Graph, method: Any, table: str, places: np.ndarray) -> str:
    product = graph.add("MatMul", table, graph.constant(float(method._gamma) * places.T))
    one = graph.add("Add", product, graph.constant(float(method.coef0)))
    power = one
    for _ in range(method.degree - 1):
        power = graph.add("Mul", power, one)
    return power


FORMS = {
    "rbf": lambda graph, method, table, places: _gaussian(graph, table, places, float(method._gamma)),
    "linear": lambda graph, method, table, places: graph.add("MatMul", table, graph.constant(places.T)),
    "poly": _polynomial,
}
"""Kernels by the names that scikit-learn gives them."""
