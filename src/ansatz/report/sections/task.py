"""The figures that belong to the task: curves and responses of classifiers, predictions and pulls of regressions."""

from __future__ import annotations

import numpy as np

from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.report.blocks import Block, Gallery, Section, Text
from ansatz.report.figures import planes
from ansatz.report.figures.images import samples
from ansatz.report.figures.performance import classification, regression, responses
from ansatz.report.picture import Picture
from ansatz.report.sections.data import pixels
from ansatz.report.story import Judged, Story
from ansatz.training import Fit
from ansatz.validation import (
    Answers,
    RocCurve,
    calibration_curve,
    confusion_matrix,
    precision_recall_curve,
    roc_curve,
)

MOST_CLASSES = 10


def task(story: Story) -> Section | None:
    """What the models answered."""
    if not story.judged:
        return None
    title = "How well classes are told apart" if story.task == "classification" else "Predictions"
    found = classified(story) if story.task == "classification" else predicted(story)
    return Section("task", title, found)


def classified(story: Story) -> list[Block]:
    """Curves of all models, then responses and decisions of the featured ones."""
    curves = binary(story) if len(story.classes) == 2 else several(story)
    responses = [picture for model in story.featured for picture in responses_of(story, model)]
    decisions = [_confusion(story, model) for model in story.featured[:2]]
    if len(story.classes) == 2 and story.featured:
        decisions.append(_cut(story, story.featured[0]))
    blocks: list[Block] = [Gallery(curves), Gallery(responses, "Response: training against fresh events")]
    blocks.append(Gallery(decisions, "Decisions"))
    extra = [*images(story), *maps(story)]
    return [*blocks, Gallery(extra, "Events and decisions")] if extra else blocks


def binary(story: Story) -> list[Picture]:
    """ROC, rejection, precision and recall, calibration."""
    background, signal = called(story)
    curves = {name: curve for name, m in story.judged.items() if (curve := roc_of(m.test)) is not None}
    recalls = {
        n: precision_recall_curve(m.test.y, m.test.score, m.test.weight) for n, m in story.judged.items() if n in curves
    }
    if not curves:
        return calibrations(story)
    return [
        classification.roc(curves, signal=signal, background=background, looks=story.looks),
        classification.rejection(curves, signal=signal, background=background, looks=story.looks),
        classification.precision_recall(recalls, signal=signal, looks=story.looks),
        *calibrations(story),
    ]


def called(story: Story) -> list[str]:
    """Classes as sentences name them: a bare number becomes "class 1"."""
    return [f"class {name}" if name.lstrip("-").isdigit() else name for name in story.classes]


def roc_of(answers: Answers, group: int = 1) -> RocCurve | None:
    """The ROC curve of one class against the rest, or None where there is none to draw."""
    try:
        return roc_curve(answers.y == group, responses.ranking_score(answers, group), answers.weight)
    except InputError:
        return None


def several(story: Story) -> list[Picture]:
    """Each class against the others, for the best model; calibration of all."""
    if not story.featured:
        return []
    best = story.featured[0]
    curves = {name: roc_of(best.test, k) for k, name in enumerate(story.classes[:MOST_CLASSES])}
    known = {name: curve for name, curve in curves.items() if curve is not None}
    found = [classification.roc(known, signal="the class", background="all others")] if known else []
    return [*found, *calibrations(story)]


def calibrations(story: Story) -> list[Picture]:
    """One picture of all models that claim probabilities."""
    key = named(story.key, "calibration")
    models = {name: m.test for name, m in story.judged.items() if m.test.probability is not None}
    curves = {name: calibration_curve(a, replicas=20, key=named(key, name)) for name, a in models.items()}
    return [responses.calibration(curves, looks=story.looks)] if curves else []


