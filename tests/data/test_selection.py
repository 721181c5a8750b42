"""Cuts, cutflow and N-1 table against sums done by hand."""

import numpy as np
import pytest

from ansatz.data import Dataset, Selection, cutflow
from ansatz.errors import InputError

RNG = np.random.default_rng(3)
EVENTS = {"pt": RNG.exponential(30, 500), "eta": RNG.normal(0, 2, 500), "n": RNG.integers(0, 4, 500)}
WEIGHT = np.where(RNG.random(500) < 0.15, -1.0, 1.0) * RNG.uniform(0.5, 2, 500)
LABELS = np.where(RNG.random(500) < 0.3, "signal", "background")
CUTS = {"trigger": "pt > 25", "central": "abs(eta) < 2.5", "jets": "n >= 1"}
MASKS = np.stack([EVENTS["pt"] > 25, abs(EVENTS["eta"]) < 2.5, EVENTS["n"] >= 1])


def test_one_string_falls_into_cuts_at_its_outermost_and():
    selection = Selection("pt > 25 and (eta < 1 or eta > 2) and not (n > 1 and pt < 9)")
    assert selection.titles == ("pt > 25", "eta < 1 or eta > 2", "not (n > 1 and pt < 9)")
    assert Selection("(pt > 2.50) & (`my eta` < 1)").titles == ("pt > 2.50", "`my eta` < 1")
    assert Selection("1 < pt < 2").titles == ("1 < pt < 2",)
    assert selection.names == ("pt", "eta", "n")


def test_mask_is_that_of_numpy():
    assert np.array_equal(Selection(CUTS).mask(EVENTS), MASKS.all(axis=0))
    assert np.array_equal(Selection("pt > 25 and abs(eta) < 2.5 and n >= 1").mask(EVENTS), MASKS.all(axis=0))


def test_a_dataset_is_cut_by_features_and_observers():
    data = Dataset(EVENTS["pt"][:, None], columns=("pt",), observers={"eta": EVENTS["eta"]})
    assert np.array_equal(Selection("pt > 25 and abs(eta) < 2.5").mask(data), MASKS[:2].all(axis=0))


def test_a_missing_value_passes_no_comparison():
    assert Selection("pt > 0 or pt <= 0").mask({"pt": np.array([np.nan, 1.0])}).tolist() == [False, True]


@pytest.mark.parametrize("cut", ["pt", "pt + eta", "'a'"])
def test_a_cut_has_to_say_yes_or_no(cut):
    with pytest.raises(InputError):
        Selection(cut).mask(EVENTS)


def test_cutflow_with_weights_of_both_signs():
    table = cutflow(Selection(CUTS), EVENTS, WEIGHT).table()
    left = np.ones(500, bool)
    for line, mask in zip(table[1:], MASKS, strict=True):
        before, left = left, left & mask
        step = WEIGHT[left].sum() / WEIGHT[before].sum()
        failed = before & ~left
        variance = (1 - step) ** 2 * (WEIGHT[left] ** 2).sum() + step**2 * (WEIGHT[failed] ** 2).sum()
        assert line["rows"] == left.sum()
        assert np.isclose(line["sum_weights"], WEIGHT[left].sum())
        assert np.isclose(line["efficiency"], step)
        assert np.isclose(line["error"], np.sqrt(variance) / WEIGHT[before].sum())
        assert np.isclose(line["total"], WEIGHT[left].sum() / WEIGHT.sum())


def test_equal_weights_have_the_binomial_error():
    line = cutflow(Selection("pt > 25"), EVENTS, np.full(500, 7.0)).table()[1]
    share = MASKS[0].mean()
    assert np.isclose(line["error"], np.sqrt(share * (1 - share) / 500))


def test_the_error_covers():
    """The spread of the efficiency over many weighted samples is the error printed, to 5 sigma of 400 samples."""
    rng = np.random.default_rng(5)
    lines = []
    for _ in range(400):
        x, w = rng.random(300), np.where(rng.random(300) < 0.1, -1.0, 1.0)
        lines.append(cutflow(Selection("x < .3"), {"x": x}, w).table()[1])
    spread, errors = np.std([line["total"] for line in lines]), np.mean([line["total_error"] for line in lines])
    assert abs(spread / errors - 1) < 5 / np.sqrt(2 * 400)


def test_n_minus_one():
    table = cutflow(Selection(CUTS), EVENTS, WEIGHT).n_minus_one()
    for i, line in enumerate(table):
        others = np.delete(MASKS, i, axis=0).all(axis=0)
        assert line["rows"] == others.sum()
        assert np.isclose(line["efficiency"], WEIGHT[others & MASKS[i]].sum() / WEIGHT[others].sum())


def test_pieces_add_up_to_the_whole_with_classes():
    selection = Selection(CUTS)
    order = np.argsort(LABELS, kind="stable")
    rows = [order[:100], order[100:380], order[380:]]
    parts = [cutflow(selection, {k: v[r] for k, v in EVENTS.items()}, WEIGHT[r], LABELS[r]) for r in rows]
    whole = cutflow(selection, EVENTS, WEIGHT, LABELS)
    total = (parts[0] + parts[1] + parts[2]).ordered(whole.groups)
    assert np.allclose(total.flow, whole.flow)
    assert np.allclose(total.others, whole.others)
    signal = whole.table()[-1]["classes"]["signal"]
    passed = MASKS.all(axis=0) & (LABELS == "signal")
    assert signal["rows"] == passed.sum()
    assert np.isclose(signal["sum_weights"], WEIGHT[passed].sum())
    assert "classes" not in whole.ordered(()).table()[0]


def test_a_dataset_brings_its_weights_and_classes():
    data = Dataset(
        EVENTS["pt"][:, None], columns=("pt",), weight=WEIGHT, y=(LABELS == "signal").astype(int), classes=("b", "s")
    )
    line = cutflow(Selection("pt > 25"), data).table()[1]
    assert np.isclose(line["classes"]["s"]["sum_weights"], WEIGHT[MASKS[0] & (LABELS == "signal")].sum())


def test_no_events_have_no_efficiency():
    line = cutflow(Selection("x > 1"), {"x": np.zeros(0)}).table()[1]
    assert (line["rows"], line["efficiency"]) == (0, None)
