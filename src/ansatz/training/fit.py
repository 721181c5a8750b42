"""`fit`: THE training program. Networks, and whatever else is fitted by descent, go through it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import PyTree

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.models import partition
from ansatz.optimizers import Custom, Recipe, Rule
from ansatz.optimizers.evolution.search import Search
from ansatz.risk import Risk, observers_of, wholes
from ansatz.training.engine import evolution, program, second_order
from ansatz.training.engine.cluster import Cluster
from ansatz.training.engine.job import Done, Job, Observer, Progress, run
from ansatz.training.engine.outcome import NonFiniteRisk, conclude
from ansatz.training.engine.parallel import on_device, on_host
from ansatz.training.engine.rows import as_rows, bucket, own_rows
from ansatz.training.population import Population, keys_of, models_of, stack, with_hyperparameters
from ansatz.training.result import Fit
from ansatz.typing import Key


def fit(
    model: PyTree | Callable[[Key], PyTree],
    risk: Risk,
    source: Dataset,
    *,
    optimizer: Recipe | Rule | Search | optax.GradientTransformation | None = None,
    epochs: int | None = None,
    steps: int | None = None,
    batch_size: int | None = 256,
    validation: Dataset | None = None,
    patience: int | None = None,
    population: int | Population = 1,
    head: str = "identity",
    progress: Observer | None = None,
    cluster: Cluster | None = None,
    key: Key,
) -> Fit:
    r"""Makes a risk small.

    $\hat\theta = \arg\min_\theta\, \mathrm{E}_{z\sim\mathrm{source}}[\ell(\theta; z)] + \mathrm{regularizer}$

    A pure function: the same key gives the same fit. The best model seen on the validation rows is kept (look-back
    stopping); the score is the expected part of the risk, without regularizers. Like fits, which differ in data,
    hyperparameters or number of rows, share one compilation.

    Args:
        model: an Equinox module of one point, or a function of a key that makes one (needed if members of a
            population shall start at different places).
        risk: what is made small.
        source: training events; weights of either sign, any scale.
        optimizer: a `Recipe` (Adam at 1e-3 if none is given), any Optax transformation, or a rule that knows the
            curvature, such as `LevenbergMarquardt()`: for small networks; an epoch is then one step on all rows, in
            float64. Or `CMAES`, `DifferentialEvolution`, `GeneticAlgorithm`: an epoch is a generation.
        epochs: times through the data (100 if neither epochs nor steps are given).
        steps: least number of optimizer steps, instead of epochs; rounded up to whole epochs.
        batch_size: events in a mini-batch; None for all of them in each step; at most the number of rows. A risk that
            is not a mean over events, such as `Chi2`, sees all of them in each step whatever is given.
        validation: events on which the best model is chosen; without them the last one is kept.
        patience: stop when the score has not improved for so many epochs; None for never.
        population: number of members, or a `Population`.
        head: what turns outputs into answers: "identity", "sigmoid", "softmax" or "score", see `Network`.
        progress: called about twice a second with a `Progress`.
        cluster: workers of a Dask scheduler to whom the members of a population go, see `Cluster`; the numbers are the
            same without.
        key: decides everything that is random.

    Returns:
        A `Fit` whose history has the risk terms per epoch.

    Raises:
        NonFiniteRisk: if a risk is infinite or NaN; the error carries the last good fit.
        InputError: if there are no rows, or no positive total weight, or the arguments contradict each other.

    Example:
        >>> from ansatz.models import linear
        >>> from ansatz.risk import Expected, squared_error
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> line = fit(lambda key: linear(1, None, key=key), Expected(squared_error), Dataset(x, y=2 * x[:, 0] + 1),
        ...            optimizer=Recipe("adam", learning_rate=0.1), epochs=300, batch_size=None, key=jax.random.key(0))
        >>> np.round(line.predict(np.array([[0.5]])), 3).tolist()
        [2.0]
    """
    optimizer = _recipe(optimizer)
    batch_size = None if isinstance(optimizer, Rule | Search) else batch_size
    epochs = _epochs(epochs, steps, len(source), batch_size)
    population = Population(population) if isinstance(population, int) else population
    with _double(optimizer):
        job = _prepare(model, risk, source, optimizer, epochs, batch_size, validation, patience, population, key)
        try:
            return _done(job, source, head, progress, cluster)
        except NonFiniteRisk as error:
            raise NonFiniteRisk(f"{_settings(population)}{error}", error.fit) from None


def _settings(population: Population) -> str:
    """What the members were set to, if they differ in that, for an error that befell them all."""
    chosen, n = population.hyperparameters, population.members
    shown = "; ".join(", ".join(f"{name} = {v[m]:.4g}" for name, v in chosen.items()) for m in range(min(n, 3)))
    return f"all {n} members diverged ({shown}{' ...' if n > 3 else ''}): " if chosen else ""


def _double(optimizer: Recipe | Rule | Search | Custom) -> AbstractContextManager[object]:
    """Float64 for rules that know the curvature, else as it is."""
    return jax.enable_x64(True) if isinstance(optimizer, Rule) else nullcontext()


def _done(job: Job, source: Dataset, head: str, progress: Observer | None, cluster: Cluster | None) -> Fit:
    """The record of a job, once it is compiled and run."""
    began = time.perf_counter()
    done = _outcome(job, progress, cluster)
    return conclude(
        on_device(done.states),
        on_device(job.members),
        done.history,
        source=source,
        head=head,
        seconds=time.perf_counter() - began - done.compile_seconds,
        compile_seconds=done.compile_seconds,
    )


def _outcome(job: Job, progress: Observer | None, cluster: Cluster | None) -> Done:
    """What a job comes to, here or on a cluster; a fit of one member and a search by generations stay here."""
    if isinstance(job.members.optimizer, Search):
        return _evolved(job, progress)
    return run(job, progress) if cluster is None or job.size == 1 else cluster.run(job, progress)


def _evolved(job: Job, progress: Observer | None) -> Done:
    """All generations of all members."""

    def report(epoch: int, risks: Mapping[str, float]) -> None:
        progress(Progress(epoch, job.epochs, dict(risks)))

    states, history = evolution.evolve(
        on_device(job.states),
        on_device(job.members),
        job.train,
        job.validation,
        job.budget,
        resample=job.resample,
        report=None if progress is None else report,
    )
    return Done(on_host(states), history)


def _prepare(
    model: PyTree | Callable[[Key], PyTree],
    risk: Risk,
    source: Dataset,
    optimizer: Recipe | Rule | Search | Custom,
    epochs: int,
    batch_size: int | None,
    validation: Dataset | None,
    patience: int | None,
    population: Population,
    key: Key,
) -> Job:
    n = population.members
    second = isinstance(optimizer, Rule)
    dtype = np.dtype(np.float64) if second else _precision(source.x)
    if second:
        second_order.check(optimizer, risk, source)
    start_key, seed_key, run_key = jax.random.split(key, 3)
    size = None if batch_size is None or wholes(risk) else min(batch_size, bucket(len(source)))
    _check_wholes(risk, source, validation, population)
    seen = observers_of(risk)
    train = as_rows(source, dtype=dtype, batch_size=size, observers=seen)
    judged = None if validation is None else as_rows(validation, dtype=dtype, observers=seen)
    models, risks, recipes = _cast(
        with_hyperparameters(models_of(model, population, start_key), stack(risk, n), stack(optimizer, n), population),
        dtype,
    )
    parameters, rest = partition(models)
    seeds = program.Seed.of(keys_of(population, seed_key))
    members = program.Member(rest, risks, recipes, seeds, *own_rows(population, train, judged, dtype))
    keys = keys_of(population, run_key)
    if second:
        second_order.check_size(optimizer, models, parameters, len(source))
        states = second_order.begin(parameters, members, train, keys, resample=population.resample)
    elif isinstance(optimizer, Search):
        evolution.check(optimizer, models, n)
        states = evolution.begin(parameters, keys)
    else:
        states = program.begin(parameters, recipes, keys)
    return Job(
        states=_without_idle(on_host(states), population),
        members=on_host(members),
        train=train,
        validation=judged,
        budget=program.Budget(_count(epochs), _count(epochs + 1 if patience is None else patience)),
        epochs=epochs,
        batch_size=size or len(train.batch.weight),
        resample=population.resample,
        epoch=second_order.step if second else program.descend,
        one_core=n > 1,
    )


def _check_wholes(risk: Risk, source: Dataset, validation: Dataset | None, population: Population) -> None:
    """Whether a risk that is not a mean over events is one of these.

    Raises:
        InputError: if it is one of other rows, or rows are resampled.
    """
    for part in wholes(risk):
        if population.resample is not None:
            raise InputError("measurements with a covariance are not resampled; give noise replicas as targets instead")
        for data in (source,) if validation is None else (source, validation):
            part.check(data)


def _without_idle(states: program.State, population: Population) -> program.State:
    """The states with those members already stopped that are never trained."""
    if population.idle is None:
        return states
    status = np.where(np.asarray(population.idle, bool), program.PATIENCE, states.status)
    return eqx.tree_at(lambda s: s.status, states, status.astype(states.status.dtype))


def _count(number: int) -> jax.Array:
    return jnp.asarray(number, jnp.int32)


def _recipe(optimizer: Recipe | Rule | Search | optax.GradientTransformation | None) -> Recipe | Rule | Search | Custom:
    if optimizer is None:
        return Recipe("adam")
    return optimizer if isinstance(optimizer, Recipe | Rule | Search | Custom) else Custom(optimizer)


def _epochs(epochs: int | None, steps: int | None, n: int, batch_size: int | None) -> int:
    """How often to go through the data.

    Raises:
        InputError: if there are no rows or the arguments contradict each other.
    """
    if n == 0:
        raise InputError("there are no events to fit; the sample is empty")
    if epochs is not None and steps is not None:
        raise InputError(f"give epochs or steps, not both (epochs={epochs}, steps={steps})")
    if steps is not None:
        epochs = -(-steps // -(-n // (batch_size or n)))
    epochs = 100 if epochs is None else epochs
    if epochs < 1 or (batch_size is not None and batch_size < 1):
        raise InputError(f"epochs and batch_size must be at least 1, not {epochs} and {batch_size}")
    return epochs


def _precision(x: np.ndarray) -> np.dtype:
    """float64 for float64 data where JAX has it switched on, else float32."""
    return np.dtype(jax.dtypes.canonicalize_dtype(np.float64 if x.dtype == np.float64 else np.float32))


def _cast(tree: PyTree, dtype: np.dtype) -> PyTree:
    return jax.tree.map(lambda leaf: leaf.astype(dtype) if eqx.is_inexact_array(leaf) else leaf, tree)
