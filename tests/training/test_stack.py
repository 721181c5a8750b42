"""A stack is at least as good as its parts where each knows another part of the truth."""

import jax
import numpy as np
import pytest
from scipy.stats import norm

from ansatz.data import Dataset, folds
from ansatz.errors import InputError
from ansatz.studies import parse_study
from ansatz.studies.catalogue import build_learner
from ansatz.training import load_fit, save_fit, stack
from ansatz.training.classical import CLASSICAL
from ansatz.validation import compare, cross_validate, respond, roc_auc

KEY = jax.random.key(0)


def sample(n=900):
    """Class 1 is shifted in both columns."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, n)
    return Dataset(rng.normal(y[:, None], size=(n, 2)), y=y, columns=("a", "b"), classes=("b", "s"))


def parts_of_truth():
    return {name: CLASSICAL["threshold"](column=name) for name in ("a", "b")}


def test_it_beats_its_parts_on_events_not_seen():
    """Each part sees one column; both together have the area of a shift by the root of two."""
    data = sample()
    pairs = folds(data, 3, key=KEY)
    learners = {**parts_of_truth(), "stack": stack(learners=parts_of_truth(), parts=3)}
    found = {name: cross_validate(learner, data, pairs, key=KEY).answers for name, learner in learners.items()}
    for name in ("a", "b"):
        [one] = compare(found, metric="auc", pairs=[("stack", name)], key=KEY)
        assert one.difference.low > 0
    area = roc_auc(found["stack"].y, found["stack"].score)
    assert abs(area.value - norm.cdf(1.0)) < 4 * area.error


def test_it_is_stored_and_loaded_with_all_its_parts(tmp_path):
    data = sample(400)
    fit = stack(learners=parts_of_truth(), parts=2, features=True)(data, KEY)
    again = load_fit(save_fit(fit, tmp_path / "fit"))
    np.testing.assert_array_equal(again.members(data.x), fit.members(data.x))
    assert len(fit.model) == 3


def test_a_study_names_its_methods_as_tables():
    table = {"kind": "stack", "learners": {"a": {"kind": "lda"}, "b": {"kind": "tree", "depth": 2}}, "parts": 3}
    study = parse_study({"title": "x", "data": {"problem": "xnor"}, "models": {"m": table}})
    assert build_learner("m", study.models["m"]).names == ("a", "b")
    with pytest.raises(InputError, match=r"models.m.learners.a.kind"):
        build_learner("m", study.models["m"].model_copy(update={"arguments": {"learners": {"a": {"kind": "ldaa"}}}}))
    with pytest.raises(InputError, match=r"models.m.learners.a.kind: is missing"):
        build_learner("m", study.models["m"].model_copy(update={"arguments": {"learners": {"a": {}}}}))


@pytest.mark.parametrize(
    ("options", "message"),
    [({"learners": {}}, "a stack needs methods"), ({"learners": parts_of_truth(), "parts": 1}, "at least two folds")],
)
def test_what_is_no_stack_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        stack(**options)


@pytest.mark.slow
def test_seven_taggers_together_beat_the_best_of_them(shared):
    """404,000 jets of the Top Tagging Reference Dataset; the best tagger has an AUC of .984772."""
    found: dict[str, np.ndarray] = {}
    for part in "abc":
        with np.load(shared / "hep" / f"toptag_ref_{part}.npz") as stored:
            found |= {name: stored[name] for name in stored.files}
    names = ("ParticleNet", "ResNeXt50", "TopoDNN", "PFN", "PCNN", "EFN", "EFP")
    score = np.clip(np.column_stack([found[name].astype(float) for name in names]), 1e-7, 1 - 1e-7)
    logits = np.log(score) - np.log1p(-score)
    data = Dataset(logits, y=found["label"].astype(int), classes=("qcd", "top"), columns=names)
    stacked = cross_validate(CLASSICAL["logistic"](), data, folds(data, 5, key=KEY), key=KEY).answers
    alone = respond(found["ParticleNet"][None].astype(float), data, link="score")
    [one] = compare({"stack": stacked, "best": alone}, metric="auc", pairs=[("stack", "best")], key=KEY)
    assert one.difference.low > 0
    assert one.p_value < 1e-6
