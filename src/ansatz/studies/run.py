"""Runs a study: every piece of work is written when it is done, so that a run survives a kill at any instant."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import jax
import numpy as np

from ansatz.citations import entries
from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.files import write_arrays, write_json, write_text
from ansatz.keys import named
from ansatz.studies.build import Prepared, prepare
from ansatz.studies.catalogue import build_learner
from ansatz.studies.check import check_prepared
from ansatz.studies.directory import RunDirectory
from ansatz.studies.evaluation import Evaluation, Fitted, evaluate
from ansatz.studies.parts import Parts, parts_of
from ansatz.studies.pieces import Piece, Step, StoredFolds, mean_response, member_response, once, outcome
from ansatz.studies.study import Study, dump_study
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation import OutOfFold, cross_validate

PACKAGES = ("ansatz-ml", "jax", "equinox", "optax", "numpy", "scipy", "scikit-learn")

Observer = Callable[[Step], None]


def run_study(
    study: Study, path: Path, *, resume: bool = False, observe: Observer = lambda step: None, command: str = ""
) -> RunDirectory:
    """Trains, judges and records everything that a study names.

    Test rows are used once, after all models have been fitted. Every random choice comes from the study's seed and the
    name of what it is for, so that a run that was killed and resumed gives the numbers of one that was not.

    Args:
        study: what to run.
        path: the run directory; new, or one to go on with.
        resume: go on with what is there.
        observe: called with a `Step` before each piece of work.
        command: how the run was called, for the record.

    Returns:
        The finished run directory (without a report).

    Raises:
        InputError: if the study, the data or the folder cannot be used.
    """
    _check_folder(study, path, resume=resume)
    started, total = time.time(), len(study.models) * (study.data.split.folds + 1) + 3
    steps = (Step(number, total, "") for number in range(total))
    observe(next(steps)._replace(text="data"))
    work = _begun(study, RunDirectory(path))
    record = {"title": study.title, "name": study.name, "seed": study.seed, "command": command, **_beginning(started)}
    _record(work.directory, record, "running")
    try:
        _worked(work, lambda text: observe(next(steps)._replace(text=text)))
    except InputError as error:
        with contextlib.suppress(InputError):
            _record(work.directory, record | {"message": str(error)}, "failed")
        raise
    record |= work.prepared.summary() | {"evaluated_on": work.parts.on, "citations": _citations(work)}
    finished = {"finished": _clock(time.time()), "seconds": round(time.time() - started, 3)}
    _record(work.directory, record | finished, "finished")
    observe(Step(total, total, "done"))
    return RunDirectory(path)


@dataclasses.dataclass(frozen=True, eq=False)
class Work:
    """What the pieces of a run share."""

    study: Study
    prepared: Prepared
    parts: Parts
    directory: RunDirectory
    key: Key

    @property
    def data(self) -> Dataset:
        """All rows."""
        return self.prepared.data


def _begun(study: Study, directory: RunDirectory) -> Work:
    """The events and their parts; the folder is made only when all of it can work."""
    key = jax.random.key(study.seed)
    learners = {name: build_learner(name, model) for name, model in study.models.items()}
    prepared = prepare(study.data, key=named(key, "data"))
    parts = parts_of(prepared.data, study.data, key=named(key, "rows"))
    check_prepared(study, prepared, learners)
    _refuse_other_data(directory, prepared)
    write_text(directory.path / "study.toml", dump_study(study))
    return Work(study, prepared, parts, directory, key)


def _worked(work: Work, announce: Callable[[str], None]) -> None:
    """All stages after the data."""
    write_json(work.directory.path / "data.json", work.prepared.describe(work.parts))
    fitted = _fitted(work, announce)
    announce("judging the models")
    key = named(work.key, "evaluation")
    found = evaluate(Evaluation(work.study, work.prepared, work.parts, fitted, work.directory.model, key))
    write_arrays(work.directory.path / "arrays.npz", found.arrays)
    write_json(work.directory.path / "results.json", found.results)


def _refuse_other_data(directory: RunDirectory, prepared: Prepared) -> None:
    """A run that was begun with other events cannot be gone on with."""
    if (directory.path / "data.json").is_file() and directory.data.get("sha256") != prepared.sha256:
        raise InputError(f"the data have changed since {directory.path} was begun; start a new run")


def _fitted(work: Work, announce: Callable[[str], None]) -> dict[str, Fitted]:
    """What came out of every model: a model that fails does not stop the others.

    Raises:
        InputError: if all of them fail.
    """
    found = {name: _model(work, name, announce) for name in work.study.models}
    errors = [model.error for model in found.values()]
    if all(errors):
        raise InputError(f"no model could be fitted; {errors[0]}")
    return found


def _model(work: Work, name: str, announce: Callable[[str], None]) -> Fitted:
    """One model: its folds, then its final fit on all training rows."""
    stored = StoredFolds(lambda i: work.directory.stage_path(f"{name}.fold-{i + 1}"), work.parts.folds)
    try:
        learner = build_learner(name, work.study.models[name])
        folds = _cross_validated(work, name, learner, stored, announce)
        announce(f"{name}: final fit")
        final = once(work.directory.stage_path(f"{name}.final"), lambda: _final(work, name, learner))
    except InputError as error:
        if isinstance(error.__cause__, OSError):
            raise
        return Fitted(name, work.study.models[name].kind, error=f"{name}: {error}")
    return Fitted(name, work.study.models[name].kind, folds, final, tuple(stored.records()))


def _cross_validated(
    work: Work, name: str, learner: Callable, stored: StoredFolds, announce: Callable[[str], None]
) -> OutOfFold | None:
    total = len(work.parts.folds)
    if not total:
        return None
    announce(f"{name}: fold 1 of {total}")

    def progress(finished: int, _: int) -> None:
        if finished < total:
            announce(f"{name}: fold {finished + 1} of {total}")

    key = named(_model_key(work, name), "folds")
    return cross_validate(learner, work.data, work.parts.folds, done=stored, progress=progress, key=key)


def _model_key(work: Work, name: str) -> Key:
    """The key of a model's name, so that adding a model changes no other."""
    return named(work.key, f"model {name}")


