"""The analysis `spin-autoencoder`: what it finds, and that it is told honestly."""

import jax
import pytest

from ansatz.errors import InputError
from ansatz.report.analyses.boltzmann import draw_coder
from ansatz.studies.analyses.findings import Bench, Findings
from ansatz.studies.analyses.lattice.autoencoder import SpinCoder


@pytest.mark.slow
def test_one_that_had_no_time_is_red(tmp_path):
    found = SpinCoder(size=4, states=200, epochs=1, drawn=100, code=2, width=(4,))(
        None, Bench(tmp_path), jax.random.key(0)
    )
    marks = {belief.name: belief.mark for belief in found.beliefs}
    assert marks["Divergence from the exact law"] == "red"
    assert marks["Drawn states"] == "red"
    assert marks["Memorization"] == "green"
    [gallery] = draw_coder(Findings.from_piece(found.piece()))
    assert [picture.name for picture in gallery.pictures] == ["boltzmann-states", "boltzmann-energy", "boltzmann-order"]


@pytest.mark.parametrize("options", [{"size": 2}, {"temperature": -1.0}, {"code": 0}, {"learning_rate": 0.0}])
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(InputError, match="at least|positive"):
        SpinCoder(**options)


@pytest.mark.slow
def test_spins_that_only_a_code_binds_miss_energy_and_order(tmp_path):
    """8 x 8 at T = 2.269: the energy is too high, |m| too small, some nats are lost, and the report says so in red."""
    found = SpinCoder()(None, Bench(tmp_path), jax.random.key(1))
    numbers = {number.name: number for number in found.numbers}
    energy, order = (numbers[f"{name} of drawn states"] for name in ("energy", "|m|"))
    print(energy.value, order.value, numbers["KL, at most"].value)
    assert energy.sigmas > 4
    assert order.sigmas < -4
    assert 0.5 < numbers["KL, at most"].value.value < 4
    assert {b.name: b.mark for b in found.beliefs}["Drawn states"] == "red"
