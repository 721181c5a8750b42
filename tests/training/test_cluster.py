"""A population on the workers of a scheduler: the same numbers as without, whatever happens to the workers."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import jax
import numpy as np
import pytest

import zoo
from ansatz.errors import InputError
from ansatz.models import MLP
from ansatz.risk import Expected, squared_error
from ansatz.training import Bootstrap, Cluster, Population, fit, mlp, on_cluster
from ansatz.training.engine.cluster import Common, _unpacked

distributed = pytest.importorskip("distributed", reason="the cluster extra is not installed")

DATA = zoo.numbers(96, 0).replace(y=(zoo.numbers(96, 0).y - 100) / 20)


def network(key):
    return MLP(zoo.INPUTS, None, width=4, depth=1, activation="tanh", key=key)


def fitted(cluster=None, members=7, **options):
    return fit(
        network,
        Expected(squared_error),
        DATA[:64],
        **{"validation": DATA[64:], "patience": 2, "epochs": 30, "batch_size": 16} | options,
        population=Population(members, "bootstrap"),
        cluster=cluster,
        key=zoo.key(),
    )


def same(first, second):
    for one, other in zip(jax.tree.leaves(first.model), jax.tree.leaves(second.model), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
    assert first.history.keys() == second.history.keys()
    for name, values in first.history.items():
        np.testing.assert_array_equal(values, second.history[name])


@pytest.fixture(scope="module")
def alone():
    return fitted()


@contextmanager
def scheduler(workers):
    with distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=False, protocol="tcp://", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.parametrize("workers", [1, 2])
def test_numbers_do_not_depend_on_how_many_workers_there_are(workers, alone):
    with scheduler(workers) as address:
        same(alone, fitted(Cluster(address)))


def test_progress_is_told_block_by_block_and_a_single_fit_stays_here():
    seen = []
    with scheduler(1) as address:
        fitted(Cluster(address), members=2, progress=seen.append)
        fitted(Cluster(address), members=1)
    assert [(step.epoch, step.epochs) for step in seen] == [(15, 30), (30, 30)]
    assert set(seen[0].risks) == {f"{part}/{n}" for part in ("train", "validation") for n in ("risk", "squared_error")}


def test_learners_are_sent_with_what_they_wrap():
    learner = Bootstrap(mlp(width=4, depth=1, epochs=3), members=2)
    with scheduler(1) as address:
        sent = on_cluster(learner, Cluster(address))
        assert sent.learner.cluster.address == address
        np.testing.assert_array_equal(sent(DATA, zoo.key()).members(DATA.x), learner(DATA, zoo.key()).members(DATA.x))


def test_a_learner_without_members_is_left_as_it_is():
    learner = object()
    assert on_cluster(learner, Cluster("tcp://127.0.0.1:9")) is learner


def test_a_scheduler_that_does_not_answer_is_one_line():
    with pytest.raises(InputError, match=r"no scheduler answers at tcp://127.0.0.1:9; start one") as caught:
        fitted(Cluster("tcp://127.0.0.1:9", patience=0.5))
    assert "\n" not in str(caught.value)


def test_a_scheduler_without_workers_is_one_line():
    with scheduler(0) as address, pytest.raises(InputError, match="has no workers; start one with: dask worker tcp"):
        fitted(Cluster(address, patience=0.5))


@pytest.mark.parametrize("address", ["", "localhost", "tcp://localhost", "localhost:8786", "tcp://host:port"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(InputError, match="an address such as tcp://host:8786"):
        Cluster(address)


def test_workers_of_other_versions_are_refused():
    with pytest.raises(InputError, match=r"a worker has numpy .* but this program 0\.1"):
        _unpacked(Common(None, False, {"numpy": "0.1"}))


@contextmanager
def processes(folder, workers):
    """A scheduler and its workers as programs of their own, on loopback."""
    place = folder / "scheduler.json"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    started = [
        subprocess.Popen([*command, "--no-dashboard", "--scheduler-file", str(place)], stderr=subprocess.DEVNULL)
    ]
    command = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(place), "--no-nanny"]
    while not place.is_file():
        time.sleep(0.1)
    for _ in range(workers):
        words = [*command, "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder)]
        started.append(subprocess.Popen(words, stderr=subprocess.DEVNULL))
    import json

    try:
        yield json.loads(place.read_text())["address"], [process.pid for process in started[1:]]
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_loses_nothing(tmp_path):
    task = {"epochs": 4000, "patience": None, "batch_size": 4}
    before = fitted(members=16, **task)
    with processes(tmp_path, 2) as (address, pids), distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=120)
        seen = []

        def progress(step):
            if not seen:
                os.kill(pids[0], signal.SIGKILL)
            seen.append(step)

        after = fitted(Cluster(address, patience=120), members=16, progress=progress, **task)
        left = len(client.scheduler_info()["workers"])
    assert left == 1
    assert len(seen) == 8
    same(before, after)
