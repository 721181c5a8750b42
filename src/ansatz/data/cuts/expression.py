"""Formulae over columns, such as `sqrt(px**2 + py**2)`: parsed against a short list of what is allowed, never `eval`ed.

Python's own grammar reads the text; every node must then be one of the few below, and becomes a closure over NumPy
functions. Nothing else of Python can be reached: no attributes, no calls but those in the table, no comprehensions.

NumPy does the arithmetic: a typical cut on 200,000 rows took 0.18 ms, and 1.2 ms with numexpr; a formula of sines and
exponentials took the same time with either.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import unicodedata
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import numpy as np

from ansatz.data.cuts import momenta
from ansatz.data.cuts.operands import compared, modulo, number, single, strictly, truth, where, whole_quotient
from ansatz.data.jagged import REDUCTIONS, RULES, element, is_jagged
from ansatz.errors import InputError, suggest

Columns = Mapping[str, Any]
"""Name to values of shape (events,): a NumPy array, or an Awkward array with a list per event."""
Node = Callable[[Columns], object]

LONGEST = 2000

ONE_ARGUMENT: dict[str, np.ufunc] = {
    "sqrt": np.sqrt, "log": np.log, "log10": np.log10, "log2": np.log2, "log1p": np.log1p, "exp": np.exp,
    "expm1": np.expm1, "sin": np.sin, "cos": np.cos, "tan": np.tan, "arcsin": np.arcsin, "arccos": np.arccos,
    "arctan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "arcsinh": np.arcsinh,
    "arccosh": np.arccosh, "arctanh": np.arctanh, "abs": np.abs, "floor": np.floor, "ceil": np.ceil, "sign": np.sign,
    "isfinite": np.isfinite, "isnan": np.isnan,
}  # fmt: skip
TWO_ARGUMENTS: dict[str, np.ufunc] = {"arctan2": np.arctan2, "hypot": np.hypot}
SEVERAL: dict[str, np.ufunc] = {"min": np.minimum, "max": np.maximum}
FUNCTIONS = (
    *ONE_ARGUMENT, *TWO_ARGUMENTS, *SEVERAL, "where", *(r for r in REDUCTIONS if r not in SEVERAL),
    *momenta.FUNCTIONS,
)  # fmt: skip
CONSTANTS = {"pi": np.pi}

ARITHMETIC: dict[type, Callable[[object, object], object]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.true_divide, ast.Mod: modulo,
    ast.FloorDiv: whole_quotient, ast.Pow: np.float_power,
}  # fmt: skip
COMPARISONS: dict[type, np.ufunc] = {
    ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal,
    ast.Eq: np.equal, ast.NotEq: np.not_equal,
}  # fmt: skip
BITWISE: dict[type, np.ufunc] = {ast.BitAnd: np.logical_and, ast.BitOr: np.logical_or}


@dataclasses.dataclass(frozen=True)
class Expression:
    """A formula over columns; call it with columns (name to values of shape (events,)) to have its values.

    Allowed: numbers, column names (in backquotes if they are no identifiers: "`Years of Experience` > 2"),
    `+ - * / // ** %`, comparisons (also chained, `1 < x < 2`), `and or not`, `& | ~` on comparisons in parentheses,
    text in quotes on one side of `==` and `!=`, the functions in `FUNCTIONS`, `pi`, and for a list per event
    the rules `pt[0], max(pt), min(pt), sum(pt), mean(pt), len(pt), any(...), all(...)`. Four-momenta are made by
    `momentum(pt, eta, phi)` (or with a mass as fourth) and `fourvector(E, px, py, pz)`, added by +, and asked for
    `mass, pt, eta, phi, rapidity, energy, px, py, pz, theta` and, by two, `delta_r, delta_phi, delta_eta, angle,
    transverse_mass`.

    Arithmetic is done in double precision (whole numbers stay whole), and a result made of single-precision columns
    alone is stored in single precision. NaN compares as false.

    Attributes:
        text: the formula.

    Raises:
        InputError: if anything else is in the text.

    Example:
        >>> mass = Expression("sqrt(e**2 - p**2)")
        >>> mass.names
        ('e', 'p')
        >>> mass({"e": np.array([5.0, 13.0]), "p": np.array([3.0, 12.0])}).tolist()
        [4.0, 5.0]
        >>> pair = Expression("mass(momentum(pt, 0, 0) + momentum(pt, 0, pi))")
        >>> pair({"pt": np.array([45.0])}).round(6).tolist()
        [90.0]
    """

    text: str
    names: tuple[str, ...] = dataclasses.field(init=False, compare=False, repr=False)
    node: Node = dataclasses.field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        tree, quoted = parsed(self.text)
        object.__setattr__(self, "node", _guarded(self.text, lambda: _build(tree, quoted)))
        object.__setattr__(self, "names", names_of(tree, quoted))

    def __call__(self, columns: Columns) -> Any:
        """The values, shape (events,), or a list per event if nothing flattens one.

        Raises:
            InputError: if a column is missing or the formula cannot be computed from these columns.
        """
        with np.errstate(all="ignore"):
            values = _guarded(self.text, lambda: self.node(columns))
        if isinstance(values, str):
            raise InputError(f"'{self.text}' is a text, not a formula over columns")
        if is_jagged(values) or momenta.is_momentum(values):
            return values
        if np.ndim(values) == 0:
            return np.full(len(next(iter(columns.values()), ())), values)
        return self._narrowed(np.asarray(values), columns)

    def makes_momentum(self, known: Collection[str] = ()) -> bool:
        """Whether the values are momenta, where some columns are known to be such."""
        return momenta.makes_momentum(parsed(self.text)[0], known)

    def _narrowed(self, values: np.ndarray, columns: Columns) -> np.ndarray:
        """Single precision if every column that came in fits there and nothing overflows."""
        used = [columns[lookup(name, columns)] for name in self.names]
        if values.dtype != np.float64 or not all(single(column) for column in used):
            return values
        with np.errstate(all="ignore"):
            narrow = values.astype(np.float32)
        return narrow if np.array_equal(np.isinf(narrow), np.isinf(values)) else values


def parsed(text: str) -> tuple[ast.expr, dict[str, str]]:
    """The syntax tree of a formula, and the names in backquotes that stand-ins in it mean.

    Raises:
        InputError: if it is not a formula.
    """
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"expected a formula such as 'pt > 25', got {text!r}")
    if len(text) > LONGEST:
        raise InputError(f"the formula '{text[:40]}...' has {len(text)} characters; at most {LONGEST} are read")
    plain, quoted = _without_backquotes(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(plain.strip(), mode="eval").body, quoted
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise InputError(f"'{_short(text)}' is not a formula: {_reason(error)}") from None


def segments(text: str, nodes: Iterable[ast.expr]) -> list[str]:
    """The pieces of a formula that these nodes of its tree stand for, as they were written."""
    plain, quoted = _without_backquotes(text)
    pieces = [ast.get_source_segment(plain.strip(), node) or ast.unparse(node) for node in nodes]
    for stand_in, name in quoted.items():
        pieces = [piece.replace(stand_in, f"`{name}`") for piece in pieces]
    return pieces


def names_of(tree: ast.AST, quoted: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that a formula needs, each once."""
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    used = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions]
    return tuple(dict.fromkeys(quoted.get(name, name) for name in used if name not in CONSTANTS))


