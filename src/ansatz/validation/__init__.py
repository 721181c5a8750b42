"""Judging a fit on fresh data: scores with intervals, comparison, calibration, overtraining, explanation."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "interval": ["ONE_SIGMA", "Interval", "effective_count", "normal", "proportion", "quantile", "wilson"],
        "statistics": ["Average", "Moments", "Statistic", "linear_error", "linear_interval"],
        "resampling": ["bootstrap", "bootstrap_values"],
        "answers": ["Answers", "answers_of", "respond"],
        "classifiers.ranking": ["AreaUnderCurve", "AveragePrecision", "Ranking", "WorkingPoint", "delong", "roc_auc"],
        "metrics": ["METRICS", "Metric", "metric_named"],
        "scoring": ["bootstrap_score", "classification_scores", "regression_scores", "score", "scores", "statistic_of"],
        "classifiers.calibration": ["CalibrationCurve", "brier_decomposition", "calibration_curve"],
        "chi2": ["Chi2Test", "chi2_test"],
        "diagnostics.complexity": ["ComplexityCurve", "DoubleDescent", "complexity_curve", "double_descent"],
        "diagnostics.decomposition": ["Decomposition", "decompose", "experiments_of", "law_of"],
        "diagnostics.coverage": ["CoverageCurve", "coverage", "coverage_over"],
        "classifiers.curves": [
            "Confusion",
            "PrecisionRecallCurve",
            "RocCurve",
            "confusion_matrix",
            "precision_recall_curve",
            "roc_curve",
        ],
        "comparison": ["Comparison", "compare", "corrected_t", "holm", "mcnemar"],
        "folds": ["FinishedFold", "LearnerComparison", "OutOfFold", "compare_learners", "cross_validate"],
        "twosample": ["TwoSampleTest", "overtraining", "two_sample_test"],
        "classifiers.uniformity": ["Uniformity", "cells", "cvm", "sde", "theil", "uniformity"],
        "diagnostics.verdicts": ["REMEDIES", "Verdict", "risk_of", "verdict"],
        "importance": ["Importance", "Rank", "permutation_importance", "rank_columns", "separation"],
        "diagnostics.growth": ["LearningCurve", "learning_curve"],
    },
)
