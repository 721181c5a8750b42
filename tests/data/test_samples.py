"""Samples of processes: their weights are expected events, whatever their files hold; what cannot be is one line."""

import numpy as np
import pytest

from ansatz.data import Process, Roles, Variation, load_samples
from ansatz.errors import InputError


def events(seed, n=400, **more):
    rng = np.random.default_rng(seed)
    pt = rng.exponential(30.0, n)
    columns = {"pt": pt, "eta": rng.normal(size=n), "w": rng.choice([-1.0, 1.0, 3.0], n), "event": np.arange(n)}
    return {
        **columns,
        "pt_up": 1.1 * pt,
        "pt_down": 0.9 * pt,
        "w_up": 1.5 * columns["w"],
        "w_down": columns["w"],
        **more,
    }


SIGNAL = Process("higgs", [events(1)], label="signal", cross_section=0.05)
TOP = Process("top", [events(2), events(3)], label="background", cross_section=830.0)
SIDES = (Variation("scale", columns={"pt": ("pt_down", "pt_up")}), Variation("pileup", ("w_down", "w_up")))
ROLES = Roles(weight="w", select="pt > 20", features=["pt", "eta / pt"])


def mixed(*processes, roles=ROLES, **options):
    return load_samples(processes or (SIGNAL, TOP), roles, **{"luminosity": 139.0, **options})


def expected(process, cut=20.0, weight="w", column="pt"):
    """Cross section times luminosity times the efficiency of the cut."""
    kept = sum(e[weight][e[column] > cut].sum() for e in process.files)
    return process.cross_section * 1000 * 139.0 * kept / sum(e["w"].sum() for e in process.files)


def test_weights_are_expected_events():
    found = mixed()
    assert found.data.classes == ("background", "signal")
    for k, process in enumerate((SIGNAL, TOP)):
        assert found.data.weight[found.which == k].sum() == pytest.approx(expected(process))
        assert found.records[k]["sum"] == pytest.approx(expected(process))
    np.testing.assert_array_equal(found.data.y, np.where(found.which == 0, 1, 0))
    assert found.records[1]["negative_fraction"] == pytest.approx(1 / 3, abs=0.1)
    assert found.cutflow.table()[-1]["sum_weights"] == pytest.approx(expected(SIGNAL) + expected(TOP))


def test_the_scale_of_the_weights_in_the_files_changes_nothing():
    seven = {**events(1), "w": 7 * events(1)["w"]}
    again = mixed(Process("higgs", [seven], label="signal", cross_section=0.05), TOP)
    np.testing.assert_allclose(again.data.weight, mixed().data.weight, rtol=1e-12)


def test_the_number_generated_may_be_given_and_a_sample_may_have_cuts_and_a_factor_of_its_own():
    process = Process("top", TOP.files, "background", 830.0, generated=1e6, scale=1.2, select=["eta > 0"])
    found = mixed(SIGNAL, process)
    kept = sum(e["w"][(e["pt"] > 20) & (e["eta"] > 0)].sum() for e in TOP.files)
    assert found.data.weight[found.which == 1].sum() == pytest.approx(1.2 * 830 * 139000 * kept / 1e6)
    assert [line["cut"] for line in found.cutflow.table()] == ["all events", "cuts of the sample", "pt > 20"]
    assert found.cutflow.table()[-1]["rows"] == len(found.data)


def test_a_varied_column_changes_features_and_cuts():
    down, up = mixed(variations=SIDES).varied["scale"]
    assert up.weight[up.which == 1].sum() == pytest.approx(expected(TOP, column="pt_up"))
    assert down.weight[down.which == 0].sum() == pytest.approx(expected(SIGNAL, column="pt_down"))
    nominal = mixed().data
    same = up.nominal >= 0
    np.testing.assert_allclose(up.x[same, 0], 1.1 * nominal.x[up.nominal[same], 0], rtol=1e-6)
    np.testing.assert_allclose(up.x[same, 1], nominal.x[up.nominal[same], 1] / 1.1, rtol=1e-6)
    assert np.all(up.x[~same, 0] < 22.001)
    assert np.all(down.nominal >= 0)


def test_a_varied_weight_replaces_the_weight_of_the_same_events():
    down, up = mixed(variations=SIDES).varied["pileup"]
    data = mixed().data
    np.testing.assert_allclose(up.weight, 1.5 * data.weight)
    np.testing.assert_allclose(down.weight, data.weight)
    assert up.x is None
    np.testing.assert_array_equal(up.nominal, np.arange(len(data)))


