"""When a resample must tie with the observed arrangement to the bit, however it is rounded.

docs/determinism.md has every statistic depend on a few sums over items whose terms are counts times
w[k], where w[k] is 1/k in fixed point. Two arrangements whose sums have the same coefficient for
every w[k] have the same sums. Here the w[k] are random 64-bit words and the sums are taken modulo
2^64, which differ (but for a chance of 2^-64) when a coefficient does.
"""

import numpy as np

from .statistics import NAMES, sides


def _words(number, stream):
    return np.random.default_rng([64, stream]).integers(0, 2**64, number, dtype=np.uint64)


def _mix(words):
    """Scrambles words, so that a sum of them tells which were added and not only their sum."""
    words = (words ^ (words >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    return words ^ (words >> np.uint64(29))


def _flat(matrix):
    return matrix.reshape(*matrix.shape[:-2], -1)


def _off_diagonal(matrix):
    size = matrix.shape[-1]
    return _flat(matrix * (1 - np.eye(size, dtype=np.uint64)))


def _alpha(counts, w):
    m = counts.sum(-1)
    weighted = counts * np.where(m >= 2, w[np.maximum(m, 1) - 1], 0)[..., None]
    return np.concatenate([_off_diagonal(np.swapaxes(weighted, -1, -2) @ counts), counts.sum(-2)],
                          axis=-1)


def _kappa_x(x, y, w):
    weighted = x * (w[x.sum(-1)] + w[y.sum(-1)])[..., None]
    pairs = np.swapaxes(weighted, -1, -2) @ y
    pairs = pairs + np.swapaxes(pairs, -1, -2)
    return np.concatenate([_off_diagonal(pairs), x.sum(-2), y.sum(-2)], axis=-1)


def _plurality(x, w):
    m = x.sum(-1)
    return np.stack([(x.max(-1) * w[m]).sum(-1), (m > 0).sum(-1).astype(np.uint64)], axis=-1)


def _items(words, mask):
    """The multiset of the masked items' words."""
    return np.where(mask, _mix(words), 0).sum(-1, dtype=np.uint64)[..., None]


def _voting(x, y, ties, w):
    used = (x.sum(-1) > 0) & (y.sum(-1) > 0)
    top_x, top_y = (side == side.max(-1, keepdims=True) for side in (x, y))
    t_x, t_y = top_x.sum(-1), top_y.sum(-1)
    if ties == "skip":
        used &= (t_x == 1) & (t_y == 1)
    agreement = np.where(used, (top_x & top_y).sum(-1).astype(np.uint64) * w[t_x * t_y], 0)
    marginals = np.where(used[..., None], top_x * w[t_x][..., None] + top_y * w[t_y][..., None], 0)
    return np.concatenate([agreement.sum(-1, dtype=np.uint64)[..., None],
                           used.sum(-1).astype(np.uint64)[..., None],
                           marginals.sum(-2, dtype=np.uint64)], axis=-1)


def sums(rules, x, y):
    """By statistic, an array (..., sums); x, y as in statistics.compute. All sums equal: a tie."""
    own, cross_x, cross_y, other = (part.astype(np.uint64) for part in sides(rules, x, y))
    x, y = x.astype(np.uint64), y.astype(np.uint64)
    most = max(x.sum(-1).max(initial=0), y.sum(-1).max(initial=0), x.shape[-1] ** 2)
    w = _words(int(most) + 1, 0)
    irr, xrr = _alpha(own, w), _kappa_x(cross_x, cross_y, w)
    index = np.random.default_rng([64, 1]).integers(1, 2**64, dtype=np.uint64)
    pairs = _mix(x * index + y)  # a word for each (n_uc(X), n_uc(Y)); summed over c, order is lost
    found = {"irr": irr, "xrr": xrr, "plurality": _plurality(x, w),
             "difference": np.concatenate([irr, xrr], axis=-1),
             "negentropy": _items(_mix(_mix(x + index)).sum(-1, dtype=np.uint64), x.sum(-1) > 0),
             "cross_negentropy": _items(pairs.sum(-1, dtype=np.uint64),
                                        (x.sum(-1) > 0) & (y.sum(-1) > 0)),
             "voting": _voting(x, y, rules.ties, w)}
    found["gai"] = found["difference"]
    found["nxrr"] = np.concatenate([irr, xrr, _alpha(other, w)], axis=-1)
    return {name: found[name] for name in NAMES}
