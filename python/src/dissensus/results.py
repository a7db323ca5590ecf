"""Results of a run: every group's statistics, null distributions, significance, intervals."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ._library import call, encode, ffi, hdf5, lib, new_lock, path_of, taken, text
from ._options import PathLike, Run, whole
from .errors import UsageError, file_error

if TYPE_CHECKING:
    import pandas

    from .figures import Figure

__all__ = ["Histogram", "Results", "merge"]

# Columns of the tidy CSV that are texts, and counts; all others are numbers.
_TEXTS = frozenset(
    "question axis group statistic reason direction ci_method ci_reason".split()
)
_COUNTS = frozenset(
    "raters ratings ge le undefined resamples ci_undefined ci_resamples ge_at le_at".split()
)


@dataclass(frozen=True)
class Histogram:
    """A null distribution, counted: ``counts[i]`` resamples from ``edges[i]`` to ``edges[i + 1]``;
    ``below`` and ``above`` lie outside."""

    counts: npt.NDArray[np.uint64]
    edges: npt.NDArray[np.float64]
    below: int
    above: int


def explain(study: Any, study_lock: Any, chosen: Run, trial: float) -> dict[str, Any]:
    """What would run, and after a trial of so many seconds how long."""
    found: dict[str, Any] = {}

    def work(context: Any) -> int:
        plan = ffi.new("dss_plan **")
        status = lib.dss_plan_new(context, study, chosen.plan, plan)
        if status != lib.DSS_OK:
            return int(status)
        made = ffi.gc(plan[0], lib.dss_plan_free)
        explanation = ffi.new("dss_explanation *")
        status = lib.dss_explain(context, made, chosen.run, explanation)
        if status == lib.DSS_OK:
            for name, _ in ffi.typeof("dss_explanation").fields:
                value = getattr(explanation, name)
                found[name] = text(value) if isinstance(value, ffi.CData) else value
        if status == lib.DSS_OK and trial > 0:
            calibration = ffi.new("dss_calibration *")
            status = lib.dss_calibrate(context, made, chosen.run, trial, calibration)
            if status == lib.DSS_OK:
                estimate = lib.dss_calibration_estimate(calibration, made, 1)
                found["seconds"] = float(estimate.seconds)
                found["seconds_low"] = float(estimate.low)
                found["seconds_high"] = float(estimate.high)
        return int(status)

    call(work, [study_lock])
    return found


def run(study: Any, study_lock: Any, chosen: Run) -> Results:
    """Plans and runs; the study is needed for the plan alone."""
    made: list[Any] = []
    options = chosen.run
    folder = chosen.options.get("checkpoint")
    save = chosen.options.get("save_null")
    if folder is not None:
        path_of(folder)  # refuses what is no path
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise file_error(folder, error) from error

    def plan(context: Any) -> int:
        out = ffi.new("dss_plan **")
        status = lib.dss_plan_new(context, study, chosen.plan, out)
        if status == lib.DSS_OK:
            made.append(ffi.gc(out[0], lib.dss_plan_free))
        return int(status)

    def compute(context: Any) -> int:
        out = ffi.new("dss_results **")
        status = lib.dss_run(context, made[0], options, out)
        if status == lib.DSS_OK:
            made.append(ffi.gc(out[0], lib.dss_results_free))
        return int(status)

    def begin_writer(context: Any) -> tuple[int, Any]:
        create = (
            lib.dss_results_writer_create_part
            if options.batch.n_shards > 0
            else lib.dss_results_writer_create
        )
        out = ffi.new("dss_results_writer **")
        overwrite = bool(chosen.options.get("overwrite", False))
        return int(create(context, path_of(save), overwrite, out)), out[0]  # type: ignore[arg-type]

    def compute_and_save(context: Any) -> int:
        """With a checkpoint the values wait beside it until all are there."""
        status, writer = (0, ffi.NULL) if folder is not None else begin_writer(context)
        try:
            options.writer = writer
            if status == lib.DSS_OK:
                status = compute(context)
            if status == lib.DSS_OK and folder is not None:
                status, writer = begin_writer(context)
                if status == lib.DSS_OK:
                    batch = ffi.addressof(options, "batch")
                    status = lib.dss_checkpoint_values(context, batch, made[1], writer)
            if status == lib.DSS_OK:
                status = lib.dss_results_writer_finish(context, writer, made[1])
        finally:
            lib.dss_results_writer_free(writer)  # here, where HDF5 is ours
        return int(status)

    progress = chosen.options.get("progress")
    call(plan, [study_lock])
    if save is not None:
        call(compute_and_save, [hdf5], progress)
    else:
        call(compute, [] if folder is None else [hdf5], progress)
    results = Results(made[1], chosen if folder is not None else None)
    if save is not None:
        results._forget_checkpoint()
    return results


class Results:
    """What a run has found. Rows are questions x groups, columns statistics.

    From :meth:`dissensus.Study.run`, :meth:`open` or :func:`dissensus.merge`.
    """

    def __init__(self, handle: Any, chosen: Run | None = None) -> None:
        """For this package alone."""
        self._handle = handle
        self._lock = new_lock()
        self._chosen = chosen  # whose checkpoint is to be removed

    # --- files ----------------------------------------------------------------------------------

    @classmethod
    def open(cls, path: PathLike) -> Results:
        """Results from their HDF5 file; FileError where it cannot be read, DataError where it is no
        sound file of results."""
        made: list[Any] = []
        name = path_of(path)

        def work(context: Any) -> int:
            out = ffi.new("dss_results **")
            status = lib.dss_results_open(context, name, out)
            if status == lib.DSS_OK:
                made.append(ffi.gc(out[0], lib.dss_results_free))
            return int(status)

        call(work, [hdf5])
        return cls(made[0])

    def save(self, path: PathLike, *, overwrite: bool = False) -> None:
        """Writes one HDF5 file (docs/file-format.md), whole or not at all; a checkpoint of the run,
        if there was one, is then removed. FileError where it cannot be written, or is there already."""
        name = path_of(path)
        call(
            lambda context: int(lib.dss_results_save(context, self._handle, name, overwrite)),
            [self._lock, hdf5],
        )
        self._forget_checkpoint()

    def _forget_checkpoint(self) -> None:
        if self._chosen is not None:
            lib.dss_checkpoint_remove(ffi.addressof(self._chosen.run, "batch"))
        self._chosen = None

    # --- what it is of --------------------------------------------------------------------------

    @property
    def is_part(self) -> bool:
        """Whether it is one shard's part, for :func:`dissensus.merge`."""
        return bool(lib.dss_results_is_part(self._handle))

    @property
    def questions(self) -> list[str]:
        """Names, in their order."""
        n = lib.dss_results_n_questions(self._handle)
        return [text(lib.dss_results_question(self._handle, q)) for q in range(n)]

    @property
    def axes(self) -> list[str]:
        """Names, attributes joined with ``*``."""
        n = lib.dss_results_n_axes(self._handle)
        return [text(lib.dss_results_axis(self._handle, a)) for a in range(n)]

    @property
    def groups(self) -> list[tuple[str, str]]:
        """(axis, group), in their order; values of a combination are joined with `` * ``."""
        axes, n = self.axes, lib.dss_results_n_groups(self._handle)
        return [
            (
                axes[lib.dss_results_group_axis(self._handle, g)],
                text(lib.dss_results_group(self._handle, g)),
            )
            for g in range(n)
        ]

    @property
    def statistics(self) -> list[str]:
        """Names of those in the plan."""
        bits = lib.dss_results_metrics(self._handle)
        return [
            text(lib.dss_statistic_name(s)) for s in range(lib.DSS_N_STATISTICS) if bits >> s & 1
        ]

    @property
    def provenance(self) -> dict[str, str]:
        """How they came about: created_by, created_at, command, input_sha256, backend, seed, scheme,
        permutations and more (``dss_results_provenance`` in ``dissensus/results.h``)."""
        found: dict[str, str] = {}
        while (key := lib.dss_results_provenance_key(len(found))) != ffi.NULL:
            found[text(key)] = text(lib.dss_results_provenance(self._handle, key))
        return found

    def __repr__(self) -> str:
        kind = "part of results" if self.is_part else "results"
        return (
            f"<dissensus.Results: {kind}, {len(self.questions)} questions, {len(self.axes)} axes, "
            f"{len(self.groups)} groups, {lib.dss_results_resamples(self._handle)} resamples>"
        )

    # --- reports --------------------------------------------------------------------------------

    def report(
        self, format: str = "table", path: PathLike | None = None, *, overwrite: bool = False,
        unicode: bool = True,
    ) -> str:
        """A report as text, and into a file where ``path`` is given.

        format: ``"table"`` for people, ``"csv"`` (tidy), ``"json"`` (everything), ``"markdown"``,
        ``"latex"``, ``"html"`` (a page that stands for itself); docs/reports.md. unicode: arrows and
        rules of tables; else ASCII. The text is what the command prints. Raises UsageError for another format, and for a part; FileError as
        :meth:`save`.
        """
        options = ffi.new("dss_report_options *")
        lib.dss_report_options_init(options)
        choice = ffi.new("dss_report_format *")
        if not isinstance(format, str) or not lib.dss_report_format_parse(
            encode(format, "format"), choice
        ):
            raise UsageError(f"format: there is no {format!r}")
        self._refuse_part("report")
        options.format = choice[0]
        options.unicode = unicode
        found: list[str] = []

        def work(context: Any) -> int:
            out, size = ffi.new("char **"), ffi.new("size_t *")
            status = lib.dsspy_report(context, self._handle, options, out, size)
            if status == lib.DSS_OK:
                found.append(taken(out, size).decode("utf-8"))
            if status == lib.DSS_OK and path is not None:
                status = lib.dss_report_save(
                    context, self._handle, options, path_of(path), overwrite
                )
            return int(status)

        call(work, [self._lock])
        return found[0]

    def to_dataframe(self) -> pandas.DataFrame:
        """The tidy table: see :meth:`dissensus.Study.gai`."""
        import pandas

        reader = csv.reader(io.StringIO(self.report("csv"), newline=""))
        header = next(reader)
        fields: Sequence[Sequence[str]] = list(zip(*reader)) or [()] * len(header)
        frame = pandas.DataFrame(
            {name: _column(name, values) for name, values in zip(header, fields)}
        )
        frame.attrs.update(self.provenance)
        return frame

    def details(self) -> pandas.DataFrame:
        """What stands behind a group's numbers, a row a question and group.

        Columns question, axis, group, raters, those of ``dss_group_detail`` in
        ``dissensus/results.h`` (ratings, units_rated, units_irr, units_xrr, pairable,
        observed_disagreement, expected_disagreement, percent_agreement, ... GAI's Fieller set), and
        marginals: the pairable ratings by level, in the levels' order.
        """
        import pandas

        rows = []
        for q, question in enumerate(self.questions):
            levels = lib.dss_results_n_levels(self._handle, q)
            for g, (axis, group) in enumerate(self.groups):
                detail = lib.dss_results_detail(self._handle, q, g)
                row: dict[str, Any] = {
                    "question": question,
                    "axis": axis,
                    "group": group,
                    "raters": int(lib.dss_results_group_raters(self._handle, g)),
                }
                for name, _ in ffi.typeof("dss_group_detail").fields:
                    row[name] = getattr(detail, name)
                row["marginals"] = [int(row["marginals"][k]) for k in range(levels)]
                row["fieller_kind"] = text(lib.dss_set_kind_name(row["fieller_kind"]))
                row["fieller_withheld"] = text(lib.dss_withheld_text(row["fieller_withheld"]))
                rows.append(row)
        return pandas.DataFrame(rows)

    def histogram(self, statistic: str, group: str, *, axis: str | None = None,
                  question: str | None = None) -> Histogram | None:
        """The null distribution of a group's statistic; None where there is none.

        group and axis as in :attr:`groups`; the axis may be left out where one alone has the group,
        the question where there is one.
        """
        q = self._index(self.questions, question, "question")
        g = self._group(axis, group)
        names = [text(lib.dss_statistic_name(s)) for s in range(lib.DSS_N_STATISTICS)]
        s = self._index(names, statistic, "statistic")
        edges = ffi.new("double[2]")
        counts = lib.dss_results_histogram(self._handle, q, g, s, edges)
        if counts == ffi.NULL:
            return None
        bins = lib.DSS_HISTOGRAM_BINS
        all_counts = np.frombuffer(ffi.buffer(counts, 8 * (bins + 2)), np.uint64).copy()
        return Histogram(
            all_counts[1:-1],
            np.linspace(edges[0], edges[1], bins + 1),
            int(all_counts[0]),
            int(all_counts[-1]),
        )

    def figures(self) -> list[Figure]:
        """The figures that the results make, in the order in which a reader wants them: of each axis
        GAI with its intervals and null (forest), IRR against XRR (plane), a heatmap of two attributes
        (crossed); of each group its null distribution; all p-values (calibration).

        UsageError where this build of the library draws nothing.
        """
        from . import figures

        return figures._figures(figures.of_results(self._handle, self, self._lock))

    def save_figures(
        self,
        folder: PathLike,
        formats: str | Sequence[str] = "svg",
        *,
        overwrite: bool = False,
        progress: bool | None = None,
    ) -> None:
        """All figures as files of a folder, in the formats svg, pdf, png; FileError where one is there
        already and may not be overwritten."""
        from . import figures

        source = figures.of_results(self._handle, self, self._lock)
        figures._save(source, folder, formats, overwrite, progress)

    def _refuse_part(self, what: str) -> None:
        if self.is_part:
            raise UsageError(f"{what}: these results are one shard's part; merge() all parts first")

    @staticmethod
    def _index(names: list[str], name: str | None, what: str) -> int:
        if name is None and len(names) == 1:
            return 0
        if name not in names:
            raise UsageError(f"{what}: {name!r} is none of {', '.join(names)}")
        return names.index(name)

    def _group(self, axis: str | None, group: str) -> int:
        found = [
            i for i, (a, g) in enumerate(self.groups) if g == group and (axis is None or a == axis)
        ]
        if len(found) != 1:
            where = "" if axis is None else f" of axis '{axis}'"
            many = "several axes have a" if found else "there is no"
            raise UsageError(f"group: {many} group '{group}'{where}")
        return found[0]


