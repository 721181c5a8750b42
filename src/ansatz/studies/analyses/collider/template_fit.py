"""`template-fit`: the strength of a signal from a histogram, and what simple formulae would have said."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from ansatz.data import load
from ansatz.errors import InputError, suggest
from ansatz.inference import TemplateFit, asimov, discovery, fit_templates
from ansatz.keys import generator, named
from ansatz.problems.collider import FourLeptons
from ansatz.problems.references import ASYMPTOTIC
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class Histogram:
    """Counts in bins, with the templates of all processes; `truth` is the strength behind them, if it is known."""

    edges: np.ndarray
    counts: np.ndarray
    processes: dict[str, np.ndarray]
    signal: np.ndarray
    name: str
    truth: float | None = None

    @property
    def background(self) -> np.ndarray:
        """All processes together."""
        return np.sum(list(self.processes.values()), axis=0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TemplateFitOfMass:
    r"""Fits \( n_i \sim \mathrm{Poisson}(\mu s_i + b_i) \) to a histogram and asks how significant the signal is.

    Without a file a pseudo-experiment of Higgs bosons that decay to four leptons is drawn. Counting in a window is
    shown beside the fit, with the formulae in use: s / sqrt(b) overstates where s is not small beside b.

    Attributes:
        file: a table with one line per bin: lower and upper edge, observed counts, one column for each template.
        low: column of the lower edges.
        high: column of the upper edges.
        observed: column of the counts.
        signal: column of the signal template; all further columns are backgrounds.
        window: masses between which events are counted.
        unit: of the mass.
        toys: pseudo-experiments without signal that check the significance.
        luminosity: of the pseudo-experiment, in units of that of the open data.

    Raises:
        InputError: if a column is missing, or the histogram cannot be fitted.
    """

    file: str | None = None
    low: str = "m_lo"
    high: str = "m_hi"
    observed: str = "observed"
    signal: str = "hzz"
    window: tuple[float, float] = (121.0, 130.0)
    unit: str = "GeV"
    toys: int = 20_000
    luminosity: float = 1.0

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = (ASYMPTOTIC,)

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """The fit, the counting experiment, and pseudo-experiments."""
        found = self._drawn(named(key, "counts")) if self.file is None else self._read(self.file)
        bench.announce("fitting the strength")
        fit = fit_templates(found.counts, found.background, found.signal)
        inside = (found.edges[:-1] >= self.window[0] - 1e-9) & (found.edges[1:] <= self.window[1] + 1e-9)
        if not inside.any():
            raise InputError(f"window: no bin lies between {self.window[0]:g} and {self.window[1]:g}")
        s, b, n = (float(a[inside].sum()) for a in (found.signal, found.background, found.counts))
        bench.announce("pseudo-experiments without signal")
        p = _toy_p_value(fit, found, self.toys, named(key, "toys"))
        beliefs = (_described(fit, found), _asymptotic(fit, p, self.toys), _formulae(s, b))
        numbers = (*_fitted(fit, found), *_counted(s, b, n, self.window, self.unit))
        return Findings(_headline(fit, found), numbers, beliefs, _arrays(fit, found), self._record(found, fit))

    def _drawn(self, key: Key) -> Histogram:
        problem = FourLeptons(luminosity=self.luminosity)
        return Histogram(
            problem.edges, problem.counts(key), problem.processes, problem.signal, "Higgs boson", problem.strength
        )

    def _read(self, file: str) -> Histogram:
        path = Path(file).expanduser()
        table = load(str(path), target=None)
        columns = {name: np.asarray(table.column(name), float) for name in table.columns}
        for name in (self.low, self.high, self.observed, self.signal):
            if name not in columns:
                raise InputError(f"{path} has no column '{name}'{suggest(name, columns)}")
        special = (self.low, self.high, self.observed, self.signal)
        order = np.argsort(columns[self.low])
        columns = {name: values[order] for name, values in columns.items()}
        if not np.allclose(columns[self.low][1:], columns[self.high][:-1]):
            raise InputError(f"{path}: the bins do not touch; each must begin where the one before ends")
        edges = np.append(columns[self.low], columns[self.high][-1])
        processes = {name: values for name, values in columns.items() if name not in special}
        if not processes:
            raise InputError(f"{path} has no background template beside '{self.signal}'")
        return Histogram(edges, columns[self.observed], processes, columns[self.signal], self.signal)

    def _record(self, found: Histogram, fit: TemplateFit) -> dict[str, object]:
        return {
            "processes": list(found.processes),
            "signal": found.name,
            "unit": self.unit,
            "window": list(self.window),
            "strength": fit.strength.to_dict(),
        }


def _headline(fit: TemplateFit, found: Histogram) -> str:
    return (
        f"Signal strength {fit.strength}: {found.name} with {fit.observed:.2f} standard deviations, "
        f"where {fit.expected:.2f} are expected."
    )


def _fitted(fit: TemplateFit, found: Histogram) -> tuple[Number, ...]:
    return (
        Number("signal strength", fit.strength, found.truth if found.truth is not None else 1.0),
        Number("observed significance", round(fit.observed, 3), fit.expected, note="known: the median if it is there"),
        Number("events observed", int(fit.counts), fit.background + fit.signal),
        Number("background expected", round(fit.background, 2)),
        Number("signal expected", round(fit.signal, 2)),
    )


def _counted(s: float, b: float, n: float, window: tuple[float, float], unit: str) -> tuple[Number, ...]:
    where = f"{window[0]:g} to {window[1]:g} {unit}"
    return (
        Number(f"counted, {where}", int(n), s + b),
        Number("counting: expected significance", round(float(asimov(s, b)), 3), note="Asimov"),
        Number("counting: observed significance", round(float(discovery(n, b)), 3)),
        Number("counting: s / sqrt(b)", round(s / np.sqrt(b), 3), note=f"overstates, for s / b = {s / b:.1f}"),
    )


def _described(fit: TemplateFit, found: Histogram) -> Belief:
    """The likelihood ratio to a model that fits every bin."""
    expected = fit.strength.value * found.signal + found.background
    n = found.counts
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(n > 0, n * np.log(n / expected), 0.0) - (n - expected)
    value, degrees = 2 * float(terms.sum()), int(np.sum(found.background + found.signal > 0)) - 1
    p = float(chi2.sf(value, degrees))
    mark = GREEN if p > 0.05 else AMBER if p > 1e-4 else RED
    text = "The templates describe all bins." if mark == GREEN else "The templates do not describe all bins well."
    return Belief("Templates", mark, f"likelihood ratio {value:.1f} / {degrees}, p = {p:.2g}", text)


def _toy_p_value(fit: TemplateFit, found: Histogram, toys: int, key: Key) -> float:
    """Share of pseudo-experiments without signal whose score is at least the observed one."""
    weight = np.log1p(
        np.divide(found.signal, found.background, out=np.zeros_like(found.signal), where=found.signal > 0)
    )
    observed = float(found.counts @ weight)
    draws = generator(key).poisson(found.background, (toys, len(found.background)))
    return float((np.sum(draws @ weight >= observed) + 1) / (toys + 1))


def _asymptotic(fit: TemplateFit, p: float, toys: int) -> Belief:
    from ansatz.inference import sigmas

    found, resolved = sigmas(p), sigmas(3.0 / toys)
    if fit.observed > resolved:
        value = f"{fit.observed:.2f} from the formula, more than {resolved:.1f} from {toys} pseudo-experiments"
        mark = GREEN if p <= 3.0 / toys else AMBER
    else:
        value = f"{fit.observed:.2f} from the formula, {found:.2f} from {toys} pseudo-experiments"
        mark = GREEN if abs(found - fit.observed) < 0.35 else AMBER
    return Belief("Significance", mark, value, "Pseudo-experiments without signal check the asymptotic formula.")


def _formulae(s: float, b: float) -> Belief:
    simple, right = s / np.sqrt(b), float(asimov(s, b))
    mark = GREEN if simple < 1.1 * right else AMBER
    text = "s / sqrt(b) holds for s much smaller than b only; elsewhere it overstates, so it is not used here."
    return Belief("Simple formula", mark, f"s / sqrt(b) = {simple:.2f} where {right:.2f} are expected", text)


def _arrays(fit: TemplateFit, found: Histogram) -> dict[str, np.ndarray]:
    mu = np.linspace(
        min(fit.strength.low - 1.5 * fit.strength.error, 0.0), fit.strength.high + 2 * fit.strength.error, 200
    )
    low = -np.min(
        (found.background / np.where(found.signal > 0, found.signal, np.inf))[found.signal > 0], initial=np.inf
    )
    mu = mu[mu > low]
    expected = mu[:, None] * found.signal + found.background
    score = 2 * (expected - found.counts * np.log(np.maximum(expected, 1e-300))).sum(axis=1)
    return {
        "edges": found.edges,
        "counts": found.counts,
        "signal": found.signal,
        "mu": mu,
        "likelihood": score - score.min(),
        **{f"process/{name}": values for name, values in found.processes.items()},
    }
