"""Parts of a run that were tampered with: merge refuses each, in one line, and never crashes; and
checkpoints with a group under way, from which a run is resumed.
Usage: crafted.py DISSENSUS; needs h5py."""

import hashlib
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


def set_text(name, text):
    """Of another version of the program, of another study."""
    def change(part):
        root = part.file.attrs
        assert root[name] != text
        root[name] = text
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
    for name, text in (("created_by", "dissensus 9.9.9"), ("input_sha256", "0" * 64)):
        yield f"{name} = {text}", set_text(name, text)
    for name, value in (("order", HUGE), ("order", 1), ("observed", 7.0), ("pivot", 0.25),
                        ("center", 1.5), ("scale", 2.0), ("width", 3.0), ("observed_t", 9.0)):
        yield f"{name}[0] = {value}", set_array(name, value)
    for name in ("largest", "histogram", "bootstrapped", "sum"):
        yield f"no {name}", drop(name)
    for name in ("largest", "max_t", "bootstrapped"):
        yield f"short {name}", shrink(name)


def set_numbers(change_by):
    def change(under_way):
        for name, value in change_by.items():
            under_way.attrs.modify(name, np.uint64(value))
    return change


def replace(name, shape, value=0.5):
    def change(under_way):
        del under_way[name]
        under_way.create_dataset(name, data=np.full(shape, value))
    return change


def both(*all_of_them):
    def change(under_way):
        for each in all_of_them:
            each(under_way)
    return change


# Of a bootstrap of 60 over both, of 40 raters and 50 items, by the four statistics of --metrics
# gai-table; the second of several groups is under way, and stopped in its jackknife.
UNDER_WAY = [
    ("another unit", set_numbers({"unit": 0}), "unit: is not the group whose bootstrap comes next"),
    ("a later unit", set_numbers({"unit": 2}), "unit: is not the group whose bootstrap comes next"),
    ("no unit", set_numbers({"unit": HUGE}), "unit: is not the group whose bootstrap comes next"),
    ("no resamples", set_numbers({"resamples": 0}), "resamples: has 0 of a bootstrap of 60"),
    ("61 resamples", set_numbers({"resamples": 61}), "resamples: has 61 of a bootstrap of 60"),
    ("61, and their rows", both(set_numbers({"resamples": 61}), replace("values", (61, 4))),
     "resamples: has 61 of a bootstrap of 60"),
    ("far too many", set_numbers({"resamples": HUGE}), f"resamples: has {HUGE} of a bootstrap of 60"),
    ("59 resamples", set_numbers({"resamples": 59}),
     "left_out: has values before the resamples are all there"),
    ("too many rows", replace("values", (61, 4)), "values: "),
    ("too few rows", replace("values", (59, 4)), "values: "),
    ("other statistics", replace("values", (60, 5)), "values: "),
    ("one dimension", replace("values", 240), "values: "),
    ("no rows", lambda g: g.__delitem__("values"), "values"),
    ("none left out", lambda g: g.__delitem__("left_out_values"), "left_out_values"),
    ("no number", lambda g: g.attrs.__delitem__("resamples"), "resamples"),
    ("left out: more than raters and items", set_numbers({"left_out": 91}),
     "left_out: has more values than there are raters and items"),
    ("left out: far more", set_numbers({"left_out": HUGE}),
     "left_out: has more values than there are raters and items"),
]


def until_left_out(command):
    """Lives of one step, until one ends in the jackknife of the second group."""
    for _ in range(60):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 75, (done.returncode, done.stderr)
        if "after 1 of " in done.stderr and "leave-one-out" in done.stderr:
            return
    raise AssertionError(done.stderr)


def replace_checkpoints(state, sound, change, tampered="run.00000900"):
    """A folder with one checkpoint, changed, under the name of its bytes."""
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir()
    file = state / "new.h5"
    shutil.copy(sound, file)
    with h5py.File(file, "r+") as h5:
        change(h5["part/under_way"])
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.rename(state / f"{tampered}.{digest}.h5")


def too_many_left_out(dissensus):
    """Items are left out of no group of a bootstrap over raters, which is known once it is open."""
    command = [dissensus, "gai", "study.h5", "--by", "all", "--permutations", "0", "--bootstrap",
               "60", "--question", "harm", "--metrics", "gai-table", "--quiet", "--threads", "8",
               "-o", "raters.h5", "--checkpoint", "of_raters", "--resume"]
    state, sound = pathlib.Path("of_raters"), pathlib.Path("sound_of_raters.h5")
    until_left_out([*command, "--time-limit", "0.001"])
    shutil.copy(sorted(state.glob("run.*.h5"))[-1], sound)
    replace_checkpoints(state, sound, both(set_numbers({"left_out": 90}),
                                           replace("left_out_values", (90, 4))))
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 3, done
    assert done.stderr == ("dissensus gai: the checkpoint has 60 resamples and 90 leave-one-out "
                           "values of a group of 60 and 40\n"), done.stderr
    assert not os.path.exists("raters.h5")


def try_under_way(dissensus):
    """Checkpoints with a group under way; returns how many were tried."""
    base = [dissensus, "gai", "study.h5", "--by", "all", "--permutations", "0", "--bootstrap", "60",
            "--over", "both", "--question", "harm", "--metrics", "gai-table", "--quiet",
            "--threads", "8"]
    subprocess.run([*base, "-o", "plain.h5"], check=True)
    state, output = pathlib.Path("state"), pathlib.Path("out.h5")
    resume = [*base, "-o", str(output), "--checkpoint", str(state), "--resume"]
    until_left_out([*resume, "--time-limit", "0.001"])
    sound = pathlib.Path("sound.h5")
    shutil.copy(sorted(state.glob("run.*.h5"))[-1], sound)
    for what, change, reason in UNDER_WAY:
        replace_checkpoints(state, sound, change)
        done = subprocess.run(resume, capture_output=True, text=True)
        said = done.stderr.splitlines()
        assert done.returncode == 3, (what, done.returncode, said)
        assert "no checkpoint here can be used" in said[-1] and reason in said[-1], (what, said)
        assert not output.exists(), what
    # NaN is a value like others.
    replace_checkpoints(state, sound, replace("values", (60, 4), np.nan))
    subprocess.run(resume, check=True)
    assert output.read_bytes() != pathlib.Path("plain.h5").read_bytes()
    output.unlink()
    replace_checkpoints(state, sound, lambda under_way: None)
    subprocess.run(resume, check=True)
    assert output.read_bytes() == pathlib.Path("plain.h5").read_bytes()
    # A part of format 1.0 kept nothing of the group: it is made anew.
    output.unlink()
    replace_checkpoints(state, sound, lambda under_way: under_way.parent.__delitem__("under_way"))
    subprocess.run(resume, check=True)
    assert output.read_bytes() == pathlib.Path("plain.h5").read_bytes()
    return len(UNDER_WAY)


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
        os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
        tried += try_under_way(dissensus)
        too_many_left_out(dissensus)
    print(f"{tried} parts that were tampered with are refused")


main()
