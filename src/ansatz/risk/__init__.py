"""What is made small: losses of one point, their expectation, and penalties; risks add."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "algebra": ["Risk", "Scaled", "Sum", "Whole", "settled", "total", "wholes"],
        "constraints": ["MomentumSumRule", "Positivity", "SumRule", "unit_quadrature"],
        "contrastive": ["ChainLikelihood", "ContrastiveDivergence", "PseudoLikelihood"],
        "covariance": ["Errors", "checked_covariance", "checked_deviations", "errors_of"],
        "discovery": ["Discovery"],
        "decorrelation": ["Adversary", "DistanceCorrelation", "distance_correlation", "observers_of"],
        "expected": ["Expected"],
        "functional": ["Chi2", "Convolution", "Observable", "Pointwise", "Whitened"],
        "generative": ["EvidenceBound", "NegativeLogLikelihood"],
        "likelihood": ["GaussianLikelihood", "Pinball"],
        "losses": [
            "LOSSES",
            "absolute_error",
            "cross_entropy",
            "hinge",
            "huber",
            "loss_named",
            "poisson",
            "softmax_cross_entropy",
            "squared_error",
            "zero_one",
        ],
        "regularizers": ["L1", "L2", "Smoothness", "elastic_net"],
        "squares": ["Composed", "composed", "residuals", "unsquared"],
    },
)
