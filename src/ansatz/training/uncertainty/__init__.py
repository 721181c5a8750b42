"""How sure a fit is: learners that wrap a learner and give bands, sets of classes, or right probabilities."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "calibrated": ["Calibrated", "MappedBand", "Recalibrated", "Rescaled", "Steps"],
        "conformal": ["ConformalBand", "CrossConformalBand", "CVPlus", "SplitConformal", "jackknife_plus"],
        "dropout": ["MonteCarloDropout", "Thinned"],
        "laplace": ["LaplaceBand", "LastLayerLaplace"],
        "members": ["Bootstrap", "Committee", "Ensemble", "Replicas", "settled"],
        "moments": ["GaussianBand", "Heteroscedastic"],
        "parts": ["Beside", "Widened"],
        "quantile": ["conformal_quantile"],
        "quantiles": ["ConformalizedQuantile", "ConformalQuantileBand", "QuantileBand", "QuantileRegression"],
        "sets": ["AdaptiveSets", "ConformalSets"],
        "spread": ["Spread"],
        "table": ["UNCERTAINTIES", "with_uncertainty"],
    },
)
