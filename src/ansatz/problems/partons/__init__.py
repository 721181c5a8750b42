"""What is inside the proton: pseudo-data of its gluon, and files of what was measured."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "dis": ["read_bcdms", "read_gluon", "read_hera"],
        "gluon": ["Gluon", "scaling_violation", "scaling_violation_table"],
    },
)
