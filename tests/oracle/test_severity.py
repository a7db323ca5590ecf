"""dissensus severity on random designs, every row against NumPy and SciPy: estimates, what stands
behind them, permutations redone and counted, intervals redone."""

import collections
import dataclasses
import pathlib
import tempfile
import unittest

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
            function = scipy.stats.f_oneway if statistic == "anova_f" else scipy.stats.kruskal
            try:
                found = function(*parts).statistic
            except ValueError:  # all numbers are identical
                return np.nan
            # Within the groups nothing varies, if rounding is left aside.
            within = sum(((part - part.mean()) ** 2).sum() for part in parts)
            return found if statistic == "kruskal_h" or within > 1e-20 else np.nan
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
        expected = redone.values(rows)
        np.testing.assert_allclose(rows.estimate, expected, rtol=1e-9, atol=1e-11,
                                   err_msg=f"design {number}")
        for row, value in zip(rows.itertuples(), expected):
            self.assertEqual((row.raters, row.n_items, row.ratings), redone.counts(row), row)
            self.assertEqual(np.isnan(value), row.reason != "", row)
            self.tally["undefined, " + row.reason] += bool(row.reason)
            self.tally[row.statistic] += 1
            self.tally["of parts"] += row.items != ""

    def check_counts(self, rows, values, exact, whole=True):
        """whole: the values of levels are fractions of two, so that sums of them are exact."""
        for at, row in enumerate(rows.itertuples()):
            own = values[:, at]
            if np.isnan(row.estimate) or not row.axis:
                self.assertTrue(np.isnan(row.p), row)
                continue
            counts = significance.count(row.estimate, own)
            found = (row.ge, row.le, row.undefined, row.resamples)
            if row.statistic in OMNIBUS or not whole:  # the last bit splits ties of other tallies
                self.assertTrue(counts.above + counts.undefined <= row.ge <= counts.ge, row)
                self.assertTrue(counts.below + counts.undefined <= row.le <= counts.le, row)
                self.assertEqual((row.undefined, row.resamples),
                                 (counts.undefined, counts.resamples), row)
            else:
                self.assertEqual(found, (counts.ge, counts.le, counts.undefined, counts.resamples),
                                 row)
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
                            ("of parts", 500), ("undefined, fewer raters than the minimum", 5),
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
        self.check_counts(part, redone.permuted(part), redone.exact, scale == "ordinal")
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


class Worked(unittest.TestCase):
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
