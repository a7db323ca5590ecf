"""The steps of the check, in their order."""

import json
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

from harness import tools as harness_tools
from harness import verify

import parity
import timing
import workloads
from programs import Failed, Missing, cuda_folders, last_lines
from studies import DIVE_BY

SKIPPED = 77  # the status of a test without a GPU, and of a peer without a library
TESTS = {"test-gpu-kernels": "tests/simt", "test-gpu-cuda": "tests/parity",
         "test-gpu-pairs": "tests/parity", "test-gpu-pairs-cuda": "tests/parity",
         "test-gpu-pairwise": "tests/parity", "test-gpu-pairwise-runs": "tests/parity"}
QUICK_PAIRS = (300, 40, 4)  # raters, items, levels
QUICK_LIMITS = (0, 1 << 20, 64)  # device, bytes copied, side of the product
PAIRS = "tiny, matrices of pairs"
# The tools judge all that runs: calls whose status our code looks at, and cuBLAS's kernels. Not every
# version has these options.
OURS_ALONE = (("--report-api-errors", "no"),
              *(("--kernel-name-exclude", f"kns={part}") for part in ("gemm", "cutlass", "cublas")))
AT_ONCE = min(8, os.cpu_count() or 1)  # programs under the sanitizer: mostly they start
MOST_NAMED = 2
GOAL_OF_PRODUCT = 0.6  # pairs of raters, of the rate of cuBLAS's plain int8 product


class Absent(Exception):
    """A step that this build, or this machine's Python, has nothing for: no failure."""


def rounded(value):
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def each(of, work, at_once=1):
    """work(one) for each: (what came of those that succeeded, why the others did not)."""
    def attempt(named):
        try:
            return work(named[1]), None
        except (Failed, Missing) as reason:
            return None, f"{named[0]}: {reason}"

    with ThreadPoolExecutor(at_once) as threads:
        pairs = list(threads.map(attempt, of))
    return [one for one, why in pairs if not why], [why for _, why in pairs if why]


def fail_if(wrong, of, found):
    """Names the first few."""
    if wrong:
        more = f"; and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
        raise Failed(f"{len(wrong)} of {len(of)}: {'; '.join(wrong[:MOST_NAMED])}{more}",
                     {**found, "wrong": wrong})


def line_of(row):
    """Of a rate."""
    rate = row["permutations_per_second"]
    text = f"{row['workload']}: " + (f"{rounded(rate['median'])}/s" if rate else
                                     "too short a run to tell")
    if row["of_limit"]:
        text += "; of the limit: " + ", ".join(f"{part:.0%} {name}"
                                               for name, part in row["of_limit"].items())
    return text


