"""What a fitted classical method has to say: coefficients, importances, the nodes of a tree, as plain numbers."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

TEXT_LEAVES = 64
"""Trees with more leaves are not written out as text."""


@dataclasses.dataclass(frozen=True, eq=False)
class Reading:
    """A fitted method and the units it was fitted in.

    Attributes:
        method: the fitted scikit-learn object.
        names: names of the columns.
        terms: names of what the method saw: the columns, or their monomials.
        outputs: names of the classes that were present, or of the targets.
        mean: what was subtracted from each column.
        spread: what each column was then divided by.
        shift: what is added to each value of the method (standardized targets).
        scale: what each value of the method is multiplied by before.
    """

    method: Any
    names: tuple[str, ...]
    terms: tuple[str, ...]
    outputs: tuple[str, ...]
    mean: np.ndarray
    spread: np.ndarray
    shift: np.ndarray
    scale: np.ndarray


def nothing(_: Any) -> dict[str, Any]:
    """No details."""
    return {}


def coefficients(reading: Reading) -> dict[str, Any]:
    r"""Slopes and intercepts in the units of the file, and slopes per standard deviation of a column.

    With columns standardized as $(x - m) / s$ and targets as $(y - a) / b$, the slope of a column is
    $b \beta / s$ and the intercept $a + b \beta_0 - \sum_j m_j\,\mathrm{slope}_j$. Monomials are told of as they are,
    in standardized columns. One list in the order of `terms`, or one for each output.
    """
    parts = estimators_of(reading.method)
    beta = np.concatenate([np.atleast_2d(part.coef_) for part in parts]) * reading.scale[:, None]
    zero = np.concatenate([np.atleast_1d(part.intercept_) for part in parts]) * reading.scale + reading.shift
    facts = {"terms": list(reading.terms), "outputs": list(reading.outputs)}
    if reading.terms != reading.names:
        moments = {"mean": reading.mean.tolist(), "spread": reading.spread.tolist()}
        return facts | moments | {"standardized_coefficients": _plain(beta), "intercept": _plain(zero)}
    slope = beta / reading.spread
    return facts | {
        "coefficients": _plain(slope),
        "intercept": _plain(zero - slope @ reading.mean),
        "standardized_coefficients": _plain(beta),
    }


def importances(reading: Reading) -> dict[str, Any]:
    """How much each column lowered the impurity, summing to one."""
    parts = estimators_of(reading.method)
    mean = np.mean([part.feature_importances_ for part in parts], axis=0)
    return {"importance": dict(zip(reading.names, mean.tolist(), strict=True))}


def tree(reading: Reading) -> dict[str, Any]:
    """Importances, and the tree itself as lists over its nodes, from which it can be drawn.

    `feature` is -1 and `left`, `right` are -1 at a leaf; events with `feature <= threshold` go left. `value` holds
    class shares or mean targets, `share` the part of the total weight that reaches the node.
    """
    from sklearn.tree import export_text

    nodes = reading.method.tree_
    drawn = {
        "columns": list(reading.names),
        "outputs": list(reading.outputs),
        "feature": np.maximum(nodes.feature, -1).tolist(),
        "threshold": np.where(nodes.feature < 0, 0.0, nodes.threshold).tolist(),
        "left": nodes.children_left.tolist(),
        "right": nodes.children_right.tolist(),
        "value": nodes.value.reshape(nodes.node_count, -1).tolist(),
        "share": (nodes.weighted_n_node_samples / nodes.weighted_n_node_samples[0]).tolist(),
        "rows": nodes.n_node_samples.tolist(),
        "impurity": nodes.impurity.tolist(),
    }
    small = nodes.n_leaves <= TEXT_LEAVES
    text = export_text(reading.method, feature_names=list(reading.names)) if small else ""
    return {**importances(reading), "tree": drawn, "text": text}


def support(reading: Reading) -> dict[str, Any]:
    """How many training rows a kernel machine keeps."""
    return {"support_vectors": int(sum(len(part.support_) for part in estimators_of(reading.method)))}


def estimators_of(method: Any) -> list[Any]:
    """The method itself, or one for each target."""
    from sklearn.multioutput import MultiOutputRegressor

    return list(method.estimators_) if isinstance(method, MultiOutputRegressor) else [method]


def _plain(rows: np.ndarray) -> Any:
    """As numbers for JSON; without the outer list if there is one output only."""
    values = np.asarray(rows, dtype=float).tolist()
    return values[0] if len(values) == 1 else values
