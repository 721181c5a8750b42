"""From `[data]` to a dataset with everything that a report tells of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from ansatz.data import (
    Cutflow,
    Dataset,
    Expression,
    Mixture,
    Process,
    Roles,
    Selection,
    Variation,
    cutflow,
    describe,
    describe_weights,
    load_samples,
)
from ansatz.data.cuts.momenta import invariants, is_momentum
from ansatz.data.duplicates import row_keys
from ansatz.data.loading import load_recorded
from ansatz.errors import InputError, suggest
from ansatz.studies.analyses.table import TASKS
from ansatz.studies.catalogue import build_problem
from ansatz.studies.execution.parts import Parts, without_features
from ansatz.studies.schema.signature import unknown
from ansatz.studies.schema.tables import Data, SampleTable, Sides, SourceFile, Systematic
from ansatz.typing import Key


class Reference(NamedTuple):
    """What a problem knows about itself: the kind of its answer, and what it is in words."""

    link: str
    meaning: str


REFERENCES = {
    "exact likelihood ratio": Reference(
        "probability", "the best possible test by Neyman and Pearson, from the problem's densities"
    ),
    "true probability": Reference("probability", "the probability of each class, from the problem's law"),
    "true law": Reference("identity", "the law behind the data; what is left is noise"),
}
"""The optimum of a problem that knows its truth, shown beside the models."""


@runtime_checkable
class KnowsRatio(Protocol):
    """A problem with a known likelihood ratio."""

    def log_likelihood_ratio(self, x: np.ndarray) -> np.ndarray:
        """Log p(x | 1) - log p(x | 0)."""
        ...


@runtime_checkable
class KnowsProbability(Protocol):
    """A problem with a known probability of class 1."""

    def probability(self, x: np.ndarray) -> np.ndarray:
        """P(1 | x)."""
        ...


@runtime_checkable
class KnowsLaw(Protocol):
    """A problem with a known law y = f(x) + noise."""

    def truth(self, x: np.ndarray) -> np.ndarray:
        """f(x)."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class Prepared:
    """The events of a study.

    Attributes:
        data: all rows after cuts, with the features that models see.
        flow: the cutflow, or None if there are no cuts.
        references: name in `REFERENCES` to the optimal answer for each row.
        citations: BibTeX of where the data come from.
        reading: how the files were read: which they were, rows, missing values, remarks.
        mixture: the samples that the events come from, or None.
        balanced: whether classes have equal weight in training.
    """

    data: Dataset
    flow: Cutflow | None = None
    references: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    citations: tuple[str, ...] = ()
    reading: Mapping[str, object] = dataclasses.field(default_factory=dict)
    mixture: Mixture | None = None
    balanced: bool = False

    @cached_property
    def labels(self) -> Dataset:
        """The rows without their features."""
        return without_features(self.data)

    @cached_property
    def about(self) -> dict[str, object]:
        """Ranges, weights, correlations and warnings of all rows."""
        return describe(self.data)

    @property
    def sha256(self) -> str:
        """Hash of the events after cuts."""
        return str(self.about["sha256"])

    def summary(self) -> dict[str, object]:
        """What the record of the run says of the data."""
        return {
            "data_sha256": self.sha256,
            "task": self.data.task,
            "classes": self.data.classes,
            "citations": list(self.citations),
        }

    def describe(self, parts: Parts) -> dict[str, object]:
        """The data in numbers: ranges and weights of all rows, cutflow, and what is in each part."""
        return {
            **self.about,
            **self.reading,
            "cutflow": [] if self.flow is None else self.flow.table(),
            "n_minus_one": [] if self.flow is None else self.flow.n_minus_one(),
            "splits": {name: self._part(rows) for name, rows in _named_parts(parts).items()},
            "duplicates_across_parts": self.duplicates(parts),
        }

    def duplicates(self, parts: Parts) -> int:
        """How many judged rows have exactly the features of a row that was trained on."""
        if parts.on == "test":
            return int(np.isin(self._keys[parts.judged], self._keys[parts.train]).sum())
        return sum(int(np.isin(self._keys[held], self._keys[train]).sum()) for train, held in parts.folds)

    @cached_property
    def _keys(self) -> np.ndarray:
        return row_keys(self.data.x)

    def _part(self, rows: np.ndarray) -> dict[str, object]:
        part = self.labels[rows]
        classes = {name: describe_weights(part.weight[part.y == k]) for k, name in enumerate(part.classes or ())}
        return {**_counted(describe_weights(part.weight)), "classes": {k: _counted(v) for k, v in classes.items()}}


def _counted(weights: Mapping[str, object]) -> dict[str, object]:
    return {"rows": weights["rows"], "sum_weights": weights["sum"], "effective": weights["effective"]}


def prepare(data: Data, *, key: Key) -> Prepared:
    """Reads or draws the events of a study, cut and ready.

    Raises:
        InputError: if the source, a column, a cut or a value cannot be used.
    """
    if data.samples:
        prepared = _mixed(data)
    else:
        prepared = _drawn(data, key) if data.problem else _read(data)
    if data.balance and prepared.data.task != "classification":
        raise InputError("data.balance: only classes can be balanced; leave it out")
    wanted = prepared.mixture is not None and prepared.mixture.normalized if data.balance is None else data.balance
    return dataclasses.replace(prepared, balanced=wanted)


