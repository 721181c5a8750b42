"""Models of matter on lattices: samplers, observables with errors, and the exact answers beside them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules={"exact", "sampling"},
    submod_attrs={
        "drawing": ["LatticeStates", "dataset"],
        "estimates": ["Autocorrelation", "Estimate", "autocorrelation", "blocks", "jackknife"],
        "fields": ["XY", "Phi4"],
        "judging.generated": ["Check", "GeneratedReport", "check_generated"],
        "geometry": ["LATTICES", "Lattice", "chain", "cubic", "lattice_named", "square", "triangular"],
        "models": ["Ising", "Model", "Potts", "energy"],
        "observables": ["Observables", "correlation_length", "observe"],
        "judging.quality": ["EnergyTest", "combined_p_value", "energy_tests"],
        "judging.inspection": ["StateReport", "inspect_states"],
        "judging.similarity": ["Memorization", "StateTest", "memorization", "state_test"],
        "sampling.chains": ["Chains", "simulate"],
        "sampling.checkerboard": ["Checkerboard"],
        "sampling.clusters": ["Clusters"],
        "sampling.flood": ["Flood"],
        "sampling.methods": ["METHODS", "kernel_named"],
        "sampling.mixture": ["Alternating"],
        "sampling.multispin": ["Multispin"],
        "scaling": ["Collapse", "CriticalPoint", "Crossing", "Curve", "binder_curve", "collapse", "crossings"],
        "sources": ["IsingStates", "Phi4States", "PottsStates", "XYStates"],
        "statefiles": ["read_states"],
    },
)
