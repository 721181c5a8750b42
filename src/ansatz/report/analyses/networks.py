"""How the inside of networks and sums of simple functions are told."""

from __future__ import annotations

import numpy as np

from ansatz.report.analyses.landscapes import series
from ansatz.report.blocks import Block, Gallery, Text
from ansatz.report.figures.landscapes.maps import Surface, network_landscape
from ansatz.report.figures.networks.approximation import error_by_terms, growing_sum, sums_compared
from ansatz.report.figures.networks.layers import (
    Laid,
    activation_functions,
    errors_by_depth,
    factors,
    gradients_agree,
    passes,
    starts,
)
from ansatz.report.picture import Picture
from ansatz.studies.analyses.findings import Findings


def draw_backpropagation(findings: Findings) -> list[Block]:
    """One pass forward and back, the gradient three ways, errors by depth, starts, and the landscape."""
    arrays, record = findings.arrays, findings.record
    layers = range(int(record["layers"]))
    activations = [arrays[f"activation/{k}"] for k in range(len(layers) + 1)]
    parts = ([np.atleast_1d(arrays[f"{name}/{k}"]) for k in layers] for name in ("error", "weight", "gradient"))
    errors, weights, gradients = parts
    laid = Laid(activations, errors, [np.atleast_2d(w) for w in weights], [np.atleast_2d(g) for g in gradients])
    kinds = list(record["kinds"])
    measured, expected = (series(arrays, key) for key in ("measured", "expected"))
    risks = series(arrays, "risk")
    table = factors(arrays["factors"], record["activations"], record["initializations"])
    three = gradients_agree(arrays["explicit"], arrays["automatic"], arrays["numeric"])
    depth = errors_by_depth(
        {k: measured[k] for k in kinds}, {k: expected[k] for k in kinds}, width=int(record["width"])
    )
    courses = {n: risks[n] for n in record["starts"]}
    begun = starts(courses, constant=float(record["constant"]), rule="Adam")
    slopes, values = series(arrays, "slope"), series(arrays, "g")
    functions = {n: (values[n], slopes[n]) for n in record["activations"] if n not in ("identity", "silu")}
    return [
        Gallery([passes(laid, name=str(record["network"]))], size="wide"),
        Gallery([three, depth, table, begun], size="medium"),
        Gallery([activation_functions(arrays["z"], functions)], size="wide"),
        Gallery(_planes(findings), "The landscape of a network", size="medium"),
    ]


def _planes(findings: Findings) -> list[Picture]:
    own, record = series(findings.arrays, "plane"), findings.record
    which = f"a {record['trained']} network trained from {record['best']}"
    around = network_landscape(
        Surface(own["side"], own["side"], own["values"]),
        title="Around the end",
        caption=f"The risk of {which}, along two random directions in which the weights of each unit move by as much as"
        " they are long (filter-normalized). Dot: the end of the descent.",
        name="network-around",
    )
    share = float(own["shares"].sum())
    valley = network_landscape(
        Surface(own["across"], own["up"], own["valley"]),
        way=own["way"],
        title="Along the way",
        caption=f"The risk of {which}, in the plane that holds most of its way ({share:.0%} of the squared distances),"
        " with that way. What looks like crossing lines happens in the other dimensions.",
        axes_are=("first principal direction", "second principal direction"),
        name="network-valley",
    )
    return [around, valley]


def draw_approximation(findings: Findings) -> list[Block]:
    """For each function: a growing sum of ReLUs, sums of different kinds, errors by number of terms."""
    blocks: list[Block] = []
    for name, title in findings.record["functions"].items():
        own = series(findings.arrays, name)
        x, truth = findings.arrays["x"], own["truth"]
        grown = series(own, "growing")
        growing = {int(n): grown[str(n)] for n in findings.record["growing"]}
        terms, laws = series(own, "terms"), series(own, "law")
        errors = {kind: (terms[kind], values) for kind, values in series(own, "error").items()}
        expected = {kind: (terms[kind], law) for kind, law in laws.items()}
        pair = [
            sums_compared(x, truth, series(own, "sum"), terms=int(findings.record["shown"]), name=str(title)),
            error_by_terms(errors, expected, name=str(title)),
        ]
        blocks += [
            Gallery([growing_sum(x, truth, growing, name=str(title))], str(title), size="wide"),
            Gallery(pair, size="medium"),
        ]
    advantage = (
        "A polynomial is one formula everywhere, so one singular place spoils it everywhere; a sum of ReLUs is local"
        " and bends where it must. That is what a network has over a Chebyshev sum in one dimension. In many"
        " dimensions the number of terms of a polynomial explodes, while a network chooses its directions."
    )
    return [*blocks, Text(advantage)]
