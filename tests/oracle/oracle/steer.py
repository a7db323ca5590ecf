"""Predicted ratings against each group's own, from the definitions in docs/steer.md, on replicated
data; what was observed by scipy and scikit-learn too."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy import stats
from sklearn import metrics

from . import model, resample, weighting

SWAP = 7  # the purpose of these draws
STATISTICS = ("pearson", "spearman", "kendall", "mae", "kappa")


@dataclass(frozen=True)
class Options:
    axes: tuple
    predictions: dict       # by (item, what is told by name): text; by rater (item, its name)
    baseline: dict = None   # by item: text
    told: tuple = ()        # names of attributes, in the keys' order; none: the axes'
    by_rater: bool = False
    against: str = "ratings"
    items_by: tuple = ()
    matrix: bool = True
    scheme: str = "free"
    scheme_attribute: str = None
    permutations: int = 0
    bootstrap: int = 0
    over: str = "both"
    seed: int = 1
    min_raters: int = 2


def better(name, value, than):
    return than - value if name == "mae" else value - than


def nearest(x, values):
    """The code of the nearest level, of two as near the higher."""
    distance = np.abs(np.asarray(x)[:, None] - values[None, :])
    return len(values) - 1 - np.argmin(distance[:, ::-1], axis=1)


def correlations(x, y):
    if len(x) == 0 or len(set(x)) < 2 or len(set(y)) < 2:
        return dict.fromkeys(("pearson", "spearman", "kendall"), np.nan)
    return {"pearson": np.corrcoef(x, y)[0, 1],
            "spearman": np.corrcoef(stats.rankdata(x), stats.rankdata(y))[0, 1],
            "kendall": stats.kendalltau(x, y).statistic}


def kappa(one, other, n_levels):
    """Quadratic weights; from the table of both and that of independent ones."""
    if len(set(one) | set(other)) < 2:
        return np.nan
    table = np.zeros((n_levels, n_levels))
    np.add.at(table, (one, other), 1)
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    square = np.subtract.outer(np.arange(n_levels), np.arange(n_levels)) ** 2
    return 1 - (square * table).sum() / (square * expected).sum()


def by_libraries(x, y, one, other, n_levels):
    """The same from scipy and scikit-learn, as far as they define it."""
    found = {"mae": metrics.mean_absolute_error(y, x)}
    if len(set(x)) > 1 and len(set(y)) > 1:
        found.update(pearson=stats.pearsonr(x, y).statistic, kendall=stats.kendalltau(x, y).statistic,
                     spearman=stats.spearmanr(x, y).statistic)
    if len(set(one) | set(other)) > 1:
        found["kappa"] = metrics.cohen_kappa_score(one, other, weights="quadratic",
                                                   labels=range(n_levels))
    return found


class Steering:
    """Every row's value, observed and in any resample: {key: value}, key = (source, items, axis,
    group, versus, statistic)."""

    def __init__(self, study, question, options):
        self.by_libraries = []  # (ours, theirs) of the observed rows
        self.sizes = {}  # by key without a statistic: raters, items and ratings observed
        self.study, self.question, self.options = study, question, options
        values = np.array(question.values, float)
        numbers = np.isfinite(values).all() and (np.diff(values) > 0).all()
        self.values = values if numbers else np.arange(1.0, len(question.labels) + 1)
        self.groups = {axis: model.groups(study, axis) for axis in options.axes}
        self.told = options.told or tuple(dict.fromkeys(n for axis in options.axes for n in axis))
        self.predictions = {key: self._rating(text) for key, text in options.predictions.items()
                            if text not in ("", "NA", "NaN")}
        self.baseline = {item: self._rating(text) for item, text in (options.baseline or {}).items()
                         if text not in ("", "NA", "NaN")}
        self.tells = {axis: self._tells(axis) for axis in options.axes}
        self.parts = [("", np.ones(len(study.items), bool))]
        for name in options.items_by:
            attribute = study.item_attributes[name]
            self.parts += [(f"{name}={value}", attribute.codes == code)
                           for code, value in enumerate(attribute.categories)
                           if (attribute.codes == code).any()]

    def _rating(self, text):
        labels = list(self.question.labels)
        return self.values[labels.index(text)] if text in labels else float(text)

    def _tells(self, axis):
        """Which of the attributes the rows tell that the axis goes by."""
        told = {tuple(bool(part) for part in key[1]) for key in self.options.predictions} \
            if not self.options.by_rater else set()
        exact = tuple(name in axis for name in self.told)
        return exact if exact in told else tuple(True for _ in self.told)

    def profile(self, rater):
        found = {}
        for name, attribute in self.study.rater_attributes.items():
            code = attribute.codes[rater]
            found[name] = attribute.categories[code] if code >= 0 else None
        return found

    def predict(self, axis, item, rater, profile, group=None):
        """What was predicted for a rater with this profile, or as if of another group; NaN: nothing."""
        name = self.study.items[item]
        if self.options.by_rater:
            return self.predictions.get((name, self.study.raters[rater]), np.nan)
        profile = dict(profile)
        if group is not None:
            profile.update(zip(axis, group.split(" * ")))
        key = tuple(profile[told] if tells else "" for told, tells in zip(self.told, self.tells[axis]))
        return np.nan if None in key else self.predictions.get((name, key), np.nan)

    def group_of(self, axis, profile):
        names = [profile[name] for name in axis]
        return None if None in names else " * ".join(names)

    # --- statistics

    def statistics(self, rows):
        """rows: (item, group, x, code, weight of the rater, of the item, rater)."""
        found = dict.fromkeys(STATISTICS, np.nan)
        rows = [row for row in rows if row[4] * row[5] > 0]
        if not rows:
            return found
        item, group, x, code, of_rater, of_item, _ = zip(*rows)
        x, code = np.array(x), np.array(code)
        weights = np.array(of_rater) * np.array(of_item)
        fx, fc = np.repeat(x, weights), np.repeat(code, weights)
        near = nearest(fx, self.values)
        found["kappa"] = kappa(near, fc, len(self.values))
        if self.options.against == "means":
            fx, fy = self._means(item, group, x, code, of_rater, of_item)
        else:
            fy = self.values[fc]
        found.update(correlations(fx, fy))
        found["mae"] = np.abs(fx - fy).mean()
        if self._observing:
            self.by_libraries.append((found, by_libraries(fx, fy, near, fc, len(self.values))))
        return found

    def _means(self, item, group, x, code, of_rater, of_item):
        pairs = {}
        for u, g, *rest in zip(item, group, x, code, of_rater, of_item):
            pairs.setdefault((u, g), []).append(rest)
        fx, fy = [], []
        for rows in pairs.values():
            total = int(sum(row[2] for row in rows))
            mean = lambda values: float(sum(Fraction(repr(float(value))) * int(row[2])
                                            for value, row in zip(values, rows)) / total)
            times = int(rows[0][3])
            fx += [mean([row[0] for row in rows])] * times
            fy += [mean([self.values[row[1]] for row in rows])] * times
        return np.array(fx), np.array(fy)

    def _size(self, key, rows):
        if self._observing:
            self.sizes[key] = (len({row[6] for row in rows}), len({row[0] for row in rows}), len(rows))

    # --- rows

    def rows(self, source=None, swapped=(), weights=None):
        study, question = self.study, self.question
        self._observing = source is None and weights is None
        source = np.arange(len(study.raters)) if source is None else source
        if weights is None:
            of_axes, _, items = weighting.ones(study, self.options.axes)
            of_axes = {axis: np.ones(len(study.raters), np.int64) for axis in of_axes}
        else:
            of_axes, _, items = weights
        profiles = [self.profile(r) for r in range(len(study.raters))]
        found = {}
        ratings = list(zip(question.item, question.rater, question.code))
        for axis in self.options.axes:
            tested = {name for name, members in self.groups[axis]
                      if members.sum() >= self.options.min_raters}
            self._samples(found, axis, tested, ratings, profiles, of_axes[axis], items, swapped)
            if not self.options.by_rater:
                moved = [profiles[s] for s in source]
                self._matrix(found, axis, tested, ratings, moved, of_axes[axis], items)
        return found

    def _samples(self, found, axis, tested, ratings, profiles, raters, items, swapped):
        joined, has_baseline = "*".join(axis), self.options.baseline is not None
        rows = {"steered": [], "baseline": []}
        for item, rater, code in ratings:
            group = self.group_of(axis, profiles[rater])
            x = self.predict(axis, item, rater, profiles[rater])
            plain = self.baseline.get(self.study.items[item], np.nan)
            if group is None or np.isnan(x) or (has_baseline and np.isnan(plain)):
                continue
            one, other = (plain, x) if item in swapped else (x, plain)
            for source, value in (("steered", one), ("baseline", other)):
                rows[source].append((item, group, value, code, raters[rater], items[item], rater))
        sources = ("steered", "baseline") if has_baseline else ("steered",)
        for part, inside in self.parts:
            for group in ("", *(name for name, _ in self.groups[axis])):
                value = {}
                for source in sources:
                    chosen = [r for r in rows[source] if inside[r[0]] and group in ("", r[1])]
                    self._size((source, part, joined, group, ""), chosen)
                    value[source] = self.statistics(chosen if group in tested or not group else [])
                    for name in STATISTICS:
                        found[source, part, joined, group, "", name] = value[source][name]
                for name in STATISTICS if has_baseline else ():
                    found["steered", part, joined, group, "", f"{name}_gain"] = better(
                        name, value["steered"][name], value["baseline"][name])

    def _matrix(self, found, axis, tested, ratings, moved, raters, items):
        joined, value = "*".join(axis), {}
        names = [name for name, _ in self.groups[axis]]
        for rated in names:
            for told in names:
                rows = []
                for item, rater, code in ratings:
                    if self.group_of(axis, moved[rater]) != rated:
                        continue
                    x = self.predict(axis, item, rater, moved[rater], told)
                    if not np.isnan(x):
                        rows.append((item, rated, x, code, raters[rater], items[item], rater))
                self._size(("steered", "", joined, rated, told), rows)
                value[rated, told] = self.statistics(rows if {rated, told} <= tested else [])
                if rated != told and self.options.matrix:
                    for name in STATISTICS:
                        found["steered", "", joined, rated, told, f"{name}_missteered"] = \
                            value[rated, told][name]
        for name in STATISTICS:
            contrasts = []
            for rated in names:
                own = value[rated, rated][name]
                others = [value[rated, told][name] for told in names
                          if told != rated and not np.isnan(value[rated, told][name])]
                if others and not np.isnan(own):
                    contrasts.append(better(name, own, np.mean(others)))
            found["steered", "", joined, "", "", f"{name}_specificity"] = \
                np.mean(contrasts) if contrasts else np.nan

    # --- resamples

    def swapped(self, b):
        draws = resample.Draws(self.options.seed, b, SWAP)
        return {u for u in range(len(self.study.items)) if draws.word(u, 0) >> 31}

    def permuted(self, b):
        options, attribute = self.options, None
        if options.scheme != "free":
            attribute = self.study.rater_attributes[options.scheme_attribute]
        blocks = resample.strata(attribute and attribute.codes,
                                 len(attribute.categories) if attribute else 0,
                                 len(self.study.raters))
        return self.rows(resample.carried(blocks, options.seed, b),
                         self.swapped(b) if options.baseline is not None else ())

    def resampled(self, b):
        options = self.options
        return self.rows(weights=weighting.of_resample(self.study, options.axes, options.over,
                                                       options.seed, b))

    def left_out(self, **unit):
        return self.rows(weights=weighting.left_out(self.study, self.options.axes, **unit))
