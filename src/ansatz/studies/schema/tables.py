"""The tables of a study file that say where events come from; immutable, and nothing in them that is not known."""

from typing import Annotated, Literal

import pydantic


def _one_or_more(value: object) -> object:
    if value is None:
        return None
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _files(value: object) -> object:
    return tuple({"file": v} if isinstance(v, str) else v for v in _one_or_more(value) or ())


Texts = Annotated[tuple[str, ...], pydantic.BeforeValidator(_one_or_more)]
Level = Annotated[float, pydantic.Field(gt=0, lt=1)]


class Table(pydantic.BaseModel):
    """A table of the study file: immutable, and nothing in it that is not known."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=False)


class SourceFile(Table):
    """One file (or glob, or folder) of events with the class it belongs to and the scale of its weights."""

    file: str
    label: str | int | None = None
    scale: float = 1.0


class SampleTable(Table):
    """A sample of a physics process: its files, its class, and how many of its events are expected."""

    name: str
    files: Texts
    label: str | None = None
    cross_section: float | None = None
    generated: float | None = None
    scale: float = 1.0
    weight: str | None = None
    select: Texts = ()
    observed: bool = False


class Sides(Table):
    """What a systematic variation replaces something by, one standard deviation down and up."""

    down: str
    up: str


class Systematic(Table):
    """A systematic variation, by other weights, by other columns, or of the number of events alone."""

    weight: Sides | None = None
    columns: dict[str, Sides] = {}
    norm: float | None = None
    samples: Texts = ()


class Split(Table):
    """How rows are held back: `test` is the share judged once at the end, `folds` the number of folds before that."""

    test: Annotated[float, pydantic.Field(ge=0, lt=1)] = 0.25
    folds: Annotated[int, pydantic.Field(ge=0)] = 5
    how: Literal["stratified", "random", "group", "time", "file"] | None = None


class Data(Table):
    """Where the events come from and what they mean."""

    source: Annotated[tuple[SourceFile, ...], pydantic.BeforeValidator(_files)] = ()
    samples: tuple[SampleTable, ...] = ()
    luminosity: float | None = None
    systematics: dict[str, Systematic] = {}
    identity: Texts = ()
    balance: bool | None = None
    problem: str | None = None
    events: Annotated[int, pydantic.Field(ge=1)] | None = None
    options: dict[str, object] = {}
    needs: str | None = None
    names: Texts = ()
    target: Texts = ()
    task: Literal["classification", "regression", "cluster", "reduce", "density", "anomaly"] | None = None
    classes: Texts | None = None
    select: Texts = ()
    new: dict[str, str] = {}
    invariants: Texts = ()
    weight: str | None = None
    features: Texts | None = None
    observers: Texts = ()
    missing: Literal["refuse", "drop", "impute"] = "refuse"
    absent: tuple[float, ...] = ()
    units: dict[str, str] = {}
    group: str | None = None
    time: str | None = None
    split: Split = Split()


class Significance(Table):
    """What a search makes of the scores: how much is expected, and what decides where to cut."""

    signal: Annotated[float, pydantic.Field(gt=0)] | None = None
    background: Annotated[float, pydantic.Field(gt=0)] | None = None
    background_error: Annotated[float, pydantic.Field(ge=0, lt=1)] = 0.0
    measure: Literal["asimov", "ams", "s/sqrt(b)", "s/sqrt(s+b)"] = "asimov"
    fewest: Annotated[int, pydantic.Field(ge=1)] = 10
    bins: Annotated[int, pydantic.Field(ge=1)] = 10
    replicas: Annotated[int, pydantic.Field(ge=20)] = 200
    mass: str | None = None
    workspace: bool = True
