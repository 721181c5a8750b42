"""Estimators with event weights that scikit-learn has not, or has without weights."""
