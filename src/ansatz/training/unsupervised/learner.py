"""`Unsupervised`: the learner of every method without a target."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.training.classical.threads import threads_for
from ansatz.training.result import Fit
from ansatz.training.unsupervised.answering import Answer, Placed
from ansatz.training.unsupervised.rows import Preparation, Rows, prepared, remarks
from ansatz.typing import Key

LINKS = {"cluster": "group", "reduce": "coordinates", "density": "log-density", "anomaly": "anomaly"}
"""What the methods of each task answer with."""


@dataclasses.dataclass(frozen=True, eq=False)
class Found:
    """What a method makes of its rows.

    Attributes:
        model: what answers for prepared rows, see `Answer`.
        details: numbers for the record.
        converged: whether it may be believed to have finished.
        message: one sentence for a person.
        history: curves over its iterations.
    """

    model: Answer
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    converged: bool = True
    message: str = ""
    history: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Unsupervised:
    """A method that needs no target: `learner(data, key) -> Fit`. A target, if there is one, is not used.

    Attributes:
        make: from the rows and a key to what was found.
        name: what messages call it.
        tasks: one of `LINKS`: cluster, reduce, density or anomaly.
        weights: whether it uses event weights; if not, weights that differ are refused.
        negative_weights: whether negative event weights mean to it what they should.
        scale: whether columns are standardized first (weighted, on training rows).
        columns: names of the columns it looks at; None for all.
        rows: most distinct rows it is trained on; from a larger sample so many are drawn. None for no limit.
        again: the same method with another number of groups or components; None if that number is not its own.
        size: that number, or None.
        random: whether another key can give another fit of the same rows.
        require: complains about rows that the method cannot work with; asked before anything runs.
    """

    make: Callable[[Rows, Key], Found] = dataclasses.field(repr=False)
    name: str
    tasks: frozenset[str]
    weights: bool = True
    negative_weights: bool = False
    scale: bool = True
    columns: tuple[str, ...] | None = None
    rows: int | None = None
    again: Callable[[int], Unsupervised] | None = dataclasses.field(default=None, repr=False)
    size: int | None = None
    random: bool = True
    require: Callable[[Rows], None] | None = dataclasses.field(default=None, repr=False)

    @property
    def task(self) -> str:
        """The one task that it is for."""
        [task] = self.tasks
        return task

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """Learn from all events of `data`.

        Raises:
            InputError: if there is nothing to learn from, or the method cannot do it with these events.
        """
        self._refuse_weights(data)
        preparation, whole = self._prepared(data)
        rows = whole.some(self.rows, generator(named(key, "rows")))
        self._require(rows)
        start = time.perf_counter()
        with threads_for(rows.x.size), np.errstate(under="ignore"):
            found = self.make(rows, named(key, "method"))
        seconds = time.perf_counter() - start
        limited = (
            f"learned from {len(rows)} of {len(whole)} distinct rows (its limit)" if len(rows) < len(whole) else ""
        )
        said = [limited, found.message, *remarks(rows.names, rows.x)]
        return Fit(
            Placed(found.model, LINKS[self.task], preparation),
            task=self.task,
            columns=data.columns,
            history=found.history,
            stopped="converged" if found.converged else "epochs",
            converged=found.converged,
            seconds=seconds,
            message="; ".join(filter(None, said)),
            details={"distinct_rows": len(rows), **found.details},
        )

    def check(self, data: Dataset) -> None:
        """Complain if this method cannot be trained on `data`, before anything runs.

        Raises:
            InputError: no usable rows, weights it cannot take, values that are not finite, no column that varies, more
                groups or components than there can be, a metric that is none.
        """
        self._refuse_weights(data)
        _, rows = self._prepared(data)
        self._require(rows.some(self.rows, np.random.default_rng(0)))

    def _require(self, rows: Rows) -> None:
        if self.require is not None:
            self.require(rows)

    def _refuse_weights(self, data: Dataset) -> None:
        if data.weighted and not self.weights:
            raise InputError(f"'{self.name}' cannot use event weights; leave it out or run it without weights")

    def _prepared(self, data: Dataset) -> tuple[Preparation, Rows]:
        return prepared(data, self.columns, scale=self.scale, negative=self.negative_weights, merge=self.weights)


def enough(rows: Rows, groups: int, what: str = "clusters") -> None:
    """Complain if there are fewer distinct rows than groups.

    Raises:
        InputError: if so.
    """
    if groups > len(rows):
        raise InputError(f"{groups} {what} were asked for, but there are only {len(rows)} distinct rows; ask for fewer")
