"""What the analyses of tasks without a target share: labels to compare with, rows to judge, fits of other samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.studies.analyses.findings import Bench, Sample
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.studies.execution.pieces import Piece, once
from ansatz.training.result import Fit
from ansatz.training.unsupervised import Unsupervised
from ansatz.typing import Key
from ansatz.validation import Interval, effective_count
from ansatz.validation.resampling import percentile_ends

JUDGED = 4000
"""Most rows that are judged on."""

REFITTED = 2000
"""Most rows of the samples that stability is measured with."""

MOST_LABELS = 30
"""Most different values of an observer that is taken for a label."""


def unlabeled(data: Dataset) -> Dataset:
    """The rows without their labels, as methods see them."""
    return data.replace(y=None, classes=None)


def labels_of(data: Dataset) -> dict[str, tuple[np.ndarray, tuple[str, ...]]]:
    """Labels that groups may be compared with, by name: numbers and names. The target, and observers of few values.

    No method ever sees them.
    """
    found = {}
    if data.y is not None and data.classes is not None:
        found[data.target[0]] = (np.asarray(data.y, int), tuple(data.classes))
    for name, values in data.observers.items():
        whole = values.dtype.kind in "iubOUST" and values.ndim == 1
        names, number = np.unique(values.astype(str), return_inverse=True) if whole else ((), None)
        if 2 <= len(names) <= MOST_LABELS:
            found[name] = (number.ravel(), tuple(str(n) for n in names))
    return found


def shades_of(data: Dataset) -> dict[str, np.ndarray]:
    """Quantities that are known of the rows and are no labels, by name: targets of a regression, and other observers.

    No method ever sees them; maps are colored by them.
    """
    found = {}
    if data.y is not None and data.classes is None:
        columns = np.asarray(data.y, float).reshape(len(data), -1).T
        found |= dict(zip(data.target, columns, strict=False))
    labels = labels_of(data)
    for name, values in data.observers.items():
        if values.dtype.kind in "iuf" and values.ndim == 1 and name not in labels and np.isfinite(values).all():
            found[name] = values.astype(float)
    return found


def parts_of(sample: Sample, key: Key) -> tuple[Dataset, Dataset]:
    """The rows that are learned from, and some that are judged on: test rows, or training rows where there are none."""
    judged = sample.test if len(sample.test) else sample.train
    if len(judged) > JUDGED:
        judged = np.sort(generator(named(key, "judged")).choice(judged, JUDGED, replace=False))
    return sample.data[sample.train], sample.data[judged]


def some_rows(data: Dataset, key: Key, most: int = JUDGED) -> Dataset:
    """At most so many of the rows."""
    if len(data) <= most:
        return data
    return data[np.sort(generator(key).choice(len(data), most, replace=False))]


def fitted(name: str, learner: Unsupervised, train: Dataset, key: Key) -> Fit:
    """A method, fitted to the rows without their labels.

    Raises:
        InputError: with the path in the study.
    """
    try:
        return learner(unlabeled(train), key)
    except InputError as error:
        raise InputError(f"models.{name}: {error}") from error.__cause__


def each(
    methods: Mapping[str, Unsupervised], bench: Bench, key: Key, judged: Callable[[str, Unsupervised, Key], Piece]
) -> dict[str, Piece]:
    """What one says of each method, from its name, the learner and a key of its own; finished ones are read again."""
    found = {}
    for number, (name, learner) in enumerate(methods.items()):
        bench.announce(f"{name} ({number + 1} of {len(methods)})")
        own = named(key, f"method {name}")
        path = bench.folder / f"method-{number}.npz"
        found[name] = once(path, lambda name=name, learner=learner, own=own: judged(name, learner, own))
    return found


def resampled(data: Dataset, number: int, key: Key) -> Dataset:
    """A bootstrap sample of the rows, of at most `REFITTED`."""
    rng = generator(named(key, f"sample {number}"))
    return data[rng.integers(len(data), size=min(len(data), REFITTED))]


def answers_again(
    learner: Unsupervised, train: Dataset, judged: Dataset, *, samples: int, seeds: int, key: Key
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What the method answers for the judged rows after learning from other samples, and by other seeds."""
    some = train
    if len(train) > REFITTED:
        some = train[np.sort(generator(named(key, "some")).choice(len(train), REFITTED, replace=False))]
    drawn = [
        learner(resampled(train, number, key), named(key, f"refit {number}")).predict(judged.x)
        for number in range(samples)
    ]
    if not learner.random:
        return drawn, []
    return drawn, [learner(some, named(key, f"seed {number}")).predict(judged.x) for number in range(seeds)]


def spread_of(values: list[float], level: float, method: str) -> Interval:
    """The mean of some values with their central range."""
    known = np.array(values, float)
    if not len(known):
        return Interval(np.nan, np.nan, np.nan, level, "undetermined")
    low, high = percentile_ends(known, level)
    middle = float(known.mean())
    return Interval(middle, min(low, middle), max(high, middle), level, method)


def plain_interval(interval: Interval | None) -> dict[str, object] | None:
    """An interval for a record; None where it says nothing."""
    return None if interval is None or not np.isfinite(interval.value) else interval.to_dict()


def checked_methods(methods: Mapping[str, Unsupervised], data: Dataset) -> None:
    """Complain if a method cannot be trained on these rows.

    Raises:
        InputError: with the path in the study.
    """
    for name, learner in methods.items():
        try:
            learner.check(unlabeled(data))
        except InputError as error:
            raise InputError(f"models.{name}: {error}") from None


def convergence_belief(records: Mapping[str, Mapping[str, Any]]) -> Belief:
    """Whether every method finished."""
    late = [name for name, record in records.items() if not record["converged"]]
    if late:
        return Belief("Convergence", AMBER, f"not finished: {', '.join(late)}", "Give them more starts or steps.")
    value = f"{len(records)} of {len(records)} methods"
    return Belief("Convergence", GREEN, value, "Every method finished as it should.")


def columns_belief(records: Mapping[str, Mapping[str, Any]]) -> Iterator[Belief]:
    """A caution where columns say nothing, or the same as another."""
    said = [part for record in records.values() for part in record["message"].split("; ") if part.startswith("column ")]
    if said:
        shown = "; ".join(list(dict.fromkeys(said))[:3])
        yield Belief("Columns", AMBER, shown, "Leave such columns out: they add nothing, or count twice.")


def size_belief(weight: np.ndarray) -> Belief:
    """Whether there are enough judged events."""
    effective = effective_count(weight)
    mark = GREEN if effective >= 200 else AMBER if effective >= 50 else RED
    words = {GREEN: "It is enough for the intervals to hold.", AMBER: "It is small; intervals are rough.",
             RED: "It is so small that intervals cannot be trusted."}  # fmt: skip
    return Belief("Effective sample size", mark, f"{effective:.0f} events judged", words[mark])
