"""From files to a `Dataset`: read piece by piece, compute, cut, and keep only what is needed."""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from ansatz.data.cuts.cutflows import Cutflow, cutflow
from ansatz.data.cuts.momenta import is_momentum
from ansatz.data.cuts.selection import Cuts
from ansatz.data.dataset import Dataset
from ansatz.data.jagged import RULES, is_jagged
from ansatz.data.missing import Missing, refuse, screened
from ansatz.data.readers.sources import WEIGHT, Part, open_source
from ansatz.data.readers.tablefile import Piece
from ansatz.data.roles import Plan, Roles, plan
from ansatz.data.table import Table
from ansatz.data.targets import MOST_CLASSES, are_labels, class_names, encode
from ansatz.errors import InputError

Block = dict[str, np.ndarray]
"""Some events: "x", "weight", "row", "target NAME", "observer NAME"."""


@dataclasses.dataclass(frozen=True, eq=False)
class Loaded:
    """A sample and the record of how it was read.

    Attributes:
        data: the sample.
        cutflow: what each cut took away, by class, or None without cuts.
        missing: how many values were missing, where, and what became of their rows.
        files: the tables that were read, in their order; the observer `file` counts them where there are several.
        rows_read: number of events before the cuts.
        messages: what a person should know, such as columns that were left out because of their type.
    """

    data: Dataset
    cutflow: Cutflow | None
    missing: Missing
    files: tuple[str, ...]
    rows_read: int
    messages: tuple[str, ...]

    @property
    def impute(self) -> bool:
        """Whether features hold NaN that the model has to fill in, by values from its training rows."""
        return self.missing.policy == "impute" and any(self.missing.columns.values())

    def description(self) -> dict[str, object]:
        """The record as plain values for a JSON file."""
        flow = (
            {} if self.cutflow is None else {"cutflow": self.cutflow.table(), "n_minus_one": self.cutflow.n_minus_one()}
        )
        return {
            "files": list(self.files),
            "rows_read": self.rows_read,
            "rows_kept": len(self.data),
            "missing": {**dataclasses.asdict(self.missing), "impute": self.impute},
            "messages": list(self.messages),
            **flow,
        }


def load(
    source: object,
    *,
    target: str | Sequence[str] | None = None,
    weight: str | None = None,
    features: Sequence[str] | None = None,
    observers: Sequence[str] = (),
    select: Cuts | None = None,
    new: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    missing: str = "refuse",
    task: str | None = None,
    classes: Sequence[str] | None = None,
    names: Sequence[str] = (),
    name: str = "data",
) -> Dataset:
    """A sample from files, a data frame or arrays.

    Args:
        source: what holds the data, see `open_source`; several files with `label` and `scale` make classes.
        target: see `Roles`, as are the following.
        weight: see `Roles`.
        features: see `Roles`.
        observers: see `Roles`.
        select: see `Roles`.
        new: see `Roles`.
        units: see `Roles`.
        missing: see `Roles`.
        task: see `Roles`.
        classes: see `Roles`.
        names: of the columns, for text tables without a header.
        name: what figures and messages call the sample.

    Raises:
        InputError: if anything in it cannot be used; one line says what and why.

    Example:
        >>> events = {"pt": np.array([30.0, 50.0, 20.0]), "eta": np.array([0.1, 1.0, 2.0]), "kind": ["b", "s", "s"]}
        >>> data = load(events, target="kind", select="pt > 25", units={"pt": "GeV"})
        >>> data.columns, data.classes, data.y.tolist(), data.units
        (('pt', 'eta'), ('b', 's'), [0, 1], {'pt': 'GeV'})
    """
    roles = Roles(
        target=target,
        weight=weight,
        features=features,
        observers=observers,
        select=select,
        new=new or {},
        units=units or {},
        missing=missing,
        task=task,
        classes=classes,
    )
    return load_recorded(source, roles, names=names, name=name).data


