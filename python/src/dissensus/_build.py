"""A study from the columns of a table."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union

import numpy as np
import numpy.typing as npt

from . import _options, _tables
from ._library import Texts, encode, ffi, lib, log, text
from ._tables import Codes, Column, Table
from .errors import DataError, UsageError

ScaleName = Literal["nominal", "ordinal", "interval", "ratio"]
Question = Union[ScaleName, tuple[ScaleName, Sequence[Any]], None]
Ratings = Union[str, Sequence[str], Mapping[str, Question]]
Names = Union[str, Sequence[str], None]
Duplicates = Literal["error", "first", "last"]

SCALES = ("nominal", "ordinal", "interval", "ratio")
MOST_LEVELS = int(lib.DSS_MAX_LEVELS)


# --- what was asked for ---------------------------------------------------------------------------


@dataclass
class Asked:
    """A question as the caller wants it; scale None: by the column's type."""

    column: str
    scale: str | None
    levels: list[str] | None


def _level(value: Any, column: str) -> str:
    shown = _tables._label(value, column)
    if shown is None:
        raise UsageError(f"ratings: {column}: a missing value is no level")
    return shown


def _asked(name: str, wanted: Any) -> Asked:
    levels = None
    if isinstance(wanted, tuple):
        if len(wanted) != 2:
            raise UsageError(f"ratings: {name}: {wanted!r} is no pair (scale, levels)")
        wanted, given = wanted
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise UsageError(f"ratings: {name}: a list of levels was expected, not {given!r}")
        levels = [_level(value, name) for value in given]
    if wanted is not None and wanted not in SCALES:
        raise UsageError(f"ratings: {name}: {wanted!r} is no scale; there are {', '.join(SCALES)}")
    return Asked(name, wanted, levels)


def asked_questions(ratings: Ratings, columns: Sequence[str]) -> list[Asked]:
    """"toxicity", "toxicity:ordinal", lists of these, or {column: scale or (scale, levels)}."""
    if isinstance(ratings, Mapping):
        asked = [_asked(name, wanted) for name, wanted in ratings.items()]
    else:
        asked = []
        if not isinstance(ratings, Iterable):
            raise UsageError(f"ratings: {ratings!r} names no column")
        for each in [ratings] if isinstance(ratings, str) else list(ratings):
            if not isinstance(each, str):
                raise UsageError(f"ratings: the name of a column was expected, not {each!r}")
            name, colon, scale = each.rpartition(":")
            split = bool(colon) and each not in columns and scale in SCALES
            asked.append(_asked(name, scale) if split else _asked(each, None))
    if not asked:
        raise UsageError("ratings: no column is named")
    return asked


# --- levels ---------------------------------------------------------------------------------------


@dataclass
class Levels:
    """A question's levels, and for each of its column's labels which one it is (-1: none)."""

    scale: str
    labels: list[str]
    values: list[float]  # NaN where a label is no number
    of_label: list[int]


def _values(labels: Sequence[str]) -> list[float]:
    numbers = [_tables.parse_number(label) for label in labels]
    return [float("nan") if number is None else number for number in numbers]


def _declared(asked: Asked, scale: str, labels: list[str], column: Column) -> Levels:
    if len(set(labels)) < len(labels):
        raise UsageError(f"ratings: {asked.column}: a level is named twice")
    values = _values(labels)
    by_label = {label: i for i, label in enumerate(labels)}
    by_value = {value: i for i, value in reversed(list(enumerate(values))) if value == value}
    occurring = set(column.occurring())
    of_label = []
    for code, label in enumerate(column.labels):
        number = _tables.parse_number(label)
        found = by_label.get(label, -1 if number is None else by_value.get(number, -1))
        if found < 0 and code in occurring:
            raise DataError(
                f"column '{asked.column}': '{label}' is none of the levels {', '.join(labels[:20])}"
            )
        of_label.append(found)
    return Levels(scale, labels, values, of_label)


def _numeric(asked: Asked, scale: str, column: Column) -> Levels:
    value_of: dict[int, float] = {}
    for code in column.occurring():
        number = _tables.parse_number(column.labels[code])
        if number is None:
            hint = (
                f'; an ordinal question with other levels needs them in order: {{"{asked.column}": '
                '("ordinal", [lowest, ..., highest])}, or a column of ordered categories'
                if scale == "ordinal"
                else ""
            )
            raise DataError(
                f"column '{asked.column}': '{column.labels[code]}' is not a finite number, which "
                f"scale {scale} needs{hint}"
            )
        value_of[code] = number
    values = sorted(set(value_of.values()))
    place = {value: i for i, value in enumerate(values)}
    of_label = [place[value_of[c]] if c in value_of else -1 for c in range(len(column.labels))]
    return Levels(scale, [_tables.format_number(value) for value in values], values, of_label)


def _nominal(column: Column) -> Levels:
    occurring = column.occurring()
    labels = [column.labels[code] for code in occurring]
    order = _tables.order_of(labels)
    of_label = [-1] * len(column.labels)
    for place, i in enumerate(order):
        of_label[occurring[i]] = place
    labels = [labels[i] for i in order]
    return Levels("nominal", labels, _values(labels), of_label)


