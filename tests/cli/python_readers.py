"""Study and results files through the readers people use: h5py, xarray (h5netcdf, netcdf4), h5dump.

Usage: python_readers.py DISSENSUS
"""
import pathlib
import subprocess
import sys
import tempfile
import warnings

import h5py
import numpy
import xarray

ROWS = """item,rater,gender,topic,toxic,amount
a,r1,Man,x,1,0.5
a,r2,Woman,x,2,1
a,r3,Woman,x,2,0.5
a,r4,Man,x,3,2
b,r1,Man,y,1,1
b,r2,Woman,y,2,2
b,r3,Woman,y,1,1
b,r4,Man,y,3,0.5
é,r1,Man,,3,1
é,r2,Woman,,1,1
"""


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stderr}"
    return done.stdout


def make_files(program, folder):
    table, study, results = folder / "t.csv", folder / "study.h5", folder / "results.h5"
    table.write_text(ROWS, encoding="utf-8")
    run(program, "import", table, "-o", study, "--rater", "rater", "--item", "item",
        "--rating", "toxic:ordinal", "--rating", "amount:ratio", "--rater-attr", "gender",
        "--item-attr", "topic", "--quiet")
    run(program, "gai", study, "-o", results, "--by", "gender", "--permutations", "50",
        "--metrics", "all", "--bootstrap", "200", "--over", "both", "--save-null", "--quiet")
    pairs = folder / "pairs.h5"
    run(program, "pairs", study, "-o", pairs, "--question", "toxic", "--by", "gender",
        "--permutations", "50")
    return study, results, pairs


def every_dataset(file):
    found = []
    file.visititems(lambda name, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
    return found


def check_dimensions(path):
    """Every dimension of every dataset has a scale of its length, and a name."""
    with h5py.File(path) as file:
        for dataset in every_dataset(file):
            for axis, dimension in enumerate(dataset.dims):
                assert dimension.label, (dataset.name, axis)
                if dataset.is_scale:
                    continue
                assert len(dimension) == 1, (dataset.name, axis)
                assert dimension[0].shape == (dataset.shape[axis],), (dataset.name, axis)
                assert dimension[0].name.rsplit("/", 1)[1] == dimension.label, dataset.name


def check_study_h5py(path):
    with h5py.File(path) as file:
        assert file.attrs["kind"] == "dissensus-study"
        assert file.attrs["format"].split(".")[0] == "1"
        for key in ("created_by", "created_at", "command", "input_sha256"):
            assert file.attrs[key], key
        assert list(file["item"].asstr()) == ["a", "b", "é"]
        assert list(file["question"].asstr()) == ["toxic", "amount"]
        gender = file["rater_attributes/gender"]
        assert gender.attrs["encoding-type"] == "categorical"
        assert gender.attrs["encoding-version"] == "0.2.0"
        assert gender.attrs["ordered"].dtype == bool
        assert gender["codes"].dtype == numpy.int8
        assert list(gender["categories"].asstr()) == ["Man", "Woman"]
        assert list(file["item_attributes/topic/codes"]) == [0, 1, -1]
        toxic = file["ratings/toxic"]
        assert toxic.attrs["scale"] == "ordinal"
        assert list(toxic.attrs["levels"]) == ["1", "2", "3"]
        assert list(file["ratings/amount"].attrs["values"]) == [0.5, 1, 2]
        assert list(toxic["item_ptr"]) == [0, 4, 8, 10]
        assert list(toxic["code"]) == [0, 1, 1, 2, 0, 0, 1, 2, 0, 2]
        assert list(toxic["rater"]) == [0, 1, 2, 3, 0, 2, 1, 3, 1, 0]
        for name in ("item_ptr", "rater", "code"):
            assert toxic[name].fletcher32 and toxic[name].shuffle, name
            assert toxic[name].compression == "gzip", name


def check_study_xarray(path, engine):
    with xarray.open_dataset(path, engine=engine) as root:
        assert set(root.sizes) >= {"rater", "item", "question"}, root.sizes
        assert list(root["rater"].values) == ["r1", "r2", "r3", "r4"]
        assert list(root["item"].values) == ["a", "b", "é"]
    with xarray.open_dataset(path, engine=engine, group="ratings/toxic") as toxic:
        assert toxic["code"].dims == ("rating",) and toxic["rater"].dims == ("rating",)
        assert toxic["item_ptr"].dims == ("item_edge",)
        assert toxic["code"].load().shape == (10,)
    with xarray.open_dataset(path, engine=engine, group="rater_attributes/gender") as gender:
        assert gender["codes"].dims == ("rater",)
        assert list(gender["categories"].values) == ["Man", "Woman"]


def check_results_xarray(path, engine):
    cell = ("question", "group", "statistic")
    with xarray.open_dataset(path, engine=engine) as root:
        assert root.attrs["kind"] == "dissensus-results"
        assert root["observed"].dims == cell
        irr = root["observed"].sel(question="toxic", group="gender: Woman", statistic="irr")
        assert numpy.isfinite(float(irr))
        assert list(root["statistic"].values)[0] == "irr"
    with xarray.open_dataset(path, engine=engine, group="null") as null:
        assert null["mean"].dims == cell
        assert null["histogram"].dims == cell + ("bin",)
        assert null["histogram_edges"].dims == cell + ("edge",)
        assert null["quantiles"].dims == cell + ("quantile",)
        assert null["values"].dims == ("resample",) + cell
        counts = [null[name].load() for name in ("below", "equal", "above", "undefined")]
        assert (sum(counts) == null["resamples"]).all()
    with xarray.open_dataset(path, engine=engine, group="p") as p:
        assert p["two_sided"].dims == cell
    with xarray.open_dataset(path, engine=engine, group="interval") as interval:
        assert interval["low"].dims == interval["bca_high"].dims == cell
        assert interval["method"].attrs["flag_meanings"][3] == "bca"
        made = interval["method"].load() > 0
        assert made.any() and numpy.isfinite(interval["basic_low"].where(made, 0)).all()
        withheld = interval["withheld"].load()
        assert withheld.attrs["flag_meanings"][2] == "OFTEN_UNDEFINED"
        assert (withheld > 0).any() and not ((withheld > 0) & made).any()
    with xarray.open_dataset(path, engine=engine, group="detail") as detail:
        assert detail["fieller_kind"].dims == ("question", "group")
        assert detail["ratings"].dims == ("question", "group")
        assert detail["marginals"].dims == ("question", "group", "level")


def main():
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as name:
        study, results, pairs = make_files(sys.argv[1], pathlib.Path(name))
        for path in (study, results, pairs):
            check_dimensions(path)
            assert "DIMENSION_SCALE" in run("h5dump", path)
            for engine in ("h5netcdf", "netcdf4"):
                with xarray.open_datatree(path, engine=engine) as tree:
                    tree.load()
        check_study_h5py(study)
        for engine in ("h5netcdf", "netcdf4"):
            check_study_xarray(study, engine)
            check_results_xarray(results, engine)


main()
