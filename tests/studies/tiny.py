"""Small analyses for the tests of their machinery."""

import dataclasses
from typing import ClassVar

import jax
import numpy as np

from ansatz.errors import InputError
from ansatz.report.blocks import Text
from ansatz.studies.analyses import Findings, Number
from ansatz.studies.belief import Belief
from ansatz.validation import Interval


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pi:
    """Pi by throwing points into a square."""

    points: int = 1000
    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = ("@book{buffon}",)

    def __post_init__(self):
        if self.points < 1:
            raise InputError(f"points must be positive, not {self.points}")

    def __call__(self, sample, bench, key):
        bench.announce("throwing")
        log = bench.folder / "calls.txt"
        log.write_text(log.read_text() + "x" if log.exists() else "x")
        inside = np.sum(np.asarray(jax.random.uniform(key, (self.points, 2))) ** 2, axis=1) < 1
        p = inside.mean()
        error = 4 * np.sqrt(p * (1 - p) / self.points)
        value = Interval(4 * p, 4 * p - error, 4 * p + error)
        mark = "green" if abs(value.value - np.pi) < 4 * error else "red"
        belief = Belief("pi", mark, str(value), "It should be pi.")
        return Findings(
            f"Pi is {value}.", (Number("pi", value, np.pi),), (belief,), {"inside": inside}, {"a": [1, "b"]}
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Means:
    """Means of the columns over the training rows."""

    needs: ClassVar[str] = "features"
    citations: ClassVar[tuple[str, ...]] = ()

    def __call__(self, sample, bench, key):
        means = sample.data.x[sample.train].mean(axis=0)
        numbers = tuple(Number(c, float(m)) for c, m in zip(sample.data.columns, means, strict=True))
        return Findings(f"{len(sample.test)} rows are kept back.", numbers)


def draw(findings):
    return [
        Text(f"{findings.arrays['inside'].sum()} of {len(findings.arrays['inside'])} inside, {findings.record['a']}")
    ]
