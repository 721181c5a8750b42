"""Name of each classical method, for study files, and its constructor, whose signature is the schema."""

from __future__ import annotations

from collections.abc import Callable

from ansatz.training.classical.adapter import SklearnLearner
from ansatz.training.classical.baselines import constant, threshold
from ansatz.training.classical.gaussian import lda, naive_bayes, qda
from ansatz.training.classical.kernels import gaussian_process, kernel_ridge, svm
from ansatz.training.classical.linear_models import (
    elastic_net,
    lasso,
    least_squares,
    linear,
    logistic,
    perceptron,
    polynomial,
    ridge,
)
from ansatz.training.classical.neighbors import knn
from ansatz.training.classical.trees import adaboost, boosted_trees, decision_tree, extra_trees, random_forest

CLASSICAL: dict[str, Callable[..., SklearnLearner]] = {
    "constant": constant,
    "threshold": threshold,
    "linear": linear,
    "polynomial": polynomial,
    "ridge": ridge,
    "lasso": lasso,
    "elastic-net": elastic_net,
    "logistic": logistic,
    "least-squares": least_squares,
    "perceptron": perceptron,
    "lda": lda,
    "qda": qda,
    "naive-bayes": naive_bayes,
    "knn": knn,
    "svm": svm,
    "kernel-ridge": kernel_ridge,
    "gaussian-process": gaussian_process,
    "tree": decision_tree,
    "forest": random_forest,
    "extra-trees": extra_trees,
    "adaboost": adaboost,
    "boosted-trees": boosted_trees,
}
"""Name -> constructor of a learner."""

TRUSTED = (
    "ansatz.training.classical.weighted.cut.Cut",
    "ansatz.training.classical.weighted.gaussian_classes.GaussianClasses",
    "ansatz.training.classical.weighted.votes.Votes",
    "ansatz.training.multivariate.boxes.Boxes",
    "ansatz.training.multivariate.discriminants.HMatrix",
    "ansatz.training.multivariate.likelihood.ProjectiveLikelihood",
    "ansatz.training.multivariate.range_search.NeighborDensity",
    "ansatz.training.multivariate.range_search.RangeSearch",
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.gaussian_process.kernels.ConstantKernel",
    "sklearn.gaussian_process.kernels.Product",
    "sklearn.gaussian_process.kernels.RBF",
    "sklearn.gaussian_process.kernels.Sum",
    "sklearn.gaussian_process.kernels.WhiteKernel",
    "sklearn.tree._tree.Tree",
)
"""Types in a fitted classical method that `skops` does not know to be harmless; no others may be loaded from a file."""
