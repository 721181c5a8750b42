"""Boosted trees as the JSON that XGBoost reads, and with it the programs that read its models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ansatz.errors import InputError
from ansatz.export.trees import Tree, histogram_trees
from ansatz.files import write_text
from ansatz.training.boosting.libraries import LibraryTrees
from ansatz.training.classical.estimator import Estimator
from ansatz.training.composite.balance import Reweighted
from ansatz.training.result import Fit

OBJECTIVES = {
    "binary": {"name": "binary:logistic", "reg_loss_param": {"scale_pos_weight": "1"}},
    "several": {"name": "multi:softprob", "softmax_multiclass_param": {"num_class": "0"}},
    "regression": {"name": "reg:squarederror", "reg_loss_param": {"scale_pos_weight": "1"}},
}


def to_xgboost(fit: Fit, path: Path | str) -> Path:
    """Writes boosted trees as XGBoost's JSON; XGBoost compares columns in single precision.

    Args:
        fit: boosted trees, of scikit-learn's histograms or XGBoost's own.
        path: the file; it appears whole or not at all.

    Raises:
        InputError: if the model is none that consists of boosted trees alone.

    Example:
        >>> import jax, tempfile
        >>> from ansatz.data import Dataset
        >>> from ansatz.training.classical import boosted_trees
        >>> x = np.linspace(-1, 1, 200)[:, None]
        >>> fit = boosted_trees(trees=3)(Dataset(x, y=(x[:, 0] > 0).astype(int), classes=("b", "s")), jax.random.key(0))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     text = to_xgboost(fit, Path(folder) / "trees.json").read_text()
        >>> len(json.loads(text)["learner"]["gradient_booster"]["model"]["trees"])
        3
    """
    write_text(Path(path), text_of(fit))
    return Path(path)


def text_of(fit: Fit) -> str:
    """The JSON of boosted trees.

    Raises:
        InputError: as `to_xgboost`.
    """
    predictor = fit.predictor
    if isinstance(predictor, LibraryTrees) and predictor.library == "xgboost":
        return predictor.text
    shares = np.ones(1)
    if isinstance(predictor, Reweighted):
        predictor, shares = predictor.predictor, np.array(predictor.shares)
    method = predictor.model[-1] if isinstance(predictor, Estimator) else None
    if not type(method).__name__.startswith("HistGradientBoosting"):
        raise InputError("only boosted trees have a form in XGBoost's JSON; export to onnx instead")
    if len(predictor.model.steps) > 1 or predictor.picked is not None or predictor.floor:
        raise InputError("XGBoost's JSON holds trees alone, but this model prepares its columns; export to onnx")
    return json.dumps(_learner(fit, predictor, method, np.log(shares)))


def _learner(fit: Fit, predictor: Estimator, method: Any, prior: np.ndarray) -> dict[str, Any]:
    """The whole of it; `prior` is what balanced training takes from the logarithm of each class's share."""
    outputs = method.n_trees_per_iteration_
    kind = "regression" if not predictor.classes else "binary" if outputs == 1 else "several"
    shift, scale = (predictor.shift[0], predictor.scale[0]) if kind == "regression" else (0.0, 1.0)
    base = np.ravel(method._baseline_prediction) * scale + shift
    base = base + (prior[-1] - prior[0] if kind == "binary" else prior)
    trees = histogram_trees(method)
    records = [
        _tree(tree, k, scale, base[tree.target] if k < outputs else 0.0, predictor) for k, tree in enumerate(trees)
    ]
    objective = OBJECTIVES[kind]
    if kind == "several":
        objective = {**objective, "softmax_multiclass_param": {"num_class": str(outputs)}}
    model = {
        "gbtree_model_param": {"num_trees": str(len(trees)), "num_parallel_tree": "1"},
        "tree_info": [tree.target for tree in trees],
        "iteration_indptr": list(range(0, len(trees) + 1, outputs)),
        "trees": records,
    }
    numbers = {"base_score": "5E-1" if kind == "binary" else "0E0", "boost_from_average": "0",
               "num_class": str(outputs) if kind == "several" else "0", "num_feature": str(predictor.width),
               "num_target": "1"}  # fmt: skip
    learner = {
        "attributes": {},
        "feature_names": list(fit.columns),
        "feature_types": ["float"] * len(fit.columns),
        "gradient_booster": {"name": "gbtree", "model": model},
        "learner_model_param": numbers,
        "objective": objective,
    }
    return {"learner": learner, "version": [2, 0, 0]}


def _tree(tree: Tree, number: int, scale: float, base: float, predictor: Estimator) -> Mapping[str, Any]:
    """One tree; a value up to its threshold goes left where in XGBoost it must be below the next larger number."""
    leaf = tree.column < 0
    nodes = len(leaf)
    threshold = tree.threshold.astype(np.float32)
    threshold = np.where(
        threshold.astype(float) > tree.threshold, np.nextafter(threshold, np.float32(-np.inf)), threshold
    )
    above = np.nextafter(threshold.astype(np.float32), np.float32(np.inf))
    values = np.where(leaf, tree.value[:, 0] * scale + base, above).astype(np.float32)
    left, right = (np.where(leaf, -1, side) for side in (tree.left, tree.right))
    return {
        "id": number,
        "base_weights": np.where(leaf, values, 0.0).astype(float).tolist(),
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
        "default_left": tree.missing_left.astype(int).tolist(),
        "left_children": left.tolist(),
        "right_children": right.tolist(),
        "parents": _parents(left, right),
        "loss_changes": [0.0] * nodes,
        "sum_hessian": [1.0] * nodes,
        "split_conditions": [float(value) for value in values],
        "split_indices": np.maximum(tree.column, 0).tolist(),
        "split_type": [0] * nodes,
        "tree_param": {
            "num_deleted": "0",
            "num_feature": str(predictor.width),
            "num_nodes": str(nodes),
            "size_leaf_vector": "1",
        },  # fmt: skip
    }


def _parents(left: np.ndarray, right: np.ndarray) -> list[int]:
    """The parent of every node; of the root the largest number of 31 bits."""
    parents = np.full(len(left), 2**31 - 1)
    for node in np.flatnonzero(left >= 0):
        parents[[left[node], right[node]]] = node
    return parents.tolist()
