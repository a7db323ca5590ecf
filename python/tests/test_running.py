"""Interrupts, threads, processes, memory, progress, the log, errors of the library."""

import gc
import multiprocessing
import os
import pathlib
import resource
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy
import pandas
import psutil
import pytest

import dissensus
from dissensus import Study, _library

LONG: dict[str, Any] = {"permutations": 50_000_000, "progress": False}


def interrupt_after(seconds: float, work: Callable[[], Any]) -> float:
    """How long the work went on after a SIGINT that came so many seconds after it began."""
    sent: list[float] = []

    def send() -> None:
        time.sleep(seconds)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    sender = threading.Thread(target=send)
    sender.start()
    with pytest.raises(KeyboardInterrupt):
        work()
    ended = time.monotonic()
    sender.join()
    return ended - sent[0]


def settled() -> None:
    """Until no call is left to end."""
    deadline = time.monotonic() + 120
    while _library._under_way and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _library._under_way == 0


def within_a_second(work: Callable[[], Any]) -> None:
    """On a busy machine one try in a few."""
    lasted = [interrupt_after(1.0, work)]
    while min(lasted) >= 1.0 and len(lasted) < 5:
        settled()
        lasted.append(interrupt_after(1.0, work))
    assert min(lasted) < 1.0, lasted


@pytest.mark.parametrize(
    "options",
    [
        LONG,
        {**LONG, "metrics": "pair-gai"},
        {"permutations": 0, "bootstrap": 50_000_000, "progress": False},
        {**LONG, "metrics": "all", "by": "all"},
    ],
    ids="permutations pair-gai bootstrap all".split(),
)
def test_interrupt(options: dict[str, Any], large: Study, study: Study) -> None:
    before = study.gai(permutations=100, progress=False)
    within_a_second(lambda: large.gai(**options))
    assert study.gai(permutations=100, progress=False).equals(before)
    settled()


