"""How the models learned: learning curves of those that iterate."""

from __future__ import annotations

import numpy as np

from ansatz.report.blocks import Gallery, Section, Table, Text
from ansatz.report.figures.performance.training import learning_curve, shared_terms
from ansatz.report.picture import Picture
from ansatz.report.story import Judged, Story


def training(story: Story) -> Section | None:
    """Learning curves and what the fits had to say; nothing if no model iterates."""
    pictures = [picture for model in story.models.values() for picture in curves(story, model)]
    table = verdicts(story)
    messages = [f"{m.name}: {m.record['message']}." for m in story.models.values() if m.record.get("message")]
    if not (pictures or messages or table):
        return None
    blocks = [*([Gallery(pictures)] if pictures else []), *([table] if table else [])]
    return Section("training", "Learning curves", [*blocks, *(Text(m, "note") for m in messages)])


def curves(story: Story, model: Judged) -> list[Picture]:
    """One picture per term of the risk that was watched."""
    terms = [term for term in shared_terms(model.history) if _drawable(model, term)]
    if not terms:
        return []
    chosen = [term for term in terms if term != "risk"] or terms
    best = best_epoch(story, model)
    return [learning_curve(model.history, term, best_epoch=best, name=model.name) for term in chosen[:4]]


def best_epoch(story: Story, model: Judged) -> np.ndarray | None:
    """The epoch that was kept, from the results or from the stored model."""
    if model.record.get("best_epoch") is not None:
        return np.atleast_1d(np.asarray(model.record["best_epoch"], dtype=int))
    fit = story.fit(model.name)
    return None if fit is None else np.asarray(fit.best_epoch)


def _drawable(model: Judged, term: str) -> bool:
    values = [model.history[key] for key in (f"train/{term}", f"validation/{term}") if key in model.history]
    return any(np.isfinite(v).any() for v in values)


def verdicts(story: Story) -> Table | None:
    """Risk on training and fresh rows, what that means for every model, and what may help."""
    rows = []
    for model in story.models.values():
        verdict = model.record.get("verdict") or {}
        if verdict.get("sentence"):
            remedies = "; ".join(str(r) for r in verdict.get("remedies") or ()) or "—"
            rows.append([model.name, str(verdict.get("verdict")), str(verdict["sentence"]), remedies])
    caption = "The risk on training rows against that on rows not trained on."
    return Table(["model", "verdict", "why", "what may help"], rows, caption) if rows else None
