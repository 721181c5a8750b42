"""The data: how many, which columns, what was cut away, how they are distributed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansatz.data import Dataset
from ansatz.report.blocks import Block, Cell, Gallery, Section, Table, Text
from ansatz.report.figures import data as figures
from ansatz.report.figures.images import image_shape, mean_images
from ansatz.report.picture import Picture
from ansatz.report.story import Story, records_of
from ansatz.report.words import number, with_unit

MOST_COLUMNS = 24
"""More columns than this do not get a distribution each; the ones that separate best do."""
MOST_CORRELATED = 30
MOST_LISTED = 200
MOST_CLASSES = 6
MOST_TARGETS = 3


def data(story: Story) -> Section | None:
    """Counts, columns, cutflow, distributions and correlations; nothing if there are no events."""
    if not story.description and not len(story.data):
        return None
    blocks: list[Block] = [*_summary(story), *_samples(story), *_counts(story), *_columns(story), *_cuts(story)]
    if len(story.data):
        blocks += _images(story) if pixels(story) else _tables(story)
    return Section("data", "Data", blocks)


def _summary(story: Story) -> list[Block]:
    known = story.description
    if known.get("rows") is None:
        return []
    columns = len(story.data.columns) or len(records_of(known))
    text = (
        f"{number(int(known['rows']))} rows of {columns} columns" if columns else f"{number(int(known['rows']))} rows"
    )
    negative = (known.get("weights") or {}).get("negative_fraction") or 0.0
    text += f", {100 * negative:.2g} % of them with negative weights" if negative else ""
    copies = (known.get("duplicates") or {}).get("rows")
    text += "" if copies is None else f"; {number(int(copies)) if copies else 'none'} of them a copy of another row"
    return [Text(f"{text}."), *(Text(str(warning), "note") for warning in known.get("warnings") or ())]


def _samples(story: Story) -> list[Block]:
    """Each sample, or class where there are none: what it is worth, and how much of it has negative weights."""
    known = story.description
    records = known.get("samples") or [{"name": n, **r} for n, r in (known.get("per_class") or {}).items()]
    if not 0 < len(records) <= MOST_LISTED:
        return []
    crossed, labelled = (any(r.get(key) is not None for r in records) for key in ("cross_section", "label"))
    head = ["sample", *(["class"] if labelled else []), "rows", *(["cross section [pb]"] if crossed else [])]
    head += ["expected events" if known.get("normalized") else "sum of weights", "effective rows", "negative weights"]
    rows = [_sample(record, labelled=labelled, crossed=crossed) for record in records]
    systematics = known.get("systematics") or ()
    note = f" Systematic variations: {', '.join(systematics)}." if systematics else ""
    return [Table(head, rows, f"After the cuts. Effective rows: (Σw)² / Σw².{note}")]


def _sample(record: Mapping[str, Any], *, labelled: bool, crossed: bool) -> list[Cell | str]:
    cells = [Cell(str(record.get("label") or "data"), number=False)] if labelled else []
    cells += [Cell(number(record["rows"]))]
    cells += [Cell("—" if record.get("cross_section") is None else number(record["cross_section"]))] if crossed else []
    share = float(record.get("negative_fraction") or 0.0)
    return [
        str(record["name"]),
        *cells,
        *(Cell(number(record[key])) for key in ("sum", "effective")),
        Cell(f"{100 * share:.2g} %"),
    ]


def pixels(story: Story) -> tuple[int, int] | None:
    """Height and width if every event is an image."""
    return image_shape(story.data.x, story.data.columns)


def _counts(story: Story) -> list[Block]:
    splits = {part: r for part, r in (story.description.get("splits") or {}).items() if isinstance(r, Mapping)}
    classes = story.classes if len(story.classes) <= MOST_CLASSES else ()
    rows = [[part, *_part(record, classes)] for part, record in splits.items()]
    head = ["part", "rows", "sum of weights", "effective rows", *(f"rows of {name}" for name in classes)]
    caption = "Effective rows: how many events of equal weight would be worth as much, (Σw)² / Σw²."
    return [Table(head, rows, caption)] if rows else []


def _part(record: Mapping[str, Any], classes: Sequence[str]) -> list[Cell]:
    inside = record.get("classes") or {}
    values = [record.get("rows"), record.get("sum_weights"), record.get("effective")]
    values += [(inside.get(name) or {}).get("rows") for name in classes]
    return [Cell(number(value)) for value in values]


def _columns(story: Story) -> list[Block]:
    records = {n: r for part in ("columns", "targets") for n, r in records_of(story.description, part).items()}
    if not records or len(records) > MOST_LISTED or pixels(story):
        return []
    numbers = ("mean", "std", "min", "median", "max", "missing")
    wanted = [key for key in numbers if any(record.get(key) is not None for record in records.values())]
    rows = [[with_unit(n, story.units), *(Cell(number(r.get(key))) for key in wanted)] for n, r in records.items()]
    return [Table(["column", *wanted], rows, "Columns of all rows.", folded=len(rows) > 12)]


def _cuts(story: Story) -> list[Block]:
    flow, alone = (story.description.get(key) for key in ("cutflow", "n_minus_one"))
    pictures = [figures.cutflow(flow)] if _usable(flow) else []
    pictures += [figures.n_minus_one(alone)] if _usable(alone) else []
    return [Gallery(pictures, "Cuts")] if pictures else []


def _usable(lines: object) -> bool:
    return isinstance(lines, Sequence) and len(lines) > 0 and all(isinstance(line, Mapping) for line in lines)


def _images(story: Story) -> list[Block]:
    sample, shape = story.data, pixels(story)
    if story.task != "classification":
        return []
    return [Gallery([mean_images(sample.x, sample.y, sample.weight, shape, sample.classes)], "Images")]


def _tables(story: Story) -> list[Block]:
    sample = story.data
    chosen = best_columns(story, MOST_COLUMNS)
    blocks: list[Block] = []
    if len(chosen) < len(sample.columns):
        blocks.append(Text(f"Of {len(sample.columns)} columns the {len(chosen)} that tell most are drawn.", "note"))
    targets = [] if story.task == "classification" else [figures.distribution(sample, t) for t in story.targets]
    shapes = [*targets, *(figures.distribution(sample, column) for column in chosen)]
    blocks.append(Gallery(shapes, "Distributions"))
    if targets:
        outputs = range(min(len(targets), MOST_TARGETS))
        profiles = [figures.target_against(sample, column, k) for k in outputs for column in chosen[:6]]
        blocks.append(Gallery(profiles, "The target against the columns"))
    related = correlated(sample) if 1 < len(sample.columns) <= MOST_CORRELATED else []
    return (
        [*blocks, Gallery(related, "Correlations", size="medium" if len(sample.columns) > 8 else "small")]
        if related
        else blocks
    )


def best_columns(story: Story, most: int) -> list[str]:
    """The columns to draw: all, or those that separate best."""
    columns = list(story.data.columns)
    if len(columns) <= most:
        return columns
    ranked = [str(r["column"]) for r in story.results.get("ranking") or () if r.get("column") in columns]
    chosen = set((ranked or columns)[:most])
    return [column for column in columns if column in chosen]


def correlated(sample: Dataset) -> list[Picture]:
    """Correlations in each of a few classes, or of all events."""
    if sample.classes and len(sample.classes) <= 4:
        return [figures.correlations(sample, name) for name in figures.parts(sample)]
    return [figures.correlations(sample)]
