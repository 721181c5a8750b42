"""From samples to one set of events whose weights are expected numbers of events."""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Mapping, Sequence

import numpy as np

from ansatz.data.cuts.cutflows import Cutflow
from ansatz.data.dataset import Dataset
from ansatz.data.description import describe_weights
from ansatz.data.loading import Loaded, load_recorded, read
from ansatz.data.missing import Missing
from ansatz.data.readers.sources import open_source
from ansatz.data.readers.tablefile import TableFile
from ansatz.data.roles import Roles, formula
from ansatz.data.samples.overlap import refuse_overlap, refuse_shared_files
from ansatz.data.samples.process import Process, Variation, check_processes
from ansatz.data.samples.variations import Varied, check_columns, varied_by_columns, varied_by_weight
from ansatz.errors import InputError


@dataclasses.dataclass(frozen=True, eq=False)
class Mixture:
    """The events of several samples.

    Attributes:
        data: all events that have a class; weights are expected numbers of events if the samples are normalized.
        names: of the samples that `data` is made of.
        which: number of the sample of each event of `data`, shape (events,).
        observed: events without a class, or None.
        varied: for each systematic, what is down and what is up.
        norms: for each systematic that changes numbers of events only, its relative error by sample.
        records: what there is to say of each sample, in plain values.
        normalized: whether weights are expected numbers of events.
        cutflow: of the common cuts, by class; None without cuts.
        missing: values that were missing.
        files: tables that were read.
        rows_read: events before the cuts.
        messages: what a person should know.
    """

    data: Dataset
    names: tuple[str, ...]
    which: np.ndarray
    observed: Dataset | None
    varied: Mapping[str, tuple[Varied, Varied]]
    norms: Mapping[str, Mapping[str, float]]
    records: tuple[Mapping[str, object], ...]
    normalized: bool
    cutflow: Cutflow | None
    missing: Missing
    files: tuple[str, ...]
    rows_read: int
    messages: tuple[str, ...]

    def description(self) -> dict[str, object]:
        """The record as plain values for a JSON file."""
        impute = self.missing.policy == "impute" and any(self.missing.columns.values())
        return {
            "files": list(self.files),
            "rows_read": self.rows_read,
            "rows_kept": len(self.data),
            "missing": {**dataclasses.asdict(self.missing), "impute": impute},
            "messages": list(self.messages),
            "samples": list(self.records),
            "normalized": self.normalized,
            "systematics": [*self.varied, *self.norms],
        }


@dataclasses.dataclass(frozen=True, eq=False)
class _Read:
    """One sample as it was read, with the factor on its weights."""

    process: Process
    tables: Sequence[TableFile]
    loaded: Loaded
    aside: Mapping[str, np.ndarray]
    factor: float


