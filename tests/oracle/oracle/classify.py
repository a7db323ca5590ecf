"""Classifiers against groups' views, from the definitions in docs/classify.md, in exact fractions."""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations

import numpy as np

from . import model, resample, weighting

COUNTS = ("tp", "fp", "fn", "tn")
RATES = ("fnr", "fpr", "precision", "recall", "f1", "auc")
ELSE = "everyone else"


@dataclass(frozen=True)
class Options:
    rule: str
    threshold: str
    predictions: dict                 # by classifier: {item: text}
    axes: tuple
    positive: tuple = ()              # labels; none: scores
    score_threshold: str = None
    items_by: tuple = ()
    gaps: tuple = ("fnr", "fpr")
    pairs: bool = True
    scheme: str = "free"
    scheme_attribute: str = None
    permutations: int = 0
    bootstrap: int = 0
    over: str = "both"
    seed: int = 1
    min_raters: int = 2
    missing: tuple = field(default=("", "NA", "NaN"))


class Views:
    """Whether those who gave an item so many ratings of each level find it positive; None: no
    rating."""

    def __init__(self, question, rule, threshold):
        self._rule, self._threshold, self._known = rule, threshold, {}
        self._labels = question.labels
        if rule == "mean":
            self._values = [Fraction(label) for label in question.labels]
        elif question.scale == "nominal":
            self.above = [label == threshold for label in question.labels]
        elif question.scale == "ordinal":
            first = question.labels.index(threshold)
            self.above = [level >= first for level in range(len(question.labels))]
        else:
            self.above = [Fraction(label) >= Fraction(threshold) for label in question.labels]

    def _decide(self, counts):
        total = sum(counts)
        if total == 0:
            return None
        if self._rule == "mean":
            mean = sum(n * value for n, value in zip(counts, self._values)) / Fraction(total)
            return mean >= Fraction(self._threshold)
        above = sum(n for n, high in zip(counts, self.above) if high)
        return 2 * above > total if self._rule == "majority" else above > 0

    def of(self, counts):
        """counts (items, levels)."""
        found = []
        for row in map(tuple, counts.tolist()):
            if row not in self._known:
                self._known[row] = self._decide(row)
            found.append(self._known[row])
        return found

    def said(self, counts):
        """What a group is shown to say of an item: its mean rating, or the share of its ratings that
        are at or above the threshold."""
        values = self._values if self._rule == "mean" else self.above
        total = sum(counts)
        return sum(n * v for n, v in zip(counts, values)) / Fraction(int(total)) if total else None


@dataclass(frozen=True)
class Section:
    """One classifier on one part of the items."""
    source: str
    items: str
    numbers: list   # of the items with a prediction
    called: list    # is it positive; None for scores without a threshold
    scores: list    # None for labels

    def constant(self, statistic, gap):
        if statistic == "auc":
            return len(set(self.scores)) == 1
        return gap and statistic in ("fnr", "fpr", "recall") and len(set(self.called)) == 1


def sections(study, options):
    parts = [("", np.ones(len(study.items), bool))]
    for name in options.items_by:
        attribute = study.item_attributes[name]
        parts += [(f"{name}={value}", attribute.codes == code)
                  for code, value in enumerate(attribute.categories)
                  if (attribute.codes == code).any()]
    for source, texts in options.predictions.items():
        for name, mask in parts:
            numbers = [u for u, item in enumerate(study.items)
                       if mask[u] and texts.get(item, "") not in options.missing]
            given = [texts[study.items[u]] for u in numbers]
            called = scores = None
            if options.positive:
                called = [text in options.positive for text in given]
            else:
                scores = [Fraction(text) for text in given]
                if options.score_threshold is not None:
                    called = [score >= Fraction(options.score_threshold) for score in scores]
            yield Section(source, name, numbers, called, scores)


def rates(section, view, weights):
    """Every statistic of one side, as fractions; None: undefined."""
    used = [(i, int(weights[u])) for i, u in enumerate(section.numbers)
            if view[u] is not None and weights[u]]
    truth = [view[section.numbers[i]] for i, _ in used]
    found = dict.fromkeys((*COUNTS, *RATES))
    if section.called is not None and used:
        for name, positive, called in (("tp", True, True), ("fp", False, True),
                                       ("fn", True, False), ("tn", False, False)):
            found[name] = Fraction(sum(w for (i, w), t in zip(used, truth)
                                       if t == positive and section.called[i] == called))
        tp, fp, fn, tn = (found[name] for name in COUNTS)
        for name, part, whole in (("fnr", fn, fn + tp), ("fpr", fp, fp + tn),
                                  ("precision", tp, tp + fp), ("recall", tp, tp + fn),
                                  ("f1", 2 * tp, 2 * tp + fp + fn)):
            found[name] = part / whole if whole else None
    if section.scores is not None and not (used and section.constant("auc", False)):
        up = [(section.scores[i], w) for (i, w), t in zip(used, truth) if t]
        down = [(section.scores[i], w) for (i, w), t in zip(used, truth) if not t]
        pairs = sum(w for _, w in up) * sum(w for _, w in down)
        if pairs:
            wins = sum(w * v * (2 * (a > b) + (a == b)) for a, w in up for b, v in down)
            found["auc"] = Fraction(wins, 2 * pairs)
    return found