def responses_of(story: Story, model: Judged) -> list[Picture]:
    """Training against fresh events, for the signal of two classes or each of a few."""
    tests = model.record.get("overtraining") or {}
    p_values = {name: float(t["p_value"]) for name, t in tests.items() if t.get("p_value") is not None}
    groups = [1] if len(story.classes) == 2 else range(min(len(story.classes), MOST_CLASSES))
    if len(story.classes) > 2 and model is not story.featured[0]:
        return []
    return [
        responses.response(model.test, model.train, story.classes, group=k, p_values=p_values, name=model.name)
        for k in groups
        if 0 < np.sum(model.test.y == k) < len(model.test)
    ]


def _confusion(story: Story, model: Judged) -> Picture:
    answers = model.test
    matrix = confusion_matrix(answers.y, answers.decision, answers.weight, classes=len(story.classes))
    return classification.confusion(matrix, story.classes, name=model.name)


def _cut(story: Story, model: Judged) -> Picture:
    answers = model.test
    share = float(answers.weight[answers.y == 1].sum() / answers.weight.sum())
    curve = roc_curve(answers.y, answers.score, answers.weight)
    return classification.cut_scan(curve, share, name=model.name, signal=called(story)[1])


def images(story: Story) -> list[Picture]:
    """Sample images with the wrong ones marked, if events are images."""
    shape = pixels(story)
    if shape is None or not story.featured:
        return []
    best = story.featured[0]
    return [samples(story.data.x, best.test, shape, story.classes, name=best.name)]


def maps(story: Story) -> list[Picture]:
    """Decision regions of every model, if the data have two columns."""
    if len(story.data.columns) != 2:
        return []
    found = []
    for name in list(story.judged)[:6]:
        fit = story.fit(name)
        if fit is not None:
            found.append(planes.regions(story.data, lambda points, fit=fit: shares(fit, points), name=name))
    return found


def shares(fit: Fit, points: np.ndarray) -> np.ndarray:
    """How much of each class a fit gives to points: its probabilities, or all to the class it decides for."""
    probability = fit.probability(points)
    return np.eye(len(fit.classes))[fit.predict(points)] if probability is None else probability


def predicted(story: Story) -> list[Block]:
    """Predictions, residuals and pulls of the featured models, target by target; the curve of one column."""
    blocks: list[Block] = [Gallery(fitted_curves(story))] if len(story.data.columns) == 1 else []
    for output, target in enumerate(story.targets):
        pictures = [picture for model in story.featured for picture in _one_target(story, model, output)]
        blocks.append(Gallery(pictures, target if len(story.targets) > 1 else ""))
    return blocks or [Text("No model gave predictions that can be drawn.", "note")]


def _one_target(story: Story, model: Judged, output: int) -> list[Picture]:
    target = story.targets[output]
    about = {"output": output, "target": target, "unit": story.units.get(target), "name": model.name}
    sigma, scale = spread_of(model.train, output)
    return [
        regression.predicted_against_true(model.test, **about),
        regression.residuals(model.test, **about),
        regression.pulls(model.test, output=output, sigma=sigma, scale=scale, target=target, name=model.name),
    ]


def spread_of(train: Answers | None, output: int) -> tuple[float | None, str]:
    """The standard deviation of the training residuals, as the error that a fit claims for a prediction."""
    if train is None:
        return None, ""
    truth, value, weight = regression.column_of(train, output)
    spread = regression.moments(value - truth, weight)[1]
    return (spread, "the standard deviation of the training residuals") if spread > 0 else (None, "")


def fitted_curves(story: Story) -> list[Picture]:
    """The curve of every model over the one column that there is."""
    column, target = story.data.columns[0], story.targets[0]
    x, y = np.asarray(story.data.x[:, 0], float), np.asarray(story.data.y, float).reshape(len(story.data), -1)[:, 0]
    grid = np.linspace(x.min(), x.max(), 200)
    units = (story.units.get(column), story.units.get(target))
    found = []
    for name in list(story.judged)[:6]:
        fit = story.fit(name)
        if fit is not None:
            members = fit.members(grid[:, None]).reshape(-1, len(grid), max(len(story.targets), 1))[:, :, 0]
            found.append(regression.curve(x, y, grid, members, column=column, target=target, units=units, name=name))
    return found
