r"""Least squares in one step."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from ansatz.data import Dataset
from ansatz.embedding import Polynomial, Standardize, moments
from ansatz.errors import InputError
from ansatz.models import Chain, Frozen, Linear
from ansatz.training.learners import BOTH, check_target
from ansatz.training.population import stack
from ansatz.training.prediction import Network
from ansatz.training.result import Fit
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True)
class ClosedForm:
    r"""Weighted least squares: minimizes $\sum_i w_i (f(x_i) - y_i)^2 / \sum_i w_i + \lambda \sum_j \theta_j^2$.

    Solved in float64 by a singular-value decomposition of standardized features, never by inverting a matrix; the
    penalty acts on the coefficients of the standardized features, not on the intercept. For classes it is the
    least-squares classifier (targets -1 and 1, or one 0/1 target a class), whose response only ranks.

    `Fit.details` has, for a linear function, `intercept` and `coefficients` in physical units with their standard
    errors (from the residual variance; the robust sandwich where weights differ), and `residual_deviation`.

    Attributes:
        degree: degree of the polynomial basis; 1 for a plain linear function.
        strength: lambda of the ridge penalty.

    Example:
        >>> x = np.array([[0.0], [1.0], [2.0]])
        >>> line = ClosedForm()(Dataset(x, y=np.array([1.0, 3.0, 5.0])), jax.random.key(0))
        >>> np.round(line.predict(np.array([[10.0]])), 9).tolist()
        [21.0]

    Source: C. F. Gauss (1809); A. Hoerl and R. Kennard, Technometrics 12 (1970) 55; J. MacKinnon and H. White,
    J. Econometrics 29 (1985) 305 (sandwich HC1).
    """

    degree: int = 1
    strength: float = 0.0
    tasks: frozenset[str] = BOTH
    negative_weights: bool = False

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The best linear function; `key` is not used, for nothing is random.

        Raises:
            InputError: if the sample has no target, a negative weight, or no positive total weight.
        """
        check_target(data)
        if np.any(data.weight < 0):
            raise InputError("least squares in closed form cannot take negative event weights; mlp and logistic can")
        with jax.enable_x64(True):
            embedding, features = _features(data, self.degree)
            y = _targets(data)
            theta, details = _solve(features, y, data.weight / data.weight.sum(), self.strength)
            model = stack(Chain(*embedding, Linear(jnp.asarray(theta[1:].T), jnp.asarray(theta[0]))), 1)
        if self.degree == 1 and y.ndim == 1:
            details |= _physical(theta, details.pop("covariance"), embedding)
        details.pop("covariance", None)
        head = "score" if data.task == "classification" else "identity"
        return Fit(Network(model, head), data.task, data.classes, data.columns, details=details)


def _features(data: Dataset, degree: int) -> tuple[tuple[Frozen, ...], np.ndarray]:
    """The frozen embedding, fitted on these rows, and what it makes of them."""
    x = np.asarray(data.x, float)
    scaler = Standardize(*(jnp.asarray(part) for part in moments(x, data.weight)))
    if degree == 1:
        return (Frozen(scaler),), np.asarray(jax.vmap(scaler)(x))
    basis = Chain(scaler, Polynomial.of_degree(degree, inputs=x.shape[1]))
    monomials = np.asarray(jax.vmap(basis)(x))
    second = Standardize(*(jnp.asarray(part) for part in moments(monomials, data.weight)))
    return (Frozen(basis), Frozen(second)), np.asarray(jax.vmap(second)(monomials))


def _targets(data: Dataset) -> np.ndarray:
    if data.task == "regression":
        return np.asarray(data.y, float)
    if len(data.classes) == 2:
        return 2.0 * data.y - 1
    return np.eye(len(data.classes))[data.y]


def _solve(
    features: np.ndarray, y: np.ndarray, weight: np.ndarray, strength: float
) -> tuple[np.ndarray, dict[str, object]]:
    """Intercept and coefficients, shape (1 + features,) or (1 + features, outputs), with their covariance."""
    n, d = features.shape
    design = np.column_stack([np.ones(n), features])
    root = np.sqrt(weight).reshape(-1, 1)
    ridge = np.sqrt(strength) * np.eye(d + 1)[1:]
    lhs = np.vstack([root * design, ridge])
    rhs = np.concatenate([(y.T * root[:, 0]).T, np.zeros((d, *y.shape[1:]))])
    theta, _, rank, _ = np.linalg.lstsq(lhs, rhs, rcond=None)
    residual = y - design @ theta
    freedom = max(n - rank, 1)
    variance = (weight @ residual**2) * n / freedom
    details: dict[str, object] = {"residual_deviation": np.sqrt(variance).tolist(), "rank": int(rank)}
    if y.ndim == 1:
        bread = np.linalg.pinv(lhs.T @ lhs)
        square = residual**2 if np.ptp(weight) > 1e-9 * weight.max() else np.full(n, variance * freedom / n)
        meat = (design * (weight**2 * square)[:, None]).T @ design * n / freedom
        details["covariance"] = bread @ meat @ bread
    return theta, details


def _physical(theta: np.ndarray, covariance: np.ndarray, embedding: tuple[Frozen, ...]) -> dict[str, object]:
    """Intercept and coefficients of the features as they came, with standard errors."""
    mean, scale = (np.asarray(part) for part in (embedding[0].inside.mean, embedding[0].inside.scale))
    jacobian = np.zeros((len(theta), len(theta)))
    jacobian[0, 0], jacobian[0, 1:] = 1.0, -mean / scale
    jacobian[1:, 1:] = np.diag(1 / scale)
    values = jacobian @ theta
    errors = np.sqrt(np.diag(jacobian @ covariance @ jacobian.T))
    return {
        "intercept": float(values[0]),
        "intercept_error": float(errors[0]),
        "coefficients": values[1:].tolist(),
        "coefficient_errors": errors[1:].tolist(),
    }
