"""What all evaluations share, redone: permutations and corrections, weights and intervals of the toy
evaluation (tests/evaluation_toy.h), and its files as h5py reads them."""

import hashlib
import io
import os
import pathlib
import subprocess
import tempfile
import unittest

import h5py
import numpy as np
import pandas as pd

from oracle import bootstrap, command, model, resample, significance
from test_designs import Design

TOY = os.environ.get("DSS_TOY_EVALUATION", "")
DESIGNS = 6
PERMUTATIONS, RESAMPLES = 400, 60
AXIS, EVERYONE, ITEMS = 5, 6, 4  # purposes of the draws
ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}


def write_toy(study, evaluation, permutations=PERMUTATIONS, resamples=RESAMPLES, over="both", seed=1,
              threads=1, axes=("gender",)):
    subprocess.run([TOY, study, evaluation, *map(str, (permutations, resamples, over, seed, threads)),
                    *axes], check=True, timeout=300, env=ENVIRONMENT)


def texts(group):
    """An AnnData categorical."""
    return group["categories"].asstr()[:][group["codes"][:]]


def read(path):
    """The rows with the numbers that are redone."""
    with h5py.File(path) as file:
        rows = {name: texts(file["rows"][name])
                for name in ("question", "axis", "group", "versus", "statistic")}
        for name in ("upper", "permuted", "raters"):
            rows[name] = file["rows"][name][:]
        rows["estimate"] = file["observed"][:]
        for folder, names in (("p", ("up", "down", "two_sided", "q_bh", "holm", "bonferroni", "maxt")),
                              ("null", ("below", "equal", "above", "undefined", "mean", "sd")),
                              ("interval", ("percentile_low", "percentile_high", "basic_low",
                                            "bca_low", "bca_high", "se", "undefined"))):
            for name in names:
                rows[f"{folder}_{name}"] = file[folder][name][:]
    return pd.DataFrame(rows)


class Redone:
    """One question of a study, by axes; means in numpy."""

    def __init__(self, study, question, axes):
        self.n_raters, self.n_items = len(study.raters), len(study.items)
        self.question, self.axes = question, axes
        self.groups = {axis: model.groups(study, axis.split("*")) for axis in axes}

    def _sums(self, labels, weights, everyone, times):
        """(weight, code) of each group of each axis, and of everyone."""
        q = self.question
        found = {}
        for axis in self.axes:
            for g, (name, _) in enumerate(self.groups[axis]):
                own = np.where(labels[axis][q.rater] == g, weights[axis][q.rater] * times[q.item], 0)
                found[axis, name] = own.sum(), (own * q.code).sum()
        own = everyone[q.rater] * times[q.item]
        found[None] = own.sum(), (own * q.code).sum()
        return found

    def values(self, rows, labels, weights, everyone, times):
        sums = self._sums(labels, weights, everyone, times)

        def mean(parts):
            n = sum(part[0] for part in parts)
            return sum(part[1] for part in parts) / n if n else np.nan

        found = []
        for row in rows.itertuples():
            names = [name for name, _ in self.groups.get(row.axis, ())]
            if not row.axis:
                found.append(mean([sums[None]]))
            elif not row.group:
                parts = [sums[row.axis, name] for name in names]
                means = [s / n for n, s in parts if n]
                found.append(max(means) - min(means) if len(means) > 1 else np.nan)
            else:
                own = mean([sums[row.axis, row.group]])
                others = ([name for name in names if name != row.group]
                          if row.versus == "everyone else" else [row.versus] if row.versus else [])
                found.append(own - mean([sums[row.axis, name] for name in others])
                             if row.versus else own)
        return np.array(found, float)

    def labels(self):
        found = {}
        for axis in self.axes:
            found[axis] = np.full(self.n_raters, -1)
            for g, (_, members) in enumerate(self.groups[axis]):
                found[axis][members] = g
        return found

    def ones(self):
        return ({axis: np.ones(self.n_raters, int) for axis in self.axes},
                np.ones(self.n_raters, int), np.ones(self.n_items, int))

    def permuted(self, rows, seed, b):
        source = resample.carried([list(range(self.n_raters))], seed, b)
        labels = {axis: own[source] for axis, own in self.labels().items()}
        return self.values(rows, labels, *self.ones())

    def resampled(self, rows, seed, b, over):
        weights, everyone, times = self.ones()
        if over != "items":
            draws = resample.Draws(seed, b, AXIS)
            for axis in self.axes:
                weights[axis], offset = np.zeros(self.n_raters, int), 0
                for _, mask in self.groups[axis]:
                    members = np.flatnonzero(mask)
                    for i in range(len(members)):
                        weights[axis][members[draws.below(offset + i, len(members))]] += 1
                    offset += len(members)
            draws = resample.Draws(seed, b, EVERYONE)
            everyone = np.bincount([draws.below(j, self.n_raters) for j in range(self.n_raters)],
                                   minlength=self.n_raters)
        if over != "raters":
            draws = resample.Draws(seed, b, ITEMS)
            times = np.bincount([draws.below(j, self.n_items) for j in range(self.n_items)],
                                minlength=self.n_items)
        return self.values(rows, self.labels(), weights, everyone, times)

    def left_out(self, rows, over):
        """[raters][rows] and [items][rows], each left out."""
        by_rater, by_item = [], []
        for rater in range(self.n_raters if over != "items" else 0):
            weights, everyone, times = self.ones()
            for axis in self.axes:
                weights[axis][rater] = 0
            everyone[rater] = 0
            by_rater.append(self.values(rows, self.labels(), weights, everyone, times))
        for item in range(self.n_items if over != "raters" else 0):
            weights, everyone, times = self.ones()
            times[item] = 0
            by_item.append(self.values(rows, self.labels(), weights, everyone, times))
        return np.array(by_rater), np.array(by_item)

    def strata(self, row, by_rater, by_item, column):
        """Leave-one-out values of what the row depends on."""
        found = []
        if len(by_rater) and not row.axis:
            found.append(by_rater[:, column])
        elif len(by_rater):
            whole = not row.group or row.versus == "everyone else"
            for name, members in self.groups[row.axis]:
                if (whole or name in (row.group, row.versus)) and members.sum() > 1:
                    found.append(by_rater[members, column])
        return [*found, by_item[:, column]] if len(by_item) else found