def _final(work: Work, name: str, learner: Callable) -> Piece:
    """Fit on all training rows, store the model, and answer for the rows that are judged."""
    fit = learner(work.data[work.parts.train], named(_model_key(work, name), "final"))
    _store(fit, work.directory.model_path(name))
    arrays = {"sampled": mean_response(fit, work.data, work.parts.sampled)}
    if work.parts.on == "test":
        kept = work.parts.judged[work.parts.kept]
        arrays |= {"judged": mean_response(fit, work.data, work.parts.judged), **_members(fit, work.data, kept)}
    return Piece(arrays, outcome(fit))


def _members(fit: Fit, data: Dataset, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The answers of each member of a population to some rows; nothing for a plain fit."""
    members = member_response(fit, data, rows[:1])
    return {"members": member_response(fit, data, rows)} if len(members) > 1 else {}


def _store(fit: Fit, path: Path) -> None:
    """The model in its folder; one left by a run that was killed is replaced."""
    from ansatz.training.store import save_fit

    shutil.rmtree(path, ignore_errors=True)
    save_fit(fit, path)
    if fit.history:
        write_arrays(path / "history.npz", fit.history)


def _check_folder(study: Study, path: Path, *, resume: bool) -> None:
    """Whether a run can be begun, or gone on with, in a folder."""
    if not resume:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise InputError(f"{path} exists and is not empty; choose another -o, or go on with it by --resume")
        return
    if not (path / "study.toml").is_file():
        raise InputError(f"there is no run to resume in {path}")
    if dump_study(RunDirectory(path).study) != dump_study(study):
        raise InputError(
            f"the study differs from the one in {path}; start a new run, or resume that: ansatz run {path} --resume"
        )


def _citations(work: Work) -> list[str]:
    """BibTeX of where the data come from, of the methods and of the judgement."""
    learners = [build_learner(name, model) for name, model in work.study.models.items()]
    kinds = [model.kind for model in work.study.models.values()]
    return [*work.prepared.citations, *entries(learners, kinds, "bootstrap", "delong", "wilson", "mcnemar")]


def _record(directory: RunDirectory, record: dict[str, object], status: str) -> None:
    write_json(directory.path / "run.json", {**record, "status": status})


def _beginning(started: float) -> dict[str, object]:
    versions = {package: _version(package) for package in PACKAGES}
    return {"started": _clock(started), "finished": None, "seconds": None, "versions": versions}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
