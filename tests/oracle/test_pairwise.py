"""Random designs through `dissensus gai --metrics pair-gai`: the statistics of pairs of raters,
observed and in every resample, against the oracle's."""

import collections
import pathlib
import tempfile
import unittest

import numpy as np

from oracle import analysis, command, compare, model, pairwise, significance
from test_designs import DESIGNS, Design

PERMUTATIONS = 39
TIE = 1e-8  # values this near may be one that steps or rounding split


def arguments(options):
    words = command.gai_arguments(options)
    words[words.index("all")] = "pair-gai"
    words[words.index("--permutations") + 1] = PERMUTATIONS
    return words


class Pairwise(unittest.TestCase):
    def check_cell(self, where, name, row, observed, edge, null, edges, exact, tally):
        value, reason = observed
        if name == "pair_gai" and edge:
            tally["at the edge"] += 1
            return
        if np.isnan(value):
            self.assertTrue(np.isnan(row["estimate"]), (where, row["estimate"]))
            self.assertIn(row["reason"], compare.REASONS[reason], where)
            self.assertTrue(np.isnan(row["p"]), where)
            tally["undefined"] += 1
            return
        self.assertAlmostEqual(row["estimate"], value, delta=1e-9 * max(1.0, abs(value)), msg=where)
        self.assertEqual(row["reason"], "", where)
        doubtful = edges if name == "pair_gai" else np.zeros(len(null), bool)
        missing, near = np.isnan(null), np.abs(null - value) <= TIE * max(1.0, abs(value))
        for side, beyond in (("ge", null > value), ("le", null < value)):
            sure = (missing | (beyond & ~near)) & ~doubtful
            self.assertTrue(sure.sum() <= row[side] <= (missing | near | beyond | doubtful).sum(),
                            (where, side, row[side]))
        self.assertEqual(row["resamples"], len(null), where)
        p = significance.p_values(row["ge"], row["le"], len(null), exact)[2]
        self.assertAlmostEqual(row["p"], p, places=12, msg=where)
        tally["defined"] += 1
        tally["undefined resamples"] += int(missing.sum())
        if doubtful.any() or missing.all():
            return
        scale = max(1.0, np.nanmax(np.abs(null)))
        self.assertAlmostEqual(row["null_mean"], np.nanmean(null), delta=1e-9 * scale, msg=where)
        tally["nulls"] += 1

    def check_design(self, design, folder, tally):
        design.write(folder / "in.csv")
        command.run("import", folder / "in.csv", "-o", folder / "study.h5",
                    *design.import_arguments())
        options = design.options
        command.run("gai", folder / "study.h5", "-o", folder / "results.h5", *arguments(options))
        rows = {(row["question"], row["axis"], row["group"], row["statistic"]): row
                for row in command.report(folder / "results.h5")}
        study = model.select(command.read_study(folder / "study.h5"), options.questions,
                             options.where)
        asked = analysis.Options(**{**vars(options), "permutations": PERMUTATIONS})
        arrangements, exact = analysis.sources(study, asked)
        for question in study.questions:
            of = pairwise.Question(question, len(study.raters), len(study.items))
            for axis in options.axes:
                known = model.known(study, axis)
                for name, members in model.groups(study, axis):
                    key = (question.name, "*".join(axis), name)
                    if members.sum() < options.min_raters:
                        self.assertEqual(rows[*key, "pair_irr"]["reason"],
                                         "fewer raters than the minimum")
                        tally["too small"] += 1
                        continue
                    values, reasons, edge = of.compute(members, known & ~members)
                    moved = [of.compute(members[source], (known & ~members)[source])
                             for source in arrangements]
                    edges = np.array([m[2] for m in moved], bool)
                    for statistic in pairwise.NAMES:
                        null = np.array([m[0][statistic] for m in moved])
                        self.check_cell(f"design {design.number}: {key} {statistic}", statistic,
                                        rows[*key, statistic],
                                        (values[statistic], reasons[statistic]), edge, null, edges,
                                        exact, tally)

    def test_random_designs(self):
        tally = collections.Counter()
        for number in range(DESIGNS):
            with tempfile.TemporaryDirectory() as folder:
                self.check_design(Design(number), pathlib.Path(folder), tally)
        for what, count in sorted(tally.items()):
            print(f"{DESIGNS} random designs: {count} {what}")
        self.assertGreater(tally["defined"], 800)
        self.assertGreater(tally["nulls"], 500)
        self.assertGreater(tally["undefined"], 20)


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main(verbosity=1)
