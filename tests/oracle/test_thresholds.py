"""Thresholds of a fitted study's cells, and the leniency beside them, redone from docs/simulate.md with numpy and scipy."""

import csv
import itertools
import json
import pathlib
import tempfile
import unittest

import numpy as np
from scipy.optimize import brentq
from scipy.stats import f as f_distribution
from scipy.stats import norm

from oracle import command

VALUES = {"a": ("m", "w"), "b": ("1", "2", "3"), "c": ("p", "q", "r", "s")}
THRESHOLDS = np.array([-1.1, -0.3, 0.5, 1.2])


def write_study(path, rng, severity, spread):
    """A CSV of 240 raters of 90 items: severity and spread of thresholds by profile."""
    raters, items = 240, 90
    profile = {name: rng.integers(len(v), size=raters) for name, v in VALUES.items()}
    unknown = rng.random(raters) < 0.05
    item = rng.normal(size=items)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("rater", "item", *VALUES, "harm"))
        for r in range(raters):
            who = {name: VALUES[name][profile[name][r]] for name in VALUES}
            shift, own = severity(who), rng.normal() * 0.4
            if unknown[r]:
                who["b"] = ""
            for u in rng.choice(items, rng.integers(8, 40), replace=False):
                y = 0.6 * item[u] + own + 0.69 * rng.normal() + shift
                level = 1 + np.sum(y >= THRESHOLDS * spread(who))
                writer.writerow((r, u, *who.values(), level))


