"""The package's numbers are the command's, to the bit."""

import csv
import io
import math
import pathlib
from typing import Any

import numpy
import pandas
import pytest
from conftest import DEMO, run

import dissensus
from dissensus._library import ffi, lib

# Options of the package beside those of the command.
CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"by": "all"}, ["--by", "all"]),
    ({"by": "all", "depth": 1, "seed": 7}, ["--by", "all", "--depth", "1", "--seed", "7"]),
    ({"by": ["age", ("gender", "age")]}, ["--by", "age", "--by", "gender,age"]),
    ({"scheme": "strata:gender", "by": "age"}, ["--scheme", "strata:gender", "--by", "age"]),
    (
        {"scheme": "within:age", "by": [("gender", "age")]},
        ["--scheme", "within:age", "--by", "gender,age"],
    ),
    ({"metrics": "all"}, ["--metrics", "all"]),
    ({"metrics": ["irr", "voting"], "ties": "skip"}, ["--metrics", "irr,voting", "--ties", "skip"]),
    ({"metrics": "pair-gai"}, ["--metrics", "pair-gai"]),
    ({"units": "common"}, ["--units", "common"]),
    ({"permutations": 0}, ["--permutations", "0"]),
    ({"stop_after": 20, "permutations": 20000}, ["--stop-after", "20", "--permutations", "20000"]),
    ({"min_raters": 15, "by": "all"}, ["--min-raters", "15", "--by", "all"]),
    (
        {"where": {"gender": "woman"}, "by": "age"},
        ["--where", "gender=woman", "--by", "age"],
    ),
    *[
        (
            {"bootstrap": 300, "over": over, "interval": interval},
            ["--bootstrap", "300", "--over", over, "--interval", interval],
        )
        for over, interval in [
            ("raters", "bca"), ("items", "basic"), ("both", "percentile"), ("both", "bca")
        ]
    ],
    ({"backend": "reference", "threads": 1}, ["--backend", "cpu", "--threads", "2"]),
]


def options_of(given: dict[str, Any]) -> dict[str, Any]:
    return {"permutations": 500, **given}


@pytest.mark.parametrize("given, words", CASES, ids=lambda case: " ".join(case) if case and
                         isinstance(case, list) else "")
def test_equal_to_the_command(
    given: dict[str, Any], words: list[str], study: dissensus.Study, command_study: pathlib.Path,
    tmp_path: pathlib.Path,
) -> None:
    results = tmp_path / "results.h5"
    more = [] if "permutations" in given else ["--permutations", "500"]
    run("gai", command_study, "-o", results, "--quiet", *words, *more)
    table = study.gai(progress=False, **options_of(given))
    for form in ("csv", "markdown", "latex"):
        assert study.report(form) == run("report", results, "--format", form), form
    # The table against the numbers of the file, which the package opens: every column.
    lines = list(csv.reader(io.StringIO(run("report", results, "--format", "csv"), newline="")))
    assert list(table.columns) == lines[0]
    assert len(table) == len(lines) - 1 > 0
    for name, values in zip(lines[0], zip(*lines[1:])):
        for value, cell in zip(values, table[name]):
            if isinstance(cell, str):
                assert value == cell, name
            elif pandas.isna(cell):
                assert value == "", name
            else:
                assert float(value) == cell, name


def cells_of(results: dissensus.Results) -> list[tuple[str, str, str, str, Any]]:
    found = []
    for q, question in enumerate(results.questions):
        for g, (axis, group) in enumerate(results.groups):
            for s in range(lib.DSS_N_STATISTICS):
                cell = lib.dss_results_cell(results._handle, q, g, s)
                if cell != ffi.NULL:
                    name = ffi.string(lib.dss_statistic_name(s)).decode()
                    found.append((question, axis, group, name, cell))
    return found


def test_the_table_is_the_cells(study: dissensus.Study) -> None:
    """Not the text's numbers, but those that the library holds."""
    results = study.run(by="all", permutations=300, bootstrap=100, metrics="all", progress=False)
    table = results.to_dataframe()
    rows = table[table.statistic != "dsi"]
    cells = cells_of(results)
    assert len(rows) == len(cells) > 50
    numbers = "estimate null_mean null_sd z p_up p_down p p_grasp q_bh p_holm p_bonferroni p_maxt " \
              "ci_low ci_high se".split()
    for row, (question, axis, group, name, cell) in zip(rows.itertuples(), cells):
        assert (row.question, row.axis, row.group, row.statistic) == (question, axis, group, name)
        for column in numbers:
            here, there = getattr(row, column), getattr(cell, column)
            assert here == there or (math.isnan(here) and math.isnan(there)), column
        assert row.ge == cell.ge and row.resamples == cell.resamples
        assert row.direction == {-1: "down", 0: "", 1: "up"}[cell.direction]


def test_types_of_columns(study: dissensus.Study) -> None:
    table = study.gai(permutations=100, progress=False)
    kinds = {name: str(dtype) for name, dtype in table.dtypes.items()}
    assert all(kinds[name] == "float64" for name in ("estimate", "p", "q_bh", "ci_low"))
    assert all(kinds[name] == "Int64" for name in ("raters", "ge", "resamples", "ci_undefined"))
    assert all(kinds[name] in ("object", "str", "string") for name in ("group", "reason"))
    assert table.attrs["seed"] == "1" and table.attrs["permutations"] == "100"
    assert table.attrs["input_sha256"] == study.digest
    assert table.attrs["command"] == "Study.gai(permutations=100)"


