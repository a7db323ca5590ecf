"""dissensus simulate --from: a pool grown from a study keeps what the study has."""

import json
import pathlib
import tempfile
import unittest

import numpy as np
from scipy.stats import binom

from oracle import command

PLANTED = {"gender=Woman,age=GenZ": 0.6, "gender=Man,age=GenX": -0.5}
WORDS = ["--items", 500, "--items-per-rater", 100, "--attribute", "gender=Woman,Man", "--attribute",
         "age=GenZ,GenX,Boomer", "--missing", 0.1, "--question", "harm=10,20,40,20,10",
         "--question", "yes:nominal=2,1", "--effect", "gender=Man: severity 0.3"]
for _group, _cohesion in PLANTED.items():
    WORDS += ["--effect", f"{_group}: cohesion {_cohesion}"]

CROSSED = ["--attribute", "gender=Woman,Man", "--attribute", "age=GenZ,GenX,Boomer", "--attribute",
           "place=1,2,3,4,5"]


def rows(study, *arguments):
    """(group, statistic) to the row of the tidy CSV."""
    results = f"{study}.results"
    command.run("gai", study, "-o", results, "--force", "--quiet", "--by", "gender", "--by", "age",
                "--by", "gender,age", *arguments)
    return {(row["group"], row["statistic"]): row for row in command.report(results)}


def lists_of(raters, items):
    """The items of each rater, in order."""
    return [tuple(sorted(items[raters == r])) for r in range(raters.max() + 1)]


def grow(study, path, *arguments):
    command.run("simulate", "--from", study, "-o", path, "--force", "--quiet", "--truth",
                f"{path}.json", *arguments)
    with open(f"{path}.json", encoding="utf-8") as file:
        return command.read_study(path), json.load(file)


