"""A fitted model as ONNX, with its scaling inside, and how well that agrees with the model."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np

from ansatz.errors import InputError, required
from ansatz.export.answers import answer
from ansatz.export.graph import CannotExport, Graph
from ansatz.files import whole
from ansatz.training.classical.estimator import Estimator
from ansatz.training.result import Fit, Predictor

SAME = 1e-6
"""Answers that differ by less are the same: of probabilities as they are, of others relative to their size."""


@dataclasses.dataclass(frozen=True)
class Agreement:
    """How an ONNX file answers beside the model that it was made from.

    Attributes:
        events: how many were answered.
        largest: largest difference of an answer, relative where answers are above one.
    """

    events: int
    largest: float

    @property
    def same(self) -> bool:
        """Whether no answer differs by more than 1e-6."""
        return self.largest <= SAME


def to_onnx(fit: Fit, path: Path | str, *, name: str = "model") -> Path:
    """Writes a fitted model as ONNX: raw columns in, mean answer of all members out, in double precision.

    The input `x` has the columns of the fit in their order, shape (events, columns), units as in training; missing
    values are NaN. The output `response` is what `Fit.probability` gives (classes in columns), or the score or value.
    Names of columns and classes are in the file's metadata.

    Args:
        fit: the fitted model.
        path: the file; it appears whole or not at all.
        name: of the graph.

    Raises:
        InputError: if ONNX has no word for a part of the model (which one), or the `onnx` package is missing.

    Example:
        >>> import jax, tempfile
        >>> from ansatz.data import Dataset
        >>> from ansatz.training.classical import boosted_trees
        >>> x = np.linspace(-1, 1, 200)[:, None]
        >>> data = Dataset(x, y=(x[:, 0] > 0).astype(int), classes=("b", "s"), columns=("m",))
        >>> fit = boosted_trees(trees=5)(data, jax.random.key(0))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     agreement(fit, to_onnx(fit, Path(folder) / "trees.onnx"), x).same
        True
    """
    columns = len(fit.columns) or _width(fit.predictor)
    graph = Graph(columns)
    output = answer(graph, fit.predictor, "x")
    metadata = {
        "columns": json.dumps(list(fit.columns)),
        "classes": json.dumps(list(fit.classes or ())),
        "task": fit.task,
        "link": fit.predictor.link,
    }
    axes = fit.members(np.zeros((1, columns))).ndim - 1
    model = graph.model(output, axes=axes, metadata=metadata, name=name)
    path = Path(path)
    with whole(path) as temporary:
        temporary.write_bytes(model.SerializeToString())
    return path


def agreement(fit: Fit, path: Path | str, x: np.ndarray) -> Agreement:
    """Runs an ONNX file on events and compares it with the model.

    Args:
        fit: the model that it was made from.
        path: the file.
        x: events, shape (events, columns).

    Raises:
        InputError: if onnxruntime is not installed or cannot run the file.
    """
    runtime = required("onnxruntime", extra="export")
    try:
        session = runtime.InferenceSession(str(path), _options(runtime), providers=["CPUExecutionProvider"])
        found = session.run(["response"], {"x": np.asarray(x, np.float64)})[0]
    except (RuntimeError, ValueError) as error:
        raise InputError(f"onnxruntime cannot run {path}: {str(error).splitlines()[0]}") from None
    known = fit.members(x).mean(axis=0)
    if found.shape != known.shape:
        raise InputError(f"{path} answers with shape {found.shape}, the model with {known.shape}")
    away = np.abs(found - known) / np.maximum(np.abs(known), 1.0)
    return Agreement(len(x), float(np.max(away, initial=0.0)))


def _options(runtime: Any) -> Any:
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return options


def _width(predictor: Predictor) -> int:
    if isinstance(predictor, Estimator):
        return predictor.width
    raise CannotExport("a model of fields or images has no table of columns; ONNX export knows tables only")
