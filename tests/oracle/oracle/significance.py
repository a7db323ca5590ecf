"""From a statistic's resamples to p-values, and from p-values to a family's corrections."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

PILOT = 4096    # resamples that studentize maxT, in plans of up to
WIDEST = 8192   # columns; the pilot of a wider one is shorter (docs/determinism.md), and not redone here
TIE = 1e-11   # values this near are one value that rounding split


@dataclass(frozen=True)
class Counts:
    below: int
    equal: int
    above: int
    undefined: int

    @property
    def resamples(self):
        return self.below + self.equal + self.above + self.undefined

    @property
    def ge(self):
        return self.above + self.equal + self.undefined

    @property
    def le(self):
        return self.below + self.equal + self.undefined


def tied(observed, values):
    """Where a resample's value is the observed one, up to rounding."""
    return np.abs(values - observed) <= TIE * max(1.0, abs(observed))


def count(observed, values):
    equal = tied(observed, values)
    undefined = np.isnan(values)
    below = (values < observed) & ~equal
    return Counts(int(below.sum()), int(equal.sum()),
                  int((~undefined & ~equal & ~below).sum()), int(undefined.sum()))


def p_values(ge, le, resamples, exact=False):
    """p_up, p_down and the two-sided p. Where the resamples are all arrangements there are, the
    observed one is among them and nothing is added."""
    one = 0 if exact else 1
    up, down = (ge + one) / (resamples + one), (le + one) / (resamples + one)
    return up, down, min(1.0, 2 * min(up, down))


def direction(observed, values):
    """-1 where the observed value is under the null's median, 1 where it is over it, 0 where it is
    a median: where at least half of the defined values lie on or beyond it on either side."""
    counts = count(observed, values)
    defined = counts.resamples - counts.undefined
    return int(2 * counts.below > defined) - int(2 * counts.above > defined)


def p_grasp(observed, values):
    """GRASP's own p: the share of resamples below where the observed value is under the null's
    median, else the share above."""
    counts = count(observed, values)
    beyond = counts.below if direction(observed, values) < 0 else counts.above
    return beyond / counts.resamples


def monte_carlo_interval(ge, le, resamples, level=0.95):
    """Clopper and Pearson's interval of the smaller tail, doubled for the two-sided p."""
    hits, tail = min(ge, le), (1 - level) / 2
    low = beta.ppf(tail, hits, resamples - hits + 1) if hits > 0 else 0.0
    high = beta.ppf(1 - tail, hits + 1, resamples - hits) if hits < resamples else 1.0
    return min(1.0, 2 * low), min(1.0, 2 * high)


CHECKPOINT = 4096


@dataclass(frozen=True)
class Tail:
    p: float
    interval: tuple


def _tail(beyond, after, length):
    """A tail of Besag and Clifford's: h / l where the h-th exceedance came with resample l."""
    reached = np.flatnonzero(np.cumsum(beyond[:length]) == after)
    if reached.size:
        taken = int(reached[0]) + 1
        most = beta.ppf(0.975, after, taken - after) if taken > after else 1.0
        return Tail(after / taken, (beta.ppf(0.025, after, taken - after + 1), most))
    hits = int(beyond[:length].sum())
    return Tail((hits + 1) / (length + 1),
                (beta.ppf(0.025, hits, length - hits + 1) if hits else 0.0,
                 beta.ppf(0.975, hits + 1, length - hits)))


def sequential(observed, values, after):
    """The resamples that a test gets which stops at the first checkpoint where both tails have
    their exceedances, and its upper and lower tail."""
    missing = np.isnan(values) | tied(observed, values)
    up, down = missing | (values > observed), missing | (values < observed)
    length = len(values)
    for checkpoint in range(CHECKPOINT, len(values), CHECKPOINT):
        if up[:checkpoint].sum() >= after and down[:checkpoint].sum() >= after:
            length = checkpoint
            break
    return length, _tail(up, after, length), _tail(down, after, length)


def bonferroni(p):
    return np.minimum(1.0, np.asarray(p) * len(p))


def holm(p):
    p = np.asarray(p, float)
    order = np.argsort(p, kind="stable")
    out = np.empty(len(p))
    worst = 0.0
    for rank, test in enumerate(order):
        worst = max(worst, min(1.0, (len(p) - rank) * p[test]))
        out[test] = worst
    return out


def benjamini_hochberg(p):
    p = np.asarray(p, float)
    order = np.argsort(p, kind="stable")
    out = np.empty(len(p))
    best = 1.0
    for rank in range(len(p), 0, -1):
        test = order[rank - 1]
        best = min(best, p[test] * len(p) / rank)
        out[test] = best
    return out


def _studentize(observed, values, exact):
    """|v - mean| / sd by the observed value and the pilot's defined ones (these hold the observed
    one already when they are every arrangement). Where they do not vary, t is 0 at their value and
    infinite elsewhere."""
    pilot = values[:PILOT]
    if not (exact and len(values) <= PILOT):
        pilot = np.append(pilot, observed)
    pilot = pilot[~np.isnan(pilot)]
    mean = np.mean(pilot)
    if not np.any(~tied(mean, pilot)):
        far = np.where(np.isnan(values), np.nan, np.where(tied(mean, values), 0.0, np.inf))
        return 0.0 if tied(mean, observed) else np.inf, far
    spread = np.std(pilot, ddof=1)
    return abs(observed - mean) / spread, np.abs(values - mean) / spread


def step_down_maxt(observed, values, slack=0.0, same=None, exact=False):
    """Westfall and Young's step-down maxT, adjusted p per test.

    observed: (T,), values: (T, B), NaN undefined. slack widens (or, negative, narrows) what counts
    as reaching the observed t; where same (T, B) is true, the test's own value is the observed one
    for certain. With both a caller gets bounds that rounding cannot leave.
    """
    observed, values = np.asarray(observed, float), np.asarray(values, float)
    tests, resamples = values.shape
    assert tests <= WIDEST, "the pilot of so many columns is shorter"
    pairs = [_studentize(observed[i], values[i], exact) for i in range(tests)]
    t = np.array([pair[0] for pair in pairs])
    order = sorted(range(tests), key=lambda i: (-t[i], i))
    running = np.full(resamples, -np.inf)
    exceeded = np.empty(tests)
    for i in reversed(order):
        own = pairs[i][1]
        undefined = np.isnan(own)
        running = np.maximum(running, np.where(undefined, -np.inf, own))
        enough = t[i] - slack * max(1.0, t[i]) if np.isfinite(t[i]) else t[i]
        hit = undefined | (running >= enough)
        if same is not None:
            hit |= same[i]
        exceeded[i] = hit.sum()
    out = np.empty(tests)
    worst = 0.0
    for i in order:
        worst = max(worst, (exceeded[i] + 1) / (resamples + 1))
        out[i] = worst
    return out
