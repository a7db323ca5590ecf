"""Times a peer on a study and prints what it found as JSON: how fast on all cores, what it
estimates, and how its resamples compare with that. Started by bench/run.py.

Each core runs a process of its own with a single BLAS thread: most of the time goes into NumPy's
loops, which have one thread. Reading, building and the start of the processes are not timed.
"""

import argparse
import json
import math
import multiprocessing
import platform
import sys
import time
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from peers import study as studies  # noqa: E402
from peers.batch import Batch  # noqa: E402
from peers.loop import Loop  # noqa: E402

TUNED_ITEMS = 8000  # at most, on which formulations are compared
DENSE_LIMIT = 400_000_000  # bytes of a one-hot matrix beyond which a formulation is not tried
TOLERANCE = 1e-5  # relative above 1; values as near as this count as equal: single precision


def draw(study, seed, n):
    generator = np.random.default_rng(seed)
    return np.array([generator.permutation(study.n_raters) for _ in range(n)])


def seconds(peer, sources):
    """Of this process, which has one thread: what else runs disturbs that least."""
    start = time.process_time()
    peer.values(sources)
    return time.process_time() - start


def part(study, n_items):
    """The first items alone, which take as long as any others."""
    n = int(np.searchsorted(study.item, n_items))
    return replace(study, n_items=n_items, rater=study.rater[:n], item=study.item[:n],
                   code=study.code[:n])


def tuned(whole, quick):
    """The fastest of all formulations, batches and tiles, on one core."""
    study = part(whole, min(whole.n_items, TUNED_ITEMS))
    dense = whole.n_raters * whole.n_items * whole.n_levels
    formulations = ["cells", "axes"]
    formulations += ["csr"] if whole.n_ratings < 1_000_000 else []
    formulations += ["sorted"] if 2 * dense < DENSE_LIMIT else []
    formulations += ["gemm"] if 4 * dense < DENSE_LIMIT else []
    tiles = sorted({min(tile, study.n_items) for tile in (512, 1000, 2000)})
    tried = []
    for formulation in formulations:
        for batch in (1, 4) if quick else (1, 4, 8):
            for tile in tiles:
                peer = Batch(study, formulation, batch, tile)
                first = seconds(peer, draw(study, 0, batch))  # warms up, and says how many to do
                n = batch * max(1, min(16, int(0.05 / first)))
                least = min(seconds(peer, draw(study, 1 + i, n)) for i in range(2))
                tried.append({**peer.how, "share_of_items": study.n_items / whole.n_items,
                              "permutations_per_second_per_core": n / least})
    best = max(tried, key=lambda one: one["permutations_per_second_per_core"])
    fastest = [max((one for one in tried if one["formulation"] == name),
                   key=lambda one: one["permutations_per_second_per_core"])
               for name in formulations]
    return Batch(whole, best["formulation"], best["batch"], best["tile_items"]), fastest


def observed(peer, study):
    """[groups, 2] in double precision, from the code that is timed."""
    if isinstance(peer, Batch):
        how = peer.how
        peer = Batch(study, how["formulation"], 1, how["tile_items"], np.float64)
    return peer.values(np.arange(study.n_raters)[None])[0]


def with_gai(values):
    with np.errstate(divide="ignore", invalid="ignore"):
        gai = np.where(values[..., 1] > 0, values[..., 0] / values[..., 1], np.nan)
    return np.concatenate([values, gai[..., None]], axis=-1)


_work = {}  # inherited by the processes that are forked


def _task(task):
    seed, n = task
    peer, study, estimates = _work["peer"], _work["study"], _work["estimates"]
    start, cpu_start = time.perf_counter(), time.process_time()
    values = peer.values(draw(study, seed, n))
    elapsed, cpu = time.perf_counter() - start, time.process_time() - cpu_start
    values = with_gai(values)
    undefined = np.isnan(values)
    with np.errstate(invalid="ignore"):
        ge = (values >= estimates - TOLERANCE * np.maximum(1, np.abs(estimates))) | undefined
    return elapsed, cpu, {"resamples": n, "ge": ge.sum(axis=0), "undefined": undefined.sum(axis=0),
                     "sum": np.where(undefined, 0, values).sum(axis=0)}


def timed(peer, study, estimates, budget, repeats, cores, fixed):
    """Runs of about `budget` seconds on all cores; the first sets how many permutations that is,
    and where it takes longer than twice that it is the only one."""
    _work.update(peer=peer, study=study, estimates=estimates)
    runs, total, seed, n = [], None, 1000, 1
    with multiprocessing.get_context("fork").Pool(cores) as pool:
        def run(n):
            nonlocal total, seed
            tasks = [(seed + i, n) for i in range(cores)]
            seed += cores
            parts = pool.map(_task, tasks, chunksize=1)
            sums = [part[2] for part in parts] + ([total] if total else [])
            total = {name: sum(part[name] for part in sums) for name in sums[0]}
            return {"permutations": n * cores, "seconds": max(part[0] for part in parts),
                    "cpu_seconds": sum(part[1] for part in parts)}
        while not fixed:
            first = run(n)
            runs = [first]
            if first["seconds"] > budget / 4:
                break
            n = max(n + 1, min(16 * n, int(n * budget / 2 / first["seconds"])))
        if fixed:
            runs = [run(fixed) for _ in range(repeats)]
        elif first["seconds"] < 2 * budget:
            n = max(1, round(n * budget / first["seconds"]))
            runs = [run(n) for _ in range(repeats)]
    return runs, total


def clean(array):
    return [[None if math.isnan(value) else value for value in row]
            for row in np.asarray(array, float).tolist()]


def blas():
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return None
    return [{key: info.get(key) for key in ("internal_api", "version", "architecture",
                                            "num_threads", "threading_layer")}
            for info in threadpool_info()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=("loop-matrix", "loop-counts", "batch"))
    parser.add_argument("study")
    parser.add_argument("--by", action="append", required=True)
    parser.add_argument("--budget", type=float, default=1.5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--permutations", type=int,
                        help="in each process and run, whatever time they take")
    given = parser.parse_args()
    study = studies.read(given.study, [axis.split(",") for axis in given.by])
    tried = None
    if given.peer == "batch":
        peer, tried = tuned(study, given.permutations is not None)
    else:
        peer = Loop(study, matrix=given.peer == "loop-matrix")
    estimates = with_gai(observed(peer, study))
    runs, total = timed(peer, study, estimates, given.budget, given.repeats, given.cores,
                        given.permutations)
    json.dump({
        "peer": given.peer, "how": peer.how, "tried": tried, "cores": given.cores, "runs": runs,
        "groups": study.groups, "observed": clean(estimates), "resamples": total["resamples"],
        "ge": total["ge"].tolist(), "undefined": total["undefined"].tolist(),
        "sum": total["sum"].tolist(), "blas": blas(),
        "versions": {"python": platform.python_version(),
                     **{name: metadata.version(name)
                        for name in ("numpy", "scipy", "h5py", "krippendorff")}},
    }, sys.stdout)


if __name__ == "__main__":
    main()
