"""The oracle's statistics: published values, the package krippendorff, and exact pair counting."""

import itertools
import json
import pathlib
import unittest
from fractions import Fraction

import krippendorff
import numpy as np

from oracle import statistics
from oracle.statistics import Rules

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden"
SCALES = ("nominal", "ordinal", "interval", "ratio")


def load(name):
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def counts_of(table, categories):
    """(items, categories) from rows of raters, None missing."""
    return np.array([[sum(row[u] == c for row in table) for c in categories]
                     for u in range(len(table[0]))], float)


def random_sides(rng, raters, items, size, density):
    """Two sides' ratings as lists of (rater, item, code), and their counts."""
    split = rng.integers(1, raters)
    tables = []
    for count in (split, raters - split):
        codes = rng.integers(0, size, (count, items))
        base = rng.integers(0, size, items)
        codes = np.where(rng.random((count, items)) < 0.5, base, codes)
        codes[rng.random((count, items)) > density] = -1
        tables.append(codes)
    counts = [np.stack([(t == c).sum(0) for c in range(size)], 1).astype(float) for t in tables]
    return tables, counts


def exact_distance(scale, values, n):
    """d(c, k) as a fraction; n: counts of pairable ratings."""
    def d(c, k):
        if scale == "nominal":
            return Fraction(int(c != k))
        if scale == "ordinal":
            low, high = min(c, k), max(c, k)
            between = sum(int(g) for g in n[low:high + 1])
            return (between - Fraction(int(n[c]) + int(n[k]), 2)) ** 2
        v, w = Fraction(values[c]), Fraction(values[k])
        if scale == "interval":
            return (v - w) ** 2
        return Fraction(0) if v + w == 0 else ((v - w) / (v + w)) ** 2
    return d


def exact_alpha(table, scale, values):
    """Alpha from its definition over pairs of ratings, or None."""
    units = [[int(c) for c in column if c >= 0] for column in table.T]
    units = [unit for unit in units if len(unit) >= 2]
    pool = [c for unit in units for c in unit]
    d = exact_distance(scale, values, [pool.count(c) for c in range(len(values))])
    observed = sum(Fraction(1, len(unit) - 1) * d(a, b)
                   for unit in units for a, b in itertools.permutations(unit, 2))
    expected = sum(d(a, b) for a, b in itertools.permutations(pool, 2))
    return None if expected == 0 else 1 - observed * (len(pool) - 1) / expected


def exact_kappa_x(left, right, scale, values):
    """kappa_x from its definition over pairs of ratings, or None."""
    units = [([int(c) for c in a if c >= 0], [int(c) for c in b if c >= 0])
             for a, b in zip(left.T, right.T)]
    units = [(a, b) for a, b in units if a and b]
    xs, ys = [c for a, _ in units for c in a], [c for _, b in units for c in b]
    d = exact_distance(scale, values, [(xs + ys).count(c) for c in range(len(values))])
    if not units:
        return None
    observed = sum(Fraction(len(a) + len(b), len(a) * len(b)) * d(c, k)
                   for a, b in units for c in a for k in b) / (len(xs) + len(ys))
    expected = sum(d(c, k) for c in xs for k in ys) / (len(xs) * len(ys))
    return None if expected == 0 else 1 - observed / expected


def exact_voting(left, right, size, ties):
    """Alpha over the coincidences of split votes, category by category, or None."""
    def votes(column):
        codes = [int(c) for c in column if c >= 0]
        best = max((codes.count(c) for c in range(size)), default=0)
        return [c for c in range(size) if codes and codes.count(c) == best]
    coincidences = {}
    for a, b in zip(left.T, right.T):
        top_a, top_b = votes(a), votes(b)
        if not top_a or not top_b or (ties == "skip" and (len(top_a) > 1 or len(top_b) > 1)):
            continue
        for c, k in itertools.product(top_a, top_b):
            share = Fraction(1, len(top_a) * len(top_b))
            for pair in ((c, k), (k, c)):
                coincidences[pair] = coincidences.get(pair, 0) + share
    n = [sum(v for (c, _), v in coincidences.items() if c == g) for g in range(size)]
    total = sum(n)
    expected = sum(n[c] * n[k] for c in range(size) for k in range(size) if c != k)
    if expected == 0:
        return None
    observed = sum(v for (c, k), v in coincidences.items() if c != k)
    return 1 - (total - 1) * observed / expected


