"""Published files with reference values, read from the shared data folder."""

import numpy as np
import pyarrow.parquet as pq
import pytest
import uproot

from ansatz.data import Roles, describe, load, load_recorded, read
from ansatz.errors import InputError


@pytest.fixture(scope="module")
def hep(shared):
    return shared / "hep"


def test_dalitz_with_a_cut_has_the_counts_of_uproot_alone(hep):
    path = hep / "hepml_dalitzdata.root"
    loaded = load_recorded(f"{path}:tree", Roles(target="labels", select="M2AB > 0.2 and Y1 < 0.5 and M2AC >= 0.1"))
    with uproot.open(path) as file:
        raw = file["tree"].arrays(library="np")
    steps = np.stack([raw["M2AB"] > 0.2, raw["Y1"] < 0.5, raw["M2AC"] >= 0.1])
    left = np.logical_and.accumulate(steps)
    assert loaded.rows_read == 100_000
    assert [line["rows"] for line in loaded.cutflow.table()] == [100_000, *left.sum(axis=1)]
    for name in ("0", "1"):
        counts = [line["classes"][name]["rows"] for line in loaded.cutflow.table()]
        assert counts[1:] == (left & (raw["labels"] == int(name))).sum(axis=1).tolist()
    assert np.array_equal(loaded.data.column("Y2"), raw["Y2"][left[-1]])


def test_hzz_by_rules(hep):
    path = hep / "uproot-HZZ.root"
    rules = ["Muon_Px[0]", "max(Jet_E)", "sum(Muon_Charge)", "len(Jet_E)", "sqrt(Muon_Px**2 + Muon_Py**2)[1]"]
    table = read(path, [*rules, "NJet", "NMuon"])
    with uproot.open(path) as file:
        raw = file["events"].arrays(["Muon_Px", "Muon_Py", "Jet_E", "Muon_Charge"]).to_list()

    def nan(values, i):
        return values[i] if len(values) > i else np.nan

    truth = [
        [nan(e["Muon_Px"], 0) for e in raw],
        [max(e["Jet_E"], default=np.nan) for e in raw],
        [sum(e["Muon_Charge"]) for e in raw],
        [len(e["Jet_E"]) for e in raw],
        [np.hypot(nan(e["Muon_Px"], 1), nan(e["Muon_Py"], 1)) for e in raw],
    ]  # fmt: skip
    for rule, values in zip(rules, truth, strict=True):
        assert np.allclose(table[rule], values, rtol=1e-6, equal_nan=True), rule
    assert np.array_equal(table["len(Jet_E)"], table["NJet"])


def test_hzz_never_flattens_by_itself(hep):
    with pytest.raises(InputError, match=r"'Muon_Px' holds a list per event; choose a rule"):
        load(hep / "uproot-HZZ.root", features=["Muon_Px", "NJet"])
    with pytest.raises(InputError, match="gives a list per event"):
        load(hep / "uproot-HZZ.root", features=["NJet"], select="Muon_Px > 20")
    loaded = load_recorded(hep / "uproot-HZZ.root", Roles(weight="EventWeight"))
    assert len(loaded.data) == 2421
    assert "Muon_Px" not in loaded.data.columns
    assert "list per event" in loaded.messages[0]


def test_zmumu_with_its_text_branch(hep):
    data = load(hep / "uproot-Zmumu.root", target="Type", features=["M", "pt1", "pt2"], select="70 < M < 110")
    assert data.classes == ("GG", "GT", "TT")
    table = read(hep / "uproot-Zmumu.root", ["Type", "M"])
    assert table.rows == 2304
    for k, name in enumerate(data.classes):
        kept = (table["Type"] == name) & (table["M"] > 70) & (table["M"] < 110)
        assert np.sum(data.y == k) == kept.sum()
    with pytest.raises(InputError, match="'Type' holds text and cannot be a feature"):
        load(hep / "uproot-Zmumu.root", features=["Type"])


def test_a_file_of_nine_hundred_branches(hep):
    data = load(hep / "nanoAOD_2015_CMS_Open_Data_ttbar.root", features=["MET_pt", "len(Jet_pt)", "sum(Jet_pt > 30)"])
    assert data.x.shape == (200, 3)


def test_salaries_have_373_complete_rows(hep):
    data = load(hep / "salary_375.csv", features=["Years of Experience"], target="Salary", missing="drop")
    slope, intercept = np.polyfit(data.x[:, 0], data.y, 1)
    assert len(data) == 373
    assert (round(slope, 2), round(intercept, 1)) == (6844.51, 31921.2)
    with pytest.raises(InputError, match="2 of 375 rows have missing"):
        load(hep / "salary_375.csv", target="Salary")


def test_houses(hep):
    data = load(hep / "portland_houses_47.csv", target="price")
    design = np.column_stack([np.ones(47), data.x])
    theta = np.linalg.lstsq(design, data.y, rcond=None)[0]
    assert round(float(theta @ [1, 1650, 3]), 2) == 293081.46


def test_pulsars(hep):
    data = load(hep / "htru2.csv", target="class")
    assert data.x.shape == (17898, 8)
    assert np.bincount(data.y).tolist() == [16259, 1639]
    about = describe(data)
    assert about["suspicious"] == []
    assert about["duplicates"]["rows"] == 0


def test_higgs_with_its_weight_file(hep):
    source = {"file": hep / "higgs_uci_binary.train.gz", "weights": hep / "higgs_uci_binary.train.weight"}
    data = load(source, target="c0")
    assert data.x.shape == (7000, 28)
    assert np.array_equal(data.weight, np.loadtxt(source["weights"]))


def test_weighted_parquet(hep):
    path = hep / "fair_universe_higgsml_1000.parquet"
    loaded = load_recorded(path, Roles(target="labels", weight="weights", select="PRI_lep_pt > 25"))
    frame = pq.read_table(path).to_pandas()
    kept = frame[frame.PRI_lep_pt > 25]
    assert loaded.data.x.dtype == np.float32
    assert np.isclose(loaded.cutflow.table()[0]["sum_weights"], 1_051_433, rtol=1e-6)
    assert np.isclose(loaded.data.weight.sum(), kept.weights.astype(float).sum())


def test_tables_between_blanks_named_in_a_comment(hep):
    table = read(hep / "rojo_gluon_nNNPDF10_nlo_as_0118_C12.dat")
    assert list(table) == ["x", "gluon(cv)", "gluon(sd)"]
    assert table.rows == 200
    assert read(hep / "hera_NCep_920.dat").rows == 485


def test_files_of_four_channels_are_one_sample(hep):
    data = load(f"{hep}/cms_*_201?.csv", features=["M"])
    assert len(data) == 278
    assert len(np.unique(data.column("file"))) == 6
