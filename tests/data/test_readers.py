"""Every format gives back what was written, units and types included."""

import bz2
import gzip
import lzma

import awkward as ak
import h5py
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot
from astropy.io import fits

from ansatz.data import load, read
from ansatz.data.readers import tablefile
from ansatz.errors import InputError

RNG = np.random.default_rng(2)
COLUMNS = {
    "pt": RNG.exponential(30, 50).astype(np.float32),
    "eta": RNG.normal(size=50),
    "event": np.arange(50) + 2**53,
    "fired": RNG.random(50) < 0.5,
    "kind": np.array(["signal", "background"] * 25, dtype=object),
}
LISTS = ak.Array([[float(j) for j in range(i % 3)] for i in range(50)])


def written_root(path):
    with uproot.recreate(path) as file:
        file.mktree("Events", {n: v.dtype if v.dtype != object else "string" for n, v in COLUMNS.items()})
        file["Events"].extend({n: ak.Array(v.tolist()) if v.dtype == object else v for n, v in COLUMNS.items()})
    return path


def written_fits(path):
    formats = {"float32": "E", "float64": "D", "int64": "K", "bool": "L", "object": "10A"}
    columns = [
        fits.Column(name, formats[str(v.dtype)], array=v.astype(str) if v.dtype == object else v)
        for name, v in COLUMNS.items()
    ]
    fits.BinTableHDU.from_columns(columns).writeto(path)
    return path


def written_hdf5(path):
    with h5py.File(path, "w") as file:
        for name, values in COLUMNS.items():
            file[name] = values.tolist() if values.dtype == object else values
    return path


def written_compound(path):
    kinds = [(n, "S10" if v.dtype == object else v.dtype) for n, v in COLUMNS.items()]
    with h5py.File(path, "w") as file:
        file["table"] = np.array(list(zip(*COLUMNS.values(), strict=True)), dtype=kinds)
    return path


def written_npz(path):
    np.savez(path, **{n: v.astype(str) if v.dtype == object else v for n, v in COLUMNS.items()})
    return path


def written_csv(path):
    pd.DataFrame(COLUMNS).to_csv(path, index=False)
    return path


WRITERS = {
    "events.root": written_root,
    "events.parquet": lambda path: pq.write_table(pa.table(COLUMNS), path, row_group_size=7) or path,
    "events.csv": written_csv,
    "events.csv.gz": written_csv,
    "events.csv.bz2": written_csv,
    "events.tsv": lambda path: pd.DataFrame(COLUMNS).to_csv(path, index=False, sep="\t") or path,
    "columns.h5": written_hdf5,
    "compound.hdf5": written_compound,
    "events.fits": written_fits,
    "events.npz": written_npz,
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("cells", [2**22, 60])
def test_a_file_gives_back_what_was_written(tmp_path, monkeypatch, name, cells):
    monkeypatch.setattr(tablefile, "CELLS", cells)
    monkeypatch.setattr("ansatz.data.readers.arrow.CELLS", cells)
    table = read(WRITERS[name](tmp_path / name))
    assert table.rows == 50
    for column, values in COLUMNS.items():
        assert np.array_equal(table[column].astype(values.dtype), values), column
        assert table[column].dtype.isnative
    if not name.endswith(("csv", "gz", "bz2", "tsv")):
        assert table["pt"].dtype == np.float32


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(COLUMNS),
        pl.DataFrame(COLUMNS),
        pl.LazyFrame(COLUMNS),
        pa.table(COLUMNS),
        COLUMNS,
        np.rec.fromarrays(list(COLUMNS.values()), names=list(COLUMNS)),
    ],
    ids=["pandas", "polars", "lazy", "arrow", "dict", "structured"],
)
def test_frames_and_arrays_in_memory(frame):
    data = load(frame, target="kind", observers=["event"])
    assert data.columns == ("pt", "eta", "fired")
    assert data.classes == ("background", "signal")
    assert np.array_equal(data.column("event"), COLUMNS["event"])
    assert np.allclose(data.column("pt"), COLUMNS["pt"])
    assert np.array_equal(data.y, COLUMNS["kind"] == "signal")


def test_a_two_dimensional_array_has_numbered_columns(tmp_path):
    x = RNG.normal(size=(5, 3))
    assert load(x).columns == ("x0", "x1", "x2")
    np.save(tmp_path / "x.npy", x)
    assert np.array_equal(load(tmp_path / "x.npy").x, x)
    np.savez(tmp_path / "named.npz", x=x, columns=["a", "b", "c"])
    assert load(tmp_path / "named.npz").columns == ("a", "b", "c")


def test_nulls_of_frames_are_nan_and_none():
    frame = pl.DataFrame({"a": [1, None, 3], "b": [True, None, False], "c": ["x", None, "y"], "d": [None, None, None]})
    table = read(frame)
    assert np.allclose(table["a"], [1, np.nan, 3], equal_nan=True)
    assert np.allclose(table["b"], [1, np.nan, 0], equal_nan=True)
    assert table["c"].tolist() == ["x", None, "y"]
    assert np.isnan(table["d"]).all()