class Redone:
    """What the fit should say of one question's thresholds."""

    def __init__(self, study, question, depth):
        self.names = tuple(study.rater_attributes)
        codes = np.array([study.rater_attributes[n].codes for n in self.names]).T
        self.labels = [study.rater_attributes[n].categories for n in self.names]
        self.profiles, self.cell = np.unique(codes, axis=0, return_inverse=True)
        self.cell = self.cell.ravel()
        self.depth = depth
        self.axes = [axis for n in range(1, depth + 1)
                     for axis in itertools.combinations(range(len(self.names)), n)]
        levels = len(question.labels)
        self.counts = np.zeros((len(codes), levels))
        np.add.at(self.counts, (question.rater, question.code), 1)
        self.shares = self.counts.sum(axis=0) / self.counts.sum()
        self.below = np.cumsum(self.shares)[:-1]
        self.all = norm.ppf(self.below)
        weight = norm.pdf(self.all) ** 2 / (self.below * (1 - self.below))
        self.weight = weight / weight.sum()
        worth = ((np.arange(levels)[:, None] <= np.arange(levels - 1)) - self.below) / norm.pdf(
            self.all)
        self.severity_worth = -(worth @ self.weight)[:, None]
        self.use_worth = (worth + self.severity_worth) * np.sqrt(self.weight)
        self.by_cell = np.array([self.counts[self.cell == g].sum(axis=0)
                                 for g in range(len(self.profiles))])

    def chance(self, worth):
        """Variance of cells' means, degrees of freedom and effective columns."""
        n = self.counts.sum(axis=1)
        mean = self.counts @ worth / n[:, None]
        total = np.bincount(self.cell, n)
        center = np.array([np.average(mean[self.cell == g], axis=0, weights=n[self.cell == g])
                           for g in range(len(total))])
        off = mean - center[self.cell]
        products = (n[:, None] * off).T @ off
        within = np.sum(self.counts @ worth ** 2) - np.sum(n[:, None] * mean ** 2)
        freedom = len(n) - len(total)
        of_ratings = within / (n.sum() - len(n))
        of_raters = max(0.0, (np.trace(products) - freedom * of_ratings) /
                        (n.sum() - np.sum(np.bincount(self.cell, n ** 2) / total)))
        variance = of_raters * np.bincount(self.cell, n ** 2) / total ** 2 + of_ratings / total
        return variance, freedom, np.trace(products) ** 2 / np.sum(products ** 2)

    def sides(self, part):
        """Each cell's side, -1 for none, how many groups the axis has, and whether it is alone."""
        if "attributes" in part:
            at = [self.names.index(n) for n in part["attributes"].split(",")]
            if len(at) > self.depth:  # the cells, also those of unknown values
                return np.arange(len(self.profiles)), False
            known = np.all(self.profiles[:, at] >= 0, axis=1)
            side = np.unique(self.profiles[:, at], axis=0, return_inverse=True)[1].ravel()
            return np.where(known, side, -1), False
        has = np.ones(len(self.profiles), bool)
        for text in part["group"].split(","):
            name, value = text.split("=")
            at = self.names.index(name)
            has &= self.profiles[:, at] == self.labels[at].index(value)
        return np.where(has, 0, 1), True

    @staticmethod
    def expected(prior, variance, values):
        """Best linear unbiased prediction, and the mean."""
        inverse = np.linalg.inv(prior + np.diag(variance))
        mean = inverse.sum(axis=0) @ values / inverse.sum()
        return prior @ inverse @ (values - mean), mean

    def kept(self, prior, variance, values, parts):
        expected, mean = self.expected(prior, variance, values)
        return expected + mean if parts else np.zeros_like(values)

    def evidence(self, left, variance, freedom, effective, side, alone):
        """Standard errors by the F distribution itself, before any correction, and the variance."""
        used = side >= 0
        names = np.unique(side[used])
        weight = np.array([np.sum(1 / variance[side == s]) for s in names])
        mean = np.array([np.average(left[side == s], axis=0, weights=1 / variance[side == s])
                         for s in names])
        center = np.average(mean, axis=0, weights=weight)
        q, above = np.sum(weight[:, None] * (mean - center) ** 2), len(names) - 1
        spread = weight.sum() - np.sum(weight ** 2) / weight.sum()
        p = f_distribution.sf(q / above, above * effective, freedom * effective)
        return norm.isf(p), (q - above) / spread * (2 if alone else 1)

    def follow(self, parts, worth, means, check):
        """C of the parts, each held against what those before it leave over."""
        variance, freedom, effective = self.chance(worth)
        prior = np.zeros((len(means), len(means)))
        for part in [*parts, None]:
            kept, mean = self.expected(prior, variance, means)
            left = means - mean - kept
            if part is None:
                break
            side, alone = self.sides(part)
            check(part, *self.evidence(left, variance, freedom, effective, side, alone))
            same = (side[:, None] == side) & (side[:, None] >= 0)
            prior += part["variance"] * (same & (side[:, None] == 0) if alone else same)
        surest = max(self.evidence(left, variance, freedom, effective, self.sides(part)[0], False)[0]
                     for part in ({"attributes": ",".join(self.names[i] for i in axis)}
                                  for axis in self.axes))
        return prior, variance, surest

    def severity_of(self, worth):
        return brentq(lambda m: -np.sum(self.weight * (norm.cdf(self.all - m) - self.below) /
                                        norm.pdf(self.all)) - worth, -6, 6, xtol=1e-13)

    def thresholds(self, severity, use):
        moved = self.all - severity[:, None] + use / np.sqrt(self.weight)
        n = self.by_cell.sum(axis=1)
        for c in range(len(self.all)):
            moved[:, c] += brentq(lambda a, c=c: np.average(norm.cdf(moved[:, c] + a), weights=n) -
                                  self.below[c], -3, 3, xtol=1e-13)
        return moved

    def leniency(self, question, thresholds, prior, variance):
        """Mean product of a rater's differences from the others of two items, on the scale of
        latent values, and what the kept severities hold of chance."""
        edges = np.pad(thresholds, ((0, 0), (1, 1)), constant_values=((0, 0), (-np.inf, np.inf)))
        density = norm.pdf(edges)
        score = -np.diff(density, axis=1) / np.diff(norm.cdf(edges), axis=1)
        own = -np.sum(score * np.diff(density, axis=1), axis=1)  # the scores' variances
        z = score[self.cell[question.rater], question.code]
        n, total = np.bincount(question.item), np.bincount(question.item, z)
        off = z - (total[question.item] - z) / (n[question.item] - 1)
        many = np.bincount(question.rater)
        pairs = np.sum(many * (many - 1))
        products = np.sum(np.bincount(question.rater, off) ** 2) - np.sum(off ** 2)
        inverse = np.linalg.inv(prior + np.diag(variance))
        center = np.eye(len(inverse)) - inverse.sum(axis=0) / inverse.sum()
        taken = np.diag(prior @ inverse @ center) * variance
        return (products / pairs / np.mean(own[self.cell]) ** 2 +
                np.sum(many * (many - 1) * taken[self.cell]) / pairs)


