"""The run directory: what a run leaves behind, read through one small record."""

import dataclasses
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from ansatz.errors import InputError, suggest
from ansatz.studies.schema.study import Study, load_study
from ansatz.training.result import Fit

RUNS = Path("runs")


@dataclasses.dataclass(frozen=True)
class RunDirectory:
    """The record of one run.

    Attributes:
        path: the folder.

    Raises:
        InputError: from `open_run` or an accessor if a file is missing or cannot be read; the message names it.

    Example:
        >>> RunDirectory(Path("runs/resonance-001")).name
        'resonance-001'
    """

    path: Path

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.path.name

    @cached_property
    def study(self) -> Study:
        """The study as it was run."""
        return load_study(self.path / "study.toml")

    @property
    def run(self) -> dict[str, object]:
        """Title, status, times, versions, hash of the data: `run.json`."""
        return self._json("run.json")

    @property
    def status(self) -> str:
        """`"running"`, `"finished"` or `"failed"`; a run that was killed still says `"running"`."""
        return str(self.run["status"])

    @cached_property
    def data(self) -> dict[str, object]:
        """The description of the data: `data.json`."""
        return self._json("data.json")

    @cached_property
    def results(self) -> dict[str, object]:
        """All numbers: `results.json`."""
        return self._json("results.json")

    @cached_property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """The evaluated rows and the responses of every model: `arrays.npz`."""
        return self._stored("arrays.npz")

    @cached_property
    def significance(self) -> Mapping[str, np.ndarray]:
        """Scans over cuts and histograms of expected events; none if the study asks for none."""
        return self._stored("significance.npz") if (self.path / "significance.npz").is_file() else {}

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the fitted models, in the order of the study."""
        return tuple(name for name in self.study.models if self.model_path(name).is_dir())

    def model_path(self, name: str) -> Path:
        """The folder of a fitted model."""
        return self.path / "models" / name

    def analysis_path(self, name: str) -> Path:
        """The folder of an analysis."""
        return self.path / "analyses" / name

    def stage_path(self, name: str) -> Path:
        """The file of a finished piece of work."""
        return self.path / "stages" / f"{name}.npz"

    def model(self, name: str) -> Fit:
        """A fitted model.

        Raises:
            InputError: if there is none of that name, or its files were changed after the run.
        """
        from ansatz.training.store import load_fit

        if name not in self.models:
            known = ", ".join(self.models) or "none yet"
            raise InputError(f"{self.path} has no model '{name}'{suggest(name, self.models)}; it has: {known}")
        return load_fit(self.model_path(name))

    def history(self, name: str) -> dict[str, np.ndarray]:
        """Risk terms per epoch of a model; empty if its method does not iterate."""
        path = self.model_path(name) / "history.npz"
        if not path.is_file():
            return {}
        with np.load(path, allow_pickle=False) as stored:
            return {term: stored[term] for term in stored.files}

    def _existing(self, file: str) -> Path:
        path = self.path / file
        if not path.is_file():
            raise InputError(f"{self.path} has no {file}; if the run was stopped: ansatz run {self.path} --resume")
        return path

    def _stored(self, file: str) -> dict[str, np.ndarray]:
        path = self._existing(file)
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                return {name: stored[name] for name in stored.files}
        except (OSError, ValueError, EOFError, BadZipFile) as error:
            raise InputError(f"{path} cannot be read: {error}") from None

    def _json(self, file: str) -> dict[str, object]:
        path = self._existing(file)
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{path} cannot be read: {error}") from None


def open_run(path: Path | str) -> RunDirectory:
    """The run directory at `path`, or the run of that name in `runs/`.

    Raises:
        InputError: if it is none.
    """
    for folder in (Path(path), RUNS / path):
        if (folder / "run.json").is_file() and (folder / "study.toml").is_file():
            return RunDirectory(folder)
    if not Path(path).exists() and not (RUNS / path).exists():
        raise InputError(
            f"there is no run '{path}'{suggest(str(path), [r.name for r in all_runs()])}; see: ansatz list"
        )
    raise InputError(f"'{path}' is not a run directory: it holds no run.json and study.toml")


def all_runs(folder: Path = RUNS) -> list[RunDirectory]:
    """The runs in a folder, by name."""
    if not folder.is_dir():
        return []
    return [RunDirectory(p) for p in sorted(folder.iterdir()) if (p / "run.json").is_file()]


def next_path(name: str, folder: Path = RUNS) -> Path:
    """The first unused `folder/name-NNN`.

    Example:
        >>> next_path("resonance", Path("no-such-folder"))
        PosixPath('no-such-folder/resonance-001')
    """
    used = [p.name.removeprefix(f"{name}-") for p in folder.glob(f"{name}-*")] if folder.is_dir() else []
    number = max((int(u) for u in used if u.isdigit()), default=0) + 1
    return folder / f"{name}-{number:03d}"