def test_times_are_seconds():
    table = read(pd.DataFrame({"t": pd.to_datetime(["1970-01-01 00:01:00", "1970-01-02 00:00:00"])}))
    assert table["t"].tolist() == [60.0, 86400.0]
    assert table.units == {"t": "s"}


def test_lists_of_every_format(tmp_path):
    with uproot.recreate(tmp_path / "lists.root") as file:
        file["Events"] = {"v": LISTS}
    pq.write_table(pa.table({"v": LISTS.to_list()}), tmp_path / "lists.parquet")
    with h5py.File(tmp_path / "lists.h5", "w") as file:
        column = file.create_dataset("v", 50, h5py.vlen_dtype(float))
        column[:] = np.array([np.array(v) for v in LISTS.to_list()] + [None], dtype=object)[:50]
    ragged = np.array([np.array(v) for v in LISTS.to_list()] + [None], dtype=object)[:50]
    fits.BinTableHDU.from_columns([fits.Column("v", "PD()", array=ragged)]).writeto(tmp_path / "lists.fits")
    for path in sorted(tmp_path.iterdir()):
        assert read(path, ["sum(v)", "len(v)"])["sum(v)"].tolist() == [0.0, 0.0, 1.0] * 16 + [0.0, 0.0], path
        with pytest.raises(InputError, match=r"'v' holds a list per event; choose a rule .* v\[0\], max\(v\)"):
            load(path, features=["v"])


def test_rntuples(tmp_path):
    with uproot.recreate(tmp_path / "new.root") as file:
        file.mkrntuple("Events", {"x": np.arange(5.0), "v": LISTS[:5]})
    assert read(tmp_path / "new.root", ["x + len(v)"])["x + len(v)"].tolist() == [0, 2, 4, 3, 5]


def test_fields_of_hdf5_keep_their_shape_and_type(tmp_path):
    maps = RNG.normal(size=(6, 4, 4)).astype(np.float32)
    with h5py.File(tmp_path / "fields.h5", "w") as file:
        file["run/maps"] = maps
        file["run/omega"] = np.linspace(0.1, 0.5, 6)
        file["run/maps"].attrs["units"] = "K"
    alone = load(f"{tmp_path}/fields.h5:/run/maps")
    assert np.array_equal(alone.x, maps)
    assert alone.x.dtype == np.float32
    assert alone.columns == ()
    both = load(tmp_path / "fields.h5", features=["maps"], target="omega")
    assert both.x.shape == (6, 4, 4)
    assert both.units == {"maps": "K"}


def test_images_of_fits(tmp_path):
    images = np.arange(24.0).reshape(2, 3, 4)
    fits.ImageHDU(images, name="SKY").writeto(tmp_path / "sky.fits")
    assert np.array_equal(load(tmp_path / "sky.fits").x, images)


def test_units_and_missing_integers_of_fits(tmp_path):
    columns = [
        fits.Column("mag", "E", unit="mag", array=[20.0, 21.0]),
        fits.Column("n", "J", null=-1, array=[3, -1]),
        fits.Column("z", "D", array=[0.1, 0.2]),
    ]
    fits.BinTableHDU.from_columns(columns, name="CAT").writeto(tmp_path / "cat.fits")
    table = read(f"{tmp_path}/cat.fits:cat")
    assert table.units == {"mag": "mag"}
    assert np.allclose(table["n"], [3, np.nan], equal_nan=True)


