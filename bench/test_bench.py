"""Does the benchmark itself work? It runs on a tiny study; its JSON is read; and its verification
must find planted errors. Usage: test_bench.py FOLDER-OF-PROGRAMS"""

import copy
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

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


def main():
    programs = Path(sys.argv[1])
    check_verification()
    with tempfile.TemporaryDirectory() as folder:
        check_rows(run("run.py", programs, Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        found = run("agreement.py", programs, Path(folder))
        plain = found["plain"]
        check(plain["cells"] == 26 * 4 and plain["held"] > 0.8 * plain["cells"],
              f"plain runs of two seeds differ: {plain}")
    print("the benchmark works on a tiny study, and finds planted errors")


if __name__ == "__main__":
    main()
