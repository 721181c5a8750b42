"""One module a file format: each opens a table, tells its columns, and reads the wanted ones piece by piece."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "sources": ["File", "Part", "open_source"],
        "tablefile": ["ColumnInfo", "TableFile"],
    },
)
