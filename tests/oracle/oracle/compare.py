"""The command's reports against the oracle's own run.

Estimates and moments must agree to 1e-9, counts exactly. A count is certain only where rounding
cannot decide it: a resample whose value nearly is the observed one, though its arrangement is
another, or whose GAI exists by the last bit only, may count either way. Such cells are held to
bounds and tallied, so that a test can insist on there being few.
"""

import collections

import numpy as np

from . import analysis, significance, statistics

TOLERANCE = 1e-9
REASONS = {
    "": {""},
    "too few raters": {"fewer raters than the minimum"},
    "no pairable units": {"no item with two ratings in the group", "the group rated no item"},
    "no variation": {"no variation: every pairable rating is equal",
                     "no variation on the shared items"},
    "no shared units": {"no item rated by both sides"},
    "no cross variation": {"no variation on the shared items"},
    "xrr not positive": {"XRR is not positive"},
    "irr product not positive": {"the product of both sides' IRR is not positive"},
    "no ratings": {"the group rated no item"},
    "needs irr": {"IRR is undefined"},
    "needs xrr": {"XRR is undefined"},
    "only ties": {"every shared item is a tie and ties are skipped"},
    "needs complement irr": {"IRR of the complement is undefined"},
}
DETAILS = {  # by the JSON report's names
    "ratings": "ratings", "items_rated": "units_rated", "items_irr": "units_irr",
    "items_xrr": "units_xrr", "items_voting": "units_voting", "items_tied": "units_tied",
    "pairable": "pairable", "observed_disagreement": "observed_disagreement",
    "expected_disagreement": "expected_disagreement",
    "cross_observed_disagreement": "cross_observed_disagreement",
    "cross_expected_disagreement": "cross_expected_disagreement",
    "percent_agreement": "percent_agreement",
}
DIRECTIONS = {1: "up", -1: "down", 0: ""}


class Comparison:
    """Collects disagreements, and how much was compared how strictly."""

    def __init__(self):
        self.problems = []
        self.tally = collections.Counter()

    def note(self, where, what, expected, found):
        self.problems.append(f"{where}: {what}: oracle {expected!r}, command {found!r}")

    def number(self, where, what, expected, found, scale=1.0):
        """Equal up to rounding, or both missing."""
        self.tally["numbers"] += 1
        if np.isnan(expected) and np.isnan(found):
            return
        if not abs(expected - found) <= TOLERANCE * max(1.0, scale, abs(expected)):
            self.note(where, what, expected, found)

    def exactly(self, where, what, expected, found):
        self.tally["exact values"] += 1
        if expected != found:
            self.note(where, what, expected, found)

    def between(self, where, what, low, high, found):
        self.tally["bounds, sharp" if low == high else "bounds, loose"] += 1
        if found is None or not low <= found <= high:
            self.note(where, what, (low, high), found)


def _tail_bounds(observed, cell):
    """Bounds of undefined, ge and le."""
    values, edges = cell.values, cell.edges
    near = significance.tied(observed, values)
    missing = np.isnan(values)
    certain = (missing & ~edges) | cell.same
    clear = ~near & ~edges & ~missing
    undefined = ((missing & ~edges).sum(), (missing | edges).sum())
    ge, le = ((int((certain | (clear & beyond)).sum()),
               int((missing | edges | near | beyond).sum()))
              for beyond in (values > observed, values < observed))
    return tuple(int(n) for n in undefined), ge, le


def _moments(check, where, cell, row):
    defined = cell.values[~np.isnan(cell.values)]
    mean = np.mean(defined) if defined.size else np.nan
    sd = np.std(defined, ddof=1) if defined.size > 1 else np.nan
    scale = np.max(np.abs(defined)) if defined.size else 1.0
    check.number(where, "null_mean", mean, row["null_mean"], scale)
    if not sd > TOLERANCE * max(1.0, scale):  # no spread: rounding decides what z is
        nothing = np.isnan(row["null_sd"]) or row["null_sd"] <= TOLERANCE * max(1.0, scale)
        check.exactly(where, "null_sd is nothing", True, bool(nothing))
        return
    check.number(where, "null_sd", sd, row["null_sd"], scale)
    z = (cell.estimate - mean) / sd
    check.number(where, "z", z, row["z"], max(1.0, scale) / sd)


