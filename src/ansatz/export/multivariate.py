"""Cuts, the projective likelihood and the H-matrix as ONNX."""

from __future__ import annotations

from typing import Any

import numpy as np

from ansatz.export.curves import straight
from ansatz.export.graph import Graph


def boxes(graph: Graph, method: Any, table: str, wanted: str) -> str:
    """How tight a box an event still lies in: each wall is a comparison."""
    low, high = (graph.constant(method.walls_[:, side][None]) for side in (0, 1))
    beside = graph.add("Unsqueeze", table, graph.constant([1], np.int64))
    held = graph.add("And", graph.add("Greater", beside, low), graph.add("LessOrEqual", beside, high))
    inside = graph.add("ReduceMin", graph.cast(held, np.float64), graph.constant([2], np.int64), keepdims=0)
    number = graph.add("Mul", inside, graph.constant(np.arange(len(method.walls_), dtype=float)[None]))
    tightest = graph.add("ReduceMax", number, graph.constant([1], np.int64), keepdims=0)
    efficiency = graph.add("Gather", graph.constant(method.efficiency_), graph.cast(tightest, np.int64), axis=0)
    return graph.add("Sub", graph.constant(method.threshold_), efficiency)


def likelihood(graph: Graph, method: Any, table: str, wanted: str) -> str:
    """The sum over columns of log densities, each straight between the middles of its bins."""
    total = graph.constant(np.log(method.share_)[None])
    for j, (middle, logs) in enumerate(zip(method.middle_, method.log_density_, strict=True)):
        total = graph.add("Add", total, straight(graph, graph.columns(table, [j]), middle, logs.T))
    return graph.add("Softmax", total, axis=-1)


def h_matrix(graph: Graph, method: Any, table: str, wanted: str) -> str:
    """The difference of two quadratic forms over their sum."""
    background, signal = (
        _form(graph, table, mean, inverse) for mean, inverse in zip(method.mean_, method.inverse_, strict=True)
    )
    total = graph.add("Max", graph.add("Add", background, signal), graph.constant(1e-300))
    return graph.add("Div", graph.add("Sub", background, signal), total)


def _form(graph: Graph, table: str, mean: np.ndarray, inverse: np.ndarray) -> str:
    away = graph.add("Sub", table, graph.constant(mean[None]))
    pulled = graph.add("Mul", away, graph.add("MatMul", away, graph.constant(inverse)))
    return graph.add("ReduceSum", pulled, graph.constant([-1], np.int64), keepdims=0)
