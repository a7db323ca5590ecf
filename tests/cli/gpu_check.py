"""bench/gpu/check without a GPU: with kernels run on the host it runs to its end on tiny studies, and
planted mistakes are found, said, and make its exit status 1 while the other steps still run.

Usage: gpu_check.py PROJECT BUILD [PYTHON]   (one that has NumPy, for a peer)
"""

import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

project, build = (Path(argument).resolve() for argument in sys.argv[1:3])
with_numpy = sys.argv[3] if len(sys.argv) > 3 else None
STEPS = ["device", "tests", "parity", "memcheck", "racecheck", "limits", "million", "rates", "peers",
         "memory", "pairs"]
LONG = 60  # seconds; a step that hangs must not


def fail(text):
    sys.exit(f"FAILED: {text}")


def expect(condition, text):
    if not condition:
        fail(text)


def check(work, *arguments, path=None, python=sys.executable, **variables):
    """(exit status, JSON or None, what was printed); a variable of None is not set"""
    file = work / "out.json"
    file.unlink(missing_ok=True)
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", **variables}
    environment = {name: value for name, value in environment.items() if value is not None}
    if path:
        environment["PATH"] = f"{path}:{environment['PATH']}"
    ran = subprocess.run([python, "-B", str(project / "bench/gpu/check"), "--json", str(file),
                          *map(str, arguments)], capture_output=True, text=True, timeout=10 * LONG,
                         env=environment, cwd=work)
    found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return ran.returncode, found, ran.stdout + ran.stderr


def statuses(found):
    return {row["step"]: row["status"] for row in found["steps"]}


def text_of(found, step):
    return next(row.get("text", "") for row in found["steps"] if row["step"] == step)


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def programs_in(folder, **scripts):
    """A folder of programs in which those named are scripts."""
    folder.mkdir()
    for name in ("dissensus-simt", "dissensus-generate", "dissensus-same", "dissensus-gpu-limits-simt",
                 "dissensus-gpu-pairs-simt"):
        (folder / name).symlink_to(build / name)
    for name, text in scripts.items():
        name = name.replace("_", "-")
        (folder / name).unlink(missing_ok=True)
        script(folder / name, text)
    return folder


def check_the_end(work):
    status, found, said = check(work, "--simt", "--programs", build)
    expect(status == 0 and found, f"status {status}: {said}")
    expect(found["gpu"] is False and "NOT A GPU" in said, "host results that do not say so")
    expect(found["goals"] == [] and "goals" not in said, "goals of the host")
    expect(found["steps"][0]["cublas"] == "13.0.0" and "cuBLAS 13.0.0" in said, "which cuBLAS")
    expect([row["step"] for row in found["steps"]] == STEPS, f"other steps: {statuses(found)}")
    for step in ("device", "parity", "limits", "million", "rates", "pairs"):
        expect(statuses(found)[step] == "ok", f"{step}: {statuses(found)[step]}: {said}")
    parity = next(row for row in found["steps"] if row["step"] == "parity")["workloads"]
    expect(len(parity) >= 25 and sum("nulls" in one for one in parity) >= 23,
           f"fewer kinds of run than there were: {parity}")
    expect(all(one["csv_rows"] >= 8 for one in parity), f"CSVs with hardly a row: {parity}")
    expect(all(one["takes"] for one in parity), f"kinds of run that take no method: {parity}")
    rates = {row["workload"]: row for row in
             next(row for row in found["steps"] if row["step"] == "rates")["rows"]}
    expect(rates["tiny, bootstrap"]["permutations"] == 64, f"no bootstrap was timed: {rates}")
    limits, pairs = (next(row for row in found["steps"] if row["step"] == step)
                     for step in ("limits", "pairs"))
    rate = limits["limits"]["product_operations_per_second"]
    for of, by in (("of_product", "operations_per_second"),
                   ("strips_of_product", "strip_operations_per_second")):
        expect(pairs[of] > 0 and abs(pairs[of] * rate - pairs[by]) <= 1e-9 * pairs[by], f"{of}: {pairs}")
    expect(pairs["probed"] > 0 and pairs["goal_of_product"] == 0.6, f"{pairs}")
    text = json.dumps(found)
    expect(str(work) not in text and str(build) not in text and os.uname().nodename not in text,
           "a folder or a host's name in the results")


