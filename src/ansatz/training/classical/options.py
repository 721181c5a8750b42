"""Checks of what a constructor is given, each with one clear line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansatz.errors import InputError, suggest


def choice(name: str, value: object, options: Iterable[str]) -> None:
    """Complain unless `value` is one of `options`.

    Raises:
        InputError: if it is not.

    Example:
        >>> choice("kernel", "rbf", ["rbf", "linear"])
    """
    known = list(options)
    if value not in known:
        raise InputError(f"{name} must be one of {', '.join(known)}, not {value!r}{suggest(str(value), known)}")


def within(low: float, high: float, values: Mapping[str, float | None]) -> None:
    """Complain unless every number that is given lies in [low, high].

    Raises:
        InputError: if one does not.

    Example:
        >>> within(0, 1, {"mixing": 0.5, "features": None})
    """
    for name, value in values.items():
        if value is not None and not low <= value <= high:
            limits = f"at least {low:g}" if high == float("inf") else f"between {low:g} and {high:g}"
            raise InputError(f"{name} must be {limits}, not {value!r}")


def at_least(low: float, values: Mapping[str, float | None]) -> None:
    """Complain unless every number that is given is `low` or more.

    Raises:
        InputError: if one is not.

    Example:
        >>> at_least(1, {"trees": 100, "depth": None})
    """
    within(low, float("inf"), values)
