"""Which column of a file plays which part: target, weight, features, observers, cut."""

from __future__ import annotations

import dataclasses
import keyword
from collections.abc import Iterable, Mapping, Sequence

from ansatz.data.cuts.expression import Expression, lookup
from ansatz.data.cuts.selection import Cuts, Selection
from ansatz.data.jagged import RULES
from ansatz.data.readers.tablefile import ColumnInfo, TableFile
from ansatz.errors import InputError, suggest

POLICIES = ("refuse", "drop", "impute")
TASKS = ("classification", "regression")


@dataclasses.dataclass(frozen=True)
class Roles:
    """What to take from a file, and as what. Every column may be a formula over columns (see `Expression`).

    Attributes:
        target: what is to be learned: one column, or several numbers; None if there is none, or if files are labelled.
        weight: event weights of either sign.
        features: what is learned from; None means all columns of numbers that are not target, weight or observer.
        observers: carried along but never trained on.
        select: cuts (see `Selection`).
        new: columns to compute first, name to formula; later ones may use earlier ones. Those that hold momenta are no
            features.
        units: unit of a column, where the file does not say it, or says it wrong.
        missing: what to do with NaN and infinity. `"refuse"`: an error that counts them. `"drop"`: leave out rows with
            any in features, target or weight. `"impute"`: features stay NaN, for the model to fill in; rows without
            target or weight are left out. Nothing is filled in here, because the median that stands in for a missing
            value has to come from training rows alone: put an imputing step into the model.
        task: `"classification"` or `"regression"`, where the target's type would mean the other.
        classes: order of the classes (the last of two is the signal), or names for the labels 0, 1, ...
        absent: numbers that stand for a missing value, such as -999.

    Raises:
        InputError: if an option is none of those that there are.
    """

    target: str | Sequence[str] | None = None
    weight: str | None = None
    features: Sequence[str] | None = None
    observers: Sequence[str] = ()
    select: Cuts | None = None
    new: Mapping[str, str] = dataclasses.field(default_factory=dict)
    units: Mapping[str, str] = dataclasses.field(default_factory=dict)
    missing: str = "refuse"
    task: str | None = None
    classes: Sequence[str] | None = None
    absent: Sequence[float] = ()

    def __post_init__(self) -> None:
        _one_of("missing", self.missing, POLICIES)
        if self.task is not None:
            _one_of("task", self.task, TASKS)
        for name in ("features", "observers"):
            if isinstance(getattr(self, name), str):
                raise InputError(f"{name} should be a list of columns, not the text '{getattr(self, name)}'")

    @property
    def targets(self) -> tuple[str, ...]:
        """The target columns."""
        given = (self.target,) if isinstance(self.target, str) else self.target
        return tuple(given or ())


@dataclasses.dataclass(frozen=True)
class Plan:
    """The roles of the columns of one table, checked against what it holds.

    Attributes:
        new: the formula of each column to compute.
        selection: the cuts, or None.
        features: the formula of each feature.
        target: the formula of each target.
        weight: the formula of the weight, or None.
        observers: the formula of each observer.
        needed: the columns to read.
        units: of features, targets and observers.
        left_out: columns that were no features because of their type, and why.
    """

    new: Mapping[str, Expression]
    selection: Selection | None
    features: Mapping[str, Expression]
    target: Mapping[str, Expression]
    weight: Expression | None
    observers: Mapping[str, Expression]
    needed: tuple[str, ...]
    units: Mapping[str, str]
    left_out: tuple[str, ...]


def plan(roles: Roles, table: TableFile, *, labelled: bool = False) -> Plan:
    """What to compute from a table.

    Args:
        roles: what the columns are.
        table: what holds them.
        labelled: whether the file itself decides the class.

    Raises:
        InputError: if a column is not there, cannot be used, or plays two parts.
    """
    known = _known(roles, table)
    if labelled and roles.targets:
        raise InputError("the files have labels, so there is no target to name; leave out one of the two")
    new = {name: formula(text, known) for name, text in roles.new.items()}
    selection = Selection(roles.select) if roles.select else None
    target = {_title(text): formula(text, known) for text in roles.targets}
    weight = formula(roles.weight, known) if roles.weight else None
    observers = {_title(text): formula(text, known) for text in roles.observers}
    taken = _names([*target.values(), *observers.values(), *([weight] if weight else [])])
    chosen, left_out = _features(roles, table, known, taken)
    features = {_title(text): formula(text, known) for text in chosen}
    _check_parts(features, target, table)
    cuts = [cut for _, cut in selection.cuts] if selection else []
    used = _names([*features.values(), *target.values(), *observers.values(), *cuts, *([weight] if weight else [])])
    needed = _needed(used, new, table)
    shown = (*features, *target, *observers)
    return Plan(new, selection, features, target, weight, observers, needed, _units(roles, table, shown), left_out)


def formula(text: str, known: Iterable[str]) -> Expression:
    """A formula, or a column whose whole name this is, identifier or not.

    Raises:
        InputError: if it is neither.
    """
    plain = text.isidentifier() and not keyword.iskeyword(text)
    return Expression(f"`{text}`" if text in known and not plain else text)


