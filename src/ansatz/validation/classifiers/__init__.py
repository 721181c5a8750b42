"""Judging classifiers: rankings, curves, calibration, uniformity."""
