"""Drawings of studies without a target."""
