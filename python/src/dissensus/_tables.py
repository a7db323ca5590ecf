"""Columns of pandas, polars and pyarrow tables as codes and texts.

Everything becomes text in the words of ``dissensus import``, so that a table and its CSV make the same
study: whole numbers are written without a point (28.0 is "28", as pandas has it where values are
missing), others with the fewest digits that read back in their own precision, truth values as "True" and "False".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import DataError, UsageError

Codes = npt.NDArray[np.int64]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def parse_number(value: str) -> float | None:
    """A finite decimal number and nothing else, as the library reads it; None for other texts."""
    if not _NUMBER.fullmatch(value):
        return None
    number = float(value)
    return number + 0.0 if math.isfinite(number) else None


def format_number(value: float) -> str:
    """The shortest decimal that reads back, plain digits where it is whole."""
    if value == math.trunc(value) and abs(value) < 1e15:
        return f"{value:.0f}" if value else "0"
    for digits in range(1, 18):
        shown = f"{value:.{digits}g}"
        if float(shown) == value:
            break
    return shown


def order_of(labels: Sequence[str]) -> list[int]:
    """Indexes of the labels sorted: by value where all are numbers, else by their bytes."""
    values = [parse_number(label) for label in labels]
    if any(value is None for value in values):
        return sorted(range(len(labels)), key=lambda i: labels[i].encode())
    return sorted(range(len(labels)), key=lambda i: (values[i], labels[i].encode()))


@dataclass
class Column:
    """A column: ``labels[codes[i]]`` is row i's text, -1 stands for missing.

    Labels are distinct and come in the order of their first row, or, where the column is categorical,
    in that of its categories, whether they occur or not; ``ordered`` says whether that order means
    something.
    """

    name: str
    codes: Codes  # [rows]
    labels: list[str]
    categorical: bool = False
    ordered: bool = False

    def occurring(self) -> list[int]:
        """The codes that occur, ascending."""
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.labels))
        return [int(code) for code in np.flatnonzero(counts)]


def _label(value: Any, name: str) -> str | None:
    """A value's text; None: it is missing."""
    if value is None:
        return None
    if isinstance(value, str):
        return _checked(value, name)
    if isinstance(value, bytes):
        raise DataError(f"column '{name}': {value!r} is bytes; text was expected")
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        # A short float's own digits: 0.1, not the 0.10000000149011612 that it is as a double.
        number = float(str(value)) if isinstance(value, (np.float32, np.float16)) else float(value)
        if math.isnan(number):
            return None
        if math.isinf(number):
            raise DataError(f"column '{name}': {number} is not finite")
        return format_number(number)
    if isinstance(value, (list, tuple, dict, set, np.ndarray)):
        raise DataError(f"column '{name}': {value!r} is no single value")
    return _checked(str(value), name)


def _checked(value: str, name: str) -> str:
    """A text that the library can have."""
    if "\0" in value:
        raise DataError(f"column '{name}': {value!r} has a NUL character")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise DataError(f"column '{name}': {value!r} has characters that are not Unicode") from None
    return value


def _short_float(kind: str) -> Any:
    """numpy's type of a library's floats of fewer bits than a double has; None for other types."""
    short = {"Float32": np.float32, "float": np.float32, "Float16": np.float16, "halffloat": np.float16}
    return short.get(kind)


def _narrowed(values: Iterable[Any], kind: Any) -> Iterable[Any]:
    """The values as they were before the library handed them out as doubles."""
    return values if kind is None else [None if v is None else kind(v) for v in values]


def _of_uniques(name: str, codes: Codes, uniques: Iterable[Any]) -> Column:
    """Values become texts; those of equal text are one."""
    labels: dict[str, int] = {}
    code_of = []
    for value in uniques:
        label = _label(value, name)
        code_of.append(-1 if label is None else labels.setdefault(label, len(labels)))
    table = np.array([*code_of, -1], dtype=np.int64)  # the last is for -1
    return Column(name, table[codes], list(labels))


