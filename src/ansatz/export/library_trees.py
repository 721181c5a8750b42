"""Trees of XGBoost and LightGBM as those of `ansatz.export.trees`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ansatz.export.graph import CannotExport, Graph
from ansatz.export.trees import Tree, ensemble
from ansatz.training.boosting.libraries import LibraryTrees


def library(graph: Graph, predictor: LibraryTrees, x: str) -> str:
    """What the trees of a library answer.

    Raises:
        CannotExport: if they split columns in a way that ONNX does not know.
    """
    outputs = max(len(predictor.labels), 1) if len(predictor.labels) > 2 else 1
    if predictor.library == "lightgbm":
        trees, base, table = list(_lightgbm(predictor.model, outputs)), np.zeros((1, outputs)), x
    else:
        trees, base = _xgboost(predictor.text, outputs)
        table = graph.cast(graph.cast(x, np.float32), np.float64)
    raw = ensemble(graph, trees, table, outputs=outputs, base=base)
    if outputs > 1:
        return _every_class(graph, predictor, graph.add("Softmax", raw, axis=-1))
    flat = graph.add("Squeeze", raw, graph.constant([1], np.int64))
    if predictor.classes:
        return _every_class(graph, predictor, graph.both(graph.add("Sigmoid", flat)))
    return graph.add("Add", graph.constant(predictor.shift), graph.add("Mul", graph.constant(predictor.scale), flat))


def _every_class(graph: Graph, predictor: LibraryTrees, share: str) -> str:
    if len(predictor.labels) == predictor.classes:
        return share
    spread = np.zeros((len(predictor.labels), predictor.classes))
    spread[np.arange(len(predictor.labels)), list(predictor.labels)] = 1
    return graph.add("MatMul", share, graph.constant(spread))


def _lightgbm(booster: Any, outputs: int) -> Iterator[Tree]:
    for k, record in enumerate(booster.dump_model()["tree_info"]):
        nodes: list[dict[str, Any]] = []
        _walk(record["tree_structure"], nodes)
        yield _tree(nodes, k % outputs)


def _walk(node: Mapping[str, Any], nodes: list[dict[str, Any]]) -> int:
    """Puts a node and all below it into the list; its number there."""
    place = len(nodes)
    if "split_feature" not in node:
        nodes.append({"column": -1, "value": float(node["leaf_value"])})
        return place
    if node["decision_type"] != "<=":
        raise CannotExport("a tree of LightGBM that splits by categories has no form in ONNX")
    threshold = float(node["threshold"])
    missing = bool(node["default_left"]) if node["missing_type"] != "None" else threshold >= 0
    mine = {"column": int(node["split_feature"]), "threshold": threshold, "missing": missing}
    nodes.append(mine)
    mine["left"] = _walk(node["left_child"], nodes)
    mine["right"] = _walk(node["right_child"], nodes)
    return place


def _tree(nodes: list[dict[str, Any]], target: int) -> Tree:
    def column(name: str, otherwise: float) -> np.ndarray:
        return np.array([node.get(name, otherwise) for node in nodes])

    return Tree(column("column", -1).astype(int), column("threshold", 0.0), column("left", 0), column("right", 0),
                column("missing", 0).astype(bool), column("value", 0.0)[:, None], target)  # fmt: skip


def _xgboost(text: str, outputs: int) -> tuple[list[Tree], np.ndarray]:
    """The trees of a model that XGBoost wrote; what is below a threshold in single precision goes left."""
    model = json.loads(text)["learner"]
    score = model["learner_model_param"]["base_score"].strip("[]").split(",")
    base = np.array([float(value) for value in score])
    if str(model["objective"]["name"]).startswith("binary:"):
        base = np.log(base / (1 - base))
    trees = []
    for record, group in zip(
        model["gradient_booster"]["model"]["trees"], model["gradient_booster"]["model"]["tree_info"], strict=True
    ):
        left, right = (np.asarray(record[f"{side}_children"], int) for side in ("left", "right"))
        condition = np.asarray(record["split_conditions"], np.float32)
        leaf = left < 0
        trees.append(
            Tree(
                np.where(leaf, -1, record["split_indices"]),
                np.nextafter(condition, np.float32(-np.inf)).astype(float),
                left,
                right,
                np.asarray(record["default_left"], bool),
                condition.astype(float)[:, None],
                int(group),
            )
        )
    return trees, np.broadcast_to(base, (1, outputs))
