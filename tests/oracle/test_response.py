"""dissensus response on random designs, every row against SciPy and counts by hand: estimates,
permutations redone and counted, intervals redone."""

import collections
import dataclasses
import pathlib
import tempfile
import unittest
from fractions import Fraction

import numpy as np
import scipy.stats

from oracle import command, groups, model, significance
from test_designs import Design

DESIGNS, PERMUTATIONS, RESAMPLES = 10, 60, 48
EXACT = ("gamma", "somers_d", "rising")  # of whole numbers: a tie is one to the bit


def consensus(question, bins):
    """A table of the ratings that have one, and its bin: exact means, cut at equal counts."""
    values = [Fraction(v).limit_denominator(10**6) for v in groups.numbers(question)]
    of_item = collections.defaultdict(list)
    for rater, item, code in zip(question.rater, question.item, question.code):
        of_item[item].append((rater, code))
    found = []
    for item, ratings in of_item.items():
        total = sum(values[code] for _, code in ratings)
        for rater, code in ratings:
            if len(ratings) > 1:
                found.append((rater, item, code, (total - values[code]) / (len(ratings) - 1)))
    rater, item, code, mean = zip(*found)
    order = {one: at for at, one in enumerate(sorted(set(mean)))}
    place = scipy.stats.rankdata([order[one] for one in mean]) - 0.5  # the middle of a tie's
    cut = np.floor(place * bins / len(mean) + 1e-12).astype(int)
    return {"rater": np.array(rater), "item": np.array(item), "code": np.array(code),
            "bin": np.unique(cut, return_inverse=True)[1]}


class Response(groups.Redone):
    def __init__(self, study, options, bins):
        self.bins = bins
        super().__init__(study, options)

    def table(self, name):
        question = next(q for q in self.study.questions if q.name == name)
        table = consensus(question, self.bins)
        return {**table, "value": groups.numbers(question)[table["code"]]}

    def of_one(self, statistic, table):
        times = table["times"]
        code, bins = (np.repeat(table[name], times) for name in ("code", "bin"))
        counts = np.zeros((code.max() + 1, bins.max() + 1))
        np.add.at(counts, (code, bins), 1)
        counts = counts[counts.sum(1) > 0]
        full = counts
        counts = counts[:, counts.sum(0) > 0]
        if statistic == "rising":
            value = np.repeat(table["value"], times)
            means = [value[bins == j].mean() if full[:, j].any() else np.nan
                     for j in range(full.shape[1])]
            steps = np.diff(means)
            steps = steps[~np.isnan(steps)]
            return (steps > 1e-12).mean() if len(steps) else np.nan
        if statistic == "tau_b":
            return scipy.stats.kendalltau(code, bins).statistic
        if statistic == "information":
            p = counts / counts.sum()
            return max(0.0, scipy.stats.entropy(p.ravel(), np.outer(p.sum(1), p.sum(0)).ravel()))
        if counts.shape[1] < 2:
            return np.nan
        if statistic == "information_share":
            p = counts / counts.sum()
            return (scipy.stats.entropy(p.ravel(), np.outer(p.sum(1), p.sum(0)).ravel())
                    / scipy.stats.entropy(p.sum(0)))
        if counts.shape[0] < 2:  # every pair is tied on the rating
            return np.nan if statistic == "gamma" else 0.0
        if statistic == "somers_d":
            return scipy.stats.somersd(counts.T.astype(int)).statistic
        agree = sum(counts[i, j] * counts[i + 1:, j + 1:].sum()
                    for i in range(counts.shape[0]) for j in range(counts.shape[1]))
        differ = sum(counts[i, j] * counts[i + 1:, :j].sum()
                     for i in range(counts.shape[0]) for j in range(counts.shape[1]))
        return (agree - differ) / (agree + differ)

    def silent(self, row):
        """A side whose ratings are all of one item, which can only follow its consensus backwards."""
        table = self.ratings(row.question, row.items)
        groups_of = dict(self.groups[row.axis]) if row.axis else {}
        members = [groups_of[name] for name in (row.group, row.versus) if name in groups_of]
        if row.versus == "everyone else" and len(groups_of) > 1:
            members.append(np.any([of for name, of in groups_of.items() if name != row.group], axis=0))
        return any(len(set(table["item"][of[table["rater"]]])) == 1 for of in members)

    def values(self, rows, *more):
        found = super().values(rows, *more)
        found[[self.silent(row) for row in rows.itertuples()]] = np.nan
        return found

    def value(self, statistic, own, other):
        found = self.of_one(statistic.removesuffix("_difference"), own)
        if other is not None:
            found -= self.of_one(statistic.removesuffix("_difference"), other)
        return found


