"""Do p-values made the short ways agree with those made the long way? A check: it ends with status 1
when they do not.

The long way is a plain run of many permutations. The short ways are a plain run of few permutations
(which shows what the measure says of what is right by construction), the generalized Pareto tail by
which that run extrapolates its smallest p-values, and sequential stopping (--stop-after H, Besag and
Clifford). All use the same study and axes; the short ways use other seeds than the long one, so that
their errors are their own.

A cell *agrees* when the 95% interval stated for its p in the short run (`two_sided_interval`, or
that of the tail) holds the p of the long run, or comes within 2 of the long run's standard errors
of it. About 95% should, or more, as such intervals are cautious.

How many must? Cells of one run err together: the statistics of a group share its ratings and hold or
fail as one, so a run counts for as many independent cells, n, as there are groups. Groups of different
axes share raters too, but most share few; that the count is not too large for it shows in the spread
from run to run, which is printed: were n cells independent the share held would have a standard deviation
of sqrt(0.05 x 0.95 / n), and it was half of that or less (docs/performance.md). Runs of different seeds are
independent. With n summed over a kind's runs, the least share that passes is k / n with the largest k for
which a binomial of n draws at 95% stays under k with a chance of at most 1 in 10,000.

Beside it stands z, the error of the smaller one-sided p in standard errors of both runs: on the
logarithm, with 1 / sqrt(h), for a tail that stopped after h exceedances.
"""

import argparse
import json
import math
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from harness import machine, output
from harness.project import Project
from harness.table import layout, short
from harness.tools import Failed, Tools
from harness.workloads import SMALL, WORKLOADS, make_study

STATED = 0.95  # an interval's
CHANCE = 1e-4  # that a check fails though all is right


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, default=Path(__file__).resolve().parents[1])
    parser.add_argument("--programs", type=Path, required=True,
                        help="folder of dissensus and dissensus-generate")
    parser.add_argument("--out", type=Path, help="folder for the JSON (default bench/results)")
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--threads", type=int, default=machine.cores())
    parser.add_argument("--long", type=int, default=10_000_000, help="permutations of the long run")
    parser.add_argument("--stop-after", type=int, default=20)
    parser.add_argument("--stopped", type=int, default=1_000_000,
                        help="permutations of a run that stops early, at most")
    parser.add_argument("--short", type=int, default=10_000,
                        help="permutations of a plain run, and of its tail")
    parser.add_argument("--seeds", type=int, default=20, help="short runs of each kind")
    parser.add_argument("--small", action="store_true", help="the small study, to try this program")
    return parser.parse_args()


def cells_of(report):
    """(axis, group, statistic) to what the JSON report says of it, where it has a test."""
    found = {}
    for question in report["questions"]:
        for axis in question["axes"]:
            for group in axis["groups"]:
                for name, statistic in group["statistics"].items():
                    if statistic["estimate"] is not None and statistic["p"]["up"] is not None:
                        found[axis["axis"], group["group"], name] = statistic
    return found


def run(project, study, workload, permutations, *more):
    project.tools.say(f"{permutations} permutations {' '.join(map(str, more))}")
    seconds = project.gai(study, workload, permutations, *more).seconds
    report = json.loads(project.tools.dissensus_says("report", project.results,
                                                     "--format", "json"))
    return cells_of(report), seconds


def sides(statistic):
    """The side of the smaller one-sided p-value."""
    return ("up", "ge") if statistic["p"]["up"] <= statistic["p"]["down"] else ("down", "le")


def holds(interval, reference):
    """Of two-sided p-values: twice a one-sided one."""
    p, n = reference["p"]["two_sided"], reference["counts"]["resamples"]
    slack = 4 * math.sqrt(max(p / 2, 1 / n) / n)
    return interval[0] - slack <= p <= interval[1] + slack


def plain_cells(long, other):
    """One dictionary a cell that both runs tested."""
    rows = []
    for key, reference in long.items():
        if key not in other:
            continue
        name, count = sides(reference)
        mine, p, n = other[key], reference["p"][name], reference["counts"]["resamples"]
        estimate, seen = mine["p"][name], mine["counts"]["resamples"]
        error = math.sqrt(p * (1 - p) / n)
        if mine["counts"].get(f"{count}_at"):
            seen = mine["counts"][f"{count}_at"]
            own = math.sqrt((1 - p) / max(1, round(estimate * seen)))
            z = (math.log(estimate) - math.log(p)) / math.hypot(error / p, own)
        else:
            own = math.sqrt(max(p * (1 - p), 1 / seen) / seen)
            z = (estimate - p) / math.hypot(error, own)
        interval = mine["p"]["two_sided_interval"]
        rows.append({"cell": key, "long": reference["p"]["two_sided"],
                     "p": mine["p"]["two_sided"], "interval": interval, "resamples": seen, "z": z,
                     "held": holds(interval, reference)})
    return rows


