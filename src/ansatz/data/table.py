"""A plain table: columns by name, as they were read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Table(Mapping[str, np.ndarray]):
    """Columns by name; a mapping, so it can be cut, computed with and turned into any data frame.

    Attributes:
        columns: name to values, shape (events, ...).
        units: unit of a column; columns without one are left out.
        name: what messages call it.

    Example:
        >>> table = Table({"pt": np.array([25.0, 40.0])}, {"pt": "GeV"})
        >>> table.rows, list(table), table["pt"].tolist()
        (2, ['pt'], [25.0, 40.0])
    """

    columns: Mapping[str, np.ndarray]
    units: Mapping[str, str] = dataclasses.field(default_factory=dict)
    name: str = "table"

    def __getitem__(self, column: str) -> np.ndarray:
        return self.columns[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def rows(self) -> int:
        """Number of events."""
        return len(next(iter(self.columns.values()), ()))