def test_given_units_stand_above_those_of_the_file(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["e"], file["p"] = [5.0], [3.0]
        file["e"].attrs["unit"] = "MeV"
    data = load(tmp_path / "a.h5", new={"m": "sqrt(e**2 - p**2)"}, units={"e": "GeV", "m": "GeV"})
    assert data.units == {"e": "GeV", "m": "GeV"}
    assert data.column("m").tolist() == [4.0]


TEXTS = {
    "plain": (b"a,b\n1,2.5\n3,4.5\n", {}),
    "byte-order mark": (b"\xef\xbb\xbfa,b\n1,2.5\n3,4.5\n", {}),
    "old Mac": (b"a,b\r1,2.5\r3,4.5\r", {}),
    "Windows": (b"a,b\r\n1,2.5\r\n3,4.5", {}),
    "blanks": (b"  a    b\n  1  2.5\n\t3\t 4.5 \n\n", {}),
    "tabs": (b"a\tb\n1\t2.5\n3\t4.5\n", {}),
    "comma as decimal mark": (b"a;b\n1;2,5\n3;4,5\n", {}),
    "bars": (b"a|b\n1|2.5\n3|4.5\n", {}),
    "comments": (b"# made by hand\n# a b\n1 2.5\n# half way\n3 4.5\n", {}),
    "names given": (b"1,2.5\n3,4.5\n", {"names": ["a", "b"]}),
    "names instead": (b"u,v\n1,2.5\n3,4.5\n", {"names": ["a", "b"]}),
    "quoted": (b'"a","b"\n"1","2.5"\n"3","4.5"\n', {}),
    "signs and exponents": (b"a,b\n+1, +25e-1\n3,+0.45E+01\n", {}),
    "row numbers of a frame": (b",a,b\n0,1,2.5\n1,3,4.5\n", {}),
    "blank lines": (b"\n\na,b\n\n1,2.5\n   \n3,4.5\n\n", {}),
    "gzip": (gzip.compress(b"a,b\n1,2.5\n3,4.5\n"), {}),
    "bzip2": (bz2.compress(b"a,b\n1,2.5\n3,4.5\n"), {}),
    "xz": (lzma.compress(b"a,b\n1,2.5\n3,4.5\n"), {}),
}


@pytest.mark.parametrize("how", TEXTS)
def test_text_tables_however_they_are_written(tmp_path, how):
    content, options = TEXTS[how]
    path = tmp_path / "table.dat"
    path.write_bytes(content)
    table = read(path, **options)
    assert list(table) == ["a", "b"]
    assert np.array_equal(table["a"], [1, 3])
    assert np.array_equal(table["b"], [2.5, 4.5])


def test_a_table_without_a_header_has_numbered_columns(tmp_path):
    (tmp_path / "a.csv").write_text("1,setosa\n2,virginica\n")
    table = read(tmp_path / "a.csv")
    assert list(table) == ["c0", "c1"]


def test_words_for_missing_values_and_yes_and_no(tmp_path):
    (tmp_path / "a.csv").write_text("a,b,c,ok\n1,x,inf,True\nNA,,nan,False\n,z,?,true\n")
    table = read(tmp_path / "a.csv")
    assert np.allclose(table["a"], [1, np.nan, np.nan], equal_nan=True)
    assert table["b"].tolist() == ["x", None, "z"]
    assert np.allclose(table["c"], [np.inf, np.nan, np.nan], equal_nan=True)
    assert table["ok"].tolist() == [True, False, True]


def test_letters_of_western_europe(tmp_path):
    (tmp_path / "a.csv").write_bytes("größe,n\n1.5,é\n".encode("latin-1"))
    assert read(tmp_path / "a.csv")["größe"].tolist() == [1.5]


def test_a_number_turns_into_a_float_or_a_word_late_in_a_long_file(tmp_path):
    rows = [f"{i},{i},{i}" for i in range(400_000)]
    rows[350_000] = "0.5,abc,1e30"
    (tmp_path / "long.csv").write_text("a,b,c\n" + "\n".join(rows))
    table = read(tmp_path / "long.csv", ["a", "c"])
    assert table["a"][350_000] == 0.5
    assert table["c"].max() == 1e30
    with pytest.raises(InputError, match="column 'b' should hold numbers but row 350001 has 'abc'"):
        load(tmp_path / "long.csv", features=["a", "b"])
    with pytest.raises(InputError, match="row 350001 has 'abc'"):
        load(tmp_path / "long.csv")


def test_a_folder_a_pattern_and_a_list_are_one_sample(tmp_path):
    for i in (1, 2, 10):
        (tmp_path / f"run{i}.csv").write_text(f"a\n{i}\n{i + 0.5}\n")
    names = [str(tmp_path / f"run{i}.csv") for i in (1, 2, 10)]
    for source in (tmp_path, f"{tmp_path}/run*.csv", names):
        data = load(source)
        assert data.x[:, 0].tolist() == [1, 1.5, 2, 2.5, 10, 10.5]
        assert data.column("file").tolist() == [0, 0, 1, 1, 2, 2]
        assert data.row.tolist() == list(range(6))


def test_files_with_labels_and_scales_make_classes(tmp_path):
    written_root(tmp_path / "signal.root")
    written_csv(tmp_path / "background.csv")
    source = [
        {"file": f"{tmp_path}/signal.root:Events", "label": 1, "scale": 0.1},
        {"file": tmp_path / "background.csv", "label": 0, "scale": 2},
    ]
    data = load(source, features=["pt", "eta"], weight="1 + fired", select="pt > 10")
    kept = COLUMNS["pt"] > 10
    assert np.array_equal(data.y, np.repeat([1, 0], kept.sum()))
    assert data.classes == ("0", "1")
    assert np.allclose(
        data.weight, np.concatenate([0.1 * (1 + COLUMNS["fired"][kept]), 2 * (1 + COLUMNS["fired"][kept])])
    )
    assert data.target == ("label",)


def test_weights_in_a_file_beside(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n2\n")
    (tmp_path / "a.weight").write_text("2\n-0.5\n")
    data = load({"file": tmp_path / "a.csv", "weights": tmp_path / "a.weight", "scale": 10})
    assert (data.columns, data.weight.tolist()) == (("x",), [20.0, -5.0])
