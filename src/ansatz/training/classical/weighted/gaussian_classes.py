"""Gaussian classes with event weights, which scikit-learn's discriminants do not take."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import logsumexp
from sklearn.base import BaseEstimator, ClassifierMixin

from ansatz.errors import InputError


class GaussianClasses(ClassifierMixin, BaseEstimator):
    r"""A Gaussian for each class: $p(x, k) = \pi_k\, N(x; \mu_k, \Sigma_k)$, with weighted moments.

    $\mu_k = \sum_i w_i x_i / \sum_i w_i$ over the events of the class, $\Sigma_k$ likewise, $\pi_k$ its share of the
    weight. Weights may be negative as long as every covariance stays positive.

    Args:
        covariance: "shared" by all classes (linear discriminant), "own" (quadratic) or "diagonal" (naive Bayes).
        shrinkage: part of the covariance that is replaced by its mean diagonal element times the unit matrix.
    """

    def __init__(self, covariance: str = "shared", shrinkage: float = 0.0) -> None:
        self.covariance = covariance
        self.shrinkage = shrinkage

    def fit(self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> GaussianClasses:
        """Moments of every class.

        Raises:
            InputError: if a covariance is not positive, because weights cancel.
        """
        self.classes_ = np.unique(y)
        members = [y == label for label in self.classes_]
        share = np.array([sample_weight[m].sum() for m in members])
        self.share_ = share / share.sum()
        self.mean_ = np.stack([np.average(x[m], axis=0, weights=sample_weight[m]) for m in members])
        spread = [_covariance(x[m], sample_weight[m]) for m in members]
        self.factor_ = np.stack([self._factor(part) for part in self._tied(spread)])
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Class probabilities, shape (events, classes)."""
        joint = np.stack([self._log_joint(x, k) for k in range(len(self.classes_))], axis=1)
        return np.exp(joint - logsumexp(joint, axis=1, keepdims=True))

    def _tied(self, spread: list[np.ndarray]) -> list[np.ndarray]:
        if self.covariance == "shared":
            return [np.tensordot(self.share_, spread, axes=1)] * len(spread)
        return [np.diag(np.diag(part)) for part in spread] if self.covariance == "diagonal" else spread

    def _factor(self, covariance: np.ndarray) -> np.ndarray:
        """Lower triangular root of a covariance; a column without spread gets a tiny one."""
        d = len(covariance)
        target = np.trace(covariance) / d * np.eye(d)
        mixed = (1 - self.shrinkage) * covariance + self.shrinkage * target
        try:
            return np.linalg.cholesky(mixed + 1e-9 * np.eye(d))
        except np.linalg.LinAlgError as error:
            raise InputError("the covariance of a class is not positive: its event weights cancel") from error

    def _log_joint(self, x: np.ndarray, k: int) -> np.ndarray:
        pull = solve_triangular(self.factor_[k], (x - self.mean_[k]).T, lower=True)
        volume = np.log(np.diag(self.factor_[k])).sum()
        return np.log(self.share_[k]) - volume - (pull**2).sum(axis=0) / 2


def _covariance(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    centered = x - np.average(x, axis=0, weights=weight)
    return (centered * weight[:, None]).T @ centered / weight.sum()
