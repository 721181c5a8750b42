"""The table of metrics: how each is computed, what it needs, which way is better, and how its interval is found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from ansatz.errors import InputError, suggest
from ansatz.validation.answers import Answers
from ansatz.validation.classifiers.calibration import calibration_error
from ansatz.validation.classifiers.ranking import AreaUnderCurve, AveragePrecision, Ranking, WorkingPoint, check_classes
from ansatz.validation.statistics import Average, Moments, Statistic, ratio

BACKGROUND_RATES = (0.01, 0.10, 0.30)
SIGNAL_EFFICIENCIES = (0.3, 0.5, 0.8)


@dataclasses.dataclass(frozen=True)
class Metric:
    """A way to judge answers.

    Attributes:
        name: as in results and study files.
        label: for tables and axes.
        task: `"classification"` or `"regression"`.
        needs: the field of `Answers` that it looks at: `"decision"`, `"score"`, `"probability"`, `"value"`, `"sigma"`.
        larger_is_better: True, False, or None where an ideal value lies between.
        ideal: the value of a perfect model.
        build: the statistic of given answers.
        interval: scale of the linear interval: `"wilson"`, `"logit"`, `"log"` or `"normal"`; areas of two classes,
            working points and calibration errors have one of their own.
        binary: whether it is for two classes only.
    """

    name: str
    label: str
    task: str
    needs: str
    larger_is_better: bool | None
    ideal: float
    build: Callable[[Answers], Statistic]
    interval: str = "normal"
    binary: bool = False

    def applies(self, answers: Answers) -> bool:
        """Whether these answers hold what the metric needs."""
        fits = self.task == answers.task and getattr(answers, self.needs) is not None
        return fits and (answers.classes == 2 or not self.binary)

    def better(self, a: float, b: float) -> bool:
        """Whether `a` is a better value than `b`."""
        if self.larger_is_better is None:
            return abs(a - self.ideal) < abs(b - self.ideal)
        return a > b if self.larger_is_better else a < b


@dataclasses.dataclass(frozen=True, eq=False)
class Rejection:
    r"""Background rejection \(1 / \epsilon_B\) at a fixed signal efficiency."""

    point: WorkingPoint

    def __call__(self, weight: np.ndarray) -> np.ndarray:
        """The rejection for each set of weights, infinite where no background passes."""
        passed = self.point(weight)
        return np.where(passed > 0, 1 / np.where(passed > 0, passed, 1.0), np.inf)

    def influence(self, weight: np.ndarray) -> np.ndarray:
        """Derivative of the rejection with respect to each weight."""
        passed = float(self.point(weight))
        return -self.point.influence(weight) / passed**2


def metric_named(name: str) -> Metric:
    """The metric of a name.

    Raises:
        InputError: if there is none.

    Example:
        >>> metric_named("auc").larger_is_better
        True
    """
    if name not in METRICS:
        raise InputError(f"there is no metric '{name}'{suggest(name, METRICS)}; there are: {', '.join(METRICS)}")
    return METRICS[name]


def ranking_of(answers: Answers) -> Ranking:
    """The ranking of two-class answers by score."""
    check_classes(answers.y == 1, answers.weight)
    return Ranking.of(answers.y == 1, answers.score)


def _auc(answers: Answers) -> Statistic:
    if answers.classes == 2:
        return AreaUnderCurve(ranking_of(answers))
    return Average([AreaUnderCurve(r) for r in _one_against_rest(answers)])


def _average_precision(answers: Answers) -> Statistic:
    if answers.classes == 2:
        return AveragePrecision(ranking_of(answers))
    return Average([AveragePrecision(r) for r in _one_against_rest(answers)])


def _one_against_rest(answers: Answers) -> list[Ranking]:
    """A ranking for each class that occurs."""
    found = []
    for k in np.unique(answers.y):
        check_classes(answers.y == k, answers.weight)
        found.append(Ranking.of(answers.y == k, answers.score[:, k]))
    return found


def _accuracy(answers: Answers) -> Moments:
    return Moments((answers.decision == answers.y)[:, None].astype(float), lambda m: m[..., 0])


def _counts(answers: Answers, classes: np.ndarray) -> np.ndarray:
    """For each class: whether an event is of it and chosen, is of it, is chosen; shape (events, 3 classes)."""
    true = answers.y[:, None] == classes
    chosen = answers.decision[:, None] == classes
    return np.concatenate([true & chosen, true, chosen], axis=1).astype(float)


def _macro(of_class: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]) -> Callable[[Answers], Moments]:
    """The mean over classes of a function of (true and chosen, true, chosen); class 1 alone if there are but two."""

    def build(answers: Answers) -> Moments:
        classes = np.array([1]) if answers.classes == 2 else np.unique(answers.y)
        return Moments(_counts(answers, classes), lambda m: of_class(*np.split(m, 3, axis=-1)).mean(axis=-1))

    return build


def _precision(both: np.ndarray, true: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    return ratio(both, chosen) if both.shape[-1] == 1 else ratio(both, np.where(chosen == 0, 1, chosen))


def _balanced_accuracy(answers: Answers) -> Moments:
    classes = np.unique(answers.y)

    def combine(mean: np.ndarray) -> np.ndarray:
        both, true, _ = np.split(mean, 3, axis=-1)
        return ratio(both, true).mean(axis=-1)

    return Moments(_counts(answers, classes), combine)


def _log_loss(answers: Answers) -> Moments:
    tiny = np.finfo(float).eps
    chosen = np.take_along_axis(answers.probability, answers.y[:, None], axis=1)
    return Moments(-np.log(np.clip(chosen, tiny, 1.0)), lambda m: m[..., 0])


def _brier(answers: Answers) -> Moments:
    """Half the squared distance for two classes, so that it is the usual (p - y)^2; the whole for several."""
    distance = np.sum((answers.probability - np.eye(answers.classes)[answers.y]) ** 2, axis=1, keepdims=True)
    return Moments(distance / (2 if answers.classes == 2 else 1), lambda m: m[..., 0])


def _point(at: float, fixed: str) -> Callable[[Answers], WorkingPoint]:
    return lambda answers: WorkingPoint(ranking_of(answers), at, fixed)


def _rejection(at: float) -> Callable[[Answers], Rejection]:
    return lambda answers: Rejection(WorkingPoint(ranking_of(answers), at, "signal"))


def residuals(answers: Answers) -> np.ndarray:
    """Predicted minus true, shape (events, outputs)."""
    return (answers.value - answers.y).reshape(len(answers), -1)


def pulls(answers: Answers) -> np.ndarray:
    """(predicted - true) / sigma, shape (events, outputs); a standard normal variable if all is well."""
    return residuals(answers) / answers.sigma.reshape(len(answers), -1)


def _mean_of(features: Callable[[Answers], np.ndarray], *, root: bool = False) -> Callable[[Answers], Moments]:
    def combine(mean: np.ndarray) -> np.ndarray:
        return (np.sqrt(mean) if root else mean).mean(axis=-1)

    return lambda answers: Moments(features(answers), combine)


def _r2(answers: Answers) -> Moments:
    y = answers.y.reshape(len(answers), -1)
    y = y - np.average(y, axis=0, weights=answers.weight)

    def combine(mean: np.ndarray) -> np.ndarray:
        rest, first, second = np.split(mean, 3, axis=-1)
        return (1 - ratio(rest, second - first**2)).mean(axis=-1)

    return Moments(np.concatenate([residuals(answers) ** 2, y, y**2], axis=1), combine)


def _pull_width(answers: Answers) -> Moments:
    def combine(mean: np.ndarray) -> np.ndarray:
        first, second = np.split(mean, 2, axis=-1)
        return np.sqrt(second - first**2).mean(axis=-1)

    return Moments(np.concatenate([pulls(answers), pulls(answers) ** 2], axis=1), combine)


def _higher(name: str, label: str, needs: str, build: Callable[[Answers], Statistic], interval: str) -> Metric:
    return Metric(name, label, "classification", needs, larger_is_better=True, ideal=1, build=build, interval=interval)


def _lower(name: str, label: str, needs: str, build: Callable[[Answers], Statistic], interval: str = "log") -> Metric:
    task = "regression" if needs == "value" else "classification"
    return Metric(name, label, task, needs, larger_is_better=False, ideal=0, build=build, interval=interval)


def _target(
    name: str, label: str, needs: str, ideal: float, build: Callable[[Answers], Statistic], interval: str = "normal"
) -> Metric:
    return Metric(name, label, "regression", needs, larger_is_better=None, ideal=ideal, build=build, interval=interval)


def _efficiency_metric(at: float) -> Metric:
    label = f"signal efficiency at background rate {at:g}"
    metric = _higher(f"efficiency@{at:g}", label, "score", _point(at, "background"), "wilson")
    return dataclasses.replace(metric, binary=True)


def _rejection_metric(at: float) -> Metric:
    label = f"background rejection at signal efficiency {at:g}"
    metric = _higher(f"rejection@{at:g}", label, "score", _rejection(at), "log")
    return dataclasses.replace(metric, binary=True, ideal=float("inf"))


def _squares(answers: Answers) -> np.ndarray:
    return residuals(answers) ** 2


def _chi2(answers: Answers) -> np.ndarray:
    """Squared pulls, raised so that their mean is the sum over the degrees of freedom left."""
    return pulls(answers) ** 2 * (len(answers) / (len(answers) - answers.parameters))


def _table() -> dict[str, Metric]:
    rows = [
        _higher("auc", "area under the ROC curve", "score", _auc, "logit"),
        _higher("average_precision", "average precision", "score", _average_precision, "logit"),
        _higher("accuracy", "accuracy", "decision", _accuracy, "wilson"),
        _higher("balanced_accuracy", "balanced accuracy", "decision", _balanced_accuracy, "wilson"),
        _higher("precision", "precision (purity)", "decision", _macro(_precision), "wilson"),
        _higher("recall", "recall (efficiency)", "decision", _macro(lambda b, t, _: ratio(b, t)), "wilson"),
        _higher("f1", "F1 score", "decision", _macro(lambda b, t, p: ratio(2 * b, t + p)), "wilson"),
        _lower("log_loss", "cross-entropy", "probability", _log_loss),
        _lower("brier", "Brier score", "probability", _brier),
        _lower("ece", "expected calibration error", "probability", calibration_error),
        *(_efficiency_metric(at) for at in BACKGROUND_RATES),
        *(_rejection_metric(at) for at in SIGNAL_EFFICIENCIES),
        _lower("mse", "mean squared error", "value", _mean_of(_squares)),
        _lower("rmse", "root mean squared error", "value", _mean_of(_squares, root=True)),
        _lower("mae", "mean absolute error", "value", _mean_of(lambda a: np.abs(residuals(a)))),
        dataclasses.replace(_higher("r2", "R squared", "value", _r2, "normal"), task="regression"),
        _target("bias", "bias (predicted - true)", "value", 0, _mean_of(residuals)),
        _target("chi2", "chi2 per degree of freedom", "sigma", 1, _mean_of(_chi2), "log"),
        _target("pull_mean", "mean of the pulls", "sigma", 0, _mean_of(pulls)),
        _target("pull_width", "width of the pulls", "sigma", 1, _pull_width, "log"),
    ]
    return {row.name: row for row in rows}


METRICS: dict[str, Metric] = _table()
"""Every metric by name; those of a task come in the order in which tables show them."""