def check_planted_number(work):
    """One digit of one number that cuda reports is another."""
    folder = programs_in(work / "digit", dissensus_simt=f"""
if [ "$1" = report ] && [ "${{2##*/}}" = parity-cuda.h5 ]; then
  {build}/dissensus-simt "$@" | sed '3s/,0[.]\\([0-8]\\)/,0.9\\1/'
else
  exec {build}/dissensus-simt "$@"
fi
""")
    status, found, said = check(work, "--simt", "--programs", folder, "--skip", "million,peers")
    expect(status == 1 and statuses(found)["parity"] == "FAILED", f"a wrong digit passed: {said}")
    expect("CSV line 3" in text_of(found, "parity"), text_of(found, "parity"))
    expect(statuses(found)["rates"] == "ok", "the steps after a failure did not run")


def check_planted_method(work):
    """A kind of run that takes another method than the one it is there for, though its numbers are
    right."""
    folder = programs_in(work / "method",
                         dissensus_simt=f'unset DSS_CUDA\nexec {build}/dissensus-simt "$@"\n')
    status, found, _ = check(work, "--simt", "--programs", folder, "--skip", "million,rates,peers,pairs")
    wrong = next(row for row in found["steps"] if row["step"] == "parity")["wrong"]
    expect(status == 1 and len(wrong) >= 10, f"other methods passed: {wrong}")
    expect("tiny, lists: it takes products unequal cut, not lists unequal packs" in wrong,
           f"the kind of run is not named: {wrong}")


def check_planted_null(work):
    """Other saved values than those of the cpu, behind the same CSV; a pair whose kappa is another."""
    folder = programs_in(work / "null", dissensus_same="echo resample 7; exit 1\n",
                         dissensus_gpu_pairs_simt="echo raters 1 and 2: kappa is 0 >&2; exit 5\n")
    status, found, _ = check(work, "--simt", "--programs", folder, "--skip", "million,rates,peers")
    expect(status == 1 and "resample 7" in text_of(found, "parity"), text_of(found, "parity"))
    expect(statuses(found)["pairs"] == "FAILED" and "kappa is 0" in text_of(found, "pairs"),
           text_of(found, "pairs"))


def check_same(work):
    """dissensus-same itself: same, other, and nothing to compare."""
    def results(name, *options):
        subprocess.run([str(build / "dissensus"), "gai", str(work / "study.h5"), "-o",
                        str(work / name), "--force", "--quiet", "--backend", "cpu",
                        "--permutations", "60", *options], check=True)
        return str(work / name)

    def same(a, b):
        return subprocess.run([str(build / "dissensus-same"), a, b], capture_output=True, text=True)

    rows = "".join(f"r{r},i{i},{(r * r + i * r + i) % 3},{'ab'[r * 7 % 5 % 2]}\n"
                   for r in range(12) for i in range(8))
    (work / "table.csv").write_text("r,i,x,g\n" + rows, encoding="utf-8")
    subprocess.run([str(build / "dissensus"), "import", str(work / "table.csv"), "-o",
                    str(work / "study.h5"), "--quiet", "--rater", "r", "--item", "i", "--rating", "x",
                    "--rater-attr", "g"], check=True)
    one = results("one.h5", "--save-null")
    ran = same(one, results("again.h5", "--save-null"))
    expect(ran.returncode == 0 and "480 values of 60 resamples" in ran.stdout, ran.stdout + ran.stderr)
    ran = same(one, results("other.h5", "--save-null", "--seed", "2"))
    expect(ran.returncode == 1 and "resample 0" in ran.stdout, f"another seed: {ran.stdout}")
    ran = same(one, results("more.h5", "--save-null", "--permutations", "61"))
    expect(ran.returncode == 1, f"other resamples: {ran.stdout}")
    expect(same(one, results("none.h5")).returncode == 3, "a file without saved values was compared")


