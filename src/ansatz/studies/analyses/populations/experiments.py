"""What analyses over pseudo-experiments share: a problem and learners out of tables, and pieces that are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ansatz.errors import InputError
from ansatz.problems import Problem
from ansatz.studies.catalogue import build_learner, build_problem
from ansatz.studies.execution.pieces import Piece
from ansatz.studies.schema.study import Data, Model
from ansatz.training.learners import Learner
from ansatz.validation import Decomposition, Interval
from ansatz.validation.diagnostics.decomposition import TERMS

Tables = Mapping[str, Mapping[str, object]]
"""Learners by name, each as a table of `[models]`."""


def learners_of(tables: Tables) -> dict[str, Learner]:
    """The learners that tables describe, with or without an `uncertainty`.

    Raises:
        InputError: on an unknown kind or argument, with its path below `learners`.

    Example:
        >>> learners_of({"line": {"kind": "polynomial", "degree": 1}})["line"].degree
        1
    """
    return {name: learner_of(table, f"learners.{name}") for name, table in tables.items()}


def learner_of(table: Mapping[str, object], path: str) -> Learner:
    """The learner that one table describes.

    Raises:
        InputError: on an unknown kind or argument, with its path.
    """
    if "kind" not in table:
        raise InputError(f"{path}.kind: is missing; it must be text, such as 'mlp'")
    arguments = {key: value for key, value in table.items() if key != "kind"}
    try:
        return build_learner("*", Model(kind=str(table["kind"]), arguments=arguments))
    except InputError as error:
        raise InputError(str(error).replace("models.*", path, 1)) from None


def problem_of(name: str, options: Mapping[str, object]) -> Problem:
    """A built-in problem by name.

    Raises:
        InputError: on an unknown problem or option, with its path.
    """
    try:
        return build_problem(Data(problem=name, options=dict(options)))
    except InputError as error:
        path = "problem" if str(error).startswith("data.problem") else "options"
        raise InputError(str(error).replace("data.problem" if path == "problem" else "data", path, 1)) from None


def decomposition_piece(found: Decomposition) -> Piece:
    """A decomposition as a piece of work that can be stored."""
    arrays = {name: getattr(found, name) for name in ("x", "truth", "mean", "spread", "each")}
    return Piece(arrays, found.to_dict())


def decomposition_from(piece: Piece) -> Decomposition:
    """The decomposition that a piece stored."""
    terms = {name: Interval.from_dict(piece.record[name]) for name in TERMS}
    return Decomposition(**terms, experiments=int(piece.record["experiments"]), **piece.arrays)


def stacked_terms(parts: Sequence[Decomposition]) -> dict[str, np.ndarray]:
    """Value and error of each term of several decompositions, `"risk"` and `"risk/error"`, shape (learners,)."""
    arrays = {}
    for term in TERMS:
        arrays[term] = np.array([getattr(part, term).value for part in parts])
        arrays[f"{term}/error"] = np.array([getattr(part, term).error for part in parts])
    return arrays
