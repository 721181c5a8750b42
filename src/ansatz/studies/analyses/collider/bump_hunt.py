"""`bump-hunt`: a resonance that nobody described, looked for in a spectrum before and after a cut learned from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np

from ansatz.data import Dataset, folds
from ansatz.errors import InputError, suggest
from ansatz.inference import BumpHunt, bump_hunt, sigmas
from ansatz.inference.cwola import Unlabeled, cwola
from ansatz.keys import named
from ansatz.problems.collider.hidden import CWOLA
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.populations.experiments import learner_of
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.typing import Key
from ansatz.validation import Interval, proportion

BUMPHUNTER = """@article{Choudalakis:2011qn,
  author = {Choudalakis, Georgios},
  title = {On hypothesis testing, trials factor, hypertests and the BumpHunter},
  booktitle = {PHYSTAT 2011}, year = {2011}, eprint = {1101.0390}
}"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class BumpSearch:
    """Searches a mass spectrum for a bump, with a p-value that counts everywhere it could have been.

    With a `classifier` the events near a signal region are told from those in its sidebands without labels (CWoLa), by
    models that never saw the event they score; with a `detector` the most unusual events are kept, whatever they are.
    The spectrum of what passes is searched again. Labels, if the sample has any, are not looked at but to say
    afterwards what was found.

    Attributes:
        mass: column of the mass.
        within: range of the spectrum; all masses by default.
        bins: of equal width.
        widths: least and largest window, in bins.
        degree: of the polynomial in the exponent of the background.
        toys: pseudo-experiments of the global p-value.
        region: signal region, for the classifier and the search after it.
        sidebands: how far the sidebands reach on both sides.
        classifier: a table as of `[models.NAME]`, trained region against sidebands.
        detector: a table as of `[models.NAME]` of the task `anomaly`.
        keep: part of the events that passes the cut on the score.
        parts: number of folds.

    Raises:
        InputError: if a column is missing, an option does not fit, or there are too few events.
    """

    mass: str = "mass"
    within: tuple[float, float] | None = None
    bins: int = 40
    widths: tuple[int, int] = (2, 6)
    degree: int = 3
    toys: int = 2000
    region: tuple[float, float] | None = None
    sidebands: float | None = None
    classifier: Mapping[str, object] | None = None
    detector: Mapping[str, object] | None = None
    keep: float = 0.02
    parts: int = 5

    needs: ClassVar[str] = "features"
    citations: ClassVar[tuple[str, ...]] = (BUMPHUNTER, CWOLA)

    def __post_init__(self) -> None:
        if self.classifier is not None and self.region is None:
            raise InputError("region is missing: a classifier tells a region of the mass from its sidebands")
        if self.classifier is not None and self.detector is not None:
            raise InputError("give a classifier or a detector, not both; two analyses can have one each")
        if self.classifier is not None:
            learner_of(self.classifier, "classifier")
        if self.detector is not None:
            self._detector()
        if self.toys < 100:
            raise InputError(f"toys = {self.toys} are too few for a p-value; give at least 100")

    def __call__(self, sample: Sample, bench: Bench, key: Key) -> Findings:
        """Both searches."""
        data, mass = self._selected(sample.data)
        within = self.within or (float(mass.min()), float(mass.max()))
        options = {"within": within, "bins": self.bins, "widths": self.widths, "degree": self.degree, "toys": self.toys}
        bench.announce("searching the whole spectrum")
        before = bump_hunt(mass, **options, key=named(key, "before"))
        chosen = self._chosen(data, mass, bench, key)
        after = None
        if chosen is not None:
            bench.announce("searching what passes")
            after = bump_hunt(mass[chosen.passed], **options, region=self.region, key=named(key, "after"))
        return _findings(self, data, mass, before, chosen, after)

    def _selected(self, data: Dataset) -> tuple[Dataset, np.ndarray]:
        names = (*data.columns, *data.observers)
        if self.mass not in names:
            raise InputError(f"there is no column '{self.mass}'{suggest(self.mass, names)}")
        if data.weighted:
            raise InputError("a bump hunt counts events; leave out data.weight")
        mass = np.asarray(data.column(self.mass), float)
        low, high = self.within or (-np.inf, np.inf)
        inside = np.isfinite(mass) & (mass >= low) & (mass <= high)
        if self.mass in data.columns:
            kept = [name for name in data.columns if name != self.mass]
            data = data.replace(x=np.column_stack([data.column(name) for name in kept]), columns=tuple(kept))
        return data[inside], mass[inside]

    def _chosen(self, data: Dataset, mass: np.ndarray, bench: Bench, key: Key) -> Unlabeled | None:
        if self.classifier is not None:
            bench.announce("learning region against sidebands")
            low, high = self.region
            return cwola(
                data,
                mass,
                region=self.region,
                sidebands=self.sidebands or (high - low),
                learner=learner_of(self.classifier, "classifier"),
                keep=self.keep,
                parts=self.parts,
                key=named(key, "cwola"),
            )
        if self.detector is None:
            return None
        bench.announce("learning what is usual")
        return unusual(data, mass, self.region, self._detector(), self.keep, self.parts, named(key, "detector"))

    def _detector(self) -> Callable:
        from ansatz.studies.catalogue import build_learner
        from ansatz.studies.schema.study import Model

        table = dict(self.detector)
        kind = str(table.pop("kind", "isolation-forest"))
        try:
            return build_learner("*", Model(kind=kind, arguments=table), task="anomaly")
        except InputError as error:
            raise InputError(str(error).replace("models.*", "detector", 1)) from None


