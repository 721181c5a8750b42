"""XGBoost and LightGBM as learners with event weights, where they are installed."""

from __future__ import annotations

import dataclasses
import functools
import os
import time
from typing import Any, ClassVar

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError, required
from ansatz.keys import generator
from ansatz.training.classical.options import at_least, within
from ansatz.training.classical.sample import Sample, class_sums, sample_of, table_of
from ansatz.training.classical.threads import LARGE
from ansatz.training.result import Fit
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class LibraryTrees:
    """Trees of another library, kept as the text in which it writes them.

    Attributes:
        library: `"xgboost"` (JSON) or `"lightgbm"`.
        text: the model.
        link: `"probability"` or `"identity"`.
        width: number of columns.
        classes: number of classes; 0 for a regression.
        labels: class numbers that were present in training.
        shift: what is added to a value of a regression.
        scale: what it is multiplied by before.
    """

    library: str
    text: str
    link: str
    width: int
    classes: int = 0
    labels: tuple[int, ...] = ()
    shift: float = 0.0
    scale: float = 1.0

    @property
    def model(self) -> Any:
        """The library's own booster."""
        return _booster(self.library, self.text)

    def response(self, x: np.ndarray) -> np.ndarray:
        """Probabilities (1, events, classes) or values (1, events).

        Raises:
            InputError: if there are not as many columns as in training.
        """
        table, _ = table_of(np.asarray(x), ())
        if table.shape[1] != self.width:
            raise InputError(f"the model was fitted on {self.width} columns, but the events have {table.shape[1]}")
        raw = _answers(self.library, self.model, table)
        if not self.classes:
            return (self.shift + self.scale * raw)[None]
        share = np.stack([1 - raw, raw], axis=1) if raw.ndim == 1 else raw
        full = np.zeros((len(share), self.classes))
        full[:, list(self.labels)] = share
        return full[None]


