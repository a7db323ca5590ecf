"""What an H100 should reach, and whether it did: from the rows of the steps."""

from typing import Callable, NamedTuple


ISSUED = "issued instructions"  # of our own loops: worse ones have more


def limits_of(row, name):
    return next(one for one in row["rows"] if one["workload"] == name)["of_limit"]


def of_floor(name):
    """The largest part of a limit of the GPU that a workload's rate is, by what the formula needs: the
    floor's time over its own."""
    return lambda row: max(part for limit, part in limits_of(row, name).items() if limit != ISSUED)


def issued(name):
    return lambda row: f"{limits_of(row, name)[ISSUED]:.0%} by {ISSUED}"


class Goal(NamedTuple):
    goal: str
    step: str
    value: Callable  # of the step's row
    bound: float
    unit: str
    at_least: bool = False
    beside: Callable = None  # words about it that decide nothing


def floor_goal(name):
    return Goal(f"{name}: part of its floor", "rates", of_floor(name), 0.5, "", True, issued(name))


GOALS = (
    Goal("a million permutations of DIVE, beyond the start-up", "million",
         lambda row: row["beyond_startup_seconds"]["median"], 1, "s"),
    Goal("the same: the aim", "million", lambda row: row["beyond_startup_seconds"]["median"], 0.3, "s"),
    Goal("the same: the whole command", "million", lambda row: row["seconds"]["median"], 2, "s"),
    floor_goal("DIVE"),
    floor_goal("DIVE x10"),
    floor_goal("dense"),
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


def known(of, row):
    try:
        return of(row)
    except (KeyError, StopIteration, TypeError, ValueError, AttributeError):  # the step did not come to it
        return None


def judge(goal, row):
    found, beside = known(goal.value, row), known(goal.beside, row)
    met = None
    if found is not None:
        met = found >= goal.bound if goal.at_least else found <= goal.bound
    return {"goal": goal.goal, "bound": goal.bound, "at_least": goal.at_least, "unit": goal.unit,
            "found": found, "met": met, "beside": beside}


def line(one):
    word = {True: "met", False: "NOT MET", None: "unknown"}[one["met"]]
    found = "not measured" if one["found"] is None else f"{one['found']:.3g} {one['unit']}".strip()
    bound = f"{'at least' if one['at_least'] else 'at most'} {one['bound']:g} {one['unit']}".strip()
    beside = f"; {one['beside']}" if one["beside"] else ""
    return f"{word:<8} {one['goal']}: {found} ({bound}){beside}"
