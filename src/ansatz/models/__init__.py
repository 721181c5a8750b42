"""Functions of one point with parameters that a fit may change: the hypothesis."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "activations": ["ACTIVATIONS", "activation"],
        "approximants": [
            "bending",
            "bending_points",
            "chebyshev_curve",
            "largest_error",
            "polynomial_curve",
            "relu_curve",
            "relu_sum",
        ],
        "autoencoder": [
            "AutoEncoder",
            "ConvolutionalAutoEncoder",
            "FieldDecoder",
            "FieldEncoder",
            "VariationalAutoEncoder",
        ],
        "backpropagation": ["Backpropagation", "GradientCheck", "backpropagate", "check_gradient"],
        "chain": ["Chain"],
        "convolution": [
            "PADDINGS",
            "POOLINGS",
            "SUMMARIES",
            "Convolution",
            "ConvolutionalNetwork",
            "Pooling",
            "convolution",
        ],
        "derivatives": ["DERIVATIVES", "derivative_of"],
        "directions": ["filter_normalized", "principal_directions", "values_on_plane"],
        "endpoints": ["Endpoints"],
        "energy.belief": ["DeepBelief"],
        "energy.hopfield": ["Hopfield"],
        "energy.normalized": ["Normalized"],
        "energy.rbm": ["RBM"],
        "fixed_integral": ["FixedIntegral"],
        "initializations": ["VARIANCES", "initialize"],
        "kernel_density": ["KernelDensity"],
        "kohonen": ["KohonenMap"],
        "linear": ["Linear", "linear"],
        "mixtures": ["GaussianMixture"],
        "mlp": ["MLP", "Dropout", "is_random"],
        "parameters": ["Frozen", "Function", "count_parameters", "partition"],
        "rivals": ["Rivals"],
        "signals": ["Signals", "expected_signals", "measured_signals"],
    },
)