def load_samples(
    processes: Sequence[Process],
    roles: Roles,
    *,
    luminosity: float | None = None,
    variations: Sequence[Variation] = (),
    identity: Sequence[str] = (),
    names: Sequence[str] = (),
) -> Mixture:
    """Reads samples, cuts them, and scales their weights to a luminosity.

    Args:
        processes: the samples; those of one label are one class.
        roles: what the columns are; a target is not among them.
        luminosity: in inverse femtobarns; needed where a sample has a cross section.
        variations: systematic variations.
        identity: columns, such as run and event, whose values together may not occur twice.
        names: of the columns, for text tables without a header.

    Raises:
        InputError: if a sample or column is missing, nothing is left of a sample, the weights of a class do not sum to
            something positive, or an event is there twice.

    Example:
        >>> low, high = {"m": np.array([1.0, 2.0])}, {"m": np.array([5.0, 6.0, 7.0, 8.0])}
        >>> samples = [Process("bkg", [low], cross_section=0.5), Process("sig", [high], cross_section=0.001)]
        >>> mixed = load_samples(samples, Roles(select="m < 8"), luminosity=10.0)
        >>> mixed.data.classes, mixed.data.weight.tolist()
        (('bkg', 'sig'), [2500.0, 2500.0, 2.5, 2.5, 2.5])
    """
    check_processes(processes, variations, luminosity)
    opened = [_opened(process, names) for process in processes]
    refuse_shared_files(processes, opened)
    aside = _aside(variations, identity, processes)
    features = roles.features
    found: list[_Read] = []
    for process, tables in zip(processes, opened, strict=True):
        asked = dataclasses.replace(roles, features=features)
        found.append(_read(process, tables, asked, aside, luminosity, variations))
        features = features or found[0].loaded.data.columns
    refuse_overlap([(one.process.name, one.aside) for one in found], identity)
    simulated = [one for one in found if not one.process.observed]
    data = _joined(simulated, roles)
    varied = {v.name: _varied(v, simulated, roles, data) for v in variations if v.norm is None}
    observed = [one.loaded.data for one in found if one.process.observed]
    kept = roles.observers
    return Mixture(
        data=data,
        names=tuple(one.process.name for one in simulated),
        which=np.repeat(np.arange(len(simulated)), [len(one.loaded.data) for one in simulated]),
        observed=_stacked(observed, kept) if observed else None,
        varied=varied,
        norms={v.name: _norms(v, simulated) for v in variations if v.norm is not None},
        records=tuple(_record(one) for one in found),
        normalized=luminosity is not None,
        cutflow=_cutflow(simulated, data.classes),
        missing=functools.reduce(operator.add, [one.loaded.missing for one in found]),
        files=tuple(file for one in found for file in one.loaded.files),
        rows_read=sum(one.loaded.rows_read for one in found),
        messages=tuple(dict.fromkeys(text for one in found for text in one.loaded.messages)),
    )


def _opened(process: Process, names: Sequence[str]) -> list[TableFile]:
    try:
        return [part.table for file in process.files for part in open_source(file, names=names)]
    except InputError as error:
        raise InputError(f"sample '{process.name}': {error}") from None


def _aside(variations: Sequence[Variation], identity: Sequence[str], processes: Sequence[Process]) -> tuple[str, ...]:
    """What is read beside the features but belongs to the samples alone."""
    texts = [text for variation in variations for text in variation.texts]
    weights = [process.weight for process in processes if process.weight]
    return tuple(dict.fromkeys((*identity, *texts, *weights)))


def _read(
    process: Process,
    tables: Sequence[TableFile],
    roles: Roles,
    aside: Sequence[str],
    luminosity: float | None,
    variations: Sequence[Variation],
) -> _Read:
    mine = [variation for variation in variations if variation.concerns(process)]
    try:
        for variation in mine:
            check_columns(variation, tables, roles)
        asked = _roles_of(process, roles, tables, aside)
        loaded = load_recorded(list(tables), asked, name=process.name)
        generated = process.generated or _generated(process, tables, asked)
        factor = process.factor(luminosity, generated)
    except InputError as error:
        told = str(error)
        raise InputError(told if process.name in told else f"sample '{process.name}': {told}") from None
    data = loaded.data.replace(weight=loaded.data.weight * factor)
    return _Read(process, tables, dataclasses.replace(loaded, data=data), loaded.data.observers, factor)


def _roles_of(process: Process, roles: Roles, tables: Sequence[TableFile], aside: Sequence[str] = ()) -> Roles:
    """The roles for one sample: its own weight and cuts; columns set aside that it does not have are left out."""
    common = [roles.select] if isinstance(roles.select, str) else list(roles.select or ())
    cuts = [*([" and ".join(f"({cut})" for cut in process.select)] if process.select else []), *common]
    weight = None if process.observed else process.weight or roles.weight
    known = {*tables[0].columns, *roles.new}
    extra = tuple(text for text in aside if set(formula(text, known).names) <= known)
    observers = tuple(dict.fromkeys((*roles.observers, *extra)))
    return dataclasses.replace(
        roles, weight=weight, select=cuts or None, observers=observers, target=None, task=None, classes=None
    )


def _generated(process: Process, tables: Sequence[TableFile], roles: Roles) -> float:
    """The sum of all weights in the files, before any cut; only a cross section asks for it."""
    if process.cross_section is None:
        return 1.0
    column = roles.weight or next(iter(tables[0].columns))
    values = [np.asarray(read(table, [column])[column]) for table in tables]
    return float(sum(np.nansum(some.astype(float)) if roles.weight else len(some) for some in values))


