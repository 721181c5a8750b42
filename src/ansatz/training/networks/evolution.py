"""`Evolution`: the learner that needs no gradient."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from jaxtyping import PyTree

from ansatz.data import Dataset
from ansatz.optimizers import CMAES, Evolving
from ansatz.risk import Risk
from ansatz.training.fit import Progress
from ansatz.training.learners import BOTH, Descent
from ansatz.training.population import Population
from ansatz.training.result import Fit
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class Evolution:
    """Fits a model by evolution: generations of parameters, ranked by the risk on all rows, so any loss will do.

    For networks of up to some hundreds of parameters, and for losses without a gradient, such as the share of wrong
    answers; where there is a gradient, `Descent` is faster by far.

    Attributes:
        model: (training rows) -> (key -> Equinox module); scalers are fitted there, on training rows only.
        risk: (training rows) -> what is made small.
        head: (training rows) -> name of the head, see `Network`.
        optimizer: `CMAES`, `DifferentialEvolution` or `GeneticAlgorithm`.
        generations: most generations.
        validation: fraction of the rows kept aside to choose the best generation; 0 for none.
        patience: generations without improvement before it stops, None for never.
        population: number of fits with starts of their own, or a `Population`; not the points of a generation.
        tasks: what it can do.
        negative_weights: True: the risk takes weights of either sign.
        progress: called with a `Progress` during the fit.

    Example:
        >>> import jax, numpy as np
        >>> from ansatz.models import linear
        >>> from ansatz.risk import Expected, zero_one
        >>> x = np.linspace(-1, 1, 40)[:, None]
        >>> data = Dataset(x, y=(x[:, 0] > 0.3).astype(int), classes=("low", "high"))
        >>> evolution = Evolution(lambda rows: lambda key: linear(1, None, key=key), lambda rows: Expected(zero_one),
        ...                       lambda rows: "score", generations=40, validation=0.0)
        >>> fit = evolution(data, jax.random.key(0))
        >>> bool(np.mean(fit.predict(x) == data.y) > 0.9)
        True

    Source: X. Yao, Proc. IEEE 87 (1999) 1423 (evolving networks); N. Hansen, arXiv:1604.00772.
    """

    model: Callable[[Dataset], Callable[[Key], PyTree]]
    risk: Callable[[Dataset], Risk]
    head: Callable[[Dataset], str]
    optimizer: Evolving = CMAES(sigma=0.5)
    generations: int = 300
    validation: float = 0.2
    patience: int | None = 50
    population: int | Population = 1
    tasks: frozenset[str] = BOTH
    negative_weights: bool = True
    progress: Callable[[Progress], None] | None = None

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fitted network.

        Raises:
            InputError: if the sample has no target, no rows or no positive total weight.
        """
        learner = Descent(
            model=self.model,
            risk=self.risk,
            head=self.head,
            optimizer=self.optimizer,
            epochs=self.generations,
            batch_size=None,
            validation=self.validation,
            patience=self.patience,
            population=self.population,
            progress=self.progress,
        )
        return learner(data, key)
