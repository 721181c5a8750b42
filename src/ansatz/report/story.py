"""`Story`: a run as the report reads it: data, and what every model answered, ready to be drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import jax
import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.report.style import REFERENCE, Look, looks_of
from ansatz.report.words import interval_of
from ansatz.studies.analyses.findings import Findings
from ansatz.studies.analyses.running import findings_in
from ansatz.studies.directory import RunDirectory, open_run
from ansatz.training import Fit
from ansatz.typing import Key
from ansatz.validation import Answers, Interval


@dataclasses.dataclass(frozen=True, eq=False)
class Judged:
    """One model of a run.

    Attributes:
        name: as the study calls it.
        record: its entry in the results.
        test: its answers to the rows that it is judged on, or None if it failed.
        train: its answers to training rows, or None.
        history: risk terms per epoch.
    """

    name: str
    record: Mapping[str, Any]
    test: Answers | None
    train: Answers | None
    history: Mapping[str, np.ndarray]

    def metrics(self, which: str = "metrics") -> dict[str, Interval]:
        """Its metrics with their intervals; `which` may be `"train_metrics"`."""
        found = {name: interval_of(record) for name, record in _mapping(self.record.get(which)).items()}
        return {name: interval for name, interval in found.items() if interval is not None}

    def folds(self, metric: str) -> list[float]:
        """The metric in every fold that has one."""
        values = _mapping(self.record.get("folds")).get(metric) or ()
        return [float(v) for v in values if v is not None]


@dataclasses.dataclass(frozen=True, eq=False)
class Story:
    """A run directory, opened for telling.

    Attributes:
        directory: where it lies.
    """

    directory: RunDirectory

    @property
    def run(self) -> Mapping[str, Any]:
        """Title, status, versions, hashes."""
        return self.directory.run

    @cached_property
    def results(self) -> Mapping[str, Any]:
        """All numbers."""
        return self.directory.results

    @cached_property
    def description(self) -> Mapping[str, Any]:
        """The description of all rows; empty for a study without events."""
        return self.directory.data if self.directory.study.data is not None else {}

    @property
    def key(self) -> Key:
        """The key of what is drawn by lot for figures."""
        return named(jax.random.key(int(self.run.get("seed") or 0)), "report")

    @property
    def task(self) -> str:
        """`"classification"` or `"regression"`."""
        return str(self.run.get("task", "classification" if self.run.get("classes") else "regression"))

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; empty for a regression."""
        return tuple(self.run.get("classes") or ())

    @property
    def metric(self) -> str:
        """The metric that ranks the models."""
        return str(self.results.get("primary_metric") or "")

    @cached_property
    def units(self) -> dict[str, str]:
        """Unit of each column that has one."""
        return units_of(self.description)

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """Names of the target columns; none where the events have no target."""
        return tuple(records_of(self.description, "targets")) or (() if self.task == "none" else ("y",))

    @cached_property
    def data(self) -> Dataset:
        """The rows that models are judged on."""
        return self._rows("")

    @cached_property
    def train(self) -> Dataset | None:
        """Training rows, if they were kept."""
        return self._rows("train/") if "train/x" in self.arrays else None

    @cached_property
    def models(self) -> dict[str, Judged]:
        """Every model in the order of the study."""
        return {name: self._judged(name, record) for name, record in _mapping(self.results.get("models")).items()}

    @cached_property
    def judged(self) -> dict[str, Judged]:
        """The models whose answers can be drawn."""
        return {name: model for name, model in self.models.items() if model.test is not None}

    def named(self, role: str) -> Judged | None:
        """The `"winner"`, `"baseline"` or `"runner_up"`."""
        return self.judged.get(str(self.results.get(role)))

    @cached_property
    def looks(self) -> dict[str, Look]:
        """How every model is drawn, in all figures alike; the best that can be done is black."""
        trained = [name for name, m in self.models.items() if m.record.get("kind") != "reference"]
        return {name: REFERENCE for name in self.models} | looks_of(trained)

    def unit(self, metric: str | None = None) -> str | None:
        """Unit of what a metric of a regression judges: of its output, or of all targets if they share one."""
        if self.task == "classification":
            return None
        output = (metric or self.metric).partition("[")[2].rstrip("]")
        found = {self.units.get(name) for name in ((output,) if output else self.targets)}
        return found.pop() if len(found) == 1 else None

    @cached_property
    def featured(self) -> list[Judged]:
        """The models that get figures of their own: the winner, the runner-up and the baseline."""
        chosen = [self.named(role) for role in ("winner", "runner_up", "baseline")]
        names = dict.fromkeys(model.name for model in chosen if model) or dict.fromkeys(list(self.judged)[:3])
        return [self.judged[name] for name in names]

    def fit(self, name: str) -> Fit | None:
        """The fitted model, or None if it was not kept or cannot be read."""
        try:
            return self.directory.model(name)
        except InputError:
            return None

    @cached_property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """The rows that were kept, and the models' answers to them; none for a study without events."""
        return self.directory.arrays if self.directory.study.data is not None else {}

    @cached_property
    def analyses(self) -> dict[str, Findings]:
        """What every analysis found, by name."""
        names = _mapping(self.results.get("analyses"))
        return {name: findings_in(self.directory.analysis_path(name)) for name in names}

    def _rows(self, part: str) -> Dataset:
        arrays = self.arrays
        x = arrays.get(f"{part}x", arrays.get("x", np.zeros((0, 0)))[:0])
        columns = tuple(str(c) for c in arrays.get("columns", ()))
        return Dataset(
            x,
            y=arrays.get(f"{part}y"),
            weight=arrays.get(f"{part}weight"),
            columns=columns if x.ndim == 2 and len(columns) == x.shape[1] else (),
            target=self.targets if f"{part}y" in arrays else (),
            classes=self.classes or None,
            units=self.units,
            row=arrays.get(f"{part}row"),
        )

    def _judged(self, name: str, record: Mapping[str, Any]) -> Judged:
        history = self.directory.history(name)
        return Judged(name, record, self._answers("", name, record), self._answers("train/", name, record), history)

    def _answers(self, part: str, name: str, record: Mapping[str, Any]) -> Answers | None:
        arrays = self.arrays
        response, y = arrays.get(f"{part}response/{name}"), arrays.get(f"{part}y")
        if response is None or y is None or len(response) != len(y):
            return None
        weight = arrays.get(f"{part}weight")
        try:
            if self.task != "classification":
                return Answers.predicted(y, response, weight, outputs=self.targets)
            known = {"probability" if record.get("link") == "probability" else "score": response}
            return Answers.classified(y, weight=weight, **known)
        except InputError:
            return None


def open_story(path: Path | str) -> Story:
    """The story of a run directory.

    Raises:
        InputError: if it is none.
    """
    return Story(open_run(path))


def records_of(description: Mapping[str, Any], part: str = "columns") -> dict[str, Mapping[str, Any]]:
    """What a description of the data says of each column, by name; `part` may be `"observers"` or `"targets"`."""
    found = description.get(part) or {}
    if isinstance(found, Mapping):
        return {str(name): _mapping(record) for name, record in found.items()}
    return {str(r["name"]): r for r in found if isinstance(r, Mapping) and "name" in r}


def units_of(description: Mapping[str, Any]) -> dict[str, str]:
    """Units by column, from a description of the data.

    Example:
        >>> units_of({"columns": {"pt": {"unit": "GeV"}, "eta": {"unit": None}}, "targets": {"m": {"unit": "kg"}}})
        {'pt': 'GeV', 'm': 'kg'}
    """
    parts = ("columns", "observers", "targets")
    records = {name: record for part in parts for name, record in records_of(description, part).items()}
    return {name: str(record["unit"]) for name, record in records.items() if record.get("unit")}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
