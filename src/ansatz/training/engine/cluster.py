"""Members of a population on other processes and hosts, by the scheduler of Dask.

Dask is loaded when a cluster is first used. It sends the job to its workers by its own serialization, which trusts
both ends: a scheduler and its workers are to be reached by nobody else.
"""

from __future__ import annotations

import contextlib
import dataclasses
import warnings
from collections.abc import Iterator
from importlib import metadata
from typing import TYPE_CHECKING, NamedTuple

import equinox as eqx
import jax
import numpy as np

from ansatz.errors import InputError
from ansatz.training.engine.job import Done, Job, Observer, Progress, run, together
from ansatz.training.engine.parallel import on_host

if TYPE_CHECKING:
    from distributed import Client

BLOCKS = 4
"""Blocks of members for each thread of the workers: so many that none waits long, so few that each is worth sending."""

PACKAGES = ("ansatz-ml", "jax", "jaxlib", "equinox", "optax", "numpy")
"""What must be the same on all hosts for the numbers to be the same."""


@dataclasses.dataclass(frozen=True)
class Cluster:
    """Workers that a Dask scheduler hands out, to whom blocks of members of a population go.

    The numbers are those of a fit without a cluster, to the last bit where the hosts have processors of one kind,
    however many workers there are. A block whose worker is lost is done again by another. Workers may come and go.
    Start them with `dask scheduler` and, on each host, `dask worker ADDRESS`, in an environment like this one.

    Attributes:
        address: of the scheduler, such as "tcp://host:8786".
        patience: seconds to wait for the scheduler, and for the first worker.

    Raises:
        InputError: if the address is none.

    Example:
        >>> Cluster("tcp://10.0.0.7:8786").address
        'tcp://10.0.0.7:8786'
        >>> Cluster("10.0.0.7")
        Traceback (most recent call last):
        ...
        ansatz.errors.InputError: a cluster has an address such as tcp://host:8786, not '10.0.0.7'
    """

    address: str
    patience: float = 30.0

    def __post_init__(self) -> None:
        protocol, _, place = self.address.partition("://")
        if not protocol or not place.rpartition(":")[2].isdecimal():
            raise InputError(f"a cluster has an address such as tcp://host:8786, not '{self.address}'")

    def check(self) -> None:
        """Whether the scheduler answers and has a worker.

        Raises:
            InputError: if not.
        """
        with self._client():
            pass

    def run(self, job: Job, observer: Observer | None = None) -> Done:
        """A job done by the workers, block by block.

        Args:
            job: the work.
            observer: called with a `Progress` when a block is done.

        Raises:
            InputError: if the scheduler cannot be reached or has no worker, or the workers cannot do such a job.
        """
        with self._client() as client:
            with self._told():
                return _done_by(client, job, observer)

    @contextlib.contextmanager
    def _client(self) -> Iterator[Client]:
        """A connection to the scheduler, with at least one worker.

        Raises:
            InputError: if there is none.
        """
        try:
            from distributed import Client
        except ModuleNotFoundError as error:
            raise InputError("a cluster needs Dask; install it with: pip install 'ansatz-ml[cluster]'") from error
        try:
            client = Client(self.address, timeout=self.patience, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(
                f"no scheduler answers at {self.address}; start one with: dask scheduler (and: dask worker ADDRESS)"
            ) from error
        with client:
            try:
                client.wait_for_workers(1, timeout=self.patience)
            except TimeoutError as error:
                raise InputError(
                    f"the scheduler at {self.address} has no workers; start one with: dask worker {self.address}"
                ) from error
            yield client

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of a cluster, in the words of this package."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        try:
            yield
        except KilledWorker as error:
            raise InputError(
                f"members were lost with their worker again and again (the last was {error.last_worker.address}); "
                "it may have too little memory"
            ) from error
        except FutureCancelledError as error:
            lost = ConnectionError(str(error))
            raise InputError(f"the scheduler at {self.address} was lost; the fit is not finished") from lost
        except ModuleNotFoundError as error:
            raise InputError(f"the workers at {self.address} do not know '{error.name}'; install it there") from error


class Common(NamedTuple):
    """What all blocks of a job share, and where they must be done."""

    job: Job
    double: bool
    versions: dict[str, str]


def _done_by(client: Client, job: Job, observer: Observer | None) -> Done:
    """What the workers made of the blocks."""
    from distributed import as_completed

    job = on_host(job)
    numbers = np.array_split(np.arange(job.size), min(BLOCKS * sum(client.nthreads().values()), job.size))
    with _large():
        common = client.submit(_unpacked, Common(job.part(slice(0)), _double(), _versions()), pure=False)
        futures = [client.submit(_block_done, common, _arrays(job.part(own)), pure=False) for own in numbers]
    blocks = dict.fromkeys(future.key for future in futures)
    for finished, (future, block) in enumerate(as_completed(futures, with_results=True, loop=client.loop), 1):
        blocks[future.key] = block
        if observer is not None:
            observer(Progress(job.epochs * finished // len(futures), job.epochs, _last(block.history)))
    parts = [job.part(own) for own in numbers]
    return together([_filled(part, block) for part, block in zip(parts, blocks.values(), strict=True)])


class Block(NamedTuple):
    """What comes back of some members: the arrays of their states, without the structure that the sender knows."""

    states: list[np.ndarray]
    history: dict[str, np.ndarray]
    compile_seconds: float


def _arrays(job: Job) -> list[np.ndarray]:
    """The arrays of the members of a job."""
    return jax.tree.leaves(eqx.filter((job.states, job.members), _is_array))


def _is_array(leaf: object) -> bool:
    return isinstance(leaf, np.ndarray)


def _filled(job: Job, block: Block) -> Done:
    arrays, rest = eqx.partition(job.states, _is_array)
    states = eqx.combine(jax.tree.unflatten(jax.tree.structure(arrays), block.states), rest)
    return Done(states, block.history, block.compile_seconds)


def _unpacked(common: Common) -> Common:
    """What all blocks share, once on each worker, so that they share a compilation; its loss is made good by Dask.

    Raises:
        InputError: if this worker is not as the program that sent it.
    """
    here = _versions()
    for package, version in common.versions.items():
        if here[package] != version:
            raise InputError(f"a worker has {package} {here[package]}, but this program {version}; make them the same")
    return common


def _block_done(common: Common, members: list[np.ndarray]) -> Block:
    """Some members, one after another on the core of this thread."""
    arrays, rest = eqx.partition((common.job.states, common.job.members), _is_array)
    states, own = eqx.combine(jax.tree.unflatten(jax.tree.structure(arrays), members), rest)
    with jax.enable_x64(common.double):
        done = run(common.job._replace(states=states, members=own), threads=1)
    return Block(jax.tree.leaves(eqx.filter(done.states, _is_array)), done.history, done.compile_seconds)


def _last(history: dict[str, np.ndarray]) -> dict[str, float]:
    """The last value of each risk, averaged over the members of a block."""
    ends = {name: [row[np.isfinite(row)][-1:] for row in values] for name, values in history.items()}
    return {name: float(np.concatenate(rows).mean()) for name, rows in ends.items() if any(map(len, rows))}


def _double() -> bool:
    return bool(jax.config.jax_enable_x64)


def _versions() -> dict[str, str]:
    return {package: _version(package) for package in PACKAGES}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


@contextlib.contextmanager
def _large() -> Iterator[None]:
    """Without Dask's advice against sending much: a job is sent once, and must be there when a worker is lost."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
        yield
