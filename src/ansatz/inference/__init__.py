"""From events to statements: significances, fits of mass peaks, sWeights, and likelihoods of histograms."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "significance": ["SIGNIFICANCES", "ams", "asimov", "discovery", "p_value", "sigmas", "significance_named"],
        "cuts": ["CutScan", "scan_cuts"],
        "templates": ["TemplateFit", "fit_templates"],
        "shapes": ["BACKGROUNDS", "SIGNALS", "Shape"],
        "peaks": ["PeakFit", "fit_peak"],
        "splot": ["Independence", "SWeights", "independence", "sweights", "sweights_of"],
        "workspace": [
            "workspace",
            "Channel",
            "Limits",
            "Systematic",
            "Template",
            "limits",
            "read_workspace",
            "write_workspace",
        ],
    },
)