def _of_categories(name: str, codes: Codes, categories: Iterable[Any], ordered: bool) -> Column:
    column = _of_uniques(name, codes, categories)
    column.categorical = True
    column.ordered = ordered
    return column


# --- libraries ----------------------------------------------------------------------------------


def _pandas_float(dtype: Any) -> Any:
    """Of numpy's types, pandas' nullable ones and Arrow's."""
    if getattr(dtype, "kind", "") != "f":
        return None
    return {2: np.float16, 4: np.float32}.get(dtype.itemsize)


def _of_pandas(name: str, series: Any) -> Column:
    import pandas

    if isinstance(series.dtype, pandas.CategoricalDtype):
        codes = series.cat.codes.to_numpy().astype(np.int64)
        categories = series.cat.categories
        categories = _narrowed(categories, _pandas_float(categories.dtype))
        return _of_categories(name, codes, categories, bool(series.cat.ordered))
    try:
        codes, uniques = pandas.factorize(series, use_na_sentinel=True)
    except TypeError as error:  # a list cannot be looked up
        raise DataError(f"column '{name}': its values are no single values: {error}") from error
    uniques = _narrowed(uniques, _pandas_float(series.dtype))
    return _of_uniques(name, np.asarray(codes, dtype=np.int64), uniques)


def _narwhals_float(series: Any) -> Any:
    """By its name, and where narwhals has none for it, by the library's own."""
    native = series.to_native()
    own = getattr(native, "type", getattr(native, "dtype", None))
    return _short_float(str(series.dtype)) or _short_float(str(own))


def _of_narwhals(name: str, series: Any) -> Column:
    """Any other library's, through Python's values."""
    import narwhals.stable.v2 as nw
    import pandas

    values = series.to_list()
    if isinstance(series.dtype, (nw.List, nw.Struct, nw.Array, nw.Object)):
        raise DataError(f"column '{name}' has the type {series.dtype}; single values were expected")
    array = np.empty(len(values), dtype=object)
    array[:] = values
    categorical = isinstance(series.dtype, (nw.Categorical, nw.Enum))
    if not categorical:
        codes, uniques = pandas.factorize(array, use_na_sentinel=True)
        uniques = _narrowed(uniques, _narwhals_float(series))
        return _of_uniques(name, np.asarray(codes, dtype=np.int64), uniques)
    known = series.cat.get_categories()
    categories = known.to_list()
    codes = pandas.Categorical(array, categories=categories).codes.astype(np.int64)
    categories = list(_narrowed(categories, _narwhals_float(known)))
    return _of_categories(name, codes, categories, isinstance(series.dtype, nw.Enum))


