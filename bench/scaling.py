"""Strong scaling: one run of a study of the demo's shape by threads, by ranks of MPI and by shards,
from one core to all of them; and as many whole runs at once, which share nothing and show what the
machine itself gives. Every result is compared. docs/hpc.md has what came of it."""

import argparse
import filecmp
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from big import SETTINGS, import_arguments
from harness import machine, output
from harness.table import layout
from harness.tools import Failed, Tools


def arguments():
    parser = argparse.ArgumentParser(description=" ".join(__doc__.split()))
    parser.add_argument("--source", type=Path, default=Path(__file__).resolve().parents[1],
                        help="the project's folder")
    parser.add_argument("--programs", type=Path, required=True,
                        help="folder of dissensus and dissensus-generate")
    parser.add_argument("--out", type=Path, help="folder for the JSON (default bench/results)")
    parser.add_argument("--scale", type=int, default=10)
    parser.add_argument("--permutations", type=int, default=40 * 4096)
    parser.add_argument("--cores", type=int, action="append", metavar="N",
                        help="may be given again (default: 1, and all there are)")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    given.cores = given.cores or sorted({1, machine.cores()})
    if given.cores[0] != 1:
        parser.error("--cores: the first is 1, what the others are held against")
    return given


WAYS = ("threads", "ranks", "shards", "copies")


class Ways:
    """The same run in different pieces. Each way returns the file of its results."""

    def __init__(self, given, folder):
        self.given, self.folder = given, folder
        self.program = str(given.programs / "dissensus")
        self.environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000",
                            "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}

    def gai(self, out, *more):
        return [self.program, "gai", str(self.folder / "study.h5"), "--question",
                "violation_type", "--permutations", str(self.given.permutations), "--backend", "cpu", "-o", str(out), "--force",
                "--quiet", *more]

    def together(self, *commands):
        running = [subprocess.Popen(command, env=self.environment) for command in commands]
        if any([process.wait() for process in running]):
            raise Failed(f"{' '.join(commands[0])}: exit statuses "
                         f"{[process.returncode for process in running]}")

    def threads(self, n):
        out = self.folder / "threads.h5"
        self.together(self.gai(out, "--threads", str(n)))
        return out

    def ranks(self, n):
        out = self.folder / "ranks.h5"
        self.together(["mpirun", "-n", str(n), *self.gai(out, "--threads", "1")])
        return out

    def shards(self, n):
        parts = [self.folder / f"part{i}.h5" for i in range(n)]
        self.together(*(self.gai(part, "--threads", "1", "--shard", f"{i}/{n}")
                        for i, part in enumerate(parts)))
        out = self.folder / "merged.h5"
        self.together([self.program, "merge", *map(str, parts), "-o", str(out), "--force",
                       "--quiet"])
        return out


    def copies(self, n):
        """The whole run n times at once, nothing shared: what the machine gives to n cores."""
        outs = [self.folder / f"copy{i}.h5" for i in range(n)]
        self.together(*(self.gai(out, "--threads", "1") for out in outs))
        return outs[-1]


def measure(given, ways):
    """One core, then every way on more of them, in turn: a busy minute falls on all of them."""
    expected = ways.threads(1).rename(ways.folder / "expected.h5")
    rows = {("threads", 1): []}
    rows |= {(name, n): [] for n in given.cores[1:] for name in WAYS}
    for repeat in range(given.repeats):
        for (name, n), seconds in rows.items():
            begun = time.perf_counter()
            out = getattr(ways, name)(n)
            seconds.append(time.perf_counter() - begun)
            if not filecmp.cmp(expected, out, shallow=False):
                raise Failed(f"{n} {name}: other bytes than one thread's")
            print(f"{repeat + 1}: {n} {name}: {seconds[-1]:.1f} s", file=sys.stderr, flush=True)
    return rows


def as_table(rows):
    found = []
    base = rows["threads", 1]
    for (name, n), seconds in rows.items():
        # Of the same round: what slows one of them slows the other.
        runs = n if name == "copies" else 1
        gains = [runs * one / own for one, own in zip(base, seconds)]
        found.append({"way": name, "cores": n, "seconds": seconds,
                      "median_seconds": statistics.median(seconds), "speedups": gains,
                      "median_speedup": statistics.median(gains)})
    return found


def run(given, folder):
    tools = Tools(given.source, given.programs / "dissensus",
                  given.programs / "dissensus-generate", None, sys.executable)
    tools.generate("--settings", given.source / SETTINGS, "--scale", given.scale, "--out", folder)
    tools.dissensus("import", *import_arguments(folder), "--quiet")
    found = {"kind": "dissensus strong scaling", "at": machine.now(),
             "commit": machine.commit(given.source), "machine": machine.describe(),
             "load": {"before": machine.load()},
             "version": tools.dissensus_says("--version").splitlines(),
             "scale": given.scale, "permutations": given.permutations}
    found["ways"] = as_table(measure(given, Ways(given, folder)))
    found["load"]["after"] = machine.load()
    return found


def show(found):
    print(layout(["by", "cores", "median s", "least", "most", "times one"],
                 [[row["way"], str(row["cores"]), f"{row['median_seconds']:.1f}",
                   f"{min(row['seconds']):.1f}", f"{max(row['seconds']):.1f}",
                   f"{row['median_speedup']:.2f}"] for row in found["ways"]]))


def main():
    given = arguments()
    try:
        with tempfile.TemporaryDirectory(prefix="dissensus-scaling-") as folder:
            found = run(given, Path(folder))
    except Failed as failure:
        print(f"scaling: {failure}", file=sys.stderr)
        return 1
    show(found)
    path = output.write(found, given.out or given.source / "bench/results", "scaling")
    print(f"\nwritten: {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
