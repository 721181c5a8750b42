"""Figures: one function, one figure, each a `Picture` with the table of numbers behind it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "performance.classification": ["confusion", "cut_scan", "precision_recall", "rejection", "roc"],
        "performance.comparison": ["differences", "scores"],
        "data": ["correlations", "cutflow", "distribution", "n_minus_one", "target_against"],
        "performance.explanation": ["coefficients", "importance", "ranking"],
        "images": ["mean_images", "samples"],
        "planes": ["regions"],
        "performance.regression": ["curve", "predicted_against_true", "pulls", "residuals"],
        "performance.responses": ["calibration", "response"],
        "performance.training": ["learning_curve"],
        "performance.trees": ["tree"],
    },
)
