"""Study files as TOML: read with errors that a person can act on, and written again."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansatz.errors import InputError

BARE = re.compile(r"[A-Za-z0-9_-]+")


def read(path: Path) -> dict[str, object]:
    """The tables of a TOML file.

    Raises:
        InputError: if the file cannot be read or is not TOML; the message has the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"there is no study file {path}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a text file; a study is a TOML file") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    return parse(text, name=str(path))


def parse(text: str, *, name: str = "study") -> dict[str, object]:
    r"""The tables of a TOML text; `name` is what messages call it.

    Raises:
        InputError: if it is not TOML, with the line and what is wrong there.

    Example:
        >>> parse("title = 'x'\n[models.a]\nkind = 'mlp'")
        {'title': 'x', 'models': {'a': {'kind': 'mlp'}}}
        >>> parse("[models.a]\nk = 1\n[models.a]\nk = 2", name="s.toml")
        Traceback (most recent call last):
        ansatz.errors.InputError: s.toml, line 3: [models.a] is there twice; give each its own name
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}, {_explain(text, str(error))}") from None


def _explain(text: str, message: str) -> str:
    lines = text.splitlines()
    found = re.search(r"\(at line (\d+)", message)
    number = int(found[1]) if found else max((i for i, line in enumerate(lines, 1) if line.strip()), default=1)
    line = lines[number - 1].strip() if number <= len(lines) else ""
    twice = re.search(r"Cannot declare \((.*?)\) twice", message)
    if twice:
        table = ".".join(re.findall(r"'([^']*)'", twice[1]))
        return f"line {number}: [{table}] is there twice; give each its own name"
    if "Cannot overwrite a value" in message:
        return f"line {number}: '{line.split('=')[0].strip()}' is given twice; keep one"
    return f"line {number}: this is not TOML ({message.split(' (at')[0].lower()}): {line[:80]}"


def value(text: str) -> object:
    """One value as TOML; what is not TOML is taken as text, so that quotes may be left out.

    Example:
        >>> value("3"), value("[1, 2]"), value("true"), value("htru2.csv")
        (3, [1, 2], True, 'htru2.csv')
    """
    try:
        tables = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return tables["value"] if set(tables) == {"value"} else text


def write(tables: Mapping[str, object]) -> str:
    """A nested mapping as TOML text: plain values first, then one section for each table; None is left out.

    Example:
        >>> print(write({"title": "x", "models": {"a": {"kind": "mlp", "width": 3, "split": {"test": 0.25}}}}))
        title = "x"
        <BLANKLINE>
        [models.a]
        kind = "mlp"
        width = 3
        split = {test = 0.25}
        <BLANKLINE>
    """
    top = {k: v for k, v in tables.items() if not isinstance(v, Mapping)}
    parts = [_lines(top)] if top else []
    for name, table in tables.items():
        if isinstance(table, Mapping):
            parts += _sections(name, table)
    return "\n".join(parts)


def _sections(name: str, table: Mapping[str, object]) -> list[str]:
    nested = bool(table) and all(isinstance(v, Mapping) for v in table.values())
    if nested and "." not in name:
        return [section for key, inner in table.items() for section in [_section(f"{name}.{_key(key)}", inner)]]
    return [_section(name, table)]


def _section(name: str, table: Mapping[str, object]) -> str:
    return f"[{name}]\n{_lines(table)}"


def _lines(table: Mapping[str, object]) -> str:
    return "".join(f"{_key(k)} = {write_value(v)}\n" for k, v in table.items() if v is not None)


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _text(key)


def write_value(item: object) -> str:
    """One value as TOML.

    Example:
        >>> write_value(["a b", 1.5, True])
        '["a b", 1.5, true]'
    """
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, str):
        return _text(item)
    if isinstance(item, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {write_value(v)}" for k, v in item.items() if v is not None) + "}"
    if isinstance(item, Sequence):
        return "[" + ", ".join(write_value(v) for v in item) + "]"
    return repr(item)


def _text(text: str) -> str:
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    )
    return f'"{escaped}"'
