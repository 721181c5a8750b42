"""The words that all chapters speak: keys, scalars, points, batches.

A *point* is one event: a vector of features, an image, a set of particles. Models and losses are
written for one point; the caller maps them over many.
"""

import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray, Shaped

Key = PRNGKeyArray
"""A JAX random key; the only source of randomness."""

Scalar = Float[Array, ""]
"""One real number."""

Point = Shaped[Array | np.ndarray, "..."]
"""The features of one event, of any shape."""

Points = Shaped[Array | np.ndarray, "events ..."]
"""The features of many events, along the first axis."""

Weights = Float[Array | np.ndarray, " events"]
"""One weight an event, of either sign."""
