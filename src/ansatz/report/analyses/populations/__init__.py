"""Drawings of analyses of many fits at once."""
