"""How many groups, how many components: gap, silhouette, information criterion, held-out likelihood; with intervals."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from ansatz.data import Dataset
from ansatz.embedding.reduction import PCA
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.training.result import Fit
from ansatz.training.unsupervised.clustering import k_means_learner, mixture_learner
from ansatz.training.unsupervised.mixture import parameters
from ansatz.typing import Key
from ansatz.validation.interval import ONE_SIGMA, Interval, effective_count
from ansatz.validation.resampling import percentile_ends
from ansatz.validation.structure.groups import mean_of, silhouettes


@dataclasses.dataclass(frozen=True, eq=False)
class Choice:
    """A number of groups or components, and the curve it was read from.

    Attributes:
        name: what was looked at: "gap", "silhouette", "bic", "held-out likelihood".
        chosen: the number, with the range that bootstrap samples give.
        numbers: the numbers that were tried.
        value: the curve.
        error: its standard errors.
    """

    name: str
    chosen: Interval
    numbers: np.ndarray
    value: np.ndarray
    error: np.ndarray


def choose_clusters(
    x: np.ndarray,
    weight: np.ndarray,
    *,
    most: int = 8,
    replicas: int = 20,
    references: int = 20,
    level: float = ONE_SIGMA,
    key: Key,
) -> list[Choice]:
    r"""The number of groups by four criteria, each with the range over bootstrap samples of the rows.

    Gap: $\langle\log W^*_k\rangle - \log W_k$ with W the sum of squares within the groups of k-means, \* for samples
    that are even over a box along the principal axes; the smallest k within one error of the largest gap (the first
    k that the next one does not beat, as first proposed, stops at one for three groups in a triangle). Silhouette: the
    largest mean, from two groups on. BIC: the smallest $-2 n \langle\log p\rangle + m \log n$ of Gaussian mixtures with
    m parameters and n effective events. Held-out likelihood: the largest mean $\log p$ of rows that a mixture did not
    see.

    Args:
        x: prepared features, shape (rows, columns).
        weight: event weights.
        most: largest number that is tried.
        replicas: bootstrap samples.
        references: even samples of the gap.
        level: probability that the range holds the number.
        key: random key.

    Raises:
        InputError: if there are fewer than three times as many rows as groups.

    Source: R. Tibshirani, G. Walther and T. Hastie, J. R. Stat. Soc. B 63 (2001) 411; S. Dudoit and J. Fridlyand,
    Genome Biol. 3 (2002) 0036; G. Schwarz, Ann. Stat. 6 (1978) 461.
    """
    if len(x) < 3 * most:
        raise InputError(f"choosing among 1 to {most} groups needs at least {3 * most} rows, not {len(x)}")
    rng = generator(named(key, "rows"))
    numbers = np.arange(1, most + 1)
    even = _even_samples(x, weight, references, generator(named(key, "even")))
    reference = np.array([[_log_within(one, np.ones(len(one)), k, key) for k in numbers] for one in even])
    whole = _curves(x, weight, numbers, reference, key)
    drawn = []
    for _ in range(replicas):
        rows = rng.integers(len(x), size=len(x))
        drawn.append(_curves(x[rows], weight[rows], numbers, reference, key, held=x, held_weight=_left(rows, weight)))
    return [_choice(name, whole, drawn, numbers, level) for name in PICKS]


def _left(rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weights of the rows that a bootstrap sample left out."""
    out = weight.copy()
    out[rows] = 0.0
    return out


