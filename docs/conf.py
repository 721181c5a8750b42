"""How Sphinx builds these pages."""

import logging
import os
import sys
from importlib import metadata
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
for name in ("numexpr", "jax", "pyhf"):
    logging.getLogger(name).setLevel(logging.WARNING)

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "Ansatz"
author = "The Ansatz developers"
copyright = "the Ansatz developers"
release = metadata.version("ansatz-ml")
extensions = ["myst_parser", "sphinx.ext.mathjax", "chapters", "pictures"]
myst_enable_extensions = ["colon_fence", "dollarmath", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "_made/*.done", "gallery/README.md"]
html_theme = "furo"
html_title = "Ansatz"
html_show_sphinx = False
html_copy_source = False
suppress_warnings = ["myst.header"]
