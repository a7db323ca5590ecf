"""What an H100 should reach, and whether it did: from the rows of the steps."""

from typing import Callable, NamedTuple


def of_floor(name):
    """The largest part of a limit of the GPU that a workload's rate is: the floor's time over its own."""
    def value(row):
        found = next(one for one in row["rows"] if one["workload"] == name)
        return max(found["of_limit"].values())
    return value


class Goal(NamedTuple):
    goal: str
    step: str
    value: Callable  # of the step's row
    bound: float
    unit: str
    at_least: bool = False


GOALS = (
    Goal("a million permutations of DIVE, beyond the start-up", "million",
         lambda row: row["beyond_startup_seconds"]["median"], 1, "s"),
    Goal("the same: the aim", "million", lambda row: row["beyond_startup_seconds"]["median"], 0.3, "s"),
    Goal("the same: the whole command", "million", lambda row: row["seconds"]["median"], 2, "s"),
    Goal("DIVE: part of its floor", "rates", of_floor("DIVE"), 0.5, "", True),
    Goal("DIVE x10: part of its floor", "rates", of_floor("DIVE x10"), 0.5, "", True),
    Goal("dense: part of its floor", "rates", of_floor("dense"), 0.5, "", True),
    Goal("DIVE: times the rate of CuPy or PyTorch", "peers", lambda row: row["ratio"], 20, "", True),
    Goal("DIVE x100: device memory", "memory", lambda row: row["mib_most"] - row["mib_before"], 8192,
         "MiB"),
    Goal("pairs of raters: part of the rate of cuBLAS's int8 product", "pairs",
         lambda row: row["of_product"], 0.6, "", True),
)


def judged(steps):
    """Of each goal what was found, and whether it is met; None: not measured."""
    rows = {row["step"]: row for row in steps}
    return [judge(goal, rows.get(goal.step, {})) for goal in GOALS]


def judge(goal, row):
    try:
        found = goal.value(row)
    except (KeyError, StopIteration, TypeError, ValueError, AttributeError):  # the step did not come to it
        found = None
    met = None
    if found is not None:
        met = found >= goal.bound if goal.at_least else found <= goal.bound
    return {"goal": goal.goal, "bound": goal.bound, "at_least": goal.at_least, "unit": goal.unit,
            "found": found, "met": met}


def line(one):
    word = {True: "met", False: "NOT MET", None: "unknown"}[one["met"]]
    found = "not measured" if one["found"] is None else f"{one['found']:.3g} {one['unit']}".strip()
    bound = f"{'at least' if one['at_least'] else 'at most'} {one['bound']:g} {one['unit']}".strip()
    return f"{word:<8} {one['goal']}: {found} ({bound})"
