"""Rates of whole processes on the GPU, and what part of the GPU's limits they are.

A run of one permutation, or of the fewest bootstrap resamples, is start-up; the rate is what a run of
B takes longer than that, as in bench/run.py. So device time includes what the host does meanwhile, and is never flattered.
"""

import csv
import io
import json
import os
import re
import statistics
import subprocess
import threading

from programs import Failed
from workloads import DIVE, axes_of, by, dive, made

MILLION = 1_000_000
RATES = (  # name, study, options, and whether bootstrap resamples are counted: over what
    ("DIVE", dive(), DIVE),
    ("DIVE, all metrics", dive(), (*DIVE, "--metrics", "all")),
    ("DIVE, pairs", dive(), (*DIVE, "--metrics", "pair-gai")),
    ("DIVE, ordinal", dive(1, "ordinal"), DIVE),
    ("dense", made("dense"), by(axes_of("dense"))),
    ("DIVE x10", dive(10), DIVE),
    ("DIVE, bootstrap", dive(), DIVE, "both"),
)
SMALL = (("tiny", made("tiny"), by(axes_of("tiny"))),
         ("tiny, bootstrap", made("tiny"), by(axes_of("tiny")), "both"))
MEMORY = ("DIVE x100", dive(100), (*DIVE, "--device-memory", 8192))
ONE = ("--device", 0)
WARP, LABELS_OF_A_WORD, STATISTICS = 32, 4, 4  # irr, xrr, gai and difference
PADDED = 1.5  # entries of no rating that an item has on average: their number is a multiple of 4
FEWEST_DRAWN = 40  # resamples of a bootstrap
LEAST, MOST = 2000, 4 * MILLION  # resamples of a timed run
SECONDS, REPEATS = 0.7, 3  # a run should take so long beyond start-up
TOLD = 1.1  # times start-up: a shorter run tells no rate


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def cells_of(text):
    return {(row["axis"], row["group"], row["statistic"]): row
            for row in csv.DictReader(io.StringIO(text))}


class Timer:
    def __init__(self, programs, studies, quick):
        self.programs, self.studies, self.quick = programs, studies, quick
        self.results = programs.work / "timed.h5"

    def seconds(self, study, options, permutations, over=None):
        return self.timed(study, options, permutations, over).seconds

    def timed(self, study, options, resamples, over=None):
        """On one GPU, as its peers and its limits are. over: of a bootstrap, beside one permutation."""
        if over:
            options, permutations = (*options, "--bootstrap", resamples, "--over", over), 1
        else:
            permutations = resamples
        return self.programs.gai(study, (*options, *ONE), permutations, self.results, "cuda")

    def chosen(self, study, options, startup, over=None):
        """Resamples of a run that takes long enough to be told from start-up."""
        permutations = 64 if self.quick else LEAST
        while not self.quick and permutations < MOST:
            beyond = self.seconds(study, options, permutations, over) - startup
            if beyond >= SECONDS:
                break
            factor = min(16, max(2, SECONDS / max(beyond, 1e-3)))
            permutations = min(MOST, int(permutations * factor))
        return permutations

    def rate(self, name, make, options, over=None):
        study, fewest = make(self.studies), FEWEST_DRAWN if over else 1
        repeats = 1 if self.quick else REPEATS
        startups = [self.seconds(study, options, fewest, over) for _ in range(repeats)]
        startup = statistics.median(startups)
        permutations = self.chosen(study, options, startup, over)
        runs = [self.seconds(study, options, permutations, over) for _ in range(repeats)]
        told = min(runs) > startup * TOLD
        rates = [(permutations - fewest) / (run - startup) for run in runs] if told else None
        return {"workload": name, "permutations": permutations, "startup_seconds": spread(startups),
                "seconds": spread(runs), "permutations_per_second": spread(rates) if told else None,
                **self.shape(), **self.taken(study, options)}

    def shape(self):
        """Of the study that ran last."""
        ran = self.programs.dissensus("report", self.results, "--format", "json")
        report = json.loads(ran.output)
        cells = cells_of(self.programs.csv(self.results))
        groups = sum(name == "irr" and int(row["raters"]) >= 2
                     for (_, _, name), row in cells.items())
        axes = len({axis for axis, _, _ in cells})
        levels = max(len(question["levels"]) for question in report["questions"])
        return {"groups": groups, "axes": axes, "levels": levels,
                **{name: int(report["provenance"][name])
                   for name in ("raters", "items", "ratings")}}

    def taken(self, study, options):
        """How it is computed; of lists, how many packs of 1, 2, 3 and 4 axes."""
        said = self.programs.explain(study, "cuda", (*options, *ONE))
        packs = re.search(r"packs of 1 to 4 axes: (\d+), (\d+), (\d+), (\d+); axes alone: 0",
                          said.get("why", ""))
        return {"method": said.get("method"), "planned": said.get("GPU memory"),
                "packs": [int(n) for n in packs.groups()] if packs else None}

    def million(self):
        """A million permutations of the DIVE-shaped study, all 71 groups: the whole command, and
        that without start-up."""
        study = dive()(self.studies)
        permutations = 64 if self.quick else MILLION
        repeats = 1 if self.quick else REPEATS
        startup = statistics.median(self.seconds(study, DIVE, 1) for _ in range(repeats))
        runs = [self.seconds(study, DIVE, permutations) for _ in range(repeats)]
        return {"permutations": permutations, "startup_seconds": startup, "seconds": spread(runs),
                "beyond_startup_seconds": spread([run - startup for run in runs])}

    def memory(self):
        """Device memory of a study 100 times as large, by what the driver says while it runs."""
        name, make, options = MEMORY
        study = make(self.studies)
        with Watch() as watch:
            ran = self.timed(study, options, 2000)
        if watch.most is not None and watch.most - watch.before > 8192:
            raise Failed(f"{name}: {watch.most - watch.before} MiB, not at most 8192")
        return {"workload": name, "seconds": ran.seconds,
                "mib_before": watch.before, "mib_most": watch.most, **self.shape(),
                **self.taken(study, options)}