def load_recorded(source: object, roles: Roles, *, names: Sequence[str] = (), name: str = "data") -> Loaded:
    """A sample together with the record of how it was read: cutflow, missing values, files.

    Args:
        source: as in `load`.
        roles: what the columns are.
        names: of the columns, for text tables without a header.
        name: what figures and messages call the sample.

    Raises:
        InputError: if anything in it cannot be used; one line says what and why.

    Example:
        >>> events = {"pt": np.array([30.0, 50.0, 20.0]), "y": np.array([0.5, 1.5, 2.5])}
        >>> loaded = load_recorded(events, Roles(target="y", select="pt > 25"))
        >>> loaded.rows_read, len(loaded.data), loaded.cutflow.table()[1]["efficiency"]
        (3, 2, 0.6666666666666666)
    """
    parts = open_source(source, names=names)
    roles = dataclasses.replace(roles, weight=roles.weight or WEIGHT) if any(p.weighted for p in parts) else roles
    plans = [plan(_same_features(roles, parts), part.table, labelled=part.label is not None) for part in parts]
    blocks: dict[str, list[np.ndarray]] = {}
    flows, lacks, rows, undecided = [], [], 0, Counter()
    for index, (part, one) in enumerate(zip(parts, plans, strict=True)):
        for piece in part.table.pieces(one.needed):
            columns = _computed(known(piece, roles.absent), one)
            block, lack = screened(_taken(columns, one, part, rows), roles.missing, tuple(one.features))
            block |= {"observer file": np.full(len(block["row"]), index, np.int32)} if len(parts) > 1 else {}
            flows += [_flow(columns, one, part)] if one.selection else []
            undecided += one.selection.undecided(columns) if one.selection else Counter()
            lacks.append(lack)
            rows += _length(columns)
            for key, values in block.items():
                blocks.setdefault(key, []).append(values)
    flow = functools.reduce(operator.add, flows) if flows else None
    found = functools.reduce(operator.add, lacks, Missing(roles.missing))
    _refuse_empty(rows, sum(map(len, blocks.get("row", []))) + found.dropped, flow, parts)
    refuse(found, rows)
    data = _dataset({key: joined(blocks.pop(key)) for key in list(blocks)}, plans[0], roles, name)
    ordered = flow.ordered(data.classes or ()) if flow else None
    files = tuple(part.table.title for part in parts)
    why = "because a value that it looks at is missing"
    told = (f"{count} rows fail the cut '{cut}', {why}" for cut, count in undecided.items())
    return Loaded(data, ordered, found, files, rows, (*plans[0].left_out, *found.messages(), *told))


def read(
    source: object,
    columns: Sequence[str] | None = None,
    *,
    select: Cuts | None = None,
    names: Sequence[str] = (),
) -> Table:
    """A table from files, a data frame or arrays, as it is: missing values stay NaN, text stays text.

    Args:
        source: what holds the data, see `open_source`.
        columns: names or formulae (see `Expression`); None means all that hold one number or text per event.
        select: cuts (see `Selection`).
        names: of the columns, for text tables without a header.

    Raises:
        InputError: if anything in it cannot be used; one line says what and why.

    Example:
        >>> events = {"px": np.array([3.0, 5.0]), "py": np.array([4.0, 12.0])}
        >>> read(events, ["sqrt(px**2 + py**2)"])["sqrt(px**2 + py**2)"].tolist()
        [5.0, 13.0]
    """
    parts = open_source(source, names=names)
    flat = [name for name, info in parts[0].table.columns.items() if info.kind in {"number", "text", "field"}]
    wanted = Roles(features=["1"], observers=flat if columns is None else columns, select=select)
    plans = [plan(wanted, part.table) for part in parts]
    blocks: dict[str, list[np.ndarray]] = {text: [] for text in plans[0].observers}
    for part, one in zip(parts, plans, strict=True):
        for piece in part.table.pieces(one.needed):
            found = _computed(piece, one)
            mask = one.selection.mask(found) if one.selection else slice(None)
            for text, formula in one.observers.items():
                blocks[text].append(_flat(text, formula(found))[mask])
    return Table({text: joined(values) for text, values in blocks.items()}, plans[0].units, parts[0].table.title)


def joined(blocks: list[np.ndarray]) -> np.ndarray:
    """The blocks one after another; each is let go once it is copied, so that little more than the whole is held."""
    if not blocks:
        return np.zeros(0)
    if len(blocks) == 1:
        return blocks.pop()
    dtype = np.result_type(*{block.dtype for block in blocks})
    whole = np.empty((sum(map(len, blocks)), *blocks[0].shape[1:]), dtype)
    blocks.reverse()
    start = 0
    while blocks:
        block = blocks.pop()
        whole[start : start + len(block)] = block
        start += len(block)
    return whole


def _same_features(roles: Roles, parts: Sequence[Part]) -> Roles:
    """All files give the features of the first."""
    if roles.features is not None or len(parts) == 1:
        return roles
    first = plan(roles, parts[0].table, labelled=parts[0].label is not None)
    return dataclasses.replace(roles, features=tuple(first.features))


def _taken(columns: Piece, one: Plan, part: Part, start: int) -> Block:
    """What is kept of a piece: the events that pass the cuts."""
    rows = _length(columns)
    mask = one.selection.mask(columns) if one.selection else slice(None)
    kept = {name: values[mask] for name, values in columns.items()} if one.selection else columns
    row = np.arange(start, start + rows)[mask]
    block = {"row": row, "x": _features(kept, one, len(row)), "weight": _weight(kept, one, part, len(row))}
    block |= {f"target {text}": _flat(text, formula(kept), len(row)) for text, formula in one.target.items()}
    block |= {f"observer {text}": _flat(text, formula(kept), len(row)) for text, formula in one.observers.items()}
    if part.label is not None:
        block["target label"] = _label(part, len(row))
    return block


def _computed(piece: Piece, one: Plan) -> Piece:
    """The columns of a piece with the new ones beside them."""
    columns = dict(piece)
    for name, formula in one.new.items():
        if set(formula.names) <= set(columns):
            columns[name] = formula(columns)
    return columns