class Steps:
    # name, share of the time that it may end by, of all
    ORDER = (("device", 0.10), ("tests", 0.17), ("parity", 0.47), ("memcheck", 0.55),
             ("racecheck", 0.63), ("limits", 0.65), ("million", 0.69), ("rates", 0.80),
             ("peers", 0.88), ("memory", 0.95), ("pairs", 1.0))

    def __init__(self, programs, studies, given, source):
        self.programs, self.studies, self.given, self.source = programs, studies, given, source
        self.timer = timing.Timer(programs, studies, given.quick or given.simt)
        self.gpu, self.found = "unknown", {}
        self.budget = given.budget

    @classmethod
    def names(cls):
        return [name for name, _ in cls.ORDER]

    def list(self):
        return [(name, getattr(self, name), share) for name, share in self.ORDER]

    def begin(self, share):
        """What earlier steps have not used, later ones may."""
        spent = self.budget - self.programs.clock.left()
        self.programs.step_ends(share * self.budget - spent)

    def _needs_gpu(self):
        if self.given.simt:
            raise Absent("no GPU: --simt")

    # --- steps -----------------------------------------------------------------------------------

    def device(self):
        said = self.programs.dissensus("devices").output.strip()
        found = {"devices": said.splitlines(), "lines": said.splitlines()}
        smi = shutil.which("nvidia-smi")
        if smi:
            fields = ("name,driver_version,memory.total,clocks.max.sm,clocks.max.mem,power.limit,"
                      "ecc.mode.current")
            text = self.programs.run([smi, f"--query-gpu={fields}", "--format=csv,noheader"],
                                     check=False).output
            found["nvidia_smi"] = {"fields": fields, "gpus": text.strip().splitlines()}
            found["driver"] = text.split(",")[1].strip() if text.count(",") > 1 else None
            gpus = len(found["nvidia_smi"]["gpus"])
            found["visible"] = os.environ["CUDA_VISIBLE_DEVICES"]
            if gpus > 1:
                found["lines"].append(f"of {gpus} GPUs, CUDA_VISIBLE_DEVICES={found['visible']} are used")
        if said.startswith("no GPU"):
            raise Failed(said)
        self.gpu = said.splitlines()[0].split("  ", 1)[-1]
        blas = json.loads(self.programs.run([self._limits(), "--cublas"]).output)
        found["cublas"] = blas["cublas"]
        found["lines"].append(f"cuBLAS {blas['cublas']}" if blas["cublas"] else
                              f"no cuBLAS: {last_lines(blas['why'])}")
        return found

    def _limits(self):
        return self.programs.find("dissensus-gpu-limits" + ("-simt" if self.given.simt else ""))

    def _test(self, name):
        ran = self.programs.run([self.programs.find(name, TESTS[name])], check=False)
        said = last_lines(ran.errors or ran.output)
        if ran.status == SKIPPED:
            raise Failed(f"it was skipped: {said}")
        if ran.status != 0:
            raise Failed(f"exit status {ran.status}: {said}")
        return f"{name}: {said}"

    def tests(self):
        self._needs_gpu()
        lines, wrong = each(zip(TESTS, TESTS), self._test)
        fail_if(wrong, TESTS, {"lines": lines})
        return {"lines": lines}

    def parity(self):
        small = self.given.quick or self.given.simt
        kinds = [one for one in workloads.WORKLOADS if one.quick or not small]
        kinds += workloads.PUBLISHED if self.given.data else ()
        done, wrong = each(((one.name, one) for one in kinds),
                           lambda one: parity.compare(one, self.programs, self.studies))
        fail_if(wrong, kinds, {"workloads": done})
        return {"text": f"{len(done)} kinds of run give the cpu's bits", "workloads": done}

    def _sanitize(self, tool):
        self._needs_gpu()
        found = shutil.which("compute-sanitizer") or next(
            (str(path) for folder in cuda_folders()
             for path in (folder / "compute-sanitizer/compute-sanitizer",
                          folder / "bin/compute-sanitizer") if os.access(path, os.X_OK)), None)
        if not found:
            raise Missing("no compute-sanitizer here")
        watched = [(one.name, self._watched(one), one.environment) for one in workloads.WORKLOADS
                   if one.watched]
        watched.append((PAIRS, ("pairs", workloads.made("tiny")(self.studies), "--by", "a0",
                                "--permutations", workloads.WATCH), {}))
        help_text = self.programs.run([found, "--help"], check=False).output
        command = [found, "--tool", tool, "--error-exitcode", 99,
                   *(word for option in OURS_ALONE if option[0] in help_text for word in option)]
        done, wrong = each(((one[0], one) for one in watched),
                           lambda one: self._watch(command, tool, *one), AT_ONCE)
        fail_if(wrong, watched, {"clean": done})
        return {"text": f"nothing found in {len(done)} kinds of run", "clean": done}

    def _watched(self, one):
        return ("gai", one.study(self.studies), *one.options, "--permutations", one.watched)

    def _watch(self, sanitizer, tool, name, command, environment):
        results = self.programs.work / f"{tool}-{name.replace(' ', '-')}.h5"
        ran = self.programs.run(
            [*sanitizer, self.programs.command, *command, "-o", results, "--force", "--quiet",
             "--backend", "cuda"], check=False, extra=environment)
        if ran.status != 0:
            raise Failed(f"exit status {ran.status}: {last_lines(ran.output + ran.errors)}")
        return name

    def memcheck(self):
        return self._sanitize("memcheck")

    def racecheck(self):
        return self._sanitize("racecheck")

    def limits(self):
        small = QUICK_LIMITS if self.given.simt else ()
        text = self.programs.run([self._limits(), *small]).output
        limits = self.found["limits"] = json.loads(text)
        if self.gpu == "unknown":  # the first step was left out, or failed
            self.gpu = limits["name"]
        product = limits["product_operations_per_second"]
        return {"limits": limits, "text":
                f"{rounded(limits['warp_instructions_per_second'] / 1e9)} G warp instructions/s, "
                f"{rounded(limits['copy_bytes_per_second'] / 1e9)} GB/s copied, int8 product "
                f"{rounded(product / 1e12) + ' T operations/s' if product else 'unknown'}"}

    def million(self):
        found = self.timer.million()
        of = f"{found['permutations']:,} permutations of DIVE"
        return {**found, "text": f"{of}: {found['beyond_startup_seconds']['median']:.2f} s beyond a "
                                 f"start-up of {found['startup_seconds']:.2f} s; the whole command "
                                 f"{found['seconds']['median']:.2f} s"}

    def rates(self):
        floors = json.loads((self.source / "bench/gpu/floors.json").read_text(encoding="utf-8"))
        timed = timing.SMALL if self.timer.quick else timing.RATES
        rows, wrong = each(((one[0], one) for one in timed), lambda one: self.timer.rate(*one))
        for row in rows:
            row["of_limit"] = timing.fractions(row, self.found.get("limits"), floors)
        self.found["rates"] = {row["workload"]: row["permutations_per_second"] for row in rows}
        found = {"rows": rows, "floors": floors, "lines": [line_of(row) for row in rows]}
        fail_if(wrong, timed, found)
        return found

    def peers(self):
        small = self.timer.quick
        name, make = ("tiny", workloads.made("tiny")) if small else ("DIVE", workloads.dive())
        axes = workloads.axes_of("tiny") if small else DIVE_BY
        study = make(self.studies)
        arguments = [sys.executable, "-B", self.source / "bench/gpu/peers_gpu.py",
                     *self.studies.table_of[study], *(word for axis in axes for word in ("--by", axis))]
        if self.given.simt:
            arguments += ["--array", "numpy", "--seconds", 0.1]
        ran = self.programs.run(arguments, check=False, ours=False)
        if ran.status == SKIPPED:
            raise Absent(f"no peer: {last_lines(ran.errors)}")
        if ran.status != 0:
            raise Failed(f"peer: exit status {ran.status}: {last_lines(ran.errors)}")
        peer = json.loads(ran.output)
        results = self.programs.work / "peer.h5"
        self.programs.gai(study, workloads.by(axes), 2000, results, "cuda")
        try:
            checked = verify.same(timing.cells_of(self.programs.csv(results)), peer, name)
        except harness_tools.Failed as failure:
            raise Failed(str(failure)) from None
        theirs = peer["permutations_per_second"]["median"]
        ours = self.found.get("rates", {}).get(name)
        ratio = ours["median"] / theirs if ours else None
        for large in ("ge", "undefined", "sum"):
            peer.pop(large)
        return {"peer": peer, "verified": checked, "ratio": ratio, "text":
                f"{peer['array']}, {name}: {rounded(theirs)}/s in batches of {peer['batch']}; "
                f"dissensus {rounded(ratio) + ' times that' if ratio else 'was not timed'}"}

    def memory(self):
        if self.timer.quick:
            raise Absent("tiny studies alone")
        found = self.timer.memory()
        most = ("nobody says" if found["mib_most"] is None else
                f"{found['mib_most'] - found['mib_before']} MiB more than before")
        return {**found, "text": f"{found['workload']} within 8192 MiB: planned {found['planned']}, "
                                 f"in use {most}; {found['seconds']:.1f} s"}

    # Matrices over pairs of raters have a command of their own.
    def pairs(self):
        if self.programs.dissensus("pairs", "--help", check=False).status != 0:
            raise Absent("this build has no pairs")
        study, found = workloads.made("tiny")(self.studies), {}
        for backend in ("cpu", "cuda"):
            ran = self.programs.dissensus(
                "pairs", study, "-o", self.programs.work / "pairs.h5", "--force", "--quiet", "--by",
                "a0", "--permutations", 100, "--backend", backend, "--format", "csv", check=False)
            if ran.status != 0:
                raise Failed(f"pairs: exit status {ran.status}: {last_lines(ran.errors)}")
            found[backend] = ran.output
        differs = parity.difference(found["cuda"], found["cpu"])
        if differs:
            raise Failed(f"pairs: {differs}")
        return self.pair_rate()

    # Calls as a whole: from layers on the GPU to statistics on the host, and on into strips.
    def pair_rate(self):
        small = QUICK_PAIRS if self.given.simt or self.timer.quick else ()
        name = "dissensus-gpu-pairs" + ("-simt" if self.given.simt else "")
        found = json.loads(self.programs.run([self.programs.find(name), *small]).output)
        product = (self.found.get("limits") or {}).get("product_operations_per_second")
        for of, rate in (("of_product", "operations_per_second"),
                         ("strips_of_product", "strip_operations_per_second")):
            found[of] = found[rate] / product if product else None
        found["goal_of_product"] = GOAL_OF_PRODUCT

        def share(of):
            return f"{found[of]:.0%}" if product else "an unknown part"
        return {**found, "text":
                f"the cpu's summary; all pairs of {found['raters']:,} raters, {found['items']:,} items, "
                f"{found['levels']} levels on the host in {found['seconds']:.3f} s, "
                f"{share('of_product')} of cuBLAS's rate (goal: {GOAL_OF_PRODUCT:.0%}); as strips for "
                f"the file {found['strip_seconds']:.3f} s, {share('strips_of_product')}"}