def _read(data: Data) -> Prepared:
    """Events from files."""
    loaded = load_recorded([_file(f) for f in data.source], roles_of(data), names=data.names)
    return Prepared(loaded.data, loaded.cutflow, reading=loaded.description())


def _mixed(data: Data) -> Prepared:
    """Events of several samples."""
    if data.target:
        raise InputError("data.target: the samples have labels, so there is no target to name; leave it out")
    try:
        mixture = load_samples(
            [_process(table) for table in data.samples],
            roles_of(data),
            luminosity=data.luminosity,
            variations=[_variation(name, table) for name, table in data.systematics.items()],
            identity=data.identity,
            names=data.names,
        )
    except InputError as error:
        raise InputError(f"data.samples: {error}") from None
    return Prepared(mixture.data, mixture.cutflow, reading=mixture.description(), mixture=mixture)


def _process(table: SampleTable) -> Process:
    return Process(**{name: getattr(table, name) for name in SampleTable.model_fields})


def _variation(name: str, table: Systematic) -> Variation:
    weight = None if table.weight is None else _pair(table.weight)
    columns = {column: _pair(sides) for column, sides in table.columns.items()}
    return Variation(name, weight, columns, table.norm, table.samples)


def _pair(sides: Sides) -> tuple[str, str]:
    return sides.down, sides.up


def roles_of(data: Data) -> Roles:
    """Which column of the files plays which part."""
    target = data.target[0] if len(data.target) == 1 else data.target
    aside = [c for c in (data.group, data.time) if c is not None and c not in (data.features or ())]
    return Roles(
        target=target or None,
        weight=data.weight,
        features=data.features,
        observers=tuple(dict.fromkeys((*data.observers, *aside))),
        select=(data.select[0] if len(data.select) == 1 else data.select) or None,
        new=new_columns(data),
        units=data.units,
        missing=data.missing,
        task=None if data.task in TASKS else data.task,
        classes=data.classes,
        absent=data.absent,
    )


def new_columns(data: Data) -> dict[str, str]:
    """The formulae of columns to compute: those of the study, and the invariants of the momenta that it names.

    Raises:
        InputError: if invariants are asked of one momentum, or of what is none.
    """
    if not data.invariants:
        return dict(data.new)
    for name in data.invariants:
        if name not in data.new:
            raise InputError(f"data.invariants: {unknown(name, data.new)}")
    try:
        return {**data.new, **invariants(data.invariants)}
    except InputError as error:
        raise InputError(f"data.invariants: {error}") from None


def _file(source: SourceFile) -> dict[str, object]:
    if not source.file:
        raise InputError("data.source: a file has no name")
    return {"file": source.file, "label": source.label, "scale": source.scale}


def _drawn(data: Data, key: Key) -> Prepared:
    """Events of a problem that knows its truth."""
    problem = build_problem(data)
    events = problem.draw(key, data.events or problem.events)
    references = _references(problem, events)
    flow, kept = None, np.arange(len(events))
    derived = _with_new(events, new_columns(data))
    if data.select:
        selection = _selection(data)
        flow, kept = cutflow(selection, derived), np.flatnonzero(selection.mask(derived))
    if not len(kept):
        raise InputError(f"data.select: no event of {len(events)} passes '{' and '.join(data.select)}'")
    references = {name: response[kept] for name, response in references.items()}
    return Prepared(_chosen(derived[kept], data), flow, references, problem.citations)


def _selection(data: Data) -> Selection:
    return Selection(data.select[0] if len(data.select) == 1 else data.select)


def _with_new(events: Dataset, new: Mapping[str, str]) -> Dataset:
    """The events with derived columns, each of which may use those before it."""
    momenta: dict[str, np.ndarray] = {}
    for name, formula in new.items():
        columns = {c: events.column(c) for c in (*events.columns, *events.observers)}
        values = Expression(formula)({**columns, **momenta})
        if is_momentum(values):
            momenta[name] = values
            continue
        events = events.replace(x=np.column_stack([events.x, values]), columns=(*events.columns, name))
    return events


def _chosen(events: Dataset, data: Data) -> Dataset:
    """The events with the features that the study asks for; the others become observers."""
    for name in (*(data.features or ()), *data.observers):
        if name not in events.columns and name not in events.observers:
            raise InputError(f"data: there is no column '{name}'{suggest(name, (*events.columns, *events.observers))}")
    features = data.features or tuple(c for c in events.columns if c not in data.observers)
    if not events.columns or tuple(features) == events.columns:
        return events
    aside = {c: events.column(c) for c in data.observers if c in events.columns}
    x = np.column_stack([events.column(c) for c in features])
    return events.replace(x=x, columns=tuple(features), observers={**events.observers, **aside})


def _references(problem: object, events: Dataset) -> dict[str, np.ndarray]:
    """What the problem's truth answers for each event."""
    if events.task == "regression":
        return {"true law": problem.truth(events.x)} if isinstance(problem, KnowsLaw) else {}
    if events.outputs != 2 or not isinstance(problem, KnowsProbability):
        return {}
    name = "exact likelihood ratio" if isinstance(problem, KnowsRatio) else "true probability"
    probability = problem.probability(events.x)
    return {name: np.stack([1 - probability, probability], axis=1)}


def _named_parts(parts: Parts) -> dict[str, np.ndarray]:
    if parts.on == "folds":
        return {"train": parts.train}
    return {"train": parts.train, "test": parts.judged}
