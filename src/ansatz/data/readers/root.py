"""ROOT files: flat branches, text, and lists that a rule such as `pt[0]` flattens; trees and RNTuples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ansatz.data.readers.tablefile import ColumnInfo, Piece, TableFile, native, reading, slices
from ansatz.errors import InputError, suggest

TREES = ("TTree", "TNtuple", "TNtupleD", "ROOT::RNTuple")


def open_root(path: Path, inside: str = "") -> TableFile:
    """A tree of a ROOT file.

    Args:
        path: the file.
        inside: name of the tree; may be left out if there is only one.

    Raises:
        InputError: if the file is damaged, or the tree not there or not told.
    """
    with reading(path, "a ROOT file"):
        import uproot

        file = uproot.open({str(path): None})
        tree = file[_tree_name(file.classnames(cycle=False), inside, path)]
        branches = {name: tree[full] for full, name in _leaves(tree)}
        columns = {name: _info(branch) for name, branch in branches.items()}

    def pieces(names: Sequence[str]) -> Iterator[Piece]:
        with reading(path, "a ROOT file"):
            for part in slices(tree.num_entries, [3 if columns[name].kind == "list" else 1 for name in names]):
                yield {name: _values(branches[name], columns[name].kind, part) for name in names}

    return TableFile(f"{path.name}:{tree.name}", columns, pieces)


def _tree_name(classes: dict[str, str], inside: str, path: Path) -> str:
    trees = [name for name, kind in classes.items() if kind in TREES]
    if inside:
        if inside.partition(";")[0] not in trees:
            raise InputError(
                f"{path} has no tree '{inside}'{suggest(inside, trees)}; there are: {', '.join(trees) or 'none'}"
            )
        return inside
    if len(trees) != 1:
        found = f"several trees: {', '.join(trees)}" if trees else f"no tree, only {', '.join(classes) or 'nothing'}"
        raise InputError(f"{path} holds {found}; name the tree as in {path}:{trees[0] if trees else 'Events'}")
    return trees[0]


def _leaves(tree: Any) -> list[tuple[str, str]]:
    """Full and short name of every branch that holds values; the full one twice where short names clash."""
    full = [name for name in tree.keys(recursive=True) if not len(tree[name].keys())]  # noqa: SIM118
    short = [name.rpartition("/")[2] for name in full]
    return [(name, last if short.count(last) == 1 else name) for name, last in zip(full, short, strict=True)]


def _info(branch: Any) -> ColumnInfo:
    import awkward as ak

    try:
        kind = str(ak.type(branch.array(entry_start=0, entry_stop=0))).partition(" * ")[2]
    except Exception:
        return ColumnInfo("other", why=f"its type {branch.typename} cannot be read")
    *axes, leaf = kind.split(" * ")
    if leaf in {"string", "bytes"} and not axes:
        return ColumnInfo("text")
    if leaf.lstrip("?") not in _NUMBERS or len(axes) > 1:
        return ColumnInfo("other", why=f"it holds {branch.typename}")
    return ColumnInfo(("list" if axes == ["var"] else "field") if axes else "number")


_NUMBERS = {"bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)), "float32", "float64"}


def _values(branch: Any, kind: str, part: slice) -> Any:
    library = "ak" if kind == "list" else "np"
    values = branch.array(entry_start=part.start, entry_stop=part.stop, library=library)
    return values if kind == "list" else native(values)
