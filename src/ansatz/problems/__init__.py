"""Sources that know their truth: what the best possible answer is, in which units, and who says so."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "catalogue": ["PROBLEMS", "Problem"],
        "digits": ["Digits"],
        "gaussians": ["Gaussians"],
        "landscapes": ["LANDSCAPES", "Landscape", "StationaryPoint", "bowl", "landscape", "regression_bowl"],
        "polynomial": ["NoisyPolynomial"],
        "resonance": ["Resonance"],
        "xnor": ["Xnor"],
    },
)
