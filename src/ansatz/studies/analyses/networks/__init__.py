"""Analyses of what goes on inside networks, and of what sums can approach."""
