"""Diagnostics of learning: bias and variance, more data, larger models, coverage, the verdict."""
