"""Curves that are straight between knots, as ONNX."""

from __future__ import annotations

import numpy as np

from ansatz.export.graph import Graph


def straight(graph: Graph, column: str, places: np.ndarray, values: np.ndarray) -> str:
    """Curves over one column that are constant beyond their knots, shape (events, curves).

    Args:
        graph: what grows.
        column: shape (events, 1).
        places: of the knots, rising, shape (knots,).
        values: of every curve at the knots, shape (knots, curves).
    """
    zero = graph.add("Mul", column, graph.constant(0.0))
    start = graph.add("Add", zero, graph.constant(values[:1]))
    if len(places) < 2:
        return start
    widths = np.maximum(np.diff(places), 1e-300)
    passed = graph.add("Div", graph.add("Sub", column, graph.constant(places[None, :-1])), graph.constant(widths[None]))
    part = graph.add("Clip", passed, graph.constant(0.0), graph.constant(1.0))
    return graph.add("Add", start, graph.add("MatMul", part, graph.constant(np.diff(values, axis=0))))
