"""Pairs of raters: matrices that stay in their file, means of groups' pairs, tests."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _options
from ._library import (
    Texts,
    call,
    command,
    encode,
    ffi,
    hdf5,
    lib,
    path_of,
    provenance,
    taken,
    text,
)
from ._options import By, PathLike, whole
from .errors import UsageError, file_error

if TYPE_CHECKING:
    import pandas
    import xarray

    from .figures import Figure

__all__ = ["Pairs"]

_KEYS = (
    "created_by created_at command input_sha256 backend seed scheme permutations arrangements "
    "min_shared filters question scale items ratings ratings_dropped reason"
).split()
# What one call of the library reads at most, so that it can be stopped: 64 MiB.
_MOST_CELLS = 1 << 23


def _close(handle: Any, file: str | None) -> None:
    """Anywhere, also in the garbage collector: HDF5 is used as soon as nobody else does."""

    def close() -> None:
        lib.dss_pairs_free(handle)
        if file is not None:
            try:
                os.unlink(file)
            except OSError:
                pass

    hdf5.close_when_free(close)


class Pairs:
    """A file of pairs: every rater with every other, N x N, on one question (docs/pairs.md).

    From :meth:`dissensus.Study.run_pairs` or :meth:`open`. Names and summaries are in memory, the
    matrices are not. The file stays open until nothing refers to the object or its arrays.
    """

    def __init__(self, handle: Any, temporary: str | None = None) -> None:
        """For this package alone."""
        self._handle = handle
        self._finalizer = weakref.finalize(self, _close, handle, temporary)

    @classmethod
    def open(cls, path: PathLike) -> Pairs:
        """FileError where the file cannot be read, DataError where it is no sound file of pairs."""
        return cls(_open(path))

    @property
    def question(self) -> str:
        """The question's name."""
        return text(lib.dss_pairs_question(self._handle))

    @property
    def scale(self) -> str:
        """The question's scale."""
        return text(lib.dss_scale_name(lib.dss_pairs_scale(self._handle)))

    @property
    def raters(self) -> list[str]:
        """Names [N] of those who have a rating left after the filters."""
        n = lib.dss_pairs_n_raters(self._handle)
        return [text(lib.dss_pairs_rater(self._handle, i)) for i in range(n)]

    @property
    def statistics(self) -> list[str]:
        """Names of the matrices that there are: a nominal question has no correlation."""
        return [
            text(lib.dss_pair_statistic_name(s))
            for s in range(lib.DSS_N_PAIR_STATISTICS)
            if lib.dss_pairs_has(self._handle, s)
        ]

    @property
    def reason(self) -> str:
        """Why there are no pairs to speak of; "" where there are."""
        return text(lib.dss_pairs_reason(self._handle))

    @property
    def provenance(self) -> dict[str, str]:
        """How it came about (``dss_pairs_provenance`` in ``dissensus/pairs.h``)."""
        return provenance(lambda key: lib.dss_pairs_provenance(self._handle, key), _KEYS)

    @property
    def totals(self) -> dict[str, int]:
        """Pairs of different raters: all, with a shared item, counted, and of those with a shared item
        the ones without kappa and without correlation."""
        totals = lib.dss_pairs_totals(self._handle)
        return {name: getattr(totals, name) for name, _ in ffi.typeof("dss_pair_totals").fields}

    def __repr__(self) -> str:
        n = lib.dss_pairs_n_raters(self._handle)
        return f"<dissensus.Pairs: {n} x {n} raters on {self.question} ({self.scale})>"

    def matrices(self, statistics: Sequence[str] | None = None) -> xarray.DataArray:
        """Dimensions statistic, rater, rater_2; float64, NaN where undefined; see
        :meth:`dissensus.Study.pairs`. Values are read from the file when they are used."""
        import xarray
        from xarray.core import indexing

        there = self.statistics
        chosen = there if statistics is None else _options.listed(statistics, "statistics")
        for name in chosen:
            if name not in there:
                raise UsageError(f"statistics: {name!r} is none of {', '.join(there)}")
        array = indexing.LazilyIndexedArray(_lazy_array(self, chosen))
        raters = np.array(self.raters, dtype=object)
        return xarray.DataArray(
            xarray.Variable(("statistic", "rater", "rater_2"), array),
            coords={"statistic": list(chosen), "rater": raters, "rater_2": raters},
            name=self.question,
            attrs=self.provenance,
        )

    def read(
        self, statistic: str, rows: slice = slice(None), columns: slice = slice(None)
    ) -> np.ndarray[Any, np.dtype[np.float64]]:
        """A block of a matrix [rows, columns]; slices count raters in the file's order."""
        there = self.statistics
        if statistic not in there:
            raise UsageError(f"statistic: {statistic!r} is none of {', '.join(there)}")
        number = next(
            s
            for s in range(lib.DSS_N_PAIR_STATISTICS)
            if text(lib.dss_pair_statistic_name(s)) == statistic
        )
        n = int(lib.dss_pairs_n_raters(self._handle))
        first_row, end_row, row_step = rows.indices(n)
        first_column, end_column, column_step = columns.indices(n)
        if row_step != 1 or column_step != 1:
            raise UsageError("a block is read without steps")
        out = np.empty((max(end_row - first_row, 0), max(end_column - first_column, 0)))
        if out.size == 0:
            return out
        # A chunk of the file is 256 rows: read no part of it twice.
        at_once = max(256, _MOST_CELLS // out.shape[1] // 256 * 256)

        def work(context: Any) -> int:
            status = lib.DSS_OK
            for begin in range(0, out.shape[0], at_once):
                part = out[begin : begin + at_once]
                if status == lib.DSS_OK:
                    status = lib.dss_pairs_read(
                        context,
                        self._handle,
                        number,
                        first_row + begin,
                        part.shape[0],
                        first_column,
                        part.shape[1],
                        ffi.from_buffer("double[]", part, require_writable=True),
                    )
            return int(status)

        call(work, [hdf5])
        return out

    def blocks(self) -> pandas.DataFrame:
        """The pairs of each two groups, and of each with itself: axis, group, group_2, raters,
        raters_2, pairs (counted ones), kappa_pairs, agreement, distance, kappa (means over pairs)."""
        import pandas

        rows = []
        for b in range(lib.dss_pairs_n_blocks(self._handle)):
            block = lib.dss_pairs_block(self._handle, b)
            first = lib.dss_pairs_group(self._handle, block.first)
            second = lib.dss_pairs_group(self._handle, block.second)
            rows.append(
                {
                    "axis": text(lib.dss_pairs_axis(self._handle, block.axis).name),
                    "group": text(first.name),
                    "group_2": text(second.name),
                    "raters": int(first.raters),
                    "raters_2": int(second.raters),
                    "pairs": int(block.pairs),
                    "kappa_pairs": int(block.kappa_pairs),
                    "agreement": block.agreement,
                    "distance": block.distance,
                    "kappa": block.kappa,
                }
            )
        columns = (
            "axis group group_2 raters raters_2 pairs kappa_pairs agreement distance kappa".split()
        )
        return pandas.DataFrame(rows, columns=columns)

    def tests(self) -> pandas.DataFrame:
        """Whether the groups of an axis differ: axis, test (anosim, permanova), value, p, null_mean,
        ge, undefined, resamples, exact, raters, pairs."""
        import pandas

        rows = []
        for a in range(lib.dss_pairs_n_axes(self._handle)):
            axis = lib.dss_pairs_axis(self._handle, a)
            for name in ("anosim", "permanova"):
                test = getattr(axis, name)
                rows.append(
                    {
                        "axis": text(axis.name),
                        "test": name,
                        "value": test.value,
                        "p": test.p,
                        "null_mean": test.null_mean,
                        "ge": int(test.ge),
                        "undefined": int(test.undefined),
                        "resamples": int(axis.resamples),
                        "exact": bool(axis.exact),
                        "raters": int(axis.raters),
                        "pairs": int(axis.pairs),
                    }
                )
        columns = "axis test value p null_mean ge undefined resamples exact raters pairs".split()
        return pandas.DataFrame(rows, columns=columns)

    def figures(self) -> list[Figure]:
        """Agreement of every two raters, by group, a figure an axis; UsageError where this build of
        the library draws nothing."""
        from . import figures

        return figures._figures(figures.of_pairs(self._handle, self))

    def save_figures(
        self,
        folder: PathLike,
        formats: str | Sequence[str] = "svg",
        *,
        overwrite: bool = False,
        progress: bool | None = None,
    ) -> None:
        """As :meth:`dissensus.Results.save_figures`."""
        from . import figures

        source = figures.of_pairs(self._handle, self)
        figures._save(source, folder, formats, overwrite, progress)

    def report(self, format: str = "table") -> str:
        """The summaries as the command prints them: ``"table"``, ``"csv"`` or ``"json"``."""
        choice = ffi.new("dss_pairs_format *")
        if not isinstance(format, str) or not lib.dss_pairs_format_parse(
            encode(format, "format"), choice
        ):
            raise UsageError(f"format: there is no {format!r}")
        found: list[str] = []

        def work(context: Any) -> int:
            out, size = ffi.new("char **"), ffi.new("size_t *")
            status = lib.dsspy_pairs_report(context, self._handle, choice[0], out, size)
            if status == lib.DSS_OK:
                found.append(taken(out, size).decode("utf-8"))
            return int(status)

        call(work, [hdf5])
        return found[0]


def _lazy_array(pairs: Pairs, statistics: Sequence[str]) -> Any:
    """xarray's way to files: https://docs.xarray.dev, "How to add a new backend"."""
    from xarray.backends import BackendArray
    from xarray.core import indexing

    class LazyArray(BackendArray):
        def __init__(self) -> None:
            n = int(lib.dss_pairs_n_raters(pairs._handle))
            self.shape = (len(statistics), n, n)
            self.dtype = np.dtype(np.float64)

        def __getitem__(self, key: Any) -> Any:
            return indexing.explicit_indexing_adapter(
                key, self.shape, indexing.IndexingSupport.BASIC, self._read
            )

        def _read(self, key: tuple[Any, ...]) -> Any:
            """Integers and slices; slices with steps are read whole and thinned."""
            which, rows, columns = key
            names = np.asarray(statistics, dtype=object)[which]
            one = isinstance(names, str)
            spans = [_span(rows, self.shape[1]), _span(columns, self.shape[2])]
            (row_span, row_key), (column_span, column_key) = spans
            blocks = [
                pairs.read(name, row_span, column_span)[row_key, column_key]
                for name in ([names] if one else names)
            ]
            return blocks[0] if one else np.stack(blocks) if blocks else self._none(key)

        def _none(self, key: tuple[Any, ...]) -> Any:
            return np.empty(self.shape)[key]

    return LazyArray()


def _span(key: Any, n: int) -> tuple[slice, Any]:
    """The slice without a step that holds what key picks, and the key within it."""
    if not isinstance(key, slice):
        at = int(key) + (n if key < 0 else 0)
        return slice(at, at + 1), 0
    picked = range(n)[key]
    if not picked:
        return slice(0, 0), slice(None)
    low, high = min(picked[0], picked[-1]), max(picked[0], picked[-1])
    return slice(low, high + 1), slice(picked[0] - low, None, picked.step)


def _open(path: PathLike) -> Any:
    made: list[Any] = []
    name = path_of(path)

    def work(context: Any) -> int:
        out = ffi.new("dss_pairs **")
        status = lib.dss_pairs_open(context, name, out)
        if status == lib.DSS_OK:
            made.append(out[0])
        return int(status)

    call(work, [hdf5])
    return made[0]


def run_pairs(
    study: Any,
    study_lock: Any,
    question: str | None,
    by: By,
    path: PathLike | None,
    overwrite: bool,
    options: Mapping[str, Any],
    progress: bool | None,
) -> Pairs:
    """Computes into the file, or a temporary one, and opens it."""
    chosen = ffi.new("dss_pairs_options *")
    lib.dss_pairs_options_init(chosen)
    axes = Texts(_options.axes(by), "by")
    where = Texts(_options.conditions(options["where"]), "where")
    chosen.axes, chosen.n_axes = axes.pointer, axes.count
    chosen.where, chosen.n_where = where.pointer, where.count
    if options["scheme"] != "free" and not axes.count:
        raise UsageError("scheme goes with by")
    chosen.scheme, attribute = _options.scheme(options["scheme"])
    kept = []
    said = {"question": question, "by": by} | {
        name: options[name] for name in ("where", "scheme", "permutations", "seed", "min_shared", "half")
    }
    texts = {
        "question": question,
        "scheme_attribute": attribute,
        "command": command("Study.pairs", said),
    }
    for name, value in texts.items():
        if value is not None:
            kept.append(ffi.new("char[]", encode(value, name)))
            setattr(chosen, name, kept[-1])
    chosen.permutations = whole(options["permutations"], "permutations", 0, 2**40)
    chosen.seed = whole(options["seed"], "seed", 0, 2**64 - 1)
    chosen.min_shared = whole(options["min_shared"], "min_shared", 1, 2**30)
    chosen.memory = whole(options["memory"], "memory", 1)
    chosen.half = bool(options["half"])
    chosen.backend = _options.backend(options["backend"])
    chosen.threads, chosen.device, chosen.device_bytes = _options.machine(options)

    temporary = None
    if path is None:
        try:
            descriptor, temporary = tempfile.mkstemp(prefix="dissensus-pairs-", suffix=".h5")
        except OSError as error:
            raise file_error(tempfile.gettempdir(), error) from error
        os.close(descriptor)
        overwrite = True
    file = path_of(path if temporary is None else temporary)  # type: ignore[arg-type]

    def work(context: Any) -> int:
        out = ffi.new("dss_pairs_job **")
        status = lib.dss_pairs_begin(context, study, chosen, file, overwrite, out)
        if status == lib.DSS_OK:
            status = lib.dss_pairs_run(context, out[0])
            lib.dss_pairs_job_free(out[0])
        return int(status)

    try:
        call(work, [study_lock, hdf5], progress)
        return Pairs(_open(os.fsdecode(file)), temporary)
    except BaseException:
        if temporary is not None:
            os.unlink(temporary)
        raise
