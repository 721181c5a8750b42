"""Numbers as sentences and tables print them."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from ansatz.report.style import pretty_unit
from ansatz.validation import METRICS, Interval

NARROW = "\u202f"
ROUNDING = 1e-12
"""An error below this share of the value is the rounding of the computer."""
_ASYMMETRIC = re.compile(r"(?P<value>\S+) (?P<up>[+-]\S+) (?P<down>[+-]\S+)")
_POWER = re.compile(r"\((?P<text>.*)\)e(?P<power>[+-]\d+)")


def interval_of(record: object) -> Interval | None:
    """The interval that results hold as plain numbers, or None where there is none."""
    if isinstance(record, Interval):
        return record
    if not isinstance(record, Mapping) or record.get("value") is None:
        return None
    ends = {end: record["value"] if record.get(end) is None else record[end] for end in ("low", "high")}
    return Interval.from_dict({"level": 0.6827, "method": "", **record, **ends})


def measured(interval: Interval | None) -> str:
    """A number with its error as plain text, with a true minus sign.

    Example:
        >>> measured(Interval(-0.97712, -0.97833, -0.97589)), measured(Interval(410.2, 360.0, 480.0)), measured(None)
        ('−0.9771 ± 0.0012', '410 +70 −50', '—')
    """
    if interval is None:
        return "—"
    exact = 0 < interval.high - interval.low < ROUNDING * abs(interval.value)
    return (f"{interval.value:.6g} ± 0" if exact else str(interval)).replace("-", "−")


def typeset(interval: Interval | None) -> Markup:
    """The same for a page: unequal errors above each other, powers of ten written out.

    Example:
        >>> typeset(Interval(410.2, 360.0, 480.0))
        Markup('410<span class="ends"><sup>+70</sup><sub>−50</sub></span>')
    """
    text = html.escape(measured(interval).replace("−", "-"))
    power = _POWER.fullmatch(text)
    inner = power["text"] if power else text
    ends = _ASYMMETRIC.fullmatch(inner)
    if ends:
        inner = f'{ends["value"]}<span class="ends"><sup>{ends["up"]}</sup><sub>{ends["down"]}</sub></span>'
    whole = f"({inner}) × 10<sup>{int(power['power'])}</sup>" if power else inner
    return Markup(whole.replace("-", "−"))


def number(value: Any, digits: int = 4) -> str:
    r"""A plain number, shortly; whole numbers with narrow spaces between thousands.

    Example:
        >>> number(1234567), number(0.123456), number(None), number(-3e-9)
        ('1\u202f234\u202f567', '0.1235', '—', '−3e−09')
    """
    if value is None or isinstance(value, str):
        return value or "—"
    if not math.isfinite(value):
        return "—"
    whole = 1e4 <= abs(value) < 1e7 or (float(value).is_integer() and 1e4 <= abs(value) < 1e15)
    text = f"{round(value):,}" if whole or isinstance(value, int) else f"{float(value):.{digits}g}"
    return text.replace(",", NARROW if len(text) > 5 else "").replace("-", "−")


def seconds(value: Any) -> str:
    """A time for people.

    Example:
        >>> seconds(0.0312), seconds(75.4), seconds(7300), seconds(None)
        ('31 ms', '75 s', '2.0 h', '—')
    """
    if value is None:
        return "—"
    value = float(value)
    if value < 1:
        return f"{1000 * value:.0f} ms"
    if value < 10:
        return f"{value:.1f} s"
    return f"{value:.0f} s" if value < 600 else f"{value / 60:.0f} min" if value < 5400 else f"{value / 3600:.1f} h"


_DIMENSION = {"mse": 2, "rmse": 1, "mae": 1, "bias": 1}


def metric_label(name: str, unit: str | None = None) -> str:
    """What a metric is called in tables, also that of one output of several: `mse[energy]`.

    Args:
        name: of the metric.
        unit: of the target, for metrics that are measured in it.

    Example:
        >>> metric_label("auc"), metric_label("mse[energy]"), metric_label("my_own"), metric_label("mse", "GeV")
        ('area under the ROC curve', 'mean squared error, energy', 'my own', 'mean squared error [GeV²]')
    """
    base, _, output = name.partition("[")
    known = METRICS[base].label if base in METRICS else base.replace("_", " ")
    known = f"{known}, {output.rstrip(']')}" if output else known
    measured_in = metric_unit(name, unit)
    return f"{known} [{measured_in}]" if measured_in else known


def metric_unit(name: str, unit: str | None) -> str:
    """What a metric is measured in, given the unit of the target; empty for pure numbers.

    Example:
        >>> metric_unit("mse", "GeV"), metric_unit("rmse", "m/s"), metric_unit("auc", None)
        ('GeV²', 'm/s', '')
    """
    power = _DIMENSION.get(name.partition("[")[0])
    if not unit or not power:
        return ""
    return pretty_unit((unit if unit.isalpha() else f"({unit})") + "**2") if power == 2 else pretty_unit(unit)


def larger_is_better(name: str) -> bool | None:
    """Which way a metric is better; None if an ideal lies between or it is not known."""
    base = name.partition("[")[0]
    return METRICS[base].larger_is_better if base in METRICS else None


def best_of(metric: str, intervals: Mapping[str, Interval | None]) -> frozenset[str]:
    """The models with the best value of a metric; none if it cannot be said.

    Example:
        >>> sorted(best_of("auc", {"a": Interval(0.9, 0.8, 1.0), "b": Interval(0.7, 0.6, 0.8), "c": None}))
        ['a']
    """
    known = {name: i.value for name, i in intervals.items() if i is not None and not math.isnan(i.value)}
    base = metric.partition("[")[0]
    if len(known) < 2 or base not in METRICS:
        return frozenset()
    better = METRICS[base].better
    return frozenset(n for n, v in known.items() if not any(better(other, v) for other in known.values()))


def p_words(p: float | None) -> str:
    """A p-value and what it is in standard deviations (two-sided).

    Example:
        >>> p_words(0.0027), p_words(0.5), p_words(0.0)
        ('p = 0.0027, 3.0 σ', 'p = 0.5, 0.7 σ', 'p < 1e−15, more than 8 σ')
    """
    from scipy.special import ndtri

    if p is None:
        return "p not known"
    if p < 1e-15:
        return "p < 1e−15, more than 8 σ"
    sigma = max(0.0, -float(ndtri(min(p, 1.0) / 2)))
    return f"p = {p:.2g}, {sigma:.1f} σ".replace("-", "−")


def listed(names: Sequence[str]) -> str:
    """Names in a sentence.

    Example:
        >>> listed(["a", "b", "c"]), listed(["a"])
        ('a, b and c', 'a')
    """
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)


def with_unit(name: str, units: Mapping[str, str]) -> str:
    """A column and its unit."""
    unit = pretty_unit(units.get(name, ""))
    return f"{name} [{unit}]" if unit else name
