"""Figures of lattice states and of what networks say of them."""
