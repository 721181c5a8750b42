"""`cite(anything)`: BibTeX of the methods that a model, a fit or a name stands for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from ansatz.citations.judging import JUDGING
from ansatz.citations.learning import LEARNING

SOFTWARE = {
    "jax": (
        "software",
        "James Bradbury and others",
        "JAX: composable transformations of Python+NumPy programs",
        "2018",
        "howpublished = {github.com/jax-ml/jax}",
    ),
    "equinox": (
        "article",
        "Patrick Kidger and Cristian Garcia",
        "Equinox: neural networks in JAX via callable PyTrees and filtered transformations",
        "2021",
        "eprint = {2111.00254}, archiveprefix = {arXiv}",
    ),
    "optax": (
        "software",
        "DeepMind and others",
        "The DeepMind JAX Ecosystem",
        "2020",
        "howpublished = {github.com/google-deepmind}",
    ),
    "scikit-learn": (
        "article",
        "Fabian Pedregosa and others",
        "Scikit-learn: Machine Learning in Python",
        "2011",
        "journal = {Journal of Machine Learning Research}, volume = {12}, pages = {2825}",
    ),
}
"""Libraries behind the methods: kind, authors, title, year, and further BibTeX fields."""

METHODS = {**LEARNING, **JUDGING}
"""Methods by the name that a study gives them: kind, authors, title, year, and further BibTeX fields."""

IMPLIES = {
    "mlp": ("backpropagation", "jax", "equinox", "optax"),
    "linear-descent": ("jax", "equinox", "optax"),
    "Architecture": ("backpropagation", "jax", "equinox"),
    "Network": ("jax", "equinox"),
    "Recipe": ("optax",),
    "MLP": ("backpropagation", "equinox", "jax"),
    "Dropout": ("dropout",),
    "Estimator": ("scikit-learn",),
    "SklearnLearner": ("scikit-learn",),
    "Replicas": ("replicas",),
    "Ensemble": ("ensemble",),
    "Bootstrap": ("bootstrap",),
    "SplitConformal": ("split-conformal",),
    "CVPlus": ("cv-plus",),
    "QuantileRegression": ("quantiles",),
    "ConformalizedQuantile": ("conformalized-quantile", "quantiles"),
    "Heteroscedastic": ("heteroscedastic",),
    "MonteCarloDropout": ("mc-dropout",),
    "LastLayerLaplace": ("laplace",),
    "ConformalSets": ("conformal-sets",),
    "RandomFeatures": ("random-features",),
    "Extraction": ("replicas", "jax", "equinox", "optax"),
}
"""What else is used where a name or a type is."""


def cite(*things: object) -> str:
    """BibTeX of what was used: names of methods, learners, fits, or collections of them.

    Example:
        >>> print(cite("ridge"))
        @article{ridge,
          author = {Arthur E. Hoerl and Robert W. Kennard},
          title = {Ridge Regression: Biased Estimation for Nonorthogonal Problems},
          year = {1970},
          journal = {Technometrics}, volume = {12}, pages = {55},
        }
    """
    return "\n\n".join(entries(*things))


def entries(*things: object) -> list[str]:
    """The BibTeX entries one by one, each once, in alphabetical order of their keys."""
    known = SOFTWARE | METHODS
    found = set()
    for word in _words(things, 0):
        found |= {name for name in (word, *IMPLIES.get(word, ())) if name in known}
    return [_entry(name, *known[name]) for name in sorted(found)]


def _entry(name: str, kind: str, author: str, title: str, year: str, more: str) -> str:
    fields = (f"author = {{{author}}}", f"title = {{{title}}}", f"year = {{{year}}}", more)
    return f"@{kind}{{{name},\n" + "".join(f"  {field},\n" for field in fields) + "}"


def _words(thing: object, depth: int) -> Iterator[str]:
    """Names of types and short texts in a record and what it holds."""
    if depth > 8 or thing is None:
        return
    if isinstance(thing, str):
        yield thing
        return
    if isinstance(thing, Mapping):
        thing = [*thing.keys(), *thing.values()]
    if isinstance(thing, list | tuple | set | frozenset):
        for part in thing:
            yield from _words(part, depth + 1)
        return
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        yield type(thing).__name__
        for field in dataclasses.fields(thing):
            if field.name != "tasks":
                yield from _words(getattr(thing, field.name), depth + 1)
