"""Figures of the collider workshop: masses, processes, significance, bumps, weights."""
