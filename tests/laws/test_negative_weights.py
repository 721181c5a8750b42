"""Every bookable method trains with negative weights as on the positive truth, or is refused before anything runs.

The sample is the resonance as from a generator at next-to-leading order: weights +1 and -1, and only the weighted
sample has the densities of the one with weights +1 alone.
"""

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.problems import Resonance
from ansatz.studies import check_study, parse_study
from ansatz.studies.catalogue import build_learner, kinds
from ansatz.training.classical.weighted.cut import weighted_auc

FEATURES = ["m_ll", "pt_ll", "y_ll", "cos_theta"]
EVENTS, PART, SEEDS = 4000, 0.15, range(4)
NETWORK = {"width": 16, "epochs": 30, "learning_rate": 3e-3}
TABLES = {
    "flat-boosting": {"protected": ["y_ll"], "trees": 60, "strength": 0.5},
    "categories": {"regions": {"low": {"select": "pt_ll < 30", "kind": "qda"}, "high": {"kind": "lda"}}},
    "mlp": NETWORK,
    "linear-descent": {"epochs": 40},
    "extra-trees": {"trees": 50},
    "boosted-trees": {"trees": 100},
    "pde-range-search": {"events": 150},
    "pde-neighbors": {"neighbors": 80},
}
OTHER_TASKS = {"convolutional", "stack"}
"""A kind for images, and one that puts others together, which are checked themselves."""


def learner_of(kind):
    study = parse_study(
        {"title": "x", "data": {"problem": "xnor"}, "models": {"a": {"kind": kind, **TABLES.get(kind, {})}}}
    )
    return build_learner("a", study.models["a"])


CLASSIFIERS = [k for k in kinds() if k not in OTHER_TASKS and "classification" in learner_of(k).tasks]
SIGNED = [k for k in CLASSIFIERS if learner_of(k).negative_weights and k != "constant"]


def check(kind, **table):
    data = {"problem": "resonance", "negative": 0.2, "events": 400, "features": FEATURES}
    return check_study(
        parse_study({"title": "x", "data": data, "models": {"a": {"kind": kind, **TABLES.get(kind, {}), **table}}}),
        timed=False,
    )


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_it_is_refused_at_check_unless_it_takes_them(kind):
    if learner_of(kind).negative_weights:
        assert check(kind).models
        return
    with pytest.raises(InputError, match="models.a: .*negative event weights"):
        check(kind)
    assert check(kind, negative="annihilate").models


def drawn(seed, n, negative):
    data = Resonance(negative=negative).draw(jax.random.key(seed), n)
    return data.replace(x=np.column_stack([data.column(c) for c in FEATURES]), columns=tuple(FEATURES))


@pytest.fixture(scope="module")
def samples():
    """Signed samples, positive ones of as many effective events, and fresh events."""
    worth = int((1 - 2 * PART) ** 2 * EVENTS)
    return (
        [drawn(seed, EVENTS, PART) for seed in SEEDS],
        [drawn(100 + seed, worth, 0.0) for seed in SEEDS],
        drawn(999, 20_000, 0.0),
    )


def areas(kind, parts, fresh):
    fits = [learner_of(kind)(part, jax.random.key(seed)) for seed, part in enumerate(parts)]
    return np.array([weighted_auc(fit.score(fresh.x), fresh.y == 1, fresh.weight) for fit in fits])


@pytest.mark.slow
@pytest.mark.parametrize("kind", SIGNED)
def test_its_roc_is_that_of_the_positive_truth(kind, samples):
    """Not below it by two standard errors of the two means, whose least is .002."""
    signed, positive = (areas(kind, part, samples[2]) for part in samples[:2])
    error = np.sqrt((signed.var(ddof=1) + positive.var(ddof=1)) / len(SEEDS) + 0.002**2)
    assert signed.mean() > positive.mean() - 2 * error
