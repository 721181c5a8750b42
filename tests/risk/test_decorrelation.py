"""Distance correlation against its definition; networks that do not know a mass."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.models import MLP, Linear, Rivals
from ansatz.risk import Adversary, DistanceCorrelation, distance_correlation
from ansatz.studies import parse_study
from ansatz.studies.catalogue import build_learner
from ansatz.training import load_fit, mlp, save_fit
from ansatz.training.classical import lda
from ansatz.training.classical.weighted.cut import weighted_auc
from ansatz.training.networks.decorrelated import decorrelated

KEY = jax.random.key(0)
LINE = Linear(jnp.array([1.0, 0.5]), jnp.array(0.2))


def brute(x, y, w):
    """The definition, pair by pair."""
    w, n = w / w.sum(), len(x)

    def centered(v):
        d = np.array([[abs(v[j] - v[k]) for k in range(n)] for j in range(n)])
        rows = [sum(w[k] * d[j, k] for k in range(n)) for j in range(n)]
        mean = sum(w[j] * rows[j] for j in range(n))
        return np.array([[d[j, k] - rows[j] - rows[k] + mean for k in range(n)] for j in range(n)])

    a, b = centered(x), centered(y)

    def covariance(p, q):
        return sum(w[j] * w[k] * p[j, k] * q[j, k] for j in range(n) for k in range(n))

    return covariance(a, b) / np.sqrt(covariance(a, a) * covariance(b, b))


def events(n=40, seed=0):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 2)), rng.integers(0, 2, n)
    mass = x[:, 0] ** 2 + 0.5 * rng.normal(size=n)
    return Dataset(x, y=y, weight=rng.integers(1, 4, n), classes=("b", "s"), observers={"mass": mass})


def test_it_is_the_sum_over_all_pairs():
    data = events()
    found = distance_correlation(*(jnp.asarray(v, float) for v in (data.x[:, 0], data.observers["mass"], data.weight)))
    assert float(found) == pytest.approx(brute(data.x[:, 0], data.observers["mass"], data.weight), abs=2e-5)


def test_only_the_class_counts_and_copies_are_weights():
    data = events()
    own = data[data.y == 0]
    p = 1 / (1 + np.exp(-(own.x @ [1.0, 0.5] + 0.2)))
    expected = brute(p, own.observers["mass"], own.weight)
    copies = data[np.repeat(np.arange(len(data)), data.weight.astype(int))].replace(weight=None)
    for sample in (data, data.replace(weight=7 * data.weight), copies):
        found = DistanceCorrelation("mass")(LINE, sample.batch(("mass",)), None)
        assert float(found) == pytest.approx(expected, abs=2e-5)


def test_blocks_are_averaged():
    """1,024 independent events: in each half about 2/n more than nothing, never negative."""
    rng = np.random.default_rng(0)
    data = Dataset(rng.normal(size=(1024, 2)), y=np.zeros(1024, int), observers={"mass": rng.normal(size=1024)})
    halves = [
        DistanceCorrelation("mass")(LINE, data[part].batch(("mass",)), None) for part in (slice(512), slice(512, 1024))
    ]
    whole = DistanceCorrelation("mass")(LINE, data.batch(("mass",)), None)
    assert float(whole) == pytest.approx(np.mean([float(h) for h in halves]), rel=1e-4)
    assert 0 < float(whole) < 0.02


def test_the_gradients_of_player_and_rival_have_opposite_aims():
    data = events(200)
    model = Rivals(LINE, MLP(1, 4, width=5, depth=1, activation="tanh", key=jax.random.key(2)))
    edges = jnp.asarray(np.quantile(data.observers["mass"], [0.25, 0.5, 0.75]))
    risk, batch = Adversary(edges, "mass"), data.batch(("mass",))

    @eqx.filter_jit
    def value(pair):
        return risk(pair, batch, None)

    slope = eqx.filter_grad(value)(model)
    step = 0.3

    player = jax.tree.map(lambda p, g: p - step * g, model.player, slope.player)
    assert float(value(Rivals(player, model.rival))) < float(value(model))
    rival = eqx.apply_updates(model.rival, jax.tree.map(lambda g: -step * g, slope.rival))
    assert float(value(Rivals(model.player, rival))) > float(value(model))


def bump(seed, n=3000):
    """A feature that tells the classes apart, and another that is the mass of background in disguise."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    mass = np.where(y == 1, 0.5 + 0.08 * rng.normal(size=n), rng.uniform(size=n))
    near = -np.abs(mass - 0.5) * 6 + 0.3 * rng.normal(size=n)
    x = np.stack([1.2 * y + rng.normal(size=n), near], axis=1)
    return Dataset(x, y=y, classes=("b", "s"), observers={"mass": mass})


