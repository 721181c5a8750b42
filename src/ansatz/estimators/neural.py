"""Networks as scikit-learn estimators: they pass every check of `sklearn.utils.estimator_checks.check_estimator`.

What scikit-learn demands decides three things that differ from the learner `ansatz.training.mlp`: a sample in float64
is fitted in float64 (give float32 for twice the speed; a population is always float32); no rows are kept aside unless
`validation` says so, because a row of weight two and a row given twice must be the same sample; and without a
`random_state` the seed comes from NumPy's global generator.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.estimators.portable import at_rest, awake, padded, round_size
from ansatz.training import Fit, mlp

FULL = 4096
"""Larger samples are answered in the sizes of the learner itself."""


class NeuralClassifier(ClassifierMixin, BaseEstimator):
    """A feed-forward network that tells classes apart, with its scalers inside.

    Args:
        width: units of each hidden layer: one number, or a list with one for each layer.
        depth: number of hidden layers, if `width` is one number.
        activation: what a hidden unit does with its input.
        dropout: probability that a hidden unit is dropped while fitting.
        l1: strength of the lasso penalty beside the mean cross-entropy.
        l2: strength of the ridge penalty.
        optimizer: update rule.
        learning_rate: step size.
        epochs: most times through the data.
        batch_size: events in a mini-batch; None for all.
        validation: fraction of the rows kept aside to choose the best epoch.
        patience: epochs without improvement on these rows before it stops.
        population: number of networks, whose mean answers.
        random_state: seed, NumPy generator, or None.

    Attributes:
        classes_: the labels, ascending.
        fit_: the `Fit`, with history, members and model.
        n_iter_: epochs that were run.
        n_features_in_: number of columns; `feature_names_in_` has their names, if they had any.

    Example:
        >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> model = NeuralClassifier(width=8, random_state=0).fit(x, ["same", "other", "other", "same"])
        >>> model.predict(x).tolist()
        ['same', 'other', 'other', 'same']
    """

    def __init__(
        self,
        *,
        width: int | list[int] = 64,
        depth: int = 2,
        activation: str = "relu",
        dropout: float | None = None,
        l1: float = 0.0,
        l2: float = 0.0,
        optimizer: str = "adam",
        learning_rate: float = 3e-3,
        epochs: int = 200,
        batch_size: int | None = 256,
        validation: float = 0.0,
        patience: int | None = 15,
        population: int = 1,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.width = width
        self.depth = depth
        self.activation = activation
        self.dropout = dropout
        self.l1 = l1
        self.l2 = l2
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation = validation
        self.patience = patience
        self.population = population
        self.random_state = random_state

    def __getstate__(self) -> dict[str, Any]:
        return at_rest(BaseEstimator.__getstate__(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        BaseEstimator.__setstate__(self, awake(state))

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NeuralClassifier:
        """Train on rows `X` of shape (events, columns) with labels `y`; weights of either sign.

        Raises:
            ValueError: if the rows cannot be used, or only one class has a weight.
        """
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32))
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        self.classes_, label = np.unique(y, return_inverse=True)
        classes = tuple(f"class {number}: {name}" for number, name in enumerate(self.classes_))
        self.fit_ = _fitted(self, X, label, sample_weight, classes)
        self.n_iter_ = _epochs(self.fit_)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Class probabilities, shape (events, classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=(np.float64, np.float32), reset=False)
        return _answered(self.fit_.probability, X)

    def predict(self, X: Any) -> np.ndarray:
        """The most probable label of each event."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        return self.classes_[likeliest]


class NeuralRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """A feed-forward network for one or several targets, with its scalers inside.

    Args:
        width: units of each hidden layer: one number, or a list with one for each layer.
        depth: number of hidden layers, if `width` is one number.
        activation: what a hidden unit does with its input.
        dropout: probability that a hidden unit is dropped while fitting.
        loss: what is made small: "squared-error", "absolute-error" or "huber" in units of the target's spread, or
            "poisson".
        l1: strength of the lasso penalty beside the mean loss.
        l2: strength of the ridge penalty.
        optimizer: update rule.
        learning_rate: step size.
        epochs: most times through the data.
        batch_size: events in a mini-batch; None for all.
        validation: fraction of the rows kept aside to choose the best epoch.
        patience: epochs without improvement on these rows before it stops.
        population: number of networks, whose mean answers.
        random_state: seed, NumPy generator, or None.

    Attributes:
        fit_: the `Fit`, with history, members and model.
        n_iter_: epochs that were run.
        n_features_in_: number of columns; `feature_names_in_` has their names, if they had any.

    Example:
        >>> x = np.linspace(-1, 1, 40)[:, None]
        >>> model = NeuralRegressor(width=16, epochs=400, random_state=0).fit(x, np.abs(x[:, 0]))
        >>> bool(model.score(x, np.abs(x[:, 0])) > 0.99)
        True
    """

    def __init__(
        self,
        *,
        width: int | list[int] = 64,
        depth: int = 2,
        activation: str = "relu",
        dropout: float | None = None,
        loss: str = "squared-error",
        l1: float = 0.0,
        l2: float = 0.0,
        optimizer: str = "adam",
        learning_rate: float = 3e-3,
        epochs: int = 200,
        batch_size: int | None = 256,
        validation: float = 0.0,
        patience: int | None = 15,
        population: int = 1,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.width = width
        self.depth = depth
        self.activation = activation
        self.dropout = dropout
        self.loss = loss
        self.l1 = l1
        self.l2 = l2
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation = validation
        self.patience = patience
        self.population = population
        self.random_state = random_state

    def __getstate__(self) -> dict[str, Any]:
        return at_rest(BaseEstimator.__getstate__(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        BaseEstimator.__setstate__(self, awake(state))

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> NeuralRegressor:
        """Train on rows `X` of shape (events, columns), `y` of shape (events,) or (events, targets); any weights.

        Raises:
            ValueError: if the rows cannot be used.
        """
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32), multi_output=True, y_numeric=True)
        self.fit_ = _fitted(self, X, y.astype(X.dtype), sample_weight, None)
        self.n_iter_ = _epochs(self.fit_)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Values, shape (events,) or (events, targets)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=(np.float64, np.float32), reset=False)
        return _answered(self.fit_.predict, X)


def _fitted(
    estimator: BaseEstimator, x: np.ndarray, y: np.ndarray, weight: Any, classes: tuple[str, ...] | None
) -> Fit:
    """The learner's fit of all rows that weigh something, in the precision of the features."""
    data = Dataset(x, y=y, weight=_check_sample_weight(weight, x), classes=classes)
    data = data if weight is None else data[data.weight != 0]
    if classes is not None and len(np.unique(data.y)) < 2:
        raise InputError("the rows that have a weight are all of one class; a classifier needs two classes or more")
    settings = {name: _plain(value) for name, value in estimator.get_params(deep=False).items()}
    seed = check_random_state(settings.pop("random_state")).randint(2**31 - 1)
    if not settings["validation"]:
        data = padded(data, most=settings["batch_size"] or len(data))
    double = x.dtype == np.float64 and settings["population"] == 1
    with jax.enable_x64(True) if double else contextlib.nullcontext():
        return mlp(**settings)(data, jax.random.key(seed))


def _answered(answer: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    """The answers for rows that were padded to a round number, if they are few."""
    room = max(min(round_size(len(x)), FULL) - len(x), 0)
    return answer(np.concatenate([x, np.zeros((room, x.shape[1]), x.dtype)]))[: len(x)]


def _plain(value: Any) -> Any:
    """NumPy's numbers, as a search hands them out, as Python's."""
    return value.item() if isinstance(value, np.generic) else value


def _epochs(fit: Fit) -> int:
    """The most epochs that any member has run."""
    return int(np.isfinite(np.atleast_2d(fit.history["train/risk"])).sum(axis=1).max())
