"""Imports run downward only: the folders are the chapters, and a chapter knows none above it."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "ansatz"

FLOORS = [
    {"typing", "keys", "errors", "files", "citations"},
    {"calculus", "data", "models"},
    {"embedding", "risk", "optimizers", "problems"},
    {"training"},
    {"validation", "inference", "dynamics", "symbolic", "estimators", "export"},
    {"studies"},
    {"report"},
    {"cli"},
]
FLOOR = {chapter: height for height, chapters in enumerate(FLOORS) for chapter in chapters}


def chapter_of(path):
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported(path):
    """Chapters that a file imports from, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "ansatz" and len(parts) > 1 and parts[1] in FLOOR:
                yield parts[1]


FILES = sorted(path for path in SOURCE.rglob("*.py") if path.parent != SOURCE or path.name != "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_chapter_imports_downward_only(path):
    own = chapter_of(path)
    assert own in FLOOR, f"{own} has no floor; add it to FLOORS"
    above = {other for other in imported(path) if FLOOR[other] > FLOOR[own]}
    assert not above


def test_chapters_of_one_floor_do_not_import_in_a_circle():
    edges = {(chapter_of(path), other) for path in FILES for other in imported(path) if other != chapter_of(path)}
    assert not [edge for edge in edges if edge[::-1] in edges]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_file_has_fewer_than_400_lines(path):
    assert len(path.read_text().splitlines()) < 400


FOLDERS = sorted({path.parent for path in FILES} - {SOURCE})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(SOURCE)))
def test_a_folder_has_at_most_fifteen_files(folder):
    assert len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) <= 15
