"""The analysis `rbm`: what it finds on a small lattice, what can turn red, and its figures."""

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.report.analyses.boltzmann import draw
from ansatz.report.picture import Picture
from ansatz.studies.analyses.findings import Bench, Findings
from ansatz.studies.analyses.lattice.boltzmann import Divergence, IsingMachine, machine_of
from ansatz.studies.execution.pieces import read_piece


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A machine that had no time to learn."""
    folder = tmp_path_factory.mktemp("rbm")
    analysis = IsingMachine(hidden=3, states=300, methods=("persistent",), blocks=2, drawn=100)
    return folder, analysis(None, Bench(folder), jax.random.key(0))


@pytest.mark.slow
def test_a_machine_that_has_not_learned_is_red(small):
    _, findings = small
    marks = {belief.name: belief.mark for belief in findings.beliefs}
    assert marks["Divergence from the exact law"] == "red"
    assert marks["Drawn states"] == "red"


@pytest.mark.slow
def test_the_divergence_is_the_sum_over_all_states(small):
    folder, findings = small
    piece = read_piece(folder / "persistent.npz")
    machine = machine_of(piece)
    law = Divergence(4, 2.269)
    by_hand = law.law @ (np.log(law.law) - np.array([float(p) for p in law.log_prob(machine)]))
    assert np.exp(law.log_prob(machine)).sum() == pytest.approx(1, abs=1e-6)
    assert findings.numbers[0].value == pytest.approx(by_hand, rel=1e-4)


@pytest.mark.slow
def test_annealing_is_beside_the_exact_partition_function(small):
    [number] = [number for number in small[1].numbers if number.name.startswith("ln Z")]
    assert abs(number.sigmas) < 4


@pytest.mark.slow
def test_findings_are_stored_and_drawn(small):
    findings = Findings.from_piece(small[1].piece())
    pictures = [picture for gallery in draw(findings) for picture in gallery.pictures]
    assert all(isinstance(picture, Picture) and len(picture) for picture in pictures)
    assert {p.name for p in pictures} >= {"boltzmann-divergence", "boltzmann-filters", "boltzmann-annealing"}


def test_unknown_methods_are_refused():
    with pytest.raises(InputError, match="expected some of exact, tempering"):
        IsingMachine(methods=("magic",))