class Comparison:
    """A study's rows, observed and in any resample: {key: fraction or None}, key = (source, items,
    axis, group, versus, statistic)."""

    def __init__(self, study, question, options):
        self.study, self.question, self.options = study, question, options
        self.views = Views(question, options.rule, options.threshold)
        self.sections = list(sections(study, options))
        self.groups = {axis: model.groups(study, axis) for axis in options.axes}

    def counts(self, weights):
        """Ratings of each item and level by raters of these weights."""
        found = np.zeros((len(self.study.items), len(self.question.labels)), dtype=np.int64)
        np.add.at(found, (self.question.item, self.question.code), weights[self.question.rater])
        return found

    def names(self):
        scores, calls = not self.options.positive, self.sections[0].called is not None
        return [s for s in (*COUNTS, *RATES) if (scores if s == "auc" else calls)]

    def tested(self, axis):
        return [(name, members) for name, members in self.groups[axis]
                if members.sum() >= self.options.min_raters]

    def _sides(self, source, of_axes, everyone):
        """Views by (axis, group, is everyone else), profiles moved by source."""
        found = {("", "", False): self.views.of(self.counts(everyone))}
        for axis in self.options.axes:
            own = {name: self.counts(of_axes[axis] * members[source])
                   for name, members in self.groups[axis]}
            total = sum(own.values())
            for name, counts in own.items():
                found[axis, name, False] = self.views.of(counts)
                found[axis, name, True] = self.views.of(total - counts)
        return found

    def rows(self, source=None, weights=None):
        source = np.arange(len(self.study.raters)) if source is None else source
        if weights is None:
            axes, everyone, items = weighting.ones(self.study, self.options.axes)
            # Whoever carries a profile with an unknown value takes no part; groups see to that.
            axes = {axis: np.ones_like(everyone) for axis in axes}
        else:
            axes, everyone, items = weights
        views = self._sides(source, axes, everyone)
        found = {}
        for section in self.sections:
            head = (section.source, section.items)
            side = {key: rates(section, view, items) for key, view in views.items()}
            for name in self.names():
                found[(*head, "", "", "", name)] = side["", "", False][name]
            for axis in self.options.axes:
                self._axis(found, head, section, axis, side)
        return found

    def _axis(self, found, head, section, axis, side):
        joined, tested = "*".join(axis), [name for name, _ in self.tested(axis)]
        for group, _ in self.groups[axis]:
            for name in self.names():
                found[(*head, joined, group, "", name)] = \
                    side[axis, group, False][name] if group in tested else None
        for name in self.options.gaps:
            own = {group: side[axis, group, False][name] for group in tested}
            said = not section.constant(name, True)

            def put(group, versus, a, b):
                found[(*head, joined, group, versus, f"{name}_gap")] = \
                    a - b if said and None not in (a, b) else None

            # Of two groups each is everyone else to the other: one comparison, listed as a pair.
            two = len(tested) == len(self.groups[axis]) == 2
            for group in () if two else tested:
                put(group, ELSE, own[group], side[axis, group, True][name])
            for a, b in combinations(tested, 2) if self.options.pairs or two else ():
                put(a, b, own[a], own[b])
            defined = [value for value in own.values() if value is not None]
            found[(*head, joined, "", "", f"largest_{name}_gap")] = \
                max(defined) - min(defined) if said and len(defined) > 1 else None

    # --- resamples

    def permuted(self, b):
        options, attribute = self.options, None
        if options.scheme != "free":
            attribute = self.study.rater_attributes[options.scheme_attribute]
        blocks = resample.strata(attribute and attribute.codes,
                                 len(attribute.categories) if attribute else 0,
                                 len(self.study.raters))
        return self.rows(source=resample.carried(blocks, options.seed, b))

    def resampled(self, b):
        options = self.options
        return self.rows(weights=weighting.of_resample(self.study, options.axes, options.over,
                                                       options.seed, b))

    def quarters(self, split):
        return [self.rows(weights=weights) for weights in
                weighting.quarters(self.study, self.options.axes, self.options.seed, split)]

    def left_out(self, **unit):
        return self.rows(weights=weighting.left_out(self.study, self.options.axes, **unit))
