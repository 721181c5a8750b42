"""Small pictures as events: samples with what the model made of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ansatz.report.picture import Picture
from ansatz.report.style import look, plain, styled
from ansatz.validation import Answers


def image_shape(x: np.ndarray, columns: Sequence[str]) -> tuple[int, int] | None:
    """Height and width if the features are the pixels of one gray image, else None.

    Columns count as pixels if their names end in row and column, as `pixel_0_7` does.

    Example:
        >>> import numpy as np
        >>> image_shape(np.zeros((5, 4)), ["p_0_0", "p_0_1", "p_1_0", "p_1_1"])
        (2, 2)
        >>> image_shape(np.zeros((5, 2)), ["pt", "eta"]) is None
        True
    """
    if x.ndim == 3 or (x.ndim == 4 and x.shape[-1] == 1):
        return x.shape[1], x.shape[2]
    places = [re.search(r"_(\d+)_(\d+)$", column) for column in columns]
    if x.ndim != 2 or len(columns) < 4 or not all(places):
        return None
    height, width = (max(int(place[axis]) for place in places) + 1 for axis in (1, 2))
    return (height, width) if height * width == len(columns) else None


def _examples(answers: Answers, most: int) -> np.ndarray:
    """Rows to show: the wrong ones first, at most half of all, then right ones, in the order of the data."""
    wrong, right = (np.flatnonzero(mask) for mask in (answers.decision != answers.y, answers.decision == answers.y))
    some = wrong[: most // 2]
    return np.sort(np.concatenate([some, right[: most - len(some)]]))


@styled
def samples(
    x: np.ndarray,
    answers: Answers,
    shape: tuple[int, int],
    classes: Sequence[str],
    *,
    most: int = 40,
    name: str = "fit",
) -> Picture:
    """Images with what the model took them for; the wrong ones framed and marked with a cross.

    Args:
        x: pixels, shape (events, pixels) or (events, height, width, ...).
        answers: to these events.
        shape: height and width.
        classes: names of the classes.
        most: how many are shown; half of them wrong ones, if there are so many.
        name: of the model.
    """
    rows = _examples(answers, most)
    columns = min(8, len(rows))
    lines = -(-len(rows) // columns)
    figure = Figure(figsize=(4.6, 0.1 + 0.72 * lines), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False).ravel()
    limits = float(x.min()), float(x.max())
    for axes, row in zip(grid, rows, strict=False):
        _thumbnail(axes, x[row].reshape(shape), limits, wrong=bool(answers.decision[row] != answers.y[row]))
        axes.set_title(_words(answers, row, classes), fontsize=6.5, pad=2)
    for axes in grid[len(rows) :]:
        axes.set_axis_off()
    table = {
        "row": rows,
        "true": [classes[k] for k in answers.y[rows]],
        "taken for": [classes[k] for k in answers.decision[rows]],
    }
    caption = f"Events with what {name} took them for; wrong ones (✗, framed) are shown more often than they occur."
    return Picture(figure, table, caption, f"Samples, {name}", f"samples-{name}")


def _words(answers: Answers, row: int, classes: Sequence[str]) -> str:
    said, true = plain(classes[answers.decision[row]], 8), plain(classes[answers.y[row]], 8)
    return said if said == true else f"✗ {said}, is {true}"


def _thumbnail(axes: Axes, image: np.ndarray, limits: tuple[float, float], *, wrong: bool) -> None:
    axes.imshow(image, cmap="gray_r", vmin=limits[0], vmax=limits[1], interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.minorticks_off()
    for spine in axes.spines.values():
        spine.set(color=look(1).color if wrong else "#c9ced6", linewidth=1.8 if wrong else 0.5)


@styled
def mean_images(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, shape: tuple[int, int], classes: Sequence[str]
) -> Picture:
    """The weighted mean image of each class."""
    columns = min(5, len(classes))
    lines = -(-len(classes) // columns)
    figure = Figure(figsize=(3.5, 0.1 + 0.85 * lines), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False).ravel()
    table: dict[str, list] = {"class": [], "row": [], "column": [], "mean": []}
    for axes in grid:
        axes.set_axis_off()
    for k, (axes, title) in enumerate(zip(grid, classes, strict=False)):
        w = weight[y == k]
        mean = np.tensordot(w / w.sum(), x[y == k].reshape(-1, *shape), axes=1) if len(w) else np.zeros(shape)
        axes.imshow(mean, cmap="gray_r", interpolation="nearest")
        axes.set_title(plain(title, 12), fontsize=7, pad=2)
        table["class"] += [title] * mean.size
        table["row"] += np.indices(shape)[0].ravel().tolist()
        table["column"] += np.indices(shape)[1].ravel().tolist()
        table["mean"] += mean.ravel().tolist()
    return Picture(figure, table, "Weighted mean image of each class.", "Mean images", "mean-images")
