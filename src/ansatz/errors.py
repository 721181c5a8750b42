"""Errors for people: what was expected, what came, what to do; in one line."""

import difflib
import importlib
from collections.abc import Iterable
from typing import Any


class InputError(ValueError):
    """What the user gave cannot be used; the message says why and what to do, in one line."""


def suggest(name: str, names: Iterable[str]) -> str:
    """The ending of a message about an unknown name: the nearest known one, or nothing.

    Example:
        >>> "there is no 'widht'" + suggest("widht", ["width", "depth"])
        "there is no 'widht'; did you mean 'width'?"
    """
    folded = {str(n).casefold(): str(n) for n in names}
    near = difflib.get_close_matches(str(name).casefold(), folded, n=1, cutoff=0.6)
    return f"; did you mean '{folded[near[0]]}'?" if near else ""


def required(module: str, *, extra: str) -> Any:
    """A module of an optional library.

    Raises:
        InputError: if it is not installed, with what installs it.

    Example:
        >>> required("json", extra="none").loads("1")
        1
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        raise InputError(f"this needs {name}; install it by: pip install 'ansatz-ml[{extra}]'") from None
