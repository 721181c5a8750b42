"""What the pieces of a run share: the study, its events and their rows, its folder, its key, and who watches."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NamedTuple

from ansatz.data import Dataset
from ansatz.studies.analyses.findings import Analysis
from ansatz.studies.build import Prepared
from ansatz.studies.catalogue import build_learner, compared
from ansatz.studies.directory import RunDirectory
from ansatz.studies.execution.parts import Parts
from ansatz.studies.execution.pieces import Step
from ansatz.studies.schema.study import Model, Study
from ansatz.studies.significance.expected import expected, wanted
from ansatz.training import Balanced, Cluster, Learner, on_cluster
from ansatz.training.networks.dense import for_search
from ansatz.typing import Key

Observer = Callable[[Step], None]


class Steps:
    """Counts the pieces of work for whoever watches."""

    def __init__(self, total: int, observe: Observer) -> None:
        self.total, self.done, self.observe = total, -1, observe

    def next(self, text: str) -> None:
        """The next piece begins."""
        self.done += 1
        self.say(text)

    def say(self, text: str) -> None:
        """What is done within a piece."""
        self.observe(Step(self.done, self.total, text))


def pieces_of(study: Study) -> int:
    """How many pieces of work a study has: data, every fit, judging, every analysis."""
    models = compared(study)
    fits = len(models) * (study.data.split.folds + 1) + 1 if models else 0
    return 1 + fits + len(study.analyses) + (len(models) < len(study.models))


class Events(NamedTuple):
    """The events of a study, and their rows by what they are for."""

    prepared: Prepared
    parts: Parts


@dataclasses.dataclass(frozen=True, eq=False)
class Work:
    """What the pieces of a run share; with a cluster, members of populations go to its workers."""

    study: Study
    models: Mapping[str, Model]
    analyses: Mapping[str, Analysis]
    events: Events | None
    directory: RunDirectory
    key: Key
    cluster: Cluster | None = None

    @property
    def prepared(self) -> Prepared:
        """The events, ready."""
        return self.events.prepared

    @property
    def parts(self) -> Parts:
        """Their rows, by what they are for."""
        return self.events.parts

    @property
    def data(self) -> Dataset:
        """All rows."""
        return self.prepared.data

    def learner(self, name: str) -> Learner:
        """The learner of a model.

        Raises:
            InputError: if the study asks for one that there is not.
        """
        learner = build_learner(name, self.models[name])
        learner = learner if self.cluster is None else on_cluster(learner, self.cluster)
        learner = for_search(learner, self.search) if self.search is not None else learner
        return Balanced(learner) if self.prepared.balanced else learner

    @cached_property
    def search(self) -> tuple[float, float, float] | None:
        """Expected signal and background, and the relative error of the background; None if nothing is expected."""
        if not wanted(self.study, self.prepared):
            return None
        sums = expected(self.study, self.prepared).sums
        return *sums, self.study.significance.background_error if self.study.significance else 0.0

    def summary(self) -> dict[str, object]:
        """What the record of the run says of the data."""
        return {} if self.events is None else self.prepared.summary() | {"evaluated_on": self.parts.on}
