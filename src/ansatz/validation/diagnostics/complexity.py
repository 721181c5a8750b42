"""How a learner errs as it grows: curves over degree, width or strength, and the peak of double descent."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import jax
import numpy as np

from ansatz.errors import InputError
from ansatz.training.learners import Learner
from ansatz.typing import Key
from ansatz.validation.diagnostics.decomposition import Decomposition, Draw, decompose
from ansatz.validation.interval import Interval, wilson


@dataclasses.dataclass(frozen=True, eq=False)
class ComplexityCurve:
    """The risk of a family of learners, and its parts, against what makes them larger.

    Attributes:
        parameter: what is varied, such as "degree" or "width".
        values: its values, shape (learners,).
        parts: the decomposition of each learner.

    Example:
        >>> from ansatz.problems import NoisyPolynomial
        >>> from ansatz.training import ClosedForm
        >>> from ansatz.validation import experiments_of
        >>> import jax
        >>> draw = experiments_of(NoisyPolynomial(), 40, 40)
        >>> found = complexity_curve("degree", lambda d: ClosedForm(degree=d), (1, 3), draw, experiments=6,
        ...                          key=jax.random.key(0))
        >>> bool(found.means("bias")[1] < found.means("bias")[0])
        True

    Source: T. Hastie, R. Tibshirani and J. Friedman, The Elements of Statistical Learning (2009), section 7.2.
    """

    parameter: str
    values: np.ndarray
    parts: tuple[Decomposition, ...]

    def of(self, term: str) -> tuple[Interval, ...]:
        """One term of every learner: "bias", "variance", "noise", "sum", "risk", "train" or "gap"."""
        return tuple(getattr(part, term) for part in self.parts)

    def means(self, term: str) -> np.ndarray:
        """The values of one term, shape (learners,)."""
        return np.array([interval.value for interval in self.of(term)])

    def errors(self, term: str) -> np.ndarray:
        """The standard errors of one term, shape (learners,)."""
        return np.array([interval.error for interval in self.of(term)])

    @property
    def best(self) -> int:
        """The place of the learner with the smallest expected risk."""
        return int(self.means("risk").argmin())


def complexity_curve(
    parameter: str,
    family: Callable[[float], Learner],
    values: Sequence[float],
    draw: Draw,
    *,
    experiments: int = 50,
    progress: Callable[[int, int], None] | None = None,
    key: Key,
) -> ComplexityCurve:
    """Decomposes the risk of each learner of a family, all over the same training samples.

    Args:
        parameter: what is varied, in a word.
        family: from a value to a learner.
        values: the values, in rising order.
        draw: from a key to training events, fresh events and the law at these, see `decompose`.
        experiments: training samples.
        progress: called with (done, learners) after each learner.
        key: decides samples and fits.

    Raises:
        InputError: if there are no values or they do not rise.
    """
    if not len(values) or np.any(np.diff(values) <= 0):
        raise InputError(f"{parameter}: give values in rising order, not {list(values)}")
    parts = []
    for number, value in enumerate(values):
        same = jax.random.clone(key)
        parts.append(decompose(family(value), draw, experiments=experiments, key=same))
        if progress is not None:
            progress(number + 1, len(values))
    return ComplexityCurve(parameter, np.array(values), tuple(parts))


@dataclasses.dataclass(frozen=True)
class DoubleDescent:
    """Whether the risk rises to a peak where a model just interpolates its events, and falls again beyond.

    Attributes:
        threshold: the size at which as many numbers are fitted as there are events.
        peak: the size with the largest risk, the smallest size apart.
        at_peak: the risk there.
        before: the smallest risk at smaller sizes.
        after: the risk at the largest size.
        rise: share of the training samples whose fit at the peak has a larger risk than at the best size before it.
        fall: share of those whose fit there has a larger risk than at the largest size.
        best: the size with the smallest risk of all.

    Source: M. Belkin, D. Hsu, S. Ma and S. Mandal, arXiv:1812.11118.
    """

    threshold: float
    peak: float
    at_peak: Interval
    before: Interval
    after: Interval
    rise: Interval
    fall: Interval
    best: float

    @property
    def seen(self) -> bool:
        """Whether the peak is at the threshold, and most samples rise to it and fall beyond (95 % and more sure)."""
        clear = self.rise.low > 0.5 and self.fall.low > 0.5
        return clear and abs(np.log(self.peak / self.threshold)) < np.log(1.5)


def double_descent(curve: ComplexityCurve, threshold: float) -> DoubleDescent:
    """The peak of a complexity curve near the interpolation threshold, and how the risk falls on both sides of it.

    The learners are fitted to the same samples and compared sample by sample, for at the peak the mean risk is that of
    a few unlucky ones.

    Raises:
        InputError: if there are no sizes on both sides of the threshold.

    Example:
        >>> from ansatz.problems import Teacher
        >>> from ansatz.training import RandomFeatures
        >>> from ansatz.validation import experiments_of
        >>> import jax
        >>> curve = complexity_curve("features", lambda p: RandomFeatures(int(p)), (5, 30, 200),
        ...                          experiments_of(Teacher(inputs=5), 30, 40), experiments=6, key=jax.random.key(0))
        >>> double_descent(curve, 30).peak
        30.0
    """
    values, risk = np.asarray(curve.values, float), curve.means("risk")
    if not (values[0] < threshold < values[-1]):
        raise InputError(f"double descent needs sizes on both sides of the interpolation threshold, {threshold:g}")
    top = 1 + int(risk[1:-1].argmax()) if len(risk) > 2 else 0
    if not 0 < top < len(risk) - 1:
        raise InputError("double descent needs at least three sizes")
    found = curve.of("risk")
    lowest = int(risk[:top].argmin())
    return DoubleDescent(
        threshold=float(threshold),
        peak=float(values[top]),
        at_peak=found[top],
        before=found[lowest],
        after=found[-1],
        rise=_larger(curve.parts[top], curve.parts[lowest]),
        fall=_larger(curve.parts[top], curve.parts[-1]),
        best=float(values[curve.best]),
    )


def _larger(a: Decomposition, b: Decomposition) -> Interval:
    """In how many of the samples a has the larger risk, at 95 %."""
    return wilson(float(np.mean(a.each > b.each)), a.experiments, level=0.95)
