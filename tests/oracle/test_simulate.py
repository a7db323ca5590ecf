"""dissensus simulate: what was asked for is in the study, and nothing else."""

import collections
import csv
import io
import json
import pathlib
import tempfile
import unittest

import h5py
import numpy as np
from scipy.stats import multivariate_normal, norm

from oracle import command

AGREEMENT, LENIENCY = 0.35, 0.1


def simulate(path, *arguments):
    """Runs it; the study and its truth."""
    truth = f"{path}.json"
    command.run("simulate", "-o", path, "--truth", truth, "--force", "--quiet", *arguments)
    with open(truth, encoding="utf-8") as file:
        return command.read_study(path), json.load(file)


def estimates(study, *arguments):
    """(group, statistic) to estimate, of `dissensus gai`."""
    results = f"{study}.results"
    command.run("gai", study, "-o", results, "--force", "--quiet", "--permutations", 0, *arguments)
    return {(row["group"], row["statistic"]): row["estimate"] for row in command.report(results)}


def joint(shares, rho):
    """P(level of one rater, level of another) where latent values have correlation rho."""
    cuts = np.concatenate([[-8], norm.ppf(np.cumsum(shares)[:-1] / np.sum(shares)), [8]])
    both = multivariate_normal([0, 0], [[1, rho], [rho, 1]])
    grid = np.array([[both.cdf([a, b]) for b in cuts] for a in cuts])
    return np.diff(np.diff(grid, axis=0), axis=1)


def expected_alpha(shares, rho, scale):
    """Krippendorff's alpha with endless raters and items, from its definition."""
    p = np.asarray(shares, float) / np.sum(shares)
    n = len(p)
    middle = np.cumsum(p) - p / 2
    place = {"nominal": None, "ordinal": middle, "interval": np.arange(1, n + 1)}[scale]
    if place is None:
        distance = 1 - np.eye(n)
    else:
        distance = (place[:, None] - place[None, :]) ** 2
    return 1 - np.sum(joint(p, rho) * distance) / np.sum(np.outer(p, p) * distance)


def counts(question, which, size):
    return np.bincount(getattr(question, which), minlength=size)


