"""How good a model is: responses, curves, residuals, learning curves, what it looks at."""
