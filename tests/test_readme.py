"""What the README shows is true."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ansatz.errors import InputError
from ansatz.studies.catalogue import build_learner
from ansatz.studies.schema.study import parse_study

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def block(language):
    return re.search(rf"```{language}\n(.*?)```", README, re.DOTALL).group(1)


def test_the_python_example_runs(tmp_path):
    script = tmp_path / "example.py"
    script.write_text(block("python"))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] in ("trees", "network")


def test_the_study_is_one():
    study = parse_study(tomllib.loads(block("toml")))
    assert set(study.models) == {"one-observable", "boosted-trees", "network"}
    assert all(callable(build_learner(name, model)) for name, model in study.models.items())


def test_the_misspelt_key_is_answered_as_shown():
    tables = tomllib.loads(block("toml"))
    tables["models"]["network"]["widht"] = tables["models"]["network"].pop("width")
    study = parse_study(tables)
    with pytest.raises(InputError) as caught:
        build_learner("network", study.models["network"])
    assert f"`{caught.value}`" in README


def test_the_places_it_names_exist():
    for target in re.findall(r"\]\(([^)h][^)]*)\)", README):
        assert (ROOT / target).exists(), target
