"""Optimizers by name, beside the first-order `RULES`: for study files."""

from collections.abc import Callable

from ansatz.optimizers.curvature.least_squares import GaussNewton, LevenbergMarquardt, NaturalGradient
from ansatz.optimizers.curvature.newton import Newton
from ansatz.optimizers.curvature.quasi_newton import BFGS, LBFGS
from ansatz.optimizers.descent import Rule
from ansatz.optimizers.evolution.cmaes import CMAES
from ansatz.optimizers.evolution.differential import DifferentialEvolution
from ansatz.optimizers.evolution.genetic import GeneticAlgorithm
from ansatz.optimizers.evolution.search import Evolving

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
