"""Severity and responsiveness on the study of the shape of DIVE, all seven axes: permutations a second,
a million of them as a whole process, and a loop in NumPy beside it; a table, and JSON.
docs/performance.md says what is measured."""

import argparse
import csv
import io
import math
import statistics
import sys
import tempfile
from pathlib import Path

from harness import machine, output
from harness.project import spread
from harness.table import layout, rate, short
from harness.tools import Failed, Tools
from harness.workloads import DIVE_AXES, SMALL, WORKLOADS, make_study

MILLION = 1_000_000
TOLERANCE = 1e-9
WAYS = (  # what is timed, and whether a million of it is run too
    ("severity", ("severity",), True),
    ("severity, no pairs", ("severity", "--no-pairs"), True),
    ("severity, means and shares", ("severity", "--no-pairs", "--statistics", "mean,share"), True),
    ("response", ("response",), False),
    ("response, no pairs", ("response", "--no-pairs"), False),
    ("response, gamma", ("response", "--no-pairs", "--statistics", "gamma"), False),
)


def arguments():
    parser = argparse.ArgumentParser(description=" ".join(__doc__.split()))
    parser.add_argument("--source", type=Path, default=Path(__file__).resolve().parents[1],
                        help="the project's folder")
    parser.add_argument("--programs", type=Path, required=True,
                        help="folder of dissensus and dissensus-generate")
    parser.add_argument("--out", type=Path, help="folder for the JSON (default bench/results)")
    parser.add_argument("--permutations", type=int, default=100_000, help="of a timed run")
    parser.add_argument("--threads", type=int, default=machine.cores())
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--no-million", action="store_true")
    parser.add_argument("--small", action="store_true",
                        help="a small study and few permutations: does this script itself work?")
    given = parser.parse_args()
    if given.small:
        given.permutations, given.repeats, given.no_million = 400, 1, True
    return given


class Project:
    def __init__(self, tools, study, folder, threads):
        self.tools, self.study, self.threads = tools, study, threads
        self.evaluation = folder / "evaluation.h5"

    def run(self, words, permutations):
        arguments = [words[0], self.study, "-o", self.evaluation, "--force", "--quiet", *words[1:],
                     "--permutations", permutations, "--threads", self.threads]
        for axis in DIVE_AXES:
            arguments += ["--by", axis]
        return self.tools.dissensus(*arguments)

    def rows(self):
        text = self.tools.dissensus_says("report", self.evaluation, "--format", "csv")
        return list(csv.DictReader(io.StringIO(text)))

    def time(self, name, words, given, million):
        self.tools.say(name)
        starts = [self.run(words, 1) for _ in range(given.repeats)]
        rows = len(self.rows())
        runs = [self.run(words, given.permutations) for _ in range(given.repeats)]
        startup = statistics.median(run.seconds for run in starts)
        cpu_startup = statistics.median(run.cpu_seconds for run in starts)
        found = {"what": name, "arguments": list(words), "rows": rows,
                 "permutations": given.permutations, "startup_seconds": spread([run.seconds for run in starts]),
                 "seconds": spread([run.seconds for run in runs]),
                 "permutations_per_second": spread([(given.permutations - 1)
                                                    / max(run.seconds - startup, 1e-9)
                                                    for run in runs]),
                 "cpu_seconds_per_permutation": spread([(run.cpu_seconds - cpu_startup)
                                                        / (given.permutations - 1)
                                                        for run in runs]),
                 "max_rss_bytes": max(run.max_rss_bytes for run in runs), "million_seconds": None}
        if million and not given.no_million:
            found["million_seconds"] = spread([self.run(words, MILLION).seconds
                                               for _ in range(given.repeats)])
        return found


def verify(rows, peer):
    """The peer's observed values against dissensus', by row."""
    expected = {(row["axis"], row["group"], row["versus"], row["statistic"]): row["estimate"]
                for row in rows if row["axis"]}
    found = peer.named()
    if set(found) != set(expected):
        raise Failed("the peer has other rows than dissensus")
    for key, value in found.items():
        own = float(expected[key] or "nan")
        if not abs(own - value) <= TOLERANCE * max(1.0, abs(own)):
            raise Failed(f"{'/'.join(key)}: {own} by dissensus, {value} by the peer")
    return len(found)


def time_peer(project, study, given):
    """One process for each core, as the others of bench/peers are run."""
    from peers import severity, study as peer_study

    project.tools.say("the loop in NumPy")
    peer = severity.Loop(peer_study.read(study, [axis.split(",") for axis in DIVE_AXES]))
    project.run(("severity",), 1)
    checked = verify(project.rows(), peer)
    rates = [peer.rate(given.threads, 0.2 if given.small else 3.0) for _ in range(given.repeats)]
    return {"verified": checked, "processes": given.threads,
            "permutations_per_second": spread(rates)}


def benchmark(given, folder):
    tools = Tools(given.source, given.programs / "dissensus",
                  given.programs / "dissensus-generate", None, sys.executable)
    name = "small, ordinal" if given.small else "DIVE, ordinal"
    workload = next(one for one in (*WORKLOADS, *SMALL) if one.name == name)
    study = make_study(workload, tools, folder, None)
    project = Project(tools, study, folder, given.threads)
    found = {"kind": "dissensus severity benchmark", "at": machine.now(),
             "commit": machine.commit(given.source), "machine": machine.describe(),
             "load": {"before": machine.load()}, "threads": given.threads, "study": name,
             "version": tools.dissensus_says("--version").splitlines()[0]}
    found["rows"] = [project.time(what, words, given, million) for what, words, million in WAYS]
    found["peer"] = None if given.no_peer else time_peer(project, study, given)
    if found["peer"]:
        own, other = (one["permutations_per_second"]["median"]
                      for one in (found["rows"][0], found["peer"]))
        found["peer"]["ratio"] = own / other if other else math.nan
    found["load"]["after"] = machine.load()
    return found


def show(found):
    print(f"{found['version']}, {found['machine']['processor']}, {found['threads']} threads, "
          f"{found['study']}\n")
    print(layout(["", "rows", "permutations/s (least-most)", "CPU us each", "start-up s",
                  "a million, s", "RSS MiB"],
                 [[row["what"], str(row["rows"]), rate(row["permutations_per_second"]),
                   f"{1e6 * row['cpu_seconds_per_permutation']['median']:.1f}",
                   f"{row['startup_seconds']['median']:.3f}",
                   f"{row['million_seconds']['median']:.1f}" if row["million_seconds"] else "-",
                   f"{row['max_rss_bytes'] / 2**20:.0f}"] for row in found["rows"]]))
    if found["peer"]:
        print(f"\na loop in NumPy of the first row, {found['peer']['processes']} processes: "
              f"{rate(found['peer']['permutations_per_second'])} permutations/s; dissensus is "
              f"{short(found['peer']['ratio'])} times as fast")
    print(f"load {found['load']['before']} before, {found['load']['after']} after")


def main():
    given = arguments()
    try:
        with tempfile.TemporaryDirectory(prefix="dissensus-severity-") as folder:
            found = benchmark(given, Path(folder))
    except Failed as failure:
        print(f"severity: {failure}", file=sys.stderr)
        return 1
    show(found)
    path = output.write(found, given.out or given.source / "bench/results", "severity")
    print(f"\nwritten: {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
