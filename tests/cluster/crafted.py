"""Parts of a run that were tampered with: merge refuses each, in one line, and never crashes.
Usage: crafted.py DISSENSUS; needs h5py."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
HUGE = 2**64 - 1
ATTRIBUTES = {"shard": [7, HUGE], "n_shards": [0], "first": [1, HUGE], "end": [0, 5000, HUGE],
              "total": [0, 8192, HUGE], "saves_null": [1, 2], "has_null": [0, 2],
              "resamples": [0, 3, HUGE], "n_pilot": [0, 4000, HUGE], "n_tested": [0, HUGE],
              "exact": [1, 2], "holds_observed": [1], "ends_with_pilot": [1],
              "stop_after": [20], "pilot_rows": [1, HUGE]}


def set_attribute(name, value):
    def change(part):
        part.attrs.modify(name, np.uint64(value))
    return change


def set_array(name, value):
    def change(part):
        array = part[name][...]
        array[0] = value
        part[name][...] = array
    return change


def drop(name):
    def change(part):
        del part[name]
    return change


def shrink(name):
    def change(part):
        array = part[name][...][:-1]
        del part[name]
        part.create_dataset(name, data=array)
    return change


def changes():
    for name, values in ATTRIBUTES.items():
        for value in values:
            yield f"{name} = {value}", set_attribute(name, value)
    for name, value in (("order", HUGE), ("order", 1), ("observed", 7.0), ("pivot", 0.25),
                        ("center", 1.5), ("scale", 2.0), ("width", 3.0), ("observed_t", 9.0)):
        yield f"{name}[0] = {value}", set_array(name, value)
    for name in ("largest", "histogram", "bootstrapped", "sum"):
        yield f"no {name}", drop(name)
    for name in ("largest", "max_t", "bootstrapped"):
        yield f"short {name}", shrink(name)


def main():
    dissensus = sys.argv[1]
    os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"
    tried = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        subprocess.run(["sh", "-euc", f'dissensus="{dissensus}"; . "{HERE}/study.sh"'], check=True)
        for i in range(2):
            subprocess.run([dissensus, "gai", "study.h5", "-o", f"part{i}.h5", "--by", "group",
                            "--permutations", "12000", "--shard", f"{i}/2", "--quiet"], check=True)
        for what, change in changes():
            shutil.copy("part1.h5", "crafted.h5")
            with h5py.File("crafted.h5", "r+") as file:
                change(file["part"])
            for order in (["part0.h5", "crafted.h5"], ["crafted.h5", "part0.h5"]):
                done = subprocess.run([dissensus, "merge", *order, "-o", "none.h5", "--quiet"],
                                      capture_output=True, text=True)
                said = done.stderr.splitlines()
                assert done.returncode == 3, (what, order, done.returncode, said)
                assert len(said) == 1 and said[0].startswith("dissensus merge: "), (what, said)
                assert not os.path.exists("none.h5"), what
            tried += 1
        subprocess.run([dissensus, "merge", "part1.h5", "part0.h5", "-o", "whole.h5", "--quiet"],
                       check=True)
    print(f"{tried} parts that were tampered with are refused")


main()
