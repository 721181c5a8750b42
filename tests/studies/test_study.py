"""The study file: what is accepted, and what is said of what is not."""

import pytest

from ansatz.errors import InputError
from ansatz.studies import load_study, parse_study
from ansatz.studies.catalogue import build_learner, build_problem
from ansatz.studies.schema import toml
from ansatz.studies.schema.study import dump_study


def tables(**changes):
    return {"title": "x", "data": {"source": "a.csv"}, "models": {"net": {"kind": "mlp", "width": 8}}} | changes


COMPLAINTS = [
    (tables(titel="x"), "titel: there is no 'titel'; did you mean 'title'?"),
    (tables(seed="1"), "seed: expected a whole number, got the text '1'"),
    (tables(seed=True), "seed: expected a whole number, got true"),
    ({"data": {"source": "a.csv"}, "models": {}}, "title: is missing; it must be text"),
    (tables(data=3), "data: expected a table, got the number 3"),
    (tables(data={}), 'data: there is no \'source\'; give source = "file" or problem = "name"'),
    (tables(data={"source": 3}), "data.source.0: expected a table, got the number 3"),
    (
        tables(data={"source": [{"file": "a", "lable": "s"}]}),
        "data.source.0.lable: there is no 'lable'; did you mean 'label'?",
    ),
    (
        tables(data={"source": "a", "problem": "xnor"}),
        "data: both 'source' and 'problem' are given; keep the one that the events come from",
    ),
    (tables(data={"source": "a", "selct": "x > 1"}), "data.selct: there is no 'selct'; did you mean 'select'?"),
    (tables(data={"source": "a", "split": {"test": 1.5}}), "data.split.test: it must be less than 1, got 1.5"),
    (
        tables(data={"source": "a", "missing": "fill"}),
        "data.missing: expected 'refuse' or 'drop' or 'impute', got the text 'fill'",
    ),
    (tables(data={"source": "a", "new": {"m": 3}}), "data.new.m: expected text, got the number 3"),
    (
        tables(models={}),
        'models: there are none; give at least one, such as [models.trees] with kind = "boosted-trees"',
    ),
    (tables(models={"a": {"kid": "mlp"}}), "models.a.kind: is missing; it must be text"),
    (tables(models={"a": 3}), "models.a: expected a table such as [models.a] with a kind, got the number 3"),
    (
        tables(models={"../a": {"kind": "mlp"}}),
        "models: '../a' is no name for a model; use letters, digits, spaces and . _ + -",
    ),
    (tables(report={"level": 2}), "report.level: it must be less than 1, got 2"),
    (tables(report={"baseline": "nett"}), "report.baseline: there is no 'nett'; did you mean 'net'?"),
]


@pytest.mark.parametrize(("given", "message"), COMPLAINTS, ids=[message[:40] for _, message in COMPLAINTS])
def test_a_wrong_entry_is_named_by_its_path(given, message):
    with pytest.raises(InputError) as raised:
        parse_study(given)
    assert str(raised.value) == message


ARGUMENTS = [
    ({"kind": "mlp", "widht": 8}, "models.net.widht: there is no 'widht'; did you mean 'width'?"),
    (
        {"kind": "mlp", "width": "64"},
        "models.net.width: expected a whole number or a list of whole numbers, got the text '64'",
    ),
    ({"kind": "mlp", "epochs": 1.5}, "models.net.epochs: expected a whole number, got the number 1.5"),
    ({"kind": "mlp", "population": 0}, "models.net: a population needs at least one member, not 0"),
    (
        {"kind": "threshold", "direction": "up"},
        "models.net.direction: expected 'auto' or 'above' or 'below', got the text 'up'",
    ),
    ({"kind": "threshold", "cut": 3}, "models.net: a cut at 3 needs a column: give both, or neither"),
]


@pytest.mark.parametrize(("model", "message"), ARGUMENTS)
def test_the_constructors_signature_is_the_schema(model, message):
    study = parse_study(tables(models={"net": model}))
    with pytest.raises(InputError) as raised:
        build_learner("net", study.models["net"])
    assert str(raised.value) == message


def test_an_unknown_kind_is_suggested():
    study = parse_study(tables(models={"a": {"kind": "boosted-tree"}}))
    with pytest.raises(InputError, match="models.a.kind: there is no 'boosted-tree'; did you mean 'boosted-trees'"):
        build_learner("a", study.models["a"])


def test_a_problems_options_are_checked_against_its_constructor():
    study = parse_study(tables(data={"problem": "xnor", "nois": 0.1}))
    with pytest.raises(InputError, match="data.nois: there is no 'nois'; did you mean 'noise'"):
        build_problem(study.data)
    study = parse_study(tables(data={"problem": "xnorr"}))
    with pytest.raises(InputError, match="data.problem: there is no 'xnorr'; did you mean 'xnor'"):
        build_problem(study.data)


NOT_TOML = [
    (
        "[models.a]\nkind = 'mlp'\n[models.a]\nkind = 'tree'\n",
        "line 3: [models.a] is there twice; give each its own name",
    ),
    ("title = 'x'\ntitle = 'y'\n", "line 2: 'title' is given twice; keep one"),
    ("title = \n", "line 1: this is not TOML (invalid value): title ="),
    ("title = 'x'\nseed 3\n", "line 2: this is not TOML (expected '=' after a key in a key/value pair): seed 3"),
]


@pytest.mark.parametrize(("text", "message"), NOT_TOML)
def test_what_is_not_toml_is_shown_with_its_line(tmp_path, text, message):
    path = tmp_path / "study.toml"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        load_study(path)
    assert str(raised.value) == f"{path}, {message}"


def test_a_study_written_and_read_again_is_the_same():
    rich = tables(
        data={
            "source": [{"file": "/s.root:Events", "label": "signal", "scale": 0.5}, {"file": "/b.root", "label": "b"}],
            "select": ["pt > 25", 'kind == "a"'],
            "new": {"m t": "sqrt(2 * pt)"},
            "units": {"pt": "GeV"},
            "classes": ["b", "signal"],
        },
        models={"a net": {"kind": "mlp", "width": [3, 4], "learning_rate": 1e-3, "dropout": 0.1}},
        report={"notes": 'two\nlines, a "quote" and a \\'},
    )
    study = parse_study(rich)
    assert parse_study(toml.parse(dump_study(study))) == study


def test_relative_files_are_taken_from_the_studys_folder(tmp_path):
    (tmp_path / "s.toml").write_text("title = 'x'\n[data]\nsource = 'a.csv'\n[models.a]\nkind = 'mlp'\n")
    assert load_study(tmp_path / "s.toml").data.source[0].file == str(tmp_path / "a.csv")


def test_a_change_may_reach_any_entry(tmp_path):
    (tmp_path / "s.toml").write_text("title = 'x'\n[data]\nsource = 'a.csv'\n[models.a]\nkind = 'mlp'\n")
    study = load_study(tmp_path / "s.toml", overrides={"data.split.folds": 3, "models.a.width": 5})
    assert study.data.split.folds == 3
    assert study.models["a"].arguments == {"width": 5}