@dataclasses.dataclass(frozen=True)
class LibraryBoosting:
    """See `xgboost` and `lightgbm`, which check the numbers."""

    library: str
    trees: int
    learning_rate: float
    depth: int | None
    leaves: int
    smallest_leaf: float
    strength: float
    features: float

    tasks: ClassVar[frozenset[str]] = frozenset({"classification", "regression"})
    negative_weights: ClassVar[bool] = False

    def check(self, data: Dataset) -> None:
        """Complain if the library is missing.

        Raises:
            InputError: with what installs it.
        """
        required(self.library, extra="trees")

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fitted trees.

        Raises:
            InputError: if the library is missing, or it cannot be trained on `data`.
        """
        self.check(data)
        began, sample = time.perf_counter(), sample_of(data)
        labels: tuple[int, ...] = ()
        if data.task == "classification":
            class_sums(sample, data.classes or (), data.name)
            labels = tuple(int(k) for k in np.unique(sample.y))
        elif sample.y.ndim > 1:
            raise InputError(
                f"'{self.library}' learns one target, but there are {sample.y.shape[1]}; take several models"
            )
        if sample.negative:
            raise InputError(
                f"'{self.library}' cannot be trained with negative event weights; give it negative = \"annihilate\""
            )
        shift, scale = _units(sample, labels)
        target = np.searchsorted(labels, sample.y) if labels else (sample.y - shift) / scale
        seed = int(generator(key).integers(2**31))
        train = {"xgboost": _xgboost, "lightgbm": _lightgbm}[self.library]
        text = train(self, sample, target, len(labels), seed)
        link = "probability" if labels else "identity"
        width = int(np.prod(data.x.shape[1:]))
        predictor = LibraryTrees(self.library, text, link, width, len(data.classes or ()), labels, shift, scale)
        seconds = time.perf_counter() - began
        return Fit(predictor, data.task, data.classes, data.columns, stopped="epochs", seconds=seconds)


def xgboost(
    *,
    trees: int = 200,
    learning_rate: float = 0.1,
    depth: int | None = 6,
    leaves: int = 64,
    smallest_leaf: float = 1.0,
    strength: float = 1.0,
    features: float = 1.0,
) -> LibraryBoosting:
    """Gradient boosting by XGBoost (extra `trees`), with event weights that are not negative.

    Args:
        trees: how many.
        learning_rate: how much each tree counts.
        depth: most cuts in a row; None for no limit.
        leaves: most leaves of each tree.
        smallest_leaf: least sum of curvatures in a leaf (`min_child_weight`), for events of mean weight one.
        strength: penalty on large leaf values (`reg_lambda`).
        features: share of the columns looked at by each tree.

    Raises:
        InputError: if a number is out of range; when called, if XGBoost is not installed.

    Source: T. Chen and C. Guestrin, KDD (2016) 785, arXiv:1603.02754.
    """
    return _checked("xgboost", trees, learning_rate, depth, leaves, smallest_leaf, strength, features)


def lightgbm(
    *,
    trees: int = 200,
    learning_rate: float = 0.1,
    depth: int | None = None,
    leaves: int = 31,
    smallest_leaf: float = 20.0,
    strength: float = 0.0,
    features: float = 1.0,
) -> LibraryBoosting:
    """Gradient boosting by LightGBM (extra `trees`), with event weights that are not negative.

    LightGBM itself takes negative weights without complaint, but its answers are then worse than those of as many
    events with positive ones (AUC .851 +- .006 for .875 +- .001 on the resonance with 15 % of -1), so they are refused.

    Args:
        trees: how many.
        learning_rate: how much each tree counts.
        depth: most cuts in a row; None for no limit.
        leaves: most leaves of each tree.
        smallest_leaf: least number of rows in a leaf (rows, whatever they weigh).
        strength: penalty on large leaf values.
        features: share of the columns looked at by each tree.

    Raises:
        InputError: if a number is out of range; when called, if LightGBM is not installed.

    Source: G. Ke et al., NeurIPS (2017) 3146.
    """
    return _checked("lightgbm", trees, learning_rate, depth, leaves, smallest_leaf, strength, features)


def _checked(library: str, trees: int, rate: float, depth: int | None, leaves: int, *rest: float) -> LibraryBoosting:
    smallest, strength, features = rest
    at_least(1, {"trees": trees, "depth": depth})
    at_least(2, {"leaves": leaves})
    at_least(0, {"smallest_leaf": smallest, "strength": strength})
    within(1e-6, 1, {"learning_rate": rate})
    within(1e-9, 1, {"features": features})
    return LibraryBoosting(library, trees, rate, depth, leaves, smallest, strength, features)


def _units(sample: Sample, labels: tuple[int, ...]) -> tuple[float, float]:
    """Weighted mean and standard deviation of the target of a regression."""
    if labels:
        return 0.0, 1.0
    mean = float(np.average(sample.y, weights=sample.weight))
    spread = float(np.sqrt(np.average((sample.y - mean) ** 2, weights=np.abs(sample.weight))))
    return mean, spread or 1.0


def _threads(size: int) -> int:
    return 1 if size < LARGE else os.cpu_count() or 1


def _xgboost(given: LibraryBoosting, sample: Sample, target: np.ndarray, classes: int, seed: int) -> str:
    library = required("xgboost", extra="trees")
    objective = "reg:squarederror" if not classes else "binary:logistic" if classes == 2 else "multi:softprob"
    options = {
        "objective": objective,
        "eta": given.learning_rate,
        "max_depth": given.depth or 0,
        "max_leaves": given.leaves,
        "min_child_weight": given.smallest_leaf,
        "reg_lambda": given.strength,
        "colsample_bytree": given.features,
        "tree_method": "hist",
        "seed": seed,
        "nthread": _threads(sample.x.size),
        "verbosity": 0,
    } | ({"num_class": classes} if classes > 2 else {})
    rows = library.DMatrix(sample.x, label=target, weight=sample.weight * len(sample))
    return library.train(options, rows, given.trees).save_raw("json").decode()


def _lightgbm(given: LibraryBoosting, sample: Sample, target: np.ndarray, classes: int, seed: int) -> str:
    library = required("lightgbm", extra="trees")
    objective = "regression" if not classes else "binary" if classes == 2 else "multiclass"
    options = {
        "objective": objective,
        "learning_rate": given.learning_rate,
        "max_depth": given.depth or -1,
        "num_leaves": given.leaves,
        "min_data_in_leaf": int(given.smallest_leaf),
        "lambda_l2": given.strength,
        "feature_fraction": given.features,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": _threads(sample.x.size),
        "verbosity": -1,
    } | ({"num_class": classes} if classes > 2 else {})
    rows = library.Dataset(sample.x, label=target, weight=sample.weight * len(sample))
    return library.train(options, rows, given.trees).model_to_string()


@functools.lru_cache(maxsize=16)
def _booster(library: str, text: str) -> Any:
    module = required(library, extra="trees")
    if library == "lightgbm":
        return module.Booster(model_str=text)
    booster = module.Booster()
    booster.load_model(bytearray(text.encode()))
    return booster


def _answers(library: str, booster: Any, table: np.ndarray) -> np.ndarray:
    if library == "lightgbm":
        return np.asarray(booster.predict(table, num_threads=_threads(table.size)), float)
    booster.set_param({"nthread": _threads(table.size)})
    return np.asarray(booster.predict(required("xgboost", extra="trees").DMatrix(table)), float)
