"""What the models look at: importance, ranking, coefficients, trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansatz.report.blocks import Block, Cell, Code, Gallery, Section, Table
from ansatz.report.figures.performance import explanation, trees
from ansatz.report.picture import Picture
from ansatz.report.story import Judged, Story
from ansatz.report.words import metric_label, number, with_unit


def interpretation(story: Story) -> Section | None:
    """Everything that says why a model answers as it does; nothing if nothing is known."""
    bars = [*ranked(story), *important(story), *slopes(story)]
    drawn = [picture for model in story.models.values() for picture in tree_of(story, model)]
    blocks: list[Block] = [Gallery(bars)] if bars else []
    blocks += [Gallery(drawn, "Trees", size="wide")] if drawn else []
    blocks += [block for model in story.models.values() for block in told(story, model)]
    return Section("interpretation", "Interpretation", blocks) if blocks else None


def ranked(story: Story) -> list[Picture]:
    """The columns by their own separation."""
    records = [{"separation": r.get("value"), **r} for r in story.results.get("ranking") or ()]
    return [explanation.ranking(records)] if records else []


def important(story: Story) -> list[Picture]:
    """Permutation importance of every model that has it."""
    metric = metric_label(story.metric)
    models = [m for m in story.models.values() if m.record.get("importance")]
    return [explanation.importance(m.record["importance"], metric=metric, name=m.name) for m in models]


def details(story: Story, model: Judged) -> Mapping[str, Any]:
    """Further numbers of a fit, from the results or from the stored model."""
    known = model.record.get("details")
    if isinstance(known, Mapping):
        return known
    fit = story.fit(model.name)
    return fit.details if fit is not None else {}


def slopes(story: Story) -> list[Picture]:
    """Coefficients of linear models, per standard deviation of their columns where that is known."""
    found = []
    for model in story.models.values():
        known = details(story, model)
        scaled = _numbers(known.get("standardized_coefficients"), story)
        if scaled and len(scaled) > 1:
            per = "per standard deviation of the column"
            found.append(explanation.coefficients(scaled, name=model.name, per=per))
    return found


def _numbers(values: object, story: Story) -> dict[str, float]:
    """Coefficients by column, from a mapping or from a list in the order of the columns."""
    if isinstance(values, Mapping) and values and all(isinstance(v, int | float) for v in values.values()):
        return {str(k): float(v) for k, v in values.items()}
    if isinstance(values, list | tuple) and len(values) == len(story.data.columns):
        return {c: float(v) for c, v in zip(story.data.columns, values, strict=True) if isinstance(v, int | float)}
    return {}


def tree_of(story: Story, model: Judged) -> list[Picture]:
    """The decision tree of a model that is one."""
    nodes = details(story, model).get("tree")
    if not isinstance(nodes, Mapping) or len(nodes.get("left", ())) < 3:
        return []
    return [trees.tree(nodes, story.classes or None, name=model.name)]


def told(story: Story, model: Judged) -> list[Block]:
    """Coefficients in the units of the file, and a tree as text."""
    known = details(story, model)
    values, errors = (_numbers(known.get(key), story) for key in ("coefficients", "coefficient_errors"))
    blocks: list[Block] = []
    if values:
        blocks.append(_coefficient_table(story, model, values, errors, known))
    if known.get("text"):
        blocks.append(Code(str(known["text"]), f"{model.name} in words", folded=True))
    return blocks


def _coefficient_table(
    story: Story, model: Judged, values: dict[str, float], errors: dict[str, float], known: Mapping[str, Any]
) -> Table:
    rows = [[with_unit(c, story.units), Cell(number(v, 6)), Cell(number(errors.get(c), 2))] for c, v in values.items()]
    zero, zero_error = known.get("intercept"), known.get("intercept_error")
    if isinstance(zero, int | float):
        rows.insert(0, ["intercept", Cell(number(zero, 7)), Cell(number(zero_error, 2))])
    caption = f"{model.name}: coefficients in the units of the file."
    return Table(["column", "coefficient", "standard error"], rows, caption, folded=len(rows) > 8)
