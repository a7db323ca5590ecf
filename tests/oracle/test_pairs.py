"""Random designs through `dissensus pairs`, every number against the oracle's; files as others read
them; the same bytes whatever the memory, threads and product."""

import collections
import csv
import io
import json
import math
import os
import pathlib
import subprocess
import tempfile
import unittest

import h5py
import numpy as np
import xarray

from oracle import analysis, command, model, pairs
from test_designs import DESIGNS, Design

NAMES = ("shared", "agreements", "mean_distance", "kappa", "correlation")


def close(a, b, tolerance=1e-9):
    """Equal up to rounding; NaN equals NaN alone."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return abs(a - b) <= tolerance * max(1.0, abs(a), abs(b))


def arguments(options, question, min_shared):
    """Options of one question as arguments of `dissensus pairs`."""
    words = ["--question", question, "--permutations", options.permutations, "--seed", options.seed,
             "--min-shared", min_shared, "--format", "json"]
    for axis in options.axes:
        words += ["--by", ",".join(axis)]
    for name, values in (options.where or {}).items():
        for value in values:
            words += ["--where", f"{name}={value}"]
    if options.scheme != "free":
        words += ["--scheme", f"{options.scheme}:{options.scheme_attribute}"]
    return words


class Designs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def check_matrices(self, path, found, scale, tally):
        with h5py.File(path, "r") as file:
            for i, name in enumerate(NAMES):
                if name == "correlation" and scale == "nominal":
                    self.assertNotIn(name, file)
                    continue
                stored = file[name][...].astype(float)
                for cell in np.ndindex(stored.shape):
                    self.assertTrue(close(stored[cell], found[i][cell]),
                                    (name, cell, stored[cell], found[i][cell]))
                if i < 2:
                    self.assertTrue((stored == found[i]).all(), name)
                tally["numbers"] += stored.size
                tally["undefined numbers"] += int(np.isnan(stored).sum())

    def check_blocks(self, said, study, axis, found, min_shared, tally):
        groups = dict(model.groups(study, axis))
        self.assertEqual(len(said["blocks"]), len(groups) * (len(groups) + 1) // 2)
        for row in said["blocks"]:
            wanted = pairs.block(found, groups[row["group"]], groups[row["group_2"]], min_shared)
            names = ("pairs", "kappa_pairs", "agreement", "mean_distance", "kappa")
            for name, value in zip(names, wanted):
                number = math.nan if row[name] is None else row[name]
                self.assertTrue(close(number, value), (axis, row, name, value))
            tally["blocks"] += 1

    def check_test(self, said, observed, null, exact, tally):
        value = math.nan if said["value"] is None else said["value"]
        self.assertTrue(close(value, observed), (said, observed))
        if math.isnan(observed):
            self.assertIsNone(said["p"])
            tally["undefined tests"] += 1
            return
        undefined = int(np.isnan(null).sum())
        self.assertEqual(said["undefined"], undefined)
        slack = 1e-9 * max(1.0, abs(observed))
        least = int((null > observed + slack).sum()) + undefined
        most = int((null >= observed - slack).sum()) + undefined
        self.assertTrue(least <= said["ge"] <= most, (said, least, most))
        p = said["ge"] / len(null) if exact else (said["ge"] + 1) / (len(null) + 1)
        self.assertTrue(close(said["p"], p), said)
        defined = null[~np.isnan(null)]
        if len(defined):
            self.assertTrue(close(said["null_mean"], defined.mean(), 1e-7), said)
        tally["tests"] += 1
        tally["tests with ties"] += least < most
        tally["tests of all arrangements"] += exact

    def check_design(self, number, study, question, tally):
        design, min_shared = Design(number), 1 + number % 3
        path = self.folder / f"{number}-{question}.h5"
        said = json.loads(command.run("pairs", self.folder / f"{number}.h5", "-o", path,
                                      *arguments(design.options, question, min_shared)))
        chosen = model.select(study, (question,), design.options.where)
        asked = chosen.questions[0]
        codes = pairs.table(asked, len(chosen.raters), len(chosen.items))
        found = pairs.matrices(codes, asked)
        self.check_matrices(path, found, asked.scale, tally)
        arrangements, exact = analysis.sources(chosen, design.options)
        rows, columns = np.triu_indices(len(codes), 1)
        self.assertEqual(said["pairs"], len(rows))
        self.assertEqual(said["pairs_shared"], int((found[0][rows, columns] > 0).sum()))
        self.assertEqual(said["pairs_counted"], int((found[0][rows, columns] >= min_shared).sum()))
        for of_axis, axis in zip(said["axes"], design.options.axes):
            self.check_blocks(of_axis, chosen, axis, found, min_shared, tally)
            if said["pairs_counted"] == 0:
                self.assertIsNone(of_axis["anosim"]["value"])
                continue
            self.assertEqual(of_axis["all_arrangements"], exact)
            wanted = pairs.tests(found, pairs.labels_of(chosen, axis), arrangements, min_shared)
            self.check_test(of_axis["anosim"], wanted.anosim, wanted.null[:, 0], exact, tally)
            self.check_test(of_axis["permanova"], wanted.permanova, wanted.null[:, 1], exact, tally)

    def test_random_designs(self):
        tally = collections.Counter()
        for number in range(DESIGNS):
            design = Design(number)
            design.write(self.folder / "in.csv")
            command.run("import", self.folder / "in.csv", "-o", self.folder / f"{number}.h5",
                        *design.import_arguments())
            study = command.read_study(self.folder / f"{number}.h5")
            for question in design.options.questions or tuple(design.questions):
                try:
                    self.check_design(number, study, question, tally)
                except RuntimeError as error:  # a filter that leaves this question nothing
                    self.assertIn("no rating", str(error))
                    tally["questions without a rating left"] += 1
        for what, count in sorted(tally.items()):
            print(f"{DESIGNS} random designs: {count} {what}")
        self.assertGreater(tally["numbers"] - tally["undefined numbers"], 20000)
        self.assertGreater(tally["undefined numbers"], 100)
        self.assertGreater(tally["tests"], 100)
        self.assertGreater(tally["tests of all arrangements"], 5)


class Hand(unittest.TestCase):
    """Three raters and numbers that anyone can check."""

    def run_case(self, folder, scale, *words):
        rows = "who,what,score,sex\n" + "".join(
            f"{who},{what},{score},{sex}\n" for who, sex, scores in
            (("a", "f", "1122"), ("b", "f", "1222"), ("c", "m", "21")) for what, score in
            zip("wxyz", scores))
        (folder / "in.csv").write_text(rows, encoding="utf-8")
        command.run("import", folder / "in.csv", "-o", folder / "s.h5", "--force", "--rater", "who",
                    "--item", "what", "--rating", f"score:{scale}", "--rater-attr", "sex",
                    "--quiet")
        return command.run("pairs", folder / "s.h5", "-o", folder / "p.h5", "--force", *words)

    def test_numbers(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            self.run_case(folder, "interval")
            with h5py.File(folder / "p.h5") as file:
                np.testing.assert_array_equal(file["shared"][...],
                                              [[4, 4, 2], [4, 4, 2], [2, 2, 2]])
                np.testing.assert_array_equal(file["agreements"][...],
                                              [[4, 3, 1], [3, 4, 0], [1, 0, 2]])
                np.testing.assert_array_equal(file["mean_distance"][...],
                                              [[0, 1 / 4, 1 / 2], [1 / 4, 0, 1], [1 / 2, 1, 0]])
                # a, b: chance 1/2 (2/4 * 3/4 + 2/4 * 1/4); a gave c's items one level: chance 1/2
                np.testing.assert_array_equal(file["kappa"][...], [[1, .5, 0], [.5, 1, -1],
                                                                   [0, -1, 1]])
                np.testing.assert_allclose(
                    file["correlation"][...],
                    [[1, 1 / math.sqrt(3), np.nan], [1 / math.sqrt(3), 1, -1], [np.nan, -1, 1]],
                    rtol=1e-15)

    def test_groups(self):
        with tempfile.TemporaryDirectory() as name:
            said = self.run_case(pathlib.Path(name), "interval", "--by", "sex", "--format", "csv")
            rows = {(r["group"], r["group_2"], r["statistic"]): r
                    for r in csv.DictReader(io.StringIO(said))}
            self.assertEqual(float(rows["f", "m", "mean_distance"]["value"]), 0.75)
            self.assertEqual(float(rows["f", "f", "agreement"]["value"]), 0.75)
            self.assertEqual(rows["m", "m", "agreement"]["value"], "")
            # ranks 1, 2, 3 of 1/4, 1/2, 1: (2.5 - 1) / 1.5; one of three arrangements is as large
            self.assertEqual(float(rows["", "", "anosim_r"]["value"]), 1)
            self.assertEqual(float(rows["", "", "anosim_r"]["p"]), 1 / 3)
            # SS_T = 2/2 * 7/12, SS_W = 1/2 * 1/4, one degree of freedom each
            self.assertTrue(close(float(rows["", "", "permanova_f"]["value"]),
                                  (7 / 12 - 1 / 8) / (1 / 8), 1e-6))


class Files(unittest.TestCase):
    """A study of several tiles."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        rng = np.random.default_rng(7)
        with open(cls.folder / "in.csv", "w", encoding="utf-8") as file:
            file.write("who,what,kind,score,amount,sex,site\n")
            for r in range(700):
                sex, site = ("f", "m", "NA")[r % 3], "nse"[r % 7 % 3]
                for u in np.flatnonzero(rng.random(90) < 0.15):
                    file.write(f"r{r},i{u},{'abcdefghijk'[rng.integers(11)]},{rng.integers(9)},"
                               f"{rng.integers(1, 9) / 4},{sex},{site}\n")
        command.run("import", cls.folder / "in.csv", "-o", cls.folder / "s.h5", "--rater", "who",
                    "--item", "what", "--rating", "kind", "--rating", "score:interval", "--rating",
                    "amount:ratio", "--rater-attr", "sex,site", "--quiet")

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def make(self, name, *words):
        path = self.folder / name
        done = subprocess.run([command.binary_or_skip(), "pairs", str(self.folder / "s.h5"), "-o",
                               str(path), "--quiet", "--force", "--by", "sex", "--by", "sex,site",
                               "--permutations", "40", *words], check=True, capture_output=True,
                              env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
        self.assertIn(b"ANOSIM", done.stdout)
        self.assertEqual(done.stderr, b"")
        return path.read_bytes()

    def least(self, question):
        """The smallest memory, as the refusal names it."""
        done = subprocess.run([command.binary_or_skip(), "pairs", str(self.folder / "s.h5"), "-o",
                               str(self.folder / "no.h5"), "--question", question, "--by", "sex",
                               "--by", "sex,site", "--memory", "1KiB", "--threads", "1",
                               "--quiet"],
                              check=False, capture_output=True, text=True)
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertFalse((self.folder / "no.h5").exists())
        return done.stderr.split()[-1]

    def test_same_bytes(self):
        for question in ("kind", "score", "amount"):
            whole = self.make("a.h5", "--question", question)
            least = self.least(question)
            self.assertEqual(whole, self.make("b.h5", "--question", question, "--memory", least,
                                              "--threads", "1"), question)
            self.assertEqual(whole, self.make("b.h5", "--question", question, "--memory", "60MiB",
                                              "--threads", "3"), question)
            number = int(least[:-3]) - 1
            with self.assertRaises(subprocess.CalledProcessError) as refused:
                self.make("c.h5", "--question", question, "--memory", f"{number}{least[-3:]}",
                          "--threads", "1")
            self.assertEqual(refused.exception.returncode, 6)

    def test_reference(self):
        """The reference's numbers are the same to the bit; the file names it."""
        for question in ("kind", "score", "amount"):
            self.make("a.h5", "--question", question)
            self.make("b.h5", "--question", question, "--backend", "reference")
            with h5py.File(self.folder / "a.h5") as a, h5py.File(self.folder / "b.h5") as b:
                self.assertEqual(b.attrs["backend"], "reference")
                datasets = []
                a.visititems(lambda name, item: datasets.append(name)
                             if isinstance(item, h5py.Dataset) else None)
                for name in datasets:
                    if a[name].dtype.kind in "iuf":
                        self.assertEqual(a[name][...].tobytes(), b[name][...].tobytes(), name)

    def test_half(self):
        self.make("a.h5", "--question", "score")
        self.make("h.h5", "--question", "score", "--half")
        with h5py.File(self.folder / "a.h5") as whole, h5py.File(self.folder / "h.h5") as half:
            self.assertTrue(half.attrs["half"])
            self.assertFalse(whole.attrs["half"])
            for name in NAMES:
                a, h = whole[name][...], half[name][...]
                np.testing.assert_array_equal(a, a.T)
                np.testing.assert_array_equal(np.triu(a), np.triu(h))
                below = h[256:512, :256]
                self.assertTrue((below == -1).all() if name in NAMES[:2] else np.isnan(below).all())
            self.assertLess((self.folder / "h.h5").stat().st_size,
                            0.75 * (self.folder / "a.h5").stat().st_size)

    def test_readers(self):
        self.make("a.h5", "--question", "score")
        for engine in ("h5netcdf", "netcdf4"):
            with xarray.open_dataset(self.folder / "a.h5", engine=engine) as root:
                for name in NAMES:
                    self.assertEqual(root[name].dims, ("rater", "rater_2"))
                self.assertEqual(root.attrs["kind"], "dissensus-pairs")
                one = root["kappa"].sel(rater="r3", rater_2="r600")
                self.assertEqual(float(one), float(root["kappa"].sel(rater="r600", rater_2="r3")))
            with xarray.open_dataset(self.folder / "a.h5", engine=engine, group="summary") as part:
                self.assertEqual(part["anosim_r"].dims, ("axis",))
                self.assertEqual(list(part["axis"].values), ["sex", "sex*site"])
                self.assertEqual(part["kappa"].dims, ("block",))
                self.assertEqual(part["group_raters"].dims, ("group",))
            group = "rater_attributes/sex"
            with xarray.open_dataset(self.folder / "a.h5", engine=engine, group=group) as part:
                self.assertEqual(part["codes"].dims, ("rater",))
        with h5py.File(self.folder / "a.h5") as file:
            for name in NAMES:
                part = file[name]
                self.assertTrue(part.shuffle and part.fletcher32 and part.compression == "gzip")
                self.assertEqual(part.chunks, (256, 256))
                self.assertEqual([d[0].name for d in part.dims], ["/rater", "/rater_2"])


class Empty(unittest.TestCase):
    def check(self, rows, reason):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "in.csv").write_text("who,what,score,sex\n" + rows, encoding="utf-8")
            command.run("import", folder / "in.csv", "-o", folder / "s.h5", "--rater", "who",
                        "--item", "what", "--rating", "score:ordinal", "--rater-attr", "sex",
                        "--quiet")
            said = json.loads(command.run("pairs", folder / "s.h5", "-o", folder / "p.h5", "--by",
                                          "sex", "--format", "json"))
            self.assertIn(reason, said["reason"])
            self.assertEqual(said["pairs_shared"], 0)
            for row in said["axes"][0]["blocks"]:
                self.assertEqual((row["pairs"], row["kappa"]), (0, None))
            self.assertIsNone(said["axes"][0]["anosim"]["value"])
            with h5py.File(folder / "p.h5") as file:
                self.assertIn(reason, file.attrs["reason"])

    def test_one_rater(self):
        self.check("a,x,1,f\na,y,2,f\n", "one rater")

    def test_nothing_shared(self):
        self.check("a,x,1,f\nb,y,2,m\n", "no item was rated by two")


if __name__ == "__main__":
    command.binary_or_skip()
    unittest.main(verbosity=1)