def known(piece: Piece, absent: Sequence[float]) -> Piece:
    """The columns with NaN in place of numbers that stand for a missing value.

    Example:
        >>> known({"m": np.array([1.0, -999.0]), "name": np.array(["a", "b"])}, [-999.0])["m"].tolist()
        [1.0, nan]
    """
    if not absent:
        return piece
    found = dict(piece)
    for name, values in piece.items():
        if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
            gone = np.isin(values, absent)
            found[name] = np.where(gone, np.nan, values) if gone.any() else values
    return found


def _length(columns: Piece) -> int:
    return len(next(iter(columns.values()), ()))


def _flow(columns: Piece, one: Plan, part: Part) -> Cutflow:
    weight = _weight(columns, one, part, _length(columns))
    return cutflow(one.selection, columns, weight, _flow_labels(columns, one, part))


def _flow_labels(columns: Piece, one: Plan, part: Part) -> np.ndarray | None:
    """Class names for the cutflow, if the target looks like classes."""
    if part.label is not None:
        return class_names(_label(part, _length(columns)))
    if len(one.target) != 1:
        return None
    [(text, formula)] = one.target.items()
    values = _flat(text, formula(columns), _length(columns))
    return class_names(values) if are_labels(values) and len(set(values.tolist())) <= MOST_CLASSES else None


def _label(part: Part, rows: int) -> np.ndarray:
    return np.full(rows, part.label, object if isinstance(part.label, str) else None)


def _weight(columns: Piece, one: Plan, part: Part, rows: int) -> np.ndarray:
    if one.weight is None:
        return np.full(rows, part.scale)
    values = _flat(one.weight.text, one.weight(columns), rows)
    if values.dtype.kind not in "biuf":
        raise InputError(f"the weight '{one.weight.text}' holds text such as '{values[0]}'; expected numbers")
    return values.astype(np.float64) * part.scale


def _features(columns: Piece, one: Plan, rows: int) -> np.ndarray:
    """The features as one array of single or double precision, shape (events, columns) or (events, ...) for a field."""
    values = {text: formula(columns) for text, formula in one.features.items()}
    if len(values) == 1:
        [(text, field)] = values.items()
        if isinstance(field, np.ndarray) and field.ndim > 1 and field.dtype.kind in "biuf":
            return field.astype(np.result_type(field.dtype, np.float32) if field.dtype.kind == "f" else np.float32)
    flat = [_feature(text, column, rows) for text, column in values.items()]
    return np.stack([column.astype(_precision(flat), copy=False) for column in flat], axis=1)


def _precision(columns: Sequence[np.ndarray]) -> np.dtype:
    return np.result_type(np.float32, *{column.dtype for column in columns})


def _feature(text: str, values: object, rows: int) -> np.ndarray:
    column = _flat(text, values, rows)
    if column.dtype.kind not in "biuf":
        raise InputError(f"the feature '{text}' holds text such as '{column[0]}'; expected numbers")
    return column


def _flat(text: str, values: object, rows: int | None = None) -> np.ndarray:
    """One value an event, or a clear word about lists and momenta."""
    if is_momentum(values):
        raise InputError(f"'{text}' is a momentum; ask for a number, such as mass({text}) or pt({text})")
    if is_jagged(values) and not isinstance(values, np.ndarray):
        raise InputError(f"'{text}' gives a list per event; choose a rule that makes one number of it: {RULES}")
    if is_jagged(values) and rows is not None:
        raise InputError(f"'{text}' gives an array per event; choose a rule that makes one number of it: {RULES}")
    return values if rows is None or len(values) == rows else np.full(rows, values[0] if len(values) else np.nan)


def _refuse_empty(rows: int, kept: int, flow: Cutflow | None, parts: Sequence[Part]) -> None:
    titles = ", ".join(part.table.title for part in parts[:3])
    if not rows:
        raise InputError(f"{titles} has no rows")
    if not kept:
        left = flow.flow[:, :, 0].sum(axis=0)
        first = flow.titles[int(np.argmax(left == 0)) - 1]
        raise InputError(f"the selection keeps none of the {rows} rows; '{first}' takes away the last of them")


def _dataset(whole: Block, one: Plan, roles: Roles, name: str) -> Dataset:
    targets = {key.removeprefix("target "): whole[key] for key in whole if key.startswith("target ")}
    if not len(whole["x"]):
        raise InputError("every row has a missing value; with missing = 'drop' none is left: choose other features")
    y, classes = encode(targets, roles.task, roles.classes) if targets else (None, None)
    total = float(whole["weight"].sum())
    if not total > 0:
        raise InputError(f"the event weights sum to {total:g}; a sample needs a positive sum to train or judge on")
    observers = {key.removeprefix("observer "): whole[key] for key in whole if key.startswith("observer ")}
    x, weight, row = whole["x"], whole["weight"], whole["row"]
    columns = tuple(one.features) if x.ndim == 2 and len(one.features) == x.shape[1] else ()
    return Dataset(x, y, weight, columns, tuple(targets) or ("y",), classes, observers, one.units, row, name)
