"""dissensus severity on random designs, every row against NumPy and SciPy: estimates, what stands
behind them, permutations redone and counted, intervals redone."""

import collections
import dataclasses
import pathlib
import tempfile
import unittest
from fractions import Fraction

import numpy as np
import pandas as pd
import scipy.stats

from oracle import analysis, command, groups, model, significance
from test_designs import VALUES, Design

DESIGNS, PERMUTATIONS, RESAMPLES = 14, 60, 48
OMNIBUS = ("anova_f", "kruskal_h")


class Severity(groups.Redone):
    def __init__(self, study, options, thresholds):
        self.thresholds = thresholds  # by question: a level's label
        super().__init__(study, options)

    def _question(self, name):
        question = next(q for q in self.study.questions if q.name == name)
        size = len(question.labels)
        first = (question.labels.index(self.thresholds[name]) if name in self.thresholds
                 else size - size // 2)
        hits = (question.code == first) if question.scale == "nominal" else question.code >= first
        value = groups.numbers(question)[question.code]
        return {"rater": question.rater, "item": question.item, "value": value,
                "hit": hits.astype(float)}

    def table(self, name):
        if name in [q.name for q in self.study.questions]:
            return self._question(name)
        first, second = (pd.DataFrame(self._question(part)) for part in name.split(" - "))
        both = first.merge(second, on=["rater", "item"])
        # Rounded, so that 0.3 - 0.2 and 0.2 - 0.1 are one.
        return {"rater": both.rater.to_numpy(), "item": both.item.to_numpy(),
                "value": np.round((both.value_x - both.value_y).to_numpy(), 12)}

    def value(self, statistic, own, other):
        def column(table, name):
            return np.repeat(table[name], table["times"])

        if statistic in OMNIBUS:
            parts = [column(part, "value") for part in own]
            if len(parts) < 2 or sum(map(len, parts)) <= len(parts):
                return np.nan
            return exact_f(parts) if statistic == "anova_f" else exact_h(parts)
        name = "hit" if statistic.startswith("share") else "value"
        x = column(own, name)
        if statistic in ("mean", "share"):
            return x.mean()
        if statistic == "median":
            return np.median(x)
        y = column(other, name)
        if statistic == "cliffs_delta":
            y = np.sort(y)
            below, reached = np.searchsorted(y, x, "left"), np.searchsorted(y, x, "right")
            return (below.sum() - (len(y) - reached).sum()) / (len(x) * len(y))
        return x.mean() - y.mean()


def rounded(top, bottom):
    return float(top / bottom) if bottom else np.nan


def exact_f(parts):
    """F of decimals in fractions, by deviations from means; rounded once."""
    parts = [np.unique(np.rint(part * 1e6).astype(int), return_counts=True) for part in parts]
    parts = [[(int(value), int(times)) for value, times in zip(*part)] for part in parts]
    sizes = [sum(times for _, times in part) for part in parts]
    means = [Fraction(sum(value * times for value, times in part), size)
             for part, size in zip(parts, sizes)]
    mean = sum(size * own for size, own in zip(sizes, means)) / sum(sizes)
    between = sum(size * (own - mean) ** 2 for size, own in zip(sizes, means))
    within = sum(times * (value - own) ** 2
                 for part, own in zip(parts, means) for value, times in part)
    return rounded(between * (sum(sizes) - len(sizes)), within * (len(sizes) - 1))


def exact_h(parts):
    """H as textbooks have it, by mid-ranks and a correction for ties, in fractions; rounded once."""
    n = sum(map(len, parts))
    ranks = np.split(np.rint(2 * scipy.stats.rankdata(np.concatenate(parts))).astype(int),
                     np.cumsum([len(part) for part in parts])[:-1])
    h = sum(Fraction(int(own.sum()) ** 2, 4 * len(own)) for own in ranks)
    h = Fraction(12, n * (n + 1)) * h - 3 * (n + 1)
    ties = sum(int(t) ** 3 - int(t) for t in np.unique(np.concatenate(parts),
                                                       return_counts=True)[1])
    return rounded(h, 1 - Fraction(ties, n ** 3 - n))


def brute_delta(x, y):
    return np.sign(x[:, None] - y[None, :]).mean()


class Designs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tally = collections.Counter()

    def prepare(self, design, **changes):
        """The study's file, its part that takes part, and the options."""
        path, table = self.folder / "study.h5", self.folder / "in.csv"
        design.write(table)
        command.run("import", table, "-o", path, "--force", *design.import_arguments())
        options = dataclasses.replace(design.options, permutations=PERMUTATIONS, **changes)
        return path, command.read_study(path), options

    def thresholds(self, study, options, number):
        """A level for each nominal question, and for some of the others."""
        names = options.questions or [q.name for q in study.questions]
        found = {}
        for q in study.questions:
            if q.name in names and (q.scale == "nominal" or (number + len(q.labels)) % 2):
                found[q.name] = q.labels[(number * 7 + 1) % len(q.labels)]
        return found

    def severity(self, number, **changes):
        path, whole, options = self.prepare(Design(number), **changes)
        thresholds = self.thresholds(whole, options, number)
        more = ["--statistics", "all", "--items-by", "topic"]
        for name, label in thresholds.items():
            more += ["--threshold", f"{name}={label}"]
        rows = groups.run("severity", path, options, *more)
        return rows, Severity(model.select(whole, options.questions, options.where), options,
                              thresholds)

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
            if row.statistic in OMNIBUS and not np.isnan(value):
                self.assertEqual(row.estimate, value, row)  # to the bit
            self.assertEqual((row.raters, row.n_items, row.ratings), redone.counts(row), row)
            self.assertEqual(np.isnan(value), row.reason != "", row)
            self.tally["undefined, " + row.reason] += bool(row.reason)
            self.tally[row.statistic] += 1
            self.tally["of parts"] += row.items != ""

    def check_counts(self, rows, values, exact):
        for at, row in enumerate(rows.itertuples()):
            own = values[:, at]
            if np.isnan(row.estimate) or not row.axis:
                self.assertTrue(np.isnan(row.p), row)
                continue
            counts = significance.count(row.estimate, own)
            found = (row.ge, row.le, row.undefined, row.resamples)
            self.assertEqual(found, (counts.ge, counts.le, counts.undefined, counts.resamples), row)
            up, down, two = significance.p_values(row.ge, row.le, row.resamples, exact)
            np.testing.assert_allclose([row.p_up, row.p_down, row.p],
                                       [up, down, up if row.statistic in OMNIBUS else two],
                                       rtol=1e-12)
            self.tally["tests"] += 1

    def test_random_designs(self):
        for number in range(DESIGNS):
            rows, redone = self.severity(number)
            self.check_rows(redone, rows, number)
            part = redone.some(rows, 32)
            self.check_counts(part, redone.permuted(part), redone.exact)
            self.tally["every arrangement"] += redone.exact
        for what, count in sorted(self.tally.items()):
            print(f"{DESIGNS} random designs: {count} {what}")
        for what, least in (("tests", 150), ("anova_f", 30), ("cliffs_delta", 300),
                            ("of parts", 500), ("axes of one comparison", 5), ("undefined, fewer raters than the minimum", 5),
                            ("undefined, the group rated no item", 1)):
            self.assertGreaterEqual(self.tally[what], least, what)

    def test_intervals(self):
        for number in (1, 4, 9):
            rows, redone = self.severity(number, bootstrap=RESAMPLES, over="both",
                                         interval="percentile")
            rows = redone.some(rows, 48)
            values = redone.resampled(rows, RESAMPLES)
            for at, row in enumerate(rows.itertuples()):
                own = values[:, at][~np.isnan(values[:, at])]
                if np.isnan(row.ci_low):
                    if not np.isnan(row.estimate):
                        self.tally["without interval"] += 1
                        self.assertTrue(row.statistic in OMNIBUS or len(own) < RESAMPLES, row)
                    continue
                self.tally["intervals"] += 1
                np.testing.assert_allclose(
                    [row.ci_low, row.ci_high, row.se],
                    [*np.quantile(own, [0.025, 0.975]), own.std(ddof=1)], rtol=1e-9, atol=1e-11,
                    err_msg=str(row))
        self.assertGreater(self.tally["intervals"], 60)
        self.assertGreater(self.tally["without interval"], 3)

    def check_contrast(self, path, axes, scale):
        options = analysis.Options(axes=axes, permutations=PERMUTATIONS, seed=5)
        rows = groups.run("severity", path, options, "--contrast", "self,others")
        redone = Severity(model.select(command.read_study(path)), options, {})
        self.check_rows(redone, rows, scale)
        part = redone.some(rows[rows.question == "self - others"], 30)
        self.check_counts(part, redone.permuted(part), redone.exact)
        of = rows[(rows.question == "self - others") & (rows.statistic == "mean")]
        self.assertEqual(len(of), 1 + 2 + 4)
        self.assertFalse((rows.question == "self - others")[rows.statistic == "share"].any())

    def test_contrasts(self):
        """Two questions of one scale, of which some raters answered only one."""
        for scale, values in (("ordinal", [1, 2, 3, 4]), ("interval", [0.1, 0.2, 0.3, 0.7])):
            rng = np.random.default_rng(7)
            lines = ["who,what,self,others,sex,site"]
            for r in range(24):
                for u in rng.choice(15, 8, replace=False):
                    level = rng.integers(0, 4, 2)
                    cells = [values[int(k)] if rng.random() < 0.8 else "" for k in level]
                    lines.append(f"r{r},i{u},{cells[0]},{cells[1]},{'fm'[r % 2]},{'NESW'[r // 2 % 4]}")
            (self.folder / "two.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
            path = self.folder / "two.h5"
            command.run("import", self.folder / "two.csv", "-o", path, "--force", "--quiet",
                        "--rater", "who", "--item", "what", "--rating", f"self:{scale}",
                        "--rating", f"others:{scale}", "--rater-attr", "sex,site")
            self.check_contrast(path, (("sex",), ("site",)), scale)


    def test_ties_of_every_arrangement(self):
        """Six raters in three groups of two: 90 arrangements, of which each stands 3! times, since F
        and H do not know which group is which. No p is less than 6/90."""
        for number in range(20):
            rng = np.random.default_rng(number)
            values = ([1, 2, 3, 4, 5], [0.1, 0.2, 0.3, 0.7, 1.1])[number % 2]
            lines = ["who,what,harm,site"]
            for r in range(6):
                for u in rng.choice(9, int(rng.integers(2, 8)), replace=False):
                    lines.append(f"r{r},i{u},{values[rng.integers(5)]},{'NES'[r // 2]}")
            (self.folder / "six.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
            path = self.folder / "six.h5"
            command.run("import", self.folder / "six.csv", "-o", path, "--force", "--quiet",
                        "--rater", "who", "--item", "what", "--rating", "harm:interval",
                        "--rater-attr", "site")
            options = analysis.Options(axes=(("site",),), permutations=100, min_raters=2, seed=1)
            rows = groups.run("severity", path, options)
            rows = rows[rows.statistic.isin(OMNIBUS)]
            self.assertEqual(len(rows), 2)
            for row in rows.itertuples():
                self.assertEqual((row.resamples, row.ge % 6), (90, 0), row)
                self.assertGreaterEqual(row.p, 6 / 90 - 1e-15, row)


class Worked(unittest.TestCase):
    def test_omnibus(self):
        """The oracle's own, against SciPy."""
        rng = np.random.default_rng(4)
        for _ in range(20):
            parts = [rng.integers(0, 5, n) / 10 for n in rng.integers(3, 20, 4)]
            self.assertAlmostEqual(exact_f(parts), scipy.stats.f_oneway(*parts).statistic, 10)
            self.assertAlmostEqual(exact_h(parts), scipy.stats.kruskal(*parts).statistic, 10)

    def test_delta(self):
        """The oracle's own, by every pair."""
        rng = np.random.default_rng(3)
        x, y = rng.integers(0, 5, 40).astype(float), rng.integers(1, 6, 30).astype(float)
        own, other = ({"value": side, "times": np.ones(len(side), int)} for side in (x, y))
        found = Severity.value(None, "cliffs_delta", own, other)
        self.assertAlmostEqual(found, brute_delta(x, y), 14)


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main(verbosity=1)
