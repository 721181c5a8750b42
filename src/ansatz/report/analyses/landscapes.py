"""How descents, searches for minima, batches and populations are told."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ansatz.report.blocks import Block, Gallery, Text
from ansatz.report.figures.landscapes.descent import (
    batch_paths,
    rate_sweep,
    risk_by_rows,
    three_rates,
    values_against_evaluations,
    wandering,
)
from ansatz.report.figures.landscapes.generations import best_of_generations, evolving, generations, success
from ansatz.report.figures.landscapes.maps import Points, Surface, basins, paths, stationary_points, walking
from ansatz.report.style import looks_of
from ansatz.studies.analyses.findings import Findings
from ansatz.studies.analyses.landscapes.descent import CURVED
from ansatz.validation import Interval

Arrays = Mapping[str, np.ndarray]


def series(arrays: Arrays, prefix: str) -> dict[str, np.ndarray]:
    """The arrays that were stored as `prefix/name`, by name.

    Example:
        >>> series({"a/b": np.zeros(1), "c": np.ones(1)}, "a")
        {'b': array([0.])}
    """
    return {name.removeprefix(f"{prefix}/"): array for name, array in arrays.items() if name.startswith(f"{prefix}/")}


def surface_of(arrays: Arrays) -> Surface:
    """The map of a landscape."""
    return Surface(arrays["map_x"], arrays["map_y"], arrays["map_values"])


def points_of(arrays: Arrays, *kinds: str) -> Points:
    """Its stationary points, or those of some kinds."""
    keep = np.isin(arrays["point_kinds"], kinds) if kinds else np.ones(len(arrays["point_kinds"]), bool)
    return Points(arrays["point_places"][keep], [str(kind) for kind in arrays["point_kinds"][keep]])


def draw_descent(findings: Findings) -> list[Block]:
    """Ways over the map, values, learning rates; on a bowl also three rates beside each other."""
    arrays, record = findings.arrays, findings.record
    name, surface, points = str(record["name"]), surface_of(arrays), points_of(arrays)
    names = list(record["optimizers"])
    looks, found = looks_of(names), series(arrays, "path")
    ways = {n: found[n] for n in names}
    values, evaluations = series(arrays, "values"), series(arrays, "evaluations")
    courses = {n: (evaluations[n], values[n]) for n in names}
    lowest, target = float(record["lowest"]), float(record["target"])
    curved = [n for n in names if n in CURVED]
    plain = [n for n in names if n not in curved]
    both = {"the gradient and a learning rate": plain, "the gradient and the curvature": curved}
    panels = paths(surface, ways, points, name=name, looks=looks, families=both if plain and curved else None)
    pictures = [
        walking(surface, ways, points, name=name, looks=looks),
        values_against_evaluations(courses, lowest=lowest, target=target, name=name, looks=looks),
        rate_sweep(arrays["rates"], arrays["factors"], arrays["curvatures"], name=name),
    ]
    blocks: list[Block] = [Gallery([panels], size="wide"), Gallery(pictures, size="medium")]
    three = series(arrays, "three")
    if three:
        blocks.append(Gallery([three_rates(surface, three, points, name=name)], size="wide"))
    return blocks


def draw_minima(findings: Findings) -> list[Block]:
    """A map of each landscape with its stationary points, and the basins of one."""
    record, maps = findings.record, []
    for name in record["landscapes"]:
        own = series(findings.arrays, name)
        distance = float(record["distances"][name])
        maps.append(stationary_points(surface_of(own), points_of(own), own["found"], name=name, distance=distance))
    blocks: list[Block] = [Gallery(maps, size="medium")]
    if record["basins"]:
        own, name = series(findings.arrays, "basins"), str(record["basins"])
        surface = Surface(own["x"], own["y"], own["values"])
        rules = {"descent": "gradient descent", "newton": "bare Newton"}
        pictures = [basins(surface, own[key], own["minima"], name=name, rule=rule) for key, rule in rules.items()]
        text = (
            "Which minimum is found depends on the start. Gradient descent with small steps divides the map along its"
            " ridges; Newton's formula without safeguards goes to saddles and maxima as well (gray), and where it"
            " starts near a vanishing curvature its long steps make the border a fractal."
        )
        blocks += [Text(text), Gallery(pictures, "Basins of attraction", size="medium")]
    return blocks


def draw_sgd(findings: Findings) -> list[Block]:
    """The ways by batch fraction, the risk by rows used, the wandering."""
    arrays, record = findings.arrays, findings.record
    names = list(record["fractions"])
    ways, rows, values = (series(arrays, key) for key in ("path", "rows", "values"))
    four = batch_paths(surface_of(arrays), {n: ways[n] for n in names}, arrays["best"], epochs=int(record["epochs"]))
    pictures = [risk_by_rows({n: (rows[n], values[n]) for n in names}, lowest=float(record["lowest"]))]
    ends, covariances = series(arrays, "ends"), series(arrays, "covariance")
    batches = [str(m) for m in record["batches"]]
    if batches:
        pictures.append(wandering([(f"{m} in a batch", ends[m], covariances[m]) for m in batches]))
    return [Gallery([four], size="wide"), Gallery(pictures, size="medium")]


def draw_evolution(findings: Findings) -> list[Block]:
    """Populations over the map, moving and in panels; how fast and how often they find the minimum."""
    arrays, record = findings.arrays, findings.record
    name, surface = str(record["name"]), surface_of(arrays)
    points = points_of(arrays)
    if len(points.kinds) > 1:
        points = points_of(arrays, "minimum")
    members = {method: list(series(arrays, f"population/{method}").values()) for method in record["evolving"]}
    looks = looks_of(record["methods"])
    moving = [evolving(surface, dots, points, method=method, name=name) for method, dots in members.items()]
    courses = {method: (arrays["grid"], arrays[f"best/{method}"]) for method in record["methods"]}
    rates = {method: Interval.from_dict(rate) for method, rate in record["rates"].items()}
    shown = [0, 3, 9, 24]
    judged = [
        best_of_generations(courses, target=float(record["target"]), name=name, looks=looks),
        success(rates, name=name, looks=looks),
    ]
    return [
        Gallery([generations(surface, members, shown, points, name=name)] if members else [], size="wide"),
        Gallery(judged, size="medium"),
        Gallery(moving, "Evolving", size="medium"),
    ]
