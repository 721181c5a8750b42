"""What is known exactly: infinite lattices, finite ones, densities of states, enumeration."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "density": ["density_of_states", "energy_distribution", "energy_levels"],
        "enumeration": ["Enumeration", "enumerate_states"],
        "infinite": [
            "CUBIC_TC",
            "XY_TC",
            "chain_energy",
            "critical_temperature",
            "onsager_energy",
            "onsager_specific_heat",
            "potts_critical_energy",
            "potts_critical_temperature",
            "spontaneous_magnetization",
            "triangular_critical_temperature",
            "triangular_energy",
        ],
        "kaufman": ["Thermal", "kaufman"],
        "posterior": ["EnergyPosterior"],
        "reference": ["Reference", "exact_energy", "transition"],
        "transfer": ["magnetization_distribution"],
    },
)
