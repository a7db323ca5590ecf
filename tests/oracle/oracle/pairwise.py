"""Statistics of groups from pairs of raters, from their definitions (docs/statistics.md)."""

import numpy as np

from . import pairs

NAMES = ("pair_irr", "pair_xrr", "pair_gai", "pair_difference")
EDGE = 1e-9  # how near to zero XRR may come before its sign, and GAI with it, is rounding's


class Question:
    """One question's mean distances of pairs, and how often each rater gave each level."""

    def __init__(self, question, n_raters, n_items):
        codes = pairs.table(question, n_raters, n_items)
        self.distances = pairs.distances(question)
        found = pairs.matrices(codes, question)
        self.counted = (found[0] > 0) & ~np.eye(n_raters, dtype=bool)
        self.mean = np.where(self.counted, found[2], 0.0)
        self.levels = np.array([[(row == c).sum() for c in range(len(self.distances))]
                                for row in codes], dtype=float)

    def _corrected(self, block, chance):
        """1 - mean distance / expected distance, and why there is none."""
        if not self.counted[block].any():
            return np.nan, "no pairs"
        if not chance > 0:
            return np.nan, "no variation"
        return 1 - self.mean[block].sum() / self.counted[block].sum() / chance, ""

    def compute(self, members, others):
        """(values by name, reasons by name, whether GAI's existence hangs on the last bit)."""
        own, other = self.levels[members].sum(0), self.levels[others].sum(0)
        n, m = own.sum(), other.sum()
        pairs_of_own = n * (n - 1)
        chance = own @ self.distances @ own / pairs_of_own if pairs_of_own > 0 else 0.0
        irr, why_irr = self._corrected(np.ix_(members, members), chance)
        chance = own @ self.distances @ other / (n * m) if n * m > 0 else 0.0
        xrr, why_xrr = self._corrected(np.ix_(members, others), chance)
        if why_irr == "no pairs":
            why_irr = "no pairable units"
        why_xrr = {"no pairs": "no shared units", "no variation": "no cross variation"}.get(
            why_xrr, "")
        both = "needs irr" if why_irr else "needs xrr" if why_xrr else ""
        gai = irr / xrr if xrr > 0 else np.nan
        why_gai = both or ("" if xrr > 0 else "xrr not positive")
        values = dict(zip(NAMES, (irr, xrr, gai, irr - xrr)))
        reasons = dict(zip(NAMES, (why_irr, why_xrr, why_gai, both)))
        return values, reasons, abs(xrr) <= EDGE
