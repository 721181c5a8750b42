"""What a run leaves for other programs: models, predictions, histograms, likelihoods."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
import pyarrow as pa

from ansatz.data import Dataset
from ansatz.errors import InputError, suggest
from ansatz.export import agreement, to_onnx, to_xgboost, write_histograms
from ansatz.export.histograms import Binned
from ansatz.export.tables import table_writer
from ansatz.files import write_text
from ansatz.keys import named
from ansatz.studies.build import Prepared, prepare
from ansatz.studies.directory import RunDirectory
from ansatz.studies.execution.parts import Parts, parts_of
from ansatz.training.result import Fit

CHECKED = 10_000
"""Events on which an exported model is compared with the one that it was made from."""

CHUNK = 100_000


class Exported(NamedTuple):
    """What was written, and one sentence about it."""

    path: Path
    told: str


def export_run(
    run: RunDirectory, kind: str, *, output: Path | None = None, model: str | None = None, force: bool = False
) -> Exported:
    """Writes a part of a run for another program.

    Args:
        run: the run.
        kind: `"onnx"` or `"xgboost"` (a model), `"root"` or `"parquet"` (the answers of all models to all events),
            `"hist"` (histograms of the scores), `"workspace"` (the likelihood of the score).
        output: the file; by default in the folder `export` of the run.
        model: name of the model; the winner if left out.
        force: whether to write over an existing file.

    Raises:
        InputError: if there is no such kind or model, the model has no such form, or the file cannot be written.
    """
    if kind not in KINDS:
        raise InputError(f"there is no export to '{kind}'{suggest(kind, KINDS)}; there are: {', '.join(KINDS)}")
    make, ending, per_model = KINDS[kind]
    name = _model_of(run, model) if per_model else {"hist": "histograms"}.get(kind, "predictions")
    path = output or run.path / "export" / f"{name}{ending if kind != 'workspace' else '.workspace.json'}"
    if path.suffix != ending:
        raise InputError(f"'{path}' should end in {ending}")
    if path.exists() and not force:
        raise InputError(f"{path} exists; give another name, or --force to write over it")
    return Exported(path, make(run, name, path))


def _model_of(run: RunDirectory, model: str | None) -> str:
    name = model or str(run.results.get("winner") or next(iter(run.models), ""))
    if not name:
        raise InputError(f"{run.path} holds no model to export; its study compares none")
    if name not in run.models:
        raise InputError(f"{run.path} has no model '{name}'{suggest(name, run.models)}")
    return name


def _onnx(run: RunDirectory, name: str, path: Path) -> str:
    """The model, checked on events of the run."""
    fit = run.model(name)
    aside = path.with_name(f".{path.name}.unchecked")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        to_onnx(fit, aside, name=name)
        found = agreement(fit, aside, run.arrays["x"][:CHECKED])
        if not found.same:
            raise InputError(f"the ONNX form of '{name}' answers otherwise, by {found.largest:.1e}; it is not written")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return f"model '{name}'; onnxruntime answers {found.events} events as it does, to {found.largest:.1e}"


def _xgboost(run: RunDirectory, name: str, path: Path) -> str:
    to_xgboost(run.model(name), path)
    return f"model '{name}'; XGBoost compares columns in single precision"


def _workspace(run: RunDirectory, name: str, path: Path) -> str:
    files = (run.results.get("significance") or {}).get("workspaces") or {}
    if name not in files:
        raise InputError(f"{run.path} has no workspace of '{name}'; it needs expected events, see [significance]")
    write_text(path, (run.path / files[name]).read_text(encoding="utf-8"))
    return f"likelihood of the score of '{name}'"


def _histograms(run: RunDirectory, name: str, path: Path) -> str:
    """The scores of all models by process, as expected events where the study says how many, else as they weigh."""
    found = dict(_expected(run) if run.significance else _weighed(run))
    if not found:
        raise InputError(f"{run.path} has no scores of classes to histogram")
    write_histograms(found, path)
    return f"{len(found)} histograms"


def _expected(run: RunDirectory) -> Iterator[tuple[str, Binned]]:
    arrays, record = run.significance, run.results["significance"]
    for key in [key.removesuffix("/edges") for key in arrays if key.endswith("/edges")]:
        for k, process in enumerate(record["expected"]):
            sums = (arrays[f"{key}/{part}"][k] for part in ("count", "variance"))
            yield f"{key}/{process}", Binned(arrays[f"{key}/edges"], *sums)
        if f"{key}/observed" in arrays:
            seen = arrays[f"{key}/observed"].astype(float)
            yield f"{key}/observed", Binned(arrays[f"{key}/edges"], seen, seen)


def _weighed(run: RunDirectory) -> Iterator[tuple[str, Binned]]:
    arrays, classes = run.arrays, list(run.run.get("classes") or ())
    for name in run.models if classes else ():
        response = arrays[f"response/{name}"]
        columns = response.T if response.ndim == 2 else response[None]
        for k, column in enumerate(columns):
            edges = np.linspace(0, 1, 41) if response.ndim == 2 else np.linspace(*np.quantile(column, [0, 1]), 41)
            of = f"{name}/{classes[k]}" if response.ndim == 2 else name
            for number, true in enumerate(classes):
                mine = arrays["y"] == number
                sums = [np.histogram(column[mine], edges, weights=arrays["weight"][mine] ** n)[0] for n in (1, 2)]
                yield f"{of}/true_{true}", Binned(edges, *sums)


def _predictions(run: RunDirectory, name: str, path: Path) -> str:
    """The answers of all models to all events of the study, with their row numbers and what they were used for."""
    study = run.study
    if study.data is None or not run.models:
        raise InputError(f"{run.path} holds no model of events to export")
    key = jax.random.key(study.seed)
    prepared = prepare(study.data, key=named(key, "data"))
    if prepared.sha256 != run.run.get("data_sha256"):
        raise InputError(f"the data are not those of {run.path} any more; run the study again")
    parts = parts_of(prepared.data, study.data, key=named(key, "rows"))
    fits, used = {model: run.model(model) for model in run.models}, _used(prepared, parts)
    lots = [slice(start, start + CHUNK) for start in range(0, len(prepared.data), CHUNK)]
    first = _table(prepared, fits, used, lots[0])
    with table_writer(path, first) as writer:
        writer.write_table(first)
        for lot in lots[1:]:
            writer.write_table(_table(prepared, fits, used, lot))
    return f"{len(prepared.data)} events, {len(fits)} models"


def _used(prepared: Prepared, parts: Parts) -> np.ndarray:
    """The number of the fold that held out each row; -1 for test rows, -2 for rows that were only trained on."""
    used = np.full(len(prepared.data), -2, np.int32)
    for number, (_, held) in enumerate(parts.folds):
        used[held] = number
    if parts.on == "test":
        used[parts.judged] = -1
    return used


def _table(prepared: Prepared, fits: dict[str, Fit], used: np.ndarray, lot: slice) -> pa.Table:
    data = prepared.data[lot]
    columns: dict[str, np.ndarray] = {"row": data.row, "weight": data.weight, "fold": used[lot]}
    if prepared.mixture is not None:
        columns["sample"] = np.asarray(prepared.mixture.names)[prepared.mixture.which[lot]]
    if data.y is not None:
        columns |= _targets(data)
    for model, fit in fits.items():
        columns |= _answers(model, fit, data.x)
    return pa.table({name: np.ascontiguousarray(values) for name, values in columns.items()})


def _targets(data: Dataset) -> dict[str, np.ndarray]:
    if data.classes:
        return {"target": np.asarray(data.classes)[data.y]}
    if data.y.ndim == 1:
        return {"target": data.y}
    return {f"target {name}": column for name, column in zip(data.target, data.y.T, strict=True)}


def _answers(model: str, fit: Fit, x: np.ndarray) -> dict[str, np.ndarray]:
    """The score of two classes, the probability of each of several, or the values."""
    if fit.task != "classification":
        values = fit.predict(x)
        return {model: values} if values.ndim == 1 else {f"{model} {k}": c for k, c in enumerate(values.T)}
    score = fit.score(x)
    if score.ndim == 1:
        return {model: score}
    return {f"{model} {name}": column for name, column in zip(fit.classes or (), score.T, strict=True)}


KINDS: dict[str, tuple[Callable[[RunDirectory, str, Path], str], str, bool]] = {
    "onnx": (_onnx, ".onnx", True),
    "xgboost": (_xgboost, ".json", True),
    "root": (_predictions, ".root", False),
    "parquet": (_predictions, ".parquet", False),
    "hist": (_histograms, ".root", False),
    "workspace": (_workspace, ".json", True),
}
"""From the kind of an export to what makes it, the ending of its file, and whether it is of one model."""
