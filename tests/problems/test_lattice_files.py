"""Files of Ising states are read, checked, and their faults reported."""

import tarfile
import zipfile

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.problems import IsingStates
from ansatz.problems.lattice import Ising, inspect_states, read_states, square
from ansatz.problems.lattice.models import energy


@pytest.fixture
def spins():
    return np.where(np.random.default_rng(0).random((12, 4, 4)) < 0.3, -1, 1).astype(np.int8)


def as_text(states, values=(0, 1)):
    digit = np.where(states > 0, values[1], values[0]).reshape(len(states), -1)
    return "\n".join(" ".join(map(str, row)) for row in digit) + "\n"


def check(data, spins, temperature):
    np.testing.assert_array_equal(data.x, spins)
    np.testing.assert_array_equal(data.y, temperature)
    np.testing.assert_allclose(data.observers["energy"], energy(Ising(), square(4), spins), atol=1e-6)
    np.testing.assert_allclose(data.observers["magnetization"], spins.mean(axis=(1, 2)))


@pytest.mark.parametrize("values", [(0, 1), (-1, 1)])
def test_text(tmp_path, spins, values):
    path = tmp_path / "ising2d_T2.269_train.txt"
    path.write_text(as_text(spins, values))
    check(read_states(path), spins, np.full(12, 2.269))


def test_arrays(tmp_path, spins):
    np.save(tmp_path / "states.npy", spins)
    check(read_states(tmp_path / "states.npy", temperature=1.5), spins, np.full(12, 1.5))
    np.savez(tmp_path / "a.npz", x=spins.reshape(12, 16), T=np.linspace(1, 2, 12))
    check(read_states(tmp_path / "a.npz"), spins, np.linspace(1, 2, 12))
    packed = np.packbits(spins.reshape(3, 4, 16) > 0, axis=-1)
    np.savez(tmp_path / "b.npz", packed=packed, T=[1.0, 2.0, 3.0])
    check(read_states(tmp_path / "b.npz"), spins, np.repeat([1.0, 2.0, 3.0], 4))


def test_packed_bits_that_do_not_fill_a_byte(tmp_path):
    states = np.where(np.random.default_rng(1).random((5, 3, 3)) < 0.5, -1, 1)
    np.savez(tmp_path / "c.npz", packed=np.packbits(states.reshape(5, 9) > 0, axis=-1), T=2.0)
    np.testing.assert_array_equal(read_states(tmp_path / "c.npz", side=3).x, states)


@pytest.mark.parametrize("kind", ["folder", "tar.gz", "zip"])
def test_many_files_are_one_sample(tmp_path, spins, kind):
    folder = tmp_path / "states"
    folder.mkdir()
    for number, temperature in enumerate((1.0, 2.0)):
        (folder / f"x_T{temperature}.txt").write_text(as_text(spins[6 * number : 6 * number + 6]))
    path = folder
    if kind == "tar.gz":
        path = tmp_path / "states.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            archive.add(folder, "states")
    if kind == "zip":
        path = tmp_path / "states.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name in folder.iterdir():
                archive.write(name, name.name)
    data = read_states(path)
    check(data, spins, np.repeat([1.0, 2.0], 6))
    np.testing.assert_array_equal(data.observers["file"], np.repeat([0, 1], 6))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a_T2.0.txt", "0 1 1 2\n", "Ising spins are -1 and 1, or 0 and 1; found 2"),
        ("a_T2.0.txt", "0 1 -1 1\n", "found -1, 0 and 1 together"),
        ("a_T2.0.txt", "0 1 nan 1\n", "found nan"),
        ("a_T2.0.txt", "0 1 1\n", r"an array of shape \(1, 3\) holds no square states"),
        ("a_T2.0.txt", "0 1 up 1\n", "cannot be read as states"),
        ("a.txt", "0 1 1 1\n", "the temperature is neither in the file nor in its name"),
        ("a_T0.0.txt", "0 1 1 1\n", "a temperature is a positive number, not 0"),
        ("a.pkl", "x", "not '.pkl'"),
        ("a.npz", "x", "cannot be read as states"),
        ("a.tar.gz", "x", "not a readable archive"),
        ("a.zip", "x", "not a readable archive"),
    ],
)
def test_bad_files_are_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=message) as error:
        read_states(tmp_path / name)
    assert "\n" not in str(error.value)


