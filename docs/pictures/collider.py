"""Pictures of the page on searches: a run of the resonance on few events, and a bump hunt."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np

from ansatz.problems.collider import HiddenResonance
from ansatz.report.analyses.collider.bump_hunt import draw
from ansatz.report.picture import Picture
from ansatz.report.sections.significance import significance
from ansatz.report.story import open_story
from ansatz.studies import find_study, run_study
from ansatz.studies.analyses import Bench, analysis_named
from ansatz.studies.analyses.findings import Sample

SHOWN = ("significance", "stack-response-of-boosted-trees", "stack-m-ll-before-the-cut", "stack-m-ll-after-the-cut")


def pictures() -> Iterator[Picture]:
    """The significance of a small run, and the spectrum of a search without labels."""
    study = find_study("resonance", changes=["data.events=12000", "data.split.folds=2", "data.negative=0.0"])
    kept = {name: model for name, model in study.models.items() if name != "network"}
    with tempfile.TemporaryDirectory() as folder:
        run = run_study(study.replace(models=kept), Path(folder) / "run")
        section = significance(open_story(run.path))
    yield from (picture for picture in section.pictures if picture.name in SHOWN)
    data = HiddenResonance().draw(jax.random.key(1), 40_000)
    sample = Sample(data, np.arange(len(data)), np.zeros(0, int))
    search = analysis_named("bump-hunt")(region=(3.25, 3.75), degree=2, keep=0.01, toys=500, classifier={"kind": "lda"})
    for block in draw(search(sample, Bench(None), jax.random.key(0))):
        yield from block.pictures
