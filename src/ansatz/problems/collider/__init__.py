"""Collisions: what an experiment counts, with the truth behind it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "dalitz": ["Dalitz"],
        "four_leptons": ["FourLeptons"],
        "hidden": ["HiddenResonance"],
        "decays": ["StrangeBeauty"],
        "resonance": ["Resonance"],
    },
)
