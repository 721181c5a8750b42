"""What other programs read: models as ONNX and XGBoost files, histograms and predictions as ROOT files."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "onnx_model": ["Agreement", "agreement", "to_onnx"],
        "xgboost_model": ["to_xgboost"],
        "histograms": ["write_histograms"],
        "tables": ["write_table"],
    },
)
