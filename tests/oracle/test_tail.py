"""The fitted tail of p: the oracle's own fit, by SciPy, of the values it makes itself."""

import json
import pathlib
import tempfile
import unittest

import numpy as np
from scipy.stats import genpareto

from oracle import analysis, command, significance, tail

RATERS, ITEMS, PERMUTATIONS = 20, 40, 3000


def write(path):
    """Ratings in which the raters of group "x" agree better than the others."""
    rng = np.random.default_rng(8)
    with open(path, "w", encoding="utf-8") as file:
        file.write("who,what,rating,group\n")
        for u in range(ITEMS):
            usual = rng.integers(0, 4)
            for r in range(RATERS):
                knows = rng.random() < (0.75 if r % 2 else 0.35)
                rating = usual if knows else rng.integers(0, 4)
                file.write(f"r{r},u{u},{rating},{'xy'[r % 2]}\n")


class Fit(unittest.TestCase):
    def test_scipy_fits_no_better(self):
        """The oracle's optimum against genpareto.fit, where that ends beyond the observed value."""
        rng = np.random.default_rng(2)
        compared = 0
        for _ in range(12):
            y = genpareto.rvs(rng.uniform(-0.3, 0.4), size=200, random_state=rng)
            fit = tail.Fit(y, 1.2 * y.max(), True)
            self.assertAlmostEqual(fit.top, genpareto.logpdf(
                fit.data, fit.xi, scale=fit.scale(fit.log_p0, fit.xi)).sum(), 9)
            shape, _, scale = genpareto.fit(fit.data, floc=0)
            if shape < -0.95 or shape > 1:
                continue
            self.assertGreaterEqual(fit.top,
                                    genpareto.logpdf(fit.data, shape, scale=scale).sum() - 1e-6)
            compared += 1
        self.assertGreater(compared, 6)


class Command(unittest.TestCase):
    def run_command(self, options):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write(folder / "in.csv")
            command.run("import", folder / "in.csv", "-o", folder / "study.h5", "--rater", "who",
                        "--item", "what", "--rating", "rating:nominal", "--rater-attr", "group",
                        "--quiet")
            command.run("gai", folder / "study.h5", "-o", folder / "results.h5",
                        *command.gai_arguments(options))
            report = json.loads(command.run("report", folder / "results.h5", "--format", "json"))
            found = analysis.run(command.read_study(folder / "study.h5"), options)
        return found, {group["group"]: group["statistics"]
                       for group in report["questions"][0]["axes"][0]["groups"]}

    def test_tails_of_a_run(self):
        found, reported = self.run_command(
            analysis.Options(axes=(("group",),), permutations=PERMUTATIONS, seed=3))
        fitted = 0
        for group in found:
            for statistic, cell in group.cells.items():
                p = reported[group.name][statistic]["p"]
                counts = significance.count(cell.estimate, cell.values)
                if np.isnan(cell.estimate) or min(counts.ge, counts.le) >= 10 or counts.undefined:
                    self.assertIsNone(p["tail"])
                    continue
                sign = 1 if counts.ge <= counts.le else -1
                expected = tail.tail(sign * cell.estimate, sign * cell.values)
                if expected is None or expected.margin < 1e-3:
                    continue
                fitted += 1
                where = f"{group.name} {statistic}: {expected}, {p['tail']} {p['tail_interval']}"
                for one, two in zip((expected.p, expected.high),
                                    (p["tail"], p["tail_interval"][1]), strict=True):
                    self.assertLess(abs(np.log(2 * one / two)), 1e-3, where)
                low = p["tail_interval"][0]
                if expected.low == 0 or low == 0:
                    self.assertEqual(expected.low, low, where)
                else:
                    self.assertLess(abs(np.log(2 * expected.low / low)), 1e-2, where)
        print(f"{fitted} tails fitted by both")
        self.assertGreater(fitted, 3)


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main(verbosity=1)
