"""What a learner that wraps a learner passes on, written once: `tasks = property(tasks_inside)`."""

from __future__ import annotations

from typing import Protocol

from ansatz.training.learners import Learner

REGRESSION = frozenset({"regression"})
CLASSIFICATION = frozenset({"classification"})


class Wrapper(Protocol):
    """A record with a learner inside."""

    learner: Learner


def tasks_inside(wrapper: Wrapper) -> frozenset[str]:
    """The tasks of the learner inside."""
    return wrapper.learner.tasks


def regression_inside(wrapper: Wrapper) -> frozenset[str]:
    """Regression, if the learner inside can do it."""
    return wrapper.learner.tasks & REGRESSION


def classification_inside(wrapper: Wrapper) -> frozenset[str]:
    """Classification, if the learner inside can do it."""
    return wrapper.learner.tasks & CLASSIFICATION


def signs_inside(wrapper: Wrapper) -> bool:
    """Whether the learner inside takes negative event weights."""
    return wrapper.learner.negative_weights
