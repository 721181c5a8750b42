"""Classical methods of machine learning, scikit-learn's where it has them, as learners with event weights."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "adapter": ["Job", "SIGNED", "SklearnLearner"],
        "baselines": ["constant", "threshold"],
        "estimator": ["Estimator"],
        "gaussian": ["lda", "naive_bayes", "qda"],
        "kernels": ["gaussian_process", "kernel_ridge", "svm"],
        "linear_models": [
            "elastic_net",
            "lasso",
            "least_squares",
            "linear",
            "logistic",
            "perceptron",
            "polynomial",
            "ridge",
        ],
        "neighbors": ["knn"],
        "table": ["CLASSICAL", "TRUSTED"],
        "trees": ["adaboost", "boosted_trees", "decision_tree", "extra_trees", "random_forest"],
    },
)