def test_more_bad_files(tmp_path, spins):
    with pytest.raises(InputError, match="there is no such file"):
        read_states(tmp_path / "missing.npz")
    with pytest.raises(InputError, match="holds no file of states"):
        read_states(tmp_path)
    np.savez(tmp_path / "a.npz", x=spins, T=[1.0, 2.0, 3.0, 4.0, 5.0])
    with pytest.raises(InputError, match="5 temperatures do not fit 12 states"):
        read_states(tmp_path / "a.npz")
    np.savez(tmp_path / "b.npz", spin=spins)
    with pytest.raises(InputError, match="there is no array states"):
        read_states(tmp_path / "b.npz")
    np.save(tmp_path / "c.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="cannot be read as states"):
        read_states(tmp_path / "c.npy")
    np.savez(tmp_path / "d.npz", x=spins, T=-1.0)
    with pytest.raises(InputError, match="a temperature is a positive number, not -1"):
        read_states(tmp_path / "d.npz")


@pytest.fixture(scope="module")
def thermal():
    return IsingStates(size=8, temperatures=(1.5, 2.0, 2.4), label="temperature").draw(jax.random.key(5), 1800)


def test_good_states_have_no_faults(thermal):
    for report in inspect_states(thermal):
        assert report.faults == ()
        assert abs(report.pull) < 4
        assert abs(report.copies - report.expected_copies) < 5 * max(report.copies_error, 1)


def test_each_fault_is_found(thermal):
    data, t = thermal[thermal.y == 2.4], np.full(600, 2.4)

    def faults(x, temperature):
        observers = {
            "temperature": temperature,
            "energy": np.asarray(energy(Ising(), square(8), x), float),
            "magnetization": x.mean(axis=(1, 2)),
        }
        return inspect_states(data.replace(x=x, observers=observers))[0].faults

    assert faults(data.x, t) == ()
    (hot,) = faults(data.x, t - 0.3)
    assert "standard errors above the exact" in hot
    assert "belongs to T = 2.3" in hot or "belongs to T = 2.4" in hot
    (copies,) = faults(np.concatenate([data.x[:300], data.x[:300]]), t)
    assert "pairs of states are equal" in copies
    quench = data.x.copy()
    quench[:60] = np.where(np.random.default_rng(0).random((60, 8, 8)) < 0.5, -1, 1)
    assert any("leave out the first" in fault for fault in faults(quench, t))


def test_the_public_files_have_the_faults_that_are_known(shared):
    """Energies above the transition are too high, and the beginning at T = 1.25 and 2 is a quench."""
    data = read_states(shared / "hep" / "ising_L40_16T_2000each.npz")
    assert data.x.shape == (32_000, 40, 40)
    reports = {r.temperature: r for r in inspect_states(data[np.isin(data.y, (1.0, 1.25, 1.75, 2.5))])}
    assert reports[1.75].faults == ()
    # equal states at low temperature are no fault: most of them are the two ground states
    assert reports[1.0].faults == ()
    assert reports[1.0].copies > 300_000
    assert any("leave out the first" in fault for fault in reports[1.25].faults)
    assert any("not magnetized" in fault for fault in reports[1.25].faults)
    assert reports[2.5].pull > 10
    assert reports[2.5].best_temperature == pytest.approx(2.527, abs=0.003)


def test_the_training_set_of_the_tutorial(shared):
    data = read_states(shared / "fields" / "ising" / "ising2d_trainset_L4.tar.gz")
    assert len(np.unique(data.y)) == 11
    # of each temperature there are a test and a training file
    critical = data[(data.y == 2.269) & (data.observers["file"] % 2 == 1)]
    assert critical.observers["energy"].mean() == pytest.approx(-1.57480, abs=5e-6)
