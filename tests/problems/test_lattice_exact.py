"""The exact answers agree with each other, with enumeration and with published numbers."""

import jax.numpy as jnp
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.problems.lattice import XY, Ising, Phi4, Potts, chain, cubic, energy, square, triangular
from ansatz.problems.lattice.exact import (
    chain_energy,
    critical_temperature,
    density_of_states,
    energy_distribution,
    energy_levels,
    enumerate_states,
    exact_energy,
    kaufman,
    magnetization_distribution,
    onsager_energy,
    onsager_specific_heat,
    potts_critical_energy,
    potts_critical_temperature,
    spontaneous_magnetization,
    transition,
    triangular_energy,
)
from ansatz.problems.lattice.exact.enumeration import all_states

TEMPERATURES = (0.5, 1.0, 2.0, 2.269, 3.54, 20.0)


@pytest.fixture(scope="module")
def four():
    return enumerate_states(Ising(), square(4))


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_kaufman_is_enumeration(four, temperature):
    exact = kaufman(temperature, 4)
    mean, square_mean = four.moments(temperature)[:2]
    assert exact.log_z == pytest.approx(four.log_z(temperature), rel=1e-12)
    assert exact.energy == pytest.approx(mean, abs=1e-12)
    assert exact.specific_heat == pytest.approx(16 * (square_mean - mean**2) / temperature**2, abs=1e-10)


@pytest.mark.parametrize(("rows", "columns"), [(3, 4), (4, 3), (2, 5)])
def test_kaufman_knows_rectangles_and_two_couplings(rows, columns):
    exact = enumerate_states(Ising((1.0, 0.5)), square(rows, columns))
    found = kaufman(1.7, rows, columns, vertical=1.0, horizontal=0.5)
    assert found.log_z == pytest.approx(exact.log_z(1.7), rel=1e-12)
    assert found.energy == pytest.approx(exact.moments(1.7)[0], abs=1e-12)


@pytest.mark.parametrize("temperature", [0.5, 1.5, 2.0, 3.0, 5.0, 50.0])
def test_large_finite_lattices_are_onsagers(temperature):
    exact = kaufman(temperature, 128)
    assert exact.energy == pytest.approx(onsager_energy(temperature), abs=1e-12)
    assert exact.specific_heat == pytest.approx(onsager_specific_heat(temperature), abs=1e-9)


def test_onsager_at_the_critical_point():
    tc = critical_temperature()
    assert tc == pytest.approx(2 / np.log(1 + np.sqrt(2)), rel=1e-15)
    assert onsager_energy(tc) == pytest.approx(-np.sqrt(2), abs=1e-12)
    assert onsager_specific_heat(tc) > 15
    assert spontaneous_magnetization(tc) == 0
    x = np.exp(-2)
    assert spontaneous_magnetization(1.0) == pytest.approx(1 - 2 * x**4 - 8 * x**6 - 34 * x**8 - 152 * x**10, abs=1e-7)


def test_the_published_energy_of_the_four_by_four_lattice():
    assert kaufman(2.269, 4).energy == pytest.approx(-1.56577, abs=5e-6)


def test_anisotropic_critical_temperature():
    tc = critical_temperature(1.0, 0.5)
    assert np.sinh(2 / tc) * np.sinh(1 / tc) == pytest.approx(1, rel=1e-12)


def test_density_of_states_is_enumeration(four):
    energies, counts = np.unique(np.round(four.energy * 16).astype(int), return_counts=True)
    found = {-32 + 4 * j: g for j, g in enumerate(density_of_states(4)) if g}
    assert found == dict(zip(energies.tolist(), counts.tolist(), strict=True))


@pytest.mark.parametrize("size", [6, 8, 16])
def test_density_of_states_counts_every_state_once(size):
    counts = density_of_states(size)
    sites = size**2
    assert sum(counts) == 2**sites
    assert counts == counts[::-1]
    # one flipped spin costs 8, two neighbors 12, two apart 16 or two pairs in a row
    assert counts[:4] == (2, 0, 2 * sites, 4 * sites)


@pytest.mark.parametrize("size", [8, 16])
@pytest.mark.parametrize("temperature", [1.5, 2.3, 4.0])
def test_energy_distribution_has_kaufmans_moments(size, temperature):
    p, e = energy_distribution(temperature, size), energy_levels(size)
    exact = kaufman(temperature, size)
    assert p @ e == pytest.approx(exact.energy, abs=1e-12)
    assert size**2 * (p @ e**2 - (p @ e) ** 2) / temperature**2 == pytest.approx(exact.specific_heat, abs=1e-10)


@pytest.mark.parametrize(("size", "field"), [(3, 0.0), (3, 0.4), (4, 0.0), (4, -0.2)])
def test_magnetization_distribution_is_enumeration(size, field):
    exact = enumerate_states(Ising(field=field), square(size))
    values, p = exact.distribution("order", 2.2)
    m, found = magnetization_distribution(2.2, size, field=field)
    np.testing.assert_allclose(m, values, atol=1e-6)
    np.testing.assert_allclose(found, p, atol=1e-6)


