"""What populations share: bounds that fold, and the log of generations."""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.errors import InputError
from ansatz.optimizers.evolution.search import Box, Task
from ansatz.optimizers.minimum import Minimum, explained
from ansatz.optimizers.stopping import BUDGET, RUNNING, TARGET


def fold(points: np.ndarray, box: Box | None) -> np.ndarray:
    """Points of the whole space folded into a box, shape (points, parameters).

    Away from the walls they stay where they are. Near a wall the map bends round as a parabola, so that a minimum on
    the wall is a smooth minimum for the search; beyond it goes back.

    Example:
        >>> fold(np.array([[0.5], [0.0], [1.05]]), (np.zeros(1), np.ones(1))).round(4).ravel().tolist()
        [0.5, 0.0125, 1.0]
    """
    if box is None:
        return points
    low, high = box
    margin = 0.05 * (high - low)
    top = (high - low) + 2 * margin
    inside = np.mod(points - (low - margin), 2 * top)
    inside = np.minimum(inside, 2 * top - inside)
    folded = low - margin + inside
    folded = np.where(inside < 2 * margin, low + inside**2 / (4 * margin), folded)
    return np.where(inside > top - 2 * margin, high - (top - inside) ** 2 / (4 * margin), folded)


@dataclasses.dataclass
class Log:
    """The best place of each generation, and of all.

    Attributes:
        task: what is minimized.
        theta: the best place.
        value: the function there.
        evaluations: how often it has been called.
        reason: why the run ended in which the best place was found.
        called: why whoever watches has called it off.
    """

    task: Task
    theta: np.ndarray
    value: float
    evaluations: int
    reason: int = RUNNING
    called: int = RUNNING
    improved: bool = True
    points: list[np.ndarray] = dataclasses.field(default_factory=list)
    values: list[float] = dataclasses.field(default_factory=list)
    counts: list[int] = dataclasses.field(default_factory=list)
    extras: dict[str, list] = dataclasses.field(default_factory=dict)

    @staticmethod
    def begun(task: Task) -> Log:
        """The log with the start in it.

        Raises:
            InputError: if the function is not finite at the start, or the start is outside the bounds.
        """
        if task.bounds is not None and not np.all((task.start >= task.bounds[0]) & (task.start <= task.bounds[1])):
            raise InputError("the start is outside the bounds; start inside")
        value = float(task.many(task.start[None])[0])
        if not np.isfinite(value):
            raise InputError(f"the function is {value} at the start; start where it is finite")
        return Log(task, task.start, value, 1, points=[task.start], values=[value], counts=[1])

    def add(self, points: np.ndarray, values: np.ndarray, *, evaluated: int | None = None, **extras: object) -> None:
        """One generation: its points, shape (population, parameters), and values; NaN is never the best.

        `evaluated` is how many of them are new, by default all.
        """
        best = int(values.argmin())
        if values[best] != values[best]:
            best = int(np.where(np.isnan(values), np.inf, values).argmin())
        value = float(values[best])
        if value < self.value:
            self.theta, self.value, self.improved = points[best].copy(), value, True
        self.evaluations += len(values) if evaluated is None else evaluated
        self.values.append(value)
        self.counts.append(self.evaluations)
        if self.task.path:
            self.points.append(points[best].copy())
        for name, number in extras.items():
            self.extras.setdefault(name, []).append(number)
        if self.task.watch is not None:
            self.called = self.task.watch(self.theta)

    def ended(self, reason: int) -> None:
        """A run has ended for that reason."""
        if self.improved:
            self.reason, self.improved = reason, False

    def verdict(self) -> int:
        """Whether the target is reached or the search called off; `RUNNING` if not."""
        return TARGET if self.value <= self.task.stop.target else self.called

    def over(self) -> bool:
        """Whether it is over for one of these reasons or the budget is spent."""
        return self.verdict() != RUNNING or self.evaluations >= self.task.stop.evaluations

    def minimum(self) -> Minimum:
        """The record."""
        code = self.verdict() or self.reason
        return Minimum(
            theta=self.task.built(self.theta),
            value=self.value,
            path=np.array(self.points) if self.task.path else np.zeros((len(self.values), 0)),
            values=np.array(self.values),
            gradient_norms=np.full(len(self.values), np.nan),
            evaluations=np.array(self.counts),
            details={name: np.array(numbers) for name, numbers in self.extras.items()},
            **explained(BUDGET if code == RUNNING else code, self.value, self.evaluations),
        )
