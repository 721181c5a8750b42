"""The analysis `hopfield`: overlaps and capacity beside the mean field, and what is refused."""

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.report.analyses.memory import draw
from ansatz.studies.analyses.findings import Bench, Findings
from ansatz.studies.analyses.lattice.hopfield import CAPACITY, AssociativeMemory, capacities


def test_the_capacity_of_made_up_recalls_is_found():
    """Half of the patterns lost at .14 + 2 N^(-2/3): the extrapolation gives .14 back."""
    sizes, loads = np.array([100, 400, 1600]), np.linspace(0.1, 0.3, 81)
    half = 0.14 + 2.0 * sizes ** (-2 / 3)
    overlaps = [np.where(loads[:, None, None] < at, 1.0, 0.3) * np.ones((81, 3, 4)) for at in half]
    found = capacities(sizes, loads, overlaps, np.random.default_rng(0))
    np.testing.assert_allclose(found.half, half, atol=0.003)
    assert abs(found.infinite.value - 0.14) < 0.003


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": [800]}, "two or more rising numbers"),
        ({"loads": [0.2, 0.1]}, "loads: expected rising numbers"),
        ({"loads": [0.15, 0.2]}, "must enclose the capacity 0.138"),
        ({"below": [0.2]}, "lie below it"),
        ({"networks": 1}, "at least 2"),
    ],
)
def test_what_cannot_be_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        AssociativeMemory(**options)


def test_a_small_network_recalls_as_theory_says(tmp_path):
    """Overlaps below capacity within 4 sigma or .3 % of the mean field, every end a minimum; and its figures."""
    options = {"sizes": [60, 120], "loads": [0.1, 0.2, 0.5], "below": [0.03], "basins": [0.05]}
    found = AssociativeMemory(**options, networks=3, recalls=6)(None, Bench(tmp_path), jax.random.key(0))
    marks = {belief.name: belief.mark for belief in found.beliefs}
    assert {marks[name] for name in ("Mean field", "Projection", "Energies")} == {"green"}
    [gallery] = draw(Findings.from_piece(found.piece()))
    assert [picture.name for picture in gallery.pictures] == ["hopfield-recall", "hopfield-capacity", "hopfield-basins"]


@pytest.mark.slow
def test_the_capacity_is_that_of_statistical_mechanics(tmp_path):
    """.138 patterns for each spin within 4 sigma, and known to 15 %."""
    found = AssociativeMemory()(None, Bench(tmp_path), jax.random.key(1))
    [capacity] = [number for number in found.numbers if number.name.startswith("capacity")]
    print(capacity.value)
    assert abs(capacity.value.value - CAPACITY) < 4 * capacity.value.error
    assert capacity.value.error < 0.15 * CAPACITY
