"""Runs the analyses of a study: each is stored when it is done, and read back when a run is resumed."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path

from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.studies.analyses.findings import Analysis, Bench, Findings, Sample
from ansatz.studies.execution.fitting import store_model
from ansatz.studies.execution.pieces import Piece, once, read_piece
from ansatz.studies.execution.work import Steps, Work
from ansatz.typing import Key

FILE = "findings.npz"


def analyzed(work: Work, show: Steps, known: Sequence[dict]) -> dict[str, object]:
    """What the analyses add to the results: their numbers, and their beliefs after those that are known already.

    Raises:
        InputError: from the first analysis that cannot be done, with its path in the study.
    """
    found = {name: _record(work, show, name, analysis) for name, analysis in work.analyses.items()}
    beliefs = [{**belief, "name": f"{name}: {belief['name']}"} for name, f in found.items() for belief in f["beliefs"]]
    return {"analyses": found, "beliefs": [*known, *beliefs]}


def findings_in(folder: Path) -> Findings:
    """The findings that an analysis left in its folder.

    Raises:
        InputError: if there are none that can be read.
    """
    piece = read_piece(folder / FILE)
    if piece is None:
        raise InputError(f"{folder / FILE} is missing or cannot be read; run the study again")
    return Findings.from_piece(piece)


def sample_of(work: Work) -> Sample | None:
    """The rows of a study as its analyses see them."""
    if work.events is None:
        return None
    parts = work.parts
    return Sample(work.data, parts.train, parts.judged if parts.on == "test" else parts.judged[:0], parts.folds)


def _record(work: Work, show: Steps, name: str, analysis: Analysis) -> dict[str, object]:
    """What the results hold of one analysis."""
    show.next(name)
    folder = work.directory.analysis_path(name)
    bench = Bench(
        folder,
        announce=lambda text: show.say(f"{name}: {text}"),
        keep=lambda model, fit: store_model(fit, work.directory.model_path(model)),
    )
    key = named(work.key, f"analysis {name}")
    piece = once(folder / FILE, lambda: _done(name, analysis, sample_of(work), bench, key))
    record = {key: value for key, value in piece.record.items() if key != "record"}
    return {"kind": work.study.kind_of(name), **record}


def _done(name: str, analysis: Analysis, sample: Sample | None, bench: Bench, key: Key) -> Piece:
    bench.folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    try:
        piece = analysis(sample, bench, key).piece()
    except InputError as error:
        raise InputError(f"analyses.{name}: {error}") from error.__cause__
    return dataclasses.replace(piece, record={**piece.record, "seconds": time.perf_counter() - started})
