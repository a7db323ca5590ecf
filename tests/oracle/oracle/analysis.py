"""A whole run: every statistic of every group, observed and in every resample."""

from dataclasses import dataclass

import numpy as np

from . import model, resample, sameness, statistics

CHUNK = 128  # resamples whose counts are held at once


@dataclass(frozen=True)
class Options:
    axes: tuple
    questions: tuple = None
    where: dict = None
    permutations: int = 0
    seed: int = 1
    scheme: str = "free"
    scheme_attribute: str = None
    units: str = "own"
    ties: str = "split"
    min_raters: int = 2
    bootstrap: int = 0
    over: str = "raters"
    interval: str = "bca"


@dataclass(frozen=True)
class Cell:
    """One statistic of one group."""

    estimate: float
    reason: str
    edge: bool          # whether it exists hangs on the last bit
    values: np.ndarray  # (B,), NaN undefined
    edges: np.ndarray   # (B,), the same question for each resample
    same: np.ndarray    # (B,), its exact sums are the observed ones: a tie, to the bit


@dataclass(frozen=True)
class Group:
    question: str
    axis: str
    name: str
    raters: int
    ratings: int
    details: statistics.Details
    exact: bool  # every distinct arrangement is among the resamples, once
    cells: dict  # by statistic; all with the reason "too few raters" when below the minimum


def sources(study, options):
    """(B, raters): whose profile each rater carries; and whether these are all there are."""
    codes, size = None, 0
    if options.scheme != "free":
        attribute = study.rater_attributes[options.scheme_attribute]
        codes, size = attribute.codes, len(attribute.categories)
    blocks = resample.strata(codes, size, len(study.raters))
    classes = [tuple(tuple(study.rater_attributes[name].codes[r] for name in axis)
                     if model.known(study, axis)[r] else None for axis in options.axes)
               for r in range(len(study.raters))]
    if 0 < resample.number_of_arrangements(blocks, classes) <= options.permutations:
        return resample.all_arrangements(blocks, classes), True
    rows = [resample.carried(blocks, options.seed, b) for b in range(options.permutations)]
    return np.array(rows, dtype=np.int64).reshape(options.permutations, len(study.raters)), False


def _null(rules, table, size, members, others, moved, observed_sums):
    """Values, edges and sameness of each statistic in each resample."""
    values = {name: [] for name in statistics.NAMES}
    edges = {name: [] for name in statistics.NAMES}
    same = {name: [] for name in statistics.NAMES}
    for first in range(0, len(moved), CHUNK):
        part = moved[first:first + CHUNK]
        x = model.side_counts(members[part], table, size)
        y = model.side_counts(others[part], table, size)
        chunk_values, chunk_edges = statistics.compute(rules, x, y)
        sums = sameness.sums(rules, x, y)
        for name in statistics.NAMES:
            values[name].append(chunk_values[name])
            edges[name].append(chunk_edges[name])
            same[name].append((sums[name] == observed_sums[name]).all(-1))
    return [{name: np.concatenate(lists) if lists else np.array([], kind)
             for name, lists in found.items()}
            for found, kind in ((values, float), (edges, bool), (same, bool))]


def _group(rules, question, table, axis, name, members, others, moved, exact, min_raters):
    size = len(question.labels)
    x, y = (model.side_counts(side, table, size) for side in (members, others))
    about = dict(question=question.name, axis="*".join(axis), name=name,
                 raters=int(members.sum()), ratings=int(x.sum()), exact=exact,
                 details=statistics.details(rules, x, y))
    if members.sum() < min_raters:
        empty = np.full(len(moved), np.nan)
        never = np.zeros(len(moved), bool)
        cell = Cell(np.nan, "too few raters", False, empty, never, never)
        return Group(cells={statistic: cell for statistic in statistics.NAMES}, **about)
    observed, edge = statistics.compute(rules, x, y)
    why = statistics.reasons(rules, x, y)
    values, edges, same = _null(rules, table, size, members, others, moved,
                                sameness.sums(rules, x, y))
    return Group(cells={key: Cell(float(observed[key]), why[key], bool(edge[key]), values[key],
                                  edges[key], same[key]) for key in statistics.NAMES}, **about)


def run(study, options):
    """[Group], questions first, then axes, then groups."""
    study = model.select(study, options.questions, options.where)
    moved, exact = sources(study, options)
    found = []
    for question in study.questions:
        rules = statistics.Rules(question.scale, question.values, options.units, options.ties)
        table = model.one_hot(question, len(study.raters), len(study.items))
        for axis in options.axes:
            known = model.known(study, axis)
            for name, members in model.groups(study, axis):
                found.append(_group(rules, question, table, axis, name, members,
                                    known & ~members, moved, exact, options.min_raters))
    return found


def dsi(found, question, axis):
    """Largest GAI on an axis and its group's name; NaN and "" where no group has one."""
    best, winner = np.nan, ""
    for group in found:
        if group.question == question and group.axis == axis:
            gai = group.cells["gai"].estimate
            if not np.isnan(gai) and not gai <= best:
                best, winner = gai, group.name
    return best, winner
