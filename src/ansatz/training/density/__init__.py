"""Learning a distribution: densities, Boltzmann machines, maps, and scores of how unusual an event is."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules={"references"},
    submod_attrs={
        "belief": ["Stacked"],
        "boltzmann": ["METHODS", "Boltzmann", "boltzmann", "moment_pulls"],
        "prediction": ["Density"],
        "states": ["TwoValued", "two_valued"],
    },
)
