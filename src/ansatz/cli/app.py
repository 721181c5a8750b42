"""The commands of `ansatz`: what is typed, and nothing else. Each loads what it needs when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

app = typer.Typer(
    help="Machine learning for physicists: from a file of events to a result that can be believed.",
    epilog="A first run:  ansatz run resonance        Your own data:  ansatz new events.csv --target label",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _paths(changes: list[str] | None) -> list[str] | None:
    """Whether each change names an entry and its value."""
    for text in changes or ():
        if not text.partition("=")[0].strip() or "=" not in text:
            raise typer.BadParameter(f"'{text}' is not PATH=VALUE, such as data.split.folds=10")
    return changes


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Changes = Annotated[
    Optional[list[str]],  # noqa: UP045 - typer reads it on Python 3.11
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        callback=_paths,
        help="Change an entry of the study, such as data.split.folds=10.",
    ),
]
DataFile = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--data", metavar="FILE", help="The data file, in place of the study's own."),
]


@app.command(epilog="Example:  ansatz new htru2.csv --target class -o pulsars.toml")
def new(
    data: Annotated[str, typer.Argument(help="A file of events (ROOT, Parquet, CSV, HDF5, FITS, NPZ).")],
    target: Annotated[str, typer.Option("--target", "-t", help="The column to be learned.")],
    output: Annotated[Optional[Path], typer.Option("-o", "--output", help="The study to write.")] = None,  # noqa: UP045
    weight: Annotated[Optional[str], typer.Option(help="The column of event weights.")] = None,  # noqa: UP045
    names: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Names of the columns, with commas, for a text table without a header."),
    ] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing study.")] = False,
) -> None:
    """Look at a data file and write a study for it, with models that suit it."""
    from ansatz.cli import tables
    from ansatz.studies.proposal import write_proposal

    named = tuple(name.strip() for name in names.split(",")) if names else ()
    path = write_proposal(data, target=target, weight=weight, names=named, path=output, force=force)
    tables.say(f"wrote {path}; next: ansatz check {path}, then ansatz run {path}")


@app.command(epilog="Example:  ansatz check pulsars.toml")
def check(
    study: Annotated[str, typer.Argument(help="A study file, or the name of one in the catalogue.")],
    changes: Changes = None,
    data: DataFile = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Validate a study and say what will run and roughly how long. Nothing is trained or written."""
    from ansatz.cli import tables
    from ansatz.studies.catalogue import find_study
    from ansatz.studies.check import check_study

    plan = check_study(find_study(study, changes=changes or (), data=data))
    tables.show_plan(plan, as_json=as_json)


@app.command(epilog="Example:  ansatz run resonance        ansatz run runs/resonance-001 --resume")
def run(
    study: Annotated[str, typer.Argument(help="A study file, a name of the catalogue, or a run to resume.")],
    output: Annotated[Optional[Path], typer.Option("-o", "--output", help="The run directory.")] = None,  # noqa: UP045
    changes: Changes = None,
    data: DataFile = None,
    *,
    cluster: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786, whose workers fit members."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train all models of a study, judge them, and write a report."""
    from ansatz.cli.running import run_command

    run_command(study, output=output, changes=changes or (), data=data, cluster=cluster, resume=resume, as_json=as_json)


@app.command(name="list", epilog="Example:  ansatz list")
def list_(*, as_json: AsJson = False) -> None:
    """The studies of the catalogue and the runs in ./runs."""
    from ansatz.cli import tables

    tables.show_list(as_json=as_json)


@app.command(epilog="Example:  ansatz show runs/resonance-001")
def show(run: Annotated[str, typer.Argument(help="A run directory.")], *, as_json: AsJson = False) -> None:
    """The results of a run: whether to believe it, and every model's numbers."""
    from ansatz.cli import tables
    from ansatz.studies.directory import open_run

    tables.show_run(open_run(run), as_json=as_json)


@app.command(epilog="Example:  ansatz compare runs/resonance-001 runs/resonance-002")
def compare(
    first: Annotated[str, typer.Argument(help="A run directory.")],
    second: Annotated[str, typer.Argument(help="Another one.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Two runs side by side: what differs in their studies, and every number that both have."""
    from ansatz.cli import tables
    from ansatz.studies.contrast import contrast
    from ansatz.studies.directory import open_run

    tables.show_contrast(contrast(open_run(first), open_run(second)), as_json=as_json)


@app.command(epilog="Example:  ansatz predict runs/pulsars-001 new.csv -o predictions.parquet --model network")
def predict(
    run: Annotated[str, typer.Argument(help="A run directory.")],
    data: Annotated[str, typer.Argument(help="A file with the columns that the models were trained on.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where they go: .parquet, .csv or .root.")],
    model: Annotated[Optional[str], typer.Option("--model", "-m", help="Default: the winner.")] = None,  # noqa: UP045
    *,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
) -> None:
    """Apply a fitted model to a file of events."""
    from ansatz.cli import tables
    from ansatz.studies.directory import open_run
    from ansatz.studies.predict import predict_file

    done = predict_file(open_run(run), data, output, model=model, force=force)
    left = f" of {done.read} (the others do not pass the cuts of the study)" if done.events < done.read else ""
    tables.say(f"wrote {output}: {done.events} events{left}, model '{done.model}'")


@app.command(epilog="Example:  ansatz export runs/resonance-001 --to onnx --model boosted-trees -o trees.onnx")
def export(
    run: Annotated[str, typer.Argument(help="A run directory.")],
    to: Annotated[str, typer.Option("--to", help="onnx, xgboost, root, parquet, hist or workspace.")],
    output: Annotated[Optional[Path], typer.Option("-o", "--output", help="The file to write.")] = None,  # noqa: UP045
    model: Annotated[Optional[str], typer.Option("--model", "-m", help="Default: the winner.")] = None,  # noqa: UP045
    *,
    force: Annotated[bool, typer.Option("--force", help="Write over an existing file.")] = False,
) -> None:
    """Write a model, the predictions, the histograms or the likelihood of a run for other programs."""
    from ansatz.cli import tables
    from ansatz.studies.directory import open_run
    from ansatz.studies.exporting import export_run

    done = export_run(open_run(run), to, output=output, model=model, force=force)
    tables.say(f"wrote {done.path}: {done.told}")


@app.command(epilog="Example:  ansatz report runs/resonance-001")
def report(run: Annotated[str, typer.Argument(help="A run directory.")]) -> None:
    """Make the report of a run again."""
    from ansatz.cli import tables
    from ansatz.cli.running import make_report
    from ansatz.studies.directory import open_run

    tables.say(f"wrote {make_report(open_run(run))}")
