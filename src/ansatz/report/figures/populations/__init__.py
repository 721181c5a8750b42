"""Figures of many fits at once: bands, coverage, scans, the parts of an error."""