def tail_of(p):
    """(tail p, its interval) or None, from a statistic's `p`."""
    return None if p["tail"] is None else (p["tail"], p["tail_interval"])


def tail_cells(long, short_run):
    """The cells for which the report states a tail p-value, two-sided like `two_sided`."""
    rows = []
    for key, reference in long.items():
        tail = tail_of(short_run[key]["p"]) if key in short_run else None
        if tail is None:
            continue
        p = reference["p"]["two_sided"]
        rows.append({"cell": key, "long": p, "plain": short_run[key]["p"]["two_sided"],
                     "p": tail[0], "interval": tail[1], "held": holds(tail[1], reference),
                     "log10_ratio": math.log10(tail[0] / p) if tail[0] > 0 else None})
    return rows


def shares(rows):
    if not rows:
        raise Failed("no cell has a p-value in both runs")
    size = [abs(row["z"]) for row in rows]
    return {"cells": len(rows), "held": sum(row["held"] for row in rows),
            "within_1": sum(z <= 1 for z in size) / len(rows),
            "within_2": sum(z <= 2 for z in size) / len(rows), "largest": max(size)}


def typical_ratio(rows):
    sizes = [abs(row["log10_ratio"]) for row in rows if row["log10_ratio"] is not None]
    return statistics.median(sizes) if sizes else None


def columns(rows):
    """A list a column, of as many digits as anybody needs."""
    def plain(value):
        return float(f"{value:.6g}") if isinstance(value, float) else value

    found = {}
    for row in rows:
        (axis, group, statistic), (low, high) = row["cell"], row["interval"]
        flat = {"axis": axis, "group": group, "statistic": statistic, "low": low, "high": high,
                **{key: value for key, value in row.items() if key not in ("cell", "interval")}}
        for key, value in flat.items():
            found.setdefault(key, []).append(plain(value))
    return found


def independent(rows):
    """How many of a run's cells are counted on as independent: one a group."""
    return len({row["cell"][:2] for row in rows})


def least_share(n):
    """The smallest share of n independent cells that passes; 0 where so few show nothing."""
    def chance(held):
        return math.exp(math.lgamma(n + 1) - math.lgamma(held + 1) - math.lgamma(n - held + 1)
                        + held * math.log(STATED) + (n - held) * math.log(1 - STATED))

    least, under = 0, 0.0
    while least < n and under + chance(least) <= CHANCE:
        under += chance(least)
        least += 1
    return least / n if n else 0.0


def judge(what, runs):
    """The check of one kind of p-value: a list of rows a run. So few cells that any share would do
    show nothing, and do not pass."""
    cells, held = sum(map(len, runs)), sum(row["held"] for rows in runs for row in rows)
    n = sum(map(independent, runs))
    least = least_share(n)
    return {"what": what, "runs": len(runs), "cells": cells, "held": held, "independent": n,
            "share": held / cells if cells else None, "least_share": least,
            "passed": least > 0 and held / cells >= least}


def spread_of(runs):
    """Standard deviation of the share held, from run to run."""
    found = [sum(row["held"] for row in rows) / len(rows) for rows in runs if rows]
    return statistics.stdev(found) if len(found) > 1 else None


def short_runs(project, study, workload, given, long):
    """Plain runs of few permutations: what they count, and what their tails say."""
    plain, tails = [], []
    for seed in range(1000, 1000 + given.seeds):
        cells, seconds = run(project, study, workload, given.short, "--seed", seed)
        rows = plain_cells(long, cells)
        plain.append(({"seed": seed, "seconds": seconds, **shares(rows)}, rows))
        rows = tail_cells(long, cells)
        tails.append(({"seed": seed, "cells": len(rows), "held": sum(row["held"] for row in rows),
                       "all": columns(rows), "median_log10_ratio": typical_ratio(rows)}, rows))
    return plain, tails