@pytest.mark.parametrize("field", [0.0, 0.3])
@pytest.mark.parametrize("coupling", [1.0, -0.7])
def test_chain_is_enumeration(coupling, field):
    exact = enumerate_states(Ising(coupling, field), chain(9))
    found = chain_energy(1.3, coupling=coupling, field=field, size=9)
    assert found == pytest.approx(exact.moments(1.3)[0], abs=1e-6)
    assert chain_energy(1.3, coupling=coupling, field=field, size=200) == pytest.approx(
        chain_energy(1.3, coupling=coupling, field=field), abs=1e-12
    )


def test_triangular_energy_in_its_limits():
    tc = 4 / np.log(3)
    assert triangular_energy(tc) == pytest.approx(-2, abs=1e-6)
    assert triangular_energy(0.3) == pytest.approx(-3, abs=1e-6)
    # the ground states of the antiferromagnet have one unsatisfied bond in each triangle
    assert triangular_energy(0.1, -1.0) == pytest.approx(-1, abs=1e-6)
    # high temperature: three bonds, and triangles at the second order, -3 tanh K - 6 tanh^2 K
    assert triangular_energy(1000.0) == pytest.approx(-3 * 0.001 - 6 * 0.001**2, abs=1e-7)


def test_potts_with_two_colors_is_ising():
    assert 2 * potts_critical_temperature(2) == pytest.approx(critical_temperature())
    assert 2 * (potts_critical_energy(2) + 1) == pytest.approx(-np.sqrt(2))
    two = enumerate_states(Potts(2), square(3))
    exact = enumerate_states(Ising(), square(3))
    assert 2 * (two.moments(1.0)[0] + 1) == pytest.approx(exact.moments(2.0)[0], abs=1e-6)


@pytest.mark.parametrize(
    ("model", "lattice", "origin"),
    [
        (Ising(), square(40), "Kaufman"),
        (Ising((1.0, 0.3)), square(7), "Kaufman"),
        (Ising(-1.0), square(6), "Kaufman"),
        (Ising(-1.0), square(3), "enumeration"),
        (Ising(field=0.1), square(4), "enumeration"),
        (Ising(field=0.1), chain(100), "transfer matrix"),
        (Ising(), triangular(24), "Houtappel"),
        (Potts(3), square(3), "enumeration"),
        (Phi4(0.5, 0.0), square(8), "equipartition"),
    ],
)
def test_each_exact_energy_says_where_it_comes_from(model, lattice, origin):
    reference = exact_energy(model, lattice, 2.0)
    assert reference.origin == origin
    if lattice.sites <= 9:
        exact = enumerate_states(model, lattice)
        assert reference.energy == pytest.approx(exact.moments(2.0)[0], abs=1e-6)


def test_an_antiferromagnet_on_even_sides_has_the_energy_of_a_ferromagnet():
    exact = enumerate_states(Ising((-1.0, 0.5)), square(4))
    assert exact_energy(Ising((-1.0, 0.5)), square(4), 1.5).energy == pytest.approx(exact.moments(1.5)[0], abs=1e-6)


def test_where_nothing_is_known_nothing_is_claimed():
    assert exact_energy(Ising(field=0.1), square(40), 2.0) is None
    assert exact_energy(XY(), square(8), 1.0) is None
    assert exact_energy(Ising(), triangular(6), 3.6) is None
    assert transition(Phi4(), square(8)) is None
    assert transition(Ising(field=1.0), square(8)) is None
    assert transition(Ising(), cubic(8)) == pytest.approx(4.511523, abs=1e-6)


@pytest.mark.parametrize("model", [Ising((1.0, 0.4), 0.2), Potts(3, field=0.5)])
def test_energies_are_sums_over_bonds(model):
    """By loops over sites, without shifts of arrays."""
    lattice = square(2, 3)
    states = all_states(model, lattice)[5:60:7]
    rows, columns = lattice.shape
    for state in states:
        total = sum(float(model.onsite(jnp.asarray(s))) for s in state.ravel())
        for i in range(rows):
            for j in range(columns):
                for coupling, (di, dj) in zip(model.couplings(lattice), lattice.bonds, strict=True):
                    other = state[(i + di) % rows, (j + dj) % columns]
                    total += coupling * float(model.bond(jnp.asarray(state[i, j]), jnp.asarray(other)))
        assert float(energy(model, lattice, jnp.asarray(state))) == pytest.approx(total / 6, abs=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: kaufman(-1.0, 4), "a temperature is a positive number, not -1.0"),
        (lambda: onsager_energy(0.0), "a temperature is a positive number"),
        (lambda: chain_energy(float("nan")), "a temperature is a positive number"),
        (lambda: kaufman(1.0, 4, vertical=-1.0), "positive couplings"),
        (lambda: density_of_states(5), "even sizes from four, not 5"),
        (lambda: magnetization_distribution(2.0, 11), "sides from 2 to 10, not 11"),
        (lambda: enumerate_states(Ising(), square(5)), "too many states to enumerate"),
        (lambda: enumerate_states(XY(), square(2)), "xy has a continuum of states"),
    ],
)
def test_bad_input_is_one_line(make, message):
    with pytest.raises(InputError, match=message):
        make()
