"""Pairs of raters from their definitions (docs/pairs.md): matrices, means of blocks, tests."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from . import model


def table(question, n_raters, n_items):
    """(raters, items) codes, -1 where there is no rating."""
    codes = np.full((n_raters, n_items), -1)
    codes[question.rater, question.item] = question.code
    return codes


def distances(question):
    """d(c, k); an ordinal question's by the ranks of all its ratings."""
    size = len(question.labels)
    if question.scale == "nominal":
        return 1.0 - np.eye(size)
    if question.scale == "ordinal":
        counts = np.bincount(question.code, minlength=size).astype(float)
        found = np.zeros((size, size))
        for c in range(size):
            for k in range(c + 1, size):
                between = counts[c:k + 1].sum() - (counts[c] + counts[k]) / 2
                found[c, k] = found[k, c] = between ** 2
        return found
    values = np.array(question.values)
    difference = values[:, None] - values[None, :]
    if question.scale == "interval":
        return difference ** 2
    total = values[:, None] + values[None, :]
    return np.divide(difference, total, out=np.zeros_like(total), where=total != 0) ** 2


def numbers(question):
    """What is correlated, by level; None for a nominal question."""
    if question.scale == "nominal":
        return None
    if question.scale == "ordinal":
        return np.arange(len(question.labels), dtype=float)
    return np.array(question.values)


def pair(a, b, d, values):
    """(shared, agreements, mean distance, kappa, correlation) of two raters' codes."""
    both = (a >= 0) & (b >= 0)
    x, y = a[both], b[both]
    if len(x) == 0:
        return 0, 0, np.nan, np.nan, np.nan
    mean = d[x, y].mean()
    first = np.bincount(x, minlength=len(d)) / len(x)
    second = np.bincount(y, minlength=len(d)) / len(y)
    chance = (np.outer(first, second) * d).sum()
    kappa = 1 - mean / chance if len(set(x) | set(y)) > 1 else np.nan
    correlation = np.nan
    if values is not None and len(set(x)) > 1 and len(set(y)) > 1:
        correlation = np.corrcoef(values[x], values[y])[0, 1]
    return len(x), int((x == y).sum()), mean, kappa, correlation


def matrices(codes, question):
    """The five matrices, (5, raters, raters)."""
    n, d, values = len(codes), distances(question), numbers(question)
    found = np.empty((5, n, n))
    for r in range(n):
        for s in range(r, n):
            found[:, r, s] = found[:, s, r] = pair(codes[r], codes[s], d, values)
    return found


@dataclass(frozen=True)
class Tests:
    """Two statistics, observed and under each arrangement."""
    anosim: float
    permanova: float
    null: np.ndarray  # (arrangements, 2)


def _anosim(ranks, rows, columns, labels):
    known = (labels[rows] >= 0) & (labels[columns] >= 0)
    same = labels[rows] == labels[columns]
    within, between = ranks[known & same], ranks[known & ~same]
    if len(within) == 0 or len(between) == 0:
        return np.nan
    return (between.mean() - within.mean()) / (len(ranks) / 2)


def _squares(members, distance):
    """A sum of squares about the centre, from the mean over the pairs that there are."""
    return (members - 1) / 2 * distance.mean()


def _permanova(distance, rows, columns, labels):
    known = (labels[rows] >= 0) & (labels[columns] >= 0)
    sizes = np.bincount(labels[labels >= 0])
    groups, members = len(sizes), sizes.sum()
    if groups < 2 or members <= groups or not known.any():
        return np.nan
    total, inside = _squares(members, distance[known]), 0.0
    for g, size in enumerate(sizes):
        pairs = (labels[rows] == g) & (labels[columns] == g)
        if size < 2:
            continue
        if not pairs.any():
            return np.nan
        inside += _squares(size, distance[pairs])
    if inside <= 0:
        return np.nan
    return ((total - inside) / (groups - 1)) / (inside / (members - groups))


def steps(distance):
    """Mean distances in the steps of the tests: 2^22 to the power of two above the largest."""
    if len(distance) == 0 or distance.max() == 0:
        return np.zeros(len(distance))
    _, exponent = np.frexp(distance.max())
    return np.rint(np.ldexp(distance, 22 - exponent))


def labels_of(study, axis):
    labels = np.full(len(study.raters), -1)
    for g, (_, members) in enumerate(model.groups(study, axis)):
        labels[members] = g
    return labels


def tests(found, labels, arrangements, min_shared):
    """ANOSIM and PERMANOVA on mean distances of pairs with so many shared items."""
    rows, columns = np.triu_indices(len(labels), 1)
    counted = found[0][rows, columns] >= min_shared
    rows, columns = rows[counted], columns[counted]
    distance = steps(found[2][rows, columns])
    ranks = rankdata(distance)

    def both(now):
        return (_anosim(ranks, rows, columns, now), _permanova(distance, rows, columns, now))

    observed = both(labels)
    return Tests(*observed, np.array([both(labels[source]) for source in arrangements]))


def block(found, first, second, min_shared):
    """(pairs, pairs with kappa, mean share of agreements, mean distance, mean kappa) of the pairs
    of a rater of one mask with one of the other."""
    rows, columns = np.triu_indices(found.shape[1], 1)
    chosen = (first[rows] & second[columns]) | (first[columns] & second[rows])
    chosen &= found[0][rows, columns] >= min_shared
    shared, agreements, distance, kappa, _ = (m[rows[chosen], columns[chosen]] for m in found)
    kappa = kappa[~np.isnan(kappa)]

    def mean(values):
        return values.mean() if len(values) else np.nan

    return (int(chosen.sum()), len(kappa), mean(agreements / np.maximum(shared, 1)), mean(distance),
            mean(kappa))
