"""Looks at a data file and writes a study for it."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ansatz.data.bystanders import bystanders
from ansatz.data.loading import load_recorded
from ansatz.data.readers.sources import open_source
from ansatz.data.roles import Roles
from ansatz.data.targets import MOST_CLASSES
from ansatz.errors import InputError, suggest
from ansatz.files import write_text
from ansatz.studies.schema import toml

MANY = 200_000
FEW = 2_000


@dataclasses.dataclass(frozen=True, eq=False)
class Look:
    """What a file looks like.

    Attributes:
        task: `"classification"` or `"regression"`.
        classes: names of the classes, or None.
        rows: number of events.
        negative: whether some event weight is negative.
        missing: whether some value is missing.
        remarks: columns that cannot be features, and why.
        features: names of the features.
        bystanders: columns of numbers that are seldom meant as features, and why.
        names: of the columns, if the file has no header.
    """

    task: str
    classes: tuple[str, ...] | None
    rows: int
    negative: bool
    missing: bool
    remarks: tuple[str, ...]
    features: tuple[str, ...]
    bystanders: Mapping[str, str]
    names: tuple[str, ...]


def write_proposal(
    source: str,
    *,
    target: str,
    weight: str | None = None,
    names: Sequence[str] = (),
    path: Path | None = None,
    force: bool = False,
) -> Path:
    """Writes a commented study for a data file, with models that suit the task and the size.

    Args:
        source: the data file.
        target: the column to be learned.
        weight: the column of event weights.
        names: of the columns, for a text table without a header.
        path: the study; the name of the data file with `.toml` if left out.
        force: whether to write over an existing file.

    Returns:
        The study written.

    Raises:
        InputError: if the file or a column cannot be used, or the study exists.
    """
    path = path or Path(_stem(source) + ".toml")
    if path.exists() and not force:
        raise InputError(f"{path} exists; give another name by -o, or --force to write over it")
    parts = open_source(source, names=names)
    columns = parts[0].table.columns
    for name in filter(None, (target, weight)):
        if name not in columns and name.isidentifier():
            raise InputError(f"{parts[0].table.title} has no column '{name}'{_hint(name, list(columns))}")
    write_text(path, _text(source, path, target, weight, look_at(source, target, weight, names)))
    return path


def look_at(source: str, target: str, weight: str | None = None, names: Sequence[str] = ()) -> Look:
    """What a file looks like, from reading it once.

    Raises:
        InputError: if it cannot be used.
    """
    loaded = load_recorded(source, Roles(target=target, weight=weight, missing="impute"), names=names)
    data, others = loaded.data, bystanders(loaded.data)
    others = {} if len(others) == len(data.columns) else others
    return Look(
        task=data.task,
        classes=data.classes,
        rows=len(data),
        negative=bool(np.any(data.weight < 0)),
        missing=bool(loaded.missing.rows),
        remarks=tuple(m for m in loaded.messages if m.startswith("no features")),
        features=tuple(name for name in data.columns if name not in others),
        bystanders=others,
        names=tuple(names),
    )


def _hint(name: str, names: list[str]) -> str:
    return suggest(name, names) or f"; it has: {', '.join(names[:20])}"


def _stem(source: str) -> str:
    return Path(source.split(":")[0]).name.split(".")[0] or "study"


def _text(source: str, path: Path, target: str, weight: str | None, look: Look) -> str:
    name = _stem(source)
    return "\n".join(
        [
            f"# A study of {Path(source).name}. Check it: ansatz check {path}    Run it: ansatz run {path}",
            toml.write({"title": f"{target} from {name}", "seed": 1}),
            "[data]",
            *_data_lines(source, path, target, weight, look),
            "",
            *_model_lines(look),
            "[report]",
            f'metric = "{_metric(look)}"{"":8}# ranks the models; every other metric is reported too',
            'notes = ""             # a few words for the report',
            "",
        ]
    )


def _data_lines(source: str, path: Path, target: str, weight: str | None, look: Look) -> list[str]:
    lines = [
        f"source = {toml.write_value(_relative(source, path))}",
        *([f"names = {toml.write_value(list(look.names))}"] if look.names else []),
        f"target = {toml.write_value(target)}{_classes(look)}",
        *_feature_lines(look),
        '# select = "pt > 25"     # a cut; the report shows its cutflow',
        '# new = {ratio = "a / b"}',
        '# units = {pt = "GeV"}',
    ]
    if look.classes and len(look.classes) == 2:
        lines.insert(-3, f"# classes = {toml.write_value(list(look.classes))}    # the last one is the signal")
    lines += [f"# {remark}" for remark in look.remarks]
    if weight:
        signs = "weights of both signs" if look.negative else "event weights"
        lines.append(f"weight = {toml.write_value(weight)}{'':8}# {signs}")
    if look.missing:
        lines.append('missing = "impute"       # some values are missing: filled in from training rows; or "drop"')
    folds = 3 if look.rows > MANY else 5
    lines.append(f"split = {{test = 0.25, folds = {folds}}}    # test rows are judged once, at the end")
    return lines


def _feature_lines(look: Look) -> list[str]:
    """All columns of numbers, or those that are left when the bystanders are set aside."""
    if not look.bystanders:
        some = ", ".join(look.features[:8]) + (" ..." if len(look.features) > 8 else "")
        return [f"# features = [...]      # if left out: all {len(look.features)} columns of numbers ({some})"]
    aside = "; ".join(f"{name} {why}" for name, why in look.bystanders.items())
    return [f"# not among the features: {aside}", f"features = {toml.write_value(list(look.features))}"]


def _classes(look: Look) -> str:
    if look.classes is None:
        return "        # a number: regression"
    return f"        # {len(look.classes)} classes: {', '.join(look.classes[:MOST_CLASSES])}"


def _relative(source: str, path: Path) -> str:
    return os.path.relpath(Path(source).expanduser().absolute(), path.absolute().parent)


def _metric(look: Look) -> str:
    if look.task == "regression":
        return "rmse"
    return "auc" if len(look.classes or ()) == 2 else "accuracy"


def _model_lines(look: Look) -> list[str]:
    """Models for the task, the size and the sign of the weights: a baseline, a line, trees, a network."""
    if look.task == "regression":
        line = ("linear-descent", "a line, by descent: it takes negative weights") if look.negative else ("linear", "")
        models = [("constant", "constant", "the baseline: what does not beat it has learned nothing"), ("line", *line)]
    else:
        two = len(look.classes or ()) == 2
        simple = ("one-observable", "threshold", "the physics baseline: a cut on the best column")
        models = [simple if two else ("constant", "constant", "the baseline: always the most frequent class")]
        models.append(("logistic", "logistic", ""))
    models.append(("boosted-trees", "boosted-trees", ""))
    if look.rows <= FEW and not look.negative:
        models.append(("forest", "forest", ""))
    lines = [line for name, kind, why in models for line in _model(name, kind, why)]
    return lines + [*_model("network", "mlp", "")[:-1], *_network(look), ""]


def _model(name: str, kind: str, why: str) -> list[str]:
    return [f"[models.{name}]" + (f"    # {why}" if why else ""), f'kind = "{kind}"', ""]


def _network(look: Look) -> list[str]:
    batch, epochs = (1024, 30) if look.rows > MANY else (256, 100) if look.rows > FEW else (32, 300)
    return [
        "width = 64",
        f"batch_size = {batch}",
        f"epochs = {epochs}            # at most; it stops earlier when fresh rows no longer gain",
        "population = 3          # networks from different starts: a band on every prediction",
    ]