def _joined(simulated: Sequence[_Read], roles: Roles) -> Dataset:
    """All events with a class."""
    groups = [one.process.group for one in simulated]
    classes = tuple(roles.classes or sorted(dict.fromkeys(groups)))
    if sorted(classes) != sorted(set(groups)):
        raise InputError(f"classes are {', '.join(classes)}, but the samples have {', '.join(sorted(set(groups)))}")
    whole = _stacked([one.loaded.data for one in simulated], roles.observers)
    y = np.repeat([classes.index(group) for group in groups], [len(one.loaded.data) for one in simulated])
    for k, name in enumerate(classes):
        total = float(whole.weight[y == k].sum())
        if not total > 0:
            raise InputError(f"the weights of class '{name}' sum to {total:g}; a class needs a positive sum")
    return whole.replace(y=y, classes=classes, target=("class",), name="samples")


def _stacked(samples: Sequence[Dataset], observers: Sequence[str]) -> Dataset:
    """Events one after another, with the observers asked for; rows count through all samples."""
    starts = np.cumsum([0, *(int(sample.row.max()) + 1 for sample in samples[:-1])])
    return samples[0].replace(
        x=np.concatenate([sample.x for sample in samples]),
        weight=np.concatenate([sample.weight for sample in samples]),
        observers={name: np.concatenate([sample.observers[name] for sample in samples]) for name in observers},
        row=np.concatenate([sample.row + start for sample, start in zip(samples, starts, strict=True)]),
    )


def _varied(variation: Variation, simulated: Sequence[_Read], roles: Roles, data: Dataset) -> tuple[Varied, Varied]:
    """The events of the samples that it concerns, down and up."""
    starts = np.cumsum([0, *(len(one.loaded.data) for one in simulated)])
    mine = [(k, one) for k, one in enumerate(simulated) if variation.concerns(one.process)]
    sides = []
    for side in (0, 1):
        parts = []
        for k, one in mine:
            if variation.weight:
                part = varied_by_weight(one.aside[variation.weight[side]] * one.factor)
            else:
                asked = _roles_of(one.process, dataclasses.replace(roles, features=data.columns), one.tables)
                part = varied_by_columns(variation, side, one.tables, asked, one.loaded.data.row, one.factor)
            parts.append(part.placed(k, int(starts[k])))
        sides.append(Varied.joined(parts))
    return sides[0], sides[1]


def _norms(variation: Variation, simulated: Sequence[_Read]) -> dict[str, float]:
    return {one.process.name: float(variation.norm) for one in simulated if variation.concerns(one.process)}


def _record(one: _Read) -> dict[str, object]:
    process, data = one.process, one.loaded.data
    return {
        "name": process.name,
        "label": None if process.observed else process.group,
        "observed": process.observed,
        "cross_section": process.cross_section,
        "factor": one.factor,
        "rows_read": one.loaded.rows_read,
        **describe_weights(data.weight),
    }


def _cutflow(simulated: Sequence[_Read], classes: Sequence[str]) -> Cutflow | None:
    """The cutflow of all samples by class, in expected events; cuts of a single sample are its first line."""
    flows = [(one, one.loaded.cutflow) for one in simulated if one.loaded.cutflow is not None]
    if len(flows) < len(simulated):
        return None
    own = any(one.process.select for one in simulated)
    parts = [_scaled(flow, one, own=own) for one, flow in flows]
    return functools.reduce(operator.add, parts).ordered(classes) if parts[0].titles else None


def _scaled(flow: Cutflow, one: _Read, *, own: bool) -> Cutflow:
    by = one.factor ** np.arange(3)
    titles, sums, others = flow.titles, flow.flow * by, flow.others * by
    if own and not one.process.select:
        sums = np.concatenate([sums[:, :1], sums], axis=1)
        others = np.concatenate([sums[:, -1:], others], axis=1)
    elif own:
        titles = titles[1:]
    return Cutflow(("cuts of the sample", *titles) if own else titles, (one.process.group,), sums, others)
