"""Distributions given by an energy: Boltzmann machines, their chains and partition functions; Hopfield's network."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "annealing": ["LogZ", "annealed_log_z"],
        "belief": ["DeepBelief"],
        "chains": ["advance", "between", "exchange_rates", "ladder", "reference", "run_chains", "start", "tempered"],
        "enumeration": ["LARGEST", "enumerable", "log_z"],
        "hopfield": ["Hopfield", "mean_field_overlap"],
        "normalized": ["Normalized"],
        "rbm": ["RBM", "rbm", "recoded"],
        "translated": ["TranslatedRBM", "translated"],
        "units": ["UNITS", "log_partition", "mean", "probability_up"],
    },
)
