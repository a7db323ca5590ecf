"""Do a peer and dissensus compute the same thing? Timings of different things are no comparison.

Estimates must be equal to 1e-9. The peer draws resamples of its own, so its null means and
exceedances are held against those of dissensus as two samples of one distribution. The limits are
so wide that chance alone hardly ever passes them, even in some thousand comparisons.
"""

import math

from harness.tools import Failed

STATISTICS = ("irr", "xrr", "gai")
ESTIMATE_TOLERANCE = 1e-9
MEAN_ERRORS, COUNT_ERRORS = 6, 7
# Fewer resamples, and the mean is not normal enough, or its spread not known well enough.
FEWEST_THEIRS, FEWEST_OURS = 20, 200


def _estimates(ours, theirs, where):
    text = ours["estimate"]
    if (text == "") != (theirs is None):
        raise Failed(f"{where}: estimate {text or 'undefined'}, the peer's {theirs}")
    if text and not abs(float(text) - theirs) <= ESTIMATE_TOLERANCE:
        raise Failed(f"{where}: estimate {text}, the peer's {theirs}")


def _counts(a, n, b, m, where, what):
    """Two counts of one probability."""
    pooled = (a + b) / (n + m)
    error = math.sqrt(max(pooled * (1 - pooled), 1 / (n + m)) * (1 / n + 1 / m))
    # One resample more or less is never a finding, however few the peer had time for.
    if not abs(a / n - b / m) <= max(COUNT_ERRORS * error, 1 / m) + 1 / n:
        raise Failed(f"{where}: {what} in {a} of {n} resamples, the peer's in {b} of {m}")


def _nulls(ours, peer, group, statistic, where):
    n, m = int(ours["resamples"]), peer["resamples"]
    undefined = peer["undefined"][group][statistic]
    _counts(int(ours["undefined"]), n, undefined, m, where, "undefined")
    _counts(int(ours["ge"]), n, peer["ge"][group][statistic], m, where, "as large")
    defined = m - undefined
    if defined < FEWEST_THEIRS or n < FEWEST_OURS or undefined or not ours["null_sd"]:
        return 0
    if STATISTICS[statistic] == "gai":  # divides by XRR, which may come near 0: no steady mean
        return 0
    mean = peer["sum"][group][statistic] / defined
    error = float(ours["null_sd"]) * math.sqrt(1 / defined + 1 / n)
    if not abs(mean - float(ours["null_mean"])) <= MEAN_ERRORS * error + 1e-6:
        raise Failed(f"{where}: null mean {ours['null_mean']}, the peer's {mean}")
    return 1


def same(cells, peer, workload):
    """Raises Failed, or returns how many cells and null means were compared."""
    compared = means = 0
    for group, (axis, label) in enumerate(peer["groups"]):
        for statistic, name in enumerate(STATISTICS):
            where = f"{workload}, {peer['peer']}, {axis}: {label}, {name}"
            ours = cells.get((axis, label, name))
            if ours is None:
                raise Failed(f"{where}: dissensus reports no such group")
            _estimates(ours, peer["observed"][group][statistic], where)
            compared += 1
            if ours["estimate"]:
                means += _nulls(ours, peer, group, statistic, where)
    reported = sum(name == "irr" and int(row["raters"]) >= 2 for (_, _, name), row in cells.items())
    if reported != len(peer["groups"]):
        raise Failed(f"{workload}: {reported} groups, the peer's {len(peer['groups'])}")
    return {"estimates": compared, "null_means": means, "peer_resamples": peer["resamples"]}
