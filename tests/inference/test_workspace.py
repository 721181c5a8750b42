"""Workspaces: published limits of ATLAS, counting experiments in closed form, and what is refused."""

import json

import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.inference import Channel, Systematic, Template, discovery, limits, read_workspace, write_workspace
from ansatz.inference.workspace import workspace

ARCHIVE = "pyhf-ins1748602-probability-models.tar.gz"


@pytest.mark.slow
def test_the_published_limit_of_atlas(shared):
    """Search for bottom squarks, region A: observed CLs and the band of expected ones."""
    files = {"member": "RegionA/BkgOnly.json", "patch": "RegionA/patch.sbottom_1300_205_60.json"}
    found = limits(read_workspace(shared / "hep" / ARCHIVE, **files))
    assert found.cls == pytest.approx(0.24443583, abs=1e-4)
    np.testing.assert_allclose(found.expected, [0.0902, 0.1938, 0.3843, 0.6558, 0.8910], atol=1e-4)


def channel(observed, s, b, **more):
    return Channel("region", observed, (Template("signal", s, signal=True), Template("background", b, **more)))


def test_one_bin_is_a_counting_experiment():
    found = limits(workspace([channel([12.0], [8.2], [4.66])]))
    assert found.best == pytest.approx((12 - 4.66) / 8.2, abs=1e-3)
    assert found.significance == pytest.approx(float(discovery(12, 4.66)), abs=2e-3)


def test_uncertainties_cost_significance():
    plain = limits(workspace([channel([20.0, 40.0], [5.0, 15.0], [14.0, 26.0])]))
    blurred = limits(workspace([channel([20.0, 40.0], [5.0, 15.0], [14.0, 26.0], error=[3.0, 6.0])]))
    scale = Systematic("scale", 0.8, 1.2)
    tilt = Systematic("tilt", [13.0, 29.0], [15.0, 23.0], kind="shape")
    moved = limits(workspace([channel([20.0, 40.0], [5.0, 15.0], [14.0, 26.0], systematics=(scale, tilt))]))
    assert blurred.significance < plain.significance
    assert moved.significance < plain.significance


def test_the_upper_limit_is_where_cls_is_five_per_cent():
    spec = workspace([channel([30.0], [10.0], [30.0], error=[3.0])])
    found = limits(spec, upper=True)
    assert limits(spec, strength=found.upper).cls == pytest.approx(0.05, abs=0.002)


def test_what_is_written_is_read_back(tmp_path):
    spec = write_workspace([channel([20.0, 40.0], [5.0, 15.0], [14.0, 26.0], error=[3.0, 6.0])], tmp_path / "w.json")
    assert read_workspace(tmp_path / "w.json") == spec
    change = [{"op": "replace", "path": "/channels/0/samples/0/data/1", "value": 30.0}]
    (tmp_path / "p.json").write_text(json.dumps(change))
    patched = read_workspace(tmp_path / "w.json", patch=tmp_path / "p.json")
    assert patched["channels"][0]["samples"][0]["data"] == [5.0, 30.0]


def test_bad_templates_are_one_line():
    cases = [
        (channel([1.0, 2.0], [1.0], [1.0, 1.0]), r"template 'signal': counts of shape \(1,\) for 2 observed bins"),
        (channel([1.0], [1.0], [-1.0]), "template 'background': counts must be finite and not negative; bin 0 is -1"),
        (Channel("a", [1.0], (Template("b", [1.0]),)), "no template is a signal"),
    ]
    for bad, message in cases:
        with pytest.raises(InputError, match=message):
            workspace([bad])


def test_bad_files_are_one_line(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        read_workspace(tmp_path / "none.json")
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(InputError, match="cannot be read as JSON"):
        read_workspace(tmp_path / "a.json")
    (tmp_path / "b.json").write_text('{"channels": []}')
    with pytest.raises(InputError, match="this is no workspace"):
        read_workspace(tmp_path / "b.json")