def unusual(
    data: Dataset,
    mass: np.ndarray,
    region: tuple[float, float] | None,
    learner: Callable,
    keep: float,
    parts: int,
    key: Key,
) -> Unlabeled:
    """The most unusual part of every fold, by a method that learned from the others what is usual."""
    plain = data.replace(y=None, classes=None)
    score, passed = np.zeros(len(data)), np.zeros(len(data), bool)
    for number, (train, held) in enumerate(folds(plain, parts, how="random", key=named(key, "folds"))):
        fit = learner(plain[train], named(key, f"fold {number}"))
        score[held] = fit.members(data.x[held]).mean(axis=0).reshape(len(held))
        passed[held] = score[held] > np.quantile(score[held], 1 - keep)
    low, high = region or (-np.inf, np.inf)
    return Unlabeled(score, passed, (mass >= low) & (mass < high))


def _findings(
    options: BumpSearch,
    data: Dataset,
    mass: np.ndarray,
    before: BumpHunt,
    chosen: Unlabeled | None,
    after: BumpHunt | None,
) -> Findings:
    unit = data.units.get(options.mass, "")
    best, where = (after, "after the cut") if after is not None else (before, "in the whole spectrum")
    headline = (
        f"The most unlikely bump {where} lies between {best.window[0]:.4g} and {best.window[1]:.4g} {unit}: "
        f"{_sigmas(best)} with all places counted, {best.local_sigmas:.1f} without."
    )
    numbers = [*_numbers(before, "before the cut" if after else "", unit)]
    if after is not None:
        numbers += [*_numbers(after, "after the cut", unit), *_truth(data, chosen)]
    beliefs = [_elsewhere(best), _background(before), *([_sculpting(mass, chosen, before, options)] if chosen else [])]
    arrays = {f"before/{name}": values for name, values in _arrays(before).items()}
    if after is not None:
        arrays |= {f"after/{name}": values for name, values in _arrays(after).items()}
    record = {"mass": options.mass, "unit": unit, "region": options.region, "keep": options.keep,
              "windows": {"before": before.window, **({"after": after.window} if after else {})}}  # fmt: skip
    return Findings(headline, tuple(numbers), tuple(beliefs), arrays, record)


def _sigmas(found: BumpHunt) -> str:
    """The global significance."""
    return f"{found.global_sigmas:.1f} standard deviations"


