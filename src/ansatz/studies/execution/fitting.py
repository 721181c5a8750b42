"""The models of a run: folds, final fits, and what they left; a model that fails does not stop the others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.files import write_arrays
from ansatz.keys import named
from ansatz.studies.execution.evaluation import Fitted
from ansatz.studies.execution.pieces import Piece, StoredFolds, mean_response, member_response, once, outcome
from ansatz.studies.execution.work import Work
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation import OutOfFold, cross_validate


def fitted_models(work: Work, announce: Callable[[str], None]) -> dict[str, Fitted]:
    """What came out of every model: a model that fails does not stop the others.

    Raises:
        InputError: if all of them fail.
    """
    found = {name: _model(work, name, announce) for name in work.models}
    errors = [model.error for model in found.values()]
    if all(errors):
        raise InputError(f"no model could be fitted; {errors[0]}")
    return found


def _model(work: Work, name: str, announce: Callable[[str], None]) -> Fitted:
    """One model: its folds, then its final fit on all training rows."""
    stored = StoredFolds(lambda i: work.directory.stage_path(f"{name}.fold-{i + 1}"), work.parts.folds)
    try:
        learner = work.learner(name)
        folds = _cross_validated(work, name, learner, stored, announce)
        announce(f"{name}: final fit")
        final = once(work.directory.stage_path(f"{name}.final"), lambda: _final(work, name, learner))
    except InputError as error:
        if isinstance(error.__cause__, OSError):
            raise
        return Fitted(name, work.models[name].kind, error=f"{name}: {error}")
    return Fitted(name, work.models[name].kind, folds, final, tuple(stored.records()))


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
    store_model(fit, work.directory.model_path(name))
    arrays = {"sampled": mean_response(fit, work.data, work.parts.sampled)}
    if work.parts.on == "test":
        kept = work.parts.judged[work.parts.kept]
        arrays |= {"judged": mean_response(fit, work.data, work.parts.judged), **_members(fit, work.data, kept)}
    return Piece(arrays, outcome(fit))


def _members(fit: Fit, data: Dataset, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The answers of each member of a population to some rows; nothing for a plain fit."""
    members = member_response(fit, data, rows[:1])
    return {"members": member_response(fit, data, rows)} if len(members) > 1 else {}


def store_model(fit: Fit, path: Path) -> None:
    """The model in its folder; one left by a run that was killed is replaced."""
    from ansatz.training.store import save_fit

    shutil.rmtree(path, ignore_errors=True)
    save_fit(fit, path)
    if fit.history:
        write_arrays(path / "history.npz", fit.history)
