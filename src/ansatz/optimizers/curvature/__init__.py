"""Descent that knows or learns the curvature."""