def _column(name: str, values: Sequence[str]) -> Any:
    """A column of the tidy CSV; what is empty and no text is missing."""
    import pandas

    if name in _TEXTS:
        return pandas.array(list(values), dtype="string") if not values else list(values)
    if name in _COUNTS:
        return pandas.array([int(v) if v else None for v in values], dtype="Int64")
    return np.array([float(v) if v else np.nan for v in values], dtype=np.float64)


def merge(parts: Iterable[PathLike], *, threads: int | None = None) -> Results:
    """The results of the whole run from the files of all its shards, in any order.

    The same, to the bit, as those of one run. Raises DataError where the parts are not of the same
    study, options and version, or do not make up the run exactly once; the message names what is
    missing. Parts of a run with ``save_null`` lose the values of their resamples here; ``dissensus
    merge`` keeps them.
    """
    paths = [os.fsdecode(path_of(path)) for path in parts]
    if not paths:
        raise UsageError("merge: no parts")
    names = [ffi.new("char[]", path_of(path)) for path in paths]
    pointers = ffi.new("const char *[]", names)
    made: list[Any] = []
    n_threads = 0 if threads is None else whole(threads, "threads", 1, 2**16)

    def work(context: Any) -> int:
        out = ffi.new("dss_results **")
        status = lib.dss_merge(context, pointers, len(names), n_threads, ffi.NULL, out)
        if status == lib.DSS_OK:
            made.append(ffi.gc(out[0], lib.dss_results_free))
        return int(status)

    call(work, [hdf5])
    return Results(made[0])
