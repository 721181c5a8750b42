"""The benchmarks run, and say what is absent or missed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def harness(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import harness

    return harness


def run(*words):
    command = [sys.executable, "-m", "benchmarks", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def test_table_of_metrics_has_both_programs_and_the_same_area():
    done = run("metrics", "--small", "--repeats", "1")
    assert done.returncode == 0, done.stderr
    rows = [line.split("|") for line in done.stdout.splitlines() if "AUC" in line and "events" not in line]
    _, ours, theirs = rows
    assert abs(float(ours[5]) - float(theirs[5])) < 1e-7
    assert theirs[7].strip() == "none"


@pytest.mark.parametrize(
    ("words", "message"), [(["speed"], "no table 'speed'"), (["--peer-python", "/no/py"], "/no/py")]
)
def test_wrong_usage_is_one_line(words, message):
    done = run(*words)
    assert done.returncode == 2
    assert message in done.stderr.splitlines()[-1]


def test_peer_that_is_not_installed_is_absent(harness, tmp_path, monkeypatch):
    (tmp_path / "peer.py").write_text("import a_package_that_nobody_has\n")
    monkeypatch.setattr(harness, "WORKERS", tmp_path)
    found = harness.interleave([harness.Program("peer", "peer.py"), harness.Program("none", "peer.py", None)], 2)
    assert found == {"peer": [], "none": []}


def test_peer_that_fails_is_an_error(harness, tmp_path, monkeypatch):
    (tmp_path / "peer.py").write_text("1 / 0\n")
    monkeypatch.setattr(harness, "WORKERS", tmp_path)
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        harness.interleave([harness.Program("peer", "peer.py")], 1)


def test_columns_are_aligned(harness):
    lines = harness.markdown("t", ("a", "long head"), [("x", "1"), ("wide cell", "2")]).splitlines()
    assert lines[0] == "### t"
    assert len({len(line) for line in lines[2:]}) == 1
