"""Maps of functions, ways down, generations."""
