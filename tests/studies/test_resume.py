"""Runs survive: stopped at any instant and resumed, they give the numbers of a run that was never stopped."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansatz import files
from ansatz.errors import InputError
from ansatz.files import write_text
from ansatz.studies import open_run, run_study
from ansatz.studies.schema.study import dump_study

TWO = {"cut": {"kind": "threshold"}, "tree": {"kind": "tree"}}


class Killed(BaseException):
    """Stands for a process that is gone; nothing in the package may catch it."""


@pytest.fixture
def stopped_after(monkeypatch):
    """Lets so many files appear, then fails as told."""

    def arm(writes, error):
        done = []

        def replace(source, target):
            if len(done) == writes:
                raise error
            done.append(target)
            os.rename(source, target)

        monkeypatch.setattr(files.os, "replace", replace)
        return monkeypatch.undo

    return arm


def test_stopped_before_any_write_and_resumed_it_is_the_same(small, tmp_path, stopped_after, without_times):
    study = small(models={"tree": TWO["tree"]}, report={"importance": False})
    whole = run_study(study, tmp_path / "whole")
    for count in itertools.count(1):
        path = tmp_path / f"stopped-{count}"
        if not was_stopped(lambda path=path: run_study(study, path), stopped_after(count, Killed())):
            break
        assert without_times(run_study(study, path, resume=True)) == without_times(whole), count
        shutil.rmtree(path)
    assert count > 9


def was_stopped(run, undo):
    """Whether a run was stopped before it ended."""
    try:
        run()
    except Killed:
        return True
    finally:
        undo()
    return False


def test_a_run_that_was_killed_goes_on(small, tmp_path, without_times):
    models = {**TWO, "forest": {"kind": "forest", "trees": 100}}
    study = small(events=500, folds=4, models=models)
    whole = run_study(study, tmp_path / "whole")
    write_text(tmp_path / "s.toml", dump_study(study))
    command = [sys.executable, "-m", "ansatz.cli", "run", str(tmp_path / "s.toml"), "-o", str(tmp_path / "killed")]
    environment = {**os.environ, "ANSATZ_CACHE": str(Path(__file__).parents[2] / ".jax-cache")}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(tmp_path / "killed" / "stages" / "forest.fold-2.npz", process)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    killed = open_run(tmp_path / "killed")
    assert killed.status == "running"
    assert not (killed.path / "results.json").exists()
    assert without_times(run_study(killed.study, killed.path, resume=True)) == without_times(whole)


def wait_for(path, process, patience=120):
    """Until a file is there."""
    for _ in range(patience * 100):
        if path.exists():
            return
        assert process.poll() is None, "the run ended before it could be stopped"
        time.sleep(0.01)
    raise AssertionError(f"{path} never appeared")


def test_finished_pieces_are_not_done_again(small, tmp_path, stopped_after):
    study, path = small(models=TWO), tmp_path / "run"
    undo = stopped_after(7, Killed())
    with pytest.raises(Killed):
        run_study(study, path)
    undo()
    before = {p: p.stat().st_mtime_ns for p in (path / "stages").iterdir()}
    assert len(before) == 3
    run_study(study, path, resume=True)
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_a_full_disk_is_one_line_and_loses_nothing(small, tmp_path, stopped_after, without_times):
    study, path = small(models=TWO), tmp_path / "run"
    undo = stopped_after(8, OSError(28, "No space left on device"))
    with pytest.raises(
        InputError, match=r"cannot write .*: no space left on device; nothing that was finished is lost"
    ):
        run_study(study, path)
    undo()
    assert not [p for p in path.rglob("*") if p.name.startswith(".")]
    whole = run_study(study, tmp_path / "whole")
    assert without_times(run_study(study, path, resume=True)) == without_times(whole)


def test_only_the_same_study_is_gone_on_with(small, tmp_path):
    run_study(small(models=TWO), tmp_path / "run")
    with pytest.raises(InputError, match="the study differs from the one in"):
        run_study(small(models=TWO, events=200), tmp_path / "run", resume=True)
    with pytest.raises(InputError, match="there is no run to resume"):
        run_study(small(models=TWO), tmp_path / "other", resume=True)


def test_only_the_same_data_are_gone_on_with(small, tmp_path, stopped_after):
    rows = "\n".join(f"{i % 7},{i % 5},{i % 2}" for i in range(80))
    (tmp_path / "a.csv").write_text("a,b,y\n" + rows)
    data = {"source": str(tmp_path / "a.csv"), "target": "y", "split": {"folds": 2}}
    study = small(models={"cut": {"kind": "threshold"}}, data=data)
    undo = stopped_after(5, Killed())
    with pytest.raises(Killed):
        run_study(study, tmp_path / "run")
    undo()
    (tmp_path / "a.csv").write_text("a,b,y\n" + rows.replace("6,", "9,"))
    with pytest.raises(InputError, match="the data have changed"):
        run_study(study, tmp_path / "run", resume=True)


def test_a_damaged_piece_is_done_again(small, tmp_path, without_times):
    study, path = small(models=TWO), tmp_path / "run"
    whole = without_times(run_study(study, path))
    piece = path / "stages" / "tree.fold-1.npz"
    piece.write_bytes(piece.read_bytes()[:100])
    assert without_times(run_study(study, path, resume=True)) == whole
