"""A study: the one file that says which data, which models, and what to report. Nothing in it is executed."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import pydantic

from ansatz.errors import InputError
from ansatz.studies.schema import toml
from ansatz.studies.schema.signature import convert, describe, shown, unknown
from ansatz.studies.schema.tables import (
    Data,
    Level,
    SampleTable,
    Significance,
    SourceFile,
    Split,
    Systematic,
    Table,
    Texts,
)

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]*")

EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
}


class Model(Table):
    """One method: its kind, and the arguments of its constructor."""

    kind: str
    arguments: dict[str, object] = {}


class Analysis(Table):
    """One analysis: its kind, and the arguments of its constructor."""

    kind: str
    arguments: dict[str, object] = {}


class Report(Table):
    """What the report shows, and the metric that ranks the models."""

    title: str | None = None
    notes: str = ""
    metric: str | None = None
    level: Level = 0.6827
    importance: bool = True
    baseline: str | None = None
    protected: Texts = ()
    label: Annotated[Texts, pydantic.Field(max_length=2)] = ()


class Study(Table):
    """A validated study.

    Attributes:
        title: what it is about.
        name: short name, for the run directory.
        seed: the number that decides all randomness.
        data: where the events come from; None if no analysis needs any.
        models: the methods, by the name that the study gives them.
        analyses: what else is to be found out, by name.
        significance: what is asked of a search for a signal, or None.
        report: what is shown.
    """

    title: str
    name: str = "study"
    seed: int = 1
    data: Data | None = None
    models: dict[str, Model] = {}
    analyses: dict[str, Analysis] = {}
    significance: Significance | None = None
    report: Report = Report()

    def kind_of(self, analysis: str) -> str:
        """Kind of an analysis; the one that judges a task without a target is called as the task."""
        return self.analyses[analysis].kind if analysis in self.analyses else analysis

    def replace(self, **changes: object) -> "Study":
        """This study with some tables changed."""
        return self.model_copy(update=changes)


def load_study(path: Path, *, overrides: Mapping[str, object] | None = None) -> Study:
    """The study of a file; relative paths of data files are taken from the file's own folder.

    Raises:
        InputError: on anything that is not as it must be, with the path of the entry in the study.
    """
    tables = toml.read(path)
    for dotted, value in (overrides or {}).items():
        _override(tables, dotted, value)
    if "data.source" in (overrides or {}):
        tables["data"] = _of_a_file(tables["data"])
    tables.setdefault("name", path.stem)
    study = parse_study(tables)
    return study if study.data is None else study.replace(data=_anchored(study.data, path.resolve().parent))


def parse_study(tables: Mapping[str, object]) -> Study:
    """A study from its tables.

    Raises:
        InputError: on anything that is not as it must be, with the path of the entry in the study.

    Example:
        >>> tables = {"title": "x", "data": {"source": "a.csv"}, "models": {"net": {"kind": "mlp", "width": 8}}}
        >>> study = parse_study(tables)
        >>> study.models["net"].arguments, study.data.split.folds
        ({'width': 8}, 5)
        >>> parse_study(tables | {"data": {"source": "a.csv", "selct": "pt > 1"}})
        Traceback (most recent call last):
        ansatz.errors.InputError: data.selct: there is no 'selct'; did you mean 'select'?
    """
    methods = {kind: _methods(kind, tables[kind]) for kind in ("models", "analyses") if kind in tables}
    tables = {**tables, **methods}
    if "data" in tables or tables.get("models") or not tables.get("analyses"):
        tables["data"] = _data_table(tables.get("data"))
    try:
        study = Study.model_validate_json(json.dumps(tables, default=str))
    except pydantic.ValidationError as error:
        raise InputError(_complaint(error)) from None
    if study.data is not None:
        _check_source(study.data)
    _check_names(study)
    return study


def dump_study(study: Study) -> str:
    """The study as TOML, completed with its defaults: reading it again gives the same study."""
    tables = study.model_dump(exclude_none=True)
    for kind in ("models", "analyses"):
        tables[kind] = {name: {"kind": m["kind"], **m["arguments"]} for name, m in tables[kind].items()}
    if "data" in tables:
        tables["data"] = _dumped(tables["data"])
    return toml.write({name: table for name, table in tables.items() if table != {}})


def _dumped(data: Mapping[str, object]) -> dict[str, object]:
    """The table `[data]` as a person writes it."""
    table = {k: v for k, v in data.items() if v not in ((), {}) and k != "options"} | data["options"]
    for texts in ("target", "select"):
        if len(table.get(texts, ())) == 1:
            table[texts] = table[texts][0]
    return table


def _override(tables: dict[str, object], dotted: str, value: object) -> None:
    *folders, last = dotted.split(".")
    for folder in folders:
        tables = tables.setdefault(folder, {})
        if not isinstance(tables, dict):
            raise InputError(f"{dotted}: '{folder}' is a value, not a table; it has no '{last}'")
    tables[last] = value


def _of_a_file(data: Mapping[str, object]) -> Mapping[str, object]:
    """The table `[data]` for a file in place of the problem that it names, without what only that problem knows."""
    if "problem" not in data:
        return data
    return {
        name: value for name, value in data.items() if name in Data.model_fields and name not in ("problem", "events")
    }


def _data_table(table: object) -> object:
    if not isinstance(table, Mapping) or "problem" not in table:
        return table if table is not None else {}
    known = {k: v for k, v in table.items() if k in Data.model_fields}
    return {**known, "options": {k: v for k, v in table.items() if k not in Data.model_fields}}


def _methods(where: str, table: object) -> object:
    """The tables of `[models]` or `[analyses]`, with the arguments of each constructor set apart."""
    if not isinstance(table, Mapping):
        return table
    return {name: _method(f"{where}.{name}", method) for name, method in table.items()}


def _method(path: str, table: object) -> object:
    if not isinstance(table, Mapping):
        raise InputError(f"{path}: expected a table such as [{path}] with a kind, got {shown(table)}")
    kind = {"kind": table["kind"]} if "kind" in table else {}
    return {**kind, "arguments": {k: v for k, v in table.items() if k != "kind"}}


def _check_source(data: Data) -> None:
    given = [name for name in ("source", "samples", "problem") if getattr(data, name)]
    if len(given) > 1:
        raise InputError(f"data: both '{given[0]}' and '{given[1]}' are given; keep the one that the events come from")
    if not given:
        need = f" ({data.needs})" if data.needs else ""
        raise InputError(f'data: there is no \'source\'{need}; give source = "file" or problem = "name"')
    if data.group and data.time:
        raise InputError("data: both 'group' and 'time' are given; rows can be kept apart by one of them")
    for name in ("luminosity", "systematics", "identity"):
        if getattr(data, name) and not data.samples:
            raise InputError(f"data.{name}: only [[data.samples]] have one; give them, or leave it out")
    if data.events and not data.problem:
        raise InputError("data.events: only a built-in problem draws a number of events; leave it out for a file")


def _check_names(study: Study) -> None:
    if not study.models and not study.analyses:
        raise InputError(
            'models: there are none; give at least one, such as [models.trees] with kind = "boosted-trees"'
        )
    _check_spelling("models", "a model", list(study.models))
    _check_spelling("analyses", "an analysis", list(study.analyses))
    baseline = study.report.baseline
    if baseline is not None and baseline not in study.models:
        raise InputError(f"report.baseline: {unknown(baseline, study.models)}")


def _check_spelling(where: str, what: str, names: list[str]) -> None:
    for name in names:
        if not NAME.fullmatch(name):
            raise InputError(f"{where}: '{name}' is no name for {what}; use letters, digits, spaces and . _ + -")
    folded = [name.casefold() for name in names]
    twice = [name for name in names if folded.count(name.casefold()) > 1]
    if twice:
        raise InputError(f"{where}: '{twice[0]}' and '{twice[1]}' differ in capital letters only; rename one")


def _anchored(data: Data, folder: Path) -> Data:
    files = tuple(f.model_copy(update={"file": str(_absolute(f.file, folder))}) for f in data.source)
    samples = tuple(
        sample.model_copy(update={"files": tuple(str(_absolute(file, folder)) for file in sample.files)})
        for sample in data.samples
    )
    return data.model_copy(update={"source": files, "samples": samples})


def _absolute(file: str, folder: Path) -> Path:
    path = Path(file).expanduser()
    return path if path.is_absolute() else folder / path


def _complaint(error: pydantic.ValidationError) -> str:
    first = error.errors()[0]
    location = [str(part) for part in first["loc"]]
    if location[-1] in ("str", "int"):
        location.pop()
    path, owner = ".".join(location), _table_at(tuple(location[:-1]))
    if first["type"] == "extra_forbidden":
        return f"{path}: {unknown(location[-1], owner.model_fields)}"
    if first["type"] == "missing":
        return f"{path}: is missing; it must be {describe(owner.model_fields[location[-1]].annotation)}"
    field = owner.model_fields.get(location[-1]) if owner else None
    if field is None:
        return f"{path}: expected {EXPECTED.get(first['type'], first['msg'].lower())}, got {shown(first['input'])}"
    try:
        convert(first["input"], field.rebuild_annotation(), path=path)
    except InputError as complaint:
        return str(complaint)
    return f"{path}: expected {describe(field.annotation)}, got {shown(first['input'])}"


def _table_at(location: tuple[str, ...]) -> type[Table] | None:
    tables = {
        "data": Data,
        "report": Report,
        "significance": Significance,
        "models": Model,
        "analyses": Analysis,
        "split": Split,
        "source": SourceFile,
        "samples": SampleTable,
        "systematics": Systematic,
    }
    if not location:
        return Study
    names = [part for part in location if part in tables]
    return tables[names[-1]] if names else None
