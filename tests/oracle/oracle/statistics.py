"""The statistics of a group X and its complement Y, from counts.

Every function takes counts n_uc as arrays of shape (..., items, categories): leading axes are
resamples, all computed at once. A result has the leading axes' shape; NaN where undefined.
"""

from dataclasses import dataclass

import numpy as np

NAMES = ("irr", "xrr", "nxrr", "gai", "difference", "plurality", "negentropy",
         "cross_negentropy", "voting")

# How near to zero a double may come when the exact number is zero. Whether GAI or normalized XRR
# exists then hangs on the last bit, and implementations may differ.
EDGE = 1e-9


@dataclass(frozen=True)
class Rules:
    """What a question and a plan fix: the scale, the categories' numbers, two options."""

    scale: str
    values: tuple
    units: str = "own"
    ties: str = "split"


def _ratio(numerator, denominator):
    """numerator / denominator, NaN where the denominator is 0."""
    numerator, denominator = np.broadcast_arrays(
        np.asarray(numerator, float), np.asarray(denominator, float))
    out = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=out, where=denominator != 0)
    return out


def distances(rules, counts):
    """d(c, k), squared. counts: pairable ratings per category, (..., K); only ordinal uses them."""
    size = counts.shape[-1]
    if rules.scale == "nominal":
        return 1.0 - np.eye(size)
    if rules.scale == "ordinal":
        upto = np.cumsum(counts, axis=-1)
        before = upto - counts
        between = upto[..., None, :] - before[..., :, None]  # sum of n_g, g = c..k, for c <= k
        ends = (counts[..., None, :] + counts[..., :, None]) / 2
        upper = np.triu((between - ends) ** 2, 1)
        return upper + np.swapaxes(upper, -1, -2)
    values = np.asarray(rules.values, float)
    gap = values[:, None] - values[None, :]
    if rules.scale == "interval":
        return gap ** 2
    if rules.scale == "ratio":
        total = values[:, None] + values[None, :]
        return np.where(total == 0, 0.0, _ratio(gap, total)) ** 2
    raise ValueError(f"unknown scale {rules.scale}")


def _keep(counts, mask):
    return counts * mask[..., None]


def sides(rules, x, y):
    """The counts that enter IRR(X); both sides of XRR; and IRR(Y) in normalized XRR."""
    m_x, m_y = x.sum(-1), y.sum(-1)
    if rules.units == "common":
        common = (m_x >= 2) & (m_y >= 1)
        other = (m_x >= 1) & (m_y >= 2)
        return _keep(x, common), _keep(x, common), _keep(y, common), _keep(y, other)
    shared = (m_x >= 1) & (m_y >= 1)
    return _keep(x, m_x >= 2), _keep(x, shared), _keep(y, shared), _keep(y, m_y >= 2)


def alpha_parts(rules, counts):
    """D_o, D_e and n. of Krippendorff's alpha; counts: pairable units only, other rows zero."""
    m = counts.sum(-1)
    n_c = counts.sum(-2)
    total = n_c.sum(-1)
    distance = distances(rules, n_c)
    weight = np.where(m >= 2, 1 / np.maximum(m - 1, 1), 0.0)
    coincidences = np.swapaxes(counts * weight[..., None], -1, -2) @ counts
    observed = (coincidences * distance).sum((-2, -1))
    products = n_c[..., :, None] * n_c[..., None, :]
    expected = (products * distance).sum((-2, -1)) / np.maximum(total - 1, 1)
    return observed, expected, total


def alpha(rules, counts):
    observed, expected, _ = alpha_parts(rules, counts)
    return 1 - _ratio(observed, expected)


def kappa_x_parts(rules, x, y):
    """d_o and d_e of kappa_x; x, y: shared items only, other rows zero."""
    r_u, s_u = x.sum(-1), y.sum(-1)
    r, s = r_u.sum(-1), s_u.sum(-1)
    n_x, n_y = x.sum(-2), y.sum(-2)
    distance = distances(rules, n_x + n_y)
    shared = (r_u >= 1) & (s_u >= 1)
    weight = np.where(shared, (r_u + s_u) / np.maximum(r_u * s_u, 1), 0.0)
    pairs = np.swapaxes(x * weight[..., None], -1, -2) @ y
    d_o = _ratio((pairs * distance).sum((-2, -1)), r + s)
    d_e = _ratio(((n_x[..., :, None] * n_y[..., None, :]) * distance).sum((-2, -1)), r * s)
    return d_o, d_e


def kappa_x(rules, x, y):
    d_o, d_e = kappa_x_parts(rules, x, y)
    return 1 - _ratio(d_o, d_e)


def _mean_over(values, mask):
    """Mean of per-item values over the items in mask."""
    return _ratio(np.where(mask, values, 0.0).sum(-1), mask.sum(-1))


def plurality(x):
    m = x.sum(-1)
    return _mean_over(x.max(-1) / np.maximum(m, 1), m >= 1)


def negentropy(x):
    m = x.sum(-1)
    p = x / np.maximum(m, 1)[..., None]
    entropy = -(p * np.log(np.where(p > 0, p, 1.0))).sum(-1)
    return _mean_over(np.log(x.shape[-1]) - entropy, m >= 1)


def cross_negentropy(x, y):
    size = x.shape[-1]
    r_u, s_u = x.sum(-1), y.sum(-1)
    p = x / np.maximum(r_u, 1)[..., None]
    q = (y + 0.5) / (s_u + size / 2)[..., None]
    cross_entropy = -(p * np.log(q)).sum(-1)
    return _mean_over(np.log(size) - cross_entropy, (r_u >= 1) & (s_u >= 1))


