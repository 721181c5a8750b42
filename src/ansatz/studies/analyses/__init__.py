"""Analyses: what a study finds out besides comparing models; each takes rows or nothing, and gives findings."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "findings": ["Analysis", "Bench", "Findings", "Number", "Sample"],
        "table": ["ANALYSES", "TASKS", "analysis_named", "task_named"],
    },
)
