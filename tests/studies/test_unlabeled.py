"""The tasks without a target: what they find, whether it can be believed, how it is drawn, and what changes nothing."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.embedding.reduction import kept_neighbors
from ansatz.problems import Blobs, Manifold
from ansatz.report.analyses.table import drawing_of
from ansatz.report.blocks import Gallery, Table
from ansatz.studies.analyses.findings import Bench, Findings, Sample
from ansatz.studies.analyses.unlabeled.clusters import Clusters
from ansatz.studies.analyses.unlabeled.dimensions import CurseOfDimensionality
from ansatz.studies.analyses.unlabeled.reduction import Reduction
from ansatz.training import CLUSTERING, REDUCTION

KEY = jax.random.key(5)
GROUPS = Blobs().draw(jax.random.key(1), 160)
ROLL = Manifold(noise=0.1).draw(jax.random.key(2), 150)
METHODS = {
    "means": CLUSTERING["k-means"](starts=2),
    "mixture": CLUSTERING["gaussian-mixture"](starts=1),
    "tree": CLUSTERING["hierarchical"](),
}
MAPS = {"components": REDUCTION["pca"](), "along": REDUCTION["isomap"](neighbors=8)}


def sample_of(data):
    rows = np.arange(len(data))
    return Sample(data, rows[rows % 3 > 0], rows[rows % 3 == 0])


def clustered(data, folder, methods=METHODS, **options):
    small = {"samples": 2, "seeds": 2, "most": 3, "replicas": 4}
    return Clusters(methods=methods, **{**small, **options})(sample_of(data), Bench(folder), KEY)


def reduced(data, folder, methods=MAPS):
    return Reduction(methods=methods, samples=2, seeds=1)(sample_of(data), Bench(folder), KEY)


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    folders = iter(tmp_path_factory.mktemp(f"part{n}") for n in range(3))
    curse = CurseOfDimensionality(dimensions=(1, 2, 6), points=2000, neighborhood=150, crowd=50)
    return {
        "cluster": clustered(GROUPS, next(folders)),
        "reduce": reduced(ROLL, next(folders)),
        "curse-of-dimensionality": curse(None, Bench(next(folders)), KEY),
    }


def pictures_of(kind, found):
    blocks = drawing_of(kind)(Findings.from_piece(found.piece()))
    return [p for block in blocks if isinstance(block, Gallery) for p in block.pictures]


@pytest.mark.parametrize("kind", ["cluster", "reduce", "curse-of-dimensionality"])
def test_it_finds_believes_and_is_drawn(kind, findings):
    found = findings[kind]
    assert found.headline.endswith(".")
    assert {belief.mark for belief in found.beliefs} <= {"green", "amber", "red"}
    pictures = pictures_of(kind, found)
    assert len({p.name for p in pictures}) == len(pictures)
    assert all(p.caption and len(p) for p in pictures)
    assert all(axes.get_xlabel() for p in pictures for axes in p.figure.axes[:1])


def test_every_method_stands_in_the_table(findings):
    for kind, methods in (("cluster", METHODS), ("reduce", MAPS)):
        [table] = [b for b in drawing_of(kind)(findings[kind]) if isinstance(b, Table)]
        assert [row[0] for row in table.rows] == list(methods)
        assert all(len(row) == len(table.head) for row in table.rows)


def test_it_says_where_the_equal_widths_of_k_means_fail(findings, tmp_path):
    """The blobs are 0.4, 0.7 and 1.6 wide; others are equally wide."""
    [uneven] = [b for b in findings["cluster"].beliefs if b.name == "Equal widths (means)"]
    assert uneven.mark == "red"
    even = Blobs(width=(0.8, 0.8, 0.8)).draw(jax.random.key(1), 160)
    methods = {"means": METHODS["means"]}
    [belief] = [b for b in clustered(even, tmp_path, methods).beliefs if b.name == "Equal widths (means)"]
    assert belief.mark == "green"


def test_a_map_is_judged_on_rows_that_it_did_not_learn_from(findings):
    found = findings["reduce"]
    judged = ROLL.x[::3]
    kept = kept_neighbors(judged, found.arrays["coordinates/0"], 12).trustworthiness.mean()
    assert found.record["methods"]["components"]["trustworthiness"]["value"] == pytest.approx(kept, rel=1e-9)
    assert found.record["rows"] == {"learned": 100, "judged": 50, "fresh": True}


def test_the_scale_of_the_weights_changes_nothing(tmp_path):
    weight = np.random.default_rng(0).uniform(0.5, 2.0, len(GROUPS))
    methods = {"means": METHODS["means"]}
    one, seven = (
        clustered(GROUPS.replace(weight=scale * weight), tmp_path / str(scale), methods, samples=1, seeds=1)
        for scale in (1.0, 8.0)
    )
    assert one.headline == seven.headline
    np.testing.assert_array_equal(one.arrays["group/0"], seven.arrays["group/0"])
    assert one.record["methods"]["means"]["weights"] > 0.8


def test_the_labels_are_never_seen_by_a_method(findings, tmp_path):
    """Shuffled labels change what groups are compared with, and nothing else."""
    shuffled = GROUPS.replace(y=np.random.default_rng(1).permutation(GROUPS.y))
    found = clustered(shuffled, tmp_path)
    for n in range(len(METHODS)):
        np.testing.assert_array_equal(found.arrays[f"group/{n}"], findings["cluster"].arrays[f"group/{n}"])
    assert abs(found.record["methods"]["mixture"]["labels"]["group"]["rand"]["value"]) < 0.15
    assert findings["cluster"].record["methods"]["mixture"]["labels"]["group"]["rand"]["value"] > 0.9


def test_noise_without_groups_is_said_to_have_none(tmp_path):
    even = Dataset(np.random.default_rng(3).normal(size=(150, 2)))
    found = clustered(even, tmp_path, {"means": METHODS["means"]})
    [belief] = [b for b in found.beliefs if b.name == "Number of groups"]
    assert belief.mark == "red"