def _votes(counts):
    """A vote per item split evenly between its most frequent categories, and how many these are."""
    top = counts == counts.max(-1, keepdims=True)
    number = top.sum(-1)
    return top / number[..., None], number


def voting(x, y, ties):
    """Voting agreement, items both rated, of these tied on either side, items used."""
    shared = (x.sum(-1) >= 1) & (y.sum(-1) >= 1)
    votes_x, number_x = _votes(x)
    votes_y, number_y = _votes(y)
    tied = shared & ((number_x > 1) | (number_y > 1))
    used = shared & ~tied if ties == "skip" else shared
    votes_x, votes_y = _keep(votes_x, used), _keep(votes_y, used)
    n_c = votes_x.sum(-2) + votes_y.sum(-2)
    total = 2.0 * used.sum(-1)
    # Two votes a unit: each unit's coincidence matrix has o_ck = x_c y_k + x_k y_c.
    disagreement = 2 * (used.sum(-1) - (votes_x * votes_y).sum((-2, -1)))
    products = n_c[..., :, None] * n_c[..., None, :]
    expected = (products * (1 - np.eye(x.shape[-1]))).sum((-2, -1)) / np.maximum(total - 1, 1)
    return 1 - _ratio(disagreement, expected), shared.sum(-1), tied.sum(-1), used.sum(-1)


def compute(rules, x, y):
    """All statistics by name, and by name where the definition hangs on the last bit (see EDGE)."""
    own, cross_x, cross_y, other = sides(rules, x, y)
    irr = alpha(rules, own)
    xrr = kappa_x(rules, cross_x, cross_y)
    product = irr * alpha(rules, other)
    values = {
        "irr": irr,
        "xrr": xrr,
        "nxrr": _ratio(xrr, np.sqrt(np.where(product > 0, product, np.nan))),
        "gai": _ratio(irr, np.where(xrr > 0, xrr, np.nan)),
        "difference": irr - xrr,
        "plurality": plurality(x),
        "negentropy": negentropy(x),
        "cross_negentropy": cross_negentropy(x, y),
        "voting": voting(x, y, rules.ties)[0],
    }
    edges = {name: np.zeros(irr.shape, bool) for name in NAMES}
    edges["gai"] = np.abs(xrr) <= EDGE
    edges["nxrr"] = np.abs(product) <= EDGE
    return values, edges


@dataclass(frozen=True)
class Details:
    """What stands behind one group's numbers."""

    ratings: int
    units_rated: int
    units_irr: int
    units_xrr: int
    pairable: int
    observed_disagreement: float
    expected_disagreement: float
    cross_observed_disagreement: float
    cross_expected_disagreement: float
    percent_agreement: float
    units_voting: int
    units_tied: int
    marginals: tuple


def details(rules, x, y):
    """Details of one arrangement: x, y of shape (items, categories)."""
    own, cross_x, cross_y, _ = sides(rules, x, y)
    d_o, d_e, pairable = alpha_parts(rules, own)
    nominal_d_o, _, _ = alpha_parts(Rules("nominal", rules.values), own)
    cross_d_o, cross_d_e = kappa_x_parts(rules, cross_x, cross_y)
    _, shared, tied, _ = voting(x, y, rules.ties)
    return Details(
        ratings=int(x.sum()), units_rated=int((x.sum(-1) >= 1).sum()),
        units_irr=int((own.sum(-1) >= 2).sum()), units_xrr=int((cross_x.sum(-1) >= 1).sum()),
        pairable=int(pairable),
        observed_disagreement=float(_ratio(d_o, pairable)),
        expected_disagreement=float(_ratio(d_e, pairable)),
        cross_observed_disagreement=float(cross_d_o), cross_expected_disagreement=float(cross_d_e),
        percent_agreement=float(1 - _ratio(nominal_d_o, pairable)),
        units_voting=int(shared), units_tied=int(tied),
        marginals=tuple(int(n) for n in own.sum(-2)))


def _alpha_reason(counts, none, constant):
    if not counts.any():
        return none
    return constant if (counts.sum(-2) > 0).sum() < 2 else ""


def reasons(rules, x, y):
    """By statistic, why it is undefined, in a word; "" where it is defined. One arrangement."""
    own, cross_x, cross_y, other = sides(rules, x, y)
    irr = _alpha_reason(own, "no pairable units", "no variation")
    xrr = _alpha_reason(cross_x + cross_y, "no shared units", "no cross variation")
    both = "needs irr" if irr else "needs xrr" if xrr else ""
    values, _ = compute(rules, x, y)
    shared = (x.sum(-1) >= 1) & (y.sum(-1) >= 1)
    _, _, _, used = voting(x, y, rules.ties)
    if not shared.any():
        vote = "no shared units"
    elif not used:
        vote = "only ties"
    else:
        vote = "no variation" if np.isnan(values["voting"]) else ""
    normalized = both
    if not both and np.isnan(values["nxrr"]):
        undefined = _alpha_reason(other, "none", "constant")
        normalized = "needs complement irr" if undefined else "irr product not positive"
    rated = "" if x.any() else "no ratings"
    return {"irr": irr, "xrr": xrr, "nxrr": normalized, "difference": both,
            "gai": both or ("xrr not positive" if np.isnan(values["gai"]) else ""),
            "plurality": rated, "negentropy": rated,
            "cross_negentropy": "" if shared.any() else "no shared units", "voting": vote}
