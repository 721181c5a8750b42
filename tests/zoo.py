"""Registries of constructors: a new model, loss, rule or learner is one new line here, and every law holds it."""

import importlib.util
import itertools
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from ansatz.data import Dataset
from ansatz.embedding import Flatten, Impute, Polynomial, Standardize, Transformation, Unstandardize
from ansatz.models import ACTIVATIONS, MLP, Chain, Dropout, Frozen, GaussianMixture, KernelDensity, linear
from ansatz.models.energy import DeepBelief, Normalized, rbm
from ansatz.optimizers import Recipe
from ansatz.risk import L1, L2, Errors, Expected, Smoothness, elastic_net, huber, squared_error
from ansatz.training import (
    Bootstrap,
    Calibrated,
    ClosedForm,
    ConformalizedQuantile,
    ConformalSets,
    CVPlus,
    Ensemble,
    Extraction,
    Heteroscedastic,
    LastLayerLaplace,
    RandomFeatures,
    Replicas,
    SplitConformal,
    Transformed,
    categories,
    linear_descent,
    mlp,
)
from ansatz.training.boosting import flat_boosting, lightgbm, xgboost
from ansatz.training.classical import CLASSICAL
from ansatz.training.multivariate import MULTIVARIATE
from ansatz.training.networks.dense import Architecture

INPUTS = 3

FUNCTIONS = {
    "linear": lambda key: linear(INPUTS, 2, key=key),
    "linear-scalar": lambda key: linear(INPUTS, None, key=key),
    "mlp": lambda key: MLP(INPUTS, None, width=4, depth=2, key=key),
    "mlp-outputs": lambda key: MLP(INPUTS, 2, width=(5, 4), key=key),
    "mlp-dropout": lambda key: MLP(INPUTS, None, width=16, depth=1, dropout=0.5, key=key),
    "dropout": lambda key: Dropout(0.3),
    "chain": lambda key: Chain(Standardize(jnp.ones(INPUTS), 2 * jnp.ones(INPUTS)), linear(INPUTS, 2, key=key)),
    "frozen": lambda key: Frozen(Standardize(jnp.ones(INPUTS), 2 * jnp.ones(INPUTS))),
    "transformation": lambda key: Frozen(Transformation((Standardize(jnp.ones(INPUTS), 2 * jnp.ones(INPUTS)),))),
    "polynomial": lambda key: Polynomial.of_degree(3, inputs=INPUTS),
    "unstandardize": lambda key: Unstandardize(jnp.ones(INPUTS), 2 * jnp.ones(INPUTS)),
    "impute": lambda key: Impute(jnp.zeros(INPUTS)),
    "flatten": lambda key: Flatten(),
} | {f"mlp-{name}": lambda key, name=name: MLP(INPUTS, None, width=4, activation=name, key=key) for name in ACTIVATIONS}

RISKS = {
    "expected": lambda: Expected(squared_error),
    "expected-in-units": lambda: Expected(squared_error, unit=jnp.asarray(2.0)),
    "sum": lambda: Expected(squared_error) + 0.3 * L2() + 0.1 * L1(),
    "scaled": lambda: 3.0 * (Expected(huber) + 0.5 * L2()),
    "elastic-net": lambda: Expected(squared_error) + elastic_net(0.2, ratio=0.7),
    "smoothness": lambda: Expected(squared_error) + 0.1 * Smoothness(),
}

LEARNERS = {
    "mlp": lambda: mlp(width=8, depth=1, learning_rate=0.03, epochs=60, batch_size=None, validation=0.0),
    "mlp-population": lambda: mlp(
        width=8, depth=1, learning_rate=0.03, epochs=60, batch_size=None, validation=0.0, population=3
    ),
    "linear-descent": lambda: linear_descent(learning_rate=0.05, epochs=60, batch_size=None, validation=0.0),
    "boosted-trees": lambda: CLASSICAL["boosted-trees"](trees=20),
    "tree": lambda: CLASSICAL["tree"](),
    "knn": lambda: CLASSICAL["knn"](),
    "svm": lambda: CLASSICAL["svm"](),
    **MULTIVARIATE,
    "pde-range-search": lambda: MULTIVARIATE["pde-range-search"](events=15),
    "pde-neighbors": lambda: MULTIVARIATE["pde-neighbors"](neighbors=5),
    "flat-boosting": lambda: flat_boosting(protected=["x2"], trees=20),
    "transformed": lambda: Transformed(CLASSICAL["lda"](), ("gaussian", "decorrelated")),
    "categories": lambda: categories(
        regions={"low": {"select": "x2 < 0", "learner": CLASSICAL["lda"]()}, "rest": {"learner": CLASSICAL["tree"]()}}
    ),
    "random-features": lambda: RandomFeatures(20, 0.01),
    "closed-form": ClosedForm,
    "closed-form-ridge": lambda: ClosedForm(degree=2, strength=0.1),
    "extraction": lambda: Extraction(
        model=Architecture((4,), activation="tanh"), optimizer=Recipe("adam", learning_rate=0.05), members=3, epochs=60
    ),
}