class Designs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tally = collections.Counter()

    def response(self, number, bins, **changes):
        design = Design(number)
        path, table = self.folder / "study.h5", self.folder / "in.csv"
        design.write(table)
        command.run("import", table, "-o", path, "--force", *design.import_arguments())
        whole = command.read_study(path)
        names = [q.name for q in whole.questions if q.scale != "nominal"
                 and (design.options.questions is None or q.name in design.options.questions)]
        if not names:
            return None, None
        options = dataclasses.replace(design.options, permutations=PERMUTATIONS, questions=names,
                                      **changes)
        part = model.select(whole, names, options.where)
        if any((np.bincount(q.item) > 1).sum() < 2 for q in part.questions):
            with self.assertRaisesRegex(RuntimeError, "status 3: .*(two ratings|no rating)"):
                groups.run("response", path, options, "--bins", bins)
            return None, None
        rows = groups.run("response", path, options, "--bins", bins)
        return rows, Response(model.select(whole, names, options.where), options, bins)

    def check_rows(self, redone, rows, number):
        for (_, _, axis, statistic), own in rows[rows.versus != ""].groupby(
                ["question", "items", "axis", "statistic"]):
            found = list(zip(own.group, own.versus))
            self.assertEqual(sorted(found), sorted(redone.compared(axis)), (axis, statistic))
            self.tally["axes of one comparison"] += len(found) == 1
        expected = redone.values(rows)
        np.testing.assert_allclose(rows.estimate, expected, rtol=1e-9, atol=1e-11,
                                   err_msg=f"design {number}")
        for row, value in zip(rows.itertuples(), expected):
            self.assertEqual((row.raters, row.n_items, row.ratings), redone.counts(row), row)
            self.assertEqual(np.isnan(value), row.reason != "", row)
            self.tally["undefined, " + row.reason] += bool(row.reason)
            self.tally[row.statistic] += 1

    def check_counts(self, rows, values):
        for at, row in enumerate(rows.itertuples()):
            if np.isnan(row.estimate) or not row.axis:
                self.assertTrue(np.isnan(row.p), row)
                continue
            counts = significance.count(row.estimate, values[:, at])
            self.assertEqual((row.undefined, row.resamples), (counts.undefined, counts.resamples))
            if row.statistic in EXACT:
                self.assertEqual((row.ge, row.le), (counts.ge, counts.le), row)
            else:  # a tie of other tallies is split by the last bit
                self.assertTrue(counts.above + counts.undefined <= row.ge <= counts.ge, row)
                self.assertTrue(counts.below + counts.undefined <= row.le <= counts.le, row)
            self.tally["tests"] += 1

    def test_random_designs(self):
        for number in range(DESIGNS):
            rows, redone = self.response(number, (10, 3, 4)[number % 3])
            if rows is None:
                continue
            self.check_rows(redone, rows, number)
            part = redone.some(rows, 24)
            self.check_counts(part, redone.permuted(part))
        for what, count in sorted(self.tally.items()):
            print(f"{DESIGNS} random designs: {count} {what}")
        for what, least in (("tests", 80), ("gamma", 40), ("rising_difference", 40), ("axes of one comparison", 3),
                            ("undefined, the ratings, or the consensus on what they rate, do not vary",
                             1)):
            self.assertGreaterEqual(self.tally[what], least, what)

    def check_intervals(self, number, over):
        rows, redone = self.response(number, 4, bootstrap=RESAMPLES, over=over,
                                     interval="percentile")
        rows = redone.some(rows, 60)
        values = redone.resampled(rows, RESAMPLES)
        for at, row in enumerate(rows.itertuples()):
            own = values[:, at][~np.isnan(values[:, at])]
            of_one = not row.statistic.endswith("_difference")
            biased = row.statistic.startswith("information") or (
                of_one and (row.statistic == "rising" or over == "raters"))
            self.assertEqual("a bootstrap is biased" in str(row.ci_reason),
                             biased and not np.isnan(row.estimate), row)
            self.tally["biased"] += biased
            if biased:
                self.assertTrue(np.isnan(row.ci_low) and np.isnan(row.se), row)
                continue
            if np.isnan(row.ci_low):
                self.assertTrue(np.isnan(row.estimate) or len(own) < RESAMPLES, row)
                continue
            self.tally["intervals"] += 1
            np.testing.assert_allclose(
                [row.ci_low, row.ci_high, row.se],
                [*np.quantile(own, [0.025, 0.975]), own.std(ddof=1)], rtol=1e-9, atol=1e-11,
                err_msg=str(row))
        self.assertGreater(self.tally["intervals"], 15)
        self.assertGreater(self.tally["biased"], 10)

    def test_intervals(self):
        self.check_intervals(1, "both")

    def test_intervals_over_raters(self):
        self.check_intervals(1, "raters")


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main(verbosity=1)