class Shape(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "pool.h5"

    def test_counts_are_those_asked_for(self):
        study, truth = simulate(
            self.path, "--raters", 90, "--items", 40, "--items-per-rater", 15, "--attribute",
            "gender=Woman:2,Man:1", "--attribute", "age=GenZ,GenX,Boomer", "--seed", 3)
        gender = study.rater_attributes["gender"]
        self.assertEqual(gender.categories, ("Woman", "Man"))
        profile = collections.Counter(zip(gender.codes, study.rater_attributes["age"].codes))
        self.assertEqual(profile, {(0, 0): 20, (0, 1): 20, (0, 2): 20,
                                   (1, 0): 10, (1, 1): 10, (1, 2): 10})
        question = study.questions[0]
        self.assertTrue(np.all(counts(question, "rater", 90) == 15))
        items = counts(question, "item", 40)
        self.assertEqual(sorted(set(items)), [33, 34])
        self.assertEqual(len(set(zip(question.rater, question.item))), 90 * 15)
        self.assertEqual(truth["attributes"]["gender"], {"Woman": 60, "Man": 30})

    def test_ratings_an_item(self):
        study, _ = simulate(self.path, "--raters", 31, "--items", 50, "--ratings-per-item", 7,
                            "--attribute", "g=a,b")
        question = study.questions[0]
        self.assertTrue(np.all(counts(question, "item", 50) == 7))
        self.assertLessEqual(np.ptp(counts(question, "rater", 31)), 1)
        self.assertEqual(len(set(zip(question.rater, question.item))), 350)

    def test_batches_share_nothing(self):
        study, _ = simulate(self.path, "--raters", 30, "--items", 22, "--batches", 4,
                            "--attribute", "g=a,b")
        question = study.questions[0]
        raters_of = collections.defaultdict(set)
        for rater, item in zip(question.rater, question.item):
            raters_of[item].add(rater)
        batches = collections.Counter(frozenset(raters) for raters in raters_of.values())
        self.assertEqual(len(raters_of), 22)
        self.assertEqual(sorted(len(b) for b in batches), [7, 7, 8, 8])
        self.assertEqual(sum(len(b) for b in batches), 30)
        self.assertEqual(sorted(batches.values()), [5, 5, 6, 6])

    def test_missing(self):
        study, _ = simulate(self.path, "--raters", 200, "--items", 100, "--missing", 0.3,
                            "--attribute", "g=a,b", "--question", "x=1,1", "--question", "y=1,2,3")
        kept = [np.zeros((200, 100), bool), np.zeros((200, 100), bool)]
        for question, mask in zip(study.questions, kept):
            mask[question.rater, question.item] = True
            self.assertLess(abs(mask.mean() - 0.7), 4 * np.sqrt(0.21 / 20000))
        both = np.mean(kept[0] & kept[1])  # each question on its own
        self.assertLess(abs(both - 0.49), 4 * np.sqrt(0.25 / 20000))

    def test_one_seed_one_study(self):
        words = ["--raters", 40, "--items", 30, "--attribute", "g=a,b", "--missing", 0.1,
                 "--effect", "g=a: cohesion 0.5 severity 0.2"]
        digests = []
        for seed in (1, 1, 2):
            simulate(self.path, *words, "--seed", seed)
            with h5py.File(self.path) as file:
                digests.append(file.attrs["content_sha256"])
        self.assertEqual(digests[0], digests[1])
        self.assertNotEqual(digests[0], digests[2])
        # The same on every machine: nothing in it may depend on the mathematics library.
        self.assertEqual(digests[0], GOLDEN)

    def test_settings_file(self):
        settings = self.path.with_suffix(".conf")
        settings.write_text("# a pool\nraters = 40\nitems 30\nattribute g=a,b\nmissing 0.1\n"
                            "effect = g=a: cohesion 0.5 severity 0.2\nseed = 7\n",
                            encoding="utf-8")
        simulate(self.path, "--settings", settings, "--seed", 1)
        with h5py.File(self.path) as file:
            self.assertEqual(file.attrs["content_sha256"], GOLDEN)
            self.assertEqual(json.loads(file.attrs["import_log"])["missing"], 0.1)


GOLDEN = "fb74223326e781f0799f4402c15dd892fa9642525c48f13ba049f85afc4cdb9a"


class Effects(unittest.TestCase):
    """Large pools, so that what is planted stands out from the draw."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name) / "pool.h5"
        cls.shares = (1, 2, 4, 2, 1)
        cls.study, cls.truth = simulate(
            cls.path, "--raters", 240, "--items", 1500, "--items-per-rater", 400, "--attribute",
            "gender=Woman,Man", "--attribute", "age=GenZ,GenX", "--question",
            "harm=1,2,4,2,1", "--question", "self:interval=1,2,4,2,1", "--question",
            "kind:nominal=1,2,4,2,1", "--effect", "gender=Woman,age=GenZ: cohesion 0.5",
            "--effect", "gender=Man: severity 0.4", "--effect",
            "gender=Man,age=GenX: cohesion -0.4")
        cls.found = {q.name: estimates(cls.path, "--question", q.name, "--by", "gender,age",
                                       "--by", "gender", "--by", "age")
                     for q in cls.study.questions}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_severity(self):
        """Men's shares are those of thresholds that lie 0.4 lower; women's are as asked for."""
        question = self.study.questions[0]
        cuts = norm.ppf(np.cumsum(self.shares)[:-1] / np.sum(self.shares))
        gender = self.study.rater_attributes["gender"].codes[question.rater]
        for code, moved in ((0, 0.0), (1, 0.4)):
            expected = np.diff(np.concatenate([[0], norm.cdf(cuts - moved), [1]]))
            found = np.bincount(question.code[gender == code], minlength=5) / np.sum(gender == code)
            # 1500 items and 120 raters tell a mean latent value to within about 0.04.
            self.assertLess(np.max(np.abs(found - expected)), 4 * 0.04 * 0.4)

    def test_cohesion(self):
        """IRR and XRR of a null group, and of one with a view of its own, as scipy has them."""
        for name, scale in (("harm", "ordinal"), ("self", "interval"), ("kind", "nominal")):
            null = expected_alpha(self.shares, AGREEMENT, scale)
            own = expected_alpha(self.shares, 1.5 * AGREEMENT, scale)
            found = self.found[name]
            self.assertLess(abs(found["Woman * GenX", "irr"] - null), 0.03, name)
            self.assertLess(abs(found["Woman * GenZ", "irr"] - own), 0.03, name)

    def test_gai_has_the_size_planted(self):
        """One group alone with a view of its own, beside others without any effect."""
        path = self.path.with_suffix(".alone.h5")
        simulate(path, "--raters", 400, "--items", 4000, "--items-per-rater", 250, "--attribute",
                 "gender=Woman,Man", "--question", "harm=1,2,4,2,1", "--question",
                 "kind:nominal=1,2,4,2,1", "--effect", "gender=Woman: cohesion 0.5")
        for name, scale in (("harm", "ordinal"), ("kind", "nominal")):
            found = estimates(path, "--question", name)
            expected = (expected_alpha(self.shares, 1.5 * AGREEMENT, scale) /
                        expected_alpha(self.shares, AGREEMENT, scale))
            self.assertLess(abs(found["Woman", "gai"] - expected), 0.1, name)
            self.assertLess(abs(found["Man", "gai"] - 1), 0.06, name)

    def test_incoherence(self):
        loading = 0.6
        own = expected_alpha(self.shares, AGREEMENT * loading ** 2, "interval")
        self.assertLess(abs(self.found["self"]["Man * GenX", "irr"] - own), 0.03)
        self.assertLess(self.found["self"]["Man * GenX", "gai"], 0.75)

    def test_truth_says_all(self):
        effects = {e["effect"]: e for e in self.truth["effects"]}
        self.assertEqual(effects["gender=Woman,age=GenZ: cohesion 0.5"]["raters"], 60)
        self.assertEqual(effects["gender=Woman,age=GenZ: cohesion 0.5"]["cohesion"], 0.5)
        self.assertEqual(effects["gender=Man: severity 0.4"]["severity"], 0.4)
        for cell in self.truth["cells"]:
            whole = cell["shared_variance"] + cell["noise_variance"] + LENIENCY
            self.assertAlmostEqual(whole, 1.0, places=12)

    def test_report(self):
        """What is said of each group is what was planted, and what other commands find."""
        path = self.path.with_suffix(".report.h5")
        words = ["simulate", "-o", path, "--force", "--quiet", "--raters", 80, "--items", 60,
                 "--missing", 0.2, "--attribute", "gender=Woman,Man", "--attribute",
                 "age=GenZ,GenX", "--question", "harm=1,2,4,2,1", "--question", "kind:nominal=1,2",
                 "--effect", "age=GenZ,gender=Woman: cohesion 0.5", "--effect",
                 "gender=Woman,age=GenZ: severity -0.25", "--effect", "gender=Man: severity 0.4"]
        said = json.loads(command.run(*words, "--format", "json"))
        self.assertEqual(said["truth"]["raters"], 80)
        planted = {"Woman * GenZ": (-0.25, 0.5), "Man": (0.4, None)}
        names = ["Woman", "Man", "GenZ", "GenX", "Woman * GenZ"]
        self.assertEqual([(g["question"], g["group"]) for g in said["groups"]],
                         [(q, n) for q in ("harm", "kind") for n in names])
        study = command.read_study(path)
        attributes = study.rater_attributes
        for question in study.questions:
            found = estimates(path, "--question", question.name, "--by", "gender", "--by", "age",
                              "--by", "gender,age")
            for group in said["groups"]:
                if group["question"] != question.name:
                    continue
                name = group["group"]
                self.assertEqual((group["planted_severity"], group["planted_cohesion"]),
                                 planted.get(name, (None, None)))
                for statistic in ("irr", "xrr", "gai"):
                    self.assertEqual(group[statistic], found[name, statistic])
                has = np.ones(80, bool)
                for axis, value in zip(group["axis"].split("*"), name.split(" * ")):
                    has &= attributes[axis].codes == attributes[axis].categories.index(value)
                rated = has[question.rater]
                self.assertEqual((group["raters"], group["ratings"]), (has.sum(), rated.sum()))
                if question.name == "kind":
                    self.assertIsNone(group["mean"])
                else:
                    self.assertAlmostEqual(group["mean"], np.mean(question.code[rated] + 1), 12)
        rows = list(csv.DictReader(io.StringIO(command.run(*words, "--format", "csv"))))
        self.assertEqual(rows, [{key: "" if value is None else value if isinstance(value, str) else
                                 f"{value:.17g}" for key, value in group.items()}
                                for group in said["groups"]])
        table = command.run(*words)
        self.assertIn("harm; agreement 0.35, leniency 0.1\n", table)
        self.assertLessEqual(max(len(line) for line in table.splitlines()), 100)
        self.assertFalse(any(line.endswith(" ") for line in table.splitlines()[-2:]))
        self.assertFalse(any(line.startswith(" ") for line in table.splitlines()[-2:]))
        line = next(line for line in table.splitlines() if "Woman * GenZ" in line).split()
        self.assertEqual(line[3:], ["20", "-0.25"] +
                         [f"{said['groups'][4][s]:.3f}" for s in ("model_mean", "mean")] + ["+0.50"] +
                         [f"{said['groups'][4][s]:.3f}" for s in ("model_irr", "irr", "model_gai", "gai")])
        for kind, sign in (("markdown", "| Woman \\* GenZ | 20 |"), ("latex", "Woman {*} GenZ & 20 &")):
            self.assertIn(sign, command.run(*words, "--format", kind))
        self.assertEqual(command.run(*words, "--format", "none"), "")

    def test_report_has_what_the_model_makes_of_each_group(self):
        """Mean, IRR, XRR and GAI of mixtures of raters, by scipy's two-dimensional normal distribution:
        thresholds, loadings and pairs of raters from the options, not from the truth."""
        path = self.path.with_suffix(".model.h5")
        said = json.loads(command.run(
            "simulate", "-o", path, "--force", "--quiet", "--raters", 24, "--items", 30,
            "--attribute", "gender=Woman:2,Man:1", "--attribute", "age=GenZ,GenX", "--question",
            "harm=1,2,4,2,1", "--question", "self:interval=3,1,2", "--question", "kind:nominal=1,2,3",
            "--effect", "gender=Woman,age=GenZ: cohesion 0.6", "--effect",
            "gender=Man: severity 0.5 cohesion -0.4", "--effect", "age=GenX: severity -0.2", "--format",
            "json"))
        view, severity = {"WZ": 0.6}, {"WZ": 0, "WX": -0.2, "MZ": 0.5, "MX": 0.3}
        raters = {"WZ": 8, "WX": 8, "MZ": 4, "MX": 4}
        loading = {"WZ": 1, "WX": 1, "MZ": 0.6, "MX": 0.6}
        members = {"Woman": "WZ WX", "Man": "MZ MX", "GenZ": "WZ MZ", "GenX": "WX MX", "Woman * GenZ": "WZ"}
        asked = {"harm": ("ordinal", (1, 2, 4, 2, 1)), "self": ("interval", (3, 1, 2)),
                 "kind": ("nominal", (1, 2, 3))}

        def chances(a, b, shares):
            """Of a rater of a with one of b."""
            rho = AGREEMENT * (loading[a] * loading[b] + (view.get(a, 0) if a == b else 0))
            cuts = np.concatenate([[-9], norm.ppf(np.cumsum(shares)[:-1] / np.sum(shares)), [9]])
            both = multivariate_normal([0, 0], [[1, rho], [rho, 1]])
            grid = [[both.cdf([x - severity[a], y - severity[b]]) for y in cuts] for x in cuts]
            return np.diff(np.diff(grid, axis=0), axis=1)

        def agreement(these, those, shares, scale):
            same = these == those
            pairs = {(a, b): raters[a] * (raters[b] - (same and a == b)) for a in these for b in those}
            observed = sum(n * chances(a, b, shares) for (a, b), n in pairs.items())
            p, q = (share(side, shares) for side in (these, those))
            n, m = (sum(raters[a] for a in side) for side in (these, those))
            pooled = (n * p + m * q) / (n + m)
            place = np.cumsum(pooled) - pooled / 2 if scale == "ordinal" else np.arange(len(p))
            distance = (place[:, None] - place) ** 2 if scale != "nominal" else 1 - np.eye(len(p))
            return 1 - np.sum(observed * distance) / sum(pairs.values()) / np.sum(np.outer(p, q) * distance)

        def share(side, shares):
            cuts = norm.ppf(np.cumsum(shares)[:-1] / np.sum(shares))
            return sum(raters[a] * np.diff([0, *norm.cdf(cuts - severity[a]), 1]) for a in side) / sum(
                raters[a] for a in side)

        self.assertEqual(len(said["groups"]), 15)
        for group in said["groups"]:
            scale, shares = asked[group["question"]]
            inside = members[group["group"]].split()
            outside = [a for a in raters if a not in inside]
            irr, xrr = agreement(inside, inside, shares, scale), agreement(inside, outside, shares, scale)
            where = (group["question"], group["group"])
            self.assertAlmostEqual(group["model_irr"], irr, 4, where)  # scipy's integral
            self.assertAlmostEqual(group["model_xrr"], xrr, 4, where)
            self.assertAlmostEqual(group["model_gai"], irr / xrr, 3, where)
            mean = share(inside, shares) @ np.arange(1, len(shares) + 1)
            if scale == "nominal":
                self.assertIsNone(group["model_mean"])
            else:
                self.assertAlmostEqual(group["model_mean"], mean, 8, where)
        for question in said["truth"]["questions"]:
            for group in question["groups"]:
                self.assertAlmostEqual(sum(group["shares"]), 1, 8)

    def test_the_model_is_where_large_pools_come_out(self):
        """Of 300 raters and 3000 items every group's IRR, XRR and mean lie near the model's."""
        said = json.loads(command.run(
            "simulate", "-o", self.path.with_suffix(".large.h5"), "--force", "--quiet", "--raters", 300,
            "--items", 3000, "--items-per-rater", 300, "--attribute", "gender=Woman,Man", "--attribute",
            "age=GenZ,GenX", "--question", "harm=1,2,4,2,1", "--effect",
            "gender=Woman,age=GenZ: cohesion 0.5", "--effect", "gender=Man: severity 0.4", "--format",
            "json"))
        for group in said["groups"]:
            for statistic, far in (("irr", 0.03), ("xrr", 0.03), ("mean", 0.15)):
                self.assertLess(abs(group[statistic] - group[f"model_{statistic}"]), far,
                                (group["group"], statistic))

    def test_gai_where_all_raters_have_effects(self):
        """1 + cohesion is a GAI against raters without effects alone: two effects make another, of which
        the truth has one number a group, that of the model."""
        path = self.path.with_suffix(".both.h5")
        words = ["simulate", "-o", path, "--force", "--quiet", "--raters", 200, "--items", 300,
                 "--attribute", "g=A,B", "--question", "x=1,1,1,1,1", "--effect", "g=A: cohesion 0.4",
                 "--effect", "g=B: cohesion -0.5"]
        said = json.loads(command.run(*words, "--format", "json"))
        for effect in said["truth"]["effects"]:
            self.assertEqual(sorted(effect), ["cohesion", "effect", "raters", "severity"])
        model = {group["group"]: group["gai"] for group in said["truth"]["questions"][0]["groups"]}
        latent = {"g=A": 1.4 / 0.5, "g=B": 0.5 ** 2 / 0.5}
        for group, gai in latent.items():
            self.assertLess(abs(model[group] - gai), 0.1)
        for kind in ("table", "markdown", "html"):
            text = " ".join(command.run(*words, "--format", kind).split())
            self.assertIn("against raters without effects", text, kind)

    def test_too_many_kinds_have_no_model(self):
        """Beyond 4096 kinds times levels the truth says none, and the report has blanks."""
        path = self.path.with_suffix(".many.h5")
        words = ["--attribute", "g=a,b", "--question", f"x={','.join(['1'] * 200)}"]
        for a in range(1, 6):
            words += ["--attribute", f"h{a}=p,q", "--effect", f"h{a}=p: severity 0.1"]
        said = json.loads(command.run("simulate", "-o", path, "--quiet", "--raters", 64, "--items", 10,
                                      *words, "--format", "json"))
        self.assertEqual(said["truth"]["questions"][0]["groups"], [])
        self.assertTrue(all(g["model_gai"] is None and g["gai"] is not None for g in said["groups"]))

    def test_null_pools_find_nothing(self):
        """Without effects, p-values of GAI are uniform: few of 40 are small."""
        small = 0
        for seed in range(20):
            path = self.path.with_suffix(f".{seed}.h5")
            simulate(path, "--raters", 40, "--items", 40, "--attribute", "g=a,b", "--seed", seed)
            command.run("gai", path, "-o", f"{path}.r", "--quiet", "--permutations", 400)
            small += sum(row["p"] < 0.05 for row in command.report(f"{path}.r")
                         if row["statistic"] == "gai" and row["group"] == "a")
        self.assertLessEqual(small, 5)  # of 20; more has a chance of 3e-4

    def test_leniency(self):
        """Raters' means vary by their leniency: more than one without any allows."""
        spread = []
        for leniency in (0, 0.3):
            path = self.path.with_suffix(".lenient.h5")
            study, _ = simulate(path, "--raters", 200, "--items", 200, "--attribute", "g=a,b",
                                "--leniency", leniency, "--question", "x:interval=1,1,1,1,1")
            question = study.questions[0]
            total = np.bincount(question.rater, weights=question.code, minlength=200)
            spread.append(np.std(total / 200))
        self.assertLess(spread[0], 0.13)
        self.assertGreater(spread[1], 0.5)


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main()
