"""Writes the reference pages: one for each chapter of the package, from its public names and their docstrings.

Docstrings are Markdown with Google sections and LaTeX formulae, so the pages are Markdown as well: each name becomes
a directive of Sphinx's Python domain whose body is the docstring.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

ORDER = ("data", "models", "embedding", "risk", "optimizers", "problems", "training", "validation", "estimators")
"""Chapters in the order of the theory; others follow."""

SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises", "Example", "Examples", "Source", "References")
HEADING = re.compile(rf"^({'|'.join(SECTIONS)}):\s*(.*)$")
ENTRY = re.compile(r"^([\w*.\[\]]+):\s+(.*)$")


def chapters() -> list[str]:
    """Every package that lists public names, such as `training.classical`, in the order of the theory."""
    import ansatz

    found = [info.name for info in pkgutil.walk_packages(ansatz.__path__, "ansatz.") if info.ispkg]
    named = [name.removeprefix("ansatz.") for name in found if _public(name) and name != "ansatz.cli"]
    return sorted(named, key=lambda name: (_place(name), name))


def _place(chapter: str) -> int:
    top = chapter.split(".")[0]
    return ORDER.index(top) if top in ORDER else len(ORDER)


def _public(package: str) -> list[str]:
    """The names of a package that its parent does not list already, modules apart."""
    module, parent = importlib.import_module(package), importlib.import_module(package.rpartition(".")[0])
    listed = set() if parent.__name__ == "ansatz" else set(getattr(parent, "__all__", ()))
    names = [name for name in getattr(module, "__all__", ()) if name not in listed and not name.startswith("_")]
    return [name for name in names if not inspect.ismodule(getattr(module, name))]


def chapter_page(chapter: str) -> str:
    """The page of a chapter."""
    module = importlib.import_module(f"ansatz.{chapter}")
    names = sorted(_public(f"ansatz.{chapter}"), key=lambda name: (not name.isupper(), name.lower()))
    parts = [_documented(chapter, name, getattr(module, name)) for name in names]
    head = f"# ansatz.{chapter}\n\n{inspect.getdoc(module)}\n"
    return "\n".join([head, f":::::{{py:module}} ansatz.{chapter}\n:::::\n", *parts])


def _documented(chapter: str, name: str, value: object) -> str:
    if inspect.isclass(value):
        return _class(name, value)
    if inspect.isfunction(value):
        return _directive("function", f"{name}{_signature(value)}", _docstring(value), depth=4)
    text = f"Of type `{type(value).__name__}`."
    if isinstance(value, dict):
        text = "A table with the names " + ", ".join(f"`{key}`" for key in value) + "."
    if isinstance(value, int | float | str | tuple):
        text = f"`{value!r}`"
    return _directive("data", name, text, depth=4)


def _class(name: str, value: type) -> str:
    own = [v for v in vars(value).items() if not v[0].startswith("_")]
    methods = [_method(attribute, found) for attribute, found in own]
    body = _docstring(value) + "\n\n" + "\n".join(method for method in methods if method)
    return _directive("class", f"{name}{_signature(value)}", body, depth=5)


def _method(name: str, found: object) -> str:
    if isinstance(found, property) and found.__doc__:
        return _directive("property", name, _docstring(found), depth=4)
    function = found.__func__ if isinstance(found, classmethod | staticmethod) else found
    if not inspect.isfunction(function) or not function.__doc__:
        return ""
    kind = "staticmethod" if isinstance(found, staticmethod) else "method"
    option = ":classmethod:\n" if isinstance(found, classmethod) else ""
    return _directive(kind, f"{name}{_signature(function)}", _docstring(function), depth=4, option=option)


def _directive(kind: str, signature: str, body: str, *, depth: int, option: str = "") -> str:
    fence = ":" * depth
    return f"{fence}{{py:{kind}}} {signature}\n{option}\n{body}\n{fence}\n"


def _signature(value: object) -> str:
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return "()"
    kept = [
        parameter.replace(annotation=inspect.Parameter.empty, default=_default(parameter.default))
        for name, parameter in signature.parameters.items()
        if name not in ("self", "cls")
    ]
    return re.sub(r"\s+", " ", str(signature.replace(parameters=kept, return_annotation=inspect.Signature.empty)))


class _Shown:
    """A default value that is printed as it would be typed."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _default(value: object) -> object:
    simple = value is None or isinstance(value, bool | int | float | str | tuple)
    if value is inspect.Parameter.empty or simple:
        return value
    return _Shown(getattr(value, "__name__", "..."))


def _docstring(value: object) -> str:
    text = inspect.getdoc(value) or ""
    if inspect.isclass(value) and dataclasses.is_dataclass(value) and text.startswith(f"{value.__name__}("):
        text = ""
    return markdown(text)


