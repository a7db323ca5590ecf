"""The benchmark: dissensus and the Python paths in one run on the same data; a table, and JSON.

Verify, then time: estimates of a peer that differ from those of dissensus, or null distributions
that cannot be the same, end the run. docs/performance.md says what is measured and how.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from harness import machine, output, table, verify
from harness.project import Project, spread
from harness.tools import Failed, Tools
from harness.workloads import SMALL, WORKLOADS, make_study

MILLION = 1_000_000
SKIPPED = 77
BUSY = 0.5  # load above which a machine is not idle
SMALL_PERMUTATIONS = 1000, 40  # of dissensus, and of each process of a peer


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", type=Path, default=Path(__file__).resolve().parents[1],
                        help="the project's folder")
    parser.add_argument("--programs", type=Path, required=True,
                        help="folder of dissensus, dissensus-generate and dissensus-limits")
    parser.add_argument("--shared", type=Path, help="folder of the published data")
    parser.add_argument("--out", type=Path, help="folder for the JSON (default bench/results)")
    parser.add_argument("--built", default="", help="how the programs were built")
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--threads", type=int, default=machine.cores(),
                        help="also how many processes a peer gets (default: all cores)")
    parser.add_argument("--budget", type=float, default=3.0,
                        help="seconds that a timed run should take")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", action="append", metavar="WORKLOAD", help="may be given again")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--small", action="store_true",
                        help="a tiny study and short runs: does the benchmark itself work?")
    return parser.parse_args()


def peers_possible():
    """Their packages may be missing: then everything but them can still be timed."""
    try:
        import h5py  # noqa: F401
        import krippendorff  # noqa: F401
        import numpy  # noqa: F401
        import scipy  # noqa: F401
    except ImportError as error:
        return str(error)
    return None


def time_peer(name, workload, study, tools, given, cells):
    tools.say(f"{workload.name}: {name}")
    found = tools.peer(name, study, workload.axes, given.budget, min(3, given.repeats),
                       given.threads, SMALL_PERMUTATIONS[1] if given.small else None)
    checked = verify.same(cells, found, workload.name)
    rates = spread([run["permutations"] / run["seconds"] for run in found["runs"]])
    return {"how": found["how"], "tried": found["tried"], "cores": found["cores"],
            "runs": found["runs"], "permutations_per_second": rates, "verified": checked,
            "blas": found["blas"], "versions": found["versions"]}


def fraction_of_limit(counted, limits, name, rating_resamples):
    """The larger of what part of the machine's vector rate and of its bandwidth is used."""
    if not counted or not limits:
        return None
    parts = []
    lanes = counted["compare_add_lanes"].get(name)
    if lanes is not None:
        parts.append(lanes / limits["compare_add_bytes_per_second"]["all"])
    if counted["copied_bytes"] is not None:
        rate = limits[f"{counted['level']}_copy_bytes_per_second"]["all"]
        parts.append(counted["copied_bytes"] / rate)
    return max(parts) * rating_resamples if parts else None


def run_workload(workload, project, tools, given, work, limits, counted):
    study = make_study(workload, tools, work, given.shared)
    if study is None:
        return None
    tools.say(f"{workload.name}: dissensus")
    timing = project.time(study, workload, given.budget, given.repeats,
                          SMALL_PERMUTATIONS[0] if given.small else None)
    if workload.peers and not given.no_peers:
        project.more_resamples(study, workload, timing)
    provenance, cells = project.provenance(), project.cells()
    groups = sum(name == "irr" and int(row["raters"]) >= 2 for (_, _, name), row in cells.items())
    raters, items, ratings = (int(provenance[name]) for name in ("raters", "items", "ratings"))
    rate = timing["permutations_per_second"]["median"]
    row = {"workload": workload.name, "scale": workload.scale, "metrics": workload.metrics,
           "axes": workload.axes, "raters": raters, "items": items, "ratings": ratings,
           "groups": groups, "backend": provenance["backend"], "threads": given.threads, **timing,
           "rating_resamples_per_second": ratings * rate,
           "ns_per_item_group_resample": 1e9 / (rate * items * groups),
           "fraction_of_limit": fraction_of_limit(counted.get(provenance["backend"]), limits,
                                                  workload.name, ratings * rate), "peers": {}}
    for name in () if given.no_peers else workload.peers:
        peer = time_peer(name, workload, study, tools, given, cells)
        peer["ratio"] = rate / peer["permutations_per_second"]["median"]
        row["peers"][name] = peer
    return row


def million(rows, project, tools, given, work):
    """A million permutations of the DIVE-shaped study, where they take a minute at most."""
    row = next((row for row in rows if row["workload"] == "DIVE"), None)
    if row is None or row["permutations_per_second"]["median"] < MILLION / 60:
        return None
    workload = next(one for one in WORKLOADS if one.name == "DIVE")
    tools.say("DIVE: a million permutations")
    runs = [project.gai(make_study(workload, tools, work, given.shared), workload, MILLION)
            for _ in range(3)]
    return spread([run.seconds for run in runs])