class Golden(unittest.TestCase):
    def check_alpha(self, name):
        golden = load(name)
        categories = sorted({v for row in golden["ratings"] for v in row if v is not None})
        counts = counts_of(golden["ratings"], categories)
        for scale, expected in golden["alpha"].items():
            found = float(statistics.compute(Rules(scale, tuple(categories)), counts,
                                             np.zeros_like(counts))[0]["irr"])
            self.assertFalse(not abs(found - expected) <= golden["tolerance"], (name, scale, found))

    def test_krippendorff_2011(self):
        self.check_alpha("krippendorff_2011.json")

    def test_three_coders(self):
        self.check_alpha("three_coders.json")

    def test_wong_2021(self):
        golden = load("wong_2021.json")
        rules = Rules("nominal", (0, 1))
        for extra in ([], golden["extra_x"]):
            x = np.array([[u.count("A"), u.count("B")] for u in golden["x"] + extra], float)
            y = np.zeros_like(x)
            y[:len(golden["y"])] = [[u.count("A"), u.count("B")] for u in golden["y"]]
            d = statistics.details(rules, x, y)
            xrr = float(statistics.compute(rules, x, y)[0]["xrr"])
            top, bottom = golden["exact_kappa_x"]
            for found, expected, tolerance in (
                    (d.cross_observed_disagreement, golden["observed_disagreement"], 5e-8),
                    (d.cross_expected_disagreement, golden["expected_disagreement"], 5e-8),
                    (xrr, golden["kappa_x"], 5e-8), (xrr, top / bottom, 1e-12)):
                self.assertFalse(not abs(found - expected) <= tolerance, (found, expected))


class AgainstExactPairs(unittest.TestCase):
    def same(self, found, exact, what):
        found = float(found)
        if exact is None:
            self.assertTrue(np.isnan(found), what)
        else:
            self.assertFalse(not abs(found - float(exact)) <= 1e-11, (what, found, float(exact)))

    def test_random_sides(self):
        rng = np.random.default_rng(7)
        compared = undefined = 0
        for trial in range(60):
            size = 2 + trial % 8
            (left, right), (x, y) = random_sides(rng, int(rng.integers(2, 10)),
                                                 int(rng.integers(1, 9)), size,
                                                 rng.uniform(0.2, 1.0))
            values = tuple(int(v) for v in rng.choice(20, size, replace=False))
            for scale in SCALES:
                found, _ = statistics.compute(Rules(scale, values), x, y)
                expected = (exact_alpha(left, scale, values),
                            exact_kappa_x(left, right, scale, values))
                for name, exact in zip(("irr", "xrr"), expected):
                    self.same(found[name], exact, (trial, scale, name))
                    compared, undefined = compared + 1, undefined + (exact is None)
            for ties in ("split", "skip"):
                found = statistics.voting(x, y, ties)[0]
                exact = exact_voting(left, right, size, ties)
                self.same(found, exact, (trial, "voting", ties))
                compared, undefined = compared + 1, undefined + (exact is None)
        print(f"exact pairs: {compared} values compared, {undefined} of them undefined")
        self.assertGreater(compared - undefined, 300)

    def test_common_units_are_own_units_of_the_part_they_share(self):
        rng = np.random.default_rng(8)
        for trial in range(30):
            size = 2 + trial % 4
            _, (x, y) = random_sides(rng, 9, 12, size, 0.5)
            for scale in SCALES:
                values = tuple(range(size))
                common = statistics.compute(Rules(scale, values, "common"), x, y)[0]
                shared = (x.sum(1) >= 2) & (y.sum(1) >= 1)
                own = statistics.compute(Rules(scale, values), x[shared], y[shared])[0]
                for name in ("irr", "xrr", "gai", "difference"):
                    np.testing.assert_allclose(common[name], own[name], rtol=1e-12, atol=1e-12)


