"""A scan over hyperparameters as part of a study: which setting is best, what mattered, and how far to believe it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar, Literal

from ansatz.data import split_rows
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.studies.analyses.findings import Bench, Findings, Sample
from ansatz.studies.analyses.populations.scan_findings import Judgement, findings_of
from ansatz.studies.catalogue import kinds
from ansatz.studies.schema.signature import check_arguments, convert, parameters_of, unknown
from ansatz.training.engine.outcome import NonFiniteRisk
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation import ONE_SIGMA, Answers, Interval, answers_of, compare
from ansatz.validation.folds import Folds
from ansatz.validation.scans import (
    STRATEGIES,
    Importances,
    OneOf,
    Scan,
    Setting,
    Space,
    Strategy,
    default_reward,
    importance_of_choices,
    nested_scan,
    scan,
    select,
)
from ansatz.validation.scans.importance import LEAST
from ansatz.validation.scoring import score

Way = Literal[tuple(STRATEGIES)]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScanOfSettings:
    r"""Tries many settings of one learner and says which is best, what mattered, and how good the best really is.

    Each setting is fitted on the training rows of every fold, where its own cost is made small, and graded by a reward
    on the rows held out. The best reward of many is too good; beside it stands the score of that setting, fitted anew,
    on the test rows, or, where the study holds none back, that of a nested cross-validation; and that of the learner
    with its default values.

    Attributes:
        learner: kind of the model, such as `"mlp"` or `"boosted-trees"`.
        space: what is scanned: for each argument of the learner a list of choices, or a range `{uniform = [0, 0.5]}`,
            `{log = [1e-4, 1e-1]}`, `{integer = [1, 4]}`, `{log-integer = [8, 128]}`.
        where: conditions on a setting, such as `"width * depth <= 256"`.
        fixed: arguments of the learner that all settings share.
        strategy: `"sobol"` or `"halton"` (quasi-random), `"random"`, `"grid"`, `"tpe"` (goes where good settings
            were), `"halving"` (successive halving).
        settings: how many are tried.
        reward: the metric that grades; AUC, accuracy or RMSE if left out.
        points: values of each range in a grid.
        factor: of halving: one in so many settings is promoted and gets so many times more epochs.
        rungs: of halving: how many times epochs are given.
        resource: argument of the learner that halving rations.
        block: settings that are fitted before what is done is written.
        nested: whether the procedure is judged by nested cross-validation; by default where no test rows are held back.
        inner: folds of each scan within the nested cross-validation.
        level: probability that an interval holds the truth.

    Raises:
        InputError: if the learner, a hyperparameter or a value is unknown, or no setting is allowed.

    Source: J. Bergstra and Y. Bengio, J. Mach. Learn. Res. 13 (2012) 281; F. Hutter, H. Hoos and K. Leyton-Brown,
    ICML 32 (2014) 754.
    """

    learner: str
    space: dict[str, object]
    where: str | tuple[str, ...] = ()
    fixed: dict[str, object] = dataclasses.field(default_factory=dict)
    strategy: Way = "sobol"
    settings: int = 64
    reward: str | None = None
    points: int = 4
    factor: int = 3
    rungs: int = 3
    resource: str = "epochs"
    block: int = 16
    nested: bool | None = None
    inner: int = 3
    level: float = ONE_SIGMA
    needs: ClassVar[str] = "target"
    citations: ClassVar[tuple[str, ...]] = (
        "@article{Bergstra2012, author = {James Bergstra and Yoshua Bengio}, title = {Random Search for"
        " Hyper-Parameter Optimization}, journal = {Journal of Machine Learning Research}, volume = {13},"
        " pages = {281}, year = {2012}}",
        "@inproceedings{Hutter2014, author = {Frank Hutter and Holger Hoos and Kevin Leyton-Brown}, title = {An"
        " Efficient Approach for Assessing Hyperparameter Importance}, booktitle = {ICML}, pages = {754},"
        " year = {2014}}",
    )

    def __post_init__(self) -> None:
        known = kinds()
        if self.learner not in known:
            raise InputError(f"learner: {unknown(self.learner, known)}")
        if not 0 < self.level < 1:
            raise InputError(f"level: it lies between 0 and 1 (0.6827 is one sigma), not {self.level}")
        check_arguments(known[self.learner], self.fixed, path="fixed")
        self._space().check()
        self._strategy()

    def __call__(self, sample: Sample, bench: Bench, key: Key) -> Findings:
        """Scans, chooses, and judges the choice on rows that had no part in it."""
        data, reward = sample.data, self.reward or default_reward(sample.data)
        folds = sample.folds or _one_fold(sample, named(key, "validation"))
        found = scan(
            kinds()[self.learner],
            data,
            self._space(),
            folds=folds,
            fixed=self.fixed,
            strategy=self._strategy(),
            settings=self.settings,
            reward=reward,
            block=self.block,
            folder=bench.folder,
            progress=lambda done, total: bench.announce(f"{done} of {total} settings"),
            key=named(key, "scan"),
        )
        bench.announce("what mattered")
        importance = self._importance(found, named(key, "importance"))
        bench.announce("the best setting on fresh rows")
        judgement = self._judged(found, sample, reward, bench, key)
        return findings_of(self.learner, found, importance, judgement, reward=reward)

    def _space(self) -> Space:
        """The space with values as the learner wants them.

        Raises:
            InputError: if a hyperparameter is unknown or a value is of the wrong kind.
        """
        conditions = (self.where,) if isinstance(self.where, str) else self.where
        written, make = Space.of(self.space, conditions), kinds()[self.learner]
        parameters = parameters_of(make)
        ranges = {}
        for name, found in written.ranges.items():
            if name not in parameters:
                raise InputError(f"space.{name}: {unknown(name, parameters)}")
            values = [convert(v, parameters[name].annotation, path=f"space.{name}") for v in found.grid(2)]
            ranges[name] = found if found.ordered else OneOf(tuple(values))
            self._check_values(make, name, values)
        return Space(ranges, conditions)

    def _check_values(self, make: object, name: str, values: list[object]) -> None:
        """Whether the learner takes the ends of a range, or each of a list."""
        for value in values:
            try:
                make(**{**self.fixed, name: value})
            except (ValueError, TypeError) as error:
                raise InputError(f"space.{name}: {error}") from None

    def _strategy(self) -> Strategy:
        if self.strategy == "grid":
            return STRATEGIES["grid"](points=self.points)
        if self.strategy == "halving":
            return STRATEGIES["halving"](factor=self.factor, rungs=self.rungs, resource=self.resource)
        return STRATEGIES[self.strategy]()

    def _importance(self, found: Scan, key: Key) -> Importances | None:
        """What mattered; None where too few settings finished to tell."""
        points, rewards = found.points()
        if len(points) < LEAST:
            return None
        return importance_of_choices(found.space.names, points, rewards, level=self.level, key=key)

    def _judged(self, found: Scan, sample: Sample, reward: str, bench: Bench, key: Key) -> Judgement:
        chosen = select(found, level=self.level)
        nested = not len(sample.test) if self.nested is None else self.nested
        rivals = {"best": chosen.trial.setting, "default": {}}
        fresh = {name: self._fresh(setting, sample, named(key, name)) for name, setting in rivals.items()}
        if fresh["best"] is not None:
            bench.keep("best", fresh["best"])
        scores, gain = self._on_test(fresh, sample, reward, named(key, "test"))
        return Judgement(
            selection=chosen,
            test=scores.get("best"),
            default=scores.get("default"),
            gain=gain,
            nested=self._nested(found, sample, reward, bench, named(key, "nested")) if nested else None,
            defaults=_defaults(kinds()[self.learner], self.fixed, found.space),
            level=self.level,
        )

    def _fresh(self, setting: Setting, sample: Sample, key: Key) -> Fit | None:
        """The fit of a setting on all training rows; None if it diverges."""
        try:
            return kinds()[self.learner](**{**self.fixed, **setting})(sample.data[sample.train], key)
        except NonFiniteRisk:
            return None

    def _on_test(
        self, fits: Mapping[str, Fit | None], sample: Sample, reward: str, key: Key
    ) -> tuple[dict[str, Interval], Interval | None]:
        """Scores on the test rows, and by how much the best setting is better than the default one there."""
        if not len(sample.test):
            return {}, None
        test = sample.data[sample.test]
        answers: dict[str, Answers] = {name: answers_of(fit, test) for name, fit in fits.items() if fit is not None}
        scores = {n: score(a, reward, level=self.level, key=named(key, n)) for n, a in answers.items()}
        if len(answers) < 2:
            return scores, None
        [pair] = compare(answers, metric=reward, level=self.level, key=named(key, "difference"))
        return scores, pair.difference

    def _nested(self, found: Scan, sample: Sample, reward: str, bench: Bench, key: Key) -> Interval:
        outer = sample.folds or _one_fold(sample, named(key, "outer"))
        if len(outer) < 2:
            raise InputError("nested cross-validation needs at least 2 folds; give data.split.folds, or test rows")
        return nested_scan(
            kinds()[self.learner],
            sample.data,
            found.space,
            outer=outer,
            inner=self.inner,
            fixed=self.fixed,
            strategy=self._strategy(),
            settings=self.settings,
            reward=reward,
            block=self.block,
            folder=bench.folder / "nested",
            progress=lambda done, total: bench.announce(f"nested cross-validation: fold {done} of {total}"),
            level=self.level,
            key=key,
        ).score


def _one_fold(sample: Sample, key: Key) -> Folds:
    """A quarter of the training rows held out, where the study has no folds."""
    rows = split_rows(sample.data[sample.train], test=0.25, key=key)
    return ((sample.train[rows["train"]], sample.train[rows["test"]]),)


def _defaults(make: object, fixed: Mapping[str, object], space: Space) -> Setting:
    """What the learner takes for the scanned arguments if nothing is said."""
    parameters = parameters_of(make)
    return {name: fixed.get(name, parameters[name].default) for name in space.names}