def _numbers(found: BumpHunt, when: str, unit: str) -> tuple[Number, ...]:
    lead = f"{when}: " if when else ""
    p = found.global_p
    spread = sorted(max(sigmas(min(max(end, 1e-300), 1 - 1e-12)), 0.0) for end in (p.low, p.high))
    z = Interval(found.global_sigmas, min(spread[0], found.global_sigmas), max(spread[1], found.global_sigmas), p.level)
    how = f"extrapolated by a trial factor of {found.trials:.0f}" if found.unreached else "from pseudo-experiments"
    return (
        Number(f"{lead}window", f"{found.window[0]:.4g} to {found.window[1]:.4g}", unit=unit),
        Number(f"{lead}events in it", int(found.observed), round(found.expected, 1)),
        Number(f"{lead}local significance", round(found.local_sigmas, 2), note="as if one had looked nowhere else"),
        Number(f"{lead}global p-value", p, note="from pseudo-experiments"),
        Number(f"{lead}global significance", round(z.value, 2) if found.unreached else z, note=how),
    )


def _truth(data: Dataset, chosen: Unlabeled) -> tuple[Number, ...]:
    """What the labels, which no model saw, say of the cut."""
    if data.classes is None or len(data.classes) != 2 or not np.any(data.y == 1):
        return ()
    rates = [proportion(chosen.passed[data.y == k]) for k in (1, 0)]
    note = "from labels that were not looked at"
    return (
        Number(f"efficiency of the cut for {data.classes[1]}", rates[0], note=note),
        Number(f"efficiency of the cut for {data.classes[0]}", rates[1], note=note),
    )


def _elsewhere(found: BumpHunt) -> Belief:
    """How much of the local significance is owed to looking in many places."""
    lost = found.local_sigmas - found.global_sigmas
    p = found.extrapolated if found.unreached else found.global_p.value
    mark = GREEN if p < 1.35e-3 or p > 0.16 else AMBER
    text = {
        GREEN: "A bump like this is hardly ever there without a cause." if p < 0.1 else "Nothing more than chance.",
        AMBER: "Such a bump is rare but happens; it is a hint and no discovery.",
    }[mark]
    value = f"{_sigmas(found)} global, {found.local_sigmas:.1f} local: looking elsewhere costs {max(lost, 0):.1f}"
    return Belief("Look-elsewhere effect", mark, value, text)


def _background(found: BumpHunt) -> Belief:
    """Whether the smooth background describes the spectrum outside the window."""
    outside = (found.edges[1:] <= found.window[0]) | (found.edges[:-1] >= found.window[1])
    pull = (found.counts - found.background)[outside] / np.sqrt(np.maximum(found.background[outside], 1.0))
    ratio = float(np.sum(pull**2) / max(outside.sum() - 4, 1))
    limit = np.sqrt(2 / max(outside.sum() - 4, 1))
    mark = GREEN if ratio < 1 + 3 * limit else AMBER if ratio < 1 + 6 * limit else RED
    text = "The polynomial follows the spectrum." if mark == GREEN else "Give the polynomial another degree or range."
    return Belief("Background", mark, f"chi2 per bin outside the window {ratio:.2f}", text)


def _sculpting(mass: np.ndarray, chosen: Unlabeled, before: BumpHunt, options: BumpSearch) -> Belief:
    """Whether the cut keeps equal parts of all masses outside the region: else it may make a bump by itself."""
    low, high = options.region or before.window
    outside = (mass < low) | (mass >= high)
    edges = np.quantile(mass[outside], np.linspace(0, 1, 9))
    place = np.clip(np.searchsorted(edges, mass[outside], side="right") - 1, 0, 7)
    total, kept = np.bincount(place, minlength=8), np.bincount(place, chosen.passed[outside], 8)
    share = kept.sum() / total.sum()
    value = float(np.sum((kept - share * total) ** 2 / np.maximum(share * (1 - share) * total, 1e-9))) / 7
    mark = GREEN if value < 3 else AMBER if value < 6 else RED
    text = {
        GREEN: "The cut keeps equal parts of all masses.",
        AMBER: "The cut may prefer some masses; look at the spectrum after it.",
        RED: "The cut prefers some masses: the features depend on the mass, and a bump may be its work.",
    }[mark]
    return Belief("Mass sculpting", mark, f"chi2 per slice of the mass {value:.1f}", text)


def _arrays(found: BumpHunt) -> dict[str, np.ndarray]:
    return {"edges": found.edges, "counts": found.counts, "background": found.background,
            "statistics": found.statistics, "observed": np.array([-np.log(found.local_p)])}  # fmt: skip
