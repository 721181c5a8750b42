"""`SklearnLearner`: the one way from a scikit-learn estimator to a learner.

What a method needs (scaled columns, missing values filled in, weights of mean one ...) is declared in the learner's
fields and done here, once, with the event weights: scaling is by weighted moments, missing values become weighted
medians, both of training rows only.
"""

from __future__ import annotations

import dataclasses
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.training.classical.course import Course, at_once
from ansatz.training.classical.estimator import Estimator, first_line
from ansatz.training.classical.preparation import filler, monomials, scaler
from ansatz.training.classical.reading import Reading, nothing
from ansatz.training.classical.sample import Sample, class_sums, sample_of
from ansatz.training.classical.threads import threads_for
from ansatz.training.result import Fit
from ansatz.typing import Key

BOTH = frozenset({"classification", "regression"})
CLASSIFICATION = frozenset({"classification"})
REGRESSION = frozenset({"regression"})

SIGNED = ("boosted-trees", "extra-trees", "logistic", "lda", "qda", "naive-bayes", "threshold", "constant")
"""Classical methods that take negative event weights; tests hold this against the table."""


@dataclasses.dataclass(frozen=True)
class Job:
    """What the maker of a scikit-learn object may know of the sample.

    Attributes:
        task: `"classification"` or `"regression"`.
        rows: number of training rows.
        effective: effective number of events, (sum w)^2 / sum w^2.
        names: names of the columns.
        outputs: number of target columns, or of classes.
        negative: whether some event weight is negative.
        seed: for `random_state`; decided by the key of the fit.
    """

    task: str
    rows: int
    effective: float
    names: tuple[str, ...]
    outputs: int
    negative: bool
    seed: int


Maker = Callable[[Job], Any]
"""From what may be known of a sample to a scikit-learn object that is not fitted yet."""


