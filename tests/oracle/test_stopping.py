"""Sequential stopping: the oracle redoes a stopped run and finds when each test stopped, and what
its numbers then are."""

import pathlib
import tempfile
import unittest

import numpy as np

from oracle import analysis, command, significance

RATERS, ITEMS, PERMUTATIONS, AFTER = 16, 14, 9000, 400


def write(path):
    """Ratings in which the raters of group "x" agree and the others guess."""
    rng = np.random.default_rng(5)
    with open(path, "w", encoding="utf-8") as file:
        file.write("who,what,rating,group,age\n")
        for u in range(ITEMS):
            usual = rng.integers(0, 4)
            for r in range(RATERS):
                knows = rng.random() < (0.9 if r % 2 else 0.2)
                rating = usual if knows else rng.integers(0, 4)
                if rng.random() < 0.8:
                    file.write(f"r{r},u{u},{rating},{'xy'[r % 2]},{'ab'[r // 3 % 2]}\n")


class Stopping(unittest.TestCase):
    def test_a_stopped_run(self):
        options = analysis.Options(axes=(("group",), ("age",), ("group", "age")),
                                   permutations=PERMUTATIONS, seed=11)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write(folder / "in.csv")
            command.run("import", folder / "in.csv", "-o", folder / "study.h5", "--rater", "who",
                        "--item", "what", "--rating", "rating:nominal", "--rater-attr", "group,age",
                        "--quiet")
            command.run("gai", folder / "study.h5", "-o", folder / "results.h5",
                        *command.gai_arguments(options), "--stop-after", AFTER)
            found = analysis.run(command.read_study(folder / "study.h5"), options)
            rows = {(row["axis"], row["group"], row["statistic"]): row
                    for row in command.report(folder / "results.h5")}
            reported = command.report_groups(folder / "results.h5")
        lengths = {}
        for group in found:
            _, intervals, _ = reported[group.question, group.axis, group.name]
            for statistic, cell in group.cells.items():
                if np.isnan(cell.estimate) or cell.edge or cell.edges.any():
                    continue
                if (significance.tied(cell.estimate, cell.values) != cell.same).any():
                    continue
                row = rows[group.axis, group.name, statistic]
                self.check(cell, row, intervals[statistic])
                lengths[row["resamples"]] = lengths.get(row["resamples"], 0) + 1
        print(f"tests by the resamples they got: {lengths}")
        self.assertEqual(set(lengths), {4096, 8192, PERMUTATIONS})

    def check(self, cell, row, interval):
        length, up, down = significance.sequential(cell.estimate, cell.values, AFTER)
        counts = significance.count(cell.estimate, cell.values[:length])
        self.assertEqual((row["resamples"], row["ge"], row["le"], row["undefined"]),
                         (length, counts.ge, counts.le, counts.undefined))
        for found, expected in ((row["p_up"], up.p), (row["p_down"], down.p),
                                (row["p"], min(1.0, 2 * min(up.p, down.p)))):
            self.assertAlmostEqual(found, expected, 14)
        smaller = down if down.p < up.p else up
        for found, expected in zip(interval, smaller.interval, strict=True):
            self.assertAlmostEqual(found, min(1.0, 2 * expected), 9)
        self.assertTrue(np.isnan(row["p_maxt"]))
        defined = cell.values[:length][~np.isnan(cell.values[:length])]
        self.assertAlmostEqual(row["null_mean"], defined.mean(), 9)
        self.assertAlmostEqual(row["null_sd"], defined.std(ddof=1), 9)


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main(verbosity=1)
