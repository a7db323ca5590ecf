"""Published data sets through the dissensus command and through the oracle."""

import csv
import os
import pathlib
import sys
import tempfile
import unittest

import numpy as np

from oracle import analysis, command, compare
from oracle.model import Attribute, Question, Study

DATA = pathlib.Path(os.environ.get("DSS_SHARED_DIR", "")) / "data"
POPQUORN = DATA / "popquorn_offensiveness.csv"
LONDON, LONDON_ITEMS = DATA / "london_faces_ratings.csv", DATA / "london_faces_info.csv"


def indexed(values):
    """Distinct values in order of first appearance, and each value's index."""
    order = {value: index for index, value in enumerate(dict.fromkeys(values))}
    return tuple(order), np.array([order[value] for value in values])


def attribute(values):
    known = sorted({value for value in values if value is not None})
    return Attribute(tuple(known), np.array([known.index(v) if v is not None else -1
                                             for v in values]))


def ordinal(name, rater, item, numbers):
    levels = sorted(set(numbers))
    return Question(name, "ordinal", tuple(str(v) for v in levels), tuple(levels), rater, item,
                    np.array([levels.index(v) for v in numbers]))


def popquorn():
    """POPQUORN read by Python's csv alone."""
    with open(POPQUORN, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    raters, rater = indexed([row["user_id"] for row in rows])
    items, item = indexed([row["instance_id"] for row in rows])
    profiles = {row["user_id"]: row for row in rows}
    attributes = {name: attribute([profiles[r][name] or None for r in raters])
                  for name in ("gender", "race", "age", "education")}
    question = ordinal("offensiveness", rater, item, [float(row["offensiveness"]) for row in rows])
    return Study(raters, items, attributes, {}, (question,))


def age_group(text):
    """The bins of --bin rater_age=25,35,50, named by what they hold, not by the command."""
    return None if text in ("", "NA") else str(sum(float(text) >= edge for edge in (25, 35, 50)))


def london():
    """The London faces read by Python's csv alone; raters are numbered from 1."""
    with open(LONDON, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    faces = tuple(name for name in rows[0] if not name.startswith("rater_"))
    found = [(r, u, float(row[face])) for r, row in enumerate(rows)
             for u, face in enumerate(faces) if row[face] not in ("", "NA")]
    rater, item, number = zip(*found)
    attributes = {name: attribute([None if row[name] in ("", "NA") else row[name] for row in rows])
                  for name in ("rater_sex", "rater_sexpref")}
    attributes["rater_age"] = attribute([age_group(row["rater_age"]) for row in rows])
    with open(LONDON_ITEMS, newline="", encoding="utf-8") as file:
        info = {row["face_id"]: row for row in csv.DictReader(file)}
    item_attributes = {"face_sex": attribute([info[face]["face_sex"] for face in faces])}
    return Study(tuple(str(r + 1) for r in range(len(rows))), faces, attributes, item_attributes,
                 (ordinal("attractiveness", np.array(rater), np.array(item), number),))


class Real(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def import_popquorn(self):
        command.run("import", POPQUORN, "-o", self.folder / "study.h5", "--rater", "user_id",
                    "--item", "instance_id", "--rating", "offensiveness:ordinal",
                    "--rater-attr", "gender,race,age,education", "--quiet")

    def import_london(self):
        command.run("import", LONDON, "-o", self.folder / "study.h5", "--layout", "wide",
                    "--rating", "attractiveness:ordinal",
                    "--rater-attr", "rater_sex,rater_sexpref,rater_age",
                    "--bin", "rater_age=25,35,50", "--items", LONDON_ITEMS,
                    "--item-key", "face_id", "--quiet")

    def run_command(self, options):
        command.run("gai", self.folder / "study.h5", "-o", self.folder / "results.h5",
                    "--force", *command.gai_arguments(options))
        return self.folder / "results.h5"

    def agree(self, study, options, what):
        results = self.run_command(options)
        check = compare.compare(analysis.run(study, options), command.report(results),
                                command.report_groups(results))
        print(f"{what}: {dict(sorted(check.tally.items()))}")
        self.assertEqual(check.problems, [])
        self.assertGreater(check.tally["cells"], check.tally["cells undefined"])

    def same_ratings(self, study, imported):
        """The imported study holds the same ratings, attribute values and names."""
        self.assertEqual(sorted(study.raters), sorted(imported.raters))
        self.assertEqual(sorted(study.items), sorted(imported.items))
        for one, two in zip(study.questions, imported.questions, strict=True):
            triples = [sorted(zip((s.raters[r] for r in q.rater), (s.items[u] for u in q.item),
                                  (q.values[c] for c in q.code)))
                       for s, q in ((study, one), (imported, two))]
            self.assertEqual(*triples)

    def test_popquorn_facts(self):
        self.import_popquorn()
        found = {(row["group"], row["statistic"]): row["estimate"] for row in command.report(
            self.run_command(analysis.Options(axes=(("gender",), ("race",)), permutations=2000,
                                              seed=1)))}
        for group, statistic, expected in (
                ("Man", "irr", 0.267819), ("Man", "xrr", 0.286685), ("Man", "gai", 0.934194),
                ("White", "irr", 0.306033), ("White", "xrr", 0.263337), ("White", "gai", 1.162137),
                ("Native American", "xrr", 0.296474), ("Native American", "irr", -0.114532)):
            self.assertFalse(not abs(found[group, statistic] - expected) <= 1e-6,
                             (group, statistic, found[group, statistic]))

    def test_popquorn(self):
        self.import_popquorn()
        self.same_ratings(popquorn(), command.read_study(self.folder / "study.h5"))
        axes = (("gender",), ("race",), ("gender", "race"))
        self.agree(popquorn(), analysis.Options(axes=axes), "POPQUORN, read apart")
        self.agree(command.read_study(self.folder / "study.h5"),
                   analysis.Options(axes=axes, permutations=200, seed=5, scheme="strata",
                                    scheme_attribute="age"), "POPQUORN, 200 resamples")

    def test_london(self):
        self.import_london()
        imported = command.read_study(self.folder / "study.h5")
        self.same_ratings(london(), imported)
        options = dict(axes=(("rater_sex",), ("rater_sexpref",)), where={"face_sex": ("female",)})
        self.agree(london(), analysis.Options(**options), "London faces, read apart")
        self.agree(imported, analysis.Options(**options, permutations=20, seed=2),
                   "London faces, 20 resamples")
        ages = imported.rater_attributes["rater_age"]
        expected = np.bincount(london().rater_attributes["rater_age"].codes + 1)
        self.assertEqual(sorted(np.bincount(ages.codes + 1)), sorted(expected))
        self.agree(imported, analysis.Options(axes=(("rater_age",), ("rater_sex", "rater_age"))),
                   "London faces, ages in bins")


if __name__ == "__main__":
    if not (POPQUORN.is_file() and LONDON.is_file() and LONDON_ITEMS.is_file()):
        print("SKIPPED: the published data sets are not beside the project")
        sys.exit(command.SKIPPED)
    command.binary_or_skip()
    unittest.main(verbosity=1)