class Table:
    """A data frame of one of the libraries, whose columns are asked for by name."""

    def __init__(self, frame: Any) -> None:
        self._frame = self._take(frame)
        self.names = [str(name) for name in self._frame.columns]
        self.rows = len(self._frame)
        self._pandas = self._is_pandas(self._frame)
        repeated = {name for name in self.names if self.names.count(name) > 1}
        self._repeated = repeated

    @staticmethod
    def _is_pandas(frame: Any) -> bool:
        return type(frame).__module__.split(".")[0] == "pandas"

    @classmethod
    def _take(cls, frame: Any) -> Any:
        import narwhals.stable.v2 as nw

        if cls._is_pandas(frame) and hasattr(frame, "columns"):
            return frame
        taken = nw.from_native(frame, eager_only=True, pass_through=True)
        if isinstance(taken, nw.DataFrame):
            return taken
        if isinstance(frame, str):
            raise UsageError("a data frame was expected, not a text; Study.from_csv reads files")
        if hasattr(frame, "collect") and not hasattr(frame, "__arrow_c_stream__"):
            raise UsageError("a table in memory was expected, not a lazy one: collect() it first")
        if hasattr(frame, "to_pandas"):  # Hugging Face's datasets, among others
            return frame.to_pandas()
        if hasattr(frame, "__arrow_c_stream__"):
            return cls._from_arrow(frame)
        raise UsageError(
            f"a table of pandas, polars, pyarrow or the like was expected, not {type(frame).__name__}"
        )

    @staticmethod
    def _from_arrow(frame: Any) -> Any:
        """Through the Arrow PyCapsule interface, by whichever library is there."""
        import narwhals.stable.v2 as nw

        try:
            import pyarrow

            return nw.from_native(pyarrow.table(frame), eager_only=True)
        except ImportError:
            pass
        try:
            import polars

            return nw.from_native(polars.DataFrame(frame), eager_only=True)
        except ImportError:
            raise UsageError(
                f"{type(frame).__name__} is an Arrow stream: install pyarrow or polars to read it"
            ) from None

    def check(self, name: Any, what: str) -> str:
        """The name of a column that is there."""
        if not isinstance(name, str):
            raise UsageError(f"{what}: the name of a column was expected, not {name!r}")
        if name not in self.names:
            shown = ", ".join(self.names[:20]) + (", ..." if len(self.names) > 20 else "")
            raise UsageError(f"{what}: no column is named '{name}'; there are: {shown}")
        if name in self._repeated:
            raise UsageError(f"{what}: several columns are named '{name}'")
        return name

    def column(self, name: str, what: str) -> Column:
        """The column of that name, which must be there, once."""
        self.check(name, what)
        if not self._pandas:
            return _of_narwhals(name, self._frame[name])
        place = self.names.index(name)
        return _of_pandas(name, self._frame.iloc[:, place])


# --- what studies are made of ---------------------------------------------------------------------


def drop_labels(column: Column, missing: Sequence[str]) -> Column:
    """The same with these texts missing."""
    gone = [code for code, label in enumerate(column.labels) if label in missing]
    if gone:
        column.codes = np.where(np.isin(column.codes, gone), -1, column.codes)
    return column


def arrange(column: Column, order: Sequence[int]) -> Column:
    """The same with the labels ``order`` alone, in that order."""
    table = np.full(len(column.labels) + 1, -1, dtype=np.int64)
    table[np.asarray(order, dtype=np.int64)] = np.arange(len(order))
    labels = [column.labels[code] for code in order]
    return Column(column.name, table[column.codes], labels, column.categorical, column.ordered)


def by_appearance(column: Column) -> Column:
    """The same with the labels that occur, in the order of their first row."""
    known = column.codes[column.codes >= 0]
    codes, first = np.unique(known, return_index=True)
    return arrange(column, [int(code) for code in codes[np.argsort(first, kind="stable")]])


def of_entities(column: Column, who: Codes, names: Sequence[str], what: str) -> Column:
    """An attribute of each rater or item, from that of its rows.

    who: [rows] the index of the row's rater or item; what: "rater" or "item". Rows in which it is
    missing are filled from the others; two different values are refused.
    """
    known = np.flatnonzero(column.codes >= 0)
    codes = np.full(len(names), -1, dtype=np.int64)
    codes[who[known][::-1]] = column.codes[known][::-1]  # the first row is written last
    wrong = known[column.codes[known] != codes[who[known]]]
    if len(wrong):
        row = int(wrong[0])
        here, there = column.labels[column.codes[row]], column.labels[codes[who[row]]]
        raise DataError(
            f"column '{column.name}': {what} '{names[who[row]]}' has '{here}' in row {row} and "
            f"'{there}' before; one value for each {what} was expected"
        )
    made = Column(column.name, codes, column.labels, column.categorical, column.ordered)
    occurring = made.occurring()
    if not made.categorical:
        labels = [made.labels[code] for code in occurring]
        occurring = [occurring[i] for i in order_of(labels)]
    return arrange(made, occurring)
