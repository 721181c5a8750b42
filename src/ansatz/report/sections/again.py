"""How to run it again: the study, the seed, the versions, the data, and what to cite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansatz.report.blocks import Block, Cell, Code, Facts, Section, Table, Text
from ansatz.report.story import Story
from ansatz.report.words import seconds


def again(story: Story) -> Section:
    """Everything that is needed to get the same numbers."""
    run = story.run
    study = story.directory.path / "study.toml"
    blocks: list[Block] = [Text("Save the study below as study.toml and run: ansatz run study.toml"), Facts(facts(run))]
    if study.is_file():
        blocks.append(Code(study.read_text(encoding="utf-8"), "study.toml"))
    versions = run.get("versions")
    if isinstance(versions, Mapping) and versions:
        rows = [[str(name), Cell(str(version), number=False)] for name, version in versions.items()]
        blocks.append(Table(["package", "version"], rows, "Versions that were used.", folded=True))
    citations = [str(c) for c in run.get("citations") or ()]
    if citations:
        blocks.append(Code("\n\n".join(citations), "Cite the methods that were used (BibTeX)"))
    return Section("again", "How to run it again", blocks)


def facts(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What identifies the run."""
    known = {
        "seed": run.get("seed"),
        "data (SHA-256)": run.get("data_sha256"),
        "command": run.get("command"),
        "started": run.get("started"),
        "took": seconds(run["seconds"]) if run.get("seconds") is not None else None,
        "status": run.get("status"),
    }
    return [(name, str(value)) for name, value in known.items() if value not in (None, "")]
