"""The tasks density and anomaly: what is found, beside what is known, and whether it can be believed."""

import jax
import numpy as np
import pytest
from scipy.stats import spearmanr

from ansatz.problems import Clumps
from ansatz.report.analyses.table import drawing_of
from ansatz.report.blocks import Gallery, Table
from ansatz.studies.analyses.findings import Bench, Findings, Sample
from ansatz.studies.analyses.unlabeled.anomalies import Anomalies, flagged, rank_correlation, unusual_of
from ansatz.studies.analyses.unlabeled.anomaly_beliefs import _finds
from ansatz.studies.analyses.unlabeled.densities import Densities
from ansatz.training import ANOMALY, DENSITY
from ansatz.validation import roc_auc

KEY = jax.random.key(5)
EVENTS = Clumps().draw(jax.random.key(1), 500)
CROWD = Clumps(dimensions=3, unusual=0.1).draw(jax.random.key(2), 500)
DENSITIES = {
    "one": DENSITY["gaussian"](),
    "three": DENSITY["gaussian-mixture"](starts=2),
    "narrow": DENSITY["kernel-density"](width=0.02),
}
SCORES = {"three": ANOMALY["gaussian-mixture"](starts=1), "forest": ANOMALY["isolation-forest"](trees=30)}


def sample_of(data):
    rows = np.arange(len(data))
    return Sample(data, rows[rows % 2 > 0], rows[rows % 2 == 0])


def densities(data, folder, methods=DENSITIES):
    return Densities(methods=methods, samples=2)(sample_of(data), Bench(folder), KEY)


def anomalies(data, folder, methods=SCORES):
    return Anomalies(methods=methods, samples=2, seeds=1)(sample_of(data), Bench(folder), KEY)


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    return {
        "density": densities(EVENTS, tmp_path_factory.mktemp("density")),
        "anomaly": anomalies(CROWD, tmp_path_factory.mktemp("anomaly")),
    }


def marks(found):
    return {belief.name: belief.mark for belief in found.beliefs}


@pytest.mark.parametrize("kind", ["density", "anomaly"])
def test_it_finds_believes_and_is_drawn(kind, findings):
    found = Findings.from_piece(findings[kind].piece())
    assert found.headline.endswith(".")
    assert {belief.mark for belief in found.beliefs} <= {"green", "amber", "red"}
    blocks = drawing_of(kind)(found)
    pictures = [p for block in blocks if isinstance(block, Gallery) for p in block.pictures]
    assert len({p.name for p in pictures}) == len(pictures) > 5
    assert all(p.caption and len(p) and p.figure.axes[0].get_xlabel() for p in pictures)
    [table] = [b for b in blocks if isinstance(b, Table)]
    assert all(len(row) == len(table.head) for row in table.rows)


def test_a_density_is_judged_by_fresh_events_and_by_the_truth(findings):
    record, fresh = findings["density"].record["methods"], EVENTS[np.arange(500) % 2 == 0]
    held = findings["density"].arrays["held/1"]
    assert record["three"]["held"]["value"] == pytest.approx(held.mean())
    expected = np.mean(fresh.observers["log density"] - held)
    assert record["three"]["divergence"]["value"] == pytest.approx(expected)
    assert 0 <= record["three"]["divergence"]["value"] < record["one"]["divergence"]["value"]
    assert findings["density"].record["best"] == "three"
    assert marks(findings["density"])["Truth"] != "red"


def test_kernels_that_are_too_narrow_learn_their_events_by_heart(findings, tmp_path):
    record = findings["density"].record["methods"]["narrow"]
    assert record["train"]["value"] > record["held"]["value"] + 2
    alone = densities(EVENTS, tmp_path, {"narrow": DENSITIES["narrow"]})
    assert marks(alone)["Overfitting"] == "red"
    assert marks(alone)["Shape"] == "red"


def test_a_score_is_judged_by_labels_that_it_never_saw(findings, tmp_path):
    record, fresh = findings["anomaly"].record, CROWD[np.arange(500) % 2 == 0]
    score = findings["anomaly"].arrays["score/0"]
    assert record["methods"]["three"]["labels"]["auc"]["value"] == pytest.approx(roc_auc(fresh.y, score).value)
    assert record["limit"]["auc"]["value"] >= record["methods"]["three"]["labels"]["auc"]["value"] - 0.03
    blind = anomalies(CROWD.replace(y=None, classes=None, target=()), tmp_path)
    np.testing.assert_array_equal(blind.arrays["score/0"], score)
    assert blind.record["methods"]["three"]["labels"] is None
    assert "Nothing is known" in blind.headline


def test_an_excess_where_events_are_dense_is_said_to_be_missed(tmp_path):
    data = Clumps(dimensions=3, unusual=0.08, kind="narrow").draw(KEY, 600)
    found = anomalies(data, tmp_path, {"kernels": ANOMALY["kernel-density"]()})
    assert marks(found)["Worse than chance"] == "red"
    assert marks(found)["What is found"] == "red"


def test_a_good_ranking_whose_top_is_others_is_no_find():
    """An eighth of the ordinary events lie above all unusual ones: the area is large, the efficiency at 1 % zero."""
    judged = CROWD[sample_of(CROWD).test]
    odd = judged.y
    score = np.where(odd == 1, 2.0, np.where(np.arange(250) % 8 == 0, 3.0, 1.0)) + 1e-3 * np.arange(250)
    labels = Anomalies(methods={})._against_labels(score, judged)
    assert labels["auc"]["value"] > 0.8
    assert _finds({"labels": labels}, "it").mark == "amber"


def test_the_rarer_class_is_the_unusual_one():
    odd, names = unusual_of(CROWD)
    assert names == ("ordinary", "unusual")
    np.testing.assert_array_equal(odd, CROWD.y)
    turned = CROWD.replace(y=1 - CROWD.y, classes=("unusual", "ordinary"))
    np.testing.assert_array_equal(unusual_of(turned)[0], CROWD.y)


def test_ranks_are_compared_as_scipy_does():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 60)).round(1)
    assert rank_correlation(a, b, np.ones(60)) == pytest.approx(spearmanr(a, b).statistic)
    assert flagged(a, np.full(60, 3.0), 0.1).sum() == 6
