"""From the last state of all members to the record that a fit returns."""

from __future__ import annotations

import equinox as eqx
import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.training.engine import program
from ansatz.training.prediction import Network
from ansatz.training.result import Fit

REASONS = {
    program.RUNNING: "epochs",
    program.PATIENCE: "patience",
    program.DIVERGED: "diverged",
    program.CONVERGED: "converged",
    program.STUCK: "stuck",
}
"""Why a member stopped, in a word."""

SMOOTH = "a smooth activation such as tanh helps"
"""What to do where a rule that knows the curvature is stuck."""


class NonFiniteRisk(InputError):
    """A risk became infinite or NaN; `fit` is the fit as it was at the last good epoch."""

    def __init__(self, message: str, fit: Fit) -> None:
        InputError.__init__(self, message)
        self.fit = fit


def conclude(
    states: program.State,
    members: program.Member,
    history: dict[str, np.ndarray],
    *,
    source: Dataset,
    head: str,
    seconds: float,
    compile_seconds: float,
) -> Fit:
    """The record of a finished fit.

    Raises:
        NonFiniteRisk: if every member diverged; the error carries the fit as it was at the last good epoch.
    """
    status = np.asarray(states.status)
    stopped, converged, message = _verdict(status, history, np.asarray(states.best_epoch))
    plain = len(status) == 1
    fit = Fit(
        predictor=Network(eqx.combine(states.best, members.rest), head),
        task=source.task,
        classes=source.classes,
        columns=source.columns,
        history={name: values[0] if plain else values for name, values in history.items()},
        best_epoch=np.asarray(states.best_epoch),
        stopped=stopped,
        converged=converged,
        seconds=seconds,
        compile_seconds=compile_seconds,
        message=message,
        details={} if plain else {"members_stopped": [REASONS[number] for number in status]},
    )
    if np.all(status == program.DIVERGED):
        raise NonFiniteRisk(_divergence(states, history), fit)
    return fit


def _verdict(status: np.ndarray, history: dict[str, np.ndarray], best: np.ndarray) -> tuple[str, bool, str]:
    """Why it stopped, whether it may be believed to have finished, and one sentence."""
    diverged = int(np.sum(status == program.DIVERGED))
    if diverged:
        return "diverged", False, f"{diverged} of {len(status)} members diverged; lower the learning rate"
    if np.all(status == program.PATIENCE):
        return "patience", True, ""
    stuck = int(np.sum(status == program.STUCK))
    if stuck:
        return "stuck", False, f"{stuck} of {len(status)} members found no lower risk though it still slopes; {SMOOTH}"
    if np.all(status != program.RUNNING):
        return "converged", True, ""
    if _still_falling(history, best):
        return "epochs", False, "the risk was still falling at the last epoch; give more epochs"
    return "epochs", True, ""


def _still_falling(history: dict[str, np.ndarray], best: np.ndarray) -> bool:
    """Whether the last tenth of the epochs brought more than a hundredth of the whole gain, for most members."""
    curve = history.get("validation/risk", history["train/risk"])
    epochs = curve.shape[1]
    if epochs < 10:
        return True
    tenth = max(epochs // 10, 1)
    with np.errstate(invalid="ignore"):
        late, before = curve[:, -tenth:].mean(axis=1), curve[:, -2 * tenth : -tenth].mean(axis=1)
        gain = np.nan_to_num(before - late) > 0.01 * np.abs(curve[:, 0] - late)
    return bool(np.mean(gain & (best >= epochs - tenth)) > 0.5)


def _divergence(states: program.State, history: dict[str, np.ndarray]) -> str:
    """Which term, in which epoch and step, and what to do."""
    epoch, step = int(np.asarray(states.epoch)[0]), int(np.asarray(states.failed_step)[0])
    finite = {name: np.isfinite(values[0]).sum() for name, values in history.items()}
    bad = [name.split("/", 1)[1] for name, count in finite.items() if count < epoch and not name.endswith("/risk")]
    where = f"step {step + 1} of epoch {epoch}" if step >= 0 else f"the validation after epoch {epoch}"
    named = f" (term: {', '.join(dict.fromkeys(bad))})" if bad else ""
    return (
        f"the risk is not finite in {where}{named}; lower the learning rate, clip the gradient (clip = 1), "
        "or look for extreme values in the features; the model of the last good epoch is kept"
    )
