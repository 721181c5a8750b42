"""Trees of scikit-learn as one node of ONNX, thresholds in double precision."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from ansatz.export.graph import Graph


@dataclasses.dataclass(frozen=True, eq=False)
class Tree:
    """A binary tree as arrays over its nodes, the root first.

    Attributes:
        column: that a node looks at; -1 for a leaf.
        threshold: values up to it go left.
        left: number of the left child.
        right: number of the right child.
        missing_left: whether a missing value goes left.
        value: what a leaf says, shape (nodes, outputs).
        target: number of the first output that it adds to.
    """

    column: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray
    target: int = 0


def histogram_trees(model: Any) -> list[Tree]:
    """The trees of scikit-learn's histogram gradient boosting; tree k of an iteration adds to output k."""
    return [_histogram_tree(one.nodes, k) for iteration in model._predictors for k, one in enumerate(iteration)]


def _histogram_tree(nodes: np.ndarray, target: int) -> Tree:
    leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        np.where(leaf, -1, nodes["feature_idx"].astype(int)),
        nodes["num_threshold"].astype(float),
        nodes["left"].astype(int),
        nodes["right"].astype(int),
        nodes["missing_go_to_left"].astype(bool),
        nodes["value"].astype(float)[:, None],
        target,
    )


def plain_tree(estimator: Any, scale: float = 1.0) -> Tree:
    """A tree of scikit-learn's `tree` module: class shares, or values of each output, times a factor."""
    tree = estimator.tree_
    value = tree.value[:, 0, :] if tree.n_outputs == 1 else tree.value[:, :, 0]
    if tells_classes(estimator):
        value = value / value.sum(axis=1, keepdims=True)
    leaf = tree.children_left < 0
    missing = np.asarray(tree.missing_go_to_left, bool) if len(tree.missing_go_to_left) else np.zeros(len(leaf), bool)
    return Tree(np.where(leaf, -1, tree.feature), tree.threshold, tree.children_left, tree.children_right, missing,
                scale * value)  # fmt: skip


def tells_classes(estimator: Any) -> bool:
    """Whether a tree tells classes apart."""
    from sklearn.base import is_classifier

    return is_classifier(estimator)


def ensemble(graph: Graph, trees: Sequence[Tree], x: str, *, outputs: int, base: np.ndarray) -> str:
    """The sum of all trees and a constant, shape (events, outputs), in double precision."""
    fields = _nodes(trees) | _leaves(trees)
    numpy_helper = _numpy_helper()
    tensors = {
        "nodes_values_as_tensor": fields.pop("thresholds"),
        "target_weights_as_tensor": fields.pop("weights"),
    }
    attributes = {name: numpy_helper.from_array(values, name) for name, values in tensors.items()}
    total = graph.add(
        "TreeEnsembleRegressor", x, domain="ai.onnx.ml", n_targets=outputs, aggregate_function="SUM",
        **{name: list(values) for name, values in fields.items()}, **attributes,
    )  # fmt: skip
    return graph.add("Add", graph.cast(total, np.float64), graph.constant(base))


def _numpy_helper() -> Any:
    from onnx import numpy_helper

    return numpy_helper


def _nodes(trees: Sequence[Tree]) -> dict[str, Any]:
    modes = np.concatenate([np.where(tree.column < 0, "LEAF", "BRANCH_LEQ") for tree in trees])
    return {
        "nodes_treeids": _joined(np.full(len(tree.column), k) for k, tree in enumerate(trees)),
        "nodes_nodeids": _joined(np.arange(len(tree.column)) for tree in trees),
        "nodes_featureids": _joined(np.maximum(tree.column, 0) for tree in trees),
        "nodes_modes": modes.tolist(),
        "nodes_truenodeids": _joined(np.where(tree.column < 0, 0, tree.left) for tree in trees),
        "nodes_falsenodeids": _joined(np.where(tree.column < 0, 0, tree.right) for tree in trees),
        "nodes_missing_value_tracks_true": _joined(np.where(tree.column < 0, 0, tree.missing_left) for tree in trees),
        "thresholds": np.concatenate([np.where(tree.column < 0, 0.0, tree.threshold) for tree in trees]),
    }


def _leaves(trees: Sequence[Tree]) -> dict[str, Any]:
    number, node, target, weight = [], [], [], []
    for k, tree in enumerate(trees):
        leaves = np.flatnonzero(tree.column < 0)
        outputs = tree.value.shape[1]
        number.append(np.full(len(leaves) * outputs, k))
        node.append(np.repeat(leaves, outputs))
        target.append(np.tile(np.arange(outputs) + tree.target, len(leaves)))
        weight.append(tree.value[leaves].ravel())
    return {
        "target_treeids": _joined(number),
        "target_nodeids": _joined(node),
        "target_ids": _joined(target),
        "weights": np.concatenate(weight).astype(float),
    }


def _joined(parts: Any) -> list[int]:
    return np.concatenate(list(parts)).astype(int).tolist()
