"""What one writes in an afternoon for severity: a loop over permutations around NumPy, which knows that
ratings stay with their raters. Each permutation sums raters' counts by group, one product of matrices
an axis, and makes all statistics of it with whole arrays."""

import os
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

ELSE = "everyone else"


class Loop:
    def __init__(self, study):
        self.study = study
        self.table = np.zeros((study.n_raters, study.n_levels))
        np.add.at(self.table, (study.rater, study.code), 1)
        self.level = np.arange(1.0, study.n_levels + 1)
        self.first = study.n_levels - study.n_levels // 2  # of the upper half

    def axis(self, axis, codes):
        """All statistics of an axis, in the order of `names`."""
        x = (codes[:, None] == np.arange(len(axis.labels))).T.astype(float) @ self.table
        n, total = x.sum(1), x.sum(0)
        rest = total - x
        mean = x @ self.level / n
        grand = total @ self.level / total.sum()
        within = (x * (self.level - mean[:, None]) ** 2).sum() / (total.sum() - len(n))
        between = (n * (mean - grand) ** 2).sum() / (len(n) - 1)
        below = np.cumsum(total) - total
        score = 2 * below + total - total.sum()
        kruskal = ((total.sum() - 1) * ((x @ score) ** 2 / n).sum() / (total * score**2).sum())
        cumulative = np.cumsum(x, 1)
        low = self.level[(cumulative < (n / 2)[:, None]).sum(1)]
        high = self.level[(cumulative <= (n / 2)[:, None]).sum(1)]
        ridit = 2 * cumulative - x - n[:, None]
        pairs = np.triu_indices(len(n), 1)
        delta = (x @ ridit.T / np.outer(n, n))[pairs]
        against_rest = [] if len(n) == 2 else [mean - rest @ self.level / rest.sum(1),
                                               x @ score / (n * rest.sum(1))]
        return np.concatenate([
            [between / within, kruskal], mean, (low + high) / 2, x[:, self.first:].sum(1) / n,
            *against_rest, (mean[:, None] - mean)[pairs], delta])

    def names(self):
        found = []
        for axis in self.study.axes:
            labels = axis.labels
            found += [(axis.name, "", "", name) for name in ("anova_f", "kruskal_h")]
            found += [(axis.name, label, "", name) for name in ("mean", "median", "share")
                      for label in labels]
            for name in ("mean_difference", "cliffs_delta") if len(labels) > 2 else ():
                found += [(axis.name, label, ELSE, name) for label in labels]
            for name in ("mean_difference", "cliffs_delta"):
                found += [(axis.name, labels[x], labels[y], name)
                          for x, y in zip(*np.triu_indices(len(labels), 1))]
        return found

    def values(self, source):
        return np.concatenate([self.axis(axis, axis.codes[source]) for axis in self.study.axes])

    def named(self):
        values = self.values(np.arange(self.study.n_raters))
        return dict(zip(self.names(), values.tolist(), strict=True))

    def count(self, seed, seconds):
        """Permutations that one process makes in so many seconds, counting exceedances."""
        rng = np.random.default_rng(seed)
        observed = self.values(np.arange(self.study.n_raters))
        reached, done, end = np.zeros(len(observed), int), 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            reached += self.values(rng.permutation(self.study.n_raters)) >= observed
            done += 1
        return done

    def rate(self, processes, seconds):
        """Permutations a second of as many processes at once, one BLAS thread each."""
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        with ProcessPoolExecutor(processes) as pool:
            list(pool.map(self.count, range(processes), [0.05] * processes))  # they have started
            return sum(pool.map(self.count, range(processes), [seconds] * processes)) / seconds
