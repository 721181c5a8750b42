"""Scans over hyperparameters: a space, a strategy, a reward; what mattered, and how far to believe the best setting."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "ranges": ["Integer", "Log", "OneOf", "Range", "Uniform", "range_of"],
        "space": ["Setting", "Space"],
        "trials": ["Trial", "read_trials", "write_trials"],
        "strategies": ["Ask", "Grid", "QuasiRandom", "Random", "STRATEGIES", "Strategy", "Halving"],
        "tpe": ["TPE"],
        "running": ["Scan", "default_reward", "scan"],
        "importance": ["ChoiceImportance", "Importances", "importance_of_choices"],
        "forest": ["Shares", "variance_shares"],
        "selection": ["Nested", "Selection", "nested_scan", "optimism", "select"],
    },
)
