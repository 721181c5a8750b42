import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.validation import REMEDIES, Answers, verdict


def polynomial(degree, key, n=60, fresh=2000, noise=0.3):
    """A polynomial fitted to sin(3x) with noise: answers to the events fitted and to fresh ones."""
    rng = generator(key)

    def draw(size):
        x = rng.uniform(-1, 1, size)
        return x, np.sin(3 * x) + noise * rng.normal(size=size)

    (x, y), (x_fresh, y_fresh) = draw(n), draw(fresh)
    coefficients = np.polynomial.Legendre.fit(x, y, degree, domain=[-1, 1])
    return Answers.predicted(y, coefficients(x)), Answers.predicted(y_fresh, coefficients(x_fresh))


@pytest.mark.parametrize(
    ("degree", "word"), [(0, "underfitting"), (1, "underfitting"), (5, "good"), (35, "overfitting")]
)
def test_noisy_polynomials_as_in_the_lecture(degree, word):
    train, test = polynomial(degree, jax.random.key(0))
    found = verdict(train, test, reachable=0.3**2)
    assert found.verdict == word
    assert found.remedies == REMEDIES[word]
    assert found.risk == "mse"


def test_gap_has_the_error_of_both_samples():
    train, test = polynomial(5, jax.random.key(1))
    found = verdict(train, test)
    assert found.gap.value == pytest.approx(found.test.value - found.train.value)
    known = np.hypot(*(np.std((a.y - a.value) ** 2, ddof=1) / np.sqrt(len(a)) for a in (train, test)))
    assert found.gap.error == pytest.approx(known, rel=1e-3)


def test_sentence_has_the_numbers():
    train, test = polynomial(35, jax.random.key(0))
    found = verdict(train, test)
    assert str(found.train) in found.sentence
    assert str(found.test) in found.sentence
    assert "standard errors" in found.sentence
    assert found.to_dict()["verdict"] == "overfitting"


def classifier(key, n, gain, link):
    rng = generator(key)
    y = np.arange(n) % 2
    score = gain * (y - 0.5) + rng.normal(size=n)
    if link == "score":
        return Answers.classified(y, score=score)
    return Answers.classified(y, probability=1 / (1 + np.exp(-gain * score)))


@pytest.mark.parametrize(("link", "risk"), [("score", "1 - auc"), ("probability", "log_loss")])
def test_classifiers_are_judged_by_what_they_give(link, risk):
    keys = jax.random.split(jax.random.key(2), 4)
    good = verdict(classifier(keys[0], 4000, 2.0, link), classifier(keys[1], 4000, 2.0, link))
    assert (good.verdict, good.risk, good.remedies) == ("good", risk, ())
    memorized = verdict(classifier(keys[2], 4000, 6.0, link), classifier(keys[3], 4000, 1.0, link))
    assert memorized.verdict == "overfitting"


def test_guessing_is_underfitting():
    rng = generator(jax.random.key(3))
    y = np.arange(6000) % 2
    parts = [Answers.classified(y, score=rng.normal(size=6000)) for _ in range(2)]
    assert verdict(*parts).verdict == "underfitting"


def test_better_model_on_the_same_rows_shows_underfitting():
    keys = jax.random.split(jax.random.key(4), 3)
    weak = [classifier(key, 5000, 1.0, "probability") for key in keys[:2]]
    assert verdict(*weak).verdict == "good"
    best = classifier(keys[2], 5000, 3.0, "probability")
    strong = verdict(best, best).test
    assert verdict(*weak, reachable=strong).verdict == "underfitting"


def test_few_events_do_not_decide():
    keys = jax.random.split(jax.random.key(5), 2)
    found = verdict(classifier(keys[0], 24, 1.5, "probability"), classifier(keys[1], 24, 1.5, "probability"))
    assert found.verdict == "undecided"
    assert "more test events" in found.remedies[0]


def test_scale_of_weights_changes_no_verdict():
    import dataclasses

    train, test = polynomial(35, jax.random.key(0))
    scaled = [dataclasses.replace(a, weight=7 * a.weight) for a in (train, test)]
    assert verdict(*scaled).sentence == verdict(train, test).sentence


def test_several_classes_without_probabilities():
    rng = generator(jax.random.key(6))
    y = np.arange(900) % 3
    parts = [Answers.classified(y, score=rng.normal(size=(900, 3)) + 2 * np.eye(3)[y]) for _ in range(2)]
    found = verdict(*parts)
    assert (found.risk, found.verdict) == ("1 - accuracy", "good")
    assert found.baseline == pytest.approx(2 / 3)


def test_kinds_must_agree():
    train, _ = polynomial(1, jax.random.key(0))
    with pytest.raises(InputError, match="different kinds"):
        verdict(train, classifier(jax.random.key(0), 60, 1.0, "score"))
