"""Real structure functions of the proton: HERA and BCDMS fitted with all their correlated errors."""

import jax
import numpy as np
import pytest

from ansatz.optimizers import Recipe
from ansatz.problems import read_bcdms, read_hera
from ansatz.risk import errors_of
from ansatz.training import Extraction
from ansatz.training.networks.dense import Architecture
from ansatz.validation import chi2_test


def chi2_of(data, epochs):
    """chi2 of a network in (ln x, ln Q2, ...) with normalizations as fractions of the fit."""
    features = np.concatenate([np.log(data.x[:, :2]), data.x[:, 2:]], axis=1)
    learner = Extraction(
        model=Architecture(widths=(25, 20), activation="tanh"),
        members=2,
        scouts=2,
        epochs=epochs,
        optimizer=Recipe("adam", learning_rate=0.01, schedule="cosine"),
    )
    prediction = learner(data.replace(x=features), jax.random.key(0)).details["prediction"]
    return chi2_test(prediction, data.y, errors_of(data).covariance(prediction))


@pytest.mark.slow
def test_bcdms_is_described(shared):
    """177 points of F2 of the proton; within two standard deviations of 1."""
    found = chi2_of(read_bcdms(shared / "hep" / "bcdms_f2p_R0.csv"), epochs=10_000)
    print(f"BCDMS F2p: {found}")
    assert abs(found.per_point.value - 1) < 2 * found.per_point.error


@pytest.mark.slow
def test_hera_is_described_as_well_as_others_do(shared):
    """377 neutral-current cross sections; fits of parton densities reach 1.2 to 1.35 per point on them."""
    found = chi2_of(read_hera(shared / "hep" / "hera_NCep_920.dat"), epochs=3000)
    print(f"HERA NC: {found}")
    assert 1 < found.per_point.value < 1.4