class Grown(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.folder.name)
        cls.source, cls.path = folder / "source.h5", folder / "grown.h5"
        command.run("simulate", "-o", cls.source, "--quiet", "--raters", 160, *WORDS, "--seed", 4)
        cls.study = command.read_study(cls.source)
        cls.grown, cls.fit = grow(cls.source, cls.path, "--times", 10)
        cls.before = {q: rows(cls.source, "--question", q, "--permutations", 0, "--bootstrap", 200,
                              "--over", "both") for q in ("harm", "yes")}
        cls.after = {q: rows(cls.path, "--question", q, "--permutations", 0) for q in
                     ("harm", "yes")}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_design_is_kept(self):
        for old, new in zip(self.study.questions, self.grown.questions):
            self.assertEqual((old.name, old.scale, old.labels), (new.name, new.scale, new.labels))
            self.assertEqual(len(new.rater), 10 * len(old.rater))
            lists = sorted(lists_of(old.rater, old.item))
            for k in range(10):
                mine = new.rater % 10 == k
                taken = lists_of(new.rater[mine] // 10, new.item[mine])
                self.assertEqual(sorted(taken), lists)
                same = sum(a == b for a, b in zip(taken, lists_of(old.rater, old.item)))
                self.assertTrue(same == 160 if k == 0 else same < 10, (k, same))
            self.assertTrue(np.all(np.bincount(new.item, minlength=500) ==
                                   10 * np.bincount(old.item, minlength=500)))
        for name, attribute in self.study.rater_attributes.items():
            np.testing.assert_array_equal(self.grown.rater_attributes[name].codes,
                                          np.repeat(attribute.codes, 10))
        self.assertEqual(self.grown.raters[:2], (f"{self.study.raters[0]}.1",
                                                 f"{self.study.raters[0]}.2"))

    def test_lists_stay_in_their_batches(self):
        """And both questions' lists go to the same new rater."""
        source = self.path.with_suffix(".batches.h5")
        command.run("simulate", "-o", source, "--force", "--quiet", "--raters", 60, "--items", 90,
                    "--batches", 3, "--items-per-rater", 12, *CROSSED[:2], "--question", "harm=10,20,40,20,10",
                    "--question", "hate=10,20,40,20,10", "--seed", 5)
        grown, _ = grow(source, self.path.with_suffix(".batches4.h5"), "--times", 4)
        harm, hate = grown.questions
        np.testing.assert_array_equal(harm.rater // 4 // 20, harm.item // 30)
        self.assertEqual(set(zip(harm.rater, harm.item)), set(zip(hate.rater, hate.item)))

    def test_a_thousand_times(self):
        source = self.path.with_suffix(".few.h5")
        command.run("simulate", "-o", source, "--force", "--quiet", "--raters", 30, "--items", 40,
                    "--items-per-rater", 10, *CROSSED[:2], "--question", "harm=10,20,40,20,10")
        grown, _ = grow(source, self.path.with_suffix(".thousand.h5"), "--times", 1000)
        new, old = grown.questions[0], command.read_study(source).questions[0]
        self.assertEqual(len(grown.raters), 30000)
        np.testing.assert_array_equal(np.bincount(new.item), 1000 * np.bincount(old.item))
        self.assertEqual(len(set(zip(new.rater, new.item))), 1000 * len(old.item))
        shares = np.bincount(new.code) / len(new.code)
        self.assertLess(abs(shares - np.bincount(old.code) / len(old.code)).max(), 0.06)

    def test_ratings_are_new(self):
        """New raters are no copies: with the rater they stand for they agree like others."""
        old, new = self.study.questions[0], self.grown.questions[0]
        given = dict(zip(zip(old.rater, old.item), old.code))
        same = [given[r // 10, u] == c for r, u, c in zip(new.rater, new.item, new.code)
                if (r // 10, u) in given]
        self.assertGreater(len(same), 2 * len(old.item))  # those of list and rater, and by chance
        self.assertLess(np.mean(same), 0.5)

    def test_planted_groups_stay_and_null_ones_too(self):
        for question in self.fit["questions"]:
            found = {e["group"]: e["cohesion"] for e in question["effects"]}
            self.assertEqual(set(found), set(PLANTED), question["name"])
            for group, cohesion in PLANTED.items():
                self.assertLess(abs(found[group] - cohesion), 0.25, (question["name"], group))

    def test_statistics_are_kept(self):
        """Every group's IRR and XRR within the study's own sampling error."""
        worst = 0.0
        for question in ("harm", "yes"):
            for key, old in self.before[question].items():
                if key[1] not in ("irr", "xrr"):
                    continue
                off = abs(self.after[question][key]["estimate"] - old["estimate"]) / old["se"]
                self.assertLess(off, 3.5, (question, key))
                worst = max(worst, off)
        self.assertGreater(worst, 0.01)  # the two were compared

    def test_gai_is_that_of_the_truth(self):
        """Of each cell, planted or null, near a large pool made of what the source was made of."""
        large = self.path.with_suffix(".large.h5")
        command.run("simulate", "-o", large, "--quiet", "--raters", 1600, *WORDS, "--seed", 5)
        for question in ("harm", "yes"):
            truth = rows(large, "--question", question, "--permutations", 0)
            for gender in ("Woman", "Man"):
                for age in ("GenZ", "GenX", "Boomer"):
                    key = (f"{gender} * {age}", "gai")
                    off = abs(self.after[question][key]["estimate"] - truth[key]["estimate"])
                    planted = f"gender={gender},age={age}" in PLANTED
                    self.assertLess(off, 0.3 if planted else 0.12, (question, key))
            self.assertGreater(self.after[question]["Woman * GenZ", "gai"]["estimate"], 1.3)
            self.assertLess(self.after[question]["Man * GenX", "gai"]["estimate"], 0.75)

    def test_marginals_are_kept(self):
        """Each cell's shares of levels, within the scatter of new items, raters and ratings."""
        for old, new in zip(self.study.questions, self.grown.questions):
            size = len(old.labels)
            for gender in range(2):
                for age in range(3):
                    share = []
                    for study, q in ((self.study, old), (self.grown, new)):
                        at = ((study.rater_attributes["gender"].codes[q.rater] == gender) &
                              (study.rater_attributes["age"].codes[q.rater] == age))
                        share.append(np.bincount(q.code[at], minlength=size) / at.sum())
                    self.assertLess(np.max(np.abs(share[0] - share[1])), 0.05, old.name)

    def test_report(self):
        """Each group of the study beside that of the pool, by what other commands find."""
        path = self.path.with_suffix(".report.h5")
        said = json.loads(command.run("simulate", "--from", self.source, "-o", path, "--times", 3,
                                      "--quiet", "--format", "json"))
        axes = ["--by", "gender", "--by", "age", "--by", "gender,age"]
        found = []
        for study in (self.source, path):
            results = f"{path}.r"
            command.run("gai", study, "-o", results, "--force", "--quiet", "--permutations", 0, *axes)
            found.append({(r["question"], r["group"], r["statistic"]): r
                          for r in command.report(results)})
        fitted = {(q["name"], " * ".join(v.split("=")[1] for v in e["group"].split(","))):
                  e["cohesion"] for q in said["truth"]["questions"] for e in q["effects"]}
        self.assertTrue(any("*" in group for _, group in fitted))
        for group in said["groups"]:
            key = (group["question"], group["group"])
            self.assertEqual(group["fitted_cohesion"], fitted.pop(key, None))
            for prefix, rows in (("source_", found[0]), ("", found[1])):
                for statistic in ("irr", "xrr", "gai"):
                    row = rows[(*key, statistic)]
                    self.assertEqual(group[prefix + statistic], row["estimate"])
                    self.assertEqual(group[prefix + "raters"], row["raters"])
                    self.assertEqual(group[prefix + "ratings"], row["ratings"])
            if group["mean"] is not None:
                self.assertLess(abs(group["mean"] - group["source_mean"]), 0.25)
        self.assertEqual(fitted, {})

    def test_items_times(self):
        grown, _ = grow(self.source, self.path.with_suffix(".items.h5"), "--times", 6,
                        "--items-times", 3)
        old, new = self.study.questions[0], grown.questions[0]
        self.assertEqual(len(grown.items), 1500)
        each = np.bincount(new.item, minlength=1500).reshape(500, 3)
        self.assertTrue(np.all(each == 2 * np.bincount(old.item, minlength=500)[:, None]))
        block = grown.item_attributes["block"]
        self.assertEqual(tuple(block.categories), ("1", "2", "3"))
        np.testing.assert_array_equal(block.codes, np.tile([0, 1, 2], 500))
        results = self.path.with_suffix(".block.r")
        command.run("gai", self.path.with_suffix(".items.h5"), "-o", results, "--quiet", "--force",
                    "--permutations", 0, "--where", "block=2", "--question", old.name)
        one = sum(r["ratings"] for r in command.report(results)
                  if r["statistic"] == "irr" and r["axis"] == "gender")
        self.assertEqual(one, 2 * len(old.item))  # a third of six times as many
        counts = np.bincount(new.rater, minlength=960).reshape(160, 6)
        for k in range(6):  # those of lists that change hands
            self.assertEqual(sorted(counts[:, k]), sorted(np.bincount(old.rater, minlength=160)))

    def test_null_study_has_no_effects(self):
        source = self.path.with_suffix(".null.h5")
        found = 0
        for seed in range(6):
            command.run("simulate", "-o", source, "--force", "--quiet", "--raters", 120, "--items",
                        200, "--items-per-rater", 60, "--attribute", "gender=Woman,Man",
                        "--attribute", "age=GenZ,GenX,Boomer", "--seed", 100 + seed)
            _, fit = grow(source, self.path.with_suffix(".null10.h5"), "--times", 2)
            found += len(fit["questions"][0]["effects"])
            self.assertLess(abs(fit["questions"][0]["agreement"] - 0.35), 0.08)
            self.assertLess(abs(fit["questions"][0]["leniency"] - 0.1), 0.06)
        self.assertLessEqual(found, 1)  # of 66 groups, each beyond 3 standard errors

    def null_pools(self, seeds, source_words, axes, permutations):
        """Pools of null studies: of their groups, how many have p under 0.05; how many have a group
        of q under 0.05; and means over studies of the groups' GAI, of how far IRR and XRR are from
        the source's, and of the fits."""
        source, pool = (self.path.with_suffix(f".sparse{i}.h5") for i in (1, 10))
        low, groups, marked, values = 0, 0, 0, []
        for seed in seeds:
            command.run("simulate", "-o", source, "--force", "--quiet", "--format", "none",
                        *source_words, *CROSSED, "--leniency", 0.3, "--seed", seed)
            _, fit = grow(source, pool, "--seed", seed, "--format", "none")
            mean = []
            for study, n in ((source, 0), (pool, permutations)):
                results = f"{study}.r"
                command.run("gai", study, "-o", results, "--force", "--quiet", "--permutations", n,
                            *axes)
                table = command.report(results)
                mean.append({s: np.mean([r["estimate"] for r in table if r["statistic"] == s])
                             for s in ("irr", "xrr", "gai")})
            gai = [r for r in table if r["statistic"] == "gai"]
            low += sum(r["p"] < 0.05 for r in gai)
            groups += len(gai)
            marked += min(r["q_bh"] for r in gai) < 0.05
            values.append((mean[1]["gai"], mean[1]["irr"] - mean[0]["irr"],
                           mean[1]["xrr"] - mean[0]["xrr"], fit["questions"][0]["agreement"],
                           fit["questions"][0]["leniency"]))
        error = np.std(values, axis=0, ddof=1) / len(seeds) ** 0.5
        return low, groups, marked, np.mean(values, axis=0), error

    def check_null(self, seeds, *words):
        """By Benjamini and Hochberg a null pool has any group of q under 0.05 with chance 0.05, and
        each group p under 0.05; more than so many have with a chance under 0.005. XRR, where
        raters' leniency does not count (that of few raters lowers IRR), is that of the source, and
        what was fitted is the truth, the mean of all within 4 standard errors."""
        low, groups, marked, mean, error = self.null_pools(seeds, *words)
        self.assertLessEqual(marked, int(binom.isf(0.005, len(seeds), 0.05)))
        self.assertLessEqual(low, int(binom.isf(0.005, groups, 0.05)))
        self.assertLess(abs(mean[0] - 1), 0.03)
        self.assertLess(abs(mean[1]), 0.025)
        for found, truth, off in zip(mean[2:], (0, 0.35, 0.3), error[2:]):
            self.assertLess(abs(found - truth), 4 * off)

    def test_pools_of_null_studies_are_null(self):
        """Thirty cells of twenty raters, which rated an item once on average: the raters who stand
        for one would be the only ones to agree inside a cell, if they had its leniency in common;
        and had they its items, a fifth of the groups would have p under 0.05."""
        self.check_null(range(300, 310), ["--raters", 600, "--items", 400, "--items-per-rater", 20],
                        ["--by", "gender,age,place"], 1999)

    def test_pools_of_two_raters_a_cell_are_null(self):
        """Were their chance strictness that of the twenty who stand for them, half of the groups
        would be marked, and half of b^2 would be gone. Were it taken for as far from usual as a
        normal value is, when two very strict raters are found to see little of what all see, six
        of these pools had marks."""
        self.check_null(range(2007, 2028), ["--raters", 60, "--items", 150, "--items-per-rater", 40,
                                            "--question", "harm=10,20,40,20,10"],
                        ["--by", "gender", "--by", "age", "--by", "place"], 199)

    def severity_kept(self, group, *words):
        """A group rates 0.4 lower: its raters' mean rating less that of all others, in the pool,
        is that of the study times what the evidence says, to within the study's standard error."""
        source, pool = (self.path.with_suffix(f".severe{i}.h5") for i in (1, 10))
        for seed in range(100, 103):
            command.run("simulate", "-o", source, "--force", "--quiet", "--format", "none",
                        "--effect", f"{group}: severity -0.4", "--raters", 600, "--items", 400,
                        "--items-per-rater", 20, *words, "--seed", seed)
            _, fit = grow(source, pool, "--seed", seed, "--format", "none")
            found = []
            for study in map(command.read_study, (source, pool)):
                has = np.ones(len(study.raters), bool)
                for name, value in (text.split("=") for text in group.split(",")):
                    attribute = study.rater_attributes[name]
                    has &= attribute.codes == attribute.categories.index(value)
                q = study.questions[0]
                mean = np.bincount(q.rater, q.code) / np.bincount(q.rater)
                found.append((mean[has].mean() - mean[~has].mean(),
                              (mean[has].var() / has.sum() + mean[~has].var() / (~has).sum()) ** .5))
            (before, error), (after, _) = found
            severity = fit["questions"][0]["severity"]
            self.assertEqual([p.get("group", p.get("attributes")) for p in severity[:1]],
                             [group if "," in group else group.split("=", maxsplit=1)[0]])
            factor = 1 - severity[0]["standard_errors"] ** -2
            self.assertGreater(factor, 0.9)
            self.assertLess(abs(after - factor * before), error, (group, seed))

    def test_severity_of_an_attribute_is_kept(self):
        """With 300 raters behind it, in 300 cells of two."""
        self.severity_kept("gender=Man", *CROSSED, "--attribute", "group=0,1,2,3,4,5,6,7,8,9",
                           "--leniency", 0.3)

    def test_severity_of_an_intersection_is_kept(self):
        self.severity_kept("gender=Man,age=GenX", *CROSSED[:4])

    def test_seeds(self):
        one, _ = grow(self.source, self.path.with_suffix(".a.h5"), "--times", 2, "--seed", 5)
        again, _ = grow(self.source, self.path.with_suffix(".b.h5"), "--times", 2, "--seed", 5)
        other, _ = grow(self.source, self.path.with_suffix(".c.h5"), "--times", 2, "--seed", 6)
        np.testing.assert_array_equal(one.questions[0].code, again.questions[0].code)
        self.assertFalse(np.array_equal(one.questions[0].code, other.questions[0].code))


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main()
