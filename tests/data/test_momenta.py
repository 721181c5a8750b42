"""Four-momenta in formulae: made from columns, added, and asked for masses and angles."""

import numpy as np
import pytest

import zoo
from ansatz.data import Expression, load
from ansatz.data.cuts.momenta import FUNCTIONS, MADE, OF_TWO
from ansatz.errors import InputError
from ansatz.studies.build import new_columns, prepare
from ansatz.studies.schema.tables import Data

pytest.importorskip("vector", reason="vector is not installed")
N = 200


@pytest.fixture(scope="module")
def events():
    rng = np.random.default_rng(4)
    columns = {}
    for name in "ab":
        columns[f"{name}_pt"] = rng.uniform(5, 80, N)
        columns[f"{name}_eta"] = rng.normal(0, 1.5, N)
        columns[f"{name}_phi"] = rng.uniform(-np.pi, np.pi, N)
        columns[f"{name}_m"] = rng.uniform(0, 3, N)
    return columns


def cartesian(columns, name):
    """(E, px, py, pz) by the textbook."""
    pt, eta, phi, m = (columns[f"{name}_{part}"] for part in ("pt", "eta", "phi", "m"))
    space = np.array([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)])
    return np.concatenate([[np.sqrt(m**2 + (space**2).sum(axis=0))], space])


def value(text, columns):
    made = {name: f"momentum({name}_pt, {name}_eta, {name}_phi, {name}_m)" for name in "ab"}
    return Expression(text)({**columns, **{name: Expression(one)(columns) for name, one in made.items()}})


def expected(columns):
    a, b = cartesian(columns, "a"), cartesian(columns, "b")
    e, px, py, pz = a + b
    across = np.hypot(px, py)
    turn = np.abs((columns["a_phi"] - columns["b_phi"] + np.pi) % (2 * np.pi) - np.pi)
    size = np.sqrt((a[1:] ** 2).sum(axis=0) * (b[1:] ** 2).sum(axis=0))
    return {
        "mass(a, b)": np.sqrt(e**2 - across**2 - pz**2),
        "pt(a + b)": across,
        "rapidity(a, b)": 0.5 * np.log((e + pz) / (e - pz)),
        "eta(a, b)": np.arcsinh(pz / across),
        "energy(a - b)": (a - b)[0],
        "delta_r(a, b)": np.hypot(columns["a_eta"] - columns["b_eta"], turn),
        "abs(delta_phi(a, b))": turn,
        "delta_eta(a, b)": columns["a_eta"] - columns["b_eta"],
        "cos(angle(a, b))": (a[1:] * b[1:]).sum(axis=0) / size,
        "transverse_mass(a, b)": np.sqrt(2 * columns["a_pt"] * columns["b_pt"] * (1 - np.cos(turn))),
    }


def test_masses_and_angles_are_those_of_the_textbook(events):
    for text, truth in expected(events).items():
        np.testing.assert_allclose(value(text, events), truth, rtol=1e-9, atol=1e-9, err_msg=text)


def test_cartesian_and_cylindrical_momenta_are_the_same(events):
    e, px, py, pz = cartesian(events, "a")
    columns = {**events, "E": e, "px": px, "py": py, "pz": pz}
    np.testing.assert_allclose(value("mass(fourvector(E, px, py, pz), b)", columns), value("mass(a, b)", events))


def test_every_function_gives_numbers(events):
    for name in FUNCTIONS:
        if name not in MADE:
            found = value(f"{name}(a, b)" if name in OF_TWO else f"{name}(a)", events)
            assert found.shape == (N,), name
            assert found.dtype == float, name


def test_momenta_are_no_features_but_what_is_computed_from_them_is(events):
    new = {"a": "momentum(a_pt, a_eta, a_phi)", "b": "momentum(b_pt, b_eta, b_phi)", "pair": "a + b", "m": "mass(pair)"}
    data = load(events, new=new, select="delta_r(a, b) > 1 and pt(pair) < 60")
    assert data.columns == (*events, "m")
    assert 0 < len(data) < N


def test_invariants_of_a_study_are_features_of_every_pair(events, tmp_path):
    lines = [",".join(events), *(",".join(f"{v:.9g}" for v in row) for row in zip(*events.values(), strict=True))]
    (tmp_path / "e.csv").write_text("\n".join(lines))
    new = {"a": "momentum(a_pt, a_eta, a_phi, a_m)", "b": "momentum(b_pt, b_eta, b_phi, b_m)"}
    table = {"source": [{"file": str(tmp_path / "e.csv")}], "new": new, "invariants": ("a", "b")}
    data = prepare(Data.model_validate(table), key=zoo.key()).data
    assert data.columns == (*events, "mass_a_b", "delta_r_a_b")
    np.testing.assert_allclose(data.column("mass_a_b"), expected(events)["mass(a, b)"], rtol=1e-5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mass(a_pt)", "mass is asked of momenta; a momentum is made by"),
        ("delta_r(a)", "delta_r takes two momenta, not 1"),
        ("momentum(a_pt, a_eta)", "momentum takes pt, eta, phi, mass; 2 are given"),
        ("fourvector(a_pt, a_eta, a_phi)", "fourvector takes E, px, py, pz; 3 are given"),
        ("momentum(a, a_eta, a_phi)", "pt of momentum is a number"),
        ("masss(a)", "did you mean 'mass'"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_line(events, text, words):
    with pytest.raises(InputError, match=words):
        value(text, events)


def test_a_momentum_is_no_feature(events):
    with pytest.raises(InputError, match=r"'a' is a momentum; ask for a number, such as mass\(a\)"):
        load(events, new={"a": "momentum(a_pt, a_eta, a_phi)"}, features=["a"])


def test_invariants_need_momenta_that_there_are():
    with pytest.raises(InputError, match=r"data.invariants: .*'c'"):
        new_columns(Data(new={"a": "momentum(x, y, z)"}, invariants=("a", "c")))
    with pytest.raises(InputError, match="at least two"):
        new_columns(Data(new={"a": "momentum(x, y, z)"}, invariants=("a",)))
