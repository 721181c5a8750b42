"""Networks laid open: signals and errors in their layers, derivatives by hand, directions among their weights."""
