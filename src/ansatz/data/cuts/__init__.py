"""Cuts and formulae over columns, and what cuts take away."""
