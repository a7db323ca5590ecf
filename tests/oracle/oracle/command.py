"""The dissensus command: run it, read the files it writes."""

import csv
import io
import json
import os
import subprocess
import sys

import h5py
import numpy as np

from .model import Attribute, Question, Study

SKIPPED = 77


def binary_or_skip():
    """The command under test, from the environment; without it the test program ends as skipped."""
    path = os.environ.get("DISSENSUS_BIN", "")
    if not path or not os.access(path, os.X_OK):
        print("SKIPPED: DISSENSUS_BIN does not name the dissensus command")
        sys.exit(SKIPPED)
    return path


def run(*arguments):
    """Runs the command; returns its standard output, raises with its messages when it fails."""
    done = subprocess.run([binary_or_skip(), *map(str, arguments)], capture_output=True,
                          text=True, encoding="utf-8", check=False, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: status {done.returncode}: "
                           f"{done.stderr.strip()}")
    return done.stdout


def report(results):
    """The tidy CSV as dictionaries; numbers are converted, empty ones NaN."""
    rows = list(csv.DictReader(io.StringIO(run("report", results, "--format", "csv"))))
    words = {"question", "axis", "group", "statistic", "reason", "direction", "ci_method",
             "ci_reason", "ci_undefined"}
    whole = {"raters", "ratings", "ge", "le", "undefined", "resamples"}
    for row in rows:
        for key, text in row.items():
            if key in whole:
                row[key] = int(text) if text else None
            elif key not in words:
                row[key] = float(text) if text else np.nan
    return rows


def report_groups(results):
    """What only the JSON report has of each (question, axis, group): its details, and by statistic
    the Monte-Carlo interval of p and the shape of the null."""
    found = {}
    for question in json.loads(run("report", results, "--format", "json"))["questions"]:
        for axis in question["axes"]:
            for group in axis["groups"]:
                found[question["question"], axis["axis"], group["group"]] = (
                    group["details"],
                    {name: (cell["p"] or {}).get("two_sided_interval")
                     for name, cell in group["statistics"].items()},
                    {name: cell["null"] for name, cell in group["statistics"].items()})
    return found


def report_intervals(results):
    """The JSON report's intervals of each (question, axis, group): GAI's Fieller set, and the rest
    by statistic."""
    found = {}
    for question in json.loads(run("report", results, "--format", "json"))["questions"]:
        for axis in question["axes"]:
            for group in axis["groups"]:
                found[question["question"], axis["axis"], group["group"]] = (
                    group["details"]["fieller"],
                    {name: cell["interval"] for name, cell in group["statistics"].items()})
    return found


def _strings(dataset):
    return tuple(dataset.asstr()[...].tolist())


def _attributes(group):
    return {name: Attribute(_strings(part["categories"]), part["codes"][...].astype(np.int64))
            for name, part in group.items()}


def _text(value):
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _question(name, part):
    pointers = part["item_ptr"][...].astype(np.int64)
    return Question(name, _text(part.attrs["scale"]),
                    tuple(_text(label) for label in part.attrs["levels"]),
                    tuple(float(v) for v in part.attrs["values"]),
                    part["rater"][...].astype(np.int64),
                    np.repeat(np.arange(len(pointers) - 1), np.diff(pointers)),
                    part["code"][...].astype(np.int64))


def read_study(path):
    """A study file, through h5py. Its order of raters, items and categories is what resamples
    depend on; its content is for the tests to hold against their input."""
    with h5py.File(path, "r") as file:
        names = _strings(file["question"])
        return Study(_strings(file["rater"]), _strings(file["item"]),
                     _attributes(file["rater_attributes"]), _attributes(file["item_attributes"]),
                     tuple(_question(name, file["ratings"][name]) for name in names))


def gai_arguments(options):
    """analysis.Options as arguments of `dissensus gai`."""
    arguments = ["--metrics", "all", "--permutations", options.permutations, "--seed", options.seed,
                 "--units", options.units, "--ties", options.ties,
                 "--min-raters", options.min_raters, "--quiet"]
    for axis in options.axes:
        arguments += ["--by", ",".join(axis)]
    for name in options.questions or ():
        arguments += ["--question", name]
    for name, values in (options.where or {}).items():
        for value in values:
            arguments += ["--where", f"{name}={value}"]
    if options.bootstrap:
        arguments += ["--bootstrap", options.bootstrap, "--over", options.over,
                      "--interval", options.interval]
    if options.scheme != "free":
        arguments += ["--scheme", f"{options.scheme}:{options.scheme_attribute}"]
    return arguments
