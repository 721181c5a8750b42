"""What any method has to beat: the constant answer, and the physicist's cut on one column."""

from __future__ import annotations

from typing import Any, Literal

from ansatz.errors import InputError
from ansatz.training.classical.adapter import CLASSIFICATION, Job, SklearnLearner
from ansatz.training.classical.options import choice
from ansatz.training.classical.reading import Reading


def constant() -> SklearnLearner:
    """The trivial baseline: class shares, or the mean target, whatever the features; weights of either sign.

    What does not beat it has learned nothing.

    Example:
        >>> import jax, numpy as np
        >>> from ansatz.data import Dataset
        >>> data = Dataset(np.zeros((3, 1)), y=np.array([1.0, 2.0, 6.0]), weight=np.array([1.0, 1.0, 2.0]))
        >>> constant()(data, jax.random.key(0)).predict(np.zeros((1, 1)))
        array([3.75])
    """

    def make(job: Job) -> Any:
        from sklearn.dummy import DummyClassifier, DummyRegressor

        return DummyClassifier(strategy="prior") if job.task == "classification" else DummyRegressor()

    return SklearnLearner(make, "constant", negative_weights=True, several=True)


def threshold(
    *,
    column: str | None = None,
    cut: float | None = None,
    direction: Literal["auto", "above", "below"] = "auto",
) -> SklearnLearner:
    """A cut on one column, what any other method has to beat; two classes, weights of either sign.

    The column with the best weighted area under the ROC curve is taken, the side where class 1 is more frequent, and
    the cut of the best balanced accuracy, (efficiency + background rejection) / 2; each of them may be given instead.

    Args:
        column: the column to cut on.
        cut: the value to cut at.
        direction: whether class 1 is "above" or "below" the cut.

    Example:
        >>> import jax, numpy as np
        >>> from ansatz.data import Dataset
        >>> x = np.array([[1.0, 9.0], [2.0, 0.0], [3.0, 8.0], [4.0, 1.0]])
        >>> data = Dataset(x, y=np.array([0, 0, 1, 1]), columns=("mass", "noise"), classes=("b", "s"))
        >>> fit = threshold()(data, jax.random.key(0))
        >>> fit.details["column"], fit.details["cut"], fit.predict(x).tolist()
        ('mass', 2.5, [0, 0, 1, 1])
    """
    choice("direction", direction, ["auto", "above", "below"])
    if cut is not None and column is None:
        raise InputError(f"a cut at {cut:g} needs a column: give both, or neither")

    def make(job: Job) -> Any:
        from ansatz.training.classical.weighted.cut import Cut

        if job.outputs != 2:
            raise InputError(f"'threshold' tells two classes apart, but there are {job.outputs}; leave it out")
        return Cut(cut=cut, sign={"auto": 0, "above": 1, "below": -1}[direction])

    return SklearnLearner(
        make,
        "threshold",
        tasks=CLASSIFICATION,
        link="score",
        negative_weights=True,
        columns=None if column is None else (column,),
        read=_cut,
    )


def _cut(reading: Reading) -> dict[str, Any]:
    """Column, cut, direction, balanced accuracy and AUC, and the AUC of every column."""
    cut = reading.method
    return {
        "column": reading.names[cut.column_],
        "cut": cut.cut_,
        "direction": "above" if cut.sign_ > 0 else "below",
        "balanced_accuracy": cut.balanced_accuracy_,
        "auc": cut.signed_auc_,
        "columns_auc": dict(zip(reading.names, cut.auc_.tolist(), strict=True)),
    }
