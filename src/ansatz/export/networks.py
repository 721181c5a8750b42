"""Networks as ONNX: scalers and layers in the precision in which they were fitted, sums in double precision."""

from __future__ import annotations

import jax
import numpy as np

from ansatz.embedding import Flatten, Impute, Polynomial, Standardize, Unstandardize
from ansatz.export.graph import CannotExport, Graph
from ansatz.models import ACTIVATIONS, MLP, Chain, Frozen, Linear
from ansatz.training.prediction import Network
from ansatz.training.random_features import RandomUnits


def network(graph: Graph, predictor: Network, x: str) -> str:
    """The mean answer of all members.

    Raises:
        CannotExport: if a link of the chain is none of those that have been put into words.
    """
    leaves = jax.tree.leaves(predictor.model)
    members = len(next(leaf for leaf in leaves if isinstance(leaf, jax.Array | np.ndarray)))
    answers = []
    for number in range(members):
        model = jax.tree.map(lambda leaf, n=number: np.asarray(leaf)[n] if _is_array(leaf) else leaf, predictor.model)
        answers.append(_head(graph, predictor.head, _link(graph, model, x)))
    return graph.mean(answers)


def _is_array(leaf: object) -> bool:
    return isinstance(leaf, jax.Array | np.ndarray)


def _link(graph: Graph, link: object, x: str) -> str:
    """One function of a chain."""
    if isinstance(link, Frozen):
        return _link(graph, link.inside, x)
    if isinstance(link, Chain):
        for inner in link.links:
            x = _link(graph, inner, x)
        return x
    if isinstance(link, Standardize):
        return _scaled(graph, x, link, "Sub", "Div")
    if isinstance(link, Unstandardize):
        return _unscaled(graph, x, link)
    if isinstance(link, Impute):
        single = _single(graph, x, link.value)
        filled = graph.add("Where", graph.add("IsNaN", single), graph.constant(link.value, link.value.dtype), single)
        return graph.cast(filled, np.float64)
    if isinstance(link, MLP):
        return _layers(graph, link, x)
    if isinstance(link, Linear):
        return _linear(graph, link, x)
    if isinstance(link, RandomUnits):
        return _activated(graph, link.activation, _linear(graph, link.layer, x))
    if isinstance(link, Flatten):
        return graph.add("Flatten", x, axis=1)
    if isinstance(link, Polynomial):
        return _monomials(graph, link, x)
    raise CannotExport(f"ONNX has no word yet for the part '{type(link).__name__}' of a network")


def _single(graph: Graph, x: str, like: np.ndarray) -> str:
    """The table in the precision of the numbers it meets, so that differences cancel as they did in the fit."""
    return graph.cast(x, like.dtype)


def _scaled(graph: Graph, x: str, link: Standardize, shift: str, scale: str) -> str:
    mean, size = (graph.constant(values, values.dtype) for values in (link.mean, link.scale))
    return graph.cast(graph.add(scale, graph.add(shift, _single(graph, x, link.mean), mean), size), np.float64)


def _unscaled(graph: Graph, x: str, link: Unstandardize) -> str:
    return graph.add("Add", graph.constant(link.mean), graph.add("Mul", graph.constant(link.scale), x))


def _layers(graph: Graph, link: MLP, x: str) -> str:
    for layer in link.layers[:-1]:
        x = _activated(graph, link.activation, _linear(graph, layer, x))
    return _linear(graph, link.layers[-1], x)


def _linear(graph: Graph, link: Linear, x: str) -> str:
    return graph.add(
        "Add", graph.add("MatMul", x, graph.constant(np.asarray(link.weight).T)), graph.constant(link.bias)
    )


def _activated(graph: Graph, function: object, z: str) -> str:
    name = next((name for name, known in ACTIVATIONS.items() if known is function), "")
    plain = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "identity": "Identity"}
    if name in plain:
        return graph.add(plain[name], z)
    if name not in COMPOSED:
        raise CannotExport(f"ONNX has no word yet for the activation '{name or function}'")
    return COMPOSED[name](graph, z)


def _leaky(graph: Graph, z: str) -> str:
    return graph.add("Max", z, graph.add("Mul", z, graph.constant(0.01)))


def _elu(graph: Graph, z: str) -> str:
    below = graph.add("Sub", graph.add("Exp", graph.add("Min", z, graph.constant(0.0))), graph.constant(1.0))
    return graph.add("Where", graph.add("Greater", z, graph.constant(0.0)), z, below)


def _silu(graph: Graph, z: str) -> str:
    return graph.add("Mul", z, graph.add("Sigmoid", z))


def _softplus(graph: Graph, z: str) -> str:
    tail = graph.add("Exp", graph.add("Neg", graph.add("Abs", z)))
    return graph.add("Add", graph.add("Relu", z), graph.add("Log", graph.add("Add", tail, graph.constant(1.0))))


def _gelu(graph: Graph, z: str) -> str:
    """Its form by a hyperbolic tangent, as it was fitted."""
    cube = graph.add("Mul", graph.add("Mul", z, z), graph.add("Mul", z, graph.constant(0.044715)))
    bent = graph.add("Tanh", graph.add("Mul", graph.add("Add", z, cube), graph.constant(np.sqrt(2 / np.pi))))
    half = graph.add("Mul", z, graph.constant(0.5))
    return graph.add("Mul", half, graph.add("Add", bent, graph.constant(1.0)))


def _step(graph: Graph, z: str) -> str:
    return graph.cast(graph.add("Greater", z, graph.constant(0.0)), np.float64)


COMPOSED = {"leaky-relu": _leaky, "elu": _elu, "silu": _silu, "softplus": _softplus, "gelu": _gelu, "perceptron": _step}
"""Activations that are made of simpler nodes."""


def _monomials(graph: Graph, link: Polynomial, x: str) -> str:
    """Products of powers, one column for each."""
    powers = np.asarray(link.powers)
    found = []
    for row in powers:
        factors = [graph.columns(x, [i]) for i, power in enumerate(row) for _ in range(int(power))]
        product = factors[0]
        for factor in factors[1:]:
            product = graph.add("Mul", product, factor)
        found.append(product)
    return graph.add("Concat", *found, axis=1)


def _head(graph: Graph, head: str, output: str) -> str:
    if head == "sigmoid":
        return graph.both(graph.add("Sigmoid", output))
    return graph.add("Softmax", output, axis=-1) if head == "softmax" else output