def stopped_runs(project, study, workload, given, long):
    runs = []
    for seed in range(2, 2 + given.seeds):
        cells, seconds = run(project, study, workload, given.stopped, "--stop-after",
                             given.stop_after, "--seed", seed)
        rows = plain_cells(long, cells)
        runs.append(({"seed": seed, "seconds": seconds, **shares(rows),
                      "median_resamples": statistics.median(row["resamples"] for row in rows),
                      "all": columns(rows)}, rows))
    return runs


def measure(given, work):
    tools = Tools(given.source, given.programs / "dissensus", given.programs / "dissensus-generate",
                  None, sys.executable)
    workload = SMALL[0] if given.small else next(one for one in WORKLOADS if one.name == "DIVE")
    study = make_study(workload, tools, work, given.source.parent / "shared")
    project = Project(tools, work, given.backend, given.threads)
    long, seconds = run(project, study, workload, given.long, "--seed", 1)
    found = {"kind": "dissensus agreement", "at": machine.now(),
             "commit": machine.commit(given.source), "machine": machine.describe(),
             "version": tools.dissensus_says("--version").splitlines()[0], "study": workload.name,
             "backend": project.provenance()["backend"], "threads": given.threads,
             "long": {"permutations": given.long, "seconds": seconds, "cells": len(long)}}
    plain, tails = short_runs(project, study, workload, given, long)
    kinds = {"plain": (plain, {"permutations": given.short}),
             "tail": (tails, {"permutations": given.short}),
             "stopped": (stopped_runs(project, study, workload, given, long),
                         {"permutations": given.stopped, "stop_after": given.stop_after})}
    found["checks"] = []
    for name, (runs, how) in kinds.items():
        found[name] = {**how, "runs": [shown for shown, _ in runs]}
        rows = [rows for _, rows in runs]
        found["checks"].append({**judge(name, rows), "spread": spread_of(rows)})
    found["passed"] = all(check["passed"] for check in found["checks"])
    return found


def percent(share):
    return "-" if share is None else f"{100 * share:.1f}%"


def show(found):
    long = found["long"]
    print(f"{found['version']}, {found['study']}, {long['cells']} cells, backend "
          f"{found['backend']}: held against {long['permutations']} permutations in "
          f"{long['seconds']:.1f} s\n")
    rows = [[name, one] for name in ("plain", "stopped") for one in found[name]["runs"]]
    print(layout(["p-values", "seconds", "cells", "held", "z within 1", "within 2", "largest z"],
                 [[f"{name}, seed {one['seed']}", f"{one['seconds']:.1f}", str(one["cells"]),
                   percent(one["held"] / one["cells"]), f"{100 * one['within_1']:.0f}%",
                   f"{100 * one['within_2']:.0f}%", f"{one['largest']:.2f}"]
                  for name, one in rows]))
    print()
    print(layout(["tail", "cells", "held", "median |log10 ratio|"],
                 [[f"seed {one['seed']}", str(one["cells"]), str(one["held"]),
                   "-" if one["median_log10_ratio"] is None else short(one["median_log10_ratio"])]
                  for one in found["tail"]["runs"]]))
    print("\nheld: the stated 95% interval holds the long run's p\n")
    print(layout(["check", "runs", "cells", "as if", "held", "at least", "SD of a run", ""],
                 [[one["what"], str(one["runs"]), str(one["cells"]), str(one["independent"]),
                   percent(one["share"]), percent(one["least_share"]), percent(one["spread"]),
                   "passed" if one["passed"] else "FAILED"] for one in found["checks"]]))
    print("\nas if: independent cells, for the least share; SD: of the share held, run by run")


def finish(found, folder):
    """Prints, writes, and says how it ended."""
    show(found)
    print(f"\nwritten: {output.write(found, folder, 'agreement').name}")
    failed = [one["what"] for one in found["checks"] if not one["passed"]]
    if failed:
        print(f"agreement: p-values do not agree with the long run's: {', '.join(failed)}",
              file=sys.stderr)
    return 1 if failed else 0


def main():
    given = arguments()
    if given.small:
        given.long, given.stopped, given.short, given.seeds = (
            min(given.long, 20_000), min(given.stopped, 9000), min(given.short, 1000),
            min(given.seeds, 6))
    work = Path(tempfile.mkdtemp(prefix="dissensus-agreement-"))
    try:
        found = measure(given, work)
    except Failed as failure:
        print(f"agreement: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work)
    return finish(found, given.out or given.source / "bench/results")


if __name__ == "__main__":
    sys.exit(main())
