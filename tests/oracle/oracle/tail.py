"""The generalized Pareto tail of a null, by SciPy's distribution and optimizers."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2, genpareto, norm

LEAST, MOST = -60.0, -1e-3   # of log p0
SHAPES = (-0.95, 1.0)
# 5% points of A^2 by the shape; Choulakian and Stephens 2001, whose k is -xi
CRITICAL = ((-0.5, -0.2, -0.1, 0.0, 0.1, 0.2, 0.5, 0.9),
            (1.321, 1.074, 1.020, 0.974, 0.935, 0.903, 0.830, 0.771))


@dataclass(frozen=True)
class Tail:
    p: float
    low: float
    high: float
    exceedances: int
    margin: float  # relative distance of the nearest A^2 from its critical point


class Fit:
    """Exceedances, with the observed one among them or not."""

    def __init__(self, exceedances, observed, holds_observed):
        self.data = np.append(exceedances, observed) if holds_observed else exceedances
        self.exceedances, self.observed = exceedances, observed
        self.log_p0, self.top = _highest(self.profile, LEAST, MOST, 25)
        self.xi = self._shape(self.log_p0)[0]

    def scale(self, log_p0, xi):
        if abs(xi) < 1e-8:
            return -self.observed / log_p0
        return xi * self.observed / np.expm1(-xi * log_p0)

    def log_likelihood(self, log_p0, xi):
        """genpareto.logpdf, summed; written out because that is ten times slower."""
        scale = self.scale(log_p0, xi)
        if abs(xi) < 1e-8:
            return -len(self.data) * np.log(scale) - self.data.sum() / scale
        end = 1 + xi / scale * self.data.max()
        if end <= 0:  # impossible; the worse the further, so that a search finds back
            return -1e9 * (2 - end)
        terms = np.log1p(xi / scale * self.data).sum()
        return -len(self.data) * np.log(scale) - (1 / xi + 1) * terms

    def _shape(self, log_p0):
        return _highest(lambda xi: self.log_likelihood(log_p0, xi), *SHAPES, 12)

    def profile(self, log_p0):
        return self._shape(log_p0)[1]

    def limits(self):
        level = self.top - chi2.ppf(0.95, 1) / 2

        def above(log_p0):
            return self.profile(log_p0) - level

        low = brentq(above, LEAST, self.log_p0, xtol=1e-6) if above(LEAST) < 0 else -np.inf
        return low, brentq(above, self.log_p0, MOST, xtol=1e-6) if above(MOST) < 0 else MOST

    def anderson_darling(self):
        y = np.sort(self.exceedances)
        fitted = genpareto(self.xi, scale=self.scale(self.log_p0, self.xi))
        i = np.arange(1, len(y) + 1)
        terms = (2 * i - 1) * (fitted.logcdf(y) + fitted.logsf(y[::-1]))
        return -len(y) - terms.mean()


def _highest(f, low, high, steps):
    """A function's highest point: the best of a grid, then Brent's method beside it."""
    grid = np.linspace(low, high, steps)
    with np.errstate(all="ignore"):
        at = int(np.nanargmax([f(x) for x in grid]))
        found = minimize_scalar(lambda x: -f(x), method="bounded", options={"xatol": 1e-7},
                                bounds=(grid[max(0, at - 1)], grid[min(steps - 1, at + 1)]))
    return found.x, -found.fun


def tail(observed, values):
    """One-sided p of an observed value above most values, or None."""
    resamples = len(values)
    descending = np.sort(values)[::-1]
    margin = np.inf
    for k in range(min(250, resamples // 10) // 10 * 10, 49, -10):
        threshold = (descending[k - 1] + descending[k]) / 2
        fit = Fit(descending[:k] - threshold, observed - threshold, True)
        ratio = fit.anderson_darling() / np.interp(fit.xi, *CRITICAL)
        margin = min(margin, abs(ratio - 1))
        if ratio > 1:
            continue
        log_share = np.log((k + 1) / (resamples + 1))
        error = norm.ppf(0.975) * np.sqrt((1 - k / resamples) / k)
        low = Fit(fit.exceedances, fit.observed, False).limits()[0]
        middle = log_share + fit.log_p0
        return Tail(np.exp(middle), np.exp(middle - np.hypot(fit.log_p0 - low, error)),
                    np.exp(middle + np.hypot(fit.limits()[1] - fit.log_p0, error)), k, margin)
    return None
