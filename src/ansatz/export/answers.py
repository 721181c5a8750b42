"""What a fitted model answers, as ONNX, whatever it is made of."""

from __future__ import annotations

import numpy as np

from ansatz.embedding.scaling import Impute
from ansatz.embedding.transformations import Affine, Ranks, Transformation
from ansatz.export.classical import estimator
from ansatz.export.curves import straight
from ansatz.export.graph import CannotExport, Graph
from ansatz.export.library_trees import library
from ansatz.export.networks import network
from ansatz.export.trees import Tree, ensemble
from ansatz.training.boosting.flat import Boosted
from ansatz.training.boosting.libraries import LibraryTrees
from ansatz.training.boosting.trees import TreeSum
from ansatz.training.classical.estimator import Estimator
from ansatz.training.composite.balance import Reweighted
from ansatz.training.composite.stack import SMALLEST, Stacked
from ansatz.training.composite.transformed import AfterSteps
from ansatz.training.prediction import Network
from ansatz.training.result import Predictor
from ansatz.training.uncertainty.calibrated import TINY, Recalibrated, Rescaled, Steps
from ansatz.training.uncertainty.members import Committee

LEAST = 1e-16
"""Probabilities are kept this far from zero and one before their logit is taken."""


def answer(graph: Graph, predictor: Predictor, x: str) -> str:
    """The mean answer of a predictor.

    Raises:
        CannotExport: if ONNX has no word for a part of it.
    """
    for kind, word in WORDS.items():
        if isinstance(predictor, kind):
            return word(graph, predictor, x)
    raise CannotExport(f"ONNX has no word yet for the part '{type(predictor).__name__}' of this model")


def _committee(graph: Graph, predictor: Committee, x: str) -> str:
    return graph.mean([answer(graph, one, x) for one in predictor.predictors])


def _reweighted(graph: Graph, predictor: Reweighted, x: str) -> str:
    inside = answer(graph, predictor.predictor, x)
    return graph.shares(graph.add("Mul", inside, graph.constant(predictor.shares)))


def _boosted(graph: Graph, predictor: Boosted, x: str) -> str:
    """Our own trees: the log odds of class 1."""
    total = ensemble(graph, heaps(predictor.model), x, outputs=1, base=np.array([[predictor.model.start]]))
    return graph.both(graph.add("Sigmoid", graph.add("Squeeze", total, graph.constant([1], np.int64))))


def heaps(trees: TreeSum) -> list[Tree]:
    """Trees that are kept as heaps, node by node; where all go left, the threshold is infinite."""
    inner, leaves = trees.cut.shape[1], trees.value.shape[1]
    left, right = (np.append(2 * np.arange(inner) + side, np.zeros(leaves, int)) for side in (1, 2))
    ends = np.full(leaves, -1)
    return [
        Tree(
            np.append(column, ends),
            np.append(cut, np.zeros(leaves)),
            left,
            right,
            np.append(np.isinf(cut), np.zeros(leaves, bool)),
            np.append(np.zeros(inner), value)[:, None],
        )
        for column, cut, value in zip(trees.column, trees.cut, trees.value, strict=True)
    ]


def _after_steps(graph: Graph, predictor: AfterSteps, x: str) -> str:
    return answer(graph, predictor.predictor, _transformed(graph, predictor.steps, x))


def _transformed(graph: Graph, steps: Transformation, x: str) -> str:
    """Columns after transformations, in double precision."""
    for part in steps.parts:
        if isinstance(part, Impute):
            x = graph.add("Where", graph.add("IsNaN", x), graph.constant(part.value), x)
        elif isinstance(part, Affine):
            away = graph.add("Sub", x, graph.constant(part.mean))
            x = graph.add("MatMul", away, graph.constant(np.asarray(part.matrix).T))
        elif isinstance(part, Ranks) and not part.gaussian:
            places, ranks = np.asarray(part.place, float), np.asarray(part.rank, float)
            curves = [
                straight(graph, graph.columns(x, [j]), place, rank[:, None])
                for j, (place, rank) in enumerate(zip(places, ranks, strict=True))
            ]
            x = graph.add("Concat", *curves, axis=1)
        else:
            name = "gaussian" if isinstance(part, Ranks) else type(part).__name__
            raise CannotExport(f"ONNX has no word yet for the transformation '{name}'; 'uniform' has one")
    return x


