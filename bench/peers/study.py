"""A study as arrays, and the axes of a run. Reads HDF5, or the table that a study was imported from;
nothing of dissensus."""

import csv
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Axis:
    name: str
    codes: np.ndarray  # [raters] the rater's group, -1 where a value is unknown
    labels: tuple  # of the groups
    tested: tuple  # numbers of the groups with enough raters


@dataclass(frozen=True)
class Study:
    n_raters: int
    n_items: int
    n_levels: int
    scale: str
    rater: np.ndarray  # [ratings], sorted by item
    item: np.ndarray
    code: np.ndarray
    axes: tuple

    @property
    def n_ratings(self):
        return len(self.rater)

    @property
    def groups(self):
        """(axis, label) of every tested group, in the order in which the peers return values."""
        return [(axis.name, axis.labels[g]) for axis in self.axes for g in axis.tested]


def _axis(names, attributes, min_raters):
    """Groups are the combinations of values that occur; unknown values make no group."""
    table = np.stack([attributes[name][0] for name in names], axis=1)
    known = (table >= 0).all(axis=1)
    found, inverse = np.unique(table[known], axis=0, return_inverse=True)
    codes = np.full(len(table), -1)
    codes[known] = inverse.ravel()
    labels = tuple(" * ".join(attributes[name][1][value] for name, value in zip(names, row))
                   for row in found)
    sizes = np.bincount(codes[known], minlength=len(found))
    tested = tuple(int(g) for g in np.flatnonzero(sizes >= min_raters))
    return Axis("*".join(names), codes, labels, tested)


def read(path, axes, min_raters=2):
    """axes: lists of attribute names. The file holds one question, which every rater answered."""
    import h5py  # which readers of tables do without
    with h5py.File(path) as file:
        (question,) = file["ratings"].values()
        pointer = question["item_ptr"][:]
        rater, code = question["rater"][:].astype(np.int64), question["code"][:].astype(np.int64)
        n_raters, n_items = len(file["rater"]), len(file["item"])
        attributes = {name: (group["codes"][:], group["categories"].asstr()[:])
                      for name, group in file["rater_attributes"].items()}
        n_levels, scale = len(question.attrs["levels"]), question.attrs["scale"]
    item = np.repeat(np.arange(n_items), np.diff(pointer.astype(np.int64)))
    return _study(path, n_raters, n_items, n_levels, str(scale), rater, item, code, axes, attributes,
                  min_raters)


def _study(path, n_raters, n_items, n_levels, scale, rater, item, code, axes, attributes, min_raters):
    if len(np.unique(rater)) != n_raters:
        raise SystemExit(f"{path}: some raters rated nothing; the peers do not handle that")
    return Study(n_raters, n_items, n_levels, scale, rater, item, code,
                 tuple(_axis(names, attributes, min_raters) for names in axes))


def _codes(values):
    """(number of each value, the values); an empty one has -1."""
    names, codes = np.unique(np.array(values), return_inverse=True)
    none = int(len(names) > 0 and names[0] == "")
    return codes.ravel().astype(np.int64) - none, names[none:]


def read_table(path, columns, axes, min_raters=2):
    """A CSV with a row a rating: columns are those of rater, item and nominal rating; attributes stand in
    columns of their own."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    (rater, raters), (item, items), (code, levels) = (
        _codes([row[column] for row in rows]) for column in columns)
    first = np.unique(rater, return_index=True)[1]  # a row of each rater
    attributes = {name: _codes([rows[at][name] for at in first])
                  for name in {name for names in axes for name in names}}
    order = np.argsort(item, kind="stable")
    order = order[code[order] >= 0]
    return _study(path, len(raters), len(items), len(levels), "nominal", rater[order], item[order],
                  code[order], axes, attributes, min_raters)
