"""`gai --save-null`: what the results say of a null distribution, recomputed from its values.

Usage: save_null.py DISSENSUS
"""
import itertools
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time

import h5py
import numpy
import xarray

ENVIRONMENT = dict(os.environ, SOURCE_DATE_EPOCH="1700000000")
# The address sanitizer keeps what was freed; little of it here, where memory is measured.
ENVIRONMENT["ASAN_OPTIONS"] = ":".join(
    filter(None, [os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=4"]))


def run(*words, status=0, limit=None):
    def set_limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          env=ENVIRONMENT, preexec_fn=set_limit if limit else None)
    assert done.returncode == status, f"{words}: {done.returncode}\n{done.stderr}"
    return done.stderr


def make_study(program, folder, name, raters, items, density):
    """Two questions; attributes with a group of one rater, which is listed but not tested."""
    generator = random.Random(11)
    table, study = folder / f"{name}.csv", folder / f"{name}.h5"
    rows = ["rater,item,group,site,harm,kind"]
    for r in range(raters):
        site = "lone" if r == 0 else "ab"[r % 2]
        for i in range(items):
            if generator.random() < density:
                rows.append(f"r{r},i{i},{'xyz'[r % 3]},{site},{generator.randint(1, 4)},"
                            f"{generator.choice('pq')}")
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    run(program, "import", table, "-o", study, "--rater", "rater", "--item", "item", "--rating",
        "harm:ordinal", "--rating", "kind", "--rater-attr", "group,site", "--quiet")
    return study


def check_values(path, resamples):
    """Counts and moments of every cell, from the values."""
    with h5py.File(path) as file:
        observed, null = file["observed"][:], file["null"]
        stored = null["values"]
        assert stored.dtype == numpy.float64 and stored.shape == (resamples,) + observed.shape
        assert stored.fletcher32 and stored.shuffle and stored.compression == "gzip"
        values = stored[:]
        tested = ~numpy.isnan(observed)
        with numpy.errstate(invalid="ignore"):
            counts = {"below": values < observed, "equal": values == observed,
                      "above": values > observed, "undefined": numpy.isnan(values)}
        for name, where in counts.items():
            assert (null[name][:][tested] == where.sum(axis=0)[tested]).all(), name
        assert (null["resamples"][:][tested] == resamples).all()
        few = file["reason"][:] == list(file["reason"].attrs["flag_meanings"]).index("TOO_FEW_RATERS")
        assert numpy.isnan(values[:, few]).all(), "groups that are not tested have no values"
        some = tested & ~numpy.isnan(values).all(axis=0)
        assert some.any()
        columns = values[:, some]
        for name, expected in (("mean", numpy.nanmean(columns, axis=0)),
                               ("min", numpy.nanmin(columns, axis=0)),
                               ("max", numpy.nanmax(columns, axis=0))):
            assert numpy.allclose(null[name][:][some], expected, rtol=1e-12, atol=1e-12), name
        if resamples > 1:
            spread = [numpy.nanstd(c, ddof=1) for c in columns.T if (~numpy.isnan(c)).sum() > 1]
            enough = (~numpy.isnan(columns)).sum(axis=0) > 1
            assert numpy.allclose(null["sd"][:][some][enough], spread, rtol=1e-9, atol=1e-12)
        return int(few.sum()), int(numpy.isnan(values[:, some]).sum())


def check_xarray(path, resamples):
    for engine in ("h5netcdf", "netcdf4"):
        with xarray.open_datatree(path, engine=engine) as tree:
            values = tree["/null"]["values"]
            assert values.dims == ("resample", "question", "group", "statistic"), values.dims
            one = values.sel(question="kind", group="group: y", statistic="irr").load()
            assert one.shape == (resamples,) and one.isel(resample=slice(0, 5)).size == min(5, resamples)
            mean = tree["/null"]["mean"].sel(question="kind", group="group: y", statistic="irr")
            assert abs(float(one.mean()) - float(mean)) < 1e-12


def check_run(program, study, folder, resamples, *options):
    one, many, plain = (folder / name for name in ("one.h5", "many.h5", "plain.h5"))
    words = [program, "gai", study, "--metrics", "all", "--quiet", "--force", *options]
    run(*words, "--save-null", "-o", one, "--threads", 1)
    run(*words, "--save-null", "-o", many, "--threads", 3)
    run(*words, "-o", plain)
    assert one.read_bytes() == many.read_bytes(), "threads leave a trace"
    few, undefined = check_values(one, resamples)
    check_xarray(one, resamples)
    with h5py.File(one) as a, h5py.File(plain) as b:
        assert "values" not in b["null"]
        for folder_name in ("null", "p", "detail"):
            for name in b[folder_name]:
                assert numpy.array_equal(a[folder_name][name][:], b[folder_name][name][:],
                                         equal_nan=True), name
    assert (subprocess.check_output([program, "report", one, "--format", "csv"])
            == subprocess.check_output([program, "report", plain, "--format", "csv"]))
    return few, undefined


def check_together(program, study, folder):
    """--stop-after and --bootstrap beside it: each gives what it gives alone."""
    one, many, stopped, intervals = (folder / f"{name}.h5" for name in (
        "together", "threads", "stopped", "intervals"))
    words = [program, "gai", study, "--metrics", "all", "--by", "all", "--quiet", "--force"]
    bootstrap = ["--bootstrap", 200, "--over", "both"]
    stop = ["--permutations", 1 << 20, "--stop-after", 40]
    run(*words, *stop, *bootstrap, "--save-null", "-o", one, "--threads", 1)
    run(*words, *stop, *bootstrap, "--save-null", "-o", many, "--threads", 5)
    run(*words, *stop, "-o", stopped)
    run(*words, *bootstrap, "--permutations", 0, "-o", intervals)
    assert one.read_bytes() == many.read_bytes(), "threads leave a trace"
    with h5py.File(one) as a, h5py.File(stopped) as b, h5py.File(intervals) as c:
        assert a.attrs["format"] == "1.2" and a.attrs["stop_after"] == "40"
        assert a.attrs["bootstrap"] == "200" and a.attrs["over"] == "both"
        for other, folder_name in ((b, "null"), (b, "p"), (c, "interval")):
            for name in other[folder_name]:
                assert numpy.array_equal(a[folder_name][name][:], other[folder_name][name][:],
                                         equal_nan=True), name
        assert (a["interval/method"][:] != 0).any()
        observed, values, counted = a["observed"][:], a["null/values"][:], a["null/resamples"][:]
        rows = int(a.attrs["resamples"][0])
        assert values.shape == (rows,) + observed.shape and rows < 1 << 20 and rows % 4096 == 0
        tested = ~numpy.isnan(observed)
        assert counted[tested].max() == rows and counted[tested].min() < rows, "some stopped before"
        early = numpy.arange(rows)[:, None, None, None] < counted
        with numpy.errstate(invalid="ignore"):
            for name, where in (("below", values < observed), ("above", values > observed),
                                ("undefined", numpy.isnan(values))):
                assert (a["null"][name][:][tested] == (where & early).sum(axis=0)[tested]).all(), name
    report = [subprocess.check_output([program, "report", path, "--format", "csv"]).splitlines()
              for path in (one, many)]
    assert report[0] == report[1] and len(report[0]) > 1


def check_limits(program, study, folder):
    """Wherever the disk gives out: status 4, one line, nothing left."""
    target = folder / "full.h5"
    words = [program, "gai", study, "--metrics", "all", "--permutations", 9000, "--save-null",
             "--quiet", "-o", target]
    run(*words)
    size = target.stat().st_size
    target.unlink()
    before = sorted(folder.iterdir())
    # (LLVM's OpenMP needs a kilobyte of its own.)
    for limit in (2048, 4096, 50_000, size // 2, size - 20_000, size - 1):
        said = run(*words, status=4, limit=limit)
        assert said == f"dissensus gai: {target}: cannot write: File too large\n", said
        assert sorted(folder.iterdir()) == before
    target.write_text("mine")
    assert "exists already" in run(*words, status=4)
    run(*words, "--force", status=4, limit=size // 2)
    assert target.read_text() == "mine", "a failed run replaces nothing"
    target.unlink()


def check_signals(program, study, folder):
    """A run that is ended by a signal, while it shuffles or while it bootstraps, leaves nothing, and
    ends by it."""
    before = sorted(folder.iterdir())
    endless = [["--permutations", 1 << 40], ["--permutations", 10, "--bootstrap", 5_000_000]]
    for number, options in itertools.product((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), endless):
        child = subprocess.Popen([str(word) for word in (
            program, "gai", study, *options, "--save-null", "--quiet",
            "-o", folder / "endless.h5")], env=ENVIRONMENT,
            preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
        while not any("endless.h5.part-" in path.name for path in folder.iterdir()):
            assert child.poll() is None
            time.sleep(0.01)
        time.sleep(0.2)
        child.send_signal(number)
        assert child.wait(timeout=60) == -number, child.returncode
        assert sorted(folder.iterdir()) == before, number


def peak_kib(program, study, folder, permutations):
    """VmHWM of a run, looked at until it ends (what wait4 tells includes this Python's own)."""
    child = subprocess.Popen([str(word) for word in (
        program, "gai", study, "--metrics", "all", "--by", "all", "--permutations", permutations,
        "--save-null", "--quiet", "--force", "--threads", 1, "-o", folder / "big.h5")],
        env=ENVIRONMENT)
    peak = 0
    while child.poll() is None:
        for line in pathlib.Path(f"/proc/{child.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                peak = int(line.split()[1])
        time.sleep(0.005)
    assert child.returncode == 0 and peak > 0
    return peak


def check_memory(program, folder):
    study = make_study(program, folder, "tiny", raters=18, items=3, density=1.0)
    few, many = 10_000, 80_000
    low, high = (peak_kib(program, study, folder, n) for n in (few, many))
    with h5py.File(folder / "big.h5") as file:
        shape = file["null/values"].shape
        assert shape[0] == many
        grown = (many - few) * numpy.prod(shape[1:]) * 8 // 1024
        assert numpy.isfinite(file["null/values"][many - 1]).any()
    print(f"peak memory {low} KiB with {few} resamples, {high} KiB with {many}; "
          f"the values grew by {grown} KiB")
    assert high - low < grown // 4, "memory grows with the number of resamples"


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        study = make_study(program, folder, "study", raters=25, items=12, density=0.4)
        few, undefined = check_run(program, study, folder, 9000, "--permutations", "9000",
                                   "--by", "all", "--depth", "2")
        assert few and undefined, "the study has both"
        check_run(program, study, folder, 1, "--permutations", "1")
        check_run(program, study, folder, 300, "--permutations", "300", "--scheme", "strata:site")
        six = make_study(program, folder, "six", raters=6, items=12, density=0.9)
        with h5py.File(folder / "one.h5") as file:
            assert file.attrs["arrangements"] == "random"
        check_run(program, six, folder, 90, "--permutations", "5000", "--by", "group")
        with h5py.File(folder / "one.h5") as file:
            assert file.attrs["arrangements"] == "all"
        check_together(program, study, folder)
        check_limits(program, study, folder)
        check_signals(program, study, folder)
        check_memory(program, folder)


main()
