"""Decision trees and their ensembles."""

from __future__ import annotations

from typing import Any

from ansatz.training.classical.adapter import Job, SklearnLearner
from ansatz.training.classical.course import boosted
from ansatz.training.classical.options import at_least, within
from ansatz.training.classical.reading import importances, tree


def decision_tree(*, depth: int | None = 4, leaves: int | None = None, smallest_leaf: float = 0.001) -> SklearnLearner:
    """A decision tree: one cut after the other, small enough to be drawn and read.

    Args:
        depth: most cuts in a row; None for no limit.
        leaves: most leaves; None for no limit.
        smallest_leaf: least share of the total weight in a leaf.

    Source: L. Breiman, J. Friedman, R. Olshen and C. Stone, Classification and Regression Trees (1984).

    Example:
        >>> import jax, numpy as np
        >>> from ansatz.data import Dataset
        >>> data = Dataset(np.arange(4.0)[:, None], y=np.array([0, 0, 1, 1]), classes=("b", "s"), columns=("pt",))
        >>> decision_tree()(data, jax.random.key(0)).details["tree"]["threshold"]
        [1.5, 0.0, 0.0]
    """
    _check(depth, leaves, smallest_leaf)

    def make(job: Job) -> Any:
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        kind = DecisionTreeClassifier if job.task == "classification" else DecisionTreeRegressor
        limits = {"max_depth": depth, "max_leaf_nodes": leaves, "min_weight_fraction_leaf": smallest_leaf}
        return kind(**limits, random_state=job.seed)

    return SklearnLearner(make, "tree", several=True, read=tree)


def random_forest(
    *,
    trees: int = 200,
    depth: int | None = None,
    smallest_leaf: float = 0.0,
    features: float | None = None,
) -> SklearnLearner:
    """A random forest: the mean of trees, each grown on a bootstrap sample and on random columns at every cut.

    Events are drawn into the bootstrap samples in proportion to their weights.

    Args:
        trees: how many.
        depth: most cuts in a row; None for no limit.
        smallest_leaf: least share of the total weight in a leaf.
        features: share of the columns looked at for a cut; by default the square root of their number for classes,
            all for a regression.

    Source: L. Breiman, Machine Learning 45 (2001) 5.
    """
    _check(depth, None, smallest_leaf, trees=trees, features=features)

    def make(job: Job) -> Any:
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        kind = RandomForestClassifier if job.task == "classification" else RandomForestRegressor
        limits = {"max_depth": depth, "min_weight_fraction_leaf": smallest_leaf}
        return kind(trees, **limits, max_features=_features(features, job), random_state=job.seed)

    return SklearnLearner(make, "forest", several=True, read=importances)


def extra_trees(
    *,
    trees: int = 200,
    depth: int | None = None,
    smallest_leaf: float = 0.001,
    features: float | None = None,
) -> SklearnLearner:
    """Extremely randomized trees: random columns and random cuts, all events in every tree; weights of either sign.

    Where some weights are negative, a leaf holds at least as much weight as 30 effective events, so that the
    sums in it are positive but for rare fluctuations, and one part in the effective number of events of equal shares is
    mixed into the probabilities.

    Args:
        trees: how many.
        depth: most cuts in a row; None for no limit.
        smallest_leaf: least share of the total weight in a leaf.
        features: share of the columns looked at for a cut; by default the square root of their number for classes,
            all for a regression.

    Source: P. Geurts, D. Ernst and L. Wehenkel, Machine Learning 63 (2006) 3.
    """
    _check(depth, None, smallest_leaf, trees=trees, features=features)

    def make(job: Job) -> Any:
        from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

        kind = ExtraTreesClassifier if job.task == "classification" else ExtraTreesRegressor
        leaf = max(smallest_leaf, min(30 / job.effective, 0.5)) if job.negative else smallest_leaf
        limits = {"max_depth": depth, "min_weight_fraction_leaf": leaf}
        return kind(trees, **limits, max_features=_features(features, job), random_state=job.seed)

    return SklearnLearner(make, "extra-trees", negative_weights=True, cautious=True, several=True, read=importances)


