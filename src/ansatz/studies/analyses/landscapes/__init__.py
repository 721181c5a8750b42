"""Analyses of minimization: descents, minima, batches, evolution."""
