"""The type checker that jaxtyping applies to the annotations of the package while the tests run."""

from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))
