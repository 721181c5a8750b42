"""Another method in each region, and methods on transformed variables, from Python and from a study."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.studies import parse_study
from ansatz.studies.catalogue import build_learner
from ansatz.training import Transformed, categories, load_fit, save_fit
from ansatz.training.classical import lda, logistic, qda, svm

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
ETA = RNG.uniform(-2.5, 2.5, 1500)
Y = np.arange(1500) % 2
SIDE = np.where(np.abs(ETA) < 1.4, 1.0, -1.0)
DATA = Dataset(
    np.column_stack([ETA, SIDE * Y + 0.7 * RNG.normal(size=1500)]),
    y=Y,
    columns=("eta", "shower"),
    classes=("b", "s"),
)
REGIONS = {"barrel": {"select": "abs(eta) < 1.4", "learner": lda()}, "endcap": {"learner": logistic()}}


def test_each_region_is_answered_by_its_own_method(tmp_path):
    fit = categories(regions=REGIONS)(DATA, KEY)
    barrel = np.abs(ETA) < 1.4
    alone = lda()(DATA[barrel], jax.random.fold_in(KEY, 0))
    np.testing.assert_allclose(fit.probability(DATA.x)[barrel], alone.probability(DATA.x[barrel]))
    assert (fit.predict(DATA.x) == Y).mean() > 0.7 > (lda()(DATA, KEY).predict(DATA.x) == Y).mean()
    assert fit.details["regions"] == {"barrel": int(barrel.sum()), "endcap": int((~barrel).sum())}
    again = load_fit(save_fit(fit, tmp_path / "fit"))
    np.testing.assert_array_equal(again.members(DATA.x), fit.members(DATA.x))


def test_an_event_in_no_region_is_told_of():
    only = {"barrel": REGIONS["barrel"]}
    with pytest.raises(InputError, match="in no region .*; add a region without 'select'"):
        categories(regions=only)(DATA, KEY)


def test_scores_cannot_be_put_together():
    with pytest.raises(InputError, match="only ranks"):
        categories(regions={"all": {"learner": svm()}})(DATA[:200], KEY)


def study(**table):
    return parse_study({"title": "x", "data": {"problem": "xnor"}, "models": {"a": table}}).models["a"]


def test_a_study_books_categories_and_transformations():
    learner = build_learner(
        "a",
        study(
            kind="categories",
            regions={"in": {"select": "x1 > 0", "kind": "qda", "transform": "gaussian"}, "out": {"kind": "tree"}},
        ),
    )
    assert learner.cuts == ("x1 > 0", "")
    assert isinstance(learner.learners[0], Transformed)
    both = build_learner("a", study(kind="lda", transform=["gaussian", "decorrelated"], uncertainty="platt"))
    assert both.learner.names == ("gaussian", "decorrelated")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            {"kind": "lda", "transform": "gausian"},
            r"models.a.transform: there is no 'gausian'; did you mean 'gaussian'",
        ),
        ({"kind": "categories", "regions": {"in": {"select": "x1 > 0"}}}, r"models.a.regions.in.kind: is missing"),
        (
            {"kind": "categories", "regions": {"in": {"kind": "ldaa"}}},
            r"models.a.regions.in.kind: .*did you mean 'lda'",
        ),
        (
            {"kind": "categories", "regions": {"in": {"kind": "lda", "shrinkge": 1}}},
            r"regions.in.shrinkge: .*shrinkage",
        ),
        ({"kind": "categories", "regions": {"in": {"kind": "lda", "select": "x1 >"}}}, "models.a: .*x1 >"),
    ],
)
def test_bad_tables_are_refused_with_their_path(table, message):
    with pytest.raises(InputError, match=message):
        build_learner("a", study(**table))


def test_transformed_methods_are_saved_with_their_transformation(tmp_path):
    fit = Transformed(qda(), ("gaussian", "principal"))(DATA, KEY)
    again = load_fit(save_fit(fit, tmp_path / "fit"))
    np.testing.assert_array_equal(again.members(DATA.x), fit.members(DATA.x))
    assert fit.columns == DATA.columns
