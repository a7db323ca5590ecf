"""Random designs through the dissensus command, every number against the oracle's own run."""

import collections
import csv
import pathlib
import tempfile
import unittest

import numpy as np

from oracle import analysis, command, compare

DESIGNS = 48
SCALES = ("nominal", "ordinal", "interval", "ratio")
VALUES = {"race": ("Black, African", "Latiné", 'so-called "other"'), "sex": ("f", "m"),
          "site": ("north", "south", "east")}


def labels(rng, scale, size, spelled):
    """size category labels in the scale's order, as a CSV spells them."""
    if scale == "nominal" or (scale == "ordinal" and spelled):
        return [f"level {chr(ord('a') + c)}" for c in range(size)]
    if scale == "ordinal":
        return [str(c + 1) for c in range(size)]
    numbers = np.sort(rng.choice(np.arange(0, 41), size, replace=False)) / 4
    if scale == "interval":
        numbers = numbers - 5
    return [repr(float(v)) for v in numbers]


def ratings(rng, raters, items, size, density, noise):
    """(raters, items) codes, -1 missing, around a category for each item."""
    centre = rng.integers(0, size, items)
    codes = np.clip(np.rint(centre + rng.normal(0, noise, (raters, items))), 0, size - 1)
    codes[rng.random((raters, items)) > density] = -1
    codes[:3, 0] = np.maximum(codes[:3, 0], 0)  # some rating is left whatever the filter
    return codes.astype(int)


class Design:
    """A table of ratings, how to import it, and what to ask."""

    def __init__(self, number):
        rng = np.random.default_rng(1000 + number)
        self.number = number
        self.raters, self.items = int(rng.integers(3, 31)), int(rng.integers(2, 61))
        if number % 24 == 7:
            self.raters = 4
        self.density = (1.0, 0.6, 0.3)[number % 3]
        self.questions = {}
        for q in range(1 + number % 3):
            scale, size = SCALES[(number + q) % 4], int(rng.integers(2, 10))
            spelled = bool(rng.integers(0, 2))
            noise = (0.0, 0.4, 1.0, 3.0)[int(rng.integers(0, 4))] if number % 8 == 3 else 1.0
            codes = ratings(rng, self.raters, self.items, size, self.density, noise)
            self.questions[f"q{q}"] = (scale, labels(rng, scale, size, spelled), codes, spelled)
        unknown = (0.0, 0.15)[number // 2 % 2]
        self.profiles = {name: [None if rng.random() < unknown else str(rng.choice(values))
                                for _ in range(self.raters)] for name, values in VALUES.items()}
        self.profiles["sex"][:3] = ["f"] * 3  # one group is always large enough
        self.topics = [str(rng.choice(["bias", "harm"])) for _ in range(self.items)]
        self.topics[0] = "bias"
        if number % 24 == 16:  # one item is left after the filter
            self.topics[1:] = ["harm"] * (self.items - 1)
        self.options = self._options(rng)

    def _options(self, rng):
        scheme = ("free", "strata", "free", "within")[self.number % 4]
        axes = (("sex",), ("race",), ("sex", "race"))[:1 + self.number % 3]
        where = None
        if self.number % 6 == 4:
            where = {"topic": ("bias",)}
        elif self.number % 6 == 2:
            where = {"sex": ("f",), "site": tuple(sorted(
                {site for site in self.profiles["site"] if site}))}
        names = tuple(self.questions)
        return analysis.Options(
            axes=axes, questions=names[:1] if self.number % 9 == 2 else None, where=where,
            permutations=99, seed=int(rng.integers(0, 2**63)), scheme=scheme,
            scheme_attribute={"strata": "site", "within": "sex"}.get(scheme),
            units=("own", "common")[self.number // 3 % 2],
            ties=("split", "skip")[self.number // 2 % 2], min_raters=2 + self.number % 2)

    def rows(self):
        """A row a rater and item that any question has a rating for, in no order."""
        rng = np.random.default_rng(self.number)
        for index in rng.permutation(self.raters * self.items):
            r, u = divmod(int(index), self.items)
            cells = [q[1][q[2][r, u]] if q[2][r, u] >= 0 else "" for q in self.questions.values()]
            if any(cells):
                profile = [self.profiles[name][r] or "NA" for name in VALUES]
                yield (f"r{r}", f"item {u}", self.topics[u], *profile, *cells)

    def write(self, path):
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("who", "what", "topic", *VALUES, *self.questions))
            writer.writerows(self.rows())

    def import_arguments(self):
        arguments = ["--rater", "who", "--item", "what", "--item-attr", "topic",
                     "--rater-attr", ",".join(VALUES), "--quiet"]
        for name, (scale, spelling, codes, spelled) in self.questions.items():
            arguments += ["--rating", f"{name}:{scale}"]
            if scale == "ordinal" and spelled:
                used = [spelling[c] for c in range(len(spelling)) if (codes == c).any()]
                arguments += ["--levels", f"{name}={','.join(used)}"]
        return arguments


class Designs(unittest.TestCase):
    def check_study(self, design, study):
        """The imported study holds what the table says."""
        for name, wanted in design.profiles.items():
            attribute = study.rater_attributes[name]
            for rater, code in zip(study.raters, attribute.codes):
                found = attribute.categories[code] if code >= 0 else None
                self.assertEqual(found, wanted[int(rater[1:])], (design.number, name, rater))
        for question in study.questions:
            scale, spelling, codes, _ = design.questions[question.name]
            used = [spelling[c] for c in range(len(spelling)) if (codes == c).any()]
            self.assertEqual(question.scale, scale)
            if scale == "nominal":
                self.assertEqual(sorted(question.labels), sorted(used))
            elif scale == "ordinal":
                self.assertEqual(list(question.labels), used)
            else:
                self.assertEqual(list(question.values), [float(label) for label in used])
            found = {(int(study.raters[r][1:]), int(study.items[u].split()[1])): c
                     for r, u, c in zip(question.rater, question.item, question.code)}
            self.assertEqual(len(found), (codes >= 0).sum())
            for (r, u), c in found.items():
                label = spelling[codes[r, u]]
                if scale in ("nominal", "ordinal"):
                    self.assertEqual(question.labels[c], label)
                else:
                    self.assertEqual(question.values[c], float(label))

    def check_design(self, design, folder):
        design.write(folder / "in.csv")
        command.run("import", folder / "in.csv", "-o", folder / "study.h5",
                    *design.import_arguments())
        study = command.read_study(folder / "study.h5")
        self.check_study(design, study)
        command.run("gai", folder / "study.h5", "-o", folder / "results.h5",
                    *command.gai_arguments(design.options))
        return compare.compare(analysis.run(study, design.options),
                               command.report(folder / "results.h5"),
                               command.report_groups(folder / "results.h5"))

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
        self.assertGreater(tally["cells"] - tally["cells undefined"], 1000)
        self.assertGreater(tally["studies whose arrangements were all visited"], 2)
        self.assertGreater(tally["bounds, sharp"], 8 * tally["bounds, loose"])


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main(verbosity=1)
