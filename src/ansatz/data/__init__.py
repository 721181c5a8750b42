"""Where learning starts: events from files and simulators, with weights, cuts, splits and a description."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "cuts.cutflows": ["Cutflow", "cutflow"],
        "dataset": ["Batch", "Dataset", "Source", "concatenate", "unit_mean"],
        "description": ["describe", "describe_column", "describe_weights", "fingerprint"],
        "duplicates": ["duplicates_across"],
        "cuts.expression": ["Expression"],
        "cuts.momenta": ["invariants"],
        "loading": ["Loaded", "load", "load_recorded", "read"],
        "missing": ["Missing"],
        "readers.sources": ["File", "open_source"],
        "roles": ["Roles"],
        "samples.mixing": ["Mixture", "load_samples"],
        "samples.process": ["Process", "Variation"],
        "cuts.selection": ["Selection"],
        "splits": ["folds", "split", "split_rows"],
        "statistics": ["effective_size", "medians"],
        "table": ["Table"],
    },
)
