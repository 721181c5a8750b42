"""How the risk went down: learning curves with the epoch that was kept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import GRAY, canvas, look, plain, styled

_PARTS = {"train": look(1), "validation": look(0)}


def _members(values: np.ndarray) -> np.ndarray:
    """Shape (members, epochs), without the epochs after all members had stopped."""
    values = np.atleast_2d(np.asarray(values, dtype=float))
    alive = np.flatnonzero(np.isfinite(values).any(axis=0))
    return values[:, : alive[-1] + 1] if len(alive) else values[:, :1]


def _middle(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median and central 68 % over the members still running, each of shape (epochs,)."""
    alive = np.isfinite(values)
    filled = [
        column[mask] if mask.any() else np.array([np.nan]) for column, mask in zip(values.T, alive.T, strict=True)
    ]
    low, mid, high = np.array([np.quantile(c, [0.1587, 0.5, 0.8413]) for c in filled]).T
    return mid, low, high


def _thin(epochs: int, most: int = 400) -> np.ndarray:
    return np.unique(np.linspace(0, epochs - 1, min(epochs, most)).astype(int))


def shared_terms(history: Mapping[str, np.ndarray]) -> list[str]:
    """The risk terms that are known on validation rows; if there are none, those on training rows."""
    names = [key.partition("/")[2] for key in history if key.startswith("validation/")]
    return names or [key.partition("/")[2] for key in history if key.startswith("train/")]


@styled
def learning_curve(
    history: Mapping[str, np.ndarray], term: str, *, best_epoch: np.ndarray | None = None, name: str = "fit"
) -> Picture:
    """One term of the risk on training and validation rows, epoch by epoch.

    Args:
        history: `Fit.history`: `"train/TERM"` and `"validation/TERM"`, shape (epochs,) or (members, epochs).
        term: which term.
        best_epoch: the epoch that was kept, counted from zero, one for each member.
        name: of the model.

    Example:
        >>> import numpy as np
        >>> history = {"train/mse": np.array([3.0, 2.0, 1.0]), "validation/mse": np.array([3.0, 2.5, 2.6])}
        >>> learning_curve(history, "mse", best_epoch=np.array([1])).table["risk"]
        [3.0, 2.0, 1.0, 3.0, 2.5, 2.6]
    """
    figure, axes = canvas()
    curves = {}
    for part, style in _PARTS.items():
        if f"{part}/{term}" not in history:
            continue
        mid, low, high = _middle(_members(history[f"{part}/{term}"]))
        keep = _thin(len(mid))
        curves[part] = {"epoch": keep + 1, "risk": mid[keep], "low": low[keep], "high": high[keep]}
        axes.plot(keep + 1, mid[keep], color=style.color, ls=style.line, label=part)
        if len(_members(history[f"{part}/{term}"])) > 1:
            axes.fill_between(keep + 1, low[keep], high[keep], color=style.color, alpha=0.2, lw=0)
    epochs = max(int(c["epoch"][-1]) for c in curves.values())
    _mark_best(axes, best_epoch, epochs)
    _scale(axes, curves, epochs)
    axes.set(xlabel="epoch", ylabel=plain(f"risk: {term.replace('_', ' ')}"))
    axes.legend(loc="upper right")
    return Picture(
        figure,
        stacked_table(curves, "rows"),
        _caption(history, term, best_epoch),
        f"Learning curve of {name}",
        f"learning-{name}-{term}",
    )


def _mark_best(axes: Axes, best_epoch: np.ndarray | None, epochs: int) -> None:
    if best_epoch is None or not np.size(best_epoch):
        return
    best = float(np.median(best_epoch)) + 1
    axes.axvline(best, color=GRAY, lw=0.9, label="model kept")
    if best < epochs:
        axes.axvspan(best, epochs, color=GRAY, alpha=0.1, lw=0, label="looked back over")


def _scale(axes: Axes, curves: Mapping[str, Mapping[str, np.ndarray]], epochs: int) -> None:
    values = np.concatenate([c["risk"][np.isfinite(c["risk"])] for c in curves.values()])
    if len(values) and values.min() > 0 and values.max() > 20 * values.min():
        axes.set_yscale("log")
    axes.set_xlim(1 if epochs > 1 else 0.5, max(epochs, 1.5))


def _caption(history: Mapping[str, np.ndarray], term: str, best_epoch: np.ndarray | None) -> str:
    members = max(len(_members(values)) for key, values in history.items() if key.endswith(f"/{term}"))
    text = f"Mean {term.replace('_', ' ')} per epoch."
    if members > 1:
        text += f" Lines: median of {members} members; bands: their central 68 %."
    if best_epoch is not None and np.size(best_epoch):
        kept = np.asarray(best_epoch) + 1
        which = f"epoch {kept.min()}" if kept.min() == kept.max() else f"epochs {kept.min()} to {kept.max()}"
        last = max(_members(values).shape[1] for key, values in history.items() if key.endswith(f"/{term}"))
        after = "; what came after (gray) was looked at and not used" if np.median(kept) < last else ""
        text += f" The model of {which} was kept{after}."
    return text
