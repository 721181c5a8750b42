"""The H-matrix: how far an event is from each class in its own covariance."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from ansatz.errors import InputError


class HMatrix(ClassifierMixin, BaseEstimator):
    r"""$(\chi_0^2 - \chi_1^2) / (\chi_0^2 + \chi_1^2)$ with $\chi_k^2 = (x - \mu_k)^\top \Sigma_k^{-1} (x - \mu_k)$."""

    def fit(self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> HMatrix:
        """Means and covariances of both classes.

        Raises:
            InputError: if a covariance is not positive.
        """
        self.classes_ = np.unique(y)
        self.mean_, self.inverse_ = [], []
        for label in self.classes_:
            own, w = x[y == label], sample_weight[y == label]
            mean = np.average(own, axis=0, weights=w)
            spread = ((own - mean) * w[:, None]).T @ (own - mean) / w.sum() + 1e-9 * np.eye(x.shape[1])
            if np.linalg.eigvalsh(spread).min() <= 0:
                raise InputError("the covariance of a class is not positive: its event weights cancel")
            self.mean_.append(mean)
            self.inverse_.append(np.linalg.inv(spread))
        return self

    def decision_function(self, x: np.ndarray) -> np.ndarray:
        """From -1, at the middle of class 0, to 1, at that of class 1."""
        background, signal = (
            np.einsum("ni,ij,nj->n", x - mean, inverse, x - mean)
            for mean, inverse in zip(self.mean_, self.inverse_, strict=True)
        )
        return (background - signal) / np.maximum(background + signal, 1e-300)
