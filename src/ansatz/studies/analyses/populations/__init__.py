"""Analyses of many fits at once: scans, coverage, bias and variance, the size of a model, a density with its band."""
