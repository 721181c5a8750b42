"""The work of a run: rows, pieces, fits, numbers, kept as it goes."""
