"""What is done to columns before a method sees them: fill in, standardize, expand; fitted with event weights."""

from __future__ import annotations

from typing import Any

import numpy as np


def filler(x: np.ndarray, weight: np.ndarray) -> Any:
    """An imputer that puts the weighted median of a column where a value is missing."""
    from sklearn.impute import SimpleImputer

    filler = SimpleImputer(strategy="median", keep_empty_features=True).fit(x[:1])
    filler.statistics_ = np.array([weighted_median(column, np.abs(weight)) for column in x.T])
    return filler


def weighted_median(values: np.ndarray, weight: np.ndarray) -> float:
    """The median of the values that are not NaN, each counted as often as it weighs; 0 if there are none.

    Example:
        >>> weighted_median(np.array([1.0, 5.0, 9.0, np.nan]), np.array([1.0, 3.0, 1.0, 7.0]))
        5.0
    """
    known = ~np.isnan(values)
    if not known.any():
        return 0.0
    order = np.argsort(values[known], kind="stable")
    ranked, passed = values[known][order], np.cumsum(weight[known][order])
    half = passed[-1] / 2
    low, high = (np.searchsorted(passed, half * (1 + sign * 1e-12)) for sign in (-1, 1))
    return float((ranked[low] + ranked[min(high, len(ranked) - 1)]) / 2)


def scaler(x: np.ndarray, weight: np.ndarray) -> Any:
    """A scaler by weighted moments; weights of mean one keep its test for constant columns sharp."""
    from sklearn.preprocessing import StandardScaler

    return StandardScaler().fit(x, sample_weight=np.abs(weight) * (len(x) / np.abs(weight).sum()))


def monomials(x: np.ndarray, weight: np.ndarray, *, degree: int) -> Any:
    """All monomials of the columns up to a degree, without the constant; weights play no part."""
    from sklearn.preprocessing import PolynomialFeatures

    return PolynomialFeatures(degree, include_bias=False).fit(x)