def test_from_csv_is_the_import(study: dissensus.Study) -> None:
    made = dissensus.Study.from_csv(
        DEMO, rater="worker", item="comment", ratings="toxicity:ordinal",
        rater_attrs=["gender", "age"], bins={"age": [40]}, progress=False)
    assert made.digest == study.digest
    assert made.provenance["import_log"] == study.provenance["import_log"]
    assert made.provenance["input_sha256"] == study.provenance["input_sha256"]


def test_files_are_the_command_s(
    study: dissensus.Study, command_study: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    saved, results = tmp_path / "s.h5", tmp_path / "r.h5"
    study.save(saved)
    assert dissensus.Study.open(saved).digest == study.digest
    run("gai", saved, "-o", results, "--permutations", "200", "--quiet")
    theirs = dissensus.Results.open(results)
    ours = study.run(permutations=200, progress=False)
    assert theirs.report("csv") == ours.report("csv")
    for form in ("csv", "json", "markdown", "latex", "html"):
        printed = run("report", results, "--format", form)
        assert theirs.report(form) == printed and len(printed) > 500, form
    page = theirs.report("html", tmp_path / "r.html")
    assert page.startswith("<!DOCTYPE html>") and (tmp_path / "r.html").read_text() == page
    ours.save(tmp_path / "o.h5")
    assert run("report", tmp_path / "o.h5", "--format", "csv") == ours.report("csv")
    with pytest.raises(dissensus.FileError, match="o.h5"):
        ours.save(tmp_path / "o.h5")
    ours.save(tmp_path / "o.h5", overwrite=True)
    ours.report("json", tmp_path / "o.json")
    assert (tmp_path / "o.json").read_text() == ours.report("json")


def test_handle(study: dissensus.Study) -> None:
    results = study.run(by=["gender", "age"], permutations=1000, bootstrap=100, progress=False)
    assert results.axes == ["gender", "age"] and results.questions == ["toxicity"]
    assert ("gender", "woman") in results.groups
    assert results.statistics == ["irr", "xrr", "gai", "difference"]
    assert results.provenance["scheme"] == "free"
    histogram = results.histogram("gai", "woman")
    assert histogram is not None
    assert int(histogram.counts.sum()) + histogram.below + histogram.above == 1000
    assert len(histogram.edges) == len(histogram.counts) + 1
    mean = (histogram.counts * (histogram.edges[1:] + histogram.edges[:-1]) / 2).sum() / 1000
    table = results.to_dataframe()
    table = table[table.statistic != "dsi"].set_index(["group", "statistic"]).sort_index()
    assert abs(mean - table.loc[("woman", "gai"), "null_mean"]) < 0.02
    details = results.details()
    assert list(details.group) == ["man", "woman", "<40", ">=40"]
    assert details.raters.tolist() == [30, 30, 29, 30]
    irr = 1 - details.observed_disagreement / details.expected_disagreement
    assert numpy.allclose(irr, [table.loc[(g, "irr"), "estimate"] for g in details.group], atol=1e-12)
    assert sum(details.marginals[0]) == details.pairable[0]
    with pytest.raises(dissensus.UsageError, match="nobody"):
        results.histogram("gai", "nobody")
    no_null = study.run(permutations=0).histogram("gai", "woman")
    assert no_null is None


def test_null_values_in_a_file(study: dissensus.Study, tmp_path: pathlib.Path) -> None:
    """Read by h5py, whose HDF5 is another than the library's, in the same process."""
    import h5py

    path = tmp_path / "null.h5"
    table = study.gai(by="gender", permutations=500, save_null=path, progress=False)
    with h5py.File(path) as file:
        values = file["/null/values"][:]
        assert values.shape == (500, 1, 2, 4)
        gai = table[(table.group == "woman") & (table.statistic == "gai")].iloc[0]
        assert numpy.isclose(numpy.nanmean(values[:, 0, 1, 2]), gai.null_mean, rtol=1e-12)
        assert int((values[:, 0, 1, 2] >= gai.estimate).sum()) == gai["ge"]
        # While theirs is open, ours is used, and the other way around.
        assert dissensus.Results.open(path).to_dataframe().equals(table)
    assert run("report", path, "--format", "csv") == study.report("csv")


def test_none_is_the_default(study: dissensus.Study) -> None:
    options: Any = {name: None for name in dissensus._options.Options.__annotations__}
    options |= {"permutations": 100, "progress": False}
    assert study.gai(**options).equals(study.gai(permutations=100, progress=False))


def test_shards_and_merge(study: dissensus.Study, tmp_path: pathlib.Path) -> None:
    options: dict[str, Any] = {"permutations": 20000, "bootstrap": 60, "progress": False}
    whole = study.run(**options)
    paths = [tmp_path / f"{i}.h5" for i in range(3)]
    for i, path in enumerate(paths):
        part = study.run(shard=(i, 3), **options)
        assert part.is_part
        with pytest.raises(dissensus.UsageError, match="part"):
            part.to_dataframe()
        part.save(path)
    assert dissensus.merge(paths[::-1]).report("csv") == whole.report("csv")
    with pytest.raises(dissensus.DataError, match="is in none of the parts|missing"):
        dissensus.merge(paths[:2])


def test_explain_and_devices(study: dissensus.Study) -> None:
    said = study.explain(by="all", trial=0.05)
    assert said["backend"] in ("cpu", "reference") and said["resamples"] == 10000
    assert said["method"] and said["why"] and said["threads"] >= 1
    assert 0 < said["seconds_low"] <= said["seconds"] <= said["seconds_high"]
    assert isinstance(dissensus.devices(), list)


def test_selftest_and_version() -> None:
    dissensus.selftest()
    assert run("--version").split()[1] == dissensus.__version__
