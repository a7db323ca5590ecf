"""Published values through the dissensus command."""

import csv
import pathlib
import json
import tempfile
import unittest

from oracle import command

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"


def load(name):
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


class Published(unittest.TestCase):
    def estimates(self, ratings, scale):
        """{(group, statistic): estimate} for (rater, group, item, rating) rows; no resamples."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            with open(path / "in.csv", "w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("who", "side", "unit", "value"), *ratings])
            command.run("import", path / "in.csv", "-o", path / "study.h5", "--rater", "who",
                        "--item", "unit", "--rating", f"value:{scale}", "--rater-attr", "side",
                        "--quiet")
            command.run("gai", path / "study.h5", "-o", path / "results.h5", "--by", "side",
                        "--metrics", "all", "--permutations", 0, "--quiet")
            return {(row["group"], row["statistic"]): row["estimate"]
                    for row in command.report(path / "results.h5")}

    def check(self, found, expected, tolerance, what):
        self.assertFalse(not abs(found - expected) <= tolerance, (what, found, expected))

    def test_alpha(self):
        checked = 0
        for name in ("krippendorff_2011.json", "three_coders.json"):
            golden = load(name)
            rows = [(f"r{r}", "all", f"u{u}", value) for r, row in enumerate(golden["ratings"])
                    for u, value in enumerate(row) if value is not None]
            for scale, expected in golden["alpha"].items():
                found = self.estimates(rows, scale)["all", "irr"]
                self.check(found, expected, golden["tolerance"], (name, scale))
                checked += 1
        print(f"published alphas through the command: {checked}")
        self.assertEqual(checked, 8)

    def test_kappa_x(self):
        golden = load("wong_2021.json")
        top, bottom = golden["exact_kappa_x"]
        for extra in ([], golden["extra_x"]):
            rows = [(f"{side}{r}", side, f"u{u}", value)
                    for side, units in (("x", golden["x"] + extra), ("y", golden["y"]))
                    for u, unit in enumerate(units) for r, value in enumerate(unit)]
            found = self.estimates(rows, "nominal")
            for side in "xy":
                self.check(found[side, "xrr"], top / bottom, 1e-9, ("kappa_x", side))


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main(verbosity=1)
