"""Classes as Gaussians: Fisher's linear discriminant, the quadratic one, naive Bayes."""

from __future__ import annotations

from typing import Any, Literal

from ansatz.training.classical.adapter import CLASSIFICATION, Job, SklearnLearner
from ansatz.training.classical.options import within
from ansatz.training.classical.reading import Reading


def lda(*, shrinkage: float = 0.0) -> SklearnLearner:
    r"""Linear (Fisher's) discriminant: Gaussian classes of one covariance; weights of either sign.

    $\ln p(k \mid x) = x^\top \Sigma^{-1} \mu_k - \mu_k^\top \Sigma^{-1} \mu_k / 2 + \ln \pi_k + \mathrm{const}$, with
    weighted means, covariance and class shares.

    Args:
        shrinkage: how far the covariance is drawn towards a multiple of the unit matrix, from 0 to 1.

    Source: R. A. Fisher, Annals of Eugenics 7 (1936) 179.

    Example:
        >>> import jax, numpy as np
        >>> from ansatz.data import Dataset
        >>> x = np.array([[0.0], [2.0], [4.0], [6.0]])
        >>> fit = lda()(Dataset(x, y=np.array([0, 0, 1, 1]), classes=("b", "s")), jax.random.key(0))
        >>> fit.probability(np.array([[3.0]])).round(6)
        array([[0.5, 0.5]])
    """
    return _classes("lda", "shared", shrinkage)


def qda(*, shrinkage: float = 0.0) -> SklearnLearner:
    """Quadratic discriminant: Gaussian classes, each with a covariance of its own; weights of either sign.

    Args:
        shrinkage: how far each covariance is drawn towards a multiple of the unit matrix, from 0 to 1.

    Source: T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning (2009), section 4.3.
    """
    return _classes("qda", "own", shrinkage)


def naive_bayes(*, shrinkage: float = 0.0) -> SklearnLearner:
    r"""Naive Bayes: columns that are independent Gaussians within each class; weights of either sign.

    Args:
        shrinkage: how far the variances are drawn towards their mean, from 0 to 1.

    Source: T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning (2009), section 6.6.
    """
    return _classes("naive-bayes", "diagonal", shrinkage)


def _classes(name: str, covariance: Literal["shared", "own", "diagonal"], shrinkage: float) -> SklearnLearner:
    within(0, 1, {"shrinkage": shrinkage})

    def make(_: Job) -> Any:
        from ansatz.training.classical.weighted.gaussian_classes import GaussianClasses

        return GaussianClasses(covariance=covariance, shrinkage=shrinkage)

    return SklearnLearner(make, name, tasks=CLASSIFICATION, negative_weights=True, scale=True, read=_shares)


def _shares(reading: Reading) -> dict[str, Any]:
    """Class shares and, in the units of the file, the mean of every class."""
    means = reading.method.mean_ * reading.spread + reading.mean
    facts = {"terms": list(reading.names), "outputs": list(reading.outputs), "means": means.tolist()}
    return facts | {"shares": reading.method.share_.tolist()}