def _stacked(graph: Graph, predictor: Stacked, x: str) -> str:
    columns = [_columns(graph, one, x) for one in predictor.first]
    return answer(graph, predictor.last, graph.add("Concat", *([x] if predictor.features else []), *columns, axis=1))


def _columns(graph: Graph, predictor: Predictor, x: str) -> str:
    """Mean answers as columns: logits of probabilities, scores or values."""
    mean = answer(graph, predictor, x)
    axes = predictor.response(np.zeros((1, graph.width))).ndim - 1
    if predictor.link != "probability":
        return graph.add("Unsqueeze", mean, graph.constant([1], np.int64)) if axes == 1 else mean
    logits = _logits(graph, mean, SMALLEST)
    return graph.columns(logits, [1]) if predictor.response(np.zeros((1, graph.width))).shape[-1] == 2 else logits


def _logits(graph: Graph, probability: str, least: float) -> str:
    inside = graph.add("Clip", probability, graph.constant(least), graph.constant(1 - least))
    rest = graph.add("Sub", graph.constant(1.0), inside)
    return graph.add("Sub", graph.add("Log", inside), graph.add("Log", rest))


def _recalibrated(graph: Graph, predictor: Recalibrated, x: str) -> str:
    """Of two classes one curve in the logit or score of class 1; of several one for each, and then shares."""
    inside, classes = answer(graph, predictor.inside, x), predictor.response(np.zeros((1, graph.width))).shape[-1]
    if classes == 2:
        line = _one_line(graph, inside, predictor.inside.link)
        return graph.both(graph.add("Squeeze", _mapped(graph, predictor.map, line), graph.constant([1], np.int64)))
    if predictor.together:
        logs = graph.add("Log", graph.add("Clip", inside, graph.constant(LEAST), graph.constant(1 - LEAST)))
        return graph.add("Softmax", graph.add("Mul", logs, graph.constant(predictor.map.slope)), axis=-1)
    lines = _logits(graph, inside, LEAST) if predictor.inside.link == "probability" else inside
    return graph.shares(graph.add("Max", _mapped(graph, predictor.map, lines), graph.constant(TINY)))


def _one_line(graph: Graph, inside: str, link: str) -> str:
    if link != "probability":
        return graph.add("Unsqueeze", inside, graph.constant([1], np.int64))
    logs = graph.add("Log", graph.add("Max", inside, graph.constant(TINY)))
    return graph.add("Sub", graph.columns(logs, [1]), graph.columns(logs, [0]))


def _mapped(graph: Graph, curve: Rescaled | Steps, lines: str) -> str:
    """Probabilities of all columns of logits or scores."""
    if isinstance(curve, Rescaled):
        steep = graph.add("Mul", lines, graph.constant(np.atleast_1d(curve.slope)[None]))
        return graph.add("Sigmoid", graph.add("Add", steep, graph.constant(np.atleast_1d(curve.shift)[None])))
    pairs = enumerate(zip(curve.z, curve.p, strict=True))
    found = [straight(graph, graph.columns(lines, [k]), z, p[:, None]) for k, (z, p) in pairs]
    return found[0] if len(found) == 1 else graph.add("Concat", *found, axis=1)


WORDS = {
    Network: network,
    Estimator: estimator,
    LibraryTrees: library,
    Boosted: _boosted,
    Committee: _committee,
    Reweighted: _reweighted,
    Recalibrated: _recalibrated,
    AfterSteps: _after_steps,
    Stacked: _stacked,
}
"""How each kind of predictor is written."""
