"""A mixture of Gaussians with a known density, and unusual events among them if wanted."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from scipy.special import logsumexp

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.references import MIXTURE
from ansatz.typing import Key


class _Law(NamedTuple):
    """A mixture of Gaussians: shares, means (parts, columns), roots of the covariances (parts, columns, columns)."""

    share: np.ndarray
    mean: np.ndarray
    root: np.ndarray

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        which = rng.choice(len(self.share), size=n, p=self.share)
        return self.mean[which] + np.einsum("nij,nj->ni", self.root[which], rng.normal(size=(n, self.mean.shape[1])))

    def log_density(self, x: np.ndarray) -> np.ndarray:
        parts = []
        for share, mean, root in zip(self.share, self.mean, self.root, strict=True):
            pull = np.linalg.solve(root, (x - mean).T)
            size = np.log(np.diag(root)).sum() + 0.5 * len(mean) * np.log(2 * np.pi)
            parts.append(np.log(share) - size - (pull**2).sum(axis=0) / 2)
        return logsumexp(parts, axis=0)


@dataclasses.dataclass(frozen=True)
class Clumps:
    r"""Events from a mixture of Gaussians whose density is known exactly, some of them unusual if wanted.

    $p(x) = (1 - r) \sum_k \pi_k N(x; \mu_k, L_k L_k^T) + r\, q(x)$. The observer `log density` is $\ln p(x)$ of each
    event, which no method sees; with unusual events, `log likelihood ratio` is $\ln q(x) / \sum_k \pi_k N_k(x)$, by
    Neyman and Pearson the best score that there is.

    Attributes:
        dimensions: number of columns.
        clumps: number of Gaussians; their places do not depend on the seed of a study.
        unusual: r, expected part of unusual events; 0 for none, and no target.
        kind: q, "broad" (a Gaussian around everything, one and a half times as wide: outliers) or "narrow" (a small
            clump among the others, which no density alone can tell from them: an excess).

    Raises:
        InputError: if a number is out of range.

    Example:
        >>> import jax
        >>> data = Clumps(unusual=0.1).draw(jax.random.key(0), 50)
        >>> data.columns, data.classes, tuple(data.observers)
        (('x1', 'x2'), ('ordinary', 'unusual'), ('log density', 'log likelihood ratio'))
    """

    dimensions: int = 2
    clumps: int = 3
    unusual: float = 0.0
    kind: Literal["broad", "narrow"] = "broad"

    events: ClassVar[int] = 3000
    citations: ClassVar[tuple[str, ...]] = (MIXTURE,)

    def __post_init__(self) -> None:
        if self.dimensions < 1 or self.clumps < 1:
            raise InputError(
                f"clumps: needs dimensions and clumps from one on, not {self.dimensions} and {self.clumps}"
            )
        if not 0 <= self.unusual < 1:
            raise InputError(f"clumps: unusual is a part of the events, zero or more and below 1, not {self.unusual}")
        if self.kind not in ("broad", "narrow"):
            raise InputError(f"clumps: kind is 'broad' or 'narrow', not '{self.kind}'")

    @property
    def task(self) -> str:
        """`"classification"` with unusual events, else `"none"`."""
        return "classification" if self.unusual else "none"

    @cached_property
    def ordinary(self) -> _Law:
        """The law of ordinary events."""
        rng = np.random.default_rng([self.dimensions, self.clumps])
        d, k = self.dimensions, self.clumps
        mean = rng.normal(size=(k, d)) * 3.0
        turn = np.linalg.qr(rng.normal(size=(k, d, d)))[0]
        size = rng.uniform(0.3, 1.3, size=(k, d))
        root = np.linalg.cholesky(np.einsum("kij,kj,klj->kil", turn, size**2, turn))
        share = np.arange(k, 0, -1.0)
        return _Law(share / share.sum(), mean, root)

    @cached_property
    def other(self) -> _Law:
        """The law of unusual events."""
        law, unit = self.ordinary, np.eye(self.dimensions)
        middle = law.share @ law.mean
        wide = np.sqrt(law.share @ ((law.mean - middle) ** 2) + law.share @ (law.root**2).sum(axis=2))
        if self.kind == "broad":
            return _Law(np.ones(1), middle[None], np.diag(1.5 * wide)[None])
        return _Law(np.ones(1), (law.mean[0] + 1.2 * law.root[0].sum(axis=1))[None], 0.3 * unit[None])

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` events."""
        rng = generator(key)
        odd = rng.random(n) < self.unusual
        x = np.where(odd[:, None], self.other.draw(rng, n), self.ordinary.draw(rng, n))
        usual, unusual = self.ordinary.log_density(x), self.other.log_density(x)
        shares = np.array([1 - self.unusual, max(self.unusual, 1e-300)])
        both = logsumexp(np.stack([usual, unusual], axis=1), axis=1, b=shares) if self.unusual else usual
        columns = tuple(f"x{i + 1}" for i in range(self.dimensions))
        if not self.unusual:
            return Dataset(x, columns=columns, observers={"log density": both}, name="clumps")
        return Dataset(
            x,
            y=odd.astype(int),
            columns=columns,
            target=("kind",),
            classes=("ordinary", "unusual"),
            observers={"log density": both, "log likelihood ratio": unusual - usual},
            name="clumps",
        )
