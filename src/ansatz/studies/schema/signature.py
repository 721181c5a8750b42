"""The constructor's signature is the schema: what a study gives is checked against it before anything is built."""

import inspect
import json
import types
import typing
from collections.abc import Callable, Iterable, Mapping

import pydantic

from ansatz.errors import InputError, suggest

WORDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false", dict: "a table"}
PLURALS = {int: "whole numbers", float: "numbers", str: "texts", bool: "true or false values", dict: "tables"}


def check_arguments(
    constructor: Callable, given: Mapping[str, object], *, path: str, known: Iterable[str] = ()
) -> dict[str, object]:
    """The arguments of `constructor` from a table of a study, converted to what its annotations ask for.

    Args:
        constructor: what will be called with the arguments.
        given: the table of the study, as TOML gave it.
        path: where in the study the table stands, for messages.
        known: names that the study itself understands at this place; only for suggestions.

    Raises:
        InputError: on an unknown name (with a suggestion), a wrong type, or a missing argument.

    Example:
        >>> def network(*, width: int = 64, rate: float = 0.1): ...
        >>> check_arguments(network, {"width": 8, "rate": 1}, path="models.a")
        {'width': 8, 'rate': 1.0}
        >>> check_arguments(network, {"widht": 8}, path="models.a")
        Traceback (most recent call last):
        ansatz.errors.InputError: models.a.widht: there is no 'widht'; did you mean 'width'?
    """
    parameters = parameters_of(constructor)
    for name in given:
        if name not in parameters:
            raise InputError(f"{path}.{name}: {unknown(name, [*parameters, *known])}")
    for name, parameter in parameters.items():
        if parameter.default is inspect.Parameter.empty and name not in given:
            raise InputError(f"{path}.{name}: is missing; it must be {describe(parameter.annotation)}")
    return {name: convert(value, parameters[name].annotation, path=f"{path}.{name}") for name, value in given.items()}


def parameters_of(constructor: Callable) -> dict[str, inspect.Parameter]:
    """The named parameters of a constructor, with annotations resolved; `key` is the study's own."""
    signature = inspect.signature(constructor, eval_str=True)
    return {name: p for name, p in signature.parameters.items() if name != "key"}


def convert(value: object, annotation: object, *, path: str) -> object:
    """The value as the annotation asks for it, without guessing: "64" is no number, 1 is one.

    Raises:
        InputError: if it does not fit, with what was expected and what came.

    Example:
        >>> convert([8, 8], tuple[int, ...], path="models.a.widths")
        (8, 8)
        >>> convert("64", int, path="models.a.width")
        Traceback (most recent call last):
        ansatz.errors.InputError: models.a.width: expected a whole number, got the text '64'
    """
    if annotation is inspect.Parameter.empty or annotation is object:
        return value
    try:
        return pydantic.TypeAdapter(annotation).validate_json(_json(value), strict=True)
    except pydantic.ValidationError as error:
        raise InputError(f"{path}: {_mismatch(value, annotation, error)}") from None


def unknown(name: str, names: Iterable[str]) -> str:
    """What to say about a name that is not there.

    Example:
        >>> unknown("zzz", ["width", "depth"])
        "there is no 'zzz'; there are: depth, width"
    """
    names = sorted(set(names))
    return f"there is no '{name}'" + (suggest(name, names) or f"; there are: {', '.join(names)}")


def describe(annotation: object) -> str:
    """An annotation in words.

    Example:
        >>> describe(tuple[int, ...] | int | None)
        'a list of whole numbers or a whole number'
    """
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return describe(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(describe(a) for a in arguments if a is not type(None)))
    if origin is typing.Literal:
        return " or ".join(repr(a) for a in arguments)
    if origin in (tuple, list) or str(origin).endswith("Sequence'>"):
        return f"a list of {PLURALS.get(arguments[0], 'values') if arguments else 'values'}"
    if origin is dict or str(origin).endswith("Mapping'>"):
        return "a table"
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return "a table"
    return WORDS.get(annotation, getattr(annotation, "__name__", str(annotation)))


def shown(value: object) -> str:
    """A value as a message shows it, with its type where that is the point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text '{value}'"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return f"the list {json.dumps(value, default=str)[:60]}"
    return f"the number {value}" if isinstance(value, int | float) else str(value)


def _json(value: object) -> str:
    return json.dumps(value, default=str)


def _mismatch(value: object, annotation: object, error: pydantic.ValidationError) -> str:
    first = error.errors()[0]
    wanted = describe(annotation)
    bounds = first["type"] in ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of")
    if bounds or first["type"] == "value_error":
        return f"{first['msg'].removeprefix('Value error, ').replace('Input should be', 'it must be')}, got {value}"
    hint = suggest(value, [a for a in _choices(annotation)]) if isinstance(value, str) else ""
    return f"expected {wanted}, got {shown(value)}{hint}"


def _choices(annotation: object) -> list[str]:
    if typing.get_origin(annotation) is typing.Literal:
        return [str(a) for a in typing.get_args(annotation)]
    return [choice for a in typing.get_args(annotation) for choice in _choices(a)]
