"""What makes a risk small: update rules by name, curvature, evolution; and where a function has its minima."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "cmaes": ["CMAES"],
        "descent": ["Rule"],
        "differential": ["DifferentialEvolution"],
        "genetic": ["GeneticAlgorithm"],
        "least_squares": ["GaussNewton", "LevenbergMarquardt", "NaturalGradient"],
        "minimize": ["minimize"],
        "minimum": ["Minimum"],
        "multistart": ["BasinHopping", "GridSearch", "RandomRestarts"],
        "newton": ["Newton"],
        "objective": ["BlackBox", "Composite", "LeastSquares"],
        "quasi_newton": ["BFGS", "LBFGS"],
        "recipes": ["RULES", "SCHEDULES", "Custom", "Recipe"],
        "search": ["Evolving"],
        "stationary": ["Stationary", "find_minima", "find_stationary"],
        "stochastic": ["BatchPath", "descend_in_batches", "expected_spread", "line_loss", "wandering_ends"],
        "stopping": ["Stop"],
        "table": ["EVOLUTIONARY", "SECOND_ORDER"],
    },
)
