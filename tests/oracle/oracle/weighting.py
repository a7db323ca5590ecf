"""What a bootstrap draws for an evaluation, and what its jackknife leaves out; docs/determinism.md,
"Evaluations", redone."""

import numpy as np

from . import model, resample

ITEMS, AXIS, EVERYONE = 4, 5, 6  # purposes of the draws


def drawn(draws, n, first=0):
    """How often each of n is drawn, with the words from `first` on."""
    found = np.zeros(n, dtype=np.int64)
    for j in range(first, first + n):
        found[draws.below(j, n)] += 1
    return found


def of_axis(study, axis, seed, b):
    """Raters' weights: each group of the axis by itself, the words numbered through its groups."""
    weights = np.zeros(len(study.raters), dtype=np.int64)
    draws, first = resample.Draws(seed, b, AXIS), 0
    for _, members in model.groups(study, axis):
        size = int(members.sum())
        weights[members] = drawn(draws, size, first)
        first += size
    return weights


def ones(study, axes):
    """(weights by axis, of all raters, of items), every one 1; 0 on an axis for who has no group."""
    return ({axis: model.known(study, axis).astype(np.int64) for axis in axes},
            np.ones(len(study.raters), dtype=np.int64), np.ones(len(study.items), dtype=np.int64))


def of_resample(study, axes, over, seed, b):
    """The weights of bootstrap resample b."""
    of_axes, everyone, items = ones(study, axes)
    if over != "items":
        of_axes = {axis: of_axis(study, axis, seed, b) for axis in axes}
        everyone = drawn(resample.Draws(seed, b, EVERYONE), len(everyone))
    if over != "raters":
        items = drawn(resample.Draws(seed, b, ITEMS), len(items))
    return of_axes, everyone, items


def left_out(study, axes, rater=None, item=None):
    """The weights with one rater or one item left out."""
    of_axes, everyone, items = ones(study, axes)
    if rater is not None:
        everyone[rater] = 0
        for weights in of_axes.values():
            weights[rater] = 0
    if item is not None:
        items[item] = 0
    return of_axes, everyone, items


def quarters(study, axes, seed, split):
    """The weights of the four quarters of a split: 1 in a half of the raters and of the items."""
    draws, n = resample.Draws(seed, 2**63 + split, EVERYONE), len(study.raters)
    second = np.array([draws.word(j, 0) >> 31 for j in range(n + len(study.items))], dtype=np.int64)
    for half in (1 - second[:n], second[:n]):
        for items in (1 - second[n:], second[n:]):
            of_axes = {axis: model.known(study, axis) * half for axis in axes}
            yield of_axes, half, items
