"""The operands of a formula: numbers wide enough to compute with, yes-or-no values, text."""

from __future__ import annotations

import numpy as np

from ansatz.data.cuts.momenta import is_momentum
from ansatz.data.jagged import is_jagged, number_type
from ansatz.errors import InputError


def number(values: object) -> object:
    """Double precision, or 64-bit whole numbers; momenta as they are."""
    if is_momentum(values):
        return values
    if is_text(values):
        raise InputError("text cannot be computed with; compare it by == or !=")
    if is_jagged(values) and not isinstance(values, np.ndarray):
        import awkward as ak

        return ak.values_astype(values, wide(number_type(values)))
    array = np.asarray(values)
    return array.astype(wide(array.dtype), copy=False)


def wide(dtype: np.dtype) -> type:
    """The type in which values of `dtype` are computed with."""
    return np.int64 if dtype.kind in "bi" or (dtype.kind == "u" and dtype.itemsize < 8) else np.float64


def truth(values: object, text: str) -> object:
    """Yes or no: comparisons, and columns of whole numbers whose zero means no."""
    letter = kind(values)
    if letter == "b":
        return values
    if letter in "iu":
        return np.not_equal(values, 0)
    raise InputError(f"'{text[:40]}' is a number, not a yes or no; compare it, as in '{text[:40]} != 0'")


def strictly(values: object) -> object:
    """Yes-or-no values and nothing that merely resembles them."""
    if kind(values) != "b":
        raise InputError("& | ~ join yes-or-no values and bind tighter than > <: use and, or, not, or put parentheses")
    return values


def kind(values: object) -> str:
    """NumPy's letter for the type of one value."""
    if is_text(values):
        return "U"
    if is_jagged(values) and not isinstance(values, np.ndarray):
        return number_type(values).kind
    return np.asarray(values).dtype.kind


def is_text(values: object) -> bool:
    """Whether these are words rather than numbers."""
    return isinstance(values, str) or (isinstance(values, np.ndarray) and values.dtype.kind in "OUST")


def single(column: object) -> bool:
    """Whether a column is of single precision."""
    dtype = column.dtype if isinstance(column, np.ndarray) else None
    return dtype is not None and dtype.kind == "f" and dtype.itemsize <= 4


def compared(operator: np.ufunc, left: object, right: object) -> object:
    """A comparison of numbers, or of text with text."""
    if not (is_text(left) or is_text(right)):
        return operator(number(left), number(right))
    if not (is_text(left) and is_text(right)) or operator not in (np.equal, np.not_equal):
        raise InputError("text is compared with text, by == or !=")
    return operator(np.asarray(left, dtype=object), np.asarray(right, dtype=object)).astype(bool)


def where(condition: object, yes: object, no: object) -> object:
    """One of two values by a condition."""
    parts = (truth(condition, "the condition of where"), number(yes), number(no))
    if any(is_jagged(part) for part in parts):
        import awkward as ak

        return ak.where(*parts)
    return np.where(*parts)


def modulo(left: object, right: object) -> object:
    """The remainder, NaN where the divisor is zero."""
    return np.mod(left, _without_zero(right))


def whole_quotient(left: object, right: object) -> object:
    """The quotient rounded down, NaN where the divisor is zero."""
    return np.floor_divide(left, _without_zero(right))


def _without_zero(divisor: object) -> object:
    if is_jagged(divisor) or kind(divisor) == "f" or np.all(divisor):
        return divisor
    return np.where(divisor == 0, np.nan, divisor)
