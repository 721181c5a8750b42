"""What the table of any model may say besides the arguments of its kind: transform, negative, uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ansatz.errors import InputError

ADDED = ("transform", "uncertainty")
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
                raise InputError(f"{path}.{name}: {error}") from None
    return learner


def _transformed(learner: Callable, names: object) -> Callable:
    from ansatz.embedding.transformations import TRANSFORMATIONS
    from ansatz.studies.signature import unknown
    from ansatz.training.transformed import Transformed

    chosen = tuple(names) if isinstance(names, list | tuple) else (names,)
    for name in chosen:
        if name not in TRANSFORMATIONS:
            raise InputError(unknown(str(name), TRANSFORMATIONS))
    return Transformed(learner, chosen)


def _sure(learner: Callable, way: object) -> Callable:
    from ansatz.training.uncertainty import with_uncertainty

    return with_uncertainty(learner, str(way))


WAYS: dict[str, Callable[[Callable, object], Callable]] = {"transform": _transformed, "uncertainty": _sure}
