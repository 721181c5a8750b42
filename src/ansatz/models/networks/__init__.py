"""Networks: layers of units, their activations, and where their parameters start."""
