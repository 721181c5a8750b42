"""All models side by side: every metric with its error, what it cost, and the differences."""

from __future__ import annotations

import math

import numpy as np

from ansatz.report.blocks import Block, Cell, Gallery, Section, Table
from ansatz.report.figures.performance import comparison as figures
from ansatz.report.picture import Picture
from ansatz.report.sections.result import comparison
from ansatz.report.story import Judged, Story
from ansatz.report.words import best_of, larger_is_better, measured, metric_label, p_words, seconds, typeset

DRAWN = 3
"""Metrics that get a figure; all are in the table."""
_FIRST = ("log_loss", "accuracy", "average_precision", "rmse", "mae", "r2")


def models(story: Story) -> Section | None:
    """The comparison of all models; nothing if none were compared."""
    if not story.models:
        return None
    blocks: list[Block] = [overview(story), Gallery(drawn(story), "Scores"), all_metrics(story)]
    table = tested(story)
    return Section("models", "Models compared", [*blocks, table] if table else blocks)


def overview(story: Story) -> Table:
    """One line per model: the primary metric, the folds, the verdict, the cost."""
    intervals = {name: m.metrics().get(story.metric) for name, m in story.models.items()}
    best = best_of(story.metric, {n: i for n, i in intervals.items() if not _reference(story.models[n])})
    head = [
        "model",
        "kind",
        metric_label(story.metric, story.unit()),
        "training rows",
        "folds",
        "verdict",
        "time",
        "compiling",
        "stopped",
    ]
    rows = [_line(story, model, best=name in best) for name, model in story.models.items()]
    caption = (
        "Folds: mean and standard deviation over the folds. Time: of the final fit, wall clock, without compilation."
    )
    return Table(head, rows, caption)


def _reference(model: Judged) -> bool:
    return model.record.get("kind") == "reference"


def _line(story: Story, model: Judged, *, best: bool) -> list[Cell | str]:
    record, metric = model.record, story.metric
    verdict = record.get("verdict") or {}
    stopped = str(record.get("stopped") or "—") + ("" if record.get("converged", True) else " (not converged)")
    return [
        model.name,
        Cell(str(record.get("kind") or "—"), number=False),
        Cell(typeset(model.metrics().get(metric)), best=best),
        Cell(typeset(model.metrics("train_metrics").get(metric))),
        Cell(spread(model.folds(metric))),
        Cell(str(verdict.get("verdict") or "—"), number=False),
        Cell(seconds(record.get("seconds"))),
        Cell(seconds(record.get("compile_seconds") or None)),
        Cell(stopped, number=False),
    ]


def spread(values: list[float]) -> str:
    """Mean and standard deviation over folds.

    Example:
        >>> spread([0.90, 0.92, 0.94]), spread([])
        ('0.920 (sd 0.020)', '—')
    """
    known = np.array([v for v in values if math.isfinite(v)])
    if len(known) < 2:
        return "—"
    sd = float(known.std(ddof=1))
    places = max(0, 1 - math.floor(math.log10(sd))) if sd > 0 else 4
    return f"{known.mean():.{places}f} (sd {sd:.{places}f})".replace("-", "−")


def metric_names(story: Story) -> list[str]:
    """Every metric that any model has, the primary one first."""
    names = dict.fromkeys([story.metric] if story.metric else [])
    for model in story.models.values():
        names |= dict.fromkeys(model.metrics())
    return list(names)


def all_metrics(story: Story) -> Table:
    """Every metric of every model with its error, the best in bold."""
    rows = []
    for metric in metric_names(story):
        intervals = {name: model.metrics().get(metric) for name, model in story.models.items()}
        best = best_of(metric, {n: i for n, i in intervals.items() if not _reference(story.models[n])})
        arrow = {True: " ↑", False: " ↓", None: ""}[larger_is_better(metric)]
        rows.append(
            [
                metric_label(metric, story.unit(metric)) + arrow,
                *(Cell(typeset(i), best=n in best) for n, i in intervals.items()),
            ]
        )
    caption = "↑ larger is better, ↓ smaller is better; bold: the best value, which need not be significantly better."
    return Table(["metric", *story.models], rows, caption)


def drawn(story: Story) -> list[Picture]:
    """Dot and interval plots of a few metrics, and the differences to the baseline."""
    names = metric_names(story)
    chosen = dict.fromkeys([*names[:1], *(n for n in _FIRST if n in names)])
    pictures = [_scores(story, metric) for metric in list(chosen)[:DRAWN]]
    baseline = str(story.results.get("baseline"))
    others = {name: comparison(story, name, baseline) for name in story.models if name != baseline}
    known = {name: found[0] for name, found in others.items() if found}
    return (
        [*pictures, figures.differences(story.metric, known, reference=baseline, unit=story.unit(), looks=story.looks)]
        if known
        else pictures
    )


def _scores(story: Story, metric: str) -> Picture:
    models = {name: m for name, m in story.models.items() if metric in m.metrics()}
    return figures.scores(
        metric,
        {name: m.metrics()[metric] for name, m in models.items()},
        train={
            n: m.metrics("train_metrics")[metric].value
            for n, m in models.items()
            if metric in m.metrics("train_metrics")
        },
        folds={name: m.folds(metric) for name, m in models.items()},
        best=str(story.results.get("winner")),
        unit=story.unit(metric),
        looks=story.looks,
    )


def tested(story: Story) -> Table | None:
    """Every paired comparison with its p-values."""
    rows = []
    for record in story.results.get("comparisons") or ():
        found = comparison(story, record["a"], record["b"])
        if found:
            exact = record.get("mcnemar_p_value")
            rows.append([
                f"{record['a']} − {record['b']}",
                Cell(measured(found[0])),
                Cell(p_words(record.get("p_value"))),
                Cell("—" if record.get("p_adjusted") is None else f"{record['p_adjusted']:.2g}".replace("-", "−")),
                Cell("—" if exact is None else f"{exact:.2g}".replace("-", "−")),
            ])  # fmt: skip
    head = ["models", f"difference in {metric_label(story.metric)}", "paired test", "adjusted p (Holm)", "McNemar p"]
    return Table(head, rows, "Paired on the same rows.", folded=len(rows) > 6) if rows else None
