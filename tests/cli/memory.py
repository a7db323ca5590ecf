"""Memory of import, info and gai: what a rating takes, so that large studies fit.

The aim is a study of 32 million rows within 8 GiB (docs/performance.md, "Big studies"). That is
measured there; here it is kept, by the growth from a study of 31,980 rows, with three questions, to
one of ten times as many.

Usage: memory.py GENERATOR DISSENSUS SOURCE
"""
import os
import pathlib
import subprocess
import sys
import tempfile

AIM_BYTES, AIM_ROWS = 8 << 30, 32_000_000
BASE_BYTES = 1 << 30  # of the aim, for what does not go by ratings
MOST_PER_ROW = (AIM_BYTES - BASE_BYTES) / AIM_ROWS / 2  # as some have six questions
LEAST_PER_ROW = 15  # a rater, an item and three answers: under it, something else was measured
ROWS = 31_980


def peak(*words):
    """The process's largest resident size, bytes."""
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    assert process.returncode == 0, f"{words}: {process.returncode}\n{errors}"
    return usage.ru_maxrss * 1024


def measure(generator, program, source, folder, scale):
    """Peaks by command. Threads are few, whatever the machine: each has labels of every rater."""
    peak(generator, "--settings", source / "data/demo/dive.ini", "--scale", scale, "--out", folder)
    study, threads = folder / "study.h5", ("--threads", 2)
    return {
        "import": peak(
            program, "import", folder / "ratings.csv", "-o", study, "--rater", "rater_id",
            "--item", "item_id", "--rating", "harm_to_self:ordinal",
            "--rating", "harm_to_others:ordinal", "--rating", "violation_type:nominal",
            "--rater-attr", "gender,age_group,ethnicity", "--items", folder / "items.csv",
            "--item-key", "item_id", "--item-attr", "topic", "--quiet"),
        "info": peak(program, "info", study),
        "gai": peak(program, "gai", study, "-o", folder / "results.h5", "--by", "all", "--depth", 3,
                    "--permutations", 64, "--quiet", *threads)}


def main():
    generator, program, source = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        small, large = (measure(generator, program, source, pathlib.Path(folder) / f"x{scale}",
                                scale) for scale in (1, 10))
    failed = False
    for name in small:
        per_row = (large[name] - small[name]) / (9 * ROWS)
        print(f"{name}: {small[name] >> 20} MiB at {ROWS} rows, {large[name] >> 20} MiB at ten "
              f"times as many: {per_row:.0f} bytes a row, of {MOST_PER_ROW:.0f}")
        if not LEAST_PER_ROW <= per_row <= MOST_PER_ROW:
            failed = True
            print(f"FAILED: {name}: {LEAST_PER_ROW} to {MOST_PER_ROW:.0f} bytes a row expected")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