def adaboost(*, trees: int = 100, depth: int | None = None, learning_rate: float = 0.5) -> SklearnLearner:
    """AdaBoost: small trees one after the other, each on events reweighted towards the mistakes of those before.

    In a regression each tree sees a sample drawn in proportion to the weights.

    Args:
        trees: most trees.
        depth: most cuts in a row in each; by default 1 for classes ("stumps"), 3 for a regression.
        learning_rate: how much each tree counts.

    Source: Y. Freund and R. Schapire, J. Comput. Syst. Sci. 55 (1997) 119; H. Drucker, ICML (1997) 107 (regression).
    """
    _check(depth, None, 0.0, trees=trees)
    within(1e-6, 10, {"learning_rate": learning_rate})

    def make(job: Job) -> Any:
        from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        classify = job.task == "classification"
        kind, base = (
            (AdaBoostClassifier, DecisionTreeClassifier) if classify else (AdaBoostRegressor, DecisionTreeRegressor)
        )
        settings = {"n_estimators": trees, "learning_rate": learning_rate, "random_state": job.seed}
        return kind(base(max_depth=depth or (1 if classify else 3)), **settings)

    return SklearnLearner(make, "adaboost", read=importances)


def boosted_trees(
    *,
    trees: int = 1000,
    learning_rate: float = 0.05,
    leaves: int = 15,
    depth: int | None = None,
    smallest_leaf: int = 20,
    strength: float = 0.0,
    features: float = 1.0,
    early_stopping: bool = True,
    patience: int = 20,
) -> SklearnLearner:
    r"""Gradient boosting on histograms: each tree corrects those before; weights of either sign; NaN is a value too.

    A tree with leaf values $v_l$ is chosen for mean loss + strength $\sum_l v_l^2 / 2$ to second order. Leaves in
    which weights of either sign cancel would run away: where some weights are negative, strength is at least ten over
    the number of rows, and one part in the effective number of events of equal shares is mixed into the probabilities.

    Args:
        trees: most trees.
        learning_rate: how much each tree counts.
        leaves: most leaves of a tree.
        depth: most cuts in a row; None for no limit.
        smallest_leaf: least number of rows in a leaf (rows, whatever they weigh).
        strength: how much large leaf values cost; scikit-learn's `l2_regularization` divided by the number of rows.
        features: share of the columns looked at for a cut.
        early_stopping: keep a tenth of the rows aside (if that is 200 or more) and stop when they
            gain no more.
        patience: trees without a gain before it stops.

    Source: J. Friedman, Ann. Stat. 29 (2001) 1189; G. Ke et al., NeurIPS (2017) 3146 (histograms).
    """
    _check(depth, leaves, 0.0, trees=trees, features=features)
    at_least(1, {"smallest_leaf": smallest_leaf, "patience": patience})
    at_least(0, {"strength": strength})
    within(1e-6, 1, {"learning_rate": learning_rate})

    def make(job: Job) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        kind = HistGradientBoostingClassifier if job.task == "classification" else HistGradientBoostingRegressor
        return kind(
            max_iter=trees,
            learning_rate=learning_rate,
            max_leaf_nodes=leaves,
            max_depth=depth,
            min_samples_leaf=smallest_leaf,
            l2_regularization=max(strength * job.rows, 10.0 if job.negative else 0.0),
            max_features=features,
            early_stopping=early_stopping and job.rows >= 2000,
            n_iter_no_change=patience,
            random_state=job.seed,
        )

    return SklearnLearner(
        make,
        "boosted-trees",
        negative_weights=True,
        cautious=True,
        missing=True,
        scale_target=True,
        mean_one=True,
        course=boosted,
    )


def _features(features: float | None, job: Job) -> float | str:
    if features is not None:
        return features
    return "sqrt" if job.task == "classification" else 1.0


def _check(
    depth: int | None,
    leaves: int | None,
    smallest_leaf: float,
    *,
    trees: int | None = None,
    features: float | None = None,
) -> None:
    at_least(1, {"depth": depth, "trees": trees})
    at_least(2, {"leaves": leaves})
    within(0, 0.5, {"smallest_leaf": smallest_leaf})
    within(1e-9, 1, {"features": features})
