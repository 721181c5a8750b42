r"""Costs through a functional: chi2 of observables that are integrals of what the model answers.

$$\chi^2 = (y - T[f])^T C^{-1} (y - T[f]), \qquad T_i[f] = \sum_{j} A_{ij} f(x_j)$$

The model f is never compared with the data itself; the operator A says what an experiment sees of it.
"""

from __future__ import annotations

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from ansatz.data import Batch, Dataset
from ansatz.errors import InputError
from ansatz.models import evaluate
from ansatz.risk.algebra import Risk, Whole
from ansatz.risk.covariance import checked_covariance
from ansatz.typing import Key, Points, Scalar


class Observable(eqx.Module):
    """The abstract observable: what an experiment sees of a function, one number for each measurement."""

    @abc.abstractmethod
    def predict(self, model: PyTree, x: Points, key: Key | None) -> Float[Array, " measurements"]:
        """The prediction for each measurement, of which `x` are the rows."""

    @abc.abstractmethod
    def count(self) -> int | None:
        """How many measurements it predicts; None for as many as there are rows."""


class Pointwise(Observable):
    """The function itself at each row.

    Example:
        >>> from ansatz.models import Linear
        >>> Pointwise().predict(Linear(jnp.array([2.0]), jnp.array(0.0)), jnp.array([[3.0]]), None).tolist()
        [6.0]
    """

    def predict(self, model: PyTree, x: Points, key: Key | None) -> Float[Array, " measurements"]:
        """f(x_i)."""
        return evaluate(model, x, key)

    def count(self) -> None:
        """As many as rows."""
        return


class Convolution(Observable):
    r"""A linear functional: $T_i = \sum_j A_{ij} f(x_j)$, or $\sum_{jk} A_{ijk} f_k(x_j)$ for several outputs.

    A table of this kind ("FK table") holds whatever lies between the function and the measurement: coefficient
    functions, evolution, a detector's response.

    Attributes:
        operator: A, shape (measurements, nodes) or (measurements, nodes, outputs).
        nodes: the points at which the function is needed, shape (nodes, features).

    Raises:
        InputError: if the shapes do not fit or a number is not finite.

    Example:
        >>> from ansatz.models import Linear
        >>> mean = Convolution(np.array([[0.5, 0.5]]), np.array([[1.0], [3.0]]))
        >>> mean.predict(Linear(jnp.array([2.0]), jnp.array(0.0)), jnp.zeros((1, 1)), None).tolist()
        [4.0]

    Source: NNPDF, arXiv:1002.4407 (fast kernels).
    """

    operator: Array
    nodes: Array

    def __init__(self, operator: np.ndarray, nodes: np.ndarray) -> None:
        operator, nodes = np.asarray(operator, float), np.asarray(nodes, float)
        if operator.ndim not in (2, 3) or nodes.ndim != 2 or operator.shape[1] != len(nodes):
            raise InputError(
                f"an operator of shape {operator.shape} does not fit nodes of shape {nodes.shape}; "
                "it needs (measurements, nodes) or (measurements, nodes, outputs), and nodes (nodes, features)"
            )
        for name, values in (("operator", operator), ("nodes", nodes)):
            bad = np.argwhere(~np.isfinite(values))
            if len(bad):
                raise InputError(f"{name} must be finite; row {bad[0][0]} is not")
        self.operator = jnp.asarray(operator, float)
        self.nodes = jnp.asarray(nodes, float)

    def predict(self, model: PyTree, x: Points, key: Key | None) -> Float[Array, " measurements"]:
        """The operator applied to the values at the nodes."""
        values = evaluate(model, self.nodes, key)
        if values.shape != self.operator.shape[1:]:
            raise InputError(f"an operator for values of shape {self.operator.shape[1:]} met some of {values.shape}")
        return jnp.tensordot(self.operator, values, axes=values.ndim)

    def count(self) -> int:
        """Rows of the operator."""
        return self.operator.shape[0]


