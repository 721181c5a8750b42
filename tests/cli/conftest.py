"""The command line called in this process, in an empty folder."""

import contextlib
import io
import shutil
from typing import NamedTuple

import numpy as np
import pytest

from ansatz.cli.app import app
from ansatz.cli.guard import guarded


class Outcome(NamedTuple):
    """Exit code, stdout and stderr of a command."""

    code: int
    out: str
    err: str

    @property
    def line(self):
        """The one line that a failed command says."""
        assert self.code == 1, (self.code, self.out, self.err)
        assert len(self.err.splitlines()) == 1, self.err
        assert self.err.startswith("ansatz: ")
        assert "Traceback" not in self.err + self.out
        return self.err.removeprefix("ansatz: ").strip()


@pytest.fixture
def ansatz(tmp_path, monkeypatch):
    """Runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return call


def call(*arguments):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = guarded(lambda: app([str(a) for a in arguments], prog_name="ansatz"))
    return Outcome(code, out.getvalue(), err.getvalue())


STUDY = """
title = "Two columns"
[data]
source = "events.csv"
target = "kind"
split = {test = 0.25, folds = 2}
[models.cut]
kind = "threshold"
[models.line]
kind = "logistic"
[report]
importance = false
"""


@pytest.fixture
def study(tmp_path):
    """Writes `study.toml`, with replacements, beside a small `events.csv`; gives its path."""

    def write(**replacements):
        text = STUDY
        for old, new in replacements.items():
            assert old in text, old
            text = text.replace(old, new, 1)
        (tmp_path / "study.toml").write_text(text)
        return tmp_path / "study.toml"

    events(tmp_path / "events.csv")
    return write


def events(path, rows=120, **changes):
    """A CSV file with the columns a, b, w and kind."""
    rng = np.random.default_rng(1)
    kind = rng.integers(2, size=rows)
    columns = {"a": kind + rng.normal(size=rows), "b": rng.normal(size=rows), "w": np.ones(rows), "kind": kind}
    columns |= {name: change(columns) for name, change in changes.items()}
    text = ",".join(columns) + "\n"
    text += "".join(",".join(str(v) for v in row) + "\n" for row in zip(*columns.values(), strict=True))
    path.write_text(text)
    return path


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The folder of a study that was run with its report, and what the command said."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "study.toml").write_text(STUDY)
    events(folder / "events.csv")
    with contextlib.chdir(folder):
        return folder, call("run", "study.toml", "-o", "runs/first")


@pytest.fixture
def run(ansatz, made, tmp_path):
    """A finished run, `runs/first`, of the small study beside it; gives what the command said."""
    folder, outcome = made
    assert outcome.code == 0, outcome.err
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return outcome


@pytest.fixture
def no_report(monkeypatch):
    """Leaves the report out, which takes longest."""
    monkeypatch.setattr("ansatz.cli.running.make_report", lambda directory: directory.path / "report.html")


@pytest.fixture
def write_events():
    """Writes a small CSV file, with columns changed."""
    return events
