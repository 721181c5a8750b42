"""From events to statements: significances, fits of mass peaks, sWeights, and likelihoods of histograms."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "significance": [
            "SIGNIFICANCES",
            "ams",
            "asimov",
            "discovery",
            "formula_named",
            "p_value",
            "sigmas",
            "significance_named",
        ],
        "bumps": ["BumpHunt", "bump_hunt"],
        "cwola": ["cwola"],
        "cuts": ["CutScan", "scan_cuts"],
        "reweighting": [
            "Bins",
            "BoostedTrees",
            "Classifier",
            "Reweighted",
            "closure",
            "overlap",
            "reweight",
        ],
        "templates": ["TemplateFit", "fit_templates"],
        "shapes": ["BACKGROUNDS", "SIGNALS", "Shape"],
        "peaks": ["PeakFit", "fit_peak"],
        "replicas": ["poisson_counts", "replicated_sums"],
        "shape": ["shape_edges", "shape_significance"],
        "working_point": ["WorkingPoint", "working_point"],
        "splot": ["Independence", "SWeights", "independence", "sweights", "sweights_of"],
        "sweighted": ["area_by_sweights", "labelled_by_sweights", "scored_by_sweights"],
        "workspace": [
            "workspace",
            "Channel",
            "Limits",
            "Systematic",
            "Template",
            "goodness",
            "limits",
            "read_workspace",
            "write_workspace",
        ],
    },
)