@pytest.mark.slow
@pytest.mark.parametrize("way", ["disco", "adversary"])
def test_a_network_is_made_independent_of_the_mass(way, tmp_path):
    train, fresh = bump(0), bump(1)
    network = mlp(width=16, epochs=20, learning_rate=1e-2, patience=None, validation=0.1)
    moved = decorrelated(network, "mass", way=way, strength={"disco": 15.0, "adversary": 6.0}[way])
    own = fresh.y == 0

    def follows(fit):
        score, mass = fit.score(fresh.x)[own][:500], fresh.observers["mass"][own][:500]
        return float(distance_correlation(jnp.asarray(score), jnp.asarray(mass), jnp.ones(500)))

    plain, fit = network(train, jax.random.key(1)), moved(train, jax.random.key(1))
    assert follows(fit) < 0.35 * follows(plain)
    assert weighted_auc(fit.score(fresh.x), fresh.y == 1, fresh.weight) > 0.74
    assert any(way in name for name in fit.history)
    again = load_fit(save_fit(fit, tmp_path / "fit"))
    np.testing.assert_array_equal(again.members(fresh.x), fit.members(fresh.x))


def test_one_rival_guesses_several_columns():
    data = events(200)
    data = data.replace(observers={**data.observers, "pt": np.arange(200.0)})
    model = Rivals(LINE, MLP(1, 8, width=5, depth=1, activation="tanh", key=jax.random.key(3)))
    halves = [eqx.tree_at(lambda m: m.layers[-1], model.rival, _rows(model.rival.layers[-1], k)) for k in (0, 4)]
    for place, (name, rival) in enumerate(zip(("mass", "pt"), halves, strict=True)):
        edges, batch = jnp.asarray(np.quantile(data.observers[name], [0.25, 0.5, 0.75])), data.batch(("mass", "pt"))
        both = Adversary(edges, name, place=4 * place)(model, batch, None)
        np.testing.assert_allclose(both, Adversary(edges, name)(Rivals(LINE, rival), batch, None), rtol=1e-6)


def _rows(layer, first):
    """Four of the answers of the last layer."""
    part = slice(first, first + 4)
    return jax.tree.map(lambda leaf: leaf[part] if eqx.is_array(leaf) and len(leaf) == 8 else leaf, layer)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["disco", "adversary"])
def test_a_network_is_made_independent_of_two_columns(way):
    """A feature each follows the mass and the age of background; alone the class is left."""
    train, fresh = aged(0), aged(1)
    network = mlp(width=16, epochs=60, learning_rate=1e-2, patience=None, validation=0.1)
    strength = {"disco": 5.0, "adversary": 6.0}[way]
    moved = decorrelated(network, ["mass", "age"], way=way, strength=strength)
    own = fresh.y == 0
    plain, fit = network(train, jax.random.key(1)), moved(train, jax.random.key(1))
    for name in ("mass", "age"):
        found = [float(distance_correlation(jnp.asarray(f.score(fresh.x)[own][:500]),
                                            jnp.asarray(fresh.observers[name][own][:500]), jnp.ones(500)))
                 for f in (plain, fit)]  # fmt: skip
        assert found[1] < 0.5 * found[0], name
    assert weighted_auc(fit.score(fresh.x), fresh.y == 1, fresh.weight) > 0.74


def aged(seed):
    """The bump with a second column of its kind."""
    one, other = bump(2 * seed), bump(2 * seed + 101)
    x = np.column_stack([one.x, other.x[:, 1]])
    return Dataset(x, y=one.y, classes=("b", "s"), observers={**one.observers, "age": other.observers["mass"]})


def study(**table):
    return parse_study({"title": "x", "data": {"problem": "xnor"}, "models": {"a": {"kind": "mlp", **table}}}).models[
        "a"
    ]


def test_a_study_names_the_column():
    assert build_learner("a", study(decorrelate="x1")).risk.columns == ("x1",)
    table = {"columns": ["x1"], "way": "adversary", "strength": 3, "in": "both"}
    assert build_learner("a", study(decorrelate=table)).risk.strength == 3.0


def test_bad_input_is_refused_in_one_line():
    for names in ([], ["mass", "mass"]):
        with pytest.raises(InputError, match="one or more columns, each once"):
            decorrelated(mlp(), names, way="adversary")
    with pytest.raises(InputError, match="flat-boosting"):
        decorrelated(lda(), "mass")
    with pytest.raises(InputError, match="did you mean 'mass'"):
        decorrelated(mlp(epochs=1), "mas")(bump(0, 200), jax.random.key(5))
    for table in ({"columns": "x1", "wy": "disco"}, {"columns": 3}, {"columns": "x1", "strength": "big"}):
        with pytest.raises(InputError, match=r"models.a.decorrelate: "):
            build_learner("a", study(decorrelate=table))
