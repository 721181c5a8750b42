"""Categories: another method in each region of the events, such as barrel and end-cap, as one classifier."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

import jax
import numpy as np

from ansatz.data.cuts.expression import Expression
from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.training.learners import Learner
from ansatz.training.result import Fit, Predictor
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class ByRegion:
    """Predictors, each for the events that its cut takes and no cut before it.

    Attributes:
        cuts: formulae over the columns; an empty one takes all that is left.
        predictors: one for each.
        columns: names of the columns.
        names: of the regions.
        link: `"probability"` or `"identity"`.
    """

    cuts: tuple[str, ...]
    predictors: tuple[Predictor, ...]
    columns: tuple[str, ...]
    names: tuple[str, ...]
    link: str

    @property
    def model(self) -> tuple[object, ...]:
        """The models of the regions."""
        return tuple(predictor.model for predictor in self.predictors)

    def response(self, x: np.ndarray) -> np.ndarray:
        """The mean answer of each region's members to its events, shape (1, events, ...).

        Raises:
            InputError: if an event lies in no region.
        """
        x = np.asarray(x)
        region = regions_of(x, self.columns, self.cuts, self.names)
        answers = None
        for number, predictor in enumerate(self.predictors):
            own = np.flatnonzero(region == number)
            part = predictor.response(x[own if len(own) else slice(0, 1)]).mean(axis=0)
            if answers is None:
                answers = np.zeros((len(x), *part.shape[1:]))
            answers[own] = part[: len(own)]
        return answers[None]


@dataclasses.dataclass(frozen=True)
class Categories:
    """See `categories`."""

    names: tuple[str, ...]
    cuts: tuple[str, ...]
    learners: tuple[Learner, ...]

    citations: ClassVar[tuple[str, ...]] = ()

    @property
    def tasks(self) -> frozenset[str]:
        """What every region's method can do."""
        return frozenset.intersection(*(learner.tasks for learner in self.learners))

    @property
    def negative_weights(self) -> bool:
        """Whether all of them take negative event weights."""
        return all(learner.negative_weights for learner in self.learners)

    def check(self, data: Dataset) -> None:
        """Complain if some event lies in no region, or a cut cannot be computed.

        Raises:
            InputError: with the first such event.
        """
        regions_of(data.x, data.columns, self.cuts, self.names)

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """A fit in each region.

        Raises:
            InputError: if an event lies in no region, a region cannot be learned from, or a method only ranks.
        """
        region = regions_of(data.x, data.columns, self.cuts, self.names)
        fits = [self._fit(number, data[region == number], key) for number in range(len(self.cuts))]
        links = {fit.predictor.link for fit in fits}
        if len(links) > 1 or "score" in links:
            raise InputError(
                "categories are put together by their probabilities, and a method only ranks; "
                'give it uncertainty = "platt"'
            )
        predictors = tuple(fit.predictor for fit in fits)
        return Fit(
            ByRegion(self.cuts, predictors, data.columns, self.names, fits[0].predictor.link),
            task=data.task,
            classes=data.classes,
            columns=data.columns,
            stopped="; ".join(dict.fromkeys(fit.stopped for fit in fits)),
            converged=all(fit.converged for fit in fits),
            seconds=sum(fit.seconds for fit in fits),
            compile_seconds=sum(fit.compile_seconds for fit in fits),
            message="; ".join(f"{n}: {fit.message}" for n, fit in zip(self.names, fits, strict=True) if fit.message),
            details={"regions": {n: int((region == k).sum()) for k, n in enumerate(self.names)}},
        )

    def _fit(self, number: int, events: Dataset, key: Key) -> Fit:
        name = self.names[number]
        if not len(events):
            raise InputError(f"region '{name}' ({self.cuts[number] or 'the rest'}) holds no training event")
        try:
            return self.learners[number](events, jax.random.fold_in(key, number))
        except InputError as error:
            raise InputError(f"region '{name}': {error}") from error


def categories(*, regions: dict[str, dict[str, object]]) -> Categories:
    """Another method in each region; together one classifier, or one regression.

    In a study each region is a table with its cut, the kind of its method and what that takes:

        [models.by-region]
        kind = "categories"
        regions.barrel = {select = "abs(eta) < 1.4", kind = "boosted-trees"}
        regions.endcap = {kind = "logistic"}

    An event belongs to the first region whose cut it passes; a region without `select` takes the rest. Probabilities
    are those given the region, so they need no matching.

    Args:
        regions: name of each region to its table; from Python `{"select": "abs(eta) < 1.4", "learner": learner}`.

    Raises:
        InputError: if there is no region, or a cut is no formula.

    Example:
        >>> from ansatz.training.classical import lda, qda
        >>> categories(regions={"low": {"select": "pt < 20", "learner": lda()}, "high": {"learner": qda()}}).cuts
        ('pt < 20', '')

    Source: A. Hoecker et al., TMVA users guide, arXiv:physics/0703039, section 9.2.
    """
    if not regions:
        raise InputError('categories need regions, such as regions.barrel = {select = "abs(eta) < 1.4", kind = "lda"}')
    cuts, learners = [], []
    for name, table in regions.items():
        cut = table.get("select", "")
        if not isinstance(cut, str) or "learner" not in table:
            raise InputError(f"region '{name}' needs a method, and a cut as text in 'select'")
        if cut:
            Expression(cut)
        cuts.append(cut)
        learners.append(table["learner"])
    return Categories(tuple(regions), tuple(cuts), tuple(learners))


def regions_of(x: np.ndarray, columns: tuple[str, ...], cuts: tuple[str, ...], names: tuple[str, ...]) -> np.ndarray:
    """Number of the first cut that each event passes, shape (events,).

    Raises:
        InputError: if an event passes none of them.
    """
    table: Mapping[str, np.ndarray] = dict(zip(columns, np.asarray(x, float).T, strict=True))
    region = np.full(len(x), -1)
    for number, cut in enumerate(cuts):
        passed = np.asarray(Expression(cut)(table), bool) if cut else np.ones(len(x), bool)
        region[(region < 0) & passed] = number
    if (region < 0).any():
        raise InputError(
            f"{(region < 0).sum()} events lie in no region ({', '.join(names)}; first: event {(region < 0).argmax()}); "
            "add a region without 'select' for the rest"
        )
    return region