def levels_of(asked: Asked, column: Column) -> Levels:
    """The levels of a question, in order, by what was asked and what the column is."""
    scale = asked.scale or ("ordinal" if column.ordered else "nominal")
    if asked.levels is not None:
        made = _declared(asked, scale, asked.levels, column)
    elif column.categorical and (column.ordered or scale == "nominal"):
        made = _declared(asked, scale, column.labels, column)
    elif scale == "nominal":
        made = _nominal(column)
    else:
        made = _numeric(asked, scale, column)
    if len(made.labels) > MOST_LEVELS:
        raise DataError(
            f"column '{asked.column}' has {len(made.labels)} different ratings; at most {MOST_LEVELS} "
            "are possible"
        )
    return made


# --- ratings --------------------------------------------------------------------------------------


@dataclass
class Ratings_:
    """A question's ratings: rater[i] rated item[i] with code[i]."""

    name: str
    levels: Levels
    rater: npt.NDArray[np.uint32]
    item: npt.NDArray[np.uint32]
    code: npt.NDArray[np.uint8]
    missing: int
    dropped: int


def _without_duplicates(
    rater: Codes, item: Codes, n_items: int, duplicates: Duplicates
) -> npt.NDArray[np.intp]:
    """Which ratings stay, in their order."""
    key = rater * n_items + item
    if duplicates == "first":
        _, kept = np.unique(key, return_index=True)
    else:
        _, kept = np.unique(key[::-1], return_index=True)
        kept = len(key) - 1 - kept
    return np.sort(kept)


def _ratings(
    asked: Asked, column: Column, rater: Codes, item: Codes, n_items: int, duplicates: Duplicates
) -> Ratings_:
    levels = levels_of(asked, column)
    table = np.array([*levels.of_label, -1], dtype=np.int64)
    code = table[column.codes]
    known = np.flatnonzero(code >= 0)
    missing = len(code) - len(known)
    if not len(known):
        raise DataError(f"column '{asked.column}' has no rating; {missing} are missing")
    dropped = 0
    if duplicates != "error":
        kept = _without_duplicates(rater[known], item[known], n_items, duplicates)
        dropped = len(known) - len(kept)
        known = known[kept]
    return Ratings_(
        asked.column,
        levels,
        rater[known].astype(np.uint32),
        item[known].astype(np.uint32),
        code[known].astype(np.uint8),
        missing,
        dropped,
    )


# --- the whole ------------------------------------------------------------------------------------


def _names(value: Names, what: str) -> list[str]:
    return _options.listed(value, what)


