"""Optimizers by name, beside the first-order `RULES`: for study files."""

from collections.abc import Callable

from ansatz.optimizers.cmaes import CMAES
from ansatz.optimizers.descent import Rule
from ansatz.optimizers.differential import DifferentialEvolution
from ansatz.optimizers.genetic import GeneticAlgorithm
from ansatz.optimizers.least_squares import GaussNewton, LevenbergMarquardt, NaturalGradient
from ansatz.optimizers.newton import Newton
from ansatz.optimizers.quasi_newton import BFGS, LBFGS
from ansatz.optimizers.search import Evolving

SECOND_ORDER: dict[str, Callable[[], Rule]] = {
    "newton": lambda: Newton("trust"),
    "newton-line": lambda: Newton("line"),
    "gauss-newton": GaussNewton,
    "levenberg-marquardt": LevenbergMarquardt,
    "natural-gradient": NaturalGradient,
    "bfgs": BFGS,
    "l-bfgs": LBFGS,
}
"""Name of each rule that knows the curvature."""

EVOLUTIONARY: dict[str, Callable[[], Evolving]] = {
    "cma-es": lambda: CMAES(sigma=0.5),
    "separable-cma-es": lambda: CMAES(sigma=0.5, separable=True),
    "differential-evolution": DifferentialEvolution,
    "genetic-algorithm": GeneticAlgorithm,
}
"""Name of each search by generations, with a first width that suits the weights of a network."""
