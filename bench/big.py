"""Big studies: each step of the main job on studies of the demo's shape, up to a thousand times its
size; times, memory and files as a table, and JSON. docs/performance.md says what is measured."""

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

from harness import machine, output
from harness.table import layout, short
from harness.tools import Failed, Tools

SETTINGS = "data/demo/dive.ini"
QUESTIONS = ("harm_to_self:ordinal", "harm_to_others:ordinal", "violation_type:nominal")
ALL_AXES = ("--by", "all", "--depth", 3)
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
LIMIT_BYTES = 8 << 30


def arguments():
    parser = argparse.ArgumentParser(description=" ".join(__doc__.split()))
    parser.add_argument("--source", type=Path, default=Path(__file__).resolve().parents[1],
                        help="the project's folder")
    parser.add_argument("--programs", type=Path, required=True,
                        help="folder of dissensus and dissensus-generate")
    parser.add_argument("--work", type=Path,
                        help="a folder for the studies, 2 GB at x1000, made and removed there "
                             "(default: that of temporary files)")
    parser.add_argument("--out", type=Path, help="folder for the JSON (default bench/results)")
    parser.add_argument("--scale", type=int, action="append", metavar="K",
                        help="2 or more; may be given again (default: 10, 100 and 1000)")
    parser.add_argument("--permutations", type=int, default=256)
    parser.add_argument("--threads", type=int, default=machine.cores())
    parser.add_argument("--small", action="store_true",
                        help="a small study and few permutations: does this script itself work?")
    given = parser.parse_args()
    given.scale = given.scale or ([2] if given.small else [10, 100, 1000])
    if given.small:
        given.permutations = min(given.permutations, 16)
    if min(given.scale) < 2:
        parser.error("--scale: x1 is measured anyway, as what the others are held against")
    return given


def import_arguments(folder):
    words = [folder / "ratings.csv", "-o", folder / "study.h5", "--rater", "rater_id",
             "--item", "item_id", "--rater-attr", "gender,age_group,ethnicity",
             "--items", folder / "items.csv", "--item-key", "item_id", "--item-attr", "topic"]
    for question in QUESTIONS:
        words += ["--rating", question]
    return words


def gai_arguments(given, folder, permutations, axes):
    return [folder / "study.h5", "--permutations", permutations, "--threads", given.threads,
            "--backend", "cpu", *axes]


def explained(tools, words):
    """What --explain says of memory: its parts, and their sum, bytes."""
    text = " ".join(tools.dissensus_says("gai", *words, "--explain").split())
    found = re.search(r"memory \S+ \S+: (\S+ \S+) of the backend, (\S+ \S+) of the plan, "
                      r"(\S+ \S+) of the pilot", text)
    if not found:
        raise Failed(f"--explain says nothing of memory: {text}")
    amounts = (one.split() for one in found.groups())
    sizes = [round(float(number) * UNITS[unit]) for number, unit in amounts]
    parts = dict(zip(("backend_bytes", "plan_bytes", "pilot_bytes"), sizes))
    return {"bytes": sum(sizes), **parts}


def steps(given, tools, folder, scale):
    """(name, what measures it, the file it leaves or None, what --explain says or None)"""
    def gai(name, permutations, axes):
        words = gai_arguments(given, folder, permutations, axes)
        run = tools.dissensus("gai", *words, "-o", folder / "results.h5", "--force", "--quiet")
        return name, run, folder / "results.h5", explained(tools, words)

    def dissensus(name, *words, file=None):
        return name, tools.dissensus(name.split()[0], *words), file, None

    yield ("generate", tools.generate("--settings", given.source / SETTINGS, "--scale", scale,
                                      "--out", folder), folder / "ratings.csv", None)
    yield dissensus("import", *import_arguments(folder), "--quiet", file=folder / "study.h5")
    yield dissensus("info", folder / "study.h5")
    yield gai("gai, no permutation", 0, ())
    yield gai("gai", given.permutations, ())
    yield gai("gai, all axes, no permutation", 0, ALL_AXES)
    yield gai("gai, all axes", given.permutations, ALL_AXES)
    yield dissensus("report", folder / "results.h5")
    yield dissensus("report --format csv", folder / "results.h5", "--format", "csv")


