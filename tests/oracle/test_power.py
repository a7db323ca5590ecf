"""dissensus power: against a simulation and a permutation test of our own, in numpy."""

import csv
import functools
import io
import json
import pathlib
import tempfile
import unittest

import numpy as np
from scipy.stats import norm

from oracle import command
from test_simulate import expected_alpha

AGREEMENT, LENIENCY = 0.35, 0.1


def points(*arguments):
    text = command.run("power", "--format", "csv", "--quiet", *arguments)
    return [{key: value if key in ("group", "added") else float(value or "nan") for key, value in row.items()}
            for row in csv.DictReader(io.StringIO(text))]


@functools.cache  # two tests look at the same grids
def report(*arguments):
    return json.loads(command.run("power", "--format", "json", "--quiet", *arguments))


# --- brute force: everybody rates everything, interval distances -------------------------------


def ratings(rng, raters, items, cohesion, levels):
    """[raters, items] values; the first half are the group, whose view has this cohesion."""
    group = np.arange(raters) < raters // 2
    view = np.sqrt(cohesion * AGREEMENT) * group
    noise = np.sqrt(1 - AGREEMENT - LENIENCY - view ** 2)
    y = (np.sqrt(AGREEMENT) * rng.normal(size=items)[None, :] +
         view[:, None] * rng.normal(size=items)[None, :] +
         np.sqrt(LENIENCY) * rng.normal(size=raters)[:, None] +
         noise[:, None] * rng.normal(size=(raters, items)))
    return np.digitize(y, norm.ppf(np.arange(1, levels) / levels)).astype(float)


def gai(x, members):
    """IRR / XRR of each row of members [B, raters], complete ratings, squared differences."""
    inside, outside = members.astype(float), 1.0 - members
    n, m, items = inside.sum(1)[:, None], outside.sum(1)[:, None], x.shape[1]
    sums, squares = inside @ x, inside @ x ** 2
    other, others_squares = outside @ x, outside @ x ** 2
    observed = np.sum(2 * n * (squares - sums ** 2 / n) / (n - 1), 1) / (n[:, 0] * items)
    total = n[:, 0] * items
    expected = 2 * (squares.sum(1) - sums.sum(1) ** 2 / total) / (total - 1)
    irr = 1 - observed / expected
    across = m * squares + n * others_squares - 2 * sums * other
    seen = np.sum((n + m) / (n * m) * across, 1) / ((n + m)[:, 0] * items)
    r, s = n[:, 0] * items, m[:, 0] * items
    chance = (s * squares.sum(1) + r * others_squares.sum(1) -
              2 * sums.sum(1) * other.sum(1)) / (r * s)
    xrr = 1 - seen / chance
    return np.where(xrr > 0, irr / np.where(xrr > 0, xrr, 1), np.nan)


