"""Bootstrap resamples redone from docs/determinism.md, statistics under weights, and intervals.

A rater drawn w times counts w times and never agrees with themselves; an item drawn v times enters
v times. Everything is summed from ordered pairs of ratings, from which each rating's pair with itself
is taken away.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, t

from . import model, resample, statistics

GROUP, COMPLEMENT, ITEMS = 2, 3, 4  # purposes of the draws
TIE = 1e-11
EDGE = 1e-6  # an XRR (or product) as small as this makes a ratio that rounding moves
Z = norm.ppf(0.975)
LEAST = 40           # resamples for an interval
MOST_UNDEFINED = .1  # of all resamples
MOST_ON_ONE_SIDE = 70  # percent of them; more, and an evaluation shows no BCa interval


class Words:
    """Draws of each (resample, purpose), kept, since every group uses the same words."""

    def __init__(self, seed):
        self._seed, self._kept = seed, {}

    def weights(self, b, purpose, n):
        if (b, purpose) not in self._kept:
            self._kept[b, purpose] = resample.Draws(self._seed, b, purpose)
        draws = self._kept[b, purpose]
        found = np.zeros(n)
        for j in range(n):
            found[draws.below(j, n)] += 1
        return found


@dataclass(frozen=True)
class Side:
    """One side's weighted ratings in each resample."""

    counts: np.ndarray   # (B, U, K): sum of w
    squares: np.ndarray  # (B, U, K): sum of w^2
    raters: np.ndarray   # (B, U): how many drawn raters there are

    @property
    def total(self):
        return self.counts.sum(-1)


def side(weights, members, table):
    """weights (B, R); table (R, U, K) of 0 and 1."""
    own = weights * members
    return Side(np.einsum("br,ruk->buk", own, table), np.einsum("br,ruk->buk", own ** 2, table),
                np.einsum("br,ru->bu", (own > 0).astype(float), table.sum(-1)))


def _outer(a, b):
    return a[..., :, None] * b[..., None, :]


def _diagonal(a):
    return a[..., :, None] * np.eye(a.shape[-1])


def alpha(rules, x, times, units):
    counts, squares = x.counts * units[..., None], x.squares * units[..., None]
    marginals = (times[..., None] * counts).sum(-2)
    distance = statistics.distances(rules, marginals)
    pairs = _outer(counts, counts) - _diagonal(squares)
    number = pairs.sum((-1, -2))
    own = np.divide(counts.sum(-1), number, out=np.zeros_like(number), where=number > 0)
    coincidences = ((times * own)[..., None, None] * pairs).sum(1)
    ratings = (times * counts.sum(-1)).sum(-1)
    chance = _outer(marginals, marginals) - _diagonal(
        ((times ** 2)[..., None] * squares).sum(-2))
    observed = statistics._ratio((coincidences * distance).sum((-1, -2)), ratings)
    expected = statistics._ratio((chance * distance).sum((-1, -2)), chance.sum((-1, -2)))
    return 1 - statistics._ratio(observed, expected)


def kappa_x(rules, x, y, times, units):
    a, b = x.counts * units[..., None], y.counts * units[..., None]
    r_u, s_u = a.sum(-1), b.sum(-1)
    n_a, n_b = ((times[..., None] * n).sum(-2) for n in (a, b))
    distance = statistics.distances(rules, n_a + n_b)
    weight = np.divide(times * (r_u + s_u), r_u * s_u, out=np.zeros_like(r_u), where=units)
    pairs = (weight[..., None, None] * _outer(a, b)).sum(1)
    observed = statistics._ratio((pairs * distance).sum((-1, -2)), n_a.sum(-1) + n_b.sum(-1))
    expected = statistics._ratio((_outer(n_a, n_b) * distance).sum((-1, -2)),
                                 n_a.sum(-1) * n_b.sum(-1))
    return 1 - statistics._ratio(observed, expected)


def _mean(values, times, units):
    return statistics._ratio(np.where(units, times * values, 0).sum(-1), (times * units).sum(-1))


