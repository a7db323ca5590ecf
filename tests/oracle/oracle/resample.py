"""Which rater carries which profile in resample b: docs/determinism.md, redone.

Philox4x32-10 from Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3
(SC 2011).
"""

import itertools
import math
from collections import Counter

import numpy as np

_MASK = 0xFFFFFFFF
_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)  # golden ratio, sqrt(3) - 1
PERMUTATION = 1  # the purpose of these draws


def philox4x32(counter, key, rounds=10):
    """Four 32-bit words from a counter of four words and a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(rounds):
        left = _MULTIPLIERS[0] * c0
        right = _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = ((right >> 32) ^ c1 ^ k0, right & _MASK,
                          (left >> 32) ^ c3 ^ k1, left & _MASK)
        k0 = (k0 + _WEYL[0]) & _MASK
        k1 = (k1 + _WEYL[1]) & _MASK
    return c0, c1, c2, c3


class Draws:
    """The draws of one resample. Four neighbouring j share a call, which is kept."""

    def __init__(self, seed, resample, purpose=PERMUTATION):
        self._key = (seed & _MASK, seed >> 32)
        self._low, self._high = resample & _MASK, resample >> 32
        self._purpose = purpose
        self._kept = {}

    def word(self, j, attempt):
        at = (j // 4, attempt)
        if at not in self._kept:
            counter = (j // 4, (self._purpose << 16) + attempt, self._low, self._high)
            self._kept[at] = philox4x32(counter, self._key)
        return self._kept[at][j % 4]

    def below(self, j, n):
        """A number below n, each equally likely: words whose product falls into the part of
        2^32 that n does not divide evenly are rejected."""
        attempt = 0
        while True:
            product = self.word(j, attempt) * n
            if (product & _MASK) >= (1 << 32) % n:
                return product >> 32
            attempt += 1


def strata(scheme_codes, n_categories, n_raters):
    """Lists of raters that may trade profiles. scheme_codes: None for the scheme free, else a code
    per rater, -1 for unknown, which makes one last stratum."""
    if scheme_codes is None:
        return [list(range(n_raters))]
    blocks = [[r for r in range(n_raters) if scheme_codes[r] == code]
              for code in (*range(n_categories), -1)]
    return [block for block in blocks if block]


def carried(blocks, seed, resample):
    """source[r]: the rater whose profile rater r carries in this resample."""
    order = [rater for block in blocks for rater in block]
    p = list(range(len(order)))
    draws = Draws(seed, resample)
    start = 0
    for block in blocks:
        end = start + len(block)
        for i in range(end - 1, start, -1):
            k = start + draws.below(i, i - start + 1)
            p[i], p[k] = p[k], p[i]
        start = end
    source = np.empty(len(order), dtype=np.int64)
    source[order] = np.asarray(order)[p]
    return source


def _orders(classes):
    """Every distinct order of a list of classes, each once."""
    if not classes:
        yield ()
    for first in set(classes):
        rest = list(classes)
        rest.remove(first)
        for order in _orders(rest):
            yield (first, *order)


def number_of_arrangements(blocks, classes):
    """How many distinct ways there are to give the classes of each block to its raters."""
    product = 1
    for block in blocks:
        product *= math.factorial(len(block))
        for number in Counter(classes[r] for r in block).values():
            product //= math.factorial(number)
    return product


def all_arrangements(blocks, classes):
    """One row of sources for each distinct arrangement; classes [raters] are what tells raters
    apart. Their order is ours: no result depends on it."""
    representative = {}
    for rater, own in enumerate(classes):
        representative.setdefault(own, rater)
    rows = []
    for orders in itertools.product(*(list(_orders([classes[r] for r in block]))
                                      for block in blocks)):
        source = np.empty(len(classes), dtype=np.int64)
        for block, order in zip(blocks, orders):
            source[block] = [representative[own] for own in order]
        rows.append(source)
    return np.array(rows)
