"""`ansatz run`: progress on a terminal, a report at the end, and what to type if it was stopped."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ansatz.cli import tables
from ansatz.cli.guard import Interrupted
from ansatz.errors import InputError, suggest
from ansatz.studies.catalogue import find_study, shipped
from ansatz.studies.directory import RUNS, RunDirectory, all_runs, next_path, open_run
from ansatz.studies.execution.pieces import Step
from ansatz.studies.schema.study import Study


def run_command(
    name: str,
    *,
    output: Path | None,
    changes: Sequence[str],
    data: str | None,
    cluster: str | None,
    resume: bool,
    as_json: bool,
) -> None:
    """Runs or resumes a study, makes its report, and prints what came out."""
    from ansatz.studies.execution.run import run_study
    from ansatz.training import Cluster

    workers = None if cluster is None else Cluster(cluster)
    study, path = _resumed(name, output, changes, data) if resume else _new(name, output, changes, data)
    try:
        with _progress(study.title) as observe:
            directory = run_study(study, path, resume=resume, observe=observe, command=_command(), cluster=workers)
        make_report(directory)
    except KeyboardInterrupt:
        started = (path / "study.toml").is_file()
        hint = f"go on with: ansatz run {path} --resume" if started else "nothing was written"
        raise Interrupted(f"interrupted; {hint}") from None
    tables.show_run(directory, as_json=as_json)
    if not as_json:
        tables.say(f"report: {path / 'report.html'}")


def make_report(directory: RunDirectory) -> Path:
    """The report of a finished run, as one HTML file in its folder."""
    from ansatz.report import write_report

    if directory.status != "finished":
        raise InputError(f"{directory.path} is not finished; go on with: ansatz run {directory.path} --resume")
    return write_report(directory.path)


def _new(name: str, output: Path | None, changes: Sequence[str], data: str | None) -> tuple[Study, Path]:
    study = find_study(name, changes=changes, data=data)
    return study, output or next_path(study.name)


def _resumed(name: str, output: Path | None, changes: Sequence[str], data: str | None) -> tuple[Study, Path]:
    """The study and folder of a run to go on with: named itself, or the newest unfinished one of a study."""
    if (
        output is None
        and not Path(name).is_file()
        and any((p / "study.toml").is_file() for p in (Path(name), RUNS / name))
    ):
        if changes or data:
            raise InputError("a run is resumed as it was begun; leave out --set and --data, or start a new one")
        directory = open_run(name)
        return directory.study, directory.path
    if output is None and name not in shipped() and not Path(name).is_file():
        raise InputError(f"there is no run '{name}' to go on with{suggest(name, _names())}; see: ansatz list")
    study = find_study(name, changes=changes, data=data)
    return study, output or _unfinished(study.name)


def _names() -> list[str]:
    """What runs are called, and studies."""
    return [*(run.path.name for run in all_runs()), *shipped()]


def _unfinished(name: str) -> Path:
    started = [run.path for run in all_runs() if run.path.name.startswith(f"{name}-") and run.status != "finished"]
    if not started:
        raise InputError(f"no unfinished run of '{name}' in {RUNS}/; start one without --resume")
    return started[-1]


def _command() -> str:
    return " ".join(["ansatz", *sys.argv[1:]])


@contextlib.contextmanager
def _progress(title: str) -> Iterator[Callable[[Step], None]]:
    """A bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda step: bar.update(task, description=step.text, completed=step.number, total=step.total)
