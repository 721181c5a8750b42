"""The examples of the documentation run as they stand."""

import doctest
import re
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
GALLERY = sorted((DOCS / "gallery").glob("*.py"))
PAGES = [path for path in sorted(DOCS.glob("*.md")) if ">>> " in path.read_text()]


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_example_runs_and_says_something(path, capsys):
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out.strip()


def test_gallery_page_shows_every_example():
    page = (DOCS / "gallery.md").read_text()
    shown = re.findall(r"literalinclude\} gallery/(\w+)\.py", page)
    assert sorted(shown) == [path.stem for path in GALLERY]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_shows_what_comes_out(path):
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    found = doctest.testfile(str(path), module_relative=False, optionflags=flags)
    assert found.attempted > 0
    assert found.failed == 0


def test_study_page_names_every_key():
    from ansatz.studies.schema.study import Data, Report, SourceFile, Split, Study

    page = (DOCS / "study.md").read_text()
    for table in (Study, Data, SourceFile, Split, Report):
        for key in table.model_fields:
            assert f"`{key}`" in page or f"[{key}" in page, f"docs/study.md does not name {table.__name__}.{key}"


def test_statistics_page_names_every_metric():
    from ansatz.validation import METRICS

    page = (DOCS / "statistics.md").read_text()
    for name in METRICS:
        assert f"`{name}`" in page or f"`@{name.partition('@')[2]}`" in page, f"docs/statistics.md lacks {name}"


def test_report_page_explains_every_mark():
    import inspect

    from ansatz.studies import belief

    page = (DOCS / "report.md").read_text()
    for name in re.findall(r'Belief\(\s*"([^"]+)"', inspect.getsource(belief)):
        assert f"| {name} |" in page, f"docs/report.md does not explain '{name}'"
