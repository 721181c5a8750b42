"""Functions of one point with parameters that a fit may change: the hypothesis."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "networks.activations": ["ACTIVATIONS", "activation"],
        "approximants": [
            "bending",
            "bending_points",
            "chebyshev_curve",
            "largest_error",
            "polynomial_curve",
            "relu_curve",
            "relu_sum",
        ],
        "networks.autoencoder": [
            "AutoEncoder",
            "ConvolutionalAutoEncoder",
            "FieldDecoder",
            "FieldEncoder",
            "VariationalAutoEncoder",
        ],
        "anatomy.backpropagation": ["Backpropagation", "GradientCheck", "backpropagate", "check_gradient"],
        "chain": ["Chain"],
        "networks.convolution": [
            "PADDINGS",
            "POOLINGS",
            "SUMMARIES",
            "Convolution",
            "ConvolutionalNetwork",
            "Pooling",
            "convolution",
        ],
        "anatomy.derivatives": ["DERIVATIVES", "derivative_of"],
        "anatomy.directions": ["filter_normalized", "principal_directions", "values_on_plane"],
        "endpoints": ["Endpoints"],
        "energy.belief": ["DeepBelief"],
        "energy.hopfield": ["Hopfield"],
        "energy.normalized": ["Normalized"],
        "energy.rbm": ["RBM"],
        "fixed_integral": ["FixedIntegral"],
        "networks.initializations": ["VARIANCES", "initialize"],
        "kernel_density": ["KernelDensity"],
        "linear": ["Linear", "linear"],
        "mixtures": ["GaussianMixture"],
        "networks.mlp": ["MLP", "Dropout"],
        "parameters": ["Frozen", "Function", "Random", "count_parameters", "evaluate", "is_random", "partition"],
        "rivals": ["Rivals"],
        "anatomy.signals": ["Signals", "expected_signals", "measured_signals"],
    },
)