def check_no_gpu(work):
    status, found, said = check(work, "--quick", "--programs", build)
    expect(status == 1 and found and statuses(found)["device"] == "FAILED", f"no GPU passed: {said}")
    expect([row["step"] for row in found["steps"]] == STEPS, "steps were left out")
    expect(statuses(found)["parity"] == "FAILED", f"parity without a GPU: {statuses(found)}")
    expect(statuses(found)["tests"] in ("missing", "FAILED"), f"{statuses(found)}")


def check_first_step(work):
    """A first step of a few seconds is in time, and one that fails leaves what was measured after it."""
    for told, status in ((f"sleep 4; exec {build}/dissensus-simt devices", "ok"), ("exit 5", "FAILED")):
        limits = (f'[ "$1" = --cublas ] || set -- 0 1048576 64\n'
                  f'exec {build}/dissensus-gpu-limits-simt "$@"\n')
        folder = programs_in(work / status, dissensus_gpu_limits=limits, dissensus=(
            f'if [ "$1" = devices ]; then {told}; fi\nexec {build}/dissensus-simt "$@"\n'))
        _, found, said = check(work, "--quick", "--programs", folder, "--budget", 100, "--skip",
                               "tests,parity,memcheck,racecheck,million,rates,peers,memory,pairs")
        expect(statuses(found)["device"] == status, f"{told}: {said}")
        expect(found["gpu"] and "NOT A GPU" not in said, f"what was measured is thrown away: {said}")
        expect("executor" in found["device"], f"which GPU: {found['device']}")


