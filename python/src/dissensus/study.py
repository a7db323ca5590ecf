"""Studies: who rated what how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _build, _import, _options
from ._library import (
    call,
    command,
    ffi,
    hdf5,
    lib,
    new_lock,
    parse_log,
    path_of,
    text,
)
from ._build import Duplicates, Names, Ratings
from ._options import By, Options, PathLike
from ._tables import Table
from .errors import UsageError
from .results import Results, explain, run

if TYPE_CHECKING:
    import pandas
    import xarray
    from typing_extensions import Unpack

    from .pairs import Pairs

__all__ = ["QuestionInfo", "Study"]


@dataclass(frozen=True)
class QuestionInfo:
    """A question of a study.

    ``levels`` [K] are in the scale's order, ``values`` [K] are their numbers, NaN where a level is no
    number.
    """

    name: str
    scale: str
    levels: tuple[str, ...]
    values: tuple[float, ...]
    ratings: int


class Study:
    """Ratings by N raters of U items on one or more questions, and what is known of raters and items.

    Made by :meth:`from_dataframe`, :meth:`from_parquet`, :meth:`from_csv` or :meth:`open`; it does
    not change. Any thread may use it: calls that read the same study take turns, while the resampling
    itself does not need it.
    """

    def __init__(self, handle: Any) -> None:
        """For this package alone: see the class methods."""
        self._handle = handle
        self._lock = new_lock()
        self._results: Results | None = None

    # --- making ---------------------------------------------------------------------------------

    @classmethod
    def from_dataframe(
        cls,
        df: Any,
        *,
        rater: str,
        item: str,
        ratings: Ratings,
        rater_attrs: Names = None,
        item_attrs: Names = None,
        missing: Sequence[str] = ("",),
        duplicates: Duplicates = "error",
    ) -> Study:
        """A study from a table with a row for each rating.

        Parameters
        ----------
        df
            A table of pandas, polars, pyarrow or another library that narwhals knows; an object with
            ``__arrow_c_stream__``; or one with ``to_pandas()``, as Hugging Face's datasets have it.
        rater, item
            Columns that name who rated what, of any type. Rows in which either is missing or empty
            are dropped, and counted in the log.
        ratings
            The questions, a column each: a name, a list of names, or a dict from name to scale
            (``"nominal"``, ``"ordinal"``, ``"interval"``, ``"ratio"``) or to a pair of scale and all
            levels, lowest first. ``"toxicity:ordinal"`` names a scale too. Without a scale a column of
            ordered categories is ordinal, every other nominal. Levels that are not given are the
            categories of a categorical column, in their order and used or not; else the values that
            occur, sorted as numbers. Unordered categories that are no numbers are refused for scales
            that need an order.
        rater_attrs, item_attrs
            Columns that say something of the rater or of the item: one value for each, which may
            be missing in some of their rows. Categories keep their order; of others values are sorted,
            as numbers where all are. Categories that nobody has are left out.
        missing
            Texts that are read as missing in ratings and attributes, beside the library's own missing
            values and NaN.
        duplicates
            What to do with two ratings of one item by one rater: refuse (``"error"``), or keep the
            ``"first"`` or the ``"last"``.

        Raises
        ------
        UsageError
            A column that is not there, an unknown scale, something that is no table.
        DataError
            Ratings or attributes that contradict each other, are not finite or not among the levels;
            more than 256 levels; no ratings.

        The same table as CSV, imported with ``dissensus import``, makes the same study: their
        :attr:`digest` is equal, unless categories order it otherwise.
        """
        draft = _build.Draft(
            Table(df), rater, item, ratings, rater_attrs, item_attrs, missing, duplicates
        )
        said = dict(
            rater=rater,
            item=item,
            ratings=ratings,
            rater_attrs=rater_attrs,
            item_attrs=item_attrs,
            missing=None if missing == ("",) else missing,
            duplicates=None if duplicates == "error" else duplicates,
        )
        work, made = draft.build(command("Study.from_dataframe", said))
        call(work)
        return cls(made[0])

    @classmethod
    def from_parquet(
        cls,
        path: PathLike,
        *,
        rater: str,
        item: str,
        ratings: Ratings,
        rater_attrs: Names = None,
        item_attrs: Names = None,
        missing: Sequence[str] = ("",),
        duplicates: Duplicates = "error",
    ) -> Study:
        """:meth:`from_dataframe` of a Parquet file, of which pandas reads the columns that are named.

        Needs pyarrow or fastparquet. Raises what these raise where the file cannot be read.
        """
        import pandas

        columns = [
            rater,
            item,
            *_build._names(rater_attrs, "rater_attrs"),
            *_build._names(item_attrs, "item_attrs"),
            *([ratings] if isinstance(ratings, str) else ratings),
        ]
        with_scale = any(":" in name for name in columns)  # or so a column is called
        return cls.from_dataframe(
            pandas.read_parquet(path, columns=None if with_scale else list(dict.fromkeys(columns))),
            rater=rater,
            item=item,
            ratings=ratings,
            rater_attrs=rater_attrs,
            item_attrs=item_attrs,
            missing=missing,
            duplicates=duplicates,
        )

    @classmethod
    def from_csv(
        cls,
        path: PathLike,
        *,
        rater: str | None = None,
        item: str | None = None,
        ratings: Ratings,
        rater_attrs: Names = None,
        item_attrs: Names = None,
        layout: str = "long",
        items: PathLike | None = None,
        item_key: str | None = None,
        raters: PathLike | None = None,
        rater_key: str | None = None,
        missing: Sequence[str] | None = None,
        bins: Mapping[str, Sequence[float]] | None = None,
        derive: Sequence[str] = (),
        duplicates: Duplicates = "error",
        keep_unused_levels: bool = False,
        progress: bool | None = None,
    ) -> Study:
        """A study from files, by the import of the command: ``dissensus import`` and docs/import.md.

        Parameters
        ----------
        path
            CSV, or JSON of the Learning With Disagreements tasks with ``layout="lewidi"``.
        rater, item
            Columns. In the wide layout there is no ``item``, and ``rater`` may be left out.
        ratings
            As in :meth:`from_dataframe`; without a scale a question is nominal. A level has no comma
            here, and none of ``missing`` has one.
        layout
            ``"long"``, ``"wide"`` or ``"lewidi"``.
        items, item_key, raters, rater_key
            Further tables of what is known of items and raters, and their key columns.
        missing
            Texts read as missing; by default empty, ``NA`` and ``NaN``.
        bins
            Attributes whose numbers are grouped: ``{"age": [18, 30, 50]}``.
        derive
            Further questions, as ``"worst:ordinal=max(a,b)"``.

        Raises
        ------
        DataError, FileError, UsageError
            With the file, the line and the column.
        """
        options = {
            "rater": rater,
            "item": item,
            "ratings": ratings,
            "rater_attrs": rater_attrs,
            "item_attrs": item_attrs,
            "layout": layout,
            "items": items,
            "item_key": item_key,
            "raters": raters,
            "rater_key": rater_key,
            "missing": missing,
            "bins": bins,
            "derive": derive,
            "duplicates": duplicates,
            "keep_unused_levels": keep_unused_levels,
        }
        return cls(_import.run(path, options, progress))

    @classmethod
    def open(cls, path: PathLike) -> Study:
        """A study from its HDF5 file, as ``dissensus import`` or :meth:`save` wrote it.

        Raises FileError where it cannot be read, DataError where it is no sound study.
        """
        made: list[Any] = []
        name = path_of(path)

        def work(context: Any) -> int:
            out = ffi.new("dss_study **")
            status = lib.dss_study_open(context, name, out)
            if status == lib.DSS_OK:
                made.append(ffi.gc(out[0], lib.dss_study_free))
            return int(status)

        call(work, [hdf5])
        return cls(made[0])

    def save(self, path: PathLike, *, overwrite: bool = False) -> None:
        """Writes one HDF5 file (docs/file-format.md), whole or not at all.

        Raises FileError where it cannot be written, or is there already and may not be overwritten.
        """
        name = path_of(path)
        call(
            lambda context: int(lib.dss_study_save(context, self._handle, name, overwrite)),
            [self._lock, hdf5],
        )

    # --- looking --------------------------------------------------------------------------------

    @property
    def n_raters(self) -> int:
        """N."""
        return int(lib.dss_study_n_raters(self._handle))

    @property
    def n_items(self) -> int:
        """U."""
        return int(lib.dss_study_n_items(self._handle))

    @property
    def raters(self) -> list[str]:
        """The raters' names [N], in the order in which they first appeared."""
        return [text(lib.dss_study_rater_name(self._handle, i)) for i in range(self.n_raters)]

    @property
    def items(self) -> list[str]:
        """The items' names [U], in the order in which they first appeared."""
        return [text(lib.dss_study_item_name(self._handle, i)) for i in range(self.n_items)]

    @property
    def questions(self) -> dict[str, QuestionInfo]:
        """The questions by name, in their order."""
        found = {}
        for index in range(lib.dss_study_n_questions(self._handle)):
            q = lib.dss_study_question(self._handle, index)
            levels = range(q.n_levels)
            name = text(q.name)
            found[name] = QuestionInfo(
                name,
                text(lib.dss_scale_name(q.scale)),
                tuple(text(q.labels[k]) for k in levels),
                tuple(float(q.values[k]) for k in levels),
                int(q.n_ratings),
            )
        return found

    def ratings(self, question: str | None = None) -> pandas.DataFrame:
        """The ratings of a question (the only one may be left out), sorted by item, level and rater.

        Columns rater, item and level, all categorical; a row for each of the question's ratings.
        """
        import pandas

        q = self._question(question)
        n = int(q.n_ratings)
        edges = np.frombuffer(ffi.buffer(q.item_ptr, 8 * (self.n_items + 1)), np.int64)
        rater = np.frombuffer(ffi.buffer(q.rater, 4 * n), np.uint32) if n else np.empty(0, np.uint32)
        code = np.frombuffer(ffi.buffer(q.code, n), np.uint8) if n else np.empty(0, np.uint8)
        item = np.repeat(np.arange(self.n_items), edges[1:] - edges[:-1])
        labels = [text(q.labels[k]) for k in range(q.n_levels)]
        ordered = q.scale != lib.DSS_NOMINAL
        of = pandas.Categorical.from_codes
        return pandas.DataFrame(
            {
                "rater": of(rater.astype(np.int64), self.raters),
                "item": of(item, self.items),
                "level": of(code.astype(np.int64), labels, ordered=ordered),
            }
        )

    def _question(self, name: str | None) -> Any:
        names = list(self.questions)
        if name is None and len(names) != 1:
            raise UsageError(f"the study has several questions: {', '.join(names)}; name one")
        if name is not None and name not in names:
            raise UsageError(f"the study has no question '{name}'; there are: {', '.join(names)}")
        return lib.dss_study_question(self._handle, 0 if name is None else names.index(name))

    @property
    def rater_attributes(self) -> pandas.DataFrame:
        """What is known of the raters: categorical columns, a row for each rater."""
        return self._attributes(
            lib.dss_study_n_rater_attributes, lib.dss_study_rater_attribute, self.raters, "rater"
        )

    @property
    def item_attributes(self) -> pandas.DataFrame:
        """What is known of the items: categorical columns, a row for each item."""
        return self._attributes(
            lib.dss_study_n_item_attributes, lib.dss_study_item_attribute, self.items, "item"
        )

    def _attributes(self, count: Any, get: Any, names: list[str], what: str) -> pandas.DataFrame:
        import pandas

        columns = {}
        for index in range(count(self._handle)):
            a = get(self._handle, index)
            categories = [text(a.categories[c]) for c in range(a.n_categories)]
            codes = np.frombuffer(ffi.buffer(a.codes, 4 * len(names)), np.int32)
            columns[text(a.name)] = pandas.Categorical.from_codes(
                codes.astype(np.int64), categories, ordered=bool(a.ordered)
            )
        return pandas.DataFrame(columns, index=pandas.Index(names, name=what))

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of names, attributes, levels and ratings: equal for equal studies however
        they were made (docs/file-format.md)."""
        out = ffi.new("char[65]")
        call(
            lambda context: int(lib.dss_study_digest(context, self._handle, out)), [self._lock]
        )
        return text(out)

    @property
    def provenance(self) -> dict[str, Any]:
        """Where it came from: created_by, created_at, command, input_sha256, and import_log, a dict
        of what was dropped and filtered."""
        p = lib.dss_study_provenance(self._handle)
        keys = ("created_by", "created_at", "command", "input_sha256")
        found: dict[str, Any] = {key: text(getattr(p, key)) for key in keys}
        found["import_log"] = parse_log(text(p.import_log))
        return found

    def __repr__(self) -> str:
        questions = ", ".join(
            f"{q.name} ({q.scale}, {q.ratings} ratings)" for q in self.questions.values()
        )
        return f"<dissensus.Study: {self.n_raters} raters, {self.n_items} items; {questions}>"

    # --- computing ------------------------------------------------------------------------------

    def gai(self, by: By = None, **options: Unpack[Options]) -> pandas.DataFrame:
        """Every group's statistics and their significance: one tidy row a question, axis, group and
        statistic.

        Parameters
        ----------
        by
            The axes: attributes of the raters, a name, a list of names, or tuples of names for
            their combinations, as ``["gender", ("gender", "age")]``. ``"all"``: every combination of
            up to ``depth`` attributes. None: each attribute by itself.
        depth
            With ``by="all"``: how many attributes cross (3).
        questions
            Names of the questions to analyse; None: all.
        where
            Keep only items, or raters, with these values: ``{"topic": ["a", "b"], "site": "x"}``.
        min_raters
            Groups with fewer are listed but not tested (2).
        metrics
            ``"all"`` or some of irr, xrr, nxrr, gai (brings irr, xrr and difference), difference,
            plurality, negentropy, cross_negentropy, voting; ``"pair-gai"``: beside gai the same with
            every pair of raters weighing the same.
        units
            ``"own"``: IRR over every item that the group rated twice; ``"common"``: IRR and XRR over
            the same items.
        ties
            Voting agreement: ``"split"`` a tie, or ``"skip"`` the item.
        permutations
            How many times the raters' profiles are shuffled (10,000; 0: estimates only).
        scheme
            Who may be exchanged with whom: ``"free"``, ``"strata:ATTR"``, ``"within:ATTR"``.
        stop_after
            A test ends once so many resamples have reached it on each side; 20 is usual (0: never).
        seed
            Of the random numbers (1). Equal seeds give equal bits, on any machine.
        bootstrap
            Resamples for 95% intervals, 40 at least, say 2000 (0: none).
        over
            What the bootstrap draws anew: ``"raters"``, ``"items"``, ``"both"``.
        interval
            The one that is shown: ``"bca"``, ``"basic"``, ``"percentile"``.
        save_null, overwrite
            A path: write the results there as a file that also has every value of every resample, as
            ``/null/values``.
        shard
            (i, n): only the i-th of n parts, from 0; :func:`dissensus.merge` puts them together. For
            :meth:`run` alone.
        checkpoint, every, resume
            A folder in which the run keeps, every so many seconds (60), how far it has come, also
            when it is interrupted; to go on from there. The files stay until the results are saved.
        backend
            ``"auto"``, ``"reference"``, ``"cpu"``, ``"cuda"``; no result depends on it.
        threads, device, device_memory
            None: as many threads as the process may use; every GPU; nearly all its memory (bytes).
        progress
            A bar of tqdm, where that is installed. None: on a terminal and in notebooks.

        Returns
        -------
        pandas.DataFrame
            The columns, in the words of ``dissensus report --format csv`` (docs/reports.md):
            question, axis, group, statistic, reason, direction, ci_method and ci_reason are texts,
            empty where there is nothing to say; counts are Int64; the others float64, equal to the
            command's to the bit, NaN where undefined. ``attrs`` holds the provenance.

        Raises
        ------
        UsageError
            Unknown names, options that make no sense together.
        DataError
            No group has ``min_raters`` raters, or nothing is left after ``where``.
        MemoryBudgetError, DeviceError, FileError
            As the names say.

        KeyboardInterrupt stops the run within a second; without ``checkpoint`` nothing is kept.

        What each number means, and from which paper it comes: docs/statistics.md. GAI is that of
        Prabhakaran et al., *GRASP*, NAACL 2024.
        """
        if options.get("shard") is not None:
            raise UsageError("shard: a part of a run has no table yet; run() it, save it, and merge()")
        return self.run(by, **options).to_dataframe()

    def run(self, by: By = None, **options: Unpack[Options]) -> Results:
        """:meth:`gai` with the same options, as :class:`dissensus.Results`: a handle that also saves,
        reports, and has histograms and details."""
        chosen = _options.Run(by, options)
        results = run(self._handle, self._lock, chosen)
        self._results = results
        return results

    def explain(self, by: By = None, *, trial: float = 0.0, **options: Unpack[Options]) -> dict[str, Any]:
        """What :meth:`gai` would do with the same options, without doing it.

        Returns backend, method, why, host_bytes, plan_bytes, pilot_bytes, device_bytes, threads,
        resamples, all_arrangements, stop_after, pairs and weight_scale (``dissensus/explain.h``). With
        ``trial`` so many seconds are spent on a few resamples, and ``seconds``, ``seconds_low`` and
        ``seconds_high`` say what the run would take.
        """
        return explain(self._handle, self._lock, _options.Run(by, options), trial)

    @property
    def results(self) -> Results | None:
        """Those of the last :meth:`gai` or :meth:`run`; None before."""
        return self._results

    def report(
        self, format: str = "table", path: PathLike | None = None, *, overwrite: bool = False
    ) -> str:
        """The report of the last :meth:`gai` or :meth:`run`: see :meth:`dissensus.Results.report`."""
        if self._results is None:
            raise UsageError("there are no results yet: call gai() first")
        return self._results.report(format, path, overwrite=overwrite)

    def pairs(
        self,
        question: str | None = None,
        *,
        by: By = None,
        path: PathLike | None = None,
        statistics: Sequence[str] | None = None,
        **options: Any,
    ) -> xarray.DataArray:
        """How every rater agrees with every other: matrices of N x N, which are read as they are
        needed.

        Parameters
        ----------
        question
            The question; needed where the study has several.
        path
            The file to write; None: a temporary one that goes when nothing needs it any more.
        statistics
            Which of shared, agreements, mean_distance, kappa, correlation; None: all there are.
        by, options
            As in :meth:`run_pairs`.

        Returns
        -------
        xarray.DataArray
            Dimensions statistic, rater, rater_2; float64, NaN where undefined (docs/pairs.md). Values
            stay in the file until they are used: ``pairs.sel(statistic="kappa", rater="w01")`` reads
            one row.
        """
        return self.run_pairs(question, by=by, path=path, **options).matrices(statistics)

    def run_pairs(
        self,
        question: str | None = None,
        *,
        by: By = None,
        path: PathLike | None = None,
        overwrite: bool = False,
        where: _options.Where = None,
        scheme: str = "free",
        permutations: int = 10000,
        seed: int = 1,
        min_shared: int = 1,
        memory: int = 1 << 30,
        half: bool = False,
        backend: str = "auto",
        threads: int | None = None,
        device: int | None = None,
        device_memory: int | None = None,
        progress: bool | None = None,
    ) -> Pairs:
        """:meth:`pairs` as a handle that also has the means of groups' pairs and their tests.

        Parameters
        ----------
        by
            Axes, whose groups are compared: means over the pairs of each two groups, ANOSIM and
            PERMANOVA.
        where, scheme, permutations, seed, backend, threads, device, device_memory, progress
            As in :meth:`gai`.
        min_shared
            Pairs with fewer shared items do not count for groups.
        memory
            Bytes that the computation may take beside the study (1 GiB).
        half
            Write only what stands on or above the diagonal; reading fills in the other half.

        Raises
        ------
        MemoryBudgetError
            With the smallest ``memory`` that would do.
        UsageError, DataError, FileError, DeviceError
            As in :meth:`gai`.
        """
        from .pairs import run_pairs

        options = {
            "where": where,
            "scheme": scheme,
            "permutations": permutations,
            "seed": seed,
            "min_shared": min_shared,
            "memory": memory,
            "half": half,
            "backend": backend,
            "threads": threads,
            "device": device,
            "device_memory": device_memory,
        }
        return run_pairs(
            self._handle, self._lock, question, by, path, overwrite, options, progress
        )
