"""Studies: one file that names data, models and what to report; checked, run, recorded, and read again."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "catalogue": ["find_study", "shipped"],
        "check": ["Plan", "check_study"],
        "directory": ["RunDirectory", "open_run"],
        "execution.run": ["run_study"],
        "schema.study": ["Study", "load_study", "parse_study"],
    },
)
