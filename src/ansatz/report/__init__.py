"""The report: figures with their numbers, and one self-contained page that opens with "Can I believe this?"."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["figures"],
    submod_attrs={
        "picture": ["Picture", "to_csv", "to_svg"],
        "writing": ["sections_of", "write_figures", "write_report"],
        "story": ["Story", "open_story"],
    },
)
