"""Does the benchmark itself work? It runs on a tiny study; its JSON is read; and its verification
must find planted errors. Usage: test_bench.py FOLDER-OF-PROGRAMS"""

import copy
import io
import json
import math
import os
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
SKIPPED = 77
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
sys.dont_write_bytecode = True


def check(good, text):
    if not good:
        sys.exit(f"FAILED: {text}")


def run(script, programs, folder):
    """The JSON that the script left."""
    result = subprocess.run([sys.executable, HERE / script, "--programs", programs, "--small",
                             "--threads", "1", "--out", folder], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode == SKIPPED:
        print(result.stdout.strip())
        sys.exit(SKIPPED)
    check(result.returncode == 0, f"{script}: {result.returncode}: {result.stderr}")
    check("written: " in result.stdout, f"{script} printed no table: {result.stdout}")
    (written,) = folder.glob("*.json")
    text = written.read_text(encoding="utf-8")
    for private in (str(HERE.parent), str(programs), os.uname().nodename):
        check(f'"{private}' not in text, f"{script}: {private} stands in its JSON")
    return json.loads(text)


def check_rows(found):
    check([row["workload"] for row in found["rows"]] ==
          ["small", "small, ordinal", "small, all metrics"], "other workloads than expected")
    for row in found["rows"]:
        name = row["workload"]
        check((row["raters"], row["items"], row["ratings"], row["groups"]) == (60, 40, 610, 26),
              f"{name} has another shape")
        check(row["permutations_per_second"]["median"] > 0, f"{name} has no rate")
        check(len(row["seconds"]["all"]) == 2, f"{name} lacks a timing")
        check(row["max_rss_bytes"] > 1 << 20, f"{name} has no memory")
        peers = [] if name.endswith("metrics") else ["loop-matrix", "loop-counts", "batch"]
        check(list(row["peers"]) == peers, f"{name} lacks a peer")
        for peer in row["peers"].values():
            check(peer["verified"]["estimates"] == 3 * 26, f"{name}: estimates not all compared")
    check(any(peer["verified"]["null_means"] > 0 for row in found["rows"]
              for peer in row["peers"].values()), "no null mean was compared")
    for limit in ("compare_add", "l2_copy", "memory_copy"):
        rates = found["limits"][f"{limit}_bytes_per_second"]
        check(rates["one"] > 0 and rates["all"] > 0, f"no limit {limit}")


def check_big(found):
    check([study["scale"] for study in found["studies"]] == [1, 2], "other sizes than expected")
    for study in found["studies"]:
        check((study["raters"], study["items"], study["rows"]) ==
              tuple(study["scale"] * n for n in (637, 1000, 31980)), f"another shape: {study}")
        for row in study["steps"]:
            check(row["seconds"] > 0 and row["max_rss_bytes"] > 1 << 20, f"not measured: {row}")
            if row["step"].startswith("gai"):
                said = row["explained"]
                check(said["plan_bytes"] > 15 * study["rows"] and said["backend_bytes"] > 0
                      and said["bytes"] < row["max_rss_bytes"], f"memory explained: {said}")


def check_severity(found):
    """Also that the loop in NumPy finds the same, or it would have ended otherwise."""
    check([row["what"] for row in found["rows"]][:2] == ["severity", "severity, no pairs"] and
          len(found["rows"]) == 6, "other rows than expected")
    for row in found["rows"]:
        check(row["rows"] >= 50 and row["permutations_per_second"]["median"] > 0,
              f"not measured: {row}")
    peer = found["peer"]
    check(peer["verified"] > 200 and peer["ratio"] > 0, f"no peer: {peer}")


def check_verification():
    """Of one cell, as dissensus and a peer report it, with an error planted in turn."""
    sys.path.insert(0, str(HERE))
    from harness import verify
    from harness.tools import Failed

    row = {"estimate": "0.25", "raters": "9", "resamples": "1000", "undefined": "0", "ge": "300",
           "null_mean": "0.2", "null_sd": "0.05"}
    cells = {("gender", "Man", name): dict(row) for name in ("irr", "xrr", "gai")}
    peer = {"peer": "planted", "groups": [["gender", "Man"]], "observed": [[0.25, 0.25, 0.25]],
            "resamples": 400, "ge": [[120, 120, 120]], "undefined": [[0, 0, 0]],
            "sum": [[80.0, 80.0, 80.0]]}
    check(verify.same(cells, peer, "planted") == {"estimates": 3, "null_means": 2,
                                                  "peer_resamples": 400}, "equal is not equal")
    for field, value in (("observed", 0.25 + 3e-9), ("observed", None), ("ge", 200),
                         ("undefined", 60), ("sum", 90.0), ("sum", float("nan"))):
        wrong = copy.deepcopy(peer)
        wrong[field][0][1] = value
        try:
            verify.same(cells, wrong, "planted")
        except Failed:
            continue
        sys.exit(f"FAILED: {field} = {value} was not found out")
    try:
        verify.same(cells, {**peer, "groups": [["gender", "Woman"]]}, "planted")
    except Failed:
        return
    sys.exit("FAILED: another group was not found out")


def made_up(agreement, factor, share):
    """Rows of a run of 500 resamples beside a long one, made up: 4 statistics of 10 groups on each
    of 7 axes. The short run's p is as it should be, or `factor` times that in a share of the cells."""
    random = Random(7)
    runs = []
    for _ in range(5):
        long, short = {}, {}
        for number in range(7 * 10 * 4):
            key = f"axis {number // 40}", f"group {number // 4 % 10}", f"statistic {number % 4}"
            p, n = random.uniform(0.05, 0.3), 500
            found = sum(random.random() < p for _ in range(n)) / n
            if random.random() < share:
                found *= factor
            around = 2 * math.sqrt(max(found * (1 - found), 1 / n) / n)
            long[key] = {"p": {"up": p, "down": 1 - p, "two_sided": 2 * p},
                         "counts": {"resamples": 10**7}}
            short[key] = {"p": {"up": found, "down": 1 - found, "two_sided": 2 * found,
                                "two_sided_interval": [2 * (found - around), 2 * (found + around)]},
                          "counts": {"resamples": n}}
        runs.append(agreement.plain_cells(long, short))
    return runs


def check_agreement(folder):
    """The check that p-values agree: it passes what is right, and fails what is not, with a status."""
    sys.path.insert(0, str(HERE))
    import agreement

    for n in (10, 50, 400):
        k = round(agreement.least_share(n) * n)
        under = [sum(math.comb(n, i) * 0.95**i * 0.05**(n - i) for i in range(end))
                 for end in (k, k + 1)]
        check(under[0] <= 1e-4 < under[1], f"the least share of {n}: {k}")
    check(agreement.least_share(1) == 0, "one cell shows nothing")
    right = agreement.judge("made up", made_up(agreement, 1, 0))
    check(right["passed"] and right["cells"] == 5 * 280 and right["independent"] == 5 * 70
          and 0.93 < right["share"] < 0.98, f"right p-values do not agree: {right}")
    for factor, share in ((1.5, 1), (0.7, 1), (0, 1), (2, 0.3)):
        wrong = agreement.judge("made up", made_up(agreement, factor, share))
        check(not wrong["passed"], f"p-values {factor} times too large are not found out: {wrong}")
    for none in ([], [[], []]):
        check(not agreement.judge("made up", none)["passed"], "no cell at all passes")

    empty = {"runs": []}
    found = {"commit": None, "at": "now", "version": "0", "study": "made up", "backend": "none",
             "long": {"cells": 0, "permutations": 0, "seconds": 0.0}, "plain": empty,
             "tail": empty, "stopped": empty}
    for one, status in ((right, 0), (wrong, 1)):
        checks = [{**right, "spread": None}, {**one, "spread": 0.01}]
        with redirect_stdout(io.StringIO()) as said, redirect_stderr(io.StringIO()) as complaint:
            got = agreement.finish({**found, "checks": checks, "passed": status == 0}, folder)
        check(got == status, f"status {got}, not {status}")
        check(("FAILED" in said.getvalue()) == bool(status) == bool(complaint.getvalue()),
              f"what is said of status {status}: {said.getvalue()}")


def main():
    programs = Path(sys.argv[1])
    check_verification()
    with tempfile.TemporaryDirectory() as folder:
        check_agreement(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        check_rows(run("run.py", programs, Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        found = run("agreement.py", programs, Path(folder))
        check(found["passed"], "the small study's p-values do not agree")
        check([one["what"] for one in found["checks"]] == ["plain", "tail", "stopped"] and
              [len(found[name]["runs"]) for name in ("plain", "tail", "stopped")] == [6, 6, 6],
              "other checks than expected")
        for one in found["plain"]["runs"] + found["stopped"]["runs"]:
            check(one["cells"] == 26 * 4, f"other cells than expected: {one}")
    with tempfile.TemporaryDirectory() as folder:
        check_big(run("big.py", programs, Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        check_severity(run("severity.py", programs, Path(folder)))
    print("the benchmark works on a tiny study, and finds planted errors")


if __name__ == "__main__":
    main()
