r"""The expected loss $R = \mathrm{E}[w\,\ell(f(x), y)]$, with event weights of either sign."""

from __future__ import annotations

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ansatz.data import Batch
from ansatz.models import evaluate
from ansatz.risk.algebra import Risk
from ansatz.typing import Key, Point, Scalar


class Expected(Risk):
    r"""$\frac1n \sum_i w_i\, \ell(f(x_i), y_i)$ with weights of mean one.

    Args:
        loss: a function of one prediction and one target, see `ansatz.risk.LOSSES`.
        name: name of the term; by default that of the loss.
        unit: what prediction and target are divided by, such as the spread of each target, so that a loss does not
            depend on the units of a regression; None to take them as they are.

    Example:
        >>> import numpy as np
        >>> from ansatz.data import Dataset
        >>> from ansatz.models import Linear
        >>> from ansatz.risk import Expected, squared_error
        >>> data = Dataset(np.array([[0.0], [1.0]]), y=np.array([0.0, 3.0]), weight=np.array([1.0, 3.0]))
        >>> line = Linear(jnp.array([1.0]), jnp.array(0.0))
        >>> Expected(squared_error)(line, data.batch(), None).item()
        3.0
    """

    loss: Callable[[Point, Point], Scalar] = eqx.field(static=True)
    name: str = eqx.field(static=True)
    unit: Array | None

    def __init__(
        self, loss: Callable[[Point, Point], Scalar], *, name: str | None = None, unit: Array | None = None
    ) -> None:
        self.loss = loss
        self.unit = unit
        self.name = name or loss.__name__

    def terms(self, model: PyTree, batch: Batch, key: Key | None) -> dict[str, Scalar]:
        """The weighted mean of the loss."""
        predictions, targets = evaluate(model, batch.x, key), batch.y
        if self.unit is not None:
            predictions, targets = jax.vmap(self._scaled)(predictions), jax.vmap(self._scaled)(targets)
        values = jax.vmap(self.loss)(predictions, targets)
        return {self.name: jnp.mean(batch.weight * values)}

    def _scaled(self, value: Point) -> Point:
        return value / self.unit

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> Risk:
        """The whole of it."""
        return self
