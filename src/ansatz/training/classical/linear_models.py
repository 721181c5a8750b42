"""Straight lines, planes and polynomials: regressions and the classifiers that share their form.

Penalties are in mean form, `mean loss + strength * penalty`, on standardized columns (and, in a regression, a
standardized target), so that neither units nor the number of events nor the scale of the weights change their meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from ansatz.training.classical.adapter import CLASSIFICATION, REGRESSION, Job, Maker, SklearnLearner, chosen
from ansatz.training.classical.course import Course, at_once, iterated
from ansatz.training.classical.options import at_least, choice, within
from ansatz.training.classical.reading import coefficients


def linear(*, columns: Sequence[str] | None = None) -> SklearnLearner:
    r"""Least squares: the plane $a + b \cdot x$ that makes the weighted mean squared error smallest.

    Args:
        columns: the columns it may use; all by default.

    Example:
        >>> import jax, numpy as np
        >>> from ansatz.data import Dataset
        >>> x = np.arange(5.0)[:, None]
        >>> fit = linear()(Dataset(x, y=3 + 2 * x[:, 0], columns=("years",)), jax.random.key(0))
        >>> round(fit.details["intercept"], 6), round(fit.details["coefficients"][0], 6)
        (3.0, 2.0)
    """

    def make(_: Job) -> Any:
        from sklearn.linear_model import LinearRegression

        return LinearRegression(tol=1e-12)

    return _regression(make, "linear", columns)


def polynomial(*, degree: int = 3, strength: float = 0.0, columns: Sequence[str] | None = None) -> SklearnLearner:
    r"""Least squares in all monomials of the standardized columns up to a degree, with an optional ridge penalty.

    mean squared error + strength $\sum_j \theta_j^2$; the number of terms grows as (columns + degree choose degree).

    Args:
        degree: highest total degree of a term.
        strength: how much the penalty counts.
        columns: the columns it may use; all by default.
    """
    at_least(1, {"degree": degree})
    at_least(0, {"strength": strength})

    def make(_: Job) -> Any:
        from sklearn.linear_model import Ridge

        return Ridge(alpha=strength, solver="svd")

    return _regression(make, "polynomial", columns, degree=degree)


def ridge(*, strength: float = 1e-3, columns: Sequence[str] | None = None) -> SklearnLearner:
    r"""Least squares with a quadratic penalty: mean squared error + strength $\sum_j \theta_j^2$.

    Args:
        strength: how much the penalty counts; scikit-learn's `alpha` for weights of sum one.
        columns: the columns it may use; all by default.
    """
    at_least(0, {"strength": strength})

    def make(_: Job) -> Any:
        from sklearn.linear_model import Ridge

        return Ridge(alpha=strength, solver="svd")

    return _regression(make, "ridge", columns)


def lasso(*, strength: float = 1e-2, columns: Sequence[str] | None = None) -> SklearnLearner:
    r"""Least squares that leaves columns out: mean squared error + strength $\sum_j |\theta_j|$.

    Args:
        strength: how much the penalty counts; twice scikit-learn's `alpha`, which halves the squared error.
        columns: the columns it may use; all by default.

    Source: R. Tibshirani, J. Royal Stat. Soc. B 58 (1996) 267.
    """
    return _shrunk("lasso", strength, 1.0, columns)


def elastic_net(*, strength: float = 1e-2, mixing: float = 0.5, columns: Sequence[str] | None = None) -> SklearnLearner:
    r"""Between ridge and lasso: the penalty is mixing $\sum_j |\theta_j|$ + (1 - mixing) $\sum_j \theta_j^2$.

    Args:
        strength: how much the penalty counts beside the mean squared error.
        mixing: share of the absolute penalty, from 0 (ridge) to 1 (lasso).
        columns: the columns it may use; all by default.

    Source: H. Zou and T. Hastie, J. Royal Stat. Soc. B 67 (2005) 301.
    """
    within(0, 1, {"mixing": mixing})
    return _shrunk("elastic-net", strength, mixing, columns)


def _shrunk(name: str, strength: float, mixing: float, columns: Sequence[str] | None) -> SklearnLearner:
    """Scikit-learn's form is half the mean squared error + alpha (r |theta| + (1 - r)/2 theta^2)."""
    at_least(0, {"strength": strength})
    absolute, square = strength * mixing / 2, strength * (1 - mixing)

    def make(_: Job) -> Any:
        from sklearn.linear_model import ElasticNet, LinearRegression

        if absolute + square == 0:
            return LinearRegression(tol=1e-12)
        return ElasticNet(alpha=absolute + square, l1_ratio=absolute / (absolute + square), max_iter=20_000, tol=1e-8)

    return _regression(make, name, columns, course=iterated)