def _significance(check, where, cell, row, exact):
    resamples = len(cell.values)
    undefined, ge, le = _tail_bounds(cell.estimate, cell)
    check.exactly(where, "resamples", resamples, row["resamples"])
    check.between(where, "undefined", *undefined, row["undefined"])
    check.between(where, "ge", *ge, row["ge"])
    check.between(where, "le", *le, row["le"])
    p = significance.p_values(row["ge"], row["le"], resamples, exact)
    for name, value in zip(("p_up", "p_down", "p"), p):
        check.number(where, name, value, row[name])
    if cell.edges.any():
        check.tally["cells whose null has a value at the edge of being defined"] += 1
        return
    _moments(check, where, cell, row)
    if (significance.tied(cell.estimate, cell.values) == cell.same).all():
        check.number(where, "p_grasp", significance.p_grasp(cell.estimate, cell.values),
                     row["p_grasp"])
        check.exactly(where, "direction",
                      DIRECTIONS[significance.direction(cell.estimate, cell.values)],
                      row["direction"])


def _cell(check, where, group, cell, row):
    check.exactly(where, "raters", group.raters, row["raters"])
    check.exactly(where, "ratings", group.ratings, row["ratings"])
    if cell.edge:
        check.tally["estimates at the edge of being defined"] += 1
        return
    check.number(where, "estimate", cell.estimate, row["estimate"])
    if row["reason"] not in REASONS[cell.reason]:
        check.note(where, "reason", cell.reason, row["reason"])
    if np.isnan(cell.estimate):
        for name in ("p_up", "p_down", "p", "q_bh", "p_holm", "p_bonferroni", "p_maxt", "z"):
            check.exactly(where, f"{name} is missing", True, bool(np.isnan(row[name])))
    elif len(cell.values):
        _significance(check, where, cell, row, group.exact)


def _family(check, cells, rows, exact):
    """Corrections over everything tested, in the table's order."""
    tested = [(cell, row) for cell, row in zip(cells, rows) if not np.isnan(row["p"])]
    if not tested:
        return
    p = np.array([row["p"] for _, row in tested])
    for name, adjust in (("q_bh", significance.benjamini_hochberg), ("p_holm", significance.holm),
                         ("p_bonferroni", significance.bonferroni)):
        for (_, row), expected in zip(tested, adjust(p)):
            check.number("family", name, expected, row[name])
    if any(cell.edge or cell.edges.any() for cell, _ in tested):
        check.tally["families whose maxT hangs on a value at the edge"] += 1
        return
    observed = [cell.estimate for cell, _ in tested]
    values = np.array([cell.values for cell, _ in tested])
    same = np.array([cell.same for cell, _ in tested])
    low = significance.step_down_maxt(observed, values, -1e-8, same, exact)
    high = significance.step_down_maxt(observed, values, 1e-8, same, exact)
    for (_, row), least, most in zip(tested, low, high):
        where = "/".join(row[key] for key in ("question", "axis", "group", "statistic"))
        if np.isnan(row["p_maxt"]):
            check.note(where, "p_maxt", (least, most), row["p_maxt"])
            continue
        one = 0 if exact else 1
        resamples = values.shape[1]
        bounds = [round(p * (resamples + 1)) - 1 for p in (least, most)]
        hits = round(row["p_maxt"] * (resamples + one)) - one
        check.between(where, "p_maxt", *bounds, hits)
        check.number(where, "p_maxt", (hits + one) / (resamples + one), row["p_maxt"])


def _dsi(check, found, rows):
    cells = {(r["question"], r["axis"], r["group"], r["statistic"]): r for r in rows}
    for (question, axis, _, statistic), row in cells.items():
        if statistic != "dsi":
            continue
        where = f"{question}/{axis}/dsi"
        if any(g.cells["gai"].edge for g in found if (g.question, g.axis) == (question, axis)):
            continue
        best, winner = analysis.dsi(found, question, axis)
        check.number(where, "estimate", best, row["estimate"])
        if winner:
            gai = cells[question, axis, winner, "gai"]
            check.number(where, "p", gai["p"], row["p"])
        else:
            check.exactly(where, "has a reason", True, bool(row["reason"]))