def voting(x, y, times, ties):
    votes_x, n_x = statistics._votes(x.counts)
    votes_y, n_y = statistics._votes(y.counts)
    used = (x.total > 0) & (y.total > 0)
    if ties == "skip":
        used &= (n_x == 1) & (n_y == 1)
    times = times * used
    units = times.sum(-1)
    marginals = (times[..., None] * (votes_x + votes_y)).sum(-2)
    apart = 2 * (units - (times * (votes_x * votes_y).sum(-1)).sum(-1))
    chance = (_outer(marginals, marginals) * (1 - np.eye(marginals.shape[-1]))).sum((-1, -2))
    return 1 - statistics._ratio(apart * np.maximum(2 * units - 1, 1), chance)


def compute(rules, x, y, times):
    """Values by name, and by name where they hang on the last bits."""
    shared = (x.total > 0) & (y.total > 0)
    own, other, cross = x.raters >= 2, y.raters >= 2, shared
    if rules.units == "common":
        own, other, cross = own & shared, other & shared, own & shared
    irr, xrr, others = (np.where(np.abs(found) <= TIE, 0.0, found)  # docs/determinism.md says so
                        for found in (alpha(rules, x, times, own),
                                      kappa_x(rules, x, y, times, cross),
                                      alpha(rules, y, times, other)))
    product = irr * others
    m, s = np.maximum(x.total, 1)[..., None], y.total[..., None]
    p = x.counts / m
    q = (y.counts + 0.5) / (s + p.shape[-1] / 2)
    levels = np.log(p.shape[-1])
    values = {
        "irr": irr, "xrr": xrr,
        "nxrr": statistics._ratio(xrr, np.sqrt(np.where(product > 0, product, np.nan))),
        "gai": statistics._ratio(irr, np.where(xrr > 0, xrr, np.nan)),
        "difference": irr - xrr,
        "plurality": _mean(p.max(-1), times, x.total > 0),
        "negentropy": _mean(levels + (p * np.log(np.where(p > 0, p, 1))).sum(-1), times,
                            x.total > 0),
        "cross_negentropy": _mean(levels + (p * np.log(q)).sum(-1), times, shared),
        "voting": voting(x, y, times, rules.ties),
    }
    edges = {name: np.zeros(irr.shape, bool) for name in values}
    edges["gai"], edges["nxrr"] = ((np.abs(found) <= EDGE) & (found != 0)
                                   for found in (xrr, product))
    return values, edges


# --- intervals


def _tied(a, b):
    return np.abs(a - b) <= TIE * max(1.0, abs(a))


def acceleration(strata):
    """From leave-one-out values, a list of arrays; NaN where undefined."""
    squares = cubes = 0.0
    varies = False
    for values in strata:
        if len(values):
            mean = np.mean(values)
            influence = (len(values) - 1) / len(values) * (mean - values)
            squares, cubes = squares + (influence ** 2).sum(), cubes + (influence ** 3).sum()
            varies |= bool((~_tied(mean, values)).any())
    return cubes / (6 * squares ** 1.5) if varies and squares > 0 else np.nan


def bca(estimate, values, a):
    ties = _tied(estimate, values)
    z0 = norm.ppf(((values < estimate) & ~ties).mean() + ties.mean() / 2)
    if not np.isfinite(z0) or np.isnan(a) or _tied(values.min(), values.max()):
        return None
    steps = [z0 - Z, z0 + Z]
    if any(1 - a * step <= 0 for step in steps):
        return None
    levels = [norm.cdf(z0 + step / (1 - a * step)) for step in steps]
    if min(levels) < 1 / len(values) or max(levels) > 1 - 1 / len(values):
        return None
    return tuple(np.quantile(values, level) for level in levels)