@dataclasses.dataclass(frozen=True)
class SklearnLearner:
    """A scikit-learn estimator as a learner: `learner(data, key) -> Fit`.

    Event weights are passed to the estimator with sum one (mean one, if it asks for that), so their scale changes
    nothing, and two equal rows are one row of twice the weight wherever the estimator itself sees it so.

    Attributes:
        make: from a `Job` to an estimator that is not fitted yet.
        name: what messages call the method.
        tasks: what it can learn.
        link: what its response is in a classification, `"probability"` or `"score"`.
        weights: whether it uses event weights; if not, weights that differ are refused.
        negative_weights: whether negative event weights mean to it what they should.
        missing: whether it takes NaN (a missing value) itself; if not, NaN becomes the column's weighted median.
        scale: whether columns are standardized first (weighted mean 0 and variance 1 on training rows).
        degree: columns are followed by their monomials up to this degree; 1 for the columns alone.
        scale_target: whether the target of a regression is standardized too, so that its unit changes nothing.
        several: whether it learns several targets at once; if not, each has an estimator of its own.
        mean_one: whether the weights it gets have mean one instead of sum one.
        cautious: whether its probabilities run to 0 or 1 where weights of either sign cancel; where some weight is
            negative, one part in the effective number of events of equal shares is then mixed in.
        columns: names of the columns it looks at; None for all.
        rows: most rows it is trained on; from a larger sample so many are drawn at random. None for no limit.
        read: what to tell of the fitted estimator in `Fit.details`.
        course: how its training went, from the fitted estimator.

    Raises:
        InputError: when called on a sample it cannot be trained on (see `check`).

    Example:
        >>> import jax, numpy as np
        >>> from sklearn.neural_network import MLPRegressor
        >>> learner = SklearnLearner(lambda job: MLPRegressor(random_state=job.seed, max_iter=5), "network", scale=True)
        >>> x = np.linspace(-1, 1, 50)[:, None]
        >>> fit = learner(Dataset(x, y=x[:, 0] ** 2), jax.random.key(0))
        >>> fit.converged, fit.predict(x).shape
        (False, (50,))
    """

    make: Maker = dataclasses.field(repr=False)
    name: str
    tasks: frozenset[str] = BOTH
    link: str = "probability"
    weights: bool = True
    negative_weights: bool = False
    missing: bool = False
    scale: bool = False
    degree: int = 1
    scale_target: bool = False
    several: bool = False
    mean_one: bool = False
    cautious: bool = False
    columns: tuple[str, ...] | None = None
    rows: int | None = None
    read: Callable[[Reading], dict[str, Any]] = dataclasses.field(default=nothing, repr=False)
    course: Callable[[Any], Course] = dataclasses.field(default=at_once, repr=False)

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """Train on all events of `data`."""
        rng = generator(key)
        whole = self._checked(data)
        sample = self._limited(whole, rng)
        job = self._job(sample, data, rng)
        start = time.perf_counter()
        with threads_for(sample.x.size):
            estimator, caught = _quietly(lambda: self._train(sample, job))
        seconds = time.perf_counter() - start
        predictor = self._predictor(estimator, sample, data)
        _finite_answers(predictor, data, self.name)
        finished, remarks = _judge(caught)
        course = self.course(estimator[-1])
        limited = f"trained on {len(sample)} of {len(whole)} events (its limit)" if len(sample) < len(whole) else ""
        return Fit(
            predictor,
            task=data.task,
            classes=data.classes,
            columns=data.columns,
            history=course.history,
            best_epoch=course.best_epoch,
            stopped=course.stopped if finished else "epochs",
            converged=finished and not course.remark,
            seconds=seconds,
            message="; ".join(filter(None, [limited, _filled(sample, self), course.remark, *remarks])),
            details=self.read(self._reading(estimator, sample, data, predictor)),
        )

    def check(self, data: Dataset) -> None:
        """Complain if this method cannot be trained on `data`, before anything runs.

        Raises:
            InputError: wrong task, no usable rows, one class only, weights it cannot take, values that are not finite.
        """
        self._checked(data)

    def _checked(self, data: Dataset) -> Sample:
        if data.task not in self.tasks:
            raise InputError(
                f"'{self.name}' is for {' and '.join(sorted(self.tasks))}, but '{data.name}' is {data.task}"
            )
        sample = sample_of(data, self.columns)
        if data.task == "classification":
            class_sums(sample, data.classes or (), data.name)
        if sample.negative and not self.negative_weights:
            count = int((sample.weight < 0).sum())
            raise InputError(
                f"'{self.name}' cannot be trained with negative event weights, which {count} of {len(sample)} events"
                f" have; use one that can: {', '.join(SIGNED)}, or a network"
            )
        if data.weighted and not self.weights:
            raise InputError(f"'{self.name}' cannot use event weights; leave it out or train it without weights")
        return sample

    def _limited(self, sample: Sample, rng: np.random.Generator) -> Sample:
        if self.rows is None or len(sample) <= self.rows:
            return sample
        return sample[np.sort(rng.choice(len(sample), self.rows, replace=False))]

    def _job(self, sample: Sample, data: Dataset, rng: np.random.Generator) -> Job:
        seed = int(rng.integers(2**31))
        return Job(data.task, len(sample), sample.effective, sample.names, data.outputs, sample.negative, seed)

    def _train(self, sample: Sample, job: Job) -> Any:
        """A pipeline of fitted steps: fill in, scale, learn."""
        from sklearn.pipeline import Pipeline

        x, steps = sample.x, []
        for name, step in self._preparation():
            steps.append((name, step(x, sample.weight)))
            x = steps[-1][1].transform(x)
        method = self._method(job, sample.y.ndim)
        try:
            method.fit(x, self._target(sample, job), **self._weights(sample))
        except (ValueError, FloatingPointError, np.linalg.LinAlgError) as error:
            raise InputError(f"'{self.name}' cannot be trained on this sample: {first_line(error)}") from error
        return Pipeline([*steps, (self.name, method)])

    def _weights(self, sample: Sample) -> dict[str, np.ndarray]:
        """What is said about weights; nothing if all are one, for scikit-learn then bins columns much faster."""
        weight = sample.weight * len(sample) if self.mean_one else sample.weight
        said = self.weights and not (self.mean_one and np.ptp(weight) < 1e-9)
        return {"sample_weight": weight} if said else {}

    def _preparation(self) -> list[tuple[str, Callable[[np.ndarray, np.ndarray], Any]]]:
        """What is done to the columns before the method sees them: name and fit of each step."""
        steps = (
            (not self.missing, "fill", filler),
            (self.scale, "scale", scaler),
            (self.degree > 1, "terms", partial(monomials, degree=self.degree)),
        )
        return [(name, step) for wanted, name, step in steps if wanted]

    def _method(self, job: Job, target_axes: int) -> Any:
        from sklearn.multioutput import MultiOutputRegressor

        method = self.make(job)
        return MultiOutputRegressor(method) if target_axes == 2 and not self.several else method

    def _target(self, sample: Sample, job: Job) -> np.ndarray:
        if job.task == "classification":
            return sample.y
        shift, scale = self._units(sample)
        return (sample.y - shift) / scale

    def _units(self, sample: Sample) -> tuple[np.ndarray, np.ndarray]:
        """Weighted mean and standard deviation of every target, or 0 and 1."""
        outputs = sample.y.shape[1:]
        if not self.scale_target:
            return np.zeros(outputs), np.ones(outputs)
        mean = np.average(sample.y, axis=0, weights=sample.weight)
        spread = np.sqrt(np.average((sample.y - mean) ** 2, axis=0, weights=np.abs(sample.weight)))
        return mean, np.where(spread > 0, spread, 1.0)

    def _predictor(self, estimator: Any, sample: Sample, data: Dataset) -> Estimator:
        width = int(np.prod(data.x.shape[1:]))
        picked = None if self.columns is None else tuple(data.columns.index(c) for c in self.columns)
        if data.task == "classification":
            labels = tuple(int(label) for label in np.unique(sample.y))
            floor = min(1 / sample.effective, 0.1) if self.cautious and sample.negative else 0.0
            return Estimator(estimator, self.link, width, picked, len(data.classes or ()), labels, floor)
        shift, scale = (tuple(np.atleast_1d(part).tolist()) for part in self._units(sample))
        return Estimator(estimator, "identity", width, picked, shift=shift, scale=scale)

    def _reading(self, estimator: Any, sample: Sample, data: Dataset, predictor: Estimator) -> Reading:
        steps = estimator.named_steps
        scaled, ones = steps.get("scale"), np.ones(len(sample.names))
        terms = sample.names if self.degree == 1 else steps["terms"].get_feature_names_out(sample.names)
        return Reading(
            method=estimator[-1],
            names=sample.names,
            terms=tuple(str(term) for term in terms),
            outputs=tuple((data.classes or ())[i] for i in predictor.labels) or data.target,
            mean=0 * ones if scaled is None else scaled.mean_,
            spread=ones if scaled is None else scaled.scale_,
            shift=np.asarray(predictor.shift),
            scale=np.asarray(predictor.scale),
        )