def lookup(name: str, columns: Iterable[str]) -> str:
    """The column meant by `name`, which Python's grammar may have normalized (a micro sign becomes the letter mu).

    Raises:
        InputError: if there is none.
    """
    if name in columns:
        return name
    for column in columns:
        if unicodedata.normalize("NFKC", column) == unicodedata.normalize("NFKC", name):
            return column
    raise InputError(unknown(name, columns))


def unknown(name: str, columns: Iterable[str]) -> str:
    """What to say of a column that is not there."""
    known = list(columns)
    listing = ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
    alike = [column for column in known if column.lower() == name.lower()]
    hint = f"; did you mean '{alike[0]}'?" if alike else suggest(name, known)
    return f"there is no column '{name}'{hint or '; there are: ' + listing}"


def _guarded(text: str, compute: Callable[[], object]) -> object:
    try:
        return compute()
    except InputError as error:
        raise InputError(f"in '{_short(text)}': {error}") from None
    except (ValueError, TypeError, ArithmeticError, IndexError, RecursionError, AttributeError) as error:
        raise InputError(f"'{_short(text)}' cannot be computed: {_reason(error)}") from None


def _reason(error: BaseException) -> str:
    if isinstance(error, (RecursionError, MemoryError)):
        return "it is too deeply nested"
    if isinstance(error, SyntaxError):
        return f"{error.msg} at character {error.offset}"
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _without_backquotes(text: str) -> tuple[str, dict[str, str]]:
    """Names in backquotes replaced by identifiers that do not occur in the text."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        raise InputError(f"'{text}' has a backquote without its partner")
    prefix = "q_"
    while prefix in text:
        prefix += "_"
    quoted = {f"{prefix}{i}": piece for i, piece in enumerate(pieces) if i % 2}
    return "".join(f"{prefix}{i}" if i % 2 else piece for i, piece in enumerate(pieces)), quoted


def _build(node: ast.expr, quoted: Mapping[str, str]) -> Node:
    if type(node) not in _BUILDERS:
        raise InputError(_refusal(node, quoted))
    return _BUILDERS[type(node)](node, quoted)


def _refusal(node: ast.expr, quoted: Mapping[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"a dot is not allowed; if '{_shown(node, quoted)}' is a column, put it in backquotes"
    return (
        f"'{_shown(node, quoted)}' ({type(node).__name__.lower()}) is not allowed; "
        "there are columns, numbers, + - * / ** %, comparisons, and, or, not, functions"
    )


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


def _shown(node: ast.expr, quoted: Mapping[str, str]) -> str:
    """The piece of the formula, as it was written, cut short."""
    text = ast.unparse(node)
    for stand_in, name in quoted.items():
        text = text.replace(stand_in, f"`{name}`")
    return text if len(text) <= 40 else text[:37] + "..."


def _constant(node: ast.Constant, quoted: Mapping[str, str]) -> Node:
    value = node.value
    if isinstance(value, (bool, str)):
        return lambda columns: value
    if not isinstance(value, (int, float)) or abs(value) > 1e308:
        raise InputError(f"'{str(value)[:20]}' is not a finite real number")
    number = np.int64(value) if isinstance(value, int) and abs(value) < 2**53 else np.float64(value)
    return lambda columns: number


def _name(node: ast.Name, quoted: Mapping[str, str]) -> Node:
    name = quoted.get(node.id, node.id)

    def values(columns: Columns) -> object:
        known = name in columns or name not in CONSTANTS
        return columns[lookup(name, columns)] if known else np.float64(CONSTANTS[name])

    return values


def _boolean(node: ast.BoolOp, quoted: Mapping[str, str]) -> Node:
    combine = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
    parts = [(_build(value, quoted), _shown(value, quoted)) for value in node.values]
    return lambda columns: functools.reduce(combine, [truth(part(columns), text) for part, text in parts])


def _binary(node: ast.BinOp, quoted: Mapping[str, str]) -> Node:
    left, right = _build(node.left, quoted), _build(node.right, quoted)
    if type(node.op) in BITWISE:
        combine = BITWISE[type(node.op)]
        return lambda columns: combine(strictly(left(columns)), strictly(right(columns)))
    if type(node.op) not in ARITHMETIC:
        raise InputError(f"the operator in '{_shown(node, quoted)}' is not allowed; there are + - * / // ** % & |")
    operate = ARITHMETIC[type(node.op)]
    return lambda columns: operate(number(left(columns)), number(right(columns)))


def _unary(node: ast.UnaryOp, quoted: Mapping[str, str]) -> Node:
    operand, text = _build(node.operand, quoted), _shown(node.operand, quoted)
    if isinstance(node.op, ast.Not):
        return lambda columns: np.logical_not(truth(operand(columns), text))
    if isinstance(node.op, ast.Invert):
        return lambda columns: np.logical_not(strictly(operand(columns)))
    sign = np.negative if isinstance(node.op, ast.USub) else np.positive
    return lambda columns: sign(number(operand(columns)))


def _compare(node: ast.Compare, quoted: Mapping[str, str]) -> Node:
    if any(type(op) not in COMPARISONS for op in node.ops):
        raise InputError(f"'{_shown(node, quoted)}': there are the comparisons < <= > >= == !=")
    operators = [COMPARISONS[type(op)] for op in node.ops]
    sides = [_build(side, quoted) for side in (node.left, *node.comparators)]

    def values(columns: Columns) -> object:
        found = [side(columns) for side in sides]
        pairs = zip(operators, found[:-1], found[1:], strict=True)
        return functools.reduce(np.logical_and, [compared(op, a, b) for op, a, b in pairs])

    return values


def _call(node: ast.Call, quoted: Mapping[str, str]) -> Node:
    name = node.func.id if isinstance(node.func, ast.Name) else None
    if name not in FUNCTIONS or node.keywords:
        shown = _shown(node.func, quoted)
        hint = (
            suggest(shown, FUNCTIONS) or "; there are sqrt, log, exp, sin, abs, min, max, where, len, sum and the like"
        )
        raise InputError(f"there is no function '{shown}'{hint}")
    arguments = [_build(argument, quoted) for argument in node.args]
    if name in momenta.FUNCTIONS:
        return lambda columns: momenta.applied(name, [argument(columns) for argument in arguments])
    if name in REDUCTIONS and len(arguments) == 1:
        return lambda columns: _reduced(name, arguments[0](columns))
    function, expected = _function(name)
    if len(arguments) != expected and not (expected is None and len(arguments) > 1):
        raise InputError(f"{name} takes {expected or 'two or more'} arguments, not {len(arguments)}")
    return lambda columns: function(*[argument(columns) for argument in arguments])


def _function(name: str) -> tuple[Callable[..., object], int | None]:
    """The function and how many arguments it takes, None for two or more."""
    if name == "where":
        return where, 3
    if name in SEVERAL:
        return lambda *values: functools.reduce(SEVERAL[name], [number(value) for value in values]), None
    ufunc = ONE_ARGUMENT.get(name) or TWO_ARGUMENTS.get(name)
    return (lambda *values: ufunc(*[number(value) for value in values])), 1 if name in ONE_ARGUMENT else 2


def _reduced(name: str, values: object) -> object:
    if not is_jagged(values):
        raise InputError(f"{name} of one column needs a list per event; this has one value per event")
    return REDUCTIONS[name](values)


def _subscript(node: ast.Subscript, quoted: Mapping[str, str]) -> Node:
    lists, index = _build(node.value, quoted), _index(node.slice)

    def values(columns: Columns) -> object:
        found = lists(columns)
        if not is_jagged(found):
            raise InputError(f"'{_shown(node.value, quoted)}' has one value per event; leave out the [{index}]")
        return element(found, index)

    return values


def _index(node: ast.expr) -> int:
    sign = -1 if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else 1
    digit = node.operand if isinstance(node, ast.UnaryOp) else node
    if isinstance(digit, ast.Constant) and type(digit.value) is int and digit.value < 10_000:
        return sign * digit.value
    raise InputError(f"only a whole number may stand in brackets, as in pt[0]; the rules for lists are: {RULES}")


_BUILDERS: dict[type, Callable[[ast.expr, Mapping[str, str]], Node]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BoolOp: _boolean,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.Call: _call,
    ast.Subscript: _subscript,
}