def summarize(rows, million_seconds):
    by_name = {row["workload"]: row for row in rows}

    def ratio(what, above, below, name="permutations_per_second"):
        if above not in by_name or below not in by_name:
            return None
        values = [by_name[one][name] for one in (above, below)]
        values = [value["median"] if isinstance(value, dict) else value for value in values]
        return {"what": what, "value": values[0] / values[1],
                "text": f"{values[0] / values[1]:.3g}"}

    found = {
        "linear_x10": ratio("rating-resamples/s at DIVE x10, of those at x1", "DIVE x10", "DIVE",
                            "rating_resamples_per_second"),
        "linear_x100": ratio("rating-resamples/s at DIVE x100, of those at x1", "DIVE x100", "DIVE",
                             "rating_resamples_per_second"),
        "million_seconds": None, "rss_x100": None}
    for key, name in (("", "DIVE"), ("_london", "London"), ("_popquorn", "POPQUORN")):
        found["all_metrics" + key] = ratio(
            f"time of --metrics all, of that of IRR, XRR and GAI ({name})", name,
            f"{name}, all metrics")
        found["ordinal" + key] = ratio(f"time of ordinal, of that of nominal ({name})", name,
                                       f"{name}, ordinal")
    if million_seconds:
        found["million_seconds"] = {
            "what": "a million permutations of DIVE, the whole process, seconds",
            "value": million_seconds,
            "text": f"{million_seconds['median']:.1f} ({million_seconds['least']:.1f}"
                    f"-{million_seconds['most']:.1f})"}
    if "DIVE x100" in by_name:
        size = by_name["DIVE x100"]["max_rss_bytes"]
        found["rss_x100"] = {"what": "largest resident memory at DIVE x100, MiB", "value": size,
                             "text": f"{size / 2**20:.0f}"}
    return found


def chosen(given):
    workloads = SMALL if given.small else WORKLOADS
    if given.only:
        unknown = set(given.only) - {one.name for one in workloads}
        if unknown:
            raise Failed(f"no workload is called {', '.join(sorted(unknown))}; there are "
                         f"{'; '.join(one.name for one in workloads)}")
        workloads = [one for one in workloads if one.name in given.only]
    return workloads


def benchmark(given, work):
    tools = Tools(given.source, given.programs / "dissensus", given.programs / "dissensus-generate",
                  given.programs / "dissensus-limits", sys.executable)
    given.shared = given.shared or given.source.parent / "shared"
    if given.small:
        given.budget, given.repeats = 0.1, 2
    results = {"kind": "dissensus benchmark", "at": machine.now(),
               "commit": machine.commit(given.source), "machine": machine.describe(),
               "load": {"before": machine.load()}, "built": given.built,
               "version": tools.dissensus_says("--version").splitlines()[0],
               "threads": given.threads, "budget_seconds": given.budget,
               "repeats": given.repeats}
    tools.say("limits of the machine")
    results["limits"] = json.loads(tools.output([tools.limits]))
    counted = json.loads((given.source / "bench/limits.json").read_text(encoding="utf-8"))
    results["counted"] = {name: counted[name] for name in counted if name != "about"}
    project = Project(tools, work, given.backend, given.threads)
    rows = results["rows"] = []
    for workload in chosen(given):
        row = run_workload(workload, project, tools, given, work, results["limits"], counted)
        if row:
            rows.append(row)
    results["load"]["after"] = machine.load()
    results["summary"] = summarize(rows, None if given.small else million(rows, project, tools,
                                                                          given, work))
    return results


def blas_kernels(rows):
    """Which of OpenBLAS's kernels ran in the peers."""
    return sorted({f"{one['internal_api']} {one['version']} {one['architecture']}"
                   for row in rows for peer in row["peers"].values() for one in peer["blas"] or ()})


def show(results):
    rows, limits = results["rows"], results["limits"]
    of = results["commit"]
    print(f"{results['version']}, commit "
          f"{of['hash'][:12] + (' and changes' if of['changed'] else '') if of else 'unknown'}, "
          f"{results['machine']['processor']}, {results['threads']} cores, "
          f"backend {', '.join(sorted({row['backend'] for row in rows}))}\n")
    print(table.main_table(rows))
    print(f"\nmedian (least-most) of {results['repeats']} runs; start-up is a run of one "
          "permutation and is taken off\n")
    if any(row["peers"] for row in rows):
        print(table.peer_table(rows))
        print("\npermutations/s on the same cores; ratio: dissensus over the peer; BLAS: "
              f"{', '.join(blas_kernels(rows)) or 'unknown'}\n")
    print(f"{limits['vectors']} compare+add "
          f"{table.short(limits['compare_add_bytes_per_second']['all'])}B/s, second-level cache "
          f"{table.short(limits['l2_copy_bytes_per_second']['all'])}B/s, memory "
          f"{table.short(limits['memory_copy_bytes_per_second']['all'])}B/s copied, all cores")
    print(table.summary(results))
    if results["load"]["before"] > BUSY:
        print(f"The machine was busy before this began (load {results['load']['before']}): these "
              "rates are lower than they could be, and do not compare well.")


def main():
    given = arguments()
    missing = None if given.no_peers else peers_possible()
    if missing:
        print(f"SKIPPED: the peers need the packages of bench/requirements.txt ({missing}); "
              "--no-peers does without them")
        return SKIPPED
    work = Path(tempfile.mkdtemp(prefix="dissensus-bench-"))
    try:
        results = benchmark(given, work)
    except Failed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work)
    show(results)
    path = output.write(results, given.out or given.source / "bench/results", "bench")
    print(f"\nwritten: {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
