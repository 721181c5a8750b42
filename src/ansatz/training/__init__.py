"""From a model, a risk and a source to a fitted model: `fit`, populations and learners."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "classical.estimator": ["Estimator"],
        "closed_form": ["ClosedForm"],
        "evolution_learner": ["Evolution"],
        "extraction": ["Extraction", "PartonDensity", "predicted"],
        "fit": ["Progress", "fit"],
        "learners": ["Descent", "Learner", "hold_out"],
        "outcome": ["NonFiniteRisk"],
        "population": ["Population", "replicas"],
        "prediction": ["Network"],
        "random_features": ["RandomFeatures"],
        "recipes": ["NETWORKS", "linear_descent", "mlp"],
        "result": ["Fit", "Predictor"],
        "store": ["load_fit", "save_fit"],
        "uncertainty.calibrated": ["Calibrated", "MappedBand", "Recalibrated", "Rescaled", "Steps"],
        "uncertainty.conformal": ["ConformalBand", "CrossConformalBand", "CVPlus", "SplitConformal", "jackknife_plus"],
        "uncertainty.dropout": ["MonteCarloDropout", "Thinned"],
        "uncertainty.laplace": ["LaplaceBand", "LastLayerLaplace"],
        "uncertainty.members": ["Bootstrap", "Committee", "Ensemble", "Replicas"],
        "uncertainty.moments": ["GaussianBand", "Heteroscedastic"],
        "uncertainty.parts": ["Beside", "Widened"],
        "uncertainty.quantiles": [
            "ConformalizedQuantile",
            "ConformalQuantileBand",
            "QuantileBand",
            "QuantileRegression",
        ],
        "uncertainty.sets": ["AdaptiveSets", "ConformalSets"],
        "uncertainty.spread": ["Spread"],
        "uncertainty.table": ["UNCERTAINTIES", "with_uncertainty"],
    },
)
