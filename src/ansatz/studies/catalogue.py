"""The only file that knows all names: kinds of models and analyses, built-in problems, shipped studies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ansatz.errors import InputError
from ansatz.studies.added import ADDED, with_added
from ansatz.studies.analyses.table import TASKS, analysis_named, methods_of, task_named
from ansatz.studies.schema import toml
from ansatz.studies.schema.signature import check_arguments, unknown
from ansatz.studies.schema.study import Analysis as AnalysisTable
from ansatz.studies.schema.study import Data, Model, Study, load_study

if TYPE_CHECKING:
    from ansatz.studies.analyses.findings import Analysis

SHIPPED = Path(__file__).parent / "catalogue"


def kinds(task: str | None = None) -> Mapping[str, Callable]:
    """Constructor of each kind of model for a task; its signature is the schema of its table in a study."""
    if task in TASKS:
        return methods_of(task)
    from ansatz.training.classical import CLASSICAL
    from ansatz.training.methods import METHODS
    from ansatz.training.networks.table import NETWORKS

    return {**CLASSICAL, **METHODS, **NETWORKS}


def problems() -> Mapping[str, Callable]:
    """Constructor of each built-in problem; its signature is the schema of its options."""
    from ansatz.problems import PROBLEMS

    return PROBLEMS


def shipped() -> dict[str, Path]:
    """The studies of the catalogue by name.

    Example:
        >>> "resonance" in shipped()
        True
    """
    return {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}


def build_analyses(study: Study) -> dict[str, Analysis]:
    """What a study finds out besides comparing models, by name: its analyses, and its task if that has no target.

    Raises:
        InputError: on an unknown kind or argument, a value that a constructor refuses, or events that are missing.
    """
    found = {name: _build_analysis(f"analyses.{name}", table) for name, table in study.analyses.items()}
    for name, analysis in found.items():
        if analysis.needs != "nothing" and study.data is None:
            raise InputError(f"data: is missing; '{name}' needs events: give [data] with a source or a problem")
    if study.data is not None and study.data.task in TASKS:
        methods = {name: build_learner(name, model, task=study.data.task) for name, model in study.models.items()}
        found = {study.data.task: task_named(study.data.task)(methods=methods, level=study.report.level), **found}
    return found


def compared(study: Study) -> dict[str, Model]:
    """The models that are trained on a target and compared; none for a task without one."""
    return {} if study.data is not None and study.data.task in TASKS else study.models


def _build_analysis(path: str, table: AnalysisTable) -> Analysis:
    try:
        constructor = analysis_named(table.kind)
    except InputError as error:
        raise InputError(f"{path}.kind: {error}") from None
    return _built(constructor, check_arguments(constructor, table.arguments, path=path, known=("kind",)), path)


def build_learner(name: str, model: Model, *, task: str | None = None) -> Callable:
    """The learner that a table of the study describes.

    Raises:
        InputError: on an unknown kind or argument, or a value that the constructor refuses, with the path.
    """
    path, constructors = f"models.{name}", kinds(task)
    if model.kind not in constructors:
        raise InputError(f"{path}.kind: {unknown(model.kind, constructors)}")
    constructor = constructors[model.kind]
    given = {name: value for name, value in model.arguments.items() if name not in ADDED}
    arguments = check_arguments(constructor, given, path=path, known=("kind", *ADDED))
    if model.kind == "categories":
        arguments["regions"] = _regions(name, arguments["regions"], task)
    if model.kind == "stack":
        arguments |= _stacked(name, arguments, task)
    return with_added(_built(constructor, arguments, path), model.arguments, path)


def _stacked(name: str, arguments: Mapping[str, object], task: str | None) -> dict[str, object]:
    """The tables of a stack as learners."""
    tables = {f"learners.{key}": table for key, table in arguments["learners"].items()}
    if arguments.get("final"):
        tables["final"] = arguments["final"]
    found = {}
    for path, table in tables.items():
        if not isinstance(table, Mapping) or not isinstance(table.get("kind"), str):
            raise InputError(f"models.{name}.{path}.kind: is missing; it must be text")
        rest = {key: value for key, value in table.items() if key != "kind"}
        found[path] = build_learner(f"{name}.{path}", Model(kind=table["kind"], arguments=rest), task=task)
    learners = {path.removeprefix("learners."): one for path, one in found.items() if path != "final"}
    return {"learners": learners, **({"final": found["final"]} if "final" in found else {})}


def _regions(name: str, tables: Mapping[str, Mapping], task: str | None) -> dict[str, dict[str, object]]:
    """The tables of regions with the learner of each in place of its kind and arguments."""
    found = {}
    for region, table in tables.items():
        path = f"{name}.regions.{region}"
        if not isinstance(table.get("kind"), str):
            raise InputError(f"models.{path}.kind: is missing; it must be text")
        rest = {key: value for key, value in table.items() if key not in ("kind", "select")}
        learner = build_learner(path, Model(kind=table["kind"], arguments=rest), task=task)
        found[region] = {"select": table.get("select", ""), "learner": learner}
    return found


def build_problem(data: Data) -> object:
    """The problem that `[data]` names, with its options.

    Raises:
        InputError: on an unknown problem or option, or a value that it refuses, with the path.
    """
    known = problems()
    if data.problem not in known:
        raise InputError(f"data.problem: {unknown(str(data.problem), known)}")
    options = check_arguments(known[data.problem], data.options, path="data", known=Data.model_fields)
    return _built(known[data.problem], options, "data")


def find_study(name: str, *, changes: Sequence[str] = (), data: str | None = None) -> Study:
    """The study of a file, or of the catalogue, with changes from the command line.

    Args:
        name: path of a TOML file, or a name that `shipped` knows.
        changes: entries `"path=value"`, values as in TOML; text may go without quotes.
        data: a data file in place of the study's own.

    Raises:
        InputError: if there is none, or something in it is not as it must be.
    """
    overrides = dict(_change(change) for change in changes)
    if data is not None:
        overrides["data.source"] = data
    if isinstance(overrides.get("data.source"), str):
        overrides["data.source"] = str(Path.cwd() / Path(str(overrides["data.source"])).expanduser())
    path, known = Path(name), shipped()
    if not path.is_file() and name in known:
        path = known[name]
    elif path.is_dir():
        if not (path / "study.toml").is_file():
            raise InputError(f"'{name}' is a folder but no run: it holds no study.toml; give a study file or a name")
        raise InputError(f"'{name}' is a folder; to go on with a run: ansatz run {name} --resume")
    elif not path.is_file() and path.suffix != ".toml":
        raise InputError(f"no study '{name}': not a file, and in the catalogue {unknown(name, known)}")
    return load_study(path, overrides=overrides)


def _built(constructor: Callable, arguments: dict[str, object], path: str) -> Callable:
    try:
        return constructor(**arguments)
    except (ValueError, TypeError) as error:
        raise InputError(f"{path}: {error}") from None


def _change(text: str) -> tuple[str, object]:
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise InputError(f"--set '{text}': expected PATH=VALUE, such as data.split.folds=10")
    return path.strip(), toml.value(value.strip())
