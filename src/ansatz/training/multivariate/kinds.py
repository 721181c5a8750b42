"""Constructors of these methods, whose keyword arguments are what a study file may say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ansatz.errors import InputError
from ansatz.training.classical.adapter import CLASSIFICATION, Job, SklearnLearner
from ansatz.training.classical.options import at_least, choice
from ansatz.training.classical.reading import Reading


def rectangular_cuts(
    *,
    search: Literal["grid", "genetic"] = "grid",
    steps: int = 20,
    grid: int = 64,
    generations: int = 30,
) -> SklearnLearner:
    r"""Optimized rectangular cuts: for each signal efficiency the box with least background; weights of either sign.

    Walls stand on quantiles of the columns. From each box to the next, tighter one, either the wall goes first that
    removes most background for the signal that it costs, or a genetic algorithm moves all walls at once. The score of
    an event says how tight a box it still lies in, so the method has a ROC curve.

    Args:
        search: "grid", or "genetic" (slower; seldom better).
        steps: boxes, with equal steps in the signal efficiency.
        grid: places along each column where walls may stand.
        generations: of the genetic algorithm, for each box.

    Source: A. Hoecker et al., TMVA users guide, arXiv:physics/0703039, section 8.1; J. Friedman and N. Fisher, Stat.
    Comput. 9 (1999) 123, for the walls that move inward.

    Example:
        >>> import jax, numpy as np
        >>> from ansatz.data import Dataset
        >>> x = np.random.default_rng(0).uniform(-1, 1, (2000, 2))
        >>> data = Dataset(x, y=(np.abs(x).max(axis=1) < 0.5).astype(int), classes=("b", "s"))
        >>> bool((rectangular_cuts()(data, jax.random.key(0)).predict(x) == data.y).mean() > 0.98)
        True
    """
    choice("search", search, ["grid", "genetic"])
    at_least(2, {"steps": steps, "grid": grid})
    at_least(1, {"generations": generations})

    def make(job: Job) -> Any:
        from ansatz.training.multivariate.boxes import Boxes

        _two(job, "rectangular-cuts")
        return Boxes(search=search, steps=steps, grid=grid, generations=generations, seed=job.seed)

    return SklearnLearner(
        make, "rectangular-cuts", tasks=CLASSIFICATION, link="score", negative_weights=True, read=_boxes
    )


def projective_likelihood(*, bins: int = 40, smoothing: float = 1.0) -> SklearnLearner:
    r"""Projective likelihood: each class a product of one-dimensional densities; weights of either sign.

    $p(k \mid x) \propto \pi_k \prod_j p_{kj}(x_j)$; each density is a histogram in bins of equal content, smoothed by a
    Gaussian. The best test if the columns are independent within each class; decorrelate them first if they are not
    (`transform = "decorrelated"`).

    Args:
        bins: in each column.
        smoothing: width in bins of the Gaussian that smooths the histograms; 0 for none.

    Source: A. Hoecker et al., TMVA users guide, arXiv:physics/0703039, section 8.2.
    """
    at_least(2, {"bins": bins})
    at_least(0, {"smoothing": smoothing})

    def make(_: Job) -> Any:
        from ansatz.training.multivariate.likelihood import ProjectiveLikelihood

        return ProjectiveLikelihood(bins=bins, smoothing=smoothing)

    return SklearnLearner(make, "projective-likelihood", tasks=CLASSIFICATION, negative_weights=True)


def h_matrix() -> SklearnLearner:
    r"""H-matrix: $(\chi_b^2 - \chi_s^2) / (\chi_b^2 + \chi_s^2)$, each from the class's own mean and covariance.

    Weights of either sign. It can do less than "qda", which uses the same numbers as Bayes would.

    Source: A. Hoecker et al., TMVA users guide, arXiv:physics/0703039, section 8.6.
    """

    def make(job: Job) -> Any:
        from ansatz.training.multivariate.discriminants import HMatrix

        _two(job, "h-matrix")
        return HMatrix()

    return SklearnLearner(make, "h-matrix", tasks=CLASSIFICATION, link="score", negative_weights=True, scale=True)


def pde_range_search(
    *, events: int = 100, kernel: Literal["box", "teepee", "gauss"] = "teepee", rows: int | None = None
) -> SklearnLearner:
    r"""PDE range search: class shares of the training events in a box around the event; weights of either sign.

    The box is a cube in standardized columns that grows until it holds `events` distinct training events, found by a
    k-d tree. For few columns: the volume that holds them grows fast with the dimension.

    Args:
        events: in the box.
        kernel: how much an event counts: the same everywhere ("box"), falling to the walls ("teepee"), or a Gaussian of
            half the width ("gauss").
        rows: most training rows that are searched; None for all.

    Source: T. Carli and B. Koblitz, Nucl. Instrum. Meth. A501 (2003) 576, arXiv:hep-ex/0211019.
    """
    choice("kernel", kernel, ["box", "teepee", "gauss"])
    at_least(1, {"events": events, "rows": rows})

    def make(_: Job) -> Any:
        from ansatz.training.multivariate.range_search import RangeSearch

        return RangeSearch(events=events, kernel=kernel)

    return SklearnLearner(
        make,
        "pde-range-search",
        tasks=CLASSIFICATION,
        negative_weights=True,
        cautious=True,
        scale=True,
        rows=rows,
    )


def pde_neighbors(*, neighbors: int = 30, rows: int | None = None) -> SklearnLearner:
    r"""Density of each class from its own nearest events, $p_k = \sum w_j / V_k$ over them; weights of either sign.

    Unlike "knn", which counts classes among common neighbors, the volume that the nearest events of each class fill is
    compared.

    Args:
        neighbors: distinct events of each class.
        rows: most training rows that are searched; None for all.

    Source: D. Loftsgaarden and C. Quesenberry, Ann. Math. Stat. 36 (1965) 1049.
    """
    at_least(2, {"neighbors": neighbors})
    at_least(1, {"rows": rows})

    def make(_: Job) -> Any:
        from ansatz.training.multivariate.range_search import NeighborDensity

        return NeighborDensity(neighbors=neighbors)

    return SklearnLearner(
        make, "pde-neighbors", tasks=CLASSIFICATION, negative_weights=True, cautious=True, scale=True, rows=rows
    )


def _two(job: Job, name: str) -> None:
    if job.outputs != 2:
        raise InputError(f"'{name}' tells two classes apart, but there are {job.outputs}; leave it out")


def _boxes(reading: Reading) -> dict[str, Any]:
    """Every box: its walls, and what it keeps of signal and background."""
    method = reading.method
    return {
        "columns": list(reading.names),
        "low": method.walls_[:, 0].tolist(),
        "high": method.walls_[:, 1].tolist(),
        "efficiency": method.efficiency_.tolist(),
        "background": method.background_.tolist(),
    }


MULTIVARIATE: dict[str, Callable[..., SklearnLearner]] = {
    "rectangular-cuts": rectangular_cuts,
    "projective-likelihood": projective_likelihood,
    "h-matrix": h_matrix,
    "pde-range-search": pde_range_search,
    "pde-neighbors": pde_neighbors,
}
"""Name of each constructor, for study files."""