def _curves(
    x: np.ndarray,
    weight: np.ndarray,
    numbers: np.ndarray,
    reference: np.ndarray,
    key: Key,
    held: np.ndarray | None = None,
    held_weight: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """All criteria for all numbers of groups on one sample; the held-out likelihood on rows left out or halves."""
    groups = [
        k_means_learner(clusters=int(k), starts=3, standardize=False)(Dataset(x, weight=weight), key) for k in numbers
    ]
    within = np.array([np.log(max(fit.details["cost"], 1e-300)) for fit in groups])
    outline = [np.nan] + [_mean_silhouette(x, fit, weight) for fit in groups[1:]]
    mixtures = [_mixture(x, weight, int(k), key) for k in numbers]
    n = effective_count(weight)
    likelihood = np.array([fit.details["log_likelihood"] for fit in mixtures])
    free = np.array([parameters(int(k), x.shape[1], "full") for k in numbers])
    curves = {
        "gap": reference.mean(axis=0) - within,
        "gap error": reference.std(axis=0) * np.sqrt(1 + 1 / len(reference)),
        "silhouette": np.array(outline),
        "bic": -2 * n * likelihood + free * np.log(n),
    }
    if held is None:
        return curves | {"held-out likelihood": _held_out(x, weight, numbers, key)}
    fresh = held_weight > 0
    left = [fit.predictor.model.log_density(fit.predictor.preparation.apply(held[fresh])) for fit in mixtures]
    return curves | {"held-out likelihood": np.array([np.average(one, weights=held_weight[fresh]) for one in left])}


def _mean_silhouette(x: np.ndarray, fit: Fit, weight: np.ndarray) -> float:
    return mean_of(silhouettes(x, fit.predict(x), weight), weight).value


def _mixture(x: np.ndarray, weight: np.ndarray, clusters: int, key: Key) -> Fit:
    learner = mixture_learner(clusters=clusters, starts=1, standardize=False, floor=1e-4)
    return learner(Dataset(x, weight=weight), key)


def _held_out(x: np.ndarray, weight: np.ndarray, numbers: np.ndarray, key: Key, parts: int = 4) -> np.ndarray:
    part = generator(named(key, "parts")).permutation(len(x)) % parts
    found = np.zeros(len(numbers))
    for held in range(parts):
        out = part == held
        fits = [_mixture(x[~out], weight[~out], int(k), key) for k in numbers]
        scores = [fit.predictor.model.log_density(fit.predictor.preparation.apply(x[out])) for fit in fits]
        found += np.array([weight[out] @ score for score in scores])
    return found / weight.sum()


def _log_within(x: np.ndarray, weight: np.ndarray, clusters: int, key: Key) -> float:
    fit = k_means_learner(clusters=int(clusters), starts=1, standardize=False)(Dataset(x, weight=weight), key)
    return float(np.log(max(fit.details["cost"], 1e-300)))


def _even_samples(x: np.ndarray, weight: np.ndarray, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Samples that are even over the box of the data along its principal axes."""
    pca = PCA.of(x, weight)
    z = pca.transform(x)
    low, high = z.min(axis=0), z.max(axis=0)
    return [pca.restore(rng.uniform(low, high, size=z.shape)) for _ in range(count)]


def _pick_gap(curves: dict[str, np.ndarray]) -> int:
    gap, error = curves["gap"], curves["gap error"]
    best = int(np.argmax(gap))
    return int(np.flatnonzero(gap >= gap[best] - error[best])[0])


PICKS: dict[str, Callable[[dict[str, np.ndarray]], int]] = {
    "gap": _pick_gap,
    "silhouette": lambda curves: int(np.nanargmax(curves["silhouette"])),
    "bic": lambda curves: int(np.argmin(curves["bic"])),
    "held-out likelihood": lambda curves: int(np.argmax(curves["held-out likelihood"])),
}
"""How each criterion chooses from its curve: the position of the number."""


def _choice(
    name: str, whole: dict[str, np.ndarray], drawn: list[dict[str, np.ndarray]], numbers: np.ndarray, level: float
) -> Choice:
    pick = PICKS[name]
    chosen = float(numbers[pick(whole)])
    low, high = percentile_ends(np.array([numbers[pick(one)] for one in drawn], float), level)
    error = whole["gap error"] if name == "gap" else np.std([one[name] for one in drawn], axis=0)
    interval = Interval(chosen, min(low, chosen), max(high, chosen), level, f"{len(drawn)} bootstrap samples")
    return Choice(name, interval, numbers, whole[name], error)


def choose_components(
    x: np.ndarray, weight: np.ndarray, *, most: int = 12, parts: int = 4, level: float = ONE_SIGMA, key: Key
) -> Choice:
    r"""The number of principal components by the likelihood of rows that were held out, all else taken for even noise.

    The model is $N(\mu, A A^T + \sigma^2 1)$ with A along the first k axes (M. Tipping and C. Bishop, J. R. Stat. Soc.
    B 61 (1999) 611). The range is that of all k whose paired loss to the best one is less than its error.

    Raises:
        InputError: if there are too few rows for a single component.
    """
    most = min(most, x.shape[1] - 1, (len(x) * (parts - 1)) // parts - 1)
    if most < 1:
        raise InputError(f"choosing components needs at least two columns and a few rows, not {x.shape}")
    part = generator(key).permutation(len(x)) % parts
    rows = np.zeros((most, len(x)))
    for held in range(parts):
        out = part == held
        pca = PCA.of(x[~out], weight[~out])
        for k in range(1, most + 1):
            rows[k - 1, out] = _probabilistic(pca, k, x[out])
    means = [mean_of(one, weight) for one in rows]
    best = int(np.argmax([m.value for m in means]))
    losses = [mean_of(rows[best] - one, weight, level=level) for one in rows]
    near = [k + 1 for k, loss in enumerate(losses) if loss.value <= loss.error]
    chosen = Interval(
        best + 1.0, float(min([*near, best + 1])), float(max([*near, best + 1])), level, "paired held-out rows"
    )
    value, error = np.array([m.value for m in means]), np.array([m.error for m in means])
    return Choice("held-out likelihood", chosen, np.arange(1, most + 1), value, error)


def _probabilistic(pca: PCA, components: int, x: np.ndarray) -> np.ndarray:
    """Log density of probabilistic principal components, shape (rows,)."""
    columns = x.shape[1]
    variance = np.asarray(pca.variance)
    noise = max(float(pca.total - variance[:components].sum()) / (columns - components), 1e-12 * float(pca.total))
    z = (x - pca.mean) @ np.asarray(pca.axes)[:components].T
    inside = np.maximum(variance[:components], noise)
    rest = np.maximum(((x - pca.mean) ** 2).sum(axis=1) - (z**2).sum(axis=1), 0.0)
    size = np.log(inside).sum() + (columns - components) * np.log(noise) + columns * np.log(2 * np.pi)
    return -0.5 * (size + (z**2 / inside).sum(axis=1) + rest / noise)
