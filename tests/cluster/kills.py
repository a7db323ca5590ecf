"""SIGKILL at 100 random instants of runs with checkpoints, each resumed until it ends: always the
bytes of the run that nobody disturbed, and never a file that is not what its name says.
Usage: kills.py DISSENSUS [KILLS]"""

import hashlib
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
OPTIONS = ["--by", "all", "--depth", "2", "--threads", "1", "--quiet"]
# A third of the kills each, at most: the second within one group's bootstrap most of the time.
RUNS = [["--permutations", "60000", "--bootstrap", "200"],
        ["--permutations", "0", "--bootstrap", "8000", "--over", "both"],
        ["--permutations", "60000", "--bootstrap", "200", "--save-null"]]


def check_files(state):
    """What stands in place is whole, by the digest in its name."""
    for file in state.glob("*.h5"):
        digest = file.name.split(".")[2]
        assert hashlib.sha256(file.read_bytes()).hexdigest() == digest, file
    assert len(list(state.glob("run.*.h5"))) <= 3, list(state.iterdir())


def chain(command, state, output, expected, spans, left):
    """One run, killed again and again until it ends or no kills are left; returns their number."""
    kills = 0
    while True:
        process = subprocess.Popen(command)
        try:
            status = process.wait(None if kills == left else next(spans))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            check_files(state)
            continue
        assert status == 0, status
        assert output.read_bytes() == expected, "other bytes than undisturbed"
        assert not list(state.iterdir()), list(state.iterdir())
        return kills


def main():
    dissensus, wanted = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100
    rng = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
        subprocess.run(["sh", "-euc", f'dissensus="{dissensus}"; . "{HERE}/study.sh"'], check=True)
        kills = runs = 0
        while kills < wanted:
            share = min(wanted - kills, -(-wanted // len(RUNS)))
            plain, output, state = (pathlib.Path(n) for n in ("plain.h5", "out.h5", "state"))
            for file in (plain, output):
                file.unlink(missing_ok=True)
            base = [dissensus, "gai", "study.h5", *OPTIONS, *RUNS[runs % len(RUNS)]]
            begun = time.monotonic()
            subprocess.run([*base, "-o", str(plain)], check=True)
            lasted = time.monotonic() - begun
            # Some before the first checkpoint, some after the last step.
            spans = iter(lambda: rng.uniform(0.0, 0.7 * lasted), None)
            command = [*base, "-o", str(output), "--checkpoint", str(state), "--every", "0.02",
                       "--resume"]
            kills += chain(command, state, output, plain.read_bytes(), spans, share)
            runs += 1
        leftovers = {f.name for f in pathlib.Path().iterdir()} - {
            "ratings.csv", "study.h5", "plain.h5", "out.h5", "state"}
        assert all(".part-" in name for name in leftovers), leftovers
    print(f"{kills} kills in {runs} runs, and the bytes are the same")


main()