def test_interrupt_pairs(large: Study, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "p.h5"
    within_a_second(lambda: large.pairs(by="a", path=path, permutations=10**10, progress=False))
    settled()
    assert list(tmp_path.iterdir()) == []
    assert large.pairs(path=path, progress=False).shape[1:] == (400, 400)


def test_interrupt_keeps_a_checkpoint(large: Study, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "checkpoint"
    alone: dict[str, Any] = {"by": "a", "progress": False, "threads": 1}
    begun = time.monotonic()
    large.run(permutations=6000, **alone)
    # So many that a run lasts some three seconds, however fast the machine: ten stops or so.
    many = 6000 * max(1, round(3 / (time.monotonic() - begun)))
    whole = large.run(permutations=many, **alone)
    options = {**alone, "permutations": many, "checkpoint": folder}
    stopped = 0
    for _ in range(200):
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        try:
            timer.start()
            results = large.run(**options, resume=True)
            timer.cancel()
            timer.join()
            break
        except KeyboardInterrupt:
            stopped += 1
            settled()
    else:
        results = large.run(**options, resume=True)
    assert stopped > 0
    assert results.report("csv") == whole.report("csv")
    assert any(folder.iterdir())
    results.save(tmp_path / "r.h5")
    assert list(folder.iterdir()) == []


def test_sigint_at_the_top(tmp_path: pathlib.Path) -> None:
    """As a person has it: a script ends with KeyboardInterrupt, and at once."""
    script = textwrap.dedent(
        """
        import numpy, pandas, sys, dissensus
        n = 200 * 200
        random = numpy.random.default_rng(1)
        frame = pandas.DataFrame({"r": numpy.repeat(range(200), 200), "i": list(range(200)) * 200,
                                  "x": random.integers(0, 5, n), "g": numpy.repeat(range(200), 200) % 3})
        study = dissensus.Study.from_dataframe(
            frame, rater="r", item="i", ratings={"x": "ordinal"}, rater_attrs="g")
        print("ready", flush=True)
        study.gai(permutations=10**9)
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGINT and "KeyboardInterrupt" in said


# --- threads and processes --------------------------------------------------------------------------


def test_threads(study: Study, tmp_path: pathlib.Path) -> None:
    """Several at once, on one study and with files, each with its own result."""
    expected = [study.gai(permutations=300, seed=s, progress=False) for s in range(1, 5)]
    found: list[Any] = [None] * 8
    failures: list[BaseException] = []

    def work(k: int) -> None:
        try:
            results = study.run(permutations=300, seed=k % 4 + 1, progress=False)
            path = tmp_path / f"{k}.h5"
            results.save(path)
            found[k] = dissensus.Results.open(path).to_dataframe()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert all(found[k].equals(expected[k % 4]) for k in range(8))


def test_other_threads_run_meanwhile(large: Study) -> None:
    """Python's lock is free while the library computes."""
    counted = 0
    done = threading.Event()

    def count() -> None:
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    large.gai(permutations=2000, progress=False)
    before = counted
    done.set()
    thread.join()
    assert before > 5


def _in_child(connection: Any, made: Study) -> None:
    connection.send(made.gai(permutations=200, progress=False).estimate.tolist())


def test_fork(study: Study) -> None:
    """A child that was forked between calls computes as its parent does."""
    expected = study.gai(permutations=200, progress=False).estimate.tolist()
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=_in_child, args=(there, study))
    child.start()
    assert here.poll(60), "the child hangs"
    assert numpy.array_equal(here.recv(), expected, equal_nan=True)
    child.join(60)
    assert child.exitcode == 0


# --- memory -----------------------------------------------------------------------------------------


def test_no_leak_over_1000_studies(demo: pandas.DataFrame, tmp_path: pathlib.Path) -> None:
    """Memory, files and threads after 1000 studies are those after 200."""
    path = tmp_path / "s.h5"
    process = psutil.Process()

    def one(k: int) -> None:
        study = Study.from_dataframe(
            demo, rater="worker", item="comment", ratings={"toxicity": "ordinal"},
            rater_attrs=["gender"])
        study.gai(permutations=20, threads=2, progress=False)
        if k % 20 == 0:
            study.save(path, overwrite=True)
            Study.open(path)
            study.run(permutations=20, bootstrap=40, save_null=tmp_path / "r.h5", overwrite=True,
                      progress=False)
            dissensus.Results.open(tmp_path / "r.h5").histogram("gai", "woman")
            float(study.pairs(progress=False).sel(statistic="kappa")[0, 1])
            with pytest.raises(dissensus.UsageError):
                study.gai(by="nothing")

    def state() -> tuple[int, int, int]:
        gc.collect()
        return process.memory_info().rss, process.num_fds(), process.num_threads()

    for k in range(200):
        one(k)
    rss, files, threads = state()
    for k in range(200, 1000):
        one(k)
    later = state()
    # A study of the demo takes some 40 KiB: 800 of them would be 30 MiB.
    assert later[0] - rss < 12 << 20, f"{(later[0] - rss) >> 10} KiB more after 800 studies"
    assert later[1] <= files and later[2] <= threads
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.h5", "s.h5"]


def test_pairs_are_read_in_parts(tmp_path: pathlib.Path) -> None:
    """A row of a matrix is read without the matrix."""
    n = 3000
    frame = pandas.DataFrame(
        {"r": numpy.repeat(numpy.arange(n), 4), "i": numpy.arange(4 * n) % 40,
         "x": numpy.arange(4 * n) * 7 % 5})
    study = Study.from_dataframe(frame, rater="r", item="i", ratings={"x": "ordinal"})
    path = tmp_path / "p.h5"
    study.run_pairs(path=path, progress=False)
    script = textwrap.dedent(
        f"""
        import resource, dissensus, xarray
        pairs = dissensus.Pairs.open({str(path)!r}).matrices()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        row = pairs.sel(statistic="shared", rater="7").values
        assert row.shape == ({n},) and row[7] == 4, row
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
        """
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 24 << 10, "KiB: a matrix of it takes 70 MiB"


# --- progress and the log ---------------------------------------------------------------------------


SHOWN: dict[str, Any] = {"permutations": 1500, "threads": 1, "metrics": "all", "by": "all"}


def test_progress(
    large: Study, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_library, "QUIET_SECONDS", 0.0)
    large.gai(**SHOWN, progress=True)
    assert "permutations" in capfd.readouterr().err
    large.gai(**SHOWN, progress=False)
    large.gai(**SHOWN)  # no terminal
    assert capfd.readouterr().err == ""


def test_without_tqdm(large: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_library, "QUIET_SECONDS", 0.0)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    large.gai(**SHOWN, progress=True)


def test_log(study: Study, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="dissensus"):
        study.gai(by="age", permutations=10, progress=False)
    assert "axis age: 1 rater with an unknown value takes no part" in caplog.text


# --- errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "by, options, message",
    [
        ("nothing", {}, "nothing"),
        (None, {"where": {"gender": "nobody"}}, "nobody"),
        (None, {"where": ["gender"]}, "ATTR=VALUE"),
        (None, {"metrics": "gay"}, "metrics"),
        (None, {"scheme": "strata"}, "scheme"),
        (None, {"scheme": "strata:nothing"}, "nothing"),
        (None, {"permutations": -1}, "permutations"),
        (None, {"permutations": 2.5}, "permutations"),
        (None, {"permutations": 2**63}, "permutations"),
        (None, {"bootstrap": 10}, "40"),
        (None, {"over": "items"}, "over goes with bootstrap"),
        (None, {"bootstrap": 40, "over": "people"}, "people"),
        (None, {"units": "other"}, "units"),
        (None, {"backend": "abacus"}, "abacus"),
        (None, {"questions": "nothing"}, "nothing"),
        (None, {"depth": 2}, "depth"),
        (None, {"resume": True}, "resume goes with checkpoint"),
        (None, {"shard": (0, 2)}, "part"),
        (None, {"min_raters": 1}, "min_raters"),
        (None, {"threads": 0}, "threads"),
        ([("gender",), ()], {}, "axis"),
        ("gen\0der", {}, "NUL"),
    ],
)
def test_usage(by: Any, options: Any, message: str, study: Study) -> None:
    with pytest.raises(dissensus.UsageError, match=message) as caught:
        study.gai(by, **options)
    assert isinstance(caught.value, ValueError) and caught.value.status == 2


def test_other_errors(study: Study, tmp_path: pathlib.Path) -> None:
    with pytest.raises(TypeError, match="unknown options: permutation"):
        study.gai(permutation=3)  # type: ignore[call-arg]
    with pytest.raises(dissensus.DataError, match="100") as caught:
        study.gai(min_raters=100)
    assert isinstance(caught.value, ValueError)
    with pytest.raises(dissensus.FileError, match="nowhere.h5") as missing:
        Study.open(tmp_path / "nowhere.h5")
    assert isinstance(missing.value, OSError)
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(dissensus.DataError, match="text.h5"):
        Study.open(tmp_path / "text.h5")
    with pytest.raises(dissensus.DataError, match="dissensus-results"):
        study.save(tmp_path / "s.h5")
        dissensus.Results.open(tmp_path / "s.h5")
    with pytest.raises(dissensus.MemoryBudgetError) as memory:
        study.pairs(memory=1000, progress=False)
    assert isinstance(memory.value, MemoryError)
    with pytest.raises(dissensus.UsageError, match="no results yet"):
        Study.open(tmp_path / "s.h5").report()
    with pytest.raises(dissensus.UsageError, match="there is no 'pdf'"):
        study.gai(permutations=0)
        study.report("pdf")
    with pytest.raises(dissensus.FileError):
        study.report("csv", tmp_path / "no" / "folder.csv")
    (tmp_path / "file").write_text("")
    with pytest.raises(dissensus.FileError, match="file: "):
        study.gai(permutations=100, checkpoint=tmp_path / "file", progress=False)
    with pytest.raises(dissensus.FileError, match="below: "):
        study.gai(permutations=100, checkpoint=tmp_path / "file" / "below", progress=False)
    if not dissensus.devices():
        with pytest.raises(dissensus.DeviceError):
            study.gai(backend="cuda")
    with pytest.raises(dissensus.UsageError, match="NUL"):
        Study.open("a\0b")


def test_a_broken_csv_is_named(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("r,i,x\na,b,1\na,c\n")
    with pytest.raises(dissensus.DataError, match=r"t\.csv:3: .*the row ends after 2 of 3 fields"):
        Study.from_csv(path, rater="r", item="i", ratings="x")


def test_limits_are_not_changed() -> None:
    """The package sets no handlers and no limits."""
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert resource.getrlimit(resource.RLIMIT_CORE) is not None