def straight():
    """A linear function by descent, with one compilation for all tests."""
    return LEARNERS["linear-descent"]()


UNCERTAIN = {
    "ensemble": lambda: Ensemble(CLASSICAL["tree"](), 2),
    "bootstrap": lambda: Bootstrap(ClosedForm(), 5),
    "replicas": lambda: Replicas(ClosedForm(), 5),
    "split-conformal": lambda: SplitConformal(ClosedForm()),
    "cv-plus": lambda: CVPlus(ClosedForm(), 5),
    "conformalized-quantile": lambda: ConformalizedQuantile(straight()),
    "heteroscedastic": lambda: Heteroscedastic(straight()),
    "laplace": lambda: LastLayerLaplace(straight()),
    "temperature": lambda: Calibrated(CLASSICAL["naive-bayes"]()),
    "platt": lambda: Calibrated(CLASSICAL["svm"](), "platt"),
    "isotonic": lambda: Calibrated(CLASSICAL["lda"](), "isotonic"),
    "conformal-sets": lambda: ConformalSets(CLASSICAL["naive-bayes"]()),
}
"""Learners that wrap a learner and know their uncertainty."""

LIBRARIES = {"xgboost": lambda: xgboost(trees=20), "lightgbm": lambda: lightgbm(trees=20, smallest_leaf=5)}
"""Learners of libraries that may be missing."""

LEARNERS |= UNCERTAIN | {name: make for name, make in LIBRARIES.items() if importlib.util.find_spec(name)}

COUNT_ROWS = {"boosted-trees", "lightgbm", "xgboost", "bootstrap", "replicas", "platt", "isotonic", "extraction"}
"""Learners that count rows, not weights: in bins and smallest leaves, in draws, in how far a probability is from 0."""


DISTRIBUTIONS = {
    "rbm-binary": (lambda key: replace(rbm(4, 3, units="binary", scale=1.5, key=key), sweeps=60), "binary"),
    "rbm-spin": (lambda key: replace(rbm(4, 3, units="spin", scale=2.0, key=key), sweeps=60), "spin"),
    "normalized": (lambda key: normalized(machine(key)), "spin"),
    "deep-belief": (lambda key: stacked(*jax.random.split(key)), "spin"),
    "mixture": (
        lambda key: GaussianMixture(
            jnp.array([0.0, 0.7]), jax.random.normal(key, (2, 2)), jnp.array([[[0.5, 9], [0.3, 0.4]]] * 2)
        ),
        "plane",
    ),
    "kernel-density": (
        lambda key: KernelDensity(
            jax.random.normal(key, (9, 2)), jax.nn.log_softmax(jnp.arange(9.0) / 4), jnp.array([[0.6, 0], [0.2, 0.5]])
        ),
        "plane",
    ),
}
"""Distributions of one small point, and what their values are: 0/1, -1/+1, or points of a plane."""


def machine(key):
    """A small Boltzmann machine of spins."""
    return replace(rbm(4, 3, units="spin", scale=2.0, key=key), sweeps=60)


def normalized(one):
    """The same with its partition function found once."""
    return Normalized(one, one.log_z())


def stacked(lower, upper):
    """A small deep belief network."""
    return DeepBelief((machine(lower), replace(rbm(3, 2, units="spin", scale=2.0, key=upper), sweeps=60)))


def support(kind):
    """All points that a distribution may give, and the volume of each."""
    if kind != "plane":
        return np.array(list(itertools.product((-1, 1) if kind == "spin" else (0, 1), repeat=4))), 1.0
    axis = np.linspace(-8, 8, 321)
    return np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2), (axis[1] - axis[0]) ** 2


def cells(values, points):
    """Number of the cell of each value: a state of its own each, or a tenth of each axis of the plane."""
    if len(points) == 16:
        return (values > 0) @ (1 << np.arange(4))
    return np.clip(((values + 8) / 1.6).astype(int), 0, 9) @ np.array([10, 1])


def points(n=17, seed=0):
    """Some points with three components."""
    return np.random.default_rng(seed).normal(size=(n, INPUTS)).astype(np.float32)


def two_classes(n=96, seed=0):
    """Events of two overlapping classes, with positive weights."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, INPUTS))
    y = (x[:, 0] + 0.5 * x[:, 1] + 0.3 * rng.normal(size=n) > 0).astype(int)
    return Dataset(x, y=y, weight=rng.uniform(0.5, 2.0, n), classes=("background", "signal"))


def numbers(n=96, seed=0):
    """A noisy linear target in physical units."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, INPUTS))
    return Dataset(x, y=100 + 20 * x[:, 0] - 5 * x[:, 1] + rng.normal(size=n), weight=rng.uniform(0.5, 2.0, n))


def measurements(n=96, seed=0):
    """The same target as measurements, all with their errors and none with a weight."""
    data = numbers(n, seed)
    errors = Errors(np.ones(n), multiplicative=np.full((n, 1), 0.01))
    return data.replace(weight=None, observers=errors.observers())


SAMPLE_OF = {"extraction": measurements}
"""Samples of learners that ask for more than a target."""


def key(number=0):
    """A fresh key."""
    return jax.random.key(number)
