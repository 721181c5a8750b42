"""Sources that know their truth: what the best possible answer is, in which units, and who says so."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "blobs": ["Blobs"],
        "clumps": ["Clumps"],
        "catalogue": ["PROBLEMS", "Problem"],
        "digits": ["Digits"],
        "partons.dis": ["read_bcdms", "read_gluon", "read_hera"],
        "gaussians": ["Gaussians"],
        "partons.gluon": ["Gluon", "scaling_violation", "scaling_violation_table"],
        "landscapes": ["LANDSCAPES", "Landscape", "StationaryPoint", "bowl", "landscape", "regression_bowl"],
        "lattice.sources": ["IsingStates", "Phi4States", "PottsStates", "XYStates"],
        "manifolds": ["Manifold"],
        "polynomial": ["NoisyPolynomial"],
        "residuals": ["RESIDUALS", "residuals_of"],
        "potatoes": ["Potatoes"],
        "collider.resonance": ["Resonance"],
        "teacher": ["Teacher"],
        "xnor": ["Xnor"],
    },
)