class AgainstPackage(unittest.TestCase):
    def test_krippendorff(self):
        rng = np.random.default_rng(9)
        compared = 0
        for trial in range(80):
            size = 2 + trial % 8
            (table, _), (x, y) = random_sides(rng, int(rng.integers(4, 16)),
                                              int(rng.integers(3, 30)), size, rng.uniform(0.4, 1))
            values = np.arange(size) if trial % 2 else np.cumsum(rng.integers(1, 4, size)) - 1
            for scale in SCALES:
                found = float(statistics.compute(Rules(scale, tuple(values)), x, y)[0]["irr"])
                if np.isnan(found):
                    continue
                expected = krippendorff.alpha(value_counts=x.astype(int), value_domain=values,
                                              level_of_measurement=scale)
                self.assertFalse(not abs(found - expected) <= 1e-9, (trial, scale, found, expected))
                compared += 1
        print(f"package krippendorff: {compared} values compared")
        self.assertGreater(compared, 200)


class SmallCases(unittest.TestCase):
    """Cases whose values are seen at a glance."""

    def values(self, x, y, scale="nominal", **options):
        rules = Rules(scale, tuple(range(len(x[0]))), **options)
        x, y = np.array(x, float), np.array(y, float)
        return statistics.compute(rules, x, y)[0], statistics.reasons(rules, x, y)

    def test_entropies(self):
        found, _ = self.values([[2, 0], [1, 1]], [[0, 1], [0, 0]])
        self.assertAlmostEqual(float(found["negentropy"]), np.log(2) / 2, 14)
        self.assertAlmostEqual(float(found["plurality"]), 0.75, 14)
        self.assertAlmostEqual(float(found["cross_negentropy"]), np.log(2) + np.log(0.5 / 2), 14)

    def test_split_votes(self):
        # Votes: A against half A, half B; B against B. Marginals 1.5 and 2.5; disagreement 1 of 4.
        found, _ = self.values([[1, 0], [0, 2]], [[1, 1], [0, 1]])
        self.assertAlmostEqual(float(found["voting"]), 1 - 3 * 1 / (2 * 1.5 * 2.5), 14)

    def test_reasons(self):
        for x, y, name, why, options in (
                ([[1, 0]], [[1, 1]], "irr", "no pairable units", {}),
                ([[2, 0]], [[1, 1]], "irr", "no variation", {}),
                ([[1, 1], [0, 0]], [[0, 0], [1, 1]], "xrr", "no shared units", {}),
                ([[2, 0]], [[1, 0]], "xrr", "no cross variation", {}),
                ([[1, 1], [2, 0]], [[1, 0], [0, 1]], "gai", "xrr not positive", {}),
                ([[0, 0]], [[1, 0]], "plurality", "no ratings", {}),
                ([[1, 1]], [[1, 0]], "voting", "only ties", {"ties": "skip"}),
                ([[1, 0]], [[1, 0]], "voting", "no variation", {}),
                ([[2, 0], [0, 2]], [[1, 0], [0, 1]], "nxrr", "needs complement irr", {}),
                ([[1, 1], [1, 1]], [[2, 0], [0, 2]], "nxrr", "irr product not positive", {})):
            found, reasons = self.values(x, y, **options)
            self.assertEqual(reasons[name], why)
            self.assertTrue(np.isnan(found[name]), name)

    def test_a_reason_stands_exactly_where_a_value_is_missing(self):
        rng = np.random.default_rng(10)
        for trial in range(100):
            _, (x, y) = random_sides(rng, 5, int(rng.integers(1, 5)), 2 + trial % 3, 0.5)
            rules = Rules(SCALES[trial % 4], tuple(range(x.shape[1])),
                          ("own", "common")[trial % 2], ("split", "skip")[trial // 2 % 2])
            found, reasons = statistics.compute(rules, x, y)[0], statistics.reasons(rules, x, y)
            for name in statistics.NAMES:
                self.assertEqual(bool(reasons[name]), bool(np.isnan(found[name])), (trial, name))


if __name__ == "__main__":
    unittest.main(verbosity=1)