def shape(tools, folder):
    text = tools.dissensus_says("report", folder / "results.h5", "--format", "json")
    return {name: int(re.search(rf'"{name}": *"?(\d+)', text)[1])
            for name in ("raters", "items", "ratings")}


def measure(given, tools, folder, scale):
    rows = []
    for name, run, file, said in steps(given, tools, folder, scale):
        tools.say(f"x{scale}: {name}: {run.seconds:.1f} s, {run.max_rss_bytes >> 20} MiB")
        rows.append({"step": name, "seconds": run.seconds, "cpu_seconds": run.cpu_seconds,
                     "max_rss_bytes": run.max_rss_bytes,
                     "file": file and {"name": file.name, "bytes": file.stat().st_size},
                     "explained": said})
    found = shape(tools, folder)  # its ratings are answers: a row has one to each question
    found["rows"] = found.pop("ratings") // len(QUESTIONS)
    return {"scale": scale, **found, "steps": rows}


def run_all(given, work):
    tools = Tools(given.source, given.programs / "dissensus", given.programs / "dissensus-generate",
                  None, sys.executable)
    found = {"kind": "dissensus big studies", "at": machine.now(),
             "commit": machine.commit(given.source), "machine": machine.describe(),
             "load": {"before": machine.load()},
             "version": tools.dissensus_says("--version").splitlines()[0],
             "threads": given.threads, "permutations": given.permutations,
             "limit_bytes": LIMIT_BYTES, "studies": []}
    for scale in (1, *given.scale):
        folder = work / f"x{scale}"
        found["studies"].append(measure(given, tools, folder, scale))
        shutil.rmtree(folder)
    found["load"]["after"] = machine.load()
    add_growth(found["studies"][0], found["studies"][1:])
    return found


def add_growth(least, studies):
    """Bytes a row beyond what the same step takes at x1: programs and libraries, and what goes by
    the number of tests."""
    for study in studies:
        for row, base in zip(study["steps"], least["steps"]):
            row["bytes_a_row"] = ((row["max_rss_bytes"] - base["max_rss_bytes"])
                                  / (study["rows"] - least["rows"]))


def show(found):
    for study in found["studies"]:
        print(f"\nx{study['scale']}: {study['raters']} raters, {study['items']} items, "
              f"{study['rows']} rows of {len(QUESTIONS)} ratings")
        print(layout(["step", "s", "CPU s", "MiB", "explained", "bytes a row", "file"],
                     [[row["step"], f"{row['seconds']:.1f}", f"{row['cpu_seconds']:.1f}",
                       str(row["max_rss_bytes"] >> 20),
                       str(row["explained"]["bytes"] >> 20) if row["explained"] else "-",
                       str(round(row["bytes_a_row"])) if "bytes_a_row" in row else "-",
                       short(row["file"]["bytes"]) + "B" if row["file"] else "-"]
                      for row in study["steps"]]))
    load = found["load"]
    print(f"\n{found['permutations']} permutations, {found['threads']} threads; load of the "
          f"machine before {load['before']}, after {load['after']}")


def over_limit(found):
    """Steps that took more than the memory a big study may take."""
    return [f"x{study['scale']}: {row['step']}" for study in found["studies"]
            for row in study["steps"] if row["max_rss_bytes"] > found["limit_bytes"]]


def main():
    given = arguments()
    work = Path(tempfile.mkdtemp(prefix="dissensus-big-", dir=given.work))
    try:
        found = run_all(given, work)
    except Failed as failure:
        print(f"big: {failure}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work)
    show(found)
    path = output.write(found, given.out or given.source / "bench/results", "big")
    print(f"\nwritten: {path.name}")
    over = over_limit(found)
    if over:
        print(f"big: over {LIMIT_BYTES >> 30} GiB: {', '.join(over)}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
