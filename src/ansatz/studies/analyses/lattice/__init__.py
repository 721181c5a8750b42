"""Analyses of lattice states: components, phases, transitions, all beside exact answers."""