@unittest.skipUnless(TOY, "DSS_TOY_EVALUATION does not name the toy")
class Toy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def design(self, number):
        """A study's file, the part of it that takes part, and an axis or two of it."""
        path, table = self.folder / f"study-{number}.h5", self.folder / "ratings.csv"
        design = Design(number)
        design.write(table)
        command.run("import", table, "-o", path, *design.import_arguments())
        study = command.read_study(path)
        names = list(study.rater_attributes)
        axes = names[:1] + [",".join(names[:2])] * (len(names) > 1)
        return path, model.select(study), axes

    def near(self, expected, found, what):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=what)

    def check_tests(self, rows, values):
        tested = rows.permuted.astype(bool) & rows.estimate.notna()
        self.assertTrue(rows.p_two_sided[~tested].isna().all())
        p = []
        for at in np.flatnonzero(tested):
            row, own = rows.iloc[at], values[:, at]
            counts = significance.count(row.estimate, own)
            self.assertEqual((row.null_below, row.null_equal, row.null_above, row.null_undefined),
                             (counts.below, counts.equal, counts.above, counts.undefined))
            up, down, two = significance.p_values(counts.ge, counts.le, len(own))
            self.near([up, down, up if row.upper else two], [row.p_up, row.p_down, row.p_two_sided],
                      "p")
            defined = own[~np.isnan(own)]
            self.near(defined.mean(), row.null_mean, "mean")
            self.near(defined.std(ddof=1), row.null_sd, "sd")
            p.append(up if row.upper else two)
        part = rows[tested]
        self.near(significance.benjamini_hochberg(p), part.p_q_bh, "q")
        self.near(significance.holm(p), part.p_holm, "Holm")
        self.near(significance.bonferroni(p), part.p_bonferroni, "Bonferroni")
        expected = significance.step_down_maxt(part.estimate, values[:, tested].T, slack=1e-12)
        center = np.array([np.nanmean(np.append(values[:, at], rows.estimate[at]))
                           for at in np.flatnonzero(tested)])
        small = part.upper.astype(bool) & (part.estimate < center)
        self.near(np.where(small, 1.0, expected), part.p_maxt, "maxT")
        return len(p)

    def check_intervals(self, redone, rows, seed, over):
        values = np.array([redone.resampled(rows, seed, b, over) for b in range(RESAMPLES)])
        left = redone.left_out(rows, over)
        found = 0
        for at, row in enumerate(rows.itertuples()):
            if np.isnan(row.estimate):
                continue
            cell = bootstrap.Cell(row.estimate, values[:, at], redone.strata(row, *left, at), False)
            self.assertEqual(row.interval_undefined, RESAMPLES - len(cell.defined))
            if bootstrap.withheld(RESAMPLES, cell.values):
                self.assertTrue(np.isnan(row.interval_percentile_low))
                continue
            ends = cell.intervals()
            self.near(np.std(cell.defined, ddof=1), row.interval_se, "se")
            self.near(ends["percentile"], [row.interval_percentile_low, row.interval_percentile_high],
                      "percentile")
            self.near(ends["basic"][0], row.interval_basic_low, "basic")
            self.near(ends["bca"] or (np.nan, np.nan), [row.interval_bca_low, row.interval_bca_high],
                      f"bca of {row}")
            found += ends["bca"] is not None
        return found

    def test_designs(self):
        tests = intervals = 0
        for number in range(DESIGNS):
            study_path, study, axes = self.design(number)
            over, seed, path = ("both", "raters", "items")[number % 3], 7 + number, self.folder / "e.h5"
            try:
                write_toy(study_path, path, over=over, seed=seed, axes=axes)
            except subprocess.CalledProcessError as error:
                self.assertEqual(error.returncode, 3)  # no group is large enough
                continue
            rows = read(path)
            with h5py.File(path) as file:
                exact = file.attrs["arrangements"] == "all"
            values = {}
            for question in study.questions:
                redone = Redone(study, question, [axis.replace(",", "*") for axis in axes])
                part = rows[rows.question == question.name]
                observed = redone.values(part, redone.labels(), *redone.ones())
                known = part.estimate.notna().to_numpy()
                self.near(observed[known], part.estimate[known], "estimate")
                if not exact:
                    made = np.array([redone.permuted(part, seed, b) for b in range(PERMUTATIONS)])
                    values[question.name] = made
                intervals += self.check_intervals(redone, part, seed, over)
            if not exact:
                tests += self.check_tests(rows, np.hstack([values[q.name] for q in study.questions]))
        self.assertGreater(tests, 50)
        self.assertGreater(intervals, 50)

    def test_bytes_do_not_depend_on_threads(self):
        study_path, _, axes = self.design(1)
        digests = set()
        for threads in (1, 2, 3):
            path = self.folder / f"threads-{threads}.h5"
            write_toy(study_path, path, threads=threads, axes=axes)
            digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
        self.assertEqual(len(digests), 1)

    def test_file(self):
        study_path, _, axes = self.design(1)
        path = self.folder / "file.h5"
        write_toy(study_path, path, axes=axes)
        with h5py.File(path) as file:
            self.assertEqual((file.attrs["kind"], file.attrs["format"], file.attrs["evaluation"]),
                             ("dissensus-evaluation", "1.1", "severity"))
            self.assertEqual((file.attrs["permutations"], file.attrs["command"]), ("400", "toy"))
            n = len(file["observed"])
            for name in ("question", "source", "items", "axis", "group", "versus", "statistic"):
                part = file["rows"][name]
                self.assertEqual(part.attrs["encoding-type"], "categorical")
                self.assertEqual(len(part["codes"]), n)
                self.assertEqual(len(set(part["categories"].asstr()[:])), len(part["categories"]))
            self.assertEqual(file["null/quantiles"].shape, (n, 7))
            self.assertEqual(file["observed"].dims[0][0].name, "/row")

    def test_reports(self):
        study_path, _, axes = self.design(1)
        path = self.folder / "report.h5"
        write_toy(study_path, path, axes=axes)
        rows = read(path)
        table = pd.read_csv(io.StringIO(command.run("report", path, "--format", "csv")),
                            keep_default_na=False, na_values=[""])
        self.assertEqual(len(table), len(rows))
        self.near(rows.estimate.to_numpy(), table.estimate.to_numpy(), "CSV")
        self.near(rows.p_q_bh.to_numpy(), table.q_bh.to_numpy(), "CSV")
        self.assertEqual(list(table.statistic), list(rows.statistic))
        for number, line in enumerate(command.run("report", path).splitlines()):
            self.assertLessEqual(len(line), 100, f"line {number}")


if __name__ == "__main__":
    unittest.main(verbosity=1)
