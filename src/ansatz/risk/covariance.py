r"""Errors of measurements: statistical, uncorrelated and correlated, and the covariance that they make.

The covariance is made in float64, once, before anything is compiled.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError

STATISTICAL, ADDITIVE, MULTIPLICATIVE = "error", "additive:", "multiplicative:"
"""What the observers of a dataset are called that hold its errors."""


@dataclasses.dataclass(frozen=True, eq=False)
class Errors:
    r"""Errors of n measurements, with correlated systematic ones as columns of nuisance parameters.

    A measurement is $y_i = T_i + s_i z_i + \sum_k a_{ik} \beta_k + \sum_k m_{ik} T_i \gamma_k$, with $z, \beta, \gamma$
    standard normal: s is what is not correlated, a shifts by so much, and m multiplies the *true* value, as a
    luminosity does.

    Attributes:
        uncorrelated: s, standard deviations in the units of the measurement, shape (n,): statistical and uncorrelated
            systematic errors, added in quadrature.
        additive: a, shape (n, nuisances), in the units of the measurement.
        multiplicative: m, shape (n, nuisances), as fractions (a per cent is 0.01).

    Raises:
        InputError: if shapes differ, a number is not finite, or an uncorrelated error is negative.

    Example:
        >>> errors = Errors(np.array([1.0, 1.0]), multiplicative=np.array([[0.1], [0.1]]))
        >>> errors.covariance(reference=np.array([10.0, 20.0])).tolist()
        [[2.0, 2.0], [2.0, 5.0]]

    Source: G. D'Agostini, Nucl. Instrum. Meth. A 346 (1994) 306; NNPDF, arXiv:0912.2276 (t0).
    """

    uncorrelated: np.ndarray
    additive: np.ndarray | None = None
    multiplicative: np.ndarray | None = None

    def __post_init__(self) -> None:
        n = len(np.asarray(self.uncorrelated))
        object.__setattr__(self, "uncorrelated", np.asarray(self.uncorrelated, float))
        for name in ("additive", "multiplicative"):
            given = getattr(self, name)
            columns = np.zeros((n, 0)) if given is None else np.asarray(given, float)
            if columns.ndim != 2 or len(columns) != n:
                raise InputError(f"{name} errors of {n} measurements have shape ({n}, nuisances), not {columns.shape}")
            object.__setattr__(self, name, columns)
        for name in ("uncorrelated", "additive", "multiplicative"):
            bad = np.argwhere(~np.isfinite(getattr(self, name)))
            if len(bad):
                raise InputError(f"{name} errors must be finite; row {bad[0][0]} is not")
        if (self.uncorrelated < 0).any():
            raise InputError(f"an error is not negative; row {int(np.argmax(self.uncorrelated < 0))} is")

    def __len__(self) -> int:
        return len(self.uncorrelated)

    def __getitem__(self, rows: np.ndarray | slice) -> Errors:
        """The errors of some of the measurements."""
        return Errors(self.uncorrelated[rows], self.additive[rows], self.multiplicative[rows])

    def covariance(self, reference: np.ndarray) -> np.ndarray:
        r"""$C_{ij} = s_i^2 \delta_{ij} + \sum_k a_{ik} a_{jk} + \sum_k m_{ik} m_{jk} t_i t_j$, shape (n, n).

        Args:
            reference: t, what multiplicative errors are fractions of: predictions of an earlier fit ("t0"). The
                measurements themselves are a poor choice: those that fluctuated down then seem to be more precise,
                and a fit comes out too low (d'Agostini's bias).

        Raises:
            InputError: if there is not one reference value for each measurement.
        """
        reference = np.asarray(reference, float)
        if reference.shape != self.uncorrelated.shape:
            raise InputError(f"reference has shape {reference.shape}; give one value for each of {len(self)}")
        scaled = self.multiplicative * reference[:, None]
        return np.diag(self.uncorrelated**2) + self.additive @ self.additive.T + scaled @ scaled.T

    def times(self, factor: float) -> Errors:
        """The errors of measurements that are all multiplied by a number: those in units change, fractions do not."""
        return Errors(abs(factor) * self.uncorrelated, factor * self.additive, self.multiplicative)

    def observers(self) -> dict[str, np.ndarray]:
        """The errors as columns of a dataset, from which `errors_of` makes them again."""
        shifts = {f"{ADDITIVE}{k}": column for k, column in enumerate(self.additive.T)}
        factors = {f"{MULTIPLICATIVE}{k}": column for k, column in enumerate(self.multiplicative.T)}
        return {STATISTICAL: self.uncorrelated} | shifts | factors


def errors_of(data: Dataset) -> Errors:
    """The errors that a dataset carries as observers: `error`, `additive:NAME` and `multiplicative:NAME`.

    Raises:
        InputError: if there is no column `error`.

    Example:
        >>> data = Dataset(np.zeros((2, 1)), y=np.ones(2), observers=Errors(np.array([0.1, 0.2])).observers())
        >>> errors_of(data[1:]).uncorrelated.tolist()
        [0.2]
    """
    if STATISTICAL not in data.observers:
        raise InputError(f"sample '{data.name}' has no column '{STATISTICAL}' with the error of each measurement")
    return Errors(
        data.observers[STATISTICAL],
        _columns(data.observers, ADDITIVE, len(data)),
        _columns(data.observers, MULTIPLICATIVE, len(data)),
    )


def _columns(observers: Mapping[str, np.ndarray], start: str, n: int) -> np.ndarray:
    found: Sequence[np.ndarray] = [values for name, values in observers.items() if name.startswith(start)]
    return np.stack(found, axis=1) if found else np.zeros((n, 0))


def checked_covariance(covariance: np.ndarray, n: int) -> np.ndarray:
    """A covariance of n measurements as a matrix in float64; standard deviations become a diagonal.

    Raises:
        InputError: if it is not a finite, symmetric, positive definite matrix of that size, or a standard
            deviation is not positive; says which rows.

    Example:
        >>> checked_covariance(np.array([1.0, 2.0]), 2).tolist()
        [[1.0, 0.0], [0.0, 4.0]]
    """
    covariance = np.asarray(covariance, float)
    covariance = np.diag(checked_deviations(covariance, n) ** 2) if covariance.ndim == 1 else covariance
    if covariance.shape != (n, n):
        raise InputError(f"the covariance of {n} measurements has shape ({n}, {n}), not {covariance.shape}")
    bad = np.argwhere(~np.isfinite(covariance))
    if len(bad):
        raise InputError(f"the covariance must be finite; entry ({bad[0][0]}, {bad[0][1]}) is not")
    size = np.sqrt(np.abs(np.diag(covariance)))
    _check_symmetric(covariance, size)
    _check_positive(covariance, size)
    return (covariance + covariance.T) / 2


def checked_deviations(deviations: np.ndarray, n: int) -> np.ndarray:
    """Standard deviations of n measurements in float64.

    Raises:
        InputError: if there is not one positive finite number for each; says which row.

    Example:
        >>> checked_deviations(np.array([1, 2]), 2).tolist()
        [1.0, 2.0]
    """
    deviations = np.asarray(deviations, float)
    if deviations.shape != (n,):
        raise InputError(f"the standard deviations of {n} measurements have shape ({n},), not {deviations.shape}")
    bad = np.flatnonzero(~(np.isfinite(deviations) & (deviations > 0)))
    if len(bad):
        raise InputError(f"a standard deviation is a positive number; row {bad[0]} is {deviations[bad[0]]:g}")
    return deviations


def _check_symmetric(covariance: np.ndarray, size: np.ndarray) -> None:
    gap = np.abs(covariance - covariance.T)
    i, j = np.unravel_index(gap.argmax(), gap.shape)
    if gap[i, j] > 1e-8 * max(size[i] * size[j], abs(covariance[i, j])):
        raise InputError(
            f"the covariance is not symmetric: entry ({i}, {j}) is {covariance[i, j]:g} "
            f"but ({j}, {i}) is {covariance[j, i]:g}"
        )


def _check_positive(covariance: np.ndarray, size: np.ndarray) -> None:
    """Judged by the correlations, so that units do not matter."""
    negative = np.flatnonzero(np.diag(covariance) <= 0)
    if len(negative):
        row = negative[0]
        raise InputError(
            f"the covariance is not positive definite: the variance of row {row} is {covariance[row, row]:g}"
        )
    correlation = covariance / np.outer(size, size)
    try:
        if np.diag(np.linalg.cholesky(correlation)).min() > 1e-6:
            return
    except np.linalg.LinAlgError:
        pass
    lowest, vectors = np.linalg.eigh(correlation)
    share = np.abs(vectors[:, 0])
    most = [row for row in np.argsort(-share)[:4] if share[row] > 0.3 * share.max()]
    rows = ", ".join(map(str, sorted(most)))
    raise InputError(
        f"the covariance is not positive definite: the smallest eigenvalue of its correlations is {lowest[0]:.3g}, "
        f"mostly of rows {rows}; add an uncorrelated error to them"
    )
