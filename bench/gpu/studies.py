"""Studies of the check, made when first asked for: of DIVE's shape by dissensus-generate, others here.

Made-up ratings from a fixed seed; published ones only where their folder was named.
"""

import csv
import random
from dataclasses import dataclass
from itertools import combinations

from programs import Missing

DIVE_BY = [",".join(names) for depth in (1, 2, 3)
           for names in combinations(("gender", "age_group", "ethnicity"), depth)]


@dataclass(frozen=True)
class Shape:
    """A made-up table: every item is rated by as many raters, drawn at random."""
    raters: int
    items: int
    ratings: int  # of an item
    levels: int
    attributes: tuple  # numbers of values, dealt to raters in turn and then mixed
    unknown: int = 0  # so many raters' first value is not known


SHAPES = {
    "dense": Shape(2513, 102, 2513, 7, (2, 3, 4)),  # London's
    "levels": Shape(300, 60, 80, 200, (3, 2)),  # more levels than the fast kernels serve
    "groups": Shape(700, 100, 60, 3, (300, 2)),  # labels of 16 bits
    "tiny": Shape(40, 25, 9, 5, (2, 3)),
    "tiny dense": Shape(64, 6, 64, 4, (2, 3)),
    "tiny levels": Shape(30, 8, 9, 30, (2,)),
    "tiny unknown": Shape(40, 25, 9, 5, (2, 3), unknown=7),
    "tiny groups": Shape(600, 12, 60, 3, (300, 2)),  # of two raters; labels of 16 bits
    "tiny long": Shape(200, 2500, 20, 5, (2, 3)),  # ratings for which a MiB has no room
    "tiny few": Shape(8, 10, 5, 3, (2,)),  # whose arrangements are few enough to try all
}


def write_table(shape, path):
    chance = random.Random(f"dissensus {shape}")
    values = []
    for n in shape.attributes:
        column = [rater % n for rater in range(shape.raters)]
        chance.shuffle(column)
        values.append([f"v{value}" for value in column])
    values[0][:shape.unknown] = [""] * shape.unknown
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["rater", "item", "rating", *(f"a{i}" for i in range(len(values)))])
        for item in range(shape.items):
            usual = chance.randrange(shape.levels)
            for rater in sorted(chance.sample(range(shape.raters), shape.ratings)):
                code = usual if chance.random() < 0.4 else chance.randrange(shape.levels)
                out.writerow([rater, item, code, *(column[rater] for column in values)])


class Studies:
    def __init__(self, programs, source, work, data):
        self.programs, self.source, self.work, self.data = programs, source, work, data
        self.table_of = {}  # of a study: its table, and there the columns of rater, item and rating

    def dive(self, times=1, scale="nominal"):
        study = self.work / f"dive-x{times}-{scale}.h5"
        if not study.exists():
            folder = self.work / f"dive-x{times}"
            if not (folder / "ratings.csv").exists():
                self.programs.run([self.programs.find("dissensus-generate"), "--settings",
                                   self.source / "data/demo/dive.ini", "--out", folder,
                                   "--scale", times])
            self._take_long(study, folder / "ratings.csv", "rater_id", "item_id", "harm_to_self",
                            scale, "gender,age_group,ethnicity")
        return study

    def made(self, name, scale="nominal"):
        study = self.work / f"{name.replace(' ', '-')}-{scale}.h5"
        if not study.exists():
            table = self.work / f"{name.replace(' ', '-')}.csv"
            if not table.exists():
                write_table(SHAPES[name], table)
            attributes = ",".join(f"a{i}" for i in range(len(SHAPES[name].attributes)))
            self._take_long(study, table, "rater", "item", "rating", scale, attributes)
        return study

    def popquorn(self):
        return self._published("popquorn_offensiveness.csv", "--rater", "user_id", "--item",
                               "instance_id", "--rating", "offensiveness:nominal", "--rater-attr",
                               "gender,race,age,education")

    def london(self):
        return self._published("london_faces_ratings.csv", "--layout", "wide", "--rating",
                               "attractiveness:nominal", "--rater-attr",
                               "rater_sex,rater_sexpref,rater_age", "--bin", "rater_age=25,35,50")

    def _published(self, name, *arguments):
        if not self.data:
            raise Missing("published ratings: --data names no folder")
        if not (self.data / name).is_file():
            raise Missing(f"{name} is not in the folder of --data")
        study = self.work / (name[:-4] + ".h5")
        if not study.exists():
            self._take(study, self.data / name, *arguments)
        return study

    def _take_long(self, study, table, rater, item, rating, scale, attributes):
        self._take(study, table, "--rater", rater, "--item", item, "--rating", f"{rating}:{scale}",
                   "--rater-attr", attributes)
        self.table_of[study] = table, rater, item, rating

    def _take(self, study, table, *arguments):
        self.programs.dissensus("import", table, *arguments, "-o", study, "--quiet")