class Chi2(Whole):
    r"""$\frac1N (y - T[f])^T C^{-1} (y - T[f])$ over the N measurements that weigh something.

    Everything is in the units of the measurement: neither `values` nor predictions are scaled, and a fit whose targets
    are not these values (but scaled ones, say) is refused. Replicas of the measurements are given to the fit as
    targets of the members, `Population(target=...)`; weights of zero leave measurements out, and those left in are then
    judged by their own block of the covariance.

    Args:
        values: the measurements y, shape (measurements,).
        covariance: C, shape (measurements, measurements), or standard deviations; see `Errors` for one with
            normalizations.
        observable: what they measure; by default the function at each row.
        name: name of the term.

    Raises:
        InputError: if the covariance is not symmetric and positive definite, or the sizes differ.

    Example:
        >>> from ansatz.models import Linear
        >>> data = Dataset(np.array([[1.0], [2.0]]), y=np.array([1.0, 4.0]))
        >>> risk = Chi2(data.y, np.array([1.0, 2.0]))
        >>> risk(Linear(jnp.array([2.0]), jnp.array(0.0)), data.batch(), None).item()
        0.5
    """

    values: Array
    errors: Array
    correlation: Array
    observable: Observable
    name: str = eqx.field(static=True)

    def __init__(
        self, values: np.ndarray, covariance: np.ndarray, *, observable: Observable | None = None, name: str = "chi2"
    ) -> None:
        values = np.asarray(values, float)
        covariance = checked_covariance(covariance, len(values))
        self.observable = Pointwise() if observable is None else observable
        if self.observable.count() not in (None, len(values)):
            raise InputError(
                f"the observable predicts {self.observable.count()} numbers for {len(values)} measurements"
            )
        errors = np.sqrt(np.diag(covariance))
        self.values = jnp.asarray(values, float)
        self.errors = jnp.asarray(errors, float)
        self.correlation = jnp.asarray(covariance / np.outer(errors, errors), float)
        self.name = name

    def terms(self, model: PyTree, batch: Batch, key: Key | None) -> dict[str, Scalar]:
        """Chi2 per point."""
        return self.settle(batch).terms(model, batch, key)

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> Risk:
        """The whole of it."""
        return self

    def settle(self, batch: Batch) -> Whitened:
        """With the Cholesky factor of the correlations of the rows that weigh something."""
        n = len(self.errors)
        present = (jnp.asarray(batch.weight)[:n] != 0).astype(self.errors.dtype)
        kept = self.correlation * jnp.outer(present, present) + jnp.diag(1 - present)
        root = jnp.linalg.cholesky(kept)
        whitener = jax.scipy.linalg.solve_triangular(root, jnp.diag(present / self.errors), lower=True)
        return Whitened(whitener, jnp.maximum(jnp.sum(present), 1), self.observable, self.name)

    def check(self, data: Dataset) -> None:
        """Whether these are the measurements, in the units of their errors.

        Raises:
            InputError: if their number differs, or the targets are others, or weights are neither zero nor one value.
        """
        n = len(self.errors)
        if len(data) != n:
            raise InputError(
                f"chi2 of {n} measurements met {len(data)} rows; leave measurements out by a weight of zero instead"
            )
        if len(np.unique(data.weight[data.weight != 0])) > 1:
            raise InputError("chi2 takes weights of one (in) and zero (left out); errors belong into the covariance")
        _check_scale(np.asarray(data.y, float), np.asarray(self.values, float), np.asarray(self.errors, float))


class Whitened(Risk):
    r"""$\frac1N |W (y - T[f])|^2$: chi2 after the Cholesky factor of the covariance has been taken.

    Attributes:
        whitener: W with $W^T W = C^{-1}$ on the measurements in use and zero elsewhere.
        points: N.
        observable: T.
        name: name of the term.
    """

    whitener: Array
    points: Array
    observable: Observable
    name: str = eqx.field(static=True)

    def terms(self, model: PyTree, batch: Batch, key: Key | None) -> dict[str, Scalar]:
        """Chi2 per point."""
        return {self.name: jnp.sum(self.residuals(model, batch, key) ** 2) / self.points}

    def residuals(self, model: PyTree, batch: Batch, key: Key | None) -> Array:
        """What is off in units of its error, decorrelated, shape (measurements,)."""
        n = len(self.whitener)
        return self.whitener @ (
            jnp.asarray(batch.y)[:n] - self.observable.predict(model, jnp.asarray(batch.x)[:n], key)
        )

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> Risk:
        """The whole of it."""
        return self


def _check_scale(given: np.ndarray, values: np.ndarray, errors: np.ndarray) -> None:
    if given.shape == values.shape and np.all(np.abs(given - values) <= 1e-3 * errors + 1e-6 * np.abs(values)):
        return
    away = float(np.max(np.abs(given - values) / errors)) if given.shape == values.shape else np.inf
    raise InputError(
        f"the targets are not the measurements that the errors belong to (up to {away:.3g} sigma away); "
        "do not scale or shift them: chi2 takes both in the units of the measurement"
    )
