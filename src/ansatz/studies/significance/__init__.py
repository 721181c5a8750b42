"""What a classifier is worth to a search: working points, shapes, and the likelihood of the score."""
