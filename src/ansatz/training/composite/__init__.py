"""Learners made of learners: other weights, other features, other models by region, stacks."""
