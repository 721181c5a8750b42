"""What the table of any model may say besides its kind's arguments: decorrelate, transform, negative, uncertainty."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from ansatz.errors import InputError

ADDED = ("decorrelate", "transform", "negative", "uncertainty")
"""In the order in which they are put around a learner."""


def with_added(learner: Callable, arguments: Mapping[str, object], path: str) -> Callable:
    """The learner with what its table adds.

    Raises:
        InputError: on an unknown name, with the path.
    """
    for name in ADDED:
        if name in arguments:
            try:
                learner = WAYS[name](learner, arguments[name])
            except InputError as error:
                below = str(error).startswith(".")
                raise InputError(f"{path}.{name}{error}" if below else f"{path}.{name}: {error}") from None
    return learner


def _transformed(learner: Callable, names: object) -> Callable:
    from ansatz.embedding.transformations import TRANSFORMATIONS
    from ansatz.studies.schema.signature import unknown
    from ansatz.training.composite.transformed import Transformed

    chosen = tuple(names) if isinstance(names, list | tuple) else (names,)
    for name in chosen:
        if name not in TRANSFORMATIONS:
            raise InputError(unknown(str(name), TRANSFORMATIONS))
    return Transformed(learner, chosen)


def _sure(learner: Callable, way: object) -> Callable:
    """By a name, or by a table whose `kind` is the name and whose other keys are the arguments of that way."""
    from ansatz.studies.schema.signature import check_arguments
    from ansatz.training.uncertainty import UNCERTAINTIES, with_uncertainty

    table = dict(way) if isinstance(way, Mapping) else {"kind": way}
    name = str(table.pop("kind", ""))
    if not table or name not in UNCERTAINTIES:
        return with_uncertainty(learner, name)
    make = functools.partial(UNCERTAINTIES[name], learner)
    try:
        return make(**check_arguments(make, table, path="", known=("kind",)))
    except (TypeError, ValueError) as error:
        raise InputError(str(error)) from None


def _unsigned(learner: Callable, strategy: object) -> Callable:
    from ansatz.training.composite.signs import Unsigned

    return Unsigned(learner, str(strategy))


def _independent(learner: Callable, table: object) -> Callable:
    from ansatz.training.networks.decorrelated import decorrelated_as

    return decorrelated_as(learner, table)


WAYS: dict[str, Callable[[Callable, object], Callable]] = {
    "decorrelate": _independent,
    "transform": _transformed,
    "negative": _unsigned,
    "uncertainty": _sure,
}