def test_columns_of_variations_and_weights_are_no_features():
    top = Process("top", [events(2, event=np.arange(400) + 1000)], label="background", cross_section=1.0)
    found = mixed(SIGNAL, top, roles=Roles(weight="w"), variations=SIDES, identity=["event"])
    assert found.data.columns == ("pt", "eta")
    assert not found.data.observers


def test_observed_events_have_no_class_and_no_factor():
    data = Process("data", [{"pt": np.array([10.0, 30.0]), "eta": np.array([0.0, 1.0])}], observed=True)
    found = mixed(SIGNAL, TOP, data, variations=SIDES)
    assert found.observed.x[:, 0].tolist() == [30.0]
    assert found.observed.weight.tolist() == [1.0]
    assert "data" not in found.names


def test_an_error_of_the_number_of_events_is_kept_by_sample():
    found = mixed(variations=[Variation("rate", norm=0.1, processes=["top"])])
    assert found.norms == {"rate": {"top": 0.1}}


HEAVY = Process("heavy", [events(4)], label="signal")
WITHOUT = {name: values for name, values in events(5).items() if name != "w_up"}


@pytest.mark.parametrize(
    ("processes", "options", "message"),
    [
        ((SIGNAL, TOP), {"luminosity": None}, r"luminosity is missing \(fb\^-1\): 'higgs' has a cross section"),
        ((SIGNAL, TOP, HEAVY), {}, "cross_section of sample 'heavy' is missing"),
        ((SIGNAL, TOP), {"luminosity": -1.0}, "luminosity must be a positive number"),
        ((SIGNAL, HEAVY), {"luminosity": None}, "the samples are of one class"),
        ((SIGNAL, SIGNAL, TOP), {}, "two samples are called 'higgs'"),
        ((SIGNAL, TOP), {"roles": Roles(select="pt > 9999")}, "sample 'higgs': the selection keeps none of the 400"),
        ((SIGNAL, TOP), {"identity": ["event"]}, "overlap: .* events are in both"),
        ((SIGNAL, TOP), {"identity": ["evnt"]}, "'higgs' has no column 'evnt' of identity"),
        (
            (SIGNAL, Process("top", [events(2), WITHOUT], label="b", cross_section=1.0)),
            {"variations": SIDES},
            "sample 'top': .* has no column 'w_up' of the systematic 'pileup'",
        ),
        ((SIGNAL, TOP), {"variations": [Variation("x", norm=0.1, processes=["tpo"])]}, "did you mean 'top'"),
        (
            (SIGNAL, Process("loss", [events(6)], label="b", scale=-1.0)),
            {"luminosity": None},
            "weights of class 'b' sum to -|luminosity is missing",
        ),
        ((SIGNAL, Process("gone", ["no-such.root"], label="b", cross_section=1.0)), {}, "sample 'gone': there is no"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_line(processes, options, message):
    with pytest.raises(InputError, match=message) as caught:
        mixed(*processes, **options)
    assert "\n" not in str(caught.value)


def test_weights_of_a_class_that_cancel_are_refused():
    plus = Process("plus", [events(1)], label="signal")
    minus = Process("minus", [events(1)], label="signal", scale=-1.0)
    with pytest.raises(InputError, match="weights of class 'signal' sum to 0; a class needs a positive sum"):
        mixed(plus, minus, Process("top", [events(2)], label="b"), luminosity=None)


def test_two_samples_of_one_file_need_cuts_that_tell_them_apart(tmp_path):
    path = tmp_path / "all.csv"
    path.write_text("m,kind\n" + "".join(f"{k},{k % 2}\n" for k in range(20)))
    with pytest.raises(InputError, match="samples 'a' and 'b' both read .*all.csv"):
        load_samples([Process("a", [path]), Process("b", [path])], Roles())
    cuts = [Process("a", [path], select=["kind == 0"]), Process("b", [path], select=["kind == 1"])]
    assert len(load_samples(cuts, Roles(features=["m"])).data) == 20


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Process("a", []), "has no files"),
        (lambda: Process("a", ["f"], cross_section=-1.0), "cross_section must be a positive number"),
        (lambda: Process("a", ["f"], scale=float("nan")), "scale must be a finite number"),
        (lambda: Process("a", ["f"], label="x", observed=True), "neither a label nor a cross section"),
        (lambda: Variation("v"), "needs exactly one of weight, columns, norm; it has 0"),
        (lambda: Variation("v", norm=2.0), "above 0 and below 1"),
    ],
)
def test_a_process_that_cannot_be_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
