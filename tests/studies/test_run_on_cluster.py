"""A study whose populations go to a cluster gives the numbers of one that stays here."""

import pytest

from ansatz.errors import InputError
from ansatz.studies import run_study
from ansatz.training import Cluster

distributed = pytest.importorskip("distributed", reason="the cluster extra is not installed")

MODELS = {
    "line": {"kind": "logistic"},
    "network": {"kind": "mlp", "width": 4, "depth": 1, "epochs": 2, "population": 2},
}


@pytest.mark.slow
def test_a_run_on_a_cluster_gives_the_same_results(small, tmp_path, without_times):
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp://", dashboard_address=None
    ) as cluster:
        there = run_study(small(models=MODELS), tmp_path / "there", cluster=Cluster(cluster.scheduler_address))
    here = run_study(small(models=MODELS), tmp_path / "here")
    assert without_times(there) == without_times(here)


def test_a_cluster_that_does_not_answer_is_told_before_anything_runs(small, tmp_path):
    with pytest.raises(InputError, match="no scheduler answers"):
        run_study(small(models=MODELS), tmp_path / "run", cluster=Cluster("tcp://127.0.0.1:9", patience=0.5))
    assert not (tmp_path / "run").exists()
