"""What makes a risk small: update rules by name, with schedules and weight decay."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={"recipes": ["RULES", "SCHEDULES", "Custom", "Recipe"]},
)
