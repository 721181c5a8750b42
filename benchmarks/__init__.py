"""How fast and how good: this package beside its peers, in one run.

`python -m benchmarks` prints every table, `python -m benchmarks training` one. See README.md.
"""