def numbers_of(new: Mapping[str, str], known: Iterable[str]) -> tuple[str, ...]:
    """The new columns that hold numbers; the others hold momenta that numbers are computed from.

    Example:
        >>> numbers_of({"a": "momentum(pt, eta, phi)", "b": "2.0*a", "y": "rapidity(a + b)"}, ["pt", "eta", "phi"])
        ('y',)
    """
    momenta: list[str] = []
    for name, text in new.items():
        if formula(text, known).makes_momentum(momenta):
            momenta.append(name)
    return tuple(name for name in new if name not in momenta)


def _title(text: str) -> str:
    """What a formula is called: itself, or the name in backquotes if it is nothing else."""
    return text[1:-1] if text.count("`") == 2 and text[0] == text[-1] == "`" else text


def _one_of(option: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise InputError(f"{option} = '{value}'{suggest(value, allowed)}; expected one of: {', '.join(allowed)}")


def _known(roles: Roles, table: TableFile) -> tuple[str, ...]:
    for name in roles.new:
        if name in table.columns:
            raise InputError(f"new column '{name}' is in {table.title} already; give it another name")
    return (*table.columns, *roles.new)


def _names(formulas: Sequence[Expression]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in formulas for name in one.names))


def _features(
    roles: Roles, table: TableFile, known: Sequence[str], taken: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The features, and remarks on columns that are none because of their type."""
    if roles.features is not None:
        if not roles.features:
            raise InputError("features is empty; name at least one column, or leave it out to take all")
        return tuple(dict.fromkeys(roles.features)), ()
    used = {lookup(name, known) for name in taken}
    free = {name: info for name, info in table.columns.items() if name not in used}
    for name, info in free.items():
        if info.stray:
            raise InputError(_stray(name, info) + ", or name the features without it")
    chosen = [name for name, info in free.items() if info.kind == "number"]
    chosen += [name for name in numbers_of(roles.new, known) if name not in used]
    fields = [name for name, info in free.items() if info.kind == "field"]
    if not chosen and len(fields) != 1:
        raise InputError(f"{table.title} has no column of numbers left to be a feature; it has: {_kinds(table)}")
    return tuple(chosen or fields), _remarks(free, chosen or fields)


def _kinds(table: TableFile) -> str:
    return ", ".join(f"{name} ({info.kind})" for name, info in list(table.columns.items())[:12])


def _remarks(free: Mapping[str, ColumnInfo], chosen: Sequence[str]) -> tuple[str, ...]:
    reasons = {
        "text": "they hold text",
        "list": f"they hold a list per event (rules: {RULES})",
        "field": "they hold fields",
    }
    reasons["other"] = "their type cannot be used"
    remarks = []
    for kind, reason in reasons.items():
        names = [name for name, info in free.items() if info.kind == kind and name not in chosen]
        if names:
            more = f" and {len(names) - 8} more" if len(names) > 8 else ""
            remarks.append(f"no features, because {reason}: {', '.join(names[:8])}{more}")
    return tuple(remarks)


def _check_parts(features: Mapping[str, Expression], target: Mapping[str, Expression], table: TableFile) -> None:
    both = [name for name in features if name in target]
    if both:
        raise InputError(f"'{both[0]}' is a feature and the target; a model would only copy it: leave it out of one")
    for text, one in features.items():
        if one.names == (text,):
            _refuse_unfit(one.names[0], table.columns.get(one.names[0]), alone=len(features) == 1)


def _refuse_unfit(name: str, info: ColumnInfo | None, *, alone: bool) -> None:
    if info is None or info.kind == "number" or (info.kind == "field" and alone):
        return
    if info.stray:
        raise InputError(_stray(name, info))
    if info.kind == "text":
        raise InputError(f"'{name}' holds text and cannot be a feature; make numbers of it, as in \"{name} == 'a'\"")
    if info.kind in {"list", "field"}:
        raise InputError(f"'{name}' holds a list per event; choose a rule that makes one number of it: {_rules(name)}")


def _rules(name: str) -> str:
    return f"{name}[0], max({name}), min({name}), sum({name}), mean({name}), len({name})"


def _stray(name: str, info: ColumnInfo) -> str:
    return f"column '{name}' should hold numbers but {info.stray}; correct the file"


def _needed(used: Sequence[str], new: Mapping[str, Expression], table: TableFile) -> tuple[str, ...]:
    """The columns to read: those used, and those that used new columns are computed from."""
    wanted = list(used)
    for name in reversed(new):
        if name in wanted:
            wanted += new[name].names
    columns = (*table.columns, *new)
    found = tuple(dict.fromkeys(lookup(name, columns) for name in wanted))
    for name in found:
        info = table.columns.get(name)
        if info is not None and info.kind == "other":
            raise InputError(f"column '{name}' of {table.title} cannot be used: {info.why}")
    return tuple(name for name in found if name not in new)


def _units(roles: Roles, table: TableFile, shown: Sequence[str]) -> dict[str, str]:
    for name in roles.units:
        if name not in (*table.columns, *shown, *roles.new, roles.weight):
            raise InputError(f"units names '{name}', which is no column{suggest(name, (*table.columns, *shown))}")
    found = {name: info.unit for name, info in table.columns.items() if info.unit and name in shown}
    return {**found, **{name: unit for name, unit in roles.units.items() if name in shown}}
