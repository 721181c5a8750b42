"""All networks by name, for study files."""

from __future__ import annotations

from collections.abc import Callable

from ansatz.training.learners import Descent
from ansatz.training.networks.convolutional import convolutional
from ansatz.training.networks.dense import NETWORKS as DENSE

NETWORKS: dict[str, Callable[..., Descent]] = {**DENSE, "convolutional": convolutional}
"""Name of each network constructor; its signature is the schema of its table in a study."""
