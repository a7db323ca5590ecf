"""dissensus classify on random designs, against scikit-learn and resamples redone here."""

import collections
import csv
import io
import json
import pathlib
import tempfile
import unittest
from fractions import Fraction

import numpy as np
import scipy.stats
from sklearn import metrics

from oracle import bootstrap, classify, command, compare, model

DESIGNS = 18
PERMUTATIONS = 99
RESAMPLES = 50
MARGIN = 1e-9


def number(text):
    return float(text) if text else np.nan


class Design:
    """A random study, predictions of its items, and what to ask."""

    def __init__(self, n):
        rng = self.rng = np.random.default_rng(7000 + n)
        self.n = n
        self.raters, self.items = int(rng.integers(16, 36)), int(rng.integers(20, 70))
        self.layout = ("wide", "long")[n % 2]
        self.kind = ("labels", "scores with a threshold", "scores")[n % 3]
        self.rule = ("mean", "majority", "any")[n // 3 % 3]
        self.scale = "ordinal" if self.rule == "mean" else \
            ("ordinal", "nominal", "interval")[n // 2 % 3]
        self.levels = {"ordinal": ["1", "2", "3", "4"], "nominal": ["no", "unsure", "yes"],
                       "interval": ["-0.5", "0", "0.25", "1.5"]}[self.scale]
        self.threshold = {"ordinal": "3" if self.rule != "mean" else ("2.5", "2.6", "3")[n % 3],
                          "nominal": "yes", "interval": ("0.25", "0.2")[n % 2]}[self.scale]
        self.density = (0.25, 0.6, 1.0)[n % 3]
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

    def _predictions(self, rng):
        def text():
            if rng.random() < 0.1:
                return ("", "NA")[int(rng.integers(0, 2))]
            if self.kind == "labels":
                return str(rng.choice(["safe", "unsafe", "borderline"]))
            return f"{rng.integers(0, 12) / 4}"  # with many ties

        items = [f"i{u}" for u in range(self.items) if rng.random() < 0.9] + ["other", "third"]
        self.predictions = {name: {item: text() for item in rng.permutation(items)}
                            for name in ("A", "B, the second")[:1 + self.n // 2 % 2]}
        if self.n % 6 == 4:  # a classifier that always says the same
            self.predictions["C"] = dict.fromkeys(items, "safe" if self.kind == "labels" else "1")

    def options(self):
        n = self.n
        gaps = ("fnr", "fpr") if self.kind == "labels" else ("auc",) if self.kind == "scores" \
            else ("fnr", "fpr", "auc")
        self.asks_gaps = n % 5 == 3 and self.kind != "scores"
        return classify.Options(
            rule=self.rule, threshold=self.threshold, predictions=self.predictions,
            axes=(("sex",), ("age",), ("sex", "age"))[:1 + n % 3],
            positive=("unsafe", "borderline") if self.kind == "labels" else (),
            score_threshold="1.25" if self.kind == "scores with a threshold" else None,
            items_by=("topic",) if n % 4 == 1 else (),
            gaps=("precision", "recall", "f1") if self.asks_gaps else gaps, pairs=n % 7 != 2,
            scheme=("free", "strata")[n % 2], scheme_attribute=(None, "site")[n % 2],
            permutations=PERMUTATIONS, bootstrap=RESAMPLES,
            over=("raters", "items", "both")[n % 3],
            seed=int(self.rng.integers(0, 2**63)), min_raters=2 + n % 3)

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
            if self.layout == "wide":
                writer.writerow(("what", *self.predictions))
                for item in self.predictions["A"]:
                    writer.writerow((item, *(p.get(item, "") for p in self.predictions.values())))
            else:
                writer.writerow(("says", "what", "by"))
                writer.writerows((text, item, name) for name, texts in self.predictions.items()
                                 for item, text in texts.items())

    def run(self, folder):
        """(question, CSV rows, JSON report)"""
        options = self.options()
        self.write(folder)
        command.run("import", folder / "in.csv", "-o", folder / "s.h5", "--rater", "who", "--item",
                    "what", "--rating", f"q:{self.scale}", "--item-attr", "topic", "--rater-attr",
                    ",".join(self.profiles), "--quiet")
        arguments = ["--predictions", folder / "p.csv", "--item", "what", "--rule", self.rule,
                     "--threshold", ("", "q=")[self.n % 2] + self.threshold,
                     "--permutations", options.permutations, "--bootstrap", options.bootstrap,
                     "--over", options.over, "--interval", self.interval(), "--seed", options.seed,
                     "--min-raters", options.min_raters, "--quiet"]
        if self.layout == "long":
            arguments += ["--classifier", "by", "--value", "says"]
        if options.positive:
            arguments += ["--positive", ",".join(options.positive)]
        elif options.score_threshold:
            arguments += ["--score-threshold", options.score_threshold]
        else:
            arguments += ["--scores"]
        for axis in options.axes:
            arguments += ["--by", ",".join(axis)]
        for name in options.items_by:
            arguments += ["--items-by", name]
        if self.asks_gaps:
            arguments += ["--gaps", ",".join(options.gaps)]
        if not options.pairs:
            arguments += ["--no-pairs"]
        if options.scheme != "free":
            arguments += ["--scheme", f"{options.scheme}:{options.scheme_attribute}"]
        command.run("classify", folder / "s.h5", "-o", folder / "e.h5", *arguments)
        rows = list(csv.DictReader(io.StringIO(
            command.run("report", folder / "e.h5", "--format", "csv"))))
        return options, rows, json.loads(command.run("report", folder / "e.h5", "--format", "json"))

    def interval(self):
        return ("bca", "basic", "percentile")[self.n // 2 % 3]


def key_of(row):
    return tuple(row[name] for name in ("source", "items", "axis", "group", "versus", "statistic"))


class Designs(unittest.TestCase):
    def check_with_sklearn(self, check, comparison, rows):
        """Every statistic of a side from its definition in scikit-learn."""
        axes = {axis: np.ones(len(comparison.study.raters), np.int64)
                for axis in comparison.options.axes}
        sides = comparison._sides(np.arange(len(comparison.study.raters)), axes,
                                  np.ones(len(comparison.study.raters), np.int64))
        tested = {("*".join(axis), name) for axis in comparison.options.axes
                  for name, _ in comparison.tested(axis)} | {("", "")}
        for section in comparison.sections:
            for (axis, group, is_else), view in sides.items():
                joined = "*".join(axis) if axis else ""
                if is_else or (joined, group) not in tested:
                    continue
                used = [i for i, u in enumerate(section.numbers) if view[u] is not None]
                truth = np.array([view[section.numbers[i]] for i in used], dtype=int)
                expected = {}
                if section.called is not None and used:
                    called = np.array([section.called[i] for i in used], dtype=int)
                    tn, fp, fn, tp = metrics.confusion_matrix(truth, called, labels=[0, 1]).ravel()
                    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
                        truth, called, labels=[1], average=None, zero_division=np.nan)
                    expected = {"tp": tp, "fp": fp, "fn": fn, "tn": tn, "precision": precision[0],
                                "recall": recall[0], "f1": f1[0], "fnr": 1 - recall[0],
                                "fpr": fp / (fp + tn) if fp + tn else np.nan}
                if section.scores is not None and len(set(truth)) == 2 \
                        and not section.constant("auc", False):
                    expected["auc"] = metrics.roc_auc_score(
                        truth, [float(section.scores[i]) for i in used])
                for name in comparison.names():
                    row = rows[section.source, section.items, joined, group, "", name]
                    check.number(f"{section.source}/{section.items}/{joined}/{group}", name,
                                 float(expected.get(name, np.nan)), number(row["estimate"]))
                    check.exactly(f"{section.source}/{joined}/{group}/{name}", "items",
                                  len(used), int(row["n_items"]))

    def check_null(self, check, where, observed, null, row):
        tested = observed is not None and ("gap" in row["statistic"])
        check.exactly(where, "is tested", tested, row["p"] != "")
        if not tested:
            return
        undefined = sum(value is None for value in null)
        check.exactly(where, "resamples", len(null), int(row["resamples"]))
        check.exactly(where, "undefined", undefined, int(row["undefined"]))
        ge = undefined + sum(value is not None and value >= observed for value in null)
        le = undefined + sum(value is not None and value <= observed for value in null)
        check.exactly(where, "ge", ge, int(row["ge"]))
        check.exactly(where, "le", le, int(row["le"]))
        up, down = (ge + 1) / (len(null) + 1), (le + 1) / (len(null) + 1)
        p = up if row["statistic"].startswith("largest") else min(1, 2 * min(up, down))
        check.number(where, "p", p, number(row["p"]))
        check.tally["tests"] += 1
        check.tally["ties with the observed gap"] += ge + le - 2 * undefined > len(null) - undefined

    def variance(self, comparison, key, values, left_out, quarters):
        """With its degrees of freedom, from its parts: docs/classify.md, "Intervals"."""
        defined = values[~np.isnan(values)]
        whole = np.var(defined, ddof=1) if len(defined) > 1 else np.nan
        over, gap = comparison.options.over, key[-1].endswith("_gap")
        if over == "items":
            return whole, degrees(left_out[-1]) if gap else np.inf
        common = bootstrap.shared(quarters)
        raters = min(members.sum() for members in self.sides(comparison, key)) - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            if over == "both":
                of_items = jackknife(left_out[-1])
                known = of_items ** 2 / degrees(left_out[-1]) if gap else 0
                return of_items + common, (of_items + common) ** 2 / (known + common ** 2 / raters)
            common = np.fmin(common, whole) if not np.isnan(common) else common
            whole = common + ((whole - common) * self.shortfall(comparison, key) if whole > common else 0)
            return whole, whole ** 2 / (common ** 2 / raters)

    def shortfall(self, comparison, key):
        """Ratings over ratings less views, of two sides in proportion to 1 / ratings."""
        section = next(s for s in comparison.sections if (s.source, s.items) == key[:2])
        counts = []
        for members in self.sides(comparison, key):
            of_items = comparison.counts(members.astype(np.int64))[section.numbers].sum(axis=1)
            counts.append((np.float64(of_items.sum()), (of_items > 0).sum()))
        return (sum(1 / n * (n / (n - views)) for n, views in counts)
                / sum(1 / n for n, _ in counts))

    def sides(self, comparison, key):
        """Who is on either side of a row."""
        _, _, joined, group, versus, _ = key
        if not joined:
            return [np.ones(len(comparison.study.raters), bool)]
        groups = dict(comparison.groups[tuple(joined.split("*"))])
        others = np.any([m for name, m in groups.items() if name != group], axis=0)
        return [groups[group]] + ([] if not versus else
                                  [others if versus == classify.ELSE else groups[versus]])

    def check_interval(self, check, where, observed, values, left_out, row, method, withheld,
                       limited):
        wanted = observed is not None and row["statistic"] not in classify.COUNTS \
            and not row["statistic"].startswith("largest")
        if wanted and withheld:
            check.exactly(where, "withheld", True, "a bootstrap is biased" in row["ci_reason"])
            check.tally["withheld under any over raters"] += 1
        least = -1 if row["statistic"].endswith("_gap") else 0
        at_limit = wanted and not withheld and observed in (least, 1)
        if at_limit:
            check.exactly(where, "withheld", True, "as low or as high" in row["ci_reason"])
            check.tally["withheld at a limit"] += 1
        if not wanted or withheld or at_limit:
            check.exactly(where, "no interval", "", row["ci_low"])
            return
        bootstrap.check_row(check, where, observed, values, left_out, row, method,
                            (least, 1, *limited()))

    def strata(self, comparison, key, over):
        """Units whose draws a row depends on, by stratum: rater numbers, then item numbers."""
        _, _, joined, group, versus, _ = key
        found = []
        if over != "items" and not joined:
            found.append([("rater", r) for r in range(len(comparison.study.raters))])
        elif over != "items":
            axis = tuple(joined.split("*"))
            for name, members in comparison.groups[axis]:
                if members.sum() > 1 and (versus == classify.ELSE or name in (group, versus)):
                    found.append([("rater", int(r)) for r in np.flatnonzero(members)])
        if over != "raters":
            found.append([("item", u) for u in range(len(comparison.study.items))])
        return found

    def check_drivers(self, check, comparison, rows, report):
        """The items of the largest gaps: which gaps, all their items, shares that add up."""
        behind = collections.defaultdict(list)
        for item in report["items"]:
            behind[item["row"]].append(item)
        found = {key_of(report["rows"][row]): items for row, items in behind.items()}
        wanted = {}
        options = comparison.options
        for section in comparison.sections:
            for axis in options.axes if section.items == "" else ():
                groups = comparison.groups[axis]
                pairs = options.pairs or len(comparison.tested(axis)) == len(groups) == 2
                for name in {"fnr", "fpr"} & set(options.gaps):
                    gaps = [(abs(value), key) for key, value in rows.items()
                            if key[0] == section.source and key[1] == ""
                            and key[2] == "*".join(axis) and key[5] == f"{name}_gap"
                            and (key[4] != classify.ELSE) == pairs and value]
                    gaps.sort(key=lambda gap: -gap[0])
                    for _, key in gaps[:3]:
                        wanted[key] = section
        check.exactly("drivers", "gaps", sorted(wanted), sorted(found))
        for key in wanted.keys() & found.keys():
            self.check_shares(check, comparison, key, wanted[key], found[key], rows[key])

    def check_shares(self, check, comparison, key, section, found, gap):
        axis = tuple(key[2].split("*"))
        members = dict(comparison.groups[axis])
        own = comparison.counts(members[key[3]].astype(np.int64))
        everyone = sum(comparison.counts(m.astype(np.int64)) for m in members.values())
        other = everyone - own if key[4] == classify.ELSE \
            else comparison.counts(members[key[4]].astype(np.int64))
        missed = key[5] == "fnr_gap"
        share = collections.defaultdict(Fraction)
        for counts, sign in ((own, 1), (other, -1)):
            view = comparison.views.of(counts)
            of = [(u, called) for u, called in zip(section.numbers, section.called)
                  if view[u] is not None and view[u] == missed]
            for u, called in of:
                share[u] += Fraction(sign * (called != missed), len(of))
        names = comparison.study.items
        expected = {names[u]: value for u, value in share.items() if value}
        check.exactly(key, "items", sorted(expected), sorted(item["item"] for item in found))
        check.exactly(key, "order", self.in_order(comparison, names, expected, own, other, gap),
                      [item["item"] for item in found])
        check.number(key, "sum", float(gap), sum(item["share"] for item in found))
        for item in found:
            u = names.index(item["item"])
            check.number(key, "share", float(expected.get(item["item"], 0)), item["share"])
            for counts, name in ((own, "value"), (other, "versus")):
                said = comparison.views.said(counts[u])
                check.number(key, name, np.nan if said is None else float(said),
                             np.nan if item[name] is None else item[name])
            check.tally["items behind gaps"] += 1

    @staticmethod
    def in_order(comparison, names, expected, own, other, gap):
        """What makes the gap first; among equal shares what the sides see most differently, what has
        more ratings, what is named first."""
        def place(name):
            u = names.index(name)
            one, two = (comparison.views.said(counts[u]) for counts in (own, other))
            apart = -1 if None in (one, two) else abs(one - two)
            return (-expected[name] * (1 if gap > 0 else -1), -apart,
                    -int(own[u].sum() + other[u].sum()), name.encode())
        return sorted(expected, key=place)

    def check_sizes(self, check, comparison, rows):
        """Raters and ratings: of the group, whatever it is compared with."""
        for key, row in rows.items():
            section = next(s for s in comparison.sections if (s.source, s.items) == key[:2])
            axis, inside = key[2], np.isin(comparison.question.item, section.numbers)
            if not axis:
                members = [np.ones(len(comparison.study.raters), bool)]
            else:
                groups = dict(comparison.groups[tuple(axis.split("*"))])
                tested = dict(comparison.tested(tuple(axis.split("*"))))
                members = [groups[key[3]]] if key[3] else list(tested.values())
            chosen = np.any(members, axis=0) if members else np.zeros(len(comparison.study.raters), bool)
            ratings = inside & chosen[comparison.question.rater]
            check.exactly(key, "raters", int(chosen.sum()), int(row["raters"]))
            check.exactly(key, "ratings", int(ratings.sum()), int(row["ratings"]))
            check.exactly(key, "items", len(set(comparison.question.item[ratings])),
                          int(row["n_items"]))

    def check_design(self, design, folder):
        check = compare.Comparison()
        options, found, report = design.run(folder)
        study = model.select(command.read_study(folder / "s.h5"))
        comparison = classify.Comparison(study, study.questions[0], options)
        observed = comparison.rows()
        rows = {key_of(row): row for row in found}
        check.exactly("rows", "number", len(rows), len(found))
        check.exactly("rows", "which", sorted(observed), sorted(rows))
        if check.problems:
            return check
        self.check_with_sklearn(check, comparison, rows)
        self.check_sizes(check, comparison, rows)
        self.check_drivers(check, comparison, observed, report)
        null = [comparison.permuted(b) for b in range(options.permutations)]
        drawn = [comparison.resampled(b) for b in range(options.bootstrap)]
        left = {("rater", r): comparison.left_out(rater=r) for r in range(len(study.raters))
                if options.over != "items"} | \
               {("item", u): comparison.left_out(item=u) for u in range(len(study.items))
                if options.over != "raters"}
        quarters = [quarter for split in range(options.bootstrap // 4 * (options.over != "items"))
                    for quarter in comparison.quarters(split)]
        value = lambda x: np.nan if x is None else float(x)
        withheld = options.bootstrap > 0 and design.rule == "any" and options.over == "raters"
        for key, row in rows.items():
            where = "/".join(key)
            check.number(where, "estimate", value(observed[key]), number(row["estimate"]))
            check.exactly(where, "has a reason", observed[key] is None, row["reason"] != "")
            check.tally[f"reason: {row['reason']}"] += 1
            self.check_null(check, where, observed[key], [values[key] for values in null], row)
            strata = self.strata(comparison, key, options.over)
            values = np.array([value(values[key]) for values in drawn])
            left_out = [np.array([value(left[unit][key]) for unit in stratum])
                        for stratum in strata]
            self.check_interval(check, where, observed[key], values, left_out, row,
                                design.interval(), withheld, lambda: self.variance(
                                    comparison, key, values, left_out,
                                    [value(quarter[key]) for quarter in quarters]))
        return check

    def test_random_designs(self):
        tally, problems = collections.Counter(), []
        for n in range(DESIGNS):
            with tempfile.TemporaryDirectory() as folder:
                check = self.check_design(Design(n), pathlib.Path(folder))
            tally += check.tally
            problems += [f"design {n}: {text}" for text in check.problems]
        for what, count in sorted(tally.items()):
            print(f"{DESIGNS} random designs: {count} {what}")
        self.assertEqual(len(problems), 0, "\n".join(problems[:60]))
        for what, least in (("tests", 300), ("ties with the observed gap", 50),
                            ("items behind gaps", 200), ("intervals by basic", 50),
                            ("intervals by percentile", 50), ("intervals by logit", 300),
                            ("withheld under any over raters", 50),
                            ("withheld at a limit", 20),
                            ("reason: fewer raters than the minimum", 5),
                            ("reason: no item is negative in the group's view", 5),
                            ("reason: the predictions do not vary", 5)):
            self.assertGreaterEqual(tally[what], least, what)


def jackknife(left_out):
    """The variance from leave-one-out values."""
    n = len(left_out)
    return (n - 1) / n * ((left_out - left_out.mean()) ** 2).sum()


def degrees(left_out):
    """The degrees of freedom of that variance: 2 V^2 / var(V) of a sum of squares."""
    n = len(left_out)
    squares = (n - 1) / n * (left_out - left_out.mean()) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return 2 * squares.sum() ** 2 / ((squares - squares.mean()) ** 2).sum()


class Null(unittest.TestCase):
    """Where groups do not differ, p is valid; where they do, it is found."""

    STUDIES = 100
    GAPS = ("fnr", "fpr", "precision", "f1", "auc")

    def study(self, rng, folder, shift=0.0, every=2):
        """Sixty items; raters of sex f, one of `every`, see the first ten as worse by shift. Scores: the
        items' own severity, but for those ten, which are called safe."""
        severity = rng.normal(0, 1, 60)
        with open(folder / "in.csv", "w", encoding="utf-8") as file:
            file.write("who,what,sex,age,q\n")
            for r in range(40):
                female = r % every == every - 1
                for u in rng.choice(60, 24, replace=False):
                    taste = severity[u] + rng.normal(0, 1) + (shift if female and u < 10 else 0.0)
                    file.write(f"r{r},i{u},{'mf'[female]},{'xyz'[r // 2 % 3]},"
                               f"{1 + (taste > -0.5) + (taste > 0.5) + (taste > 1.5)}\n")
        with open(folder / "p.csv", "w", encoding="utf-8") as file:
            file.write("what,A\n")
            for u in range(60):
                file.write(f"i{u},{severity[u] + rng.normal(0, 1) if u >= 10 else -3:.6f}\n")
        command.run("import", folder / "in.csv", "-o", folder / "s.h5", "--rater", "who", "--item",
                    "what", "--rating", "q:ordinal", "--rater-attr", "sex,age", "--quiet", "--force")
        command.run("classify", folder / "s.h5", "-o", folder / "e.h5", "--predictions",
                    folder / "p.csv", "--item", "what", "--score-threshold", "0", "--threshold", "3",
                    "--gaps", ",".join(self.GAPS), "--rule", "mean", "--permutations", "199", "--quiet", "--force",
                    "--seed", rng.integers(0, 2**32))
        rows = csv.DictReader(io.StringIO(command.run("report", folder / "e.h5", "--format", "csv")))
        return {key_of(row)[2:]: row for row in rows}

    def test_p_is_valid_where_groups_do_not_differ(self):
        rng, found = np.random.default_rng(11), collections.defaultdict(list)
        with tempfile.TemporaryDirectory() as name:
            for _ in range(self.STUDIES):
                for key, row in self.study(rng, pathlib.Path(name)).items():
                    if row["p"]:
                        found[key].append(float(row["p"]))
        self.assertEqual(len(found), len(self.GAPS) * (1 + 1 + 3 + 3 + 1))
        for key, p in found.items():
            p = np.array(p)
            self.assertEqual(len(p), self.STUDIES, key)
            for level in (0.05, 0.2, 0.5, 0.8):
                above = (p <= level).mean() - level
                four = 4 * (level * (1 - level) / len(p)) ** 0.5  # standard errors
                self.assertLess(above, four, (key, level))
                # Precision jumps by whole items among few positive predictions: ties make p larger.
                if "precision" not in key[-1]:
                    self.assertGreater(above, -four, (key, level))
            self.assertGreater((p <= 0.5).mean(), 0.25, key)

    def test_how_often_a_planted_gap_is_found(self):
        """In most studies, and then no other axis differs more often than by chance."""
        rng, studies, found = np.random.default_rng(13), 40, collections.Counter()
        with tempfile.TemporaryDirectory() as name:
            for _ in range(studies):
                rows = self.study(rng, pathlib.Path(name), shift=2.5)
                found.update(key for key, row in rows.items()
                             if row["p"] and float(row["p"]) <= 0.05)
        for gap in ("fnr_gap", "auc_gap"):
            self.assertGreaterEqual(found["sex", "f", "m", gap], 0.8 * studies, gap)
        most = scipy.stats.binom.ppf(0.9999, studies, 0.05)  # 36 tests share it
        for key, times in found.items():
            if key[0] == "age":
                self.assertLessEqual(times, most, key)

    def test_gaps_of_groups_of_unlike_size_are_said_to_be(self):
        rng = np.random.default_rng(14)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            rows = self.study(rng, folder, every=8)
            lines = command.run("report", folder / "e.h5")
            table = " ".join(lines.split())
            page = command.run("report", folder / "e.h5", "--format", "html")
            marked = {form: command.run("report", folder / "e.h5", "--format", form)
                      for form in ("markdown", "latex")}
            self.study(rng, folder)
            same = command.run("report", folder / "e.h5")
            alike = " ".join(same.split())
        gap = rows["sex", "f", "m", "fnr_gap"]
        self.assertGreater(float(gap["null_mean"]), float(gap["null_sd"]) / 2)
        self.assertRegex(table, r"Warning: \d+ of 35 gaps would not be near 0")
        self.assertIn(f"fnr_gap of f vs m, {float(gap['estimate']):.3f}, "
                      f"{float(gap['null_mean']):.3f} of it", table)
        self.assertIn("gaps would not be near 0", page)
        self.assertNotRegex(alike, r"_gap of f vs m, [-.0-9]+, [-.0-9]+ of it")
        # The gap's part that is of sizes stands beside it in every table, and beside no other number.
        null = f"{float(gap['null_mean']):.3f}"
        self.assertRegex(page, rf">{float(gap['estimate']):.3f}[^/]*(<[^>]*>)*</td><td data-v=\"[^\"]+\">{null}</td>")
        self.assertIn(f" | {null} | ", marked["markdown"])
        self.assertIn(f" & ${null}$ & ", marked["latex"])
        self.assertLessEqual(max(map(len, lines.splitlines())), 100)
        header = next(line for line in lines.splitlines() if line.startswith("  Group "))
        start, at = header.index("Null mean"), header.index("Statistic")
        filled, block = {}, ""
        for line in lines.splitlines():
            if len(line) == len(header) and line[:2] == "  " and line != header and line[at].isalpha():
                block = line[:at].strip() or block
                filled[block, line[at:].split()[0]] = line[start:start + len("Null mean")].strip()
        self.assertEqual(filled["f vs m", "fnr_gap"], null)
        of_sizes = [key for key, row in rows.items() if key[3].endswith("_gap") and key[1] and
                    abs(float(row["null_mean"] or 0)) > float(row["null_sd"] or 0) / 2]
        self.assertEqual(sorted(key[1] for key, value in filled.items() if value),
                         sorted(key[3] for key in of_sizes))
        self.assertEqual("Null mean" in same, "gaps would not be near 0" in same)

    def test_a_null_mean_under_a_scheme_is_not_laid_to_sizes_alone(self):
        """Groups of one size that rated everything, one sex more severe: under within:sex the shuffles
        keep that difference, which is no matter of sizes. The mean of fewer than 64 is not trusted."""
        rng, items = np.random.default_rng(15), 40
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            command.run("simulate", "-o", folder / "s.h5", "--raters", 120, "--items", items, "--attribute",
                        "sex=f,m", "--attribute", "age=x,y,z", "--question", "q:ordinal=1,1,1,1,1",
                        "--effect", "sex=f: severity 1", "--quiet", "--format", "none")
            names = command.read_study(folder / "s.h5").items
            with open(folder / "p.csv", "w", encoding="utf-8") as file:
                file.write("what,A\n")
                file.writelines(f"{item},{rng.normal():.6f}\n" for item in names)
            warned = {}
            for scheme, permutations in (("within:sex", 199), ("within:sex", 63), ("free", 199)):
                command.run("classify", folder / "s.h5", "-o", folder / "e.h5", "--predictions",
                            folder / "p.csv", "--item", "what", "--score-threshold", "0", "--threshold", "3",
                            "--gaps", "fnr,fpr", "--by", "sex,age", "--scheme", scheme, "--permutations",
                            permutations, "--quiet", "--force", "--seed", 3)
                warned[scheme, permutations] = " ".join(command.run("report", folder / "e.h5").split())
        self.assertRegex(warned["within:sex", 199],
                         r"gaps would not be near 0 if raters with the same value of sex did not differ "
                         r"\([-.0-9]+ at most\): what goes with sex stays in every resample, and a smaller")
        self.assertNotIn("if groups did not differ", warned["within:sex", 199])
        self.assertNotIn("would not be near 0", warned["within:sex", 63])
        self.assertNotIn("same value of", warned["free", 199])

    def test_a_planted_gap_is_found_with_its_items(self):
        rng = np.random.default_rng(12)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            rows = self.study(rng, folder, shift=2.5)
            report = json.loads(command.run("report", folder / "e.h5", "--format", "json"))
        gap = rows["sex", "f", "m", "fnr_gap"]
        self.assertGreater(float(gap["estimate"]), 0.1)
        self.assertLessEqual(float(gap["p"]), 0.01)
        self.assertLessEqual(float(rows["sex", "", "", "largest_fnr_gap"]["p"]), 0.01)
        self.assertGreater(float(rows["age", "", "", "largest_fnr_gap"]["p"]), 0.05)
        items = [item for item in report["items"]
                 if key_of(report["rows"][item["row"]])[2:] == ("sex", "f", "m", "fnr_gap")]
        first = [item["item"] for item in items if item["share"] > 0][:6]
        planted = {f"i{u}" for u in range(10)}
        self.assertGreaterEqual(len(planted & set(first)), 5, first)


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main(verbosity=1)
