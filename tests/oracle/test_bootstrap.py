"""Bootstrap intervals of random designs through the command, against resamples redone here."""

import collections
import dataclasses
import math
import pathlib
import tempfile
import unittest

import numpy as np

from oracle import analysis, bootstrap, command, compare
from oracle.statistics import Rules
from test_designs import Design

DESIGNS = 24
RESAMPLES = 200


def options_of(design):
    number = design.number
    return dataclasses.replace(
        design.options, permutations=0, scheme="free", scheme_attribute=None, bootstrap=RESAMPLES,
        over=("raters", "items", "both")[number % 3],
        interval=("bca", "basic", "percentile")[number // 3 % 3])


class Worked(unittest.TestCase):
    def test_a_rater_never_agrees_with_themselves(self):
        """Three raters, two items, worked by hand: rater 0 drawn twice, rater 2 not at all."""
        table = np.zeros((3, 2, 2))
        for rater, item, code in ((0, 0, 0), (1, 0, 1), (2, 0, 1), (0, 1, 0), (1, 1, 0), (2, 1, 1)):
            table[rater, item, code] = 1
        x = bootstrap.side(np.array([[2.0, 1.0, 0.0]]), np.ones(3, bool), table)
        units = x.raters >= 2
        found = bootstrap.alpha(Rules("nominal", (0, 1)), x, np.ones((1, 2)), units)
        # Item 0: all four pairs differ; item 1: none. D_o = 3 (4/4) of 6 ratings. Chance: marginals
        # 5 and 1, of 36 pairs 4 + 1 + 4 + 1 are a rating with itself; ten of the other 26 differ.
        self.assertAlmostEqual(found[0], 1 - (3 / 6) / (10 / 26), 14)

    def test_fieller_kinds(self):
        noise = np.random.default_rng(1).normal(0, 1, (2, 400))
        noise -= noise.mean(1, keepdims=True)
        for a, x, spread, kind in ((1.0, 1.0, 0.1, "bounded"), (1.0, 0.1, 0.2, "outside"),
                                   (0.1, 0.1, 0.2, "whole")):
            self.assertEqual(bootstrap.fieller(a, x, a + spread * noise[0],
                                               x + spread * noise[1])[0], kind)


class Designs(unittest.TestCase):
    def check_cell(self, check, where, cell, interval, row, options):
        defined = cell.defined
        if np.isnan(cell.estimate):
            check.exactly(where, "no interval", True, interval is None and row["ci_method"] == "")
            check.tally["cells without an estimate"] += 1
            return
        check.exactly(where, "an interval", True, interval is not None)
        if interval is None:
            return
        check.exactly(where, "undefined in CSV", str(RESAMPLES - len(defined)),
                      row["ci_undefined"])
        why = bootstrap.withheld(RESAMPLES, cell.values)
        for text in (interval["withheld"], row["ci_reason"]):
            check.exactly(where, "withheld", True, why in text if why else text == "")
        if why:
            check.exactly(where, "none of it is shown", (None, None, "", ""),
                          (interval["low"], interval["se"], interval["method"], row["ci_method"]))
            check.tally[f"withheld, {why}"] += 1
            return
        scale = np.abs(defined).max()
        expected = cell.intervals()
        check.exactly(where, "undefined", RESAMPLES - len(defined), interval["undefined"])
        check.exactly(where, "flagged", RESAMPLES - len(defined) > RESAMPLES / 100,
                      interval["flagged"])
        check.number(where, "se", np.std(defined, ddof=1), interval["se"], scale)
        for method, ends in expected.items():
            for end, found in zip(ends or (np.nan, np.nan), interval[method], strict=True):
                check.number(where, method, end, np.nan if found is None else found, scale)
        method = options.interval if expected[options.interval] else "percentile"
        check.exactly(where, "method", method, interval["method"])
        check.tally[f"intervals by {method}"] += 1
        check.tally["fallbacks to percentile"] += method != options.interval
        low, high = expected[method]
        check.exactly(where, "method in CSV", method, row["ci_method"])
        for end, key in ((low, "ci_low"), (high, "ci_high")):
            check.number(where, key, end, row[key], scale)
        if min(abs(cell.estimate - low), abs(cell.estimate - high)) > 1e-9 * scale:
            check.exactly(where, "holds the estimate", bool(low <= cell.estimate <= high),
                          interval["holds_estimate"])
            check.tally["intervals without their estimate"] += not low <= cell.estimate <= high

    def check_fieller(self, check, where, cells, fieller):
        irr, xrr = cells["irr"], cells["xrr"]
        kind, low, high = bootstrap.fieller(irr.estimate, xrr.estimate, irr.values, xrr.values)
        found = fieller or {"kind": "none", "low": None, "high": None, "withheld": ""}
        if not (math.isnan(irr.estimate) or math.isnan(xrr.estimate)):
            pairs = ~np.isnan(irr.values) & ~np.isnan(xrr.values)
            why = bootstrap.withheld(RESAMPLES, irr.values, xrr.values)
            check.exactly(where, "Fieller's pairs", int(pairs.sum()), found["pairs"])
            check.exactly(where, "Fieller's set withheld", True,
                          why in found["withheld"] if why else found["withheld"] == "")
            check.tally["Fieller sets withheld"] += bool(why)
        check.tally[f"Fieller sets, {kind}"] += 1
        if kind == "point":  # bounded, outside or whole, as the last bits have it
            return
        check.exactly(where, "Fieller's kind", kind, found["kind"])
        for end, value in ((low, found["low"]), (high, found["high"])):
            # Ends near infinity hang on a difference of nearly equal squares.
            if math.isnan(end) or abs(end) < 1e3:
                check.number(where, "Fieller", end, math.nan if value is None else value, 100)

    def check_design(self, design, folder):
        design.write(folder / "in.csv")
        command.run("import", folder / "in.csv", "-o", folder / "study.h5",
                    *design.import_arguments())
        return self.check_run(options_of(design), folder)

    def check_run(self, options, folder, *more):
        command.run("gai", folder / "study.h5", "-o", folder / "results.h5",
                    *command.gai_arguments(options), *more)
        rows = {(row["question"], row["axis"], row["group"], row["statistic"]): row
                for row in command.report(folder / "results.h5")}
        reported = command.report_intervals(folder / "results.h5")
        check = compare.Comparison()
        for key, cells in bootstrap.run(command.read_study(folder / "study.h5"), options):
            where = "/".join(key)
            fieller, intervals = reported[key]
            self.check_fieller(check, where, cells, fieller)
            for name, cell in cells.items():
                if cell.edge:
                    check.tally["cells at an edge, passed over"] += 1
                else:
                    check.number(f"{where}/{name}", "estimate", cell.estimate,
                                 rows[(*key, name)]["estimate"])
                    self.check_cell(check, f"{where}/{name}", cell, intervals[name],
                                    rows[(*key, name)], options)
        return check

    def test_questions_of_every_scale_beside_strata_and_stopping(self):
        """One run of four questions; neither the shuffle's strata nor stopping touch the bootstrap."""
        rng = np.random.default_rng(3)
        rows = ["who,what,word,score,amount,kind,group,site,age"]
        for rater in range(24):
            for item in range(20):
                if rng.random() < 0.6:
                    level = min(3, max(0, item * 7 % 4 + rng.integers(-1, 2)))
                    rows.append(f"r{rater},i{item},{'abcd'[level]},{1.5 * level},{2 ** level},"
                                f"{'xyz'[min(2, level)] if rng.random() < 0.9 else ''},"
                                f"{'fm'[rater % 2]},{'ABC'[rater % 3]},{'yo'[rater // 7 % 2]}")
        for over in ("raters", "items", "both"):
            options = analysis.Options(
                axes=(("group",), ("site", "age")), permutations=5000, seed=9, scheme="strata",
                scheme_attribute="site", bootstrap=RESAMPLES, over=over, interval="bca")
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                (folder / "in.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
                command.run("import", folder / "in.csv", "-o", folder / "study.h5", "--rater", "who",
                            "--item", "what", "--rating", "word:ordinal", "--levels", "word=a,b,c,d",
                            "--rating", "score:interval", "--rating", "amount:ratio",
                            "--rating", "kind", "--rater-attr", "group,site,age", "--quiet")
                check = self.check_run(options, folder, "--stop-after", 20)
            self.assertEqual(check.problems, [])
            self.assertGreater(check.tally["intervals by bca"], 50)

    def test_random_designs(self):
        tally, problems = collections.Counter(), []
        for number in range(DESIGNS):
            with tempfile.TemporaryDirectory() as folder:
                check = self.check_design(Design(number), pathlib.Path(folder))
            tally += check.tally
            problems += [f"design {number}: {text}" for text in check.problems]
        for what, count in sorted(tally.items()):
            print(f"{DESIGNS} random designs: {count} {what}")
        self.assertEqual(len(problems), 0, "\n".join(problems[:60]))
        for what, least in (("intervals by bca", 150), ("intervals by basic", 150),
                            ("intervals by percentile", 150), ("fallbacks to percentile", 5),
                            ("intervals without their estimate", 1), ("Fieller sets, bounded", 20),
                            ("Fieller sets, outside", 1), ("Fieller sets, whole", 1),
                            ("withheld, in more than 10%", 5), ("Fieller sets withheld", 5)):
            self.assertGreaterEqual(tally[what], least, what)
        self.assertGreater(sum(tally[f"intervals by {m}"] for m in ("bca", "basic", "percentile")),
                           50 * tally["cells at an edge, passed over"])


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main(verbosity=1)
