"""Starting is fast, and what was compiled once is not compiled again."""

import os
import subprocess
import sys

import pytest

HEAVY = ("jax", "sklearn", "matplotlib", "numpy", "scipy", "equinox", "pandas", "pyarrow", "pydantic")


def python(code, **environment):
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("statement", ["import ansatz, ansatz.cli", "import ansatz.cli.app"])
def test_importing_loads_nothing_heavy(statement):
    loaded = python(f"import sys; {statement}; print(*{{name.split('.')[0] for name in sys.modules}})").split()
    assert not set(HEAVY) & set(loaded)


HELP = (
    "import sys; from ansatz.cli import main; sys.argv = ['ansatz', '--help']\ntry: main()\nexcept SystemExit: pass\n"
)


def test_help_is_fast():
    python(HELP)
    spent = float(python(HELP + "import time; print(time.process_time())").splitlines()[-1])
    assert spent < 0.3, f"ansatz --help took {spent:.2f} s of CPU"


def test_help_loads_nothing_heavy():
    loaded = python(HELP + "print(*{name.split('.')[0] for name in sys.modules})").splitlines()[-1].split()
    assert not set(HEAVY) & set(loaded)


COUNTING = """
import sys
from ansatz.cli.guard import prepare_process
prepare_process()
import jax.monitoring
misses = []
def listen(name, **more):
    if name.endswith("cache_misses"):
        misses.append(name)
jax.monitoring.register_event_listener(listen)
import ansatz.cli.running
ansatz.cli.running.make_report = lambda directory: None
from ansatz.cli import main
try: main()
except SystemExit as stop: print("exit", stop.code)
print("misses", len(misses))
"""

NETWORK = """
title = "A small network"
[data]
problem = "xnor"
events = 120
split = {folds = 2}
[models.network]
kind = "mlp"
width = 4
epochs = 3
[report]
importance = false
"""


def test_the_second_run_compiles_nothing(tmp_path):
    (tmp_path / "study.toml").write_text(NETWORK)
    found = [compiled(tmp_path, f"run-{number}") for number in (1, 2)]
    assert found[0] > 0
    assert found[1] == 0


def compiled(folder, output):
    """How many programs a run had to compile, in a process of its own with a cache of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("JAX_")}
    command = [sys.executable, "-c", COUNTING, "run", "study.toml", "-o", output]
    environment = {**clean, "ANSATZ_CACHE": str(folder / "cache"), "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert "exit 0" in done.stdout, done.stdout + done.stderr
    return int(done.stdout.split("misses ")[1])


EARLY = """
import sys
class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
sys.argv = ["ansatz", "run", "nothing.toml"]
from ansatz.cli import main
main()
"""
SWALLOWED = """
import gc, time
from ansatz.cli import guard
guard.prepare_process()
def interrupt(*event):
    gc.callbacks.clear()
    raise KeyboardInterrupt
def command():
    gc.callbacks.append(interrupt)
    gc.collect()
    for _ in range(600):
        time.sleep(0.05)
raise SystemExit(guard.guarded(command))
"""


@pytest.mark.parametrize(
    "code", [EARLY.format(module="typer"), EARLY.format(module="ansatz.studies.schema"), SWALLOWED]
)
def test_an_interruption_is_one_line_whenever_it_comes(code):
    """While the program or the command is loaded, or where Python ignores exceptions."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "ansatz: interrupted\n")
