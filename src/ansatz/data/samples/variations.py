"""What events look like one standard deviation down and up."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ansatz.data.loading import load_recorded
from ansatz.data.readers.tablefile import Piece, TableFile
from ansatz.data.roles import Roles, formula
from ansatz.data.samples.process import Variation
from ansatz.errors import InputError, suggest


@dataclasses.dataclass(frozen=True, eq=False)
class Varied:
    """Events with one systematic moved.

    Attributes:
        weight: expected number of events of each, shape (events,).
        nominal: number of the same event in the sample without variation; -1 if the cuts had taken it away.
        x: features, or None if they are those of the nominal events.
        which: number of the sample of each event.
    """

    weight: np.ndarray
    nominal: np.ndarray
    x: np.ndarray | None = None
    which: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0, int))

    def placed(self, process: int, start: int) -> Varied:
        """The same as a part of a mixture, whose events of this sample begin at `start`."""
        nominal = np.where(self.nominal < 0, -1, self.nominal + start)
        return dataclasses.replace(self, nominal=nominal, which=np.full(len(self.weight), process))

    @classmethod
    def joined(cls, parts: Sequence[Varied]) -> Varied:
        """Several samples with the same systematic moved."""
        x = None if parts[0].x is None else np.concatenate([part.x for part in parts])
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("weight", "nominal")), x=x,
                   which=np.concatenate([part.which for part in parts]))  # fmt: skip


def check_columns(variation: Variation, tables: Sequence[TableFile], roles: Roles) -> None:
    """Whether every file has what a variation looks at.

    Raises:
        InputError: if not, with the file and the column.
    """
    for table in tables:
        known = (*table.columns, *roles.new)
        for text in (*variation.texts, *variation.columns):
            for name in formula(text, known).names:
                if name not in known:
                    place = f"{table.title} has no column '{name}' of the systematic '{variation.name}'"
                    raise InputError(place + suggest(name, known))


def varied_by_weight(weight: np.ndarray) -> Varied:
    """The same events with other weights."""
    return Varied(np.asarray(weight, float), np.arange(len(weight)))


def varied_by_columns(
    variation: Variation, side: int, tables: Sequence[TableFile], roles: Roles, rows: np.ndarray, factor: float
) -> Varied:
    """The events of a sample read again with other columns in place of some: new formulae and cuts follow.

    Args:
        variation: the systematic.
        side: 0 for down, 1 for up.
        tables: where the events lie.
        roles: what the columns are.
        rows: row of each nominal event, rising.
        factor: on the weights.
    """
    stands_in = {column: pair[side] for column, pair in variation.columns.items()}
    moved = load_recorded(
        [swapped(table, stands_in) for table in tables], dataclasses.replace(roles, observers=())
    ).data
    place = np.minimum(np.searchsorted(rows, moved.row), len(rows) - 1)
    nominal = np.where(rows[place] == moved.row, place, -1)
    return Varied(moved.weight * factor, nominal, moved.x)


def swapped(table: TableFile, stands_in: Mapping[str, str]) -> TableFile:
    """A table in which some columns give the values of others.

    Args:
        table: the table.
        stands_in: from the name of a column to that whose values it gives.

    Example:
        >>> from ansatz.data.readers.arrays import open_arrays
        >>> table = open_arrays({"pt": np.array([1.0]), "pt_up": np.array([2.0])})
        >>> next(iter(swapped(table, {"pt": "pt_up"}).pieces(["pt", "pt_up"])))
        {'pt': array([2.]), 'pt_up': array([2.])}
    """

    def pieces(wanted: Sequence[str]) -> Iterator[Piece]:
        asked = list(dict.fromkeys(stands_in.get(name, name) for name in wanted))
        for piece in table.pieces(asked):
            yield {name: piece[stands_in.get(name, name)] for name in wanted}

    return dataclasses.replace(table, pieces=pieces)
