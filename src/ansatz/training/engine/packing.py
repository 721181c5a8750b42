"""Records as JSON: every type that may be written and built again is named here."""

from __future__ import annotations

import dataclasses
import functools
import importlib
from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np

from ansatz.errors import InputError
from ansatz.models import ACTIVATIONS

CHAPTERS = ("ansatz.models", "ansatz.embedding", "ansatz.training")
"""Chapters whose public records may be built from a file."""


ESTIMATORS = ("sklearn.", "ansatz.training.classical.", "ansatz.training.multivariate.")
"""Where objects come from that go to disk through skops."""


class Packer:
    """Takes a record apart: structure as JSON, numbers in `arrays`, scikit-learn objects in `estimators`."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self.estimators: dict[str, object] = {}

    def pack(self, value: object) -> object:
        """The structure of a value in the words of JSON.

        Raises:
            InputError: if it holds something that has no safe form.
        """
        if isinstance(value, bool | int | str | None):
            return value
        if isinstance(value, float | np.generic):
            return self._array(np.asarray(value), "scalar")
        if isinstance(value, np.ndarray | jax.Array):
            return self._array(np.asarray(value), "jax" if isinstance(value, jax.Array) else "numpy")
        if isinstance(value, list | tuple):
            return {type(value).__name__: [self.pack(part) for part in value]}
        if isinstance(value, Mapping):
            return {"mapping": [[self.pack(name), self.pack(part)] for name, part in value.items()]}
        if type(value).__name__ in _types() and dataclasses.is_dataclass(value):
            fields = {f.name: self.pack(getattr(value, f.name)) for f in dataclasses.fields(value)}
            return {"type": type(value).__name__, "fields": fields}
        return self._other(value)

    def _array(self, value: np.ndarray, kind: str) -> dict[str, str]:
        name = f"a{len(self.arrays)}"
        self.arrays[name] = value
        return {kind: name}

    def _other(self, value: object) -> dict[str, str]:
        for name, function in ACTIVATIONS.items():
            if value is function:
                return {"activation": name}
        if type(value).__module__.startswith(ESTIMATORS):
            name = f"e{len(self.estimators)}.skops"
            self.estimators[name] = value
            return {"estimator": name}
        raise InputError(f"a {type(value).__name__} cannot be saved; a fit may hold the public types of ansatz only")


class Unpacker:
    """Puts a record together again from its structure, its arrays and its scikit-learn objects."""

    def __init__(self, arrays: dict[str, np.ndarray], estimators: dict[str, object], place: str) -> None:
        self.arrays, self.estimators, self.place = arrays, estimators, place

    def unpack(self, value: object) -> object:
        """The value of that structure.

        Raises:
            InputError: if the structure is not one that `Packer` writes.
        """
        if not isinstance(value, dict):
            return value
        try:
            kind = next(iter(value))
            return self._makers()[kind](value[kind], value)
        except (KeyError, StopIteration, TypeError, ValueError) as error:
            raise InputError(f"the model in {self.place} is not as this program writes it; fit it again") from error

    def _makers(self) -> dict[str, Callable[[object, dict], object]]:
        return {
            "scalar": lambda name, _: self.arrays[name].item(),
            "numpy": lambda name, _: self.arrays[name],
            "jax": lambda name, _: self._on_device(self.arrays[name]),
            "list": lambda parts, _: [self.unpack(part) for part in parts],
            "tuple": lambda parts, _: tuple(self.unpack(part) for part in parts),
            "mapping": lambda pairs, _: {self.unpack(name): self.unpack(part) for name, part in pairs},
            "type": lambda name, whole: self._record(name, whole["fields"]),
            "activation": lambda name, _: ACTIVATIONS[name],
            "estimator": lambda name, _: self.estimators[name],
        }

    def _on_device(self, values: np.ndarray) -> jax.Array:
        with jax.enable_x64(True):
            return jnp.asarray(values)

    def _record(self, name: str, fields: dict[str, object]) -> object:
        kind = _types()[name]
        if set(fields) != {field.name for field in dataclasses.fields(kind)}:
            raise ValueError(name)
        record = object.__new__(kind)
        for field, value in fields.items():
            object.__setattr__(record, field, self.unpack(value))
        return record


@functools.cache
def _types() -> dict[str, type]:
    """Name of each public record of the chapters that a fit may hold."""
    found = {}
    for chapter in map(importlib.import_module, CHAPTERS):
        public = (getattr(chapter, name) for name in chapter.__all__)
        found |= {kind.__name__: kind for kind in public if isinstance(kind, type) and dataclasses.is_dataclass(kind)}
    return found