def brute_force(seed, studies, permutations, raters, items, cohesion, levels, alpha=0.05):
    rng = np.random.default_rng(seed)
    found = 0
    for _ in range(studies):
        x = ratings(rng, raters, items, cohesion, levels)
        members = np.array([np.arange(raters) < raters // 2] +
                           [rng.permutation(raters) < raters // 2 for _ in range(permutations)])
        values = gai(x, members)
        if np.isnan(values[0]):
            continue
        up = np.sum((values[1:] >= values[0]) | np.isnan(values[1:]))
        down = np.sum((values[1:] <= values[0]) | np.isnan(values[1:]))
        p = 2 * (min(up, down) + 1) / (permutations + 1)
        found += p < alpha
    return found


class BruteForce(unittest.TestCase):
    STUDIES = 400

    def test_powers_agree(self):
        """At three points, within 3.5 standard errors of the two Monte Carlo runs together."""
        levels = 5
        for number, (half, items, target) in enumerate(((8, 30, 1.3), (12, 40, 1.3),
                                                        (10, 25, 1.6))):
            rows = points("--raters-per-group", half, "--items", items, "--gai", target,
                          "--attribute", "g=a,b", "--question", "x:interval=1,1,1,1,1",
                          "--studies", self.STUDIES, "--permutations", 199, "--seed", 7,
                          "--power", 0.9999)  # no points between, of which none is compared
            row = next(r for r in rows if r["gai"] == target)
            found = brute_force(number, self.STUDIES, 199, 2 * half, items, row["cohesion"], levels)
            share = (found + row["found"]) / (2 * self.STUDIES)
            error = np.sqrt(share * (1 - share) * 2 / self.STUDIES)
            self.assertLess(abs(row["power"] - found / self.STUDIES), 3.5 * error,
                            (half, items, target, row["power"], found))
            self.assertTrue(0.1 < share < 0.95, share)  # there was something to compare

    def test_false_positives_are_alpha(self):
        rows = points("--raters-per-group", "6,15", "--items", 20, "--gai", 1, "--attribute",
                      "g=a,b,c", "--studies", 1000, "--permutations", 99, "--seed", 2)
        self.assertEqual([r["gai"] for r in rows], [1, 1])
        for row in rows:
            self.assertEqual(row["cohesion"], 0)
            self.assertLess(abs(row["power"] - 0.05), 3.5 * np.sqrt(0.05 * 0.95 / 1000))
            self.assertTrue(row["power_low"] < row["power"] < row["power_high"])

    def test_gai_is_calibrated(self):
        """The cohesion of each GAI is the one that scipy's normal distribution asks for."""
        for scale in ("nominal", "ordinal", "interval"):
            rows = points("--raters-per-group", 4, "--items", 5, "--gai", "0.7,1.2,1.8",
                          "--attribute", "g=a,b", "--question", f"x:{scale}=1,3,2", "--studies", 1,
                          "--permutations", 99)
            for row in rows:
                own = 1 + row["cohesion"]
                shared = AGREEMENT * (own if own >= 1 else own ** 2)
                across = AGREEMENT * min(own, 1)
                expected = (expected_alpha((1, 3, 2), shared, scale) /
                            expected_alpha((1, 3, 2), across, scale))
                self.assertLess(abs(expected - row["gai"]), 2e-4, (scale, row))

    def test_threads_and_seeds(self):
        words = ["--raters-per-group", 10, "--gai", 1.5, "--items", 20, "--attribute", "g=a,b",
                 "--studies", 30, "--permutations", 199]
        one = points(*words, "--threads", 1)
        self.assertEqual(one, points(*words, "--threads", 3))
        self.assertNotEqual([r["mean_gai"] for r in one],
                            [r["mean_gai"] for r in points(*words, "--seed", 2)])


# --- what is needed ----------------------------------------------------------------------------


def isotonic(values):
    """Blocks of (mean, how many) that do not fall."""
    blocks = []
    for value in values:
        blocks.append((value, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, n), (b, m) = blocks[-2:]
            blocks[-2:] = [((a * n + b * m) / (n + m), n + m)]
    return np.repeat([b[0] for b in blocks], [b[1] for b in blocks])


def the_need(found, along, **where):
    return next(n for n in found["needs"] if n["along"] == along and
                all(n[key] == value for key, value in where.items()))


class Needs(unittest.TestCase):
    ALONG_GAI = ["--raters-per-group", 20, "--items", 30, "--attribute", "g=a,b"]
    ALONG_RATERS = ["--gai", 1.3, "--items", 20, "--attribute", "g=a,b"]
    ALONG_RATINGS = ["--gai", 1.5, "--raters-per-group", 16, "--items", 30, "--attribute", "g=a,b"]
    FEW = ["--studies", 200, "--permutations", 199]

    def test_grid(self):
        found = report("--raters-per-group", "30,6,12", "--gai", "1.3,1.8", "--items", 60,
                       "--items-per-rater", 30, "--attribute", "gender=Woman,Man", "--studies", 60,
                       "--permutations", 99)
        grid = [p for p in found["points"] if not p["added"]]
        self.assertEqual([(p["raters_per_group"], p["gai"]) for p in grid],
                         [(n, g) for n in (6, 12, 30) for g in (1, 1.3, 1.8)])
        self.assertEqual([p["ratings_per_item"] for p in grid][::3], [6, 12, 30])
        everywhere = [(p["ratings_per_item"], p["raters_per_group"], p["gai"])
                      for p in found["points"]]
        self.assertEqual(everywhere, sorted(everywhere))
        self.assertEqual({p["added"] for p in found["points"]}, {None, "raters_per_group", "gai"})
        for point in found["points"]:
            if point["added"] == "gai":
                self.assertIn(point["raters_per_group"], (6, 12, 30))
            elif point["added"]:
                self.assertIn(point["gai"], (1.3, 1.8))

    def check_line(self, found, along, need, line):
        """The need by hand from the line's points, which are close where it lies."""
        x = np.array([p[along] for p in line])
        power, low, high = (isotonic(values) for values in
                            ([p["power"] for p in line],
                             *zip(*(p["power_interval"] for p in line))))
        below, surely, reached = (int(np.sum(v < 0.8)) for v in (power, high, low))
        share = (0.8 - power[below - 1]) / (power[below] - power[below - 1])
        by_hand = np.exp((1 - share) * np.log(x[below - 1]) + share * np.log(x[below]))
        self.assertEqual(need["needed"]["is"], "about")
        self.assertAlmostEqual(need["needed"]["value"], by_hand, places=9)
        self.assertEqual(need["low"], {"is": "about", "value": x[surely - 1]})
        self.assertEqual(need["high"], {"is": "about", "value": x[reached]})
        width = [np.diff(p["power_interval"])[0] for p in line]
        for i in range(surely - 1, reached):
            close = power[i + 1] - power[i] <= max(width[i:i + 2]) / 2
            self.assertTrue(close or (along != "gai" and x[i + 1] - x[i] == 1), (along, x[i:i + 2]))

    def test_needs_follow_from_points(self):
        for along, words in (("gai", [*self.ALONG_GAI, "--gai", "1.05,1.5"]),
                             ("raters_per_group",
                              [*self.ALONG_RATERS, "--raters-per-group", "5,60"]),
                             ("ratings_per_item",
                              [*self.ALONG_RATINGS, "--ratings-per-item", "4,32"])):
            found = report(*words, *self.FEW)
            need = next(n for n in found["needs"] if n["along"] == along)
            line = [p for p in found["points"] if p["added"] in (None, along) and
                    (along == "gai" or p["gai"] == need["gai"])]
            self.assertGreater(sum(p["added"] is not None for p in line), 3)
            self.check_line(found, along, need, line)

    def test_a_coarse_grid_agrees_with_a_fine_one(self):
        """Of the same studies: what one says is needed lies within what the other leaves open."""
        for along, words, coarse, fine in (
                ("gai", [*self.ALONG_GAI, "--gai"], "1.05,1.5", "1.2,1.23,1.26,1.29,1.32,1.35"),
                ("raters_per_group", [*self.ALONG_RATERS, "--raters-per-group"], "5,60",
                 "15,20,25,30,35"),
                ("ratings_per_item", [*self.ALONG_RATINGS, "--ratings-per-item"], "4,32",
                 "10,13,16,19,22")):
            one, other = (next(n for n in report(*words, grid, *self.FEW)["needs"]
                               if n["along"] == along) for grid in (coarse, fine))
            self.assertEqual(other["needed"]["is"], "about", (along, one, other))
            for a, b in ((one, other), (other, one)):
                self.assertLess(a["low"]["value"], b["needed"]["value"], (along, one, other))
                self.assertGreater(a["high"]["value"], b["needed"]["value"], (along, one, other))

    def test_brute_force_has_the_power_there(self):
        """Of a grid of two points: at what is needed 80%, at its ends less and more."""
        question = ["--question", "x:interval=1,1,1,1,1"]
        tests, studies = 400, 300
        test = ["--studies", studies, "--permutations", 199, "--seed", 5]
        error = 3.5 * np.sqrt(0.16 * (1 / tests + 1 / studies))

        found = report(*self.ALONG_GAI, "--gai", 1.5, *question, *test)
        need = the_need(found, "gai")
        gais, cohesions = zip(*((p["gai"], p["cohesion"]) for p in found["points"]))
        power = {end: brute_force(8, tests, 199, 40, 30,
                                  np.interp(need[end]["value"], gais, cohesions), 5) / tests
                 for end in ("low", "needed", "high")}
        self.assertLess(abs(power["needed"] - 0.8), error, power)
        self.assertTrue(power["low"] < 0.8 < power["high"], power)

        found = report(*self.ALONG_RATERS, "--raters-per-group", "5,60", *question, *test)
        need = the_need(found, "raters_per_group")
        cohesion = next(p["cohesion"] for p in found["points"] if p["gai"] == 1.3)
        power = {end: brute_force(9, tests, 199, 2 * int(np.ceil(need[end]["value"])), 20, cohesion,
                                  5) / tests for end in ("low", "needed", "high")}
        self.assertLess(abs(power["needed"] - 0.8), error, power)
        self.assertTrue(power["low"] < 0.8 < power["high"], power)


class OfStudy(unittest.TestCase):
    def test_reverse_agrees_with_forward(self):
        """A study of the forward design, and the GAI that it could have found."""
        with tempfile.TemporaryDirectory() as folder:
            study = pathlib.Path(folder) / "study.h5"
            # Three levels: the CPU backend then has few states of an item to prepare for each study.
            levels = ["--question", "x=1,1,1"]
            command.run("simulate", "-o", study, "--quiet", "--raters", 40, "--items", 300,
                        "--items-per-rater", 75, "--attribute", "g=a,b", "--seed", 11, *levels)
            studies = 150
            test = ["--gai", "1.1,1.25,1.5", "--studies", studies, "--permutations", 99]
            back = report("--study", study, "--by", "g", *test)
            agreement, leniency = (back["provenance"][k] for k in ("agreement", "leniency"))
            self.assertLess(abs(float(agreement) - AGREEMENT), 0.06)
            there = report("--raters-per-group", 20, "--items", 300, "--items-per-rater", 75,
                           "--attribute", "g=a,b", "--agreement", agreement, "--leniency", leniency,
                           *levels, *test)
        forward = {p["gai"]: p for p in there["points"]}
        compared = 0
        for point in back["points"]:
            self.assertEqual(point["raters_per_group"], 20)
            if point["added"]:  # where its own power reaches 80%
                continue
            share = (point["power"] + forward[point["gai"]]["power"]) / 2
            error = np.sqrt(max(share * (1 - share), 0.01) * 2 / studies)
            self.assertLess(abs(point["power"] - forward[point["gai"]]["power"]), 4 * error, point)
            compared += 0.1 < share < 0.9
        self.assertGreaterEqual(compared, 2)
        least = {n["group"]: n["needed"]["value"] for n in back["needs"]}
        ahead = next(n["needed"]["value"] for n in there["needs"] if n["along"] == "gai")
        self.assertEqual(set(least), {"g=a", "g=b"})
        for value in least.values():
            self.assertLess(abs(value - ahead), 0.08)

    def test_groups_are_those_of_gai(self):
        """Their order too, whoever comes first in the table; all women of Z, who are all of Z."""
        rng = np.random.default_rng(3)
        people = [("Woman", "Y"), ("Man", "X"), ("Woman", "X"), ("Woman", "Z"), ("Man", "Y"),
                  ("", "X"), ("Man", "W")]
        item = rng.normal(size=40)
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            with open(folder / "r.csv", "w", encoding="utf-8") as file:
                print("r,i,gender,age,q", file=file)
                for r in range(40):
                    gender, age = people[0 if r < 2 else 6 if r == 39 else 1 + r % 5]
                    level = np.clip(np.rint(3 + item + rng.normal(size=40)), 1, 5)
                    for i in range(40):
                        print(f"r{r},i{i},{gender},{age},{level[i]:.0f}", file=file)
            command.run("import", folder / "r.csv", "-o", folder / "s.h5", "--quiet", "--rater", "r",
                        "--item", "i", "--rating", "q:ordinal", "--rater-attr", "gender,age")
            for axis in ("gender", "age", "age,gender", "gender,age"):
                command.run("gai", folder / "s.h5", "-o", folder / "g.h5", "--force", "--quiet",
                            "--permutations", 0, "--by", axis)
                wanted = [(row["group"], row["raters"]) for row in command.report(folder / "g.h5")
                          if row["statistic"] == "gai" and row["raters"] >= 2]
                found = points("--study", folder / "s.h5", "--by", axis, "--gai", "1.5",
                               "--studies", 2, "--permutations", 49)
                groups = [" * ".join(v.split("=")[1] for v in row["group"].split(","))
                          for row in found if row["gai"] == 1.5]
                raters = [row["raters_per_group"] for row in found if row["gai"] == 1.5]
                self.assertEqual(list(zip(groups, raters)), wanted, axis)
                self.assertGreaterEqual(len(wanted), 2)
            self.assertIn(("Woman * Z", 8), wanted)


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main()