def chosen(columns: Sequence[str] | None) -> tuple[str, ...] | None:
    """Columns as a learner keeps them.

    Raises:
        InputError: if an empty list was given.
    """
    if columns is not None and (isinstance(columns, str) or not columns):
        raise InputError(f"columns must be a list of one or more names, not {columns!r}")
    return None if columns is None else tuple(columns)


def _quietly(train: Callable[[], Any]) -> tuple[Any, list[Warning]]:
    """What `train` returns, and the warnings it would have printed."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        result = train()
    return result, [w.message for w in caught if isinstance(w.message, Warning)]


def _judge(caught: list[Warning]) -> tuple[bool, list[str]]:
    """Whether it converged, and one remark for each kind of warning."""
    from sklearn.exceptions import ConvergenceWarning

    remarks = {type(warning): first_line(warning) for warning in caught}
    return not any(issubclass(kind, ConvergenceWarning) for kind in remarks), list(remarks.values())


def _filled(sample: Sample, learner: SklearnLearner) -> str:
    missing = np.isnan(sample.x).sum(axis=0)
    if learner.missing or not missing.any():
        return ""
    columns = ", ".join(f"{name} ({n} events)" for name, n in zip(sample.names, missing, strict=True) if n)
    return f"missing values were replaced by the column's median: {columns}"


def _finite_answers(predictor: Estimator, data: Dataset, name: str) -> None:
    """Complain if a fitted method answers with anything but finite numbers on (some of) its own training rows."""
    with np.errstate(all="ignore"):
        answers = predictor.response(data.x[:1000])
    if not np.isfinite(answers).all():
        cause = (
            "event weights of either sign cancel somewhere" if (data.weight < 0).any() else "some values are too large"
        )
        raise InputError(
            f"'{name}' gives predictions that are not finite: {cause}; try fewer or other columns, or cuts"
        )
