"""Path (a): what one writes in an afternoon. A loop over resamples, axes and groups around the
`krippendorff` package, and XRR in NumPy as its formula stands in the paper."""

import warnings

import krippendorff
import numpy as np


def distances(scale, totals):
    """d(c, k) of all pairs of levels; totals are what the ordinal distance counts."""
    level = np.arange(len(totals))
    if scale == "nominal":
        return (level[:, None] != level).astype(float)
    midrank = np.cumsum(totals) - totals / 2
    return (midrank[:, None] - midrank) ** 2


def irr(scale, **data):
    """data: reliability_data and value_domain, or value_counts"""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of no variation: 0 / 0
            return krippendorff.alpha(level_of_measurement=scale, **data)
    except ValueError:  # no unit with two ratings
        return np.nan


def xrr(x, y, scale):
    """kappa_x of Wong, Paritosh and Aroyo (2021), with missing data; counts [items, levels]."""
    both = (x.sum(axis=1) > 0) & (y.sum(axis=1) > 0)
    x, y = x[both], y[both]
    r, s = x.sum(axis=1), y.sum(axis=1)
    d = distances(scale, (x + y).sum(axis=0))
    observed = ((r + s) / (r * s) * ((x @ d) * y).sum(axis=1)).sum() / (r.sum() + s.sum())
    expected = (x.sum(axis=0) @ d @ y.sum(axis=0)) / (r.sum() * s.sum())
    return 1 - observed / expected if expected > 0 else np.nan


class Loop:
    """values(sources): IRR and XRR, [resamples, groups, 2]. Alpha is given the group's rows of the
    raters-by-items matrix, as in the package's first example, or, if not matrix, the counts of
    levels by item, which takes the package less time and this loop more thought."""

    def __init__(self, study, matrix):
        self.study = study
        self.place = study.item * study.n_levels + study.code
        self.levels = np.arange(study.n_levels)
        self.matrix = None
        if matrix:
            self.matrix = np.full((study.n_raters, study.n_items), np.nan)
            self.matrix[study.rater, study.item] = study.code
        self.how = {"formulation": "reliability matrix" if matrix else "value counts"}

    def counts(self, chosen):
        shape = (self.study.n_items, self.study.n_levels)
        return np.bincount(self.place[chosen], minlength=shape[0] * shape[1]).reshape(shape)

    def one(self, source):
        rows, scale = [], self.study.scale
        for axis in self.study.axes:
            codes = axis.codes[source]
            group = codes[self.study.rater]
            for g in axis.tested:
                inside = self.counts(group == g)
                outside = self.counts((group != g) & (group >= 0))
                data = {"value_counts": inside} if self.matrix is None else {
                    "reliability_data": self.matrix[codes == g], "value_domain": self.levels}
                rows.append((irr(scale, **data), xrr(inside, outside, scale)))
        return rows

    def values(self, sources):
        return np.array([self.one(source) for source in sources])
