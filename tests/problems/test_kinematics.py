"""Lepton momenta and pair variables are two names of the same thing."""

import numpy as np
import pytest

from ansatz.problems.collider import kinematics
from ansatz.problems.collider.kinematics import Lepton, Pair

N = 2000


@pytest.fixture(scope="module")
def pair():
    rng = np.random.default_rng(1)
    return Pair(
        m=rng.uniform(20, 300, N),
        pt=rng.exponential(40, N),
        y=rng.normal(0, 1.5, N),
        phi=rng.uniform(-np.pi, np.pi, N),
        cos_theta=rng.uniform(-0.99, 0.99, N),
        phi_star=rng.uniform(-np.pi, np.pi, N),
    )


def four_vector(lepton):
    px, py = lepton.pt * np.cos(lepton.phi), lepton.pt * np.sin(lepton.phi)
    return np.array([lepton.pt * np.cosh(lepton.eta), px, py, lepton.pt * np.sinh(lepton.eta)])


def boost(momentum, velocity):
    """Into the frame that moves with `velocity`, shape (3, events): the textbook matrix."""
    gamma = 1 / np.sqrt(1 - (velocity**2).sum(0))
    along = (velocity * momentum[1:]).sum(0)
    shift = (gamma - 1) * along / np.maximum((velocity**2).sum(0), 1e-300) - gamma * momentum[0]
    return np.concatenate([(gamma * (momentum[0] - along))[None], momentum[1:] + shift * velocity])


def test_four_momentum_of_the_leptons_is_that_of_the_pair(pair):
    total = sum(four_vector(lepton) for lepton in kinematics.decay(pair))
    transverse = np.hypot(pair.m, pair.pt)
    expected = [
        transverse * np.cosh(pair.y),
        pair.pt * np.cos(pair.phi),
        pair.pt * np.sin(pair.phi),
        transverse * np.sinh(pair.y),
    ]
    np.testing.assert_allclose(total, expected, rtol=1e-9, atol=1e-9)


def test_pair_variables_come_back_from_the_leptons(pair):
    a, b = kinematics.decay(pair)
    np.testing.assert_allclose(kinematics.mass(a, b), pair.m, rtol=1e-9)
    np.testing.assert_allclose(kinematics.transverse_momentum(a, b), pair.pt, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(kinematics.rapidity(a, b), pair.y, atol=1e-10)
    np.testing.assert_allclose(kinematics.cos_collins_soper(a, b), pair.cos_theta, atol=1e-9)


def test_cosine_is_the_angle_to_the_collins_soper_axis(pair):
    """Boost leptons and beams to the rest frame with the general matrix; the axis halves beam 1 and minus beam 2."""
    a, b = (four_vector(lepton) for lepton in kinematics.decay(pair))
    velocity = (a + b)[1:] / (a + b)[0]
    ones, zeros = np.ones(N), np.zeros(N)
    first = boost(np.array([ones, zeros, zeros, ones]), velocity)
    second = boost(np.array([ones, zeros, zeros, -ones]), velocity)
    axis = first[1:] / first[0] - second[1:] / second[0]
    axis /= np.linalg.norm(axis, axis=0)
    lepton = boost(a, velocity)
    np.testing.assert_allclose((axis * lepton[1:]).sum(0) / lepton[0], pair.cos_theta, atol=1e-7)


def test_exchanging_the_leptons_changes_the_sign_of_the_cosine_only(pair):
    a, b = kinematics.decay(pair)
    np.testing.assert_allclose(kinematics.cos_collins_soper(b, a), -kinematics.cos_collins_soper(a, b))
    np.testing.assert_array_equal(kinematics.mass(b, a), kinematics.mass(a, b))


def test_back_to_back_leptons_at_rest():
    one = Lepton(np.array(45.0), np.array(0.3), np.array(1.0))
    other = Lepton(np.array(45.0), np.array(-0.3), np.array(1.0 - np.pi))
    assert kinematics.mass(one, other) == pytest.approx(90 * np.cosh(0.3))
    assert kinematics.transverse_momentum(one, other) == pytest.approx(0, abs=1e-12)
    assert kinematics.cos_collins_soper(one, other) == pytest.approx(np.tanh(0.3))