class Thresholds(unittest.TestCase):
    def check_part(self, part, sure, variance):
        """But for Paulson's approximation, which is close where it decides, and for Bonferroni's
        correction of groups alone."""
        self.assertLess(abs(part["variance"] - variance), 1e-8 + 1e-6 * variance, part)
        self.assertGreaterEqual(part["standard_errors"], 3)
        if "attributes" in part:
            near = 0.03 if sure < 4 else 0.2
            self.assertLess(abs(part["standard_errors"] - sure), near * sure, part)
        else:
            self.assertLess(part["standard_errors"], sure + 0.05)

    def check_fit(self, folder, depth):
        command.run("import", folder / "in.csv", "-o", folder / "study.h5", "--force", "--quiet",
                    "--rater", "rater", "--item", "item", "--rater-attr", ",".join(VALUES),
                    "--rating", "harm:ordinal")
        command.run("simulate", "--from", folder / "study.h5", "-o", folder / "pool.h5", "--times",
                    1, "--depth", depth, "--force", "--quiet", "--format", "none", "--truth",
                    folder / "fit.json")
        with open(folder / "fit.json", encoding="utf-8") as file:
            fit = json.load(file)["questions"][0]
        study = command.read_study(folder / "study.h5")
        redone = Redone(study, study.questions[0], depth)
        ratings = redone.by_cell.sum(axis=1)[:, None]
        means = redone.by_cell @ redone.severity_worth / ratings
        prior, variance, surest = redone.follow(fit["severity"], redone.severity_worth, means,
                                                self.check_part)
        self.assertLess(surest, 3.2)  # nothing was forgotten
        severity = np.array([redone.severity_of(v) for v in np.clip(
            redone.kept(prior, variance, means, fit["severity"])[:, 0], means.min(), means.max())])
        found = np.array([redone.severity_of(v) for v in means[:, 0]])
        moved = redone.all - found[:, None]
        means = ((np.cumsum(redone.by_cell, axis=1)[:, :-1] / ratings - norm.cdf(moved)) /
                 norm.pdf(redone.all) * np.sqrt(redone.weight))
        use_prior, use_variance, surest = redone.follow(fit["use_of_levels"], redone.use_worth, means,
                                                    self.check_part)
        self.assertLess(surest, 3.2)
        own = redone.by_cell + redone.shares
        own = norm.ppf(np.cumsum(own, axis=1)[:, :-1] / own.sum(axis=1)[:, None])
        use = redone.kept(use_prior, use_variance, (own - moved) * np.sqrt(redone.weight),
                          fit["use_of_levels"])
        thresholds = redone.thresholds(severity, use)
        lenient = redone.leniency(study.questions[0], thresholds, prior, variance)
        self.assertLess(abs(fit["leniency"] - lenient), 1e-8)
        self.assertEqual(len(fit["cells"]), len(redone.profiles))
        np.testing.assert_allclose(fit["thresholds"], redone.all, atol=1e-9)
        for cell in fit["cells"]:
            profile = [redone.labels[i].index(v) if v is not None else -1
                       for i, v in enumerate(cell["profile"][n] for n in redone.names)]
            at = int(np.flatnonzero(np.all(redone.profiles == profile, axis=1))[0])
            self.assertEqual(cell["raters"], np.sum(redone.cell == at))
            self.assertLess(abs(cell["found_severity"] - found[at]), 1e-8)
            self.assertLess(abs(cell["standard_error"] - np.sqrt(variance[at])), 1e-9)
            self.assertLess(abs(cell["severity"] - severity[at]), 1e-8)
            self.assertTrue(np.all(np.diff(cell["thresholds"]) > 0))
            np.testing.assert_allclose(cell["thresholds"], thresholds[at], atol=1e-8)
        return fit

    def test_against_numpy(self):
        """An attribute's severity and another's use of levels, as attributes or as groups; a
        severity of every profile's own; nothing."""
        rng = np.random.default_rng(11)
        own = {key: rng.normal() * 0.6 for key in itertools.product(*VALUES.values())}
        cases = {"one": (lambda who: -0.6 * (who["a"] == "w"),
                         lambda who: 1.7 if who["b"] == "2" else 1.0),
                 "all": (lambda who: own[tuple(who.values())], lambda who: 1.0),
                 "none": (lambda who: 0.0, lambda who: 1.0)}
        with tempfile.TemporaryDirectory() as name:
            folder, fits = pathlib.Path(name), {}
            for depth, (case, (severity, spread)) in itertools.product((2, 3), cases.items()):
                write_study(folder / "in.csv", rng, severity, spread)
                fits[case] = self.check_fit(folder, depth)
                if case == "one":
                    self.assertIn("a", [p.get("attributes") for p in fits[case]["severity"]])
                    self.assertGreater(len(fits[case]["use_of_levels"]), 0)
                if case == "all":
                    self.assertGreater(max(len(p.get("attributes", "")) for p in
                                           fits[case]["severity"]), 1)
                if case == "none":
                    self.assertEqual(fits[case]["severity"], [])


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main()
