"""Analyses of collider data: bumps, mass peaks, templates, signs of weights, reweighting."""
