"""What makes a risk small: update rules by name, curvature, evolution; and where a function has its minima."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "evolution.cmaes": ["CMAES"],
        "descent": ["Rule"],
        "evolution.differential": ["DifferentialEvolution"],
        "evolution.genetic": ["GeneticAlgorithm"],
        "curvature.least_squares": ["GaussNewton", "LevenbergMarquardt", "NaturalGradient"],
        "minimize": ["minimize"],
        "minimum": ["Minimum"],
        "multistart": ["BasinHopping", "GridSearch", "RandomRestarts"],
        "curvature.newton": ["Newton"],
        "objective": ["BlackBox", "Composite", "LeastSquares"],
        "curvature.quasi_newton": ["BFGS", "LBFGS"],
        "recipes": ["RULES", "SCHEDULES", "Custom", "Recipe"],
        "evolution.search": ["Evolving"],
        "stationary": ["Stationary", "find_minima", "find_stationary"],
        "stochastic": ["BatchPath", "descend_in_batches", "expected_spread", "line_loss", "wandering_ends"],
        "stopping": ["Stop"],
        "table": ["EVOLUTIONARY", "SECOND_ORDER"],
    },
)
