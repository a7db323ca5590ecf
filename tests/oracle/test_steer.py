"""dissensus steer on random designs, against scipy, scikit-learn and resamples redone here."""

import collections
import csv
import io
import itertools
import pathlib
import tempfile
import unittest
import warnings

import numpy as np
import scipy.stats

from oracle import bootstrap, command, compare, model, significance, steer

DESIGNS = 12
PERMUTATIONS = 30
RESAMPLES = 40
# What a count can hang on: a value is equal to the observed one but for rounding.
MARGIN = 1e-9


def number(text):
    return float(text) if text else np.nan


def key_of(row):
    return tuple(row[name] for name in ("source", "items", "axis", "group", "versus", "statistic"))


class Design:
    """A random study, predictions for it, and what to ask."""

    def __init__(self, n):
        rng = self.rng = np.random.default_rng(9100 + n)
        self.n = n
        self.raters, self.items = int(rng.integers(12, 26)), int(rng.integers(10, 24))
        self.scale = ("ordinal", "interval", "ordinal")[n % 3]
        self.levels = {"ordinal": (["1", "2", "3", "4"], ["low", "mid", "high"])[n % 2],
                       "interval": ["-0.5", "0", "0.25", "1.5"]}[self.scale]
        self.form = ("groups", "profiles", "raters")[n // 2 % 3]
        self.density = (0.3, 0.6, 1.0)[n % 3]
        self._ratings(rng)
        self._predictions(rng)

    def _ratings(self, rng):
        pick = lambda values, unknown: ["" if rng.random() < unknown else str(rng.choice(values))
                                        for _ in range(self.raters)]
        self.profiles = {"sex": pick(["f", "m"], 0.1), "age": pick(["old", "mid", "young"], 0),
                         "site": pick(["a", "b"], 0)}
        self.topics = [str(rng.choice(["bias", "harm", ""])) for _ in range(self.items)]
        centre = rng.normal(0, 1, self.items)
        taste = rng.normal(0, 1, (self.raters, self.items)) + centre
        edges = np.quantile(taste, np.linspace(0, 1, len(self.levels) + 1)[1:-1])
        self.codes = np.searchsorted(edges, taste)
        self.codes[rng.random(taste.shape) > self.density] = -1
        self.codes[0, 0] = 0
        self.centre = centre

    def _text(self, item):
        rng = self.rng
        if rng.random() < 0.08:
            return ("", "NA")[int(rng.integers(0, 2))]
        top = len(self.levels) - 1
        level = np.clip(top / 2 + self.centre[item] + rng.normal(0, 1), 0, top)
        if self.n % 4 == 0:
            return self.levels[int(round(level))]  # a label: ties all over
        low, high = (1.0, top + 1.0) if self.scale == "ordinal" else (-0.5, 1.5)
        x = low + (high - low) * level / top
        return f"{x:.1f}" if self.n % 4 < 3 else repr(float(x))

    def _predictions(self, rng):
        names = [u for u in range(self.items) if rng.random() < 0.9]
        sexes, ages = ["f", "m"], ["old", "mid", "young"]
        self.predictions = {}
        for u in names:
            if self.form == "raters":
                keys = [f"r{r}" for r in range(self.raters)]
            elif self.form == "profiles":
                keys = list(itertools.product(sexes, ages))
            else:
                keys = [(s, "") for s in sexes] + [("", a) for a in ages] + \
                    list(itertools.product(sexes, ages))
            for key in keys:
                if rng.random() < 0.95:
                    self.predictions[f"i{u}", key] = self._text(u)
        if self.form == "groups" and self.n % 3 == 1:  # one group's do not vary
            for (item, key) in list(self.predictions):
                if key == ("f", ""):
                    self.predictions[item, key] = self.levels[1]
        self.baseline = None if self.n % 8 == 5 else {f"i{u}": self._text(u) for u in names}

    def options(self):
        n = self.n
        axes = (("sex",), ("age",), ("sex", "age"))
        axes = axes[1:3] if n % 5 == 2 else axes[:1 + n % 3]
        return steer.Options(
            axes=axes, predictions=self.predictions, baseline=self.baseline,
            told=() if self.form == "raters" else ("sex", "age"), by_rater=self.form == "raters",
            against=("ratings", "means")[n % 2], items_by=("topic",) if n % 4 == 1 else (),
            matrix=n % 5 != 3, scheme=("free", "strata")[n // 2 % 2],
            scheme_attribute=(None, "site")[n // 2 % 2], permutations=PERMUTATIONS, bootstrap=RESAMPLES + 20 * (self.interval() == "bca"),
            over=("raters", "items", "both")[n % 3], seed=int(self.rng.integers(0, 2**63)),
            min_raters=2 + n % 3)

    def write(self, folder):
        with open(folder / "in.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("who", "what", "topic", *self.profiles, "q"))
            for r in range(self.raters):
                for u in range(self.items):
                    if self.codes[r, u] >= 0:
                        writer.writerow((f"r{r}", f"i{u}", self.topics[u],
                                         *(p[r] for p in self.profiles.values()),
                                         self.levels[self.codes[r, u]]))
        with open(folder / "p.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            head = ("who",) if self.form == "raters" else ("sex", "age")
            writer.writerow(("says", "what", *head, "plain", "comment"))
            order = [list(self.predictions)[i] for i in
                     self.rng.permutation(len(self.predictions))]
            said = set()
            for item, key in order:
                key_cells = (key,) if self.form == "raters" else key
                plain = (self.baseline or {}).get(item, "")
                if item in said and self.n % 2:  # enough to say it once
                    plain = ""
                said.add(item)
                writer.writerow((self.predictions[item, key], item, *key_cells, plain, "x"))
            writer.writerow((self.levels[0], "another", *(("r0",) if self.form == "raters" else
                                                          ("f", "old")), "", ""))

    def interval(self):
        return ("bca", "basic", "percentile")[self.n // 4 % 3]

    def run(self, folder):
        options = self.options()
        self.write(folder)
        levels = ["--levels", "q=" + ",".join(self.levels)] if self.scale == "ordinal" else []
        command.run("import", folder / "in.csv", "-o", folder / "s.h5", "--rater", "who", "--item",
                    "what", "--rating", f"q:{self.scale}", "--item-attr", "topic", "--rater-attr",
                    ",".join(self.profiles), *levels, "--quiet")
        arguments = ["--predictions", folder / "p.csv", "--item", "what", "--prediction", "says",
                     "--permutations", options.permutations, "--bootstrap", options.bootstrap,
                     "--over", options.over, "--interval", self.interval(), "--seed", options.seed,
                     "--min-raters", options.min_raters, "--against", options.against, "--quiet"]
        if options.baseline is not None:
            arguments += ["--baseline", "plain"]
        arguments += ["--rater", "who"] if options.by_rater else ["--told", "sex,age"]
        for axis in options.axes:
            arguments += ["--by", ",".join(axis)]
        for name in options.items_by:
            arguments += ["--items-by", name]
        if not options.matrix:
            arguments += ["--no-matrix"]
        if options.scheme != "free":
            arguments += ["--scheme", f"{options.scheme}:{options.scheme_attribute}"]
        command.run("steer", folder / "s.h5", "-o", folder / "e.h5", *arguments)
        rows = list(csv.DictReader(io.StringIO(
            command.run("report", folder / "e.h5", "--format", "csv"))))
        return options, rows


class Designs(unittest.TestCase):
    def check_null(self, check, where, observed, null, row):
        tested = not np.isnan(observed) and row["statistic"].endswith(("_gain", "_specificity"))
        check.exactly(where, "is tested", tested, row["p"] != "")
        if not tested:
            return
        null = np.array(null)
        undefined = int(np.isnan(null).sum())
        near = np.abs(null - observed) <= MARGIN
        check.exactly(where, "resamples", len(null), int(row["resamples"]))
        check.exactly(where, "undefined", undefined, int(row["undefined"]))
        for name, beyond in (("ge", null > observed), ("le", null < observed)):
            sure = undefined + int((beyond & ~near).sum())
            check.between(where, name, sure, sure + int(near.sum()), int(row[name]))
        up, down = ((int(row[name]) + 1) / (len(null) + 1) for name in ("ge", "le"))
        p = up if row["statistic"].endswith("_specificity") else min(1, 2 * min(up, down))
        check.number(where, "p", p, number(row["p"]))
        check.tally["tests"] += 1

    def check_interval(self, check, where, observed, values, left_out, row, method):
        if np.isnan(observed):
            check.exactly(where, "no interval", "", row["ci_low"])
            return
        bootstrap.check_row(check, where, observed, values, left_out, row, method)

    def strata(self, steering, key, over):
        """Units whose draws a row depends on, by stratum: rater numbers, then item numbers."""
        _, _, joined, group, versus, _ = key
        found = []
        if over != "items":
            for name, members in steering.groups[tuple(joined.split("*"))]:
                if members.sum() > 1 and (not group or name in (group, versus)):
                    found.append([("rater", int(r)) for r in np.flatnonzero(members)])
        if over != "raters":
            found.append([("item", u) for u in range(len(steering.study.items))])
        return found

    def check_design(self, design, folder):
        check = compare.Comparison()
        options, found = design.run(folder)
        study = model.select(command.read_study(folder / "s.h5"))
        steering = steer.Steering(study, study.questions[0], options)
        observed = steering.rows()
        for ours, theirs in steering.by_libraries:
            for name, value in theirs.items():
                check.number("oracle", name, value, ours[name])
                check.tally["numbers of scipy and scikit-learn"] += 1
        rows = {key_of(row): row for row in found}
        check.exactly("rows", "number", len(rows), len(found))
        check.exactly("rows", "which", sorted(observed), sorted(rows))
        if check.problems:
            return check
        null = [steering.permuted(b) for b in range(options.permutations)]
        drawn = [steering.resampled(b) for b in range(options.bootstrap)]
        left = {("rater", r): steering.left_out(rater=r) for r in range(len(study.raters))
                if options.over != "items"} | \
               {("item", u): steering.left_out(item=u) for u in range(len(study.items))
                if options.over != "raters"}
        for key, row in rows.items():
            where = "/".join(key)
            check.number(where, "estimate", observed[key], number(row["estimate"]))
            check.exactly(where, "sizes", steering.sizes[key[:5]],
                          tuple(int(row[name]) for name in ("raters", "n_items", "ratings")))
            check.exactly(where, "has a reason", bool(np.isnan(observed[key])), row["reason"] != "")
            check.tally[f"reason: {row['reason']}"] += 1
            check.tally[f"{design.form}, {options.against}"] += 1
            self.check_null(check, where, observed[key], [values[key] for values in null], row)
            strata = self.strata(steering, key, options.over)
            self.check_interval(check, where, observed[key],
                                np.array([values[key] for values in drawn]),
                                [np.array([left[unit][key] for unit in stratum])
                                 for stratum in strata], row, design.interval())
        return check

    def test_random_designs(self):
        tally, problems = collections.Counter(), []
        for n in range(DESIGNS):
            with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of nearly constant input
                check = self.check_design(Design(n), pathlib.Path(folder))
            tally += check.tally
            problems += [f"design {n}: {text}" for text in check.problems]
        for what, count in sorted(tally.items()):
            print(f"{DESIGNS} random designs: {count} {what}")
        self.assertEqual(len(problems), 0, "\n".join(problems[:60]))
        for what, least in (("tests", 300), ("numbers of scipy and scikit-learn", 1000), ("intervals by bca", 50), ("intervals by basic", 50),
                            ("intervals by percentile", 50), ("bounds, sharp", 500),
                            ("reason: fewer raters than the minimum", 5),
                            ("reason: the predictions do not vary", 5),
                            *((f"{form}, {against}", 50) for form in ("groups", "profiles", "raters")
                              for against in ("ratings", "means"))):
            self.assertGreaterEqual(tally[what], least, what)


class Null(unittest.TestCase):
    """Where steered and baseline predictions are alike, p of gains is uniform; where steering adds
    the same to everyone, it is not specific; where it follows groups, both are found."""

    STUDIES = 60

    def study(self, rng, folder, told=0.0, everyone=0.0, severity=0.0, shift=0.0,
              permutations=199):
        """Rows by (group, statistic). Raters of sex f see items as half of them are: worse or better by
        2 `severity` (items' own signs). Predictions: noise about severity; told: how much of the
        difference between groups the steered ones know; everyone: how much less noise they have;
        shift: what is added for f and taken away for m, whatever the item."""
        centre, sign = rng.normal(0, 1, 50), rng.choice([-1, 1], 50)
        with open(folder / "in.csv", "w", encoding="utf-8") as file:
            file.write("who,what,sex,q\n")
            for r in range(40):
                for u in rng.choice(50, 20, replace=False):
                    taste = centre[u] + rng.normal(0, 1) + severity * sign[u] * (1 if r % 2 else -1)
                    file.write(f"r{r},i{u},{'mf'[r % 2]},"
                               f"{1 + (taste > -1) + (taste > 0) + (taste > 1)}\n")
        with open(folder / "p.csv", "w", encoding="utf-8") as file:
            file.write("what,sex,steered,plain\n")
            for u in range(50):
                noise, other = rng.normal(0, 1, 2)
                clip = lambda x: min(4.0, max(1.0, 2.5 + 0.4 * x))  # hardly ever
                for sex, way in (("m", -1), ("f", 1)):
                    steered = centre[u] + (1 - everyone) * noise + told * way * sign[u] \
                        + shift * way
                    file.write(f"i{u},{sex},{clip(steered):.3f},{clip(centre[u] + other):.3f}\n")
        command.run("import", folder / "in.csv", "-o", folder / "s.h5", "--rater", "who", "--item",
                    "what", "--rating", "q:ordinal", "--rater-attr", "sex", "--quiet", "--force")
        command.run("steer", folder / "s.h5", "-o", folder / "e.h5", "--predictions",
                    folder / "p.csv", "--item", "what", "--prediction", "steered", "--baseline",
                    "plain", "--permutations", permutations, "--quiet", "--force",
                    "--seed", rng.integers(0, 2**32))
        rows = csv.DictReader(io.StringIO(command.run("report", folder / "e.h5", "--format", "csv")))
        return {(row["group"], row["versus"], row["statistic"]): row for row in rows
                if row["source"] == "steered"}

    def test_p_is_uniform_under_the_null(self):
        """Of the gains: the two predictions come from one distribution. Of the specificity: ratings
        do not depend on groups, and predictions, which do, have nothing to follow."""
        rng, found = np.random.default_rng(21), collections.defaultdict(list)
        with tempfile.TemporaryDirectory() as name:
            for _ in range(self.STUDIES):
                for key, row in self.study(rng, pathlib.Path(name)).items():
                    if row["statistic"].endswith("_gain"):
                        found[key].append(float(row["p"]))
                for key, row in self.study(rng, pathlib.Path(name), told=0.7).items():
                    if row["statistic"].endswith("_specificity"):
                        found[key].append(float(row["p"]))
        self.assertEqual(len(found), 3 * 5 + 5)
        for key, p in found.items():
            p = np.array(p)
            self.assertEqual(len(p), self.STUDIES, key)
            for level in (0.05, 0.2, 0.5, 0.8):
                four = 4 * (level * (1 - level) / len(p)) ** 0.5  # standard errors
                self.assertLess(abs((p <= level).mean() - level), four, (key, level))

    def test_how_often_steering_is_found(self):
        """By the gain and by the specificity in most studies, where it follows groups; where groups
        do not differ it is not specific more often than by chance."""
        rng, studies, found = np.random.default_rng(25), 40, collections.Counter()
        with tempfile.TemporaryDirectory() as name:
            for _ in range(studies):
                for what, severity in (("planted", 0.5), ("null", 0.0)):
                    rows = self.study(rng, pathlib.Path(name), told=0.5, everyone=0.5,
                                      severity=severity)
                    found.update((what, key[-1]) for key, row in rows.items()
                                 if not key[0] and row["p"] and float(row["p"]) <= 0.05)
        for statistic in ("pearson", "spearman", "kendall"):
            self.assertGreaterEqual(found["planted", f"{statistic}_specificity"], 0.8 * studies)
            self.assertGreaterEqual(found["planted", f"{statistic}_gain"], 0.8 * studies)
        for statistic in steer.STATISTICS:
            self.assertLessEqual(found["null", f"{statistic}_specificity"],
                                 scipy.stats.binom.ppf(0.9999, studies, 0.05))

    def test_steering_is_found_and_said_to_be_specific(self):
        rng = np.random.default_rng(22)
        with tempfile.TemporaryDirectory() as name:
            rows = self.study(rng, pathlib.Path(name), told=0.8, severity=0.8, everyone=0.3)
        for statistic in steer.STATISTICS:
            for group in ("", "m", "f"):
                gain = rows[group, "", f"{statistic}_gain"]
                self.assertGreater(float(gain["estimate"]), 0.05, gain)
                self.assertLessEqual(float(gain["p"]), 1 if group else 0.05, gain)
            specific = rows["", "", f"{statistic}_specificity"]
            self.assertGreater(float(specific["estimate"]), 0.1, specific)
            self.assertLessEqual(float(specific["p"]), 0.01, specific)
            own = float(rows["f", "", statistic]["estimate"])
            other = float(rows["f", "m", f"{statistic}_missteered"]["estimate"])
            self.assertGreater(steer.better(statistic, own, other), 0.05, statistic)

    def test_what_only_helps_everyone_is_not_specific(self):
        """Groups differ, the steered predictions are better for both, and know no group."""
        rng = np.random.default_rng(23)
        with tempfile.TemporaryDirectory() as name:
            rows = self.study(rng, pathlib.Path(name), severity=0.4, everyone=0.9)
        for statistic in steer.STATISTICS:
            gain = rows["", "", f"{statistic}_gain"]
            if statistic in ("pearson", "spearman", "kendall"):  # predictions keep to the middle
                self.assertLessEqual(float(gain["p"]), 0.05, gain)
            specific = rows["", "", f"{statistic}_specificity"]
            self.assertEqual(float(specific["estimate"]), 0, specific)
            self.assertEqual(float(specific["p"]), 1, specific)

    def test_a_shift_of_all_items_is_not_specific(self):
        """Groups differ in which items they find worse; the model only finds women more severe."""
        rng = np.random.default_rng(24)
        with tempfile.TemporaryDirectory() as name:
            rows = self.study(rng, pathlib.Path(name), severity=0.8, shift=0.4)
        for statistic in ("pearson", "spearman", "kendall"):
            specific = rows["", "", f"{statistic}_specificity"]
            self.assertLess(abs(float(specific["estimate"])), 0.03, specific)
            self.assertGreater(float(specific["p"]), 0.05, specific)


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main(verbosity=1)