def markdown(text: str) -> str:
    r"""A Google docstring as Markdown: sections become bold words with lists, doctests become code.

    Example:
        >>> print(markdown("Adds.\n\nArgs:\n    a: the first\n        number.\n\nReturns:\n    The sum."))
        Adds.
        <BLANKLINE>
        **Args**
        <BLANKLINE>
        - **a**: the first number.
        <BLANKLINE>
        **Returns**
        <BLANKLINE>
        The sum.
    """
    text = text.replace(r"\(", "$").replace(r"\)", "$").replace(r"\[", "\n$$").replace(r"\]", "$$\n")
    blocks, name, lines = [], "", []
    for line in [*text.splitlines(), "Example:"]:
        match = HEADING.match(line)
        if match is None:
            lines.append(line)
            continue
        blocks.append(_section(name, lines))
        name, lines = match[1], [f"    {match[2]}"] if match[2] else []
    return "\n\n".join(block for block in blocks if block)


def _section(name: str, lines: list[str]) -> str:
    body = textwrap.dedent("\n".join(lines)).strip("\n")
    if not name:
        return body
    if name in ("Example", "Examples"):
        return f"**Example**\n\n{_code(body)}" if body else ""
    return f"**{name}**\n\n{_entries(body)}" if body else ""


def _code(body: str) -> str:
    return f"```pycon\n{body}\n```" if ">>>" in body else body


def _entries(body: str) -> str:
    entries: list[str] = []
    for line in body.splitlines():
        match = ENTRY.match(line)
        if match is not None:
            entries.append(f"- **{match[1]}**: {match[2]}")
        elif entries and line.startswith(" "):
            entries[-1] += f" {line.strip()}"
        else:
            entries.append(line)
    return "\n".join(entries)


def write_pages(app: object) -> None:
    """All reference pages; files that have not changed are left alone, so that a second build is quick."""
    folder = Path(app.srcdir) / "api"
    folder.mkdir(exist_ok=True)
    found = chapters()
    pages = {f"{chapter}.md": chapter_page(chapter) for chapter in found}
    pages["kinds.md"] = kinds_page()
    listing = "\n".join(["kinds", *found])
    pages["index.md"] = f"# Reference\n\nThe public names of every chapter.\n\n```{{toctree}}\n{listing}\n```\n"
    for stale in set(folder.glob("*.md")) - {folder / name for name in pages}:
        stale.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def kinds_page() -> str:
    """Every kind of model and analysis that a study can name, and every built-in problem, with their options."""
    from ansatz.studies.analyses import ANALYSES, TASKS, analysis_named
    from ansatz.studies.catalogue import kinds, problems

    models = [_kind(name, make, _abilities(name, make)) for name, make in kinds().items()]
    groups = [(task, [_kind(name, make) for name, make in kinds(task).items()]) for task in TASKS]
    methods = [part for task, parts in groups for part in (f"## Models of the task `{task}`\n", *parts)]
    analyses = [_kind(name, analysis_named(name)) for name in ANALYSES]
    sources = [_kind(name, make, word="problem") for name, make in problems().items()]
    head = "# What a study can name\n\nThe constructor's signature is the schema: its arguments are the keys.\n"
    parts = [head, "## Models\n", *models, *methods, "## Analyses\n", *analyses, "## Problems\n", *sources]
    return "\n".join(parts)


NEEDED = {"flat-boosting": {"protected": ["mass"]}}
"""What a kind cannot do without, so that one can be made and asked."""


def _abilities(name: str, make: Callable) -> str:
    """What a kind can do; nothing for one that is put together of others, which decide."""
    needed = NEEDED.get(name, {})
    if any(p.default is p.empty and p.name not in needed for p in inspect.signature(make).parameters.values()):
        return ""
    learner = make(**needed)
    signs = "of either sign" if learner.negative_weights else "not negative"
    return f"*For {' and '.join(sorted(learner.tasks))}; event weights {signs}.*\n\n"


def _kind(name: str, make: object, note: str = "", *, word: str = "kind") -> str:
    defaults = inspect.signature(make).parameters.values()
    lines = [_key(p.name, p.default) for p in defaults if p.default is not inspect.Parameter.empty]
    table = "\n".join([f'{word} = "{name}"', *lines])
    return f"### {name}\n\n{note}{_docstring(make)}\n\n```toml\n{table}\n```\n"


def _key(name: str, value: object) -> str:
    if repr(value) == "<factory>":
        return f"# {name} is a table or list of its own"
    return f"# {name} is not set" if value is None else f"{name} = {_toml(value)}"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return str(list(value))
    return f'"{value}"' if isinstance(value, str) else str(value)


def setup(app: object) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}
