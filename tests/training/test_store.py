"""A saved model is safe: whole or absent, refused when changed, never code."""

import json

import numpy as np
import pytest

import zoo
from ansatz.errors import InputError
from ansatz.training import ClosedForm, Fit, load_fit, save_fit


@pytest.fixture
def saved(tmp_path):
    return save_fit(ClosedForm()(zoo.numbers(), zoo.key()), tmp_path / "model")


def test_a_changed_number_is_refused(saved):
    arrays = dict(np.load(saved / "arrays.npz"))
    first = next(name for name, a in arrays.items() if a.size)
    np.savez(saved / "arrays.npz", **(arrays | {first: arrays[first] + 1}))
    with pytest.raises(InputError, match=r"arrays\.npz was changed"):
        load_fit(saved)


def test_a_changed_header_is_refused(saved):
    header = json.loads((saved / "fit.json").read_text())
    header["fit"]["fields"]["task"] = "classification"
    (saved / "fit.json").write_text(json.dumps(header))
    with pytest.raises(InputError, match=r"fit\.json was changed"):
        load_fit(saved)


def test_a_type_that_is_not_ours_is_never_built(saved):
    from ansatz.training import store

    header = json.loads((saved / "fit.json").read_text())
    header["fit"]["type"] = "Popen"
    header["seal"] = store._seal(header)
    (saved / "fit.json").write_text(json.dumps(header))
    with pytest.raises(InputError, match="not as this program writes it"):
        load_fit(saved)


@pytest.mark.parametrize("name", ["fit.json", "arrays.npz"])
def test_a_truncated_file_is_refused(saved, name):
    content = (saved / name).read_bytes()
    (saved / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=name):
        load_fit(saved)


def test_no_model_is_said_plainly(tmp_path):
    with pytest.raises(InputError, match="there is no fitted model"):
        load_fit(tmp_path)


def test_what_has_no_safe_form_is_not_written(tmp_path):
    with pytest.raises(InputError, match="cannot be saved"):
        save_fit(Fit(predictor=object(), task="regression"), tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_saving_again_replaces_the_older_model(saved):
    other = ClosedForm(strength=1.0)(zoo.numbers(), zoo.key())
    save_fit(other, saved)
    np.testing.assert_array_equal(load_fit(saved).predict(zoo.points()), other.predict(zoo.points()))
    assert [path.name for path in saved.parent.iterdir()] == ["model"]
