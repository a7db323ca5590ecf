"""Studies in memory, which raters take part, and which groups there are."""

from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True)
class Attribute:
    categories: tuple
    codes: np.ndarray  # -1 where unknown


@dataclass(frozen=True)
class Question:
    name: str
    scale: str
    labels: tuple
    values: tuple
    rater: np.ndarray
    item: np.ndarray
    code: np.ndarray


@dataclass(frozen=True)
class Study:
    raters: tuple
    items: tuple
    rater_attributes: dict = field(default_factory=dict)
    item_attributes: dict = field(default_factory=dict)
    questions: tuple = ()


def _kept(attributes, size, where):
    """Which raters or items the filters on these attributes keep; values of one attribute are
    alternatives."""
    keep = np.ones(size, bool)
    for name, wanted in where.items():
        if name in attributes:
            attribute = attributes[name]
            codes = [attribute.categories.index(value) for value in wanted]
            keep &= np.isin(attribute.codes, codes)
    return keep


def select(study, questions=None, where=None):
    """The plan's part of a study: questions chosen, filters applied, raters and items without a
    rating left dropped, the others in the study's order."""
    where = where or {}
    raters = _kept(study.rater_attributes, len(study.raters), where)
    items = _kept(study.item_attributes, len(study.items), where)
    chosen = [q for q in study.questions if questions is None or q.name in questions]
    masks = [raters[q.rater] & items[q.item] for q in chosen]
    used_raters = np.unique(np.concatenate([q.rater[m] for q, m in zip(chosen, masks)]))
    used_items = np.unique(np.concatenate([q.item[m] for q, m in zip(chosen, masks)]))

    def part(attributes, used):
        return {name: replace(a, codes=a.codes[used]) for name, a in attributes.items()}

    return Study(
        tuple(study.raters[r] for r in used_raters), tuple(study.items[u] for u in used_items),
        part(study.rater_attributes, used_raters), part(study.item_attributes, used_items),
        tuple(replace(q, rater=np.searchsorted(used_raters, q.rater[m]),
                      item=np.searchsorted(used_items, q.item[m]), code=q.code[m])
              for q, m in zip(chosen, masks)))


def known(study, axis):
    """Raters whose value is known for every attribute of the axis."""
    return np.all([study.rater_attributes[name].codes >= 0 for name in axis], axis=0)


def groups(study, axis):
    """The combinations of values that occur on an axis, by name: [(name, members)]."""
    attributes = [study.rater_attributes[name] for name in axis]
    profiles = np.stack([a.codes for a in attributes], axis=1)
    found = []
    for profile in sorted({tuple(row) for row in profiles if (row >= 0).all()}):
        name = " * ".join(a.categories[code] for a, code in zip(attributes, profile))
        found.append((name, (profiles == profile).all(axis=1)))
    return found


def one_hot(question, n_raters, n_items):
    """(raters, items * categories): 1 where a rater gave an item that category."""
    size = len(question.labels)
    table = np.zeros((n_raters, n_items * size))
    table[question.rater, question.item * size + question.code] = 1
    return table


def side_counts(members, table, n_categories):
    """n_uc of the sides whose members are the rows of a boolean (..., raters) array."""
    counts = members.astype(float) @ table
    return counts.reshape(*members.shape[:-1], -1, n_categories)