def check_visible(work):
    """At most two GPUs, unless somebody says which; cuBLAS and the sanitizer of Python's packages."""
    script(work / "bin/nvidia-smi", "for gpu in 0 1 2; do echo GPU $gpu, 580.1, x; done\n")
    skip = ",".join(STEPS[1:])
    for given, used in ((None, "0,1"), ("2", "2")):
        _, found, said = check(work, "--simt", "--programs", build, "--skip", skip,
                               path=work / "bin", CUDA_VISIBLE_DEVICES=given)
        expect(found["steps"][0]["visible"] == used, f"{given}: {found['steps'][0]}")
        expect(f"of 3 GPUs, CUDA_VISIBLE_DEVICES={used} are used" in said, said)
    library = work / "packages/nvidia/cu13/lib"
    library.mkdir(parents=True)
    ran = subprocess.run(
        [sys.executable, "-B", "-c", "import programs\nfrom pathlib import Path\n"
         "print(programs.Programs(Path(), Path(), None, True).environment['LD_LIBRARY_PATH'])"],
        capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": f"{project}/bench/gpu:{work}/packages"})
    expect(str(library) in ran.stdout.strip().split(":"), ran.stdout + ran.stderr)


def check_peer(work):
    """A peer needs NumPy and its own library; study files are not for it to read."""
    if not with_numpy:
        return
    (work / "h5py.py").write_text("raise ImportError('h5py is not here')\n", encoding="utf-8")
    status, found, said = check(work, "--simt", "--programs", build, "--skip",
                                ",".join(step for step in STEPS if step != "peers"),
                                python=with_numpy, PYTHONPATH=str(work))
    expect(status == 0 and statuses(found)["peers"] == "ok", said)
    expect("NumPy" in text_of(found, "peers"), said)


def check_large(work):
    """The kinds of run that only a GPU is given take what they are there for, as far as can be planned
    here: on a GPU of 80 GiB and 132 multiprocessors."""
    sys.path[:0] = [str(project / "bench/gpu"), str(project / "bench")]
    import parity
    import workloads
    from programs import Clock, Programs
    from studies import Studies
    data = project.parent / "shared/data"
    programs = Programs(build, work, Clock(10 * LONG), True)
    programs.environment |= {"SIMT_DEVICE_BYTES": str(80 << 30), "SIMT_PROCESSORS": "132"}
    studies = Studies(programs, project, work, data)
    published = workloads.PUBLISHED if data.is_dir() else ()
    for one in (*workloads.LARGE, *published):
        parity.taken(one, programs, one.study(studies))
    # Few resamples at once would wait for their shuffles (docs/performance.md): of 8 GiB most is theirs.
    said = programs.explain(studies.dive(10), "cuda", (*workloads.DIVE, "--device-memory", 8192))
    at_once = int(re.search(r"(\d+) resamples at once", said["method"])[1])
    planned = float(re.fullmatch(r"([\d.]+) GiB of each GPU", said["GPU memory"])[1])
    expect(at_once >= 30000 and planned < 7, f"{at_once} resamples at once, {planned} GiB of 8")


def kernels_of_the_source():
    """{name: file} of all kernels; no two have one name."""
    found = {}
    for file in (project / "kernels/cuda").glob("*.cu*"):
        text = file.read_text(encoding="utf-8")
        names = re.findall(r"__global__[^;{]*?(\w+)\((?=const __grid_constant__|\s*const )", text)
        expect(len(names) == text.count("__global__"), f"{file.name}: kernels that were not read")
        for name in names:
            expect(name not in found, f"two kernels are called {name}")
            found[name] = file.name
    return found


def kernels_that_ran(trace):
    """Kernels with the arguments of their templates, by the program's symbols (tests/simt/trace.c)."""
    ran = subprocess.run(["nm", "-C", str(build / "dissensus-simt")], capture_output=True, text=True,
                         check=True)
    rows = [line.split(None, 2) for line in ran.stdout.splitlines() if line[0] in "0123456789abcdef"]
    start = next(int(address, 16) for address, _, name in rows if name == "simt_launch")
    names = {int(address, 16) - start: name for address, kind, name in rows if kind in "tTwW"}
    return {names[int(line)] for line in set(trace.read_text(encoding="utf-8").split())}


def check_watched_kernels(trace):
    """What the sanitizer watches takes every kernel, and the templates' with every tally."""
    ran = kernels_that_ran(trace)
    names = {re.match(r"(?:void )?(\w+)", name)[1] for name in ran}
    source = kernels_of_the_source()
    missed = sorted(f"{name} ({source[name]})" for name in source.keys() - names)
    expect(not missed, f"kernels that no watched kind of run takes: {', '.join(missed)}")
    for kernel in ("walk_packs", "walk_axis", "tally_products"):
        tallies = {tally for name in ran
                   for tally in re.findall(rf"{kernel}<dss_cu_kind<\d+, \(dss_cu_tally\)(\d)>", name)}
        expect(tallies == {"0", "1", "2"}, f"{kernel}: only tallies {sorted(tallies)} are watched")


def check_sanitizer(work):
    """As on a GPU, where the sanitizer finds nothing, or something."""
    folder = programs_in(work / "as-on-a-gpu", dissensus=f'exec {build}/dissensus-simt "$@"\n',
                         dissensus_gpu_limits=f'exec {build}/dissensus-gpu-limits-simt "$@"\n')
    skip = "tests,parity,million,rates,peers,limits,pairs"
    trace, log = work / "kernels", work / "log"
    ours = "--report-api-errors no --kernel-name-exclude kns=gemm"
    for status, text, expected in ((0, 'exec "$@"\n', "ok"),
                                   (1, "echo ERROR SUMMARY: 1 error\nexit 99\n", "FAILED")):
        offered = ours if status == 0 else ""  # not every version has them
        script(work / "bin/compute-sanitizer", f'''
if [ "$1" = --help ]; then echo "--tool arg {offered}"; exit; fi
echo "$@" >> {log}
while [ "${{1#--}}" != "$1" ]; do shift 2; done
''' + text)
        log.unlink(missing_ok=True)
        more = ",racecheck" if status == 0 else ""
        got, found, said = check(work, "--quick", "--programs", folder, "--skip", skip + more,
                                 path=work / "bin", SIMT_KERNELS=str(trace))
        expect(got == status, f"status {got}, not {status}: {said}")
        expect(statuses(found)["memcheck"] == expected, f"{statuses(found)}")
        commands = log.read_text(encoding="utf-8").splitlines()
        expect(commands and all((ours in command) == bool(offered) for command in commands),
               f"{offered or 'none'} offered: {commands}")
        if status == 0:
            check_watched_kernels(trace)
    expect(statuses(found)["racecheck"] == "FAILED", f"{statuses(found)}")
    expect("99" in text_of(found, "memcheck"), text_of(found, "memcheck"))


def check_fractions(work):
    """By hand, of a study of 10 raters, 4 items of 5 levels and 20 ratings, 18 groups on three axes,
    two of them in one pack."""
    sys.path[:0] = [str(project / "bench/gpu"), str(project / "bench")]
    from timing import fractions
    row = {"workload": "w", "raters": 10, "items": 4, "levels": 5, "ratings": 20, "axes": 3,
           "groups": 18, "packs": [1, 1, 0, 0], "permutations_per_second": {"median": 1000.0},
           "method": "lists of ratings; 32 resamples at once"}
    limits = {"warp_instructions_per_second": 1e6, "copy_bytes_per_second": 1e8,
              "product_operations_per_second": 1e9}
    floors = json.loads((project / "bench/gpu/floors.json").read_text(encoding="utf-8"))
    words, packs = 10 * 76, 10 * (2 * 8 + 3 * 4)
    by_hand = {"bytes": (words + packs + 18 * 4 * 16) * 1e-5,
               "needed instructions": (20 * (8 + 13) + (21 + 2 * 7) * 4 * 18 +
                                       10 * (32 + 2 * 2 + 3 * 3)) / 32 * 1e-3,
               "issued instructions": ((20 + 6) * (13.75 + 19.75) + 2 * 104 * 4 + 60 * 4 * 18 +
                                       10 * (200 + 2 * 124 + 3 * 27)) / 32 * 1e-3}
    products = {"int8 operations": 2 * 20 * 10 * 18 * 1e-6,
                "bytes": (words + 18 * 4 * 16 + 18 * (2 * 10 + 8 * 20)) * 1e-5,
                "issued instructions": 198 * 4 * 18 / 32 * 1e-3}
    for method, packs, expected in (("lists of ratings; 32", row["packs"], by_hand),
                                    ("matrix products; 32", None, products)):
        found = fractions({**row, "method": method, "packs": packs}, limits, floors)
        expect(found.keys() == expected.keys(), f"{method}: {found}")
        for name, part in expected.items():
            expect(abs(found[name] - part) <= 1e-12 * part, f"{method}, {name}: {found[name]}")
    expect("issued instructions" not in fractions({**row, "levels": 4}, limits, floors),
           "other loops than those that were counted")
    expect(fractions({**row, "packs": None}, limits, floors) is None, "axes alone are not counted")
    expect(fractions({**row, "workload": "w, ordinal"}, limits, floors) is None, "not counted")
    expect(fractions({**row, "permutations_per_second": None}, limits, floors) is None, "no rate")


def check_goals(work):
    """Each goal by hand: met, missed, and not measured."""
    sys.path[:0] = [str(project / "bench/gpu"), str(project / "bench")]
    import goals
    steps = [{"step": "million", "seconds": {"median": 1.9},
              "beyond_startup_seconds": {"median": 0.4}},
             {"step": "rates", "rows": [
                 {"workload": "DIVE", "of_limit": {"needed instructions": 0.3, "issued instructions": 0.5,
                                                   "bytes": 0.1}},
                 {"workload": "DIVE, ordinal", "of_limit": {"bytes": 0.9}},
                 {"workload": "dense", "of_limit": {"int8 operations": 0.49, "bytes": 0.2}},
                 {"workload": "DIVE x10", "of_limit": None}]},
             {"step": "peers", "ratio": 19.9},
             {"step": "memory", "mib_before": 500, "mib_most": 8600},
             {"step": "pairs", "of_product": 0.61}]
    by_hand = [(0.4, True), (0.4, False), (1.9, True), (0.3, False), (None, None), (0.49, False),
               (19.9, False), (8100, True), (0.61, True)]
    found = goals.judged(steps)
    expect([(one["found"], one["met"]) for one in found] == by_hand, f"goals: {found}")
    lines = [goals.line(one) for one in found]
    expect(lines[1] == "NOT MET  the same: the aim: 0.4 s (at most 0.3 s)", lines[1])
    expect(lines[3] == "NOT MET  DIVE: part of its floor: 0.3 (at least 0.5); 50% by issued instructions",
           lines[3])
    expect(lines[4].startswith("unknown") and "not measured" in lines[4], lines[4])
    nothing = goals.judged([{"step": one["step"], "status": "FAILED"} for one in steps])
    expect(all(one["met"] is None for one in nothing), f"goals of steps that failed: {nothing}")


def check_one_gpu(work):
    """Everything that is timed runs on one of two GPUs, and it is that one whose memory is asked for."""
    log = work / "log"
    folder = programs_in(work / "two", dissensus_simt=f'echo "$@" >> {log}\n'
                         f'exec {build}/dissensus-simt "$@"\n')
    status, _, said = check(work, "--simt", "--programs", folder, "--skip",
                            "parity,limits,peers,pairs", SIMT_DEVICES="2")
    runs = log.read_text(encoding="utf-8").splitlines()
    timed = [line for line in runs if "timed.h5" in line and line.startswith("gai")]
    timed += [line for line in runs if "--explain" in line]
    expect(status == 0 and len(timed) >= 5, f"status {status}, {len(timed)} runs: {said}")
    expect(all("--device 0" in line for line in timed), f"runs on every GPU: {timed}")
    script(work / "bin/nvidia-smi", 'case "$1" in --id=GPU-b) echo 7;; --id=0) echo 5;; *) echo 900; esac\n')
    ran = subprocess.run(
        [sys.executable, "-B", "-c", "import os, timing\nprint(timing.Watch().most)\n"
         "os.environ['CUDA_VISIBLE_DEVICES'] = 'GPU-b,GPU-c'\nprint(timing.Watch().most)"],
        capture_output=True, text=True, env={
            **{name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"},
            "PYTHONPATH": f"{project}/bench/gpu:{project}/bench",
            "PATH": f"{work}/bin:{os.environ['PATH']}"})
    expect(ran.stdout.split() == ["5", "7"], f"another GPU's memory: {ran.stdout}{ran.stderr}")


def check_time(work):
    """A program that hangs is ended, with what it started, and the rest of the time is kept."""
    folder = programs_in(work / "hangs", dissensus_gpu_limits_simt=f"sleep {LONG}\n")
    start = time.monotonic()
    status, found, said = check(work, "--simt", "--programs", folder, "--budget", 12, "--skip",
                                "parity,million,rates,peers")
    expect(time.monotonic() - start < LONG / 2, "what hung was waited for")
    expect(status == 1 and statuses(found)["limits"] == "FAILED", f"{said}")
    expect("not done within" in text_of(found, "limits"), text_of(found, "limits"))
    expect(statuses(found)["pairs"] in ("ok", "absent"), f"{statuses(found)}")


def main():
    ran = subprocess.run([sys.executable, "-B", str(project / "bench/gpu/check"), "--skip", "nothing"],
                         capture_output=True, text=True)
    expect(ran.returncode == 2 and "nothing" in ran.stderr, "an unknown step was taken")
    for one in (check_the_end, check_planted_number, check_planted_method,
                check_planted_null, check_same, check_no_gpu, check_first_step, check_visible,
                check_peer, check_large, check_sanitizer, check_fractions, check_goals, check_one_gpu,
                check_time):
        with tempfile.TemporaryDirectory() as folder:
            one(Path(folder).resolve())
    print("the check runs to its end without a GPU, and finds what was planted")


if __name__ == "__main__":
    main()
