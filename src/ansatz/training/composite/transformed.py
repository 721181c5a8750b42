"""A learner on transformed variables: the transformation is part of the model, fitted on its training rows."""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.embedding.transformations import Transformation, transformations
from ansatz.training.learners import Learner
from ansatz.training.result import Band, Fit, Predictor
from ansatz.training.uncertainty.wrapping import signs_inside, tasks_inside
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class AfterSteps:
    """A predictor that sees transformed columns.

    Attributes:
        predictor: what answers.
        steps: what is done to the columns before.
    """

    predictor: Predictor
    steps: Transformation

    @property
    def link(self) -> str:
        """That of the predictor."""
        return self.predictor.link

    @property
    def model(self) -> object:
        """The fitted model behind the transformations."""
        return self.predictor.model

    def response(self, x: np.ndarray) -> np.ndarray:
        """The answers, shaped as those of the predictor."""
        return self.predictor.response(self.steps.transform(x))


@dataclasses.dataclass(frozen=True, eq=False)
class BandAfterSteps:
    """The band of a fit on transformed columns."""

    band: Band

    @property
    def kind(self) -> str:
        """That of the band."""
        return self.band.kind

    @property
    def method(self) -> str:
        """That of the band."""
        return self.band.method

    def interval(self, predictor: AfterSteps, x: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends."""
        return self.band.interval(predictor.predictor, predictor.steps.transform(x), level)


@dataclasses.dataclass(frozen=True)
class Transformed:
    """Transforms the columns, then learns: `transform = "decorrelated"` or a list in a study.

    Attributes:
        learner: what learns from the transformed columns.
        names: transformations, see `ansatz.embedding.TRANSFORMATIONS`.

    Raises:
        InputError: when called, on an unknown name or events that are no table.

    Example:
        >>> import jax
        >>> from ansatz.training.classical import naive_bayes
        >>> rng = np.random.default_rng(0)
        >>> x = rng.multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], 1000) + np.repeat([[0, 0], [0.6, -0.6]], 500, 0)
        >>> data = Dataset(x, y=np.repeat([0, 1], 500), classes=("b", "s"))
        >>> plain, moved = naive_bayes(), Transformed(naive_bayes(), ("decorrelated",))
        >>> wrong = [int((way(data, jax.random.key(0)).predict(x) != data.y).sum()) for way in (plain, moved)]
        >>> wrong[1] < wrong[0]
        True
    """

    learner: Learner
    names: tuple[str, ...]

    tasks = property(tasks_inside)
    negative_weights = property(signs_inside)

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fit on transformed columns."""
        steps = transformations(self.names, data.x, data.weight)
        x = steps.transform(data.x)
        columns = tuple(f"{'-'.join(self.names)} {name}" for name in data.columns)
        fit = self.learner(data.replace(x=x, columns=columns), key)
        return dataclasses.replace(
            fit,
            predictor=AfterSteps(fit.predictor, steps),
            columns=data.columns,
            band=None if fit.band is None else BandAfterSteps(fit.band),
            sets=None,
        )