def _xrr_nonpositive(check, where, group, reported):
    xrr = group.cells["xrr"]
    if not len(xrr.values) or xrr.reason == "too few raters" or group.cells["gai"].edges.any():
        return
    share = np.mean(xrr.values <= 0)
    check.number(where, "xrr_nonpositive", share, reported["xrr_nonpositive"])


def _shape(check, where, cell, null):
    """Extremes, quantiles and the histogram of a null."""
    defined = cell.values[~np.isnan(cell.values)]
    if not defined.size:
        return
    scale = np.max(np.abs(defined))
    check.number(where, "null min", defined.min(), null["min"], scale)
    check.number(where, "null max", defined.max(), null["max"], scale)
    for level, value in null["quantiles"].items():  # of the values themselves: B is small here
        check.number(where, f"null quantile {level}", np.quantile(defined, float(level)), value,
                     scale)
    bins = null["histogram"]
    if bins is None:
        return
    low, high, counts = bins["low"], bins["high"], np.array(bins["counts"])
    width = (high - low) / len(counts)
    check.exactly(where, "histogram", defined.size, bins["below"] + counts.sum() + bins["above"])
    places = (defined - low) / width
    slack = max(1e-6, significance.TIE * max(1.0, scale) / width)  # in bins
    near = (np.abs(places % 1.0 - 0.5) > 0.5 - slack).sum()  # an edge can be on either side
    for edge, found in enumerate(np.cumsum(np.append(bins["below"], counts))):
        expected = (places < edge).sum()
        if not abs(found - expected) <= near:
            check.note(where, f"histogram up to edge {edge}", expected, found)


def _details(check, found, groups):
    """Details of each group and Monte-Carlo intervals of each p."""
    for group in found:
        where = f"{group.question}/{group.axis}/{group.name}"
        reported, intervals, nulls = groups[group.question, group.axis, group.name]
        for theirs, ours in DETAILS.items():
            value = reported[theirs]
            check.number(where, theirs, getattr(group.details, ours),
                         np.nan if value is None else value)
        check.exactly(where, "marginals", list(group.details.marginals), reported["marginals"])
        _xrr_nonpositive(check, where, group, reported)
        for name, cell in group.cells.items():
            if cell.edge or cell.edges.any() or not len(cell.values):
                continue
            if np.isnan(cell.estimate):
                check.exactly(f"{where}/{name}", "p has no interval", True,
                              not any(intervals[name] or ()))
                continue
            _shape(check, f"{where}/{name}", cell, nulls[name])
            if (significance.tied(cell.estimate, cell.values) == cell.same).all():
                counts = significance.count(cell.estimate, cell.values)
                expected = significance.monte_carlo_interval(counts.ge, counts.le, counts.resamples)
                if group.exact:  # nothing is left to chance
                    p = significance.p_values(counts.ge, counts.le, counts.resamples, True)[2]
                    expected = (p, p)
                for end, (one, two) in enumerate(zip(expected, intervals[name], strict=True)):
                    check.number(f"{where}/{name}", f"p's interval [{end}]", one, two)


def compare(found, rows, groups):
    """A Comparison of the oracle's groups with the command's: the rows of its tidy CSV and
    command.report_groups."""
    check = Comparison()
    by_key = {(g.question, g.axis, g.name, s): (g, g.cells[s])
              for g in found for s in statistics.NAMES}
    own = [row for row in rows if row["statistic"] != "dsi"]
    keys = [(row["question"], row["axis"], row["group"], row["statistic"]) for row in own]
    check.exactly("rows", "which", sorted(by_key), sorted(keys))
    check.exactly("rows", "dsi", sorted({(g.question, g.axis) for g in found}),
                  sorted((r["question"], r["axis"]) for r in rows if r["statistic"] == "dsi"))
    if check.problems:
        return check
    for key, row in zip(keys, own):
        group, cell = by_key[key]
        _cell(check, "/".join(key), group, cell, row)
        check.tally["cells"] += 1
        check.tally["cells undefined"] += bool(np.isnan(cell.estimate))
    check.tally["studies whose arrangements were all visited"] += found[0].exact
    _family(check, [by_key[key][1] for key in keys], own, found[0].exact)
    _dsi(check, found, rows)
    _details(check, found, groups)
    return check