class Draft:
    """Everything of a study, checked as far as Python sees; ``build`` hands it to the library."""

    def __init__(
        self,
        table: Table,
        rater: str,
        item: str,
        ratings: Ratings,
        rater_attrs: Names,
        item_attrs: Names,
        missing: Sequence[str],
        duplicates: Duplicates,
    ) -> None:
        if duplicates not in ("error", "first", "last"):
            raise UsageError(f"duplicates: {duplicates!r} is none of error, first, last")
        self._table, self._missing = table, _options.texts_of(missing, "missing")
        asked = asked_questions(ratings, table.names)
        self._find_entities(rater, item)
        self.rater_attributes = [
            self._attribute(name, self._of_rater, self.raters, "rater")
            for name in _names(rater_attrs, "rater_attrs")
        ]
        self.item_attributes = [
            self._attribute(name, self._of_item, self.items, "item")
            for name in _names(item_attrs, "item_attrs")
        ]
        self.questions = [
            _ratings(
                each,
                self._column(each.column, "ratings"),
                self._of_rater,
                self._of_item,
                len(self.items),
                duplicates,
            )
            for each in asked
        ]
        self._warn()

    def _find_entities(self, rater: str, item: str) -> None:
        """Rows without a name are dropped, and counted."""
        raters = _tables.drop_labels(self._table.column(rater, "rater"), [""])
        items = _tables.drop_labels(self._table.column(item, "item"), [""])
        self.no_rater = int(np.count_nonzero(raters.codes < 0))
        self.no_item = int(np.count_nonzero((raters.codes >= 0) & (items.codes < 0)))
        self._rows = np.flatnonzero((raters.codes >= 0) & (items.codes >= 0))
        if not len(self._rows):
            raise DataError("no row has both a rater and an item")
        raters = _tables.by_appearance(raters)
        items.codes = np.where(raters.codes >= 0, items.codes, -1)
        items = _tables.by_appearance(items)
        self.raters, self.items = raters.labels, items.labels
        self._of_rater, self._of_item = raters.codes[self._rows], items.codes[self._rows]
        if len(self.items) == 1 and len(self._rows) > 1:
            raise DataError(
                f"every row has the item '{self.items[0]}'; the column that tells items apart was "
                "expected"
            )

    def _column(self, name: str, what: str) -> Column:
        """In the rows that have names."""
        column = _tables.drop_labels(self._table.column(name, what), self._missing)
        column.codes = column.codes[self._rows]
        return column

    def _attribute(self, name: str, who: Codes, names: Sequence[str], what: str) -> Column:
        return _tables.of_entities(self._column(name, f"{what}_attrs"), who, names, what)

    def _warn(self) -> None:
        if self.no_rater or self.no_item:
            log.warning(
                "%d rows dropped: %d without a rater, %d without an item",
                self.no_rater + self.no_item,
                self.no_rater,
                self.no_item,
            )
        for question in self.questions:
            if len(np.unique(question.code)) == 1:
                only = question.levels.labels[int(question.code[0])]
                log.warning(
                    "question '%s': every rating is '%s', so alpha is undefined for every group",
                    question.name,
                    only,
                )
            if np.bincount(question.item).max() < 2:
                log.warning(
                    "question '%s': no item has two ratings, so nothing can agree", question.name
                )
            if question.dropped:
                log.info("question '%s': %d repeated ratings dropped", question.name, question.dropped)
        for attribute in self.rater_attributes:
            if len(attribute.labels) > 1 and len(attribute.labels) == len(self.raters):
                log.warning(
                    "rater attribute '%s' has another value for each rater; is it their name?",
                    attribute.name,
                )

    def log(self) -> str:
        """What was dropped, counted: the study's import_log."""
        return json.dumps(
            {
                "rows": self._table.rows,
                "rows_without_rater": self.no_rater,
                "rows_without_item": self.no_item,
                "missing_tokens": self._missing,
                "questions": {
                    q.name: {
                        "ratings": len(q.code),
                        "missing": q.missing,
                        "duplicates_dropped": q.dropped,
                    }
                    for q in self.questions
                },
            },
            ensure_ascii=False,
        )

    def build(self, command: str) -> Any:
        """A function of a context that makes the study, and a list into which it goes."""
        made: list[Any] = []
        raters, items = Texts(self.raters, "rater"), Texts(self.items, "item")
        attributes = [
            (lib.dss_study_add_rater_attribute, _Attribute(a)) for a in self.rater_attributes
        ] + [(lib.dss_study_add_item_attribute, _Attribute(a)) for a in self.item_attributes]
        questions = [_Question(q) for q in self.questions]
        provenance = _Provenance(command, self.log())

        def work(context: Any) -> int:
            out = ffi.new("dss_study **")
            status = lib.dss_study_new(
                context, raters.count, raters.pointer, items.count, items.pointer, out
            )
            if status != lib.DSS_OK:
                return int(status)
            study = ffi.gc(out[0], lib.dss_study_free)
            for add, attribute in attributes:
                if status == lib.DSS_OK:
                    status = add(context, study, attribute.struct)
            for question in questions:
                if status == lib.DSS_OK:
                    status = question.add(context, study)
            if status == lib.DSS_OK:
                status = lib.dss_study_set_provenance(context, study, provenance.struct)
            made.append(study)
            return int(status)

        return work, made


class _Attribute:
    def __init__(self, column: Column) -> None:
        self._labels = Texts(column.labels, f"column '{column.name}'")
        self._name = ffi.new("char[]", encode(column.name, "column"))
        self._codes = column.codes.astype(np.int32)
        self.struct = ffi.new("dss_attribute *")
        self.struct.name = self._name
        self.struct.n_categories = self._labels.count
        self.struct.categories = self._labels.pointer
        self.struct.codes = ffi.from_buffer("int32_t[]", self._codes)
        self.struct.ordered = column.ordered


class _Question:
    def __init__(self, ratings: Ratings_) -> None:
        self._ratings = ratings
        self._name = encode(ratings.name, "column")
        self._labels = Texts(ratings.levels.labels, f"column '{ratings.name}'")
        self._values = ffi.new("double[]", ratings.levels.values)
        self._scale = ffi.new("dss_scale *")
        lib.dss_scale_parse(ratings.levels.scale.encode(), self._scale)

    def add(self, context: Any, study: Any) -> int:
        of = self._ratings
        return int(
            lib.dss_study_add_question(
                context,
                study,
                self._name,
                self._scale[0],
                self._labels.count,
                self._labels.pointer,
                self._values,
                len(of.code),
                ffi.from_buffer("uint32_t[]", of.rater),
                ffi.from_buffer("uint32_t[]", of.item),
                ffi.from_buffer("uint8_t[]", of.code),
            )
        )


class _Provenance:
    def __init__(self, command: str, log_text: str) -> None:
        seconds = os.environ.get("SOURCE_DATE_EPOCH")
        utc = datetime.timezone.utc
        now = datetime.datetime.fromtimestamp(int(seconds), utc) if seconds else None
        stamp = (now or datetime.datetime.now(utc)).strftime("%Y-%m-%dT%H:%M:%SZ")
        values = {
            "created_by": f"dissensus {text(lib.dss_version())}, Python",
            "created_at": stamp,
            "command": command,
            "import_log": log_text,
        }
        self.struct = ffi.new("dss_provenance *")
        self._kept = []
        for name, value in values.items():
            kept = ffi.new("char[]", value.encode("utf-8", "backslashreplace").replace(b"\0", b" "))
            setattr(self.struct, name, kept)
            self._kept.append(kept)
