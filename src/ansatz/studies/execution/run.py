"""Runs a study: every piece of work is written when it is done, so that a run survives a kill at any instant."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from importlib import metadata
from pathlib import Path

import jax
import numpy as np

from ansatz.citations import entries
from ansatz.errors import InputError
from ansatz.files import write_arrays, write_json, write_text
from ansatz.keys import named
from ansatz.studies.analyses.running import analyzed
from ansatz.studies.build import Prepared, prepare
from ansatz.studies.catalogue import build_analyses, build_learner, compared
from ansatz.studies.check import check_prepared
from ansatz.studies.directory import RunDirectory
from ansatz.studies.execution.evaluation import Evaluation, Found, evaluate, rows_kept
from ansatz.studies.execution.fitting import fitted_models
from ansatz.studies.execution.parts import parts_of
from ansatz.studies.execution.pieces import Step
from ansatz.studies.execution.work import Events, Observer, Steps, Work, pieces_of
from ansatz.studies.schema.study import Study, dump_study
from ansatz.studies.significance.expected import wanted
from ansatz.studies.significance.weighing import weigh
from ansatz.training import Cluster
from ansatz.typing import Key

PACKAGES = ("ansatz-ml", "jax", "equinox", "optax", "numpy", "scipy", "scikit-learn")


def run_study(
    study: Study,
    path: Path,
    *,
    resume: bool = False,
    observe: Observer = lambda step: None,
    command: str = "",
    cluster: Cluster | None = None,
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
        cluster: workers to whom the members of populations go; the numbers are the same without.

    Returns:
        The finished run directory (without a report).

    Raises:
        InputError: if the study, the data, the folder or the cluster cannot be used.
    """
    _check_folder(study, path, resume=resume)
    if cluster is not None:
        cluster.check()
    started, show = time.time(), Steps(pieces_of(study), observe)
    show.next("data")
    work = dataclasses.replace(_begun(study, RunDirectory(path)), cluster=cluster)
    record = {"title": study.title, "name": study.name, "seed": study.seed, "command": command, **_beginning(started)}
    _record(work.directory, record, "running")
    try:
        _worked(work, show)
    except InputError as error:
        with contextlib.suppress(InputError):
            _record(work.directory, record | {"message": str(error)}, "failed")
        raise
    record |= work.summary() | {"citations": _citations(work)}
    finished = {"finished": _clock(time.time()), "seconds": round(time.time() - started, 3)}
    _record(work.directory, record | finished, "finished")
    observe(Step(show.total, show.total, "done"))
    return RunDirectory(path)


def _begun(study: Study, directory: RunDirectory) -> Work:
    """The events and their parts; the folder is made only when all of it can work."""
    key, models, analyses = jax.random.key(study.seed), compared(study), build_analyses(study)
    learners = {name: build_learner(name, model) for name, model in models.items()}
    events = None if study.data is None else _events(study, key)
    if events is not None:
        check_prepared(study, events.prepared, events.parts, learners, analyses)
        _refuse_other_data(directory, events.prepared)
    write_text(directory.path / "study.toml", dump_study(study))
    return Work(study, models, analyses, events, directory, key)


def _events(study: Study, key: Key) -> Events:
    prepared = prepare(study.data, key=named(key, "data"))
    return Events(prepared, parts_of(prepared.data, study.data, key=named(key, "rows")))


def _worked(work: Work, show: Steps) -> None:
    """All stages after the data."""
    if work.events is not None:
        write_json(work.directory.path / "data.json", work.prepared.describe(work.parts))
    found = _judged(work, show) if work.models else Found({"models": {}, "beliefs": []}, _kept(work))
    if found.arrays:
        write_arrays(work.directory.path / "arrays.npz", found.arrays)
    write_json(work.directory.path / "results.json", found.results | analyzed(work, show, found.results["beliefs"]))


def _judged(work: Work, show: Steps) -> Found:
    """What came out of the comparison of all models."""
    fitted = fitted_models(work, show.next)
    show.next("judging the models")
    key = named(work.key, "evaluation")
    given = Evaluation(work.study, work.prepared, work.parts, fitted, work.directory.model, key)
    found = evaluate(given)
    return _weighed(work, given, found, show) if wanted(work.study, work.prepared) else found


def _weighed(work: Work, given: Evaluation, found: Found, show: Steps) -> Found:
    """The same with what the scores are worth to a search."""
    show.say("significance")
    judged = {name: model for name, model in given.fitted.items() if name in found.results["models"]}
    more = weigh(dataclasses.replace(given, fitted=judged), str(found.results["winner"]), work.directory.path)
    write_arrays(work.directory.path / "significance.npz", more.arrays)
    beliefs = [*found.results["beliefs"], *(belief.to_dict() for belief in more.beliefs)]
    return dataclasses.replace(found, results={**found.results, "significance": more.record, "beliefs": beliefs})


def _kept(work: Work) -> dict[str, np.ndarray]:
    """The rows that figures of the data are drawn from, where no model is compared."""
    return {} if work.events is None else rows_kept(work.prepared, work.parts)


def _refuse_other_data(directory: RunDirectory, prepared: Prepared) -> None:
    """A run that was begun with other events cannot be gone on with."""
    if (directory.path / "data.json").is_file() and directory.data.get("sha256") != prepared.sha256:
        raise InputError(f"the data have changed since {directory.path} was begun; start a new run")


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
    learners = [build_learner(name, model) for name, model in work.models.items()]
    kinds = [model.kind for model in work.study.models.values()]
    judging = ("bootstrap", "delong", "wilson", "mcnemar") if work.models else ()
    data = () if work.events is None else work.prepared.citations
    analyses = [entry for analysis in work.analyses.values() for entry in analysis.citations]
    return list(dict.fromkeys([*data, *analyses, *entries(learners, kinds, *judging)]))


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