def number():
    """nvidia-smi's name of the GPU that our programs call 0: programs.py has CUDA count as it does."""
    return os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")[0].strip() or "0"


class Watch:
    """The most memory of that GPU that was in use; None where nobody tells."""

    def __init__(self):
        self.before = self.most = self._used()
        self._stop = threading.Event()

    @staticmethod
    def _used():
        try:
            ran = subprocess.run(["nvidia-smi", f"--id={number()}", "--query-gpu=memory.used",
                                  "--format=csv,noheader,nounits"], capture_output=True, text=True,
                                 timeout=10)
            return int(ran.stdout.split()[0])
        except (OSError, ValueError, IndexError, subprocess.SubprocessError):
            return None

    def _watch(self):
        while not self._stop.wait(0.05):
            used = self._used()
            if used is not None:
                self.most = max(self.most, used)

    def __enter__(self):
        self._thread = threading.Thread(target=self._watch, daemon=True)
        if self.before is not None:
            self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        if self.before is not None:
            self._thread.join()


def fractions(row, limits, floors):
    """What part of each of the GPU's limits a rate is, or None: only the default statistics of nominal
    ratings are counted, by lists of axes in packs and by products."""
    if not row["permutations_per_second"] or not limits or "," in row["workload"]:
        return None
    resample = work_of(row, floors)
    rate = row["permutations_per_second"]["median"]
    unit = {"needed instructions": limits["warp_instructions_per_second"],
            "issued instructions": limits["warp_instructions_per_second"],
            "bytes": limits["copy_bytes_per_second"],
            "int8 operations": limits["product_operations_per_second"]}
    return {name: work * rate / unit[name] for name, work in resample.items() if unit[name]} or None


def work_of(row, floors):
    """Of a resample: warp instructions, bytes, operations of the matrix units."""
    method = row["method"] or ""
    if "lists" in method and row["packs"]:
        return of_lists(row, floors)
    return of_products(row, floors) if "products" in method else {}


def moved(row, floors):
    """Bytes of labels and values."""
    of = floors["bytes"]
    return row["raters"] * (of["rater_word"] * -(-row["axes"] // LABELS_OF_A_WORD) +
                            labels_of_packs(row, of)) + row["groups"] * STATISTICS * of["value"]


def labels_of_packs(row, of):
    packs = row["packs"] or ()
    return (of["rater_pack"] * sum(packs) +
            of["rater_axis"] * sum(axes * n for axes, n in enumerate(packs, 1)))


def of_lists(row, floors):
    found = {"bytes": moved(row, floors)}
    words, packs = -(-row["levels"] // LABELS_OF_A_WORD), row["packs"]
    for name, of in (("needed", floors["lists"]["needed"]),
                     ("issued", floors["lists"]["issued"].get(str(row["levels"])))):
        if not of:
            continue
        entries = row["ratings"] + (PADDED * row["items"] if name == "issued" else 0)
        counted = entries * sum(n * of["rating"][axes] for axes, n in enumerate(packs))
        tallied = row["items"] * row["groups"] * (of["item_group"] + of["item_group_word"] * words)
        found[f"{name} instructions"] = (
            counted + row["items"] * sum(packs) * of["item_pack"] + tallied +
            row["raters"] * (of["rater"] + labels_of_packs(row, of))) / WARP
    return found


def of_products(row, floors):
    of, columns = floors["products"], row["items"] * row["levels"]
    return {"int8 operations": of["operations"] * columns * row["raters"] * row["groups"],
            "bytes": moved(row, floors) + row["groups"] * (of["label_bytes"] * row["raters"] +
                                                           of["count_bytes"] * columns),
            "issued instructions": row["items"] * row["groups"] *
            (of["item_group"] + of["item_group_level"] * row["levels"]) / WARP}