def _regression(
    make: Maker,
    name: str,
    columns: Sequence[str] | None,
    *,
    degree: int = 1,
    course: Callable[[Any], Course] = at_once,
) -> SklearnLearner:
    return SklearnLearner(
        make,
        name,
        tasks=REGRESSION,
        scale=True,
        scale_target=True,
        several=True,
        degree=degree,
        columns=chosen(columns),
        read=coefficients,
        course=course,
    )


def logistic(
    *,
    strength: float = 1e-4,
    penalty: Literal["l2", "l1", "elastic"] = "l2",
    mixing: float = 0.5,
    degree: int = 1,
    iterations: int = 1000,
    columns: Sequence[str] | None = None,
) -> SklearnLearner:
    r"""Logistic regression, or softmax for several classes: mean cross-entropy + strength * penalty.

    The penalty is $\sum_j \theta_j^2$ ("l2"), $\sum_j |\theta_j|$ ("l1") or their mixture ("elastic"). Weights of
    either sign. Scikit-learn's `C` is 1 / (2 strength) for "l2" and 1 / strength for "l1", for weights of sum one.

    Args:
        strength: how much the penalty counts; 0 for none.
        penalty: its form.
        mixing: share of the absolute penalty in "elastic".
        degree: highest degree of monomials of the standardized columns; 1 for the columns themselves.
        iterations: most iterations of the solver.
        columns: the columns it may use; all by default.
    """
    choice("penalty", penalty, ["l2", "l1", "elastic"])
    within(0, 1, {"mixing": mixing})
    at_least(0, {"strength": strength})
    at_least(1, {"iterations": iterations, "degree": degree})
    share = {"l2": 0.0, "l1": 1.0, "elastic": mixing}[penalty]
    absolute, square = strength * share, 2 * strength * (1 - share)

    def make(job: Job) -> Any:
        from sklearn.linear_model import LogisticRegression

        total = absolute + square
        return LogisticRegression(
            C=1 / (total * job.rows) if total else float("inf"),
            l1_ratio=absolute / total if total else 0.0,
            solver="saga" if absolute else "lbfgs",
            max_iter=iterations,
            tol=1e-5 if absolute else 1e-6,
            random_state=job.seed,
        )

    return SklearnLearner(
        make,
        "logistic",
        tasks=CLASSIFICATION,
        negative_weights=True,
        scale=True,
        mean_one=True,
        degree=degree,
        columns=chosen(columns),
        read=coefficients,
        course=iterated,
    )


def least_squares(*, strength: float = 0.0, columns: Sequence[str] | None = None) -> SklearnLearner:
    r"""Least-squares classifier: a plane fitted to targets of -1 and 1, whose sign decides; outliers pull at it.

    Args:
        strength: of the penalty $\sum_j \theta_j^2$ beside the mean squared error.
        columns: the columns it may use; all by default.
    """
    at_least(0, {"strength": strength})

    def make(_: Job) -> Any:
        from sklearn.linear_model import RidgeClassifier

        return RidgeClassifier(alpha=strength, solver="svd")

    return _ranker(make, "least-squares", columns)


def perceptron(*, epochs: int = 1000, columns: Sequence[str] | None = None) -> SklearnLearner:
    """Rosenblatt's perceptron: events on the wrong side move the plane, until (if ever) there are none.

    It sees the events one after the other, so its answer depends on their order and on how duplicates are written.

    Args:
        epochs: most passes through the sample.
        columns: the columns it may use; all by default.

    Source: F. Rosenblatt, Psychological Review 65 (1958) 386.
    """
    at_least(1, {"epochs": epochs})

    def make(job: Job) -> Any:
        from sklearn.linear_model import Perceptron

        return Perceptron(max_iter=epochs, random_state=job.seed)

    return _ranker(make, "perceptron", columns, mean_one=True, course=iterated)


def _ranker(
    make: Maker,
    name: str,
    columns: Sequence[str] | None,
    *,
    mean_one: bool = False,
    course: Callable[[Any], Course] = at_once,
) -> SklearnLearner:
    return SklearnLearner(
        make,
        name,
        tasks=CLASSIFICATION,
        link="score",
        scale=True,
        mean_one=mean_one,
        columns=chosen(columns),
        read=coefficients,
        course=course,
    )
