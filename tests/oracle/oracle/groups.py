"""Rows of an evaluation that compare groups of raters, redone: permutations, weights, counts.

A kind of evaluation says what a group's ratings come to; everything else is here."""

import io
import itertools
import warnings

import numpy as np
import pandas as pd

from . import analysis, command, model, resample

AXIS, EVERYONE, ITEMS = 5, 6, 4  # purposes of the bootstrap's draws
ELSE = "everyone else"
TESTED = ["below", "equal", "above"]


def run(kind, study, options, *more):
    """The rows of `dissensus KIND` by analysis.Options, as a table."""
    evaluation = study.with_suffix(f".{kind}.h5")
    arguments = command.gai_arguments(options)
    for word in ("--metrics", "--units", "--ties"):
        at = arguments.index(word)
        del arguments[at:at + 2]
    command.run(kind, study, "-o", evaluation, "--force", *arguments, *more)
    text = command.run("report", evaluation, "--format", "csv")
    return pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=[""],
                       dtype={name: str for name in ("question", "items", "axis", "group", "versus",
                                                     "statistic", "reason")}).fillna(
        {name: "" for name in ("items", "axis", "group", "versus", "reason")})


def rows_of(table, mask):
    """Some rows of columns."""
    return {name: column[mask] for name, column in table.items()}


class Redone:
    """study: the part of it that takes part. A kind gives `table(name)`, a question's ratings as
    columns rater, item and its own, and `value(statistic, own, other)`: of one or two such tables, or
    of a list of them for a test of an axis. Column times says how often a rating counts."""

    def __init__(self, study, options):
        self.study, self.options = study, options
        self.axes = ["*".join(axis) for axis in options.axes]
        self.groups = {axis: model.groups(study, axis.split("*")) for axis in self.axes}
        self.sources, self.exact = analysis.sources(study, options)
        self.tables = {}

    def ratings(self, name, items):
        """Those of a question or contrast and of a part of the items."""
        if (name, items) not in self.tables:
            table = self.table(name)
            if items:
                attribute, _, value = items.partition("=")
                of_items = self.study.item_attributes[attribute]
                table = rows_of(table, of_items.codes[table["item"]]
                                == of_items.categories.index(value))
            self.tables[name, items] = table
        return self.tables[name, items]

    def labels(self):
        found = {}
        for axis in self.axes:
            found[axis] = np.full(len(self.study.raters), -1)
            for g, (_, members) in enumerate(self.groups[axis]):
                found[axis][members] = g
        return found

    def too_few(self, axis, group):
        return dict(self.groups[axis])[group].sum() < self.options.min_raters

    def compared(self, axis):
        """Which groups are compared with which: of two tested groups, whose everyone else is each
        other, there is one comparison."""
        names = [name for name, _ in self.groups[axis]]
        found = set(itertools.combinations(names, 2))
        if len(names) == 2 and not any(self.too_few(axis, name) for name in names):
            return found
        return found | {(name, ELSE) for name in names}

    def _row(self, row, labels, weigh):
        table = self.ratings(row.question, row.items)
        table = {**table, "times": weigh(row.axis, table)}
        table = rows_of(table, table["times"] > 0)
        if not row.axis:
            return self.value(row.statistic, table, None) if len(table["times"]) else np.nan
        of = labels[row.axis][table["rater"]]
        if not row.group:
            parts = [rows_of(table, of == g) for g in range(len(self.groups[row.axis]))]
            return self.value(row.statistic, [part for part in parts if len(part["times"])], None)
        names = [name for name, _ in self.groups[row.axis]]
        own = of == names.index(row.group)
        if not row.versus:
            other = None
        elif row.versus == ELSE:
            other = ~own & (of >= 0)
        else:
            other = of == names.index(row.versus)
        few = [name for name in (row.group, row.versus) if name not in ("", ELSE)]
        if (not own.any() or (other is not None and not other.any())
                or any(self.too_few(row.axis, name) for name in few)):
            return np.nan
        return self.value(row.statistic, rows_of(table, own),
                          None if other is None else rows_of(table, other))

    def values(self, rows, labels=None, weigh=lambda axis, table: np.ones(len(table["item"]), int)):
        """One a row of the evaluation."""
        labels = labels or self.labels()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SciPy's, of constant ratings
            return np.array([self._row(row, labels, weigh) for row in rows.itertuples()], float)

    def some(self, rows, number):
        """That many rows, of each statistic about as many: redoing one takes as long as it takes."""
        return rows.sample(frac=1, random_state=number).groupby("statistic", sort=False).head(
            max(1, number // rows.statistic.nunique())).sort_index()

    def permuted(self, rows):
        """(resamples, rows)"""
        observed = self.labels()
        return np.array([self.values(rows, {axis: own[source] for axis, own in observed.items()})
                         for source in self.sources])

    def weights(self, b):
        """weigh() of bootstrap resample b, over both or over raters."""
        raters, items = len(self.study.raters), len(self.study.items)
        draws = {purpose: resample.Draws(self.options.seed, b, purpose)
                 for purpose in (AXIS, EVERYONE, ITEMS)}
        of_raters = {"": np.bincount([draws[EVERYONE].below(j, raters) for j in range(raters)],
                                     minlength=raters)}
        for axis in self.axes:
            of_raters[axis], offset = np.zeros(raters, int), 0
            for _, mask in self.groups[axis]:
                members = np.flatnonzero(mask)
                for i in range(len(members)):
                    of_raters[axis][members[draws[AXIS].below(offset + i, len(members))]] += 1
                offset += len(members)
        times = np.ones(items, int)
        if self.options.over == "both":
            times = np.bincount([draws[ITEMS].below(j, items) for j in range(items)],
                                minlength=items)
        return lambda axis, table: of_raters[axis][table["rater"]] * times[table["item"]]

    def resampled(self, rows, resamples):
        return np.array([self.values(rows, None, self.weights(b)) for b in range(resamples)])

    def counts(self, row):
        """Raters, items and ratings that stand behind a row."""
        table = self.ratings(row.question, row.items)
        if row.axis and row.group:
            members = dict(self.groups[row.axis])[row.group]
        elif row.axis:
            members = model.known(self.study, row.axis.split("*"))
        else:
            members = np.ones(len(self.study.raters), bool)
        table = rows_of(table, members[table["rater"]])
        return len(set(table["rater"])), len(set(table["item"])), len(table["item"])


def numbers(question):
    """A question's values by level."""
    values = np.array(question.values, float)
    if question.scale == "ordinal" and np.isnan(values).any():
        return np.arange(1.0, len(values) + 1)
    return values