def withheld(resamples, *columns):
    """Why the resamples in which all of these columns are defined make no interval, or ""."""
    kept = ~np.isnan(np.array(columns)).any(0)
    number = kept.sum()
    if 0 < number < resamples and any(_tied(column[kept].min(), column[kept].max())
                                      for column in columns):
        return "equal in all others"
    if resamples - number > MOST_UNDEFINED * resamples:
        return "in more than 10%"
    return "fewer than 40" if number < LEAST else ""


def fieller(a, x, of_a, of_x):
    """(kind, low, high) of {c : (a - c x)^2 <= Z^2 var(A - c X)}, by trying on either side of each
    root of what is a polynomial in c."""
    keep = ~np.isnan(of_a) & ~np.isnan(of_x)
    if np.isnan(a) or np.isnan(x) or withheld(len(keep), of_a, of_x):
        return "none", np.nan, np.nan
    cov = np.cov(of_a[keep], of_x[keep])
    if abs(x) <= TIE and cov[1, 1] <= TIE ** 2:  # x is 0 for certain
        return ("empty" if a * a > Z * Z * cov[0, 0] + TIE else "whole"), np.nan, np.nan
    if abs(x) > TIE:
        spread = cov[0, 0] - 2 * a / x * cov[0, 1] + (a / x) ** 2 * cov[1, 1]
        if abs(spread) <= TIE * np.trace(cov) + TIE:  # A = c X in every resample, up to the last bits
            return "point", a / x, a / x
    inside = np.poly1d([x * x - Z * Z * cov[1, 1], -2 * (a * x - Z * Z * cov[0, 1]),
                        a * a - Z * Z * cov[0, 0]])
    roots = sorted(r.real for r in inside.roots if abs(r.imag) <= 1e-12 * max(1, abs(r)))
    if len(roots) < 2:
        return "whole", np.nan, np.nan
    middle, outside = inside(sum(roots) / 2) <= 0, inside(roots[1] + 1 + abs(roots[1])) <= 0
    if outside:
        return ("whole", np.nan, np.nan) if middle else ("outside", *roots)
    return "bounded", *roots


@dataclass(frozen=True)
class Cell:
    estimate: float
    values: np.ndarray  # (B,)
    left_out: list      # strata of leave-one-out values
    edge: bool          # something hangs on the last bits

    @property
    def defined(self):
        return self.values[~np.isnan(self.values)]

    def one_sided(self):
        """More than 70% of values that are not all one lie on one side of the estimate."""
        values, ties = self.defined, _tied(self.estimate, self.defined)
        below = ((values < self.estimate) & ~ties).sum() + ties.sum() / 2
        return (not _tied(values.min(), values.max())
                and max(below, len(values) - below) * 100 > MOST_ON_ONE_SIDE * len(values))

    def intervals(self):
        """By method; None where undefined."""
        low, high = np.quantile(self.defined, [0.025, 0.975])
        return {"percentile": (low, high),
                "basic": (2 * self.estimate - high, 2 * self.estimate - low),
                "bca": bca(self.estimate, self.defined, acceleration(self.left_out))}


def _weights(words, over, resamples, members, others, n_items):
    """(B, R) and (B, U) of every resample."""
    of_raters, of_items = np.ones((resamples, len(members))), np.ones((resamples, n_items))
    for b in range(resamples):
        if over != "items":
            of_raters[b, members] = words.weights(b, GROUP, members.sum())
            of_raters[b, others] = words.weights(b, COMPLEMENT, others.sum())
        if over != "raters":
            of_items[b] = words.weights(b, ITEMS, n_items)
    return of_raters, of_items


def _left_out(over, members, others, n_items):
    """Weights with one rater or item left out, and the strata's sizes."""
    raters = [np.flatnonzero(members), np.flatnonzero(others)] if over != "items" else [[], []]
    sizes = [len(raters[0]), len(raters[1]), n_items if over != "raters" else 0]
    of_raters, of_items = np.ones((sum(sizes), len(members))), np.ones((sum(sizes), n_items))
    for row, rater in enumerate([*raters[0], *raters[1]]):
        of_raters[row, rater] = 0
    for item in range(sizes[2]):
        of_items[sizes[0] + sizes[1] + item, item] = 0
    return of_raters, of_items, sizes


