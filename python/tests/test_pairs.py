"""Pairs of raters: the matrices of the command's file, read lazily."""

import pathlib
from typing import Any

import numpy
import pytest
import xarray
from conftest import run

import dissensus
from dissensus import Pairs, Study


@pytest.fixture(scope="module")
def theirs(command_study: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("pairs") / "p.h5"
    run("pairs", command_study, "-o", path, "--by", "gender", "--by", "gender,age",
        "--permutations", "300", "--quiet")
    return path


def test_equal_to_the_command(study: Study, theirs: pathlib.Path) -> None:
    ours = study.run_pairs(by=["gender", ("gender", "age")], permutations=300, progress=False)
    other = Pairs.open(theirs)
    for form in ("table", "csv", "json"):
        one, two = ours.report(form), other.report(form)
        if form == "json":  # it has the command and the time
            continue
        assert one == two
    matrices = ours.matrices()
    assert matrices.dims == ("statistic", "rater", "rater_2")
    assert matrices.dtype == numpy.float64
    with xarray.open_dataset(theirs, engine="h5netcdf") as file:
        for name in ("shared", "agreements", "mean_distance", "kappa", "correlation"):
            here = matrices.sel(statistic=name)
            assert numpy.array_equal(here.values, file[name].values, equal_nan=True), name
        assert matrices.rater.values.tolist() == file.rater.values.astype(str).tolist()


def test_tests_and_blocks(study: Study) -> None:
    pairs = study.run_pairs(by="gender", permutations=300, progress=False)
    tests = pairs.tests().set_index("test")
    assert list(tests.index) == ["anosim", "permanova"] and (tests.axis == "gender").all()
    csv = [line.split(",") for line in pairs.report("csv").splitlines()]
    rows = {(row[2], row[3], row[4]): row for row in csv[1:]}
    assert float(rows["", "", "anosim_r"][6]) == tests.loc["anosim", "value"]
    assert float(rows["", "", "permanova_f"][11]) == tests.loc["permanova", "p"]
    blocks = pairs.blocks()
    assert len(blocks) == 3
    first = blocks.iloc[0]
    assert float(rows["man", "man", "kappa"][6]) == first.kappa
    assert first.pairs == 30 * 29 // 2 and first.raters == 30
    totals = pairs.totals
    assert totals["pairs"] == 60 * 59 // 2 and totals["counted"] <= totals["shared"]
    assert pairs.provenance["permutations"] == "300" and pairs.reason == ""
    assert repr(pairs) == "<dissensus.Pairs: 60 x 60 raters on toxicity (ordinal)>"


@pytest.mark.parametrize("half", [False, True])
def test_indexing(half: bool, study: Study, tmp_path: pathlib.Path) -> None:
    lazy = study.run_pairs(path=tmp_path / "p.h5", half=half, progress=False).matrices()
    whole = lazy.copy(deep=True).load()
    assert numpy.isnan(whole).any() and (whole.sel(statistic="shared") >= 0).all()
    keys: list[Any] = [
        (0,), (slice(None), 3), (slice(None), slice(5, 50, 7), 2), (1, slice(None, None, -1)),
        (slice(1, 3), [4, 2, 2], slice(0, 0)), (slice(None), slice(50, 2, -3), slice(-4, None)),
        (-1, -1, -1), ([2, 0], slice(3, 9), slice(10, 12)), (slice(0, 0),),
    ]
    for key in keys:
        one, two = lazy[key], whole[key]
        assert one.shape == two.shape, key
        assert numpy.array_equal(one.values, two.values, equal_nan=True), key
    picked = lazy.sel(statistic="kappa", rater=["w03", "w01"], rater_2="w02")
    assert numpy.array_equal(
        picked.values, whole.sel(statistic="kappa", rater=["w03", "w01"], rater_2="w02").values)
    kappa = whole.sel(statistic="kappa").values
    assert numpy.array_equal(kappa, kappa.T, equal_nan=True)


def test_read_blocks(study: Study) -> None:
    pairs = study.run_pairs(progress=False)
    whole = pairs.read("shared")
    assert whole.shape == (60, 60)
    assert numpy.array_equal(pairs.read("shared", slice(3, 9), slice(50, None)), whole[3:9, 50:])
    assert pairs.read("shared", slice(9, 3)).shape == (0, 60)
    with pytest.raises(dissensus.UsageError, match="steps"):
        pairs.read("shared", slice(0, 9, 2))
    with pytest.raises(dissensus.UsageError, match="nothing"):
        pairs.read("nothing")
    with pytest.raises(dissensus.UsageError, match="nothing"):
        pairs.matrices(["nothing"])


def test_the_temporary_file_goes(study: Study, monkeypatch: pytest.MonkeyPatch,
                                 tmp_path: pathlib.Path) -> None:
    import gc
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pairs = study.pairs(progress=False)
    assert len(list(tmp_path.iterdir())) == 1
    row = pairs[0, 0].load()
    del pairs
    gc.collect()
    assert row.shape == (60,)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(dissensus.UsageError):
        study.pairs("nothing")
    with pytest.raises(dissensus.UsageError, match="scheme goes with by"):
        study.pairs(scheme="strata:gender")
    assert list(tmp_path.iterdir()) == []


def test_files(study: Study, theirs: pathlib.Path, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "p.h5"
    study.pairs(path=path, progress=False)
    with pytest.raises(dissensus.FileError, match="p.h5"):
        study.pairs(path=path, progress=False)
    study.pairs(path=path, overwrite=True, progress=False)
    with pytest.raises(dissensus.DataError):
        study.save(tmp_path / "s.h5")
        Pairs.open(tmp_path / "s.h5")