def _group(rules, table, words, options, members, others):
    def at(of_raters, of_items):
        return compute(rules, side(of_raters, members, table), side(of_raters, others, table),
                       of_items)

    n_items = table.shape[1]
    whole, whole_edge = at(np.ones((1, len(members))), np.ones((1, n_items)))
    values, edges = at(*_weights(words, options.over, options.bootstrap, members, others, n_items))
    of_raters, of_items, sizes = _left_out(options.over, members, others, n_items)
    left, left_edge = at(of_raters, of_items)
    ends = np.cumsum(sizes)[:-1]
    return {name: Cell(float(whole[name][0]), values[name], np.split(left[name], ends),
                       bool(whole_edge[name][0] or edges[name].any() or left_edge[name].any()))
            for name in statistics.NAMES}


def run(study, options):
    """((question, axis, group), cells by statistic) of every group with enough raters."""
    study = model.select(study, options.questions, options.where)
    words = Words(options.seed)
    for question in study.questions:
        rules = statistics.Rules(question.scale, question.values, options.units, options.ties)
        table = model.one_hot(question, len(study.raters), len(study.items))
        table = table.reshape(len(study.raters), len(study.items), -1)
        table = table[:, np.unique(question.item)]
        for axis in options.axes:
            known = model.known(study, axis)
            for name, members in model.groups(study, axis):
                if members.sum() >= options.min_raters:
                    yield ((question.name, "*".join(axis), name),
                           _group(rules, table, words, options, members, known & ~members))


def shared(quarters):
    """What raters' ratings have in common, of a statistic's variance, from its values in the four
    quarters of every split."""
    q = np.asarray(quarters).reshape(-1, 4)
    products = (q[:, 0] - q[:, 2]) * (q[:, 1] - q[:, 3]) / 4
    defined = products[~np.isnan(products)]
    if not len(defined) or (len(products) - len(defined)) * 10 > len(products):
        return np.nan
    return max(defined.mean(), 0)


def logit(estimate, se, degrees, least, most):
    """The delta method's interval of log((x - least) / (most - x)), taken back."""
    middle = np.log((estimate - least) / (most - estimate))
    slope = 1 / (estimate - least) + 1 / (most - estimate)
    ends = middle + np.array([-1, 1]) * t.ppf(0.975, degrees) * se * slope
    return tuple(least + (most - least) / (1 + np.exp(-ends)))


def check_row(check, where, observed, values, left_out, row, method, limited=None):
    """A row of an evaluation's CSV against the intervals of redone resamples and leave-outs; method:
    the one that was asked for; limited: (least, most, variance, degrees of freedom) of a statistic
    whose variance goes by its parts."""
    def number(text):
        return float(text) if text else float("nan")

    why = withheld(len(values), values)
    if why:
        check.exactly(where, "withheld", True, why in row["ci_reason"])
        check.exactly(where, "withheld", "", row["ci_low"])
        return
    cell = Cell(float(observed), values, left_out, False)
    expected = cell.intervals()
    se = np.std(cell.defined, ddof=1)
    least, most, variance, degrees = limited or (0, 0, np.nan, np.nan)
    by_parts = 0 < variance < np.inf
    se = np.sqrt(variance) if by_parts else se
    if method == "bca" and by_parts and least < cell.estimate < most:
        method, expected["logit"] = "logit", logit(cell.estimate, se, degrees, least, most)
    elif method == "bca" and cell.one_sided():
        method, spread = "normal", np.std(cell.defined, ddof=1)
        expected["normal"] = (cell.estimate - Z * spread, cell.estimate + Z * spread)
    method = method if expected[method] else "percentile"
    check.exactly(where, "method", method, row["ci_method"])
    check.number(where, "se", se, number(row["se"]))
    for end, name in zip(expected[method], ("ci_low", "ci_high")):
        check.number(where, name, end, number(row[name]))
    check.tally[f"intervals by {method}"] += 1
