"""The options of a run, from Python's values to the library's structs."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, Literal, TypedDict, Union

from ._library import Texts, command, encode, ffi, lib, path_of
from .errors import UsageError

Axis = Union[str, Sequence[str]]
By = Union[str, Sequence[Axis], None]
Where = Union[Mapping[str, Union[str, Sequence[str]]], Sequence[str], None]
PathLike = Union[str, "os.PathLike[str]"]


class Options(TypedDict, total=False):
    """What :meth:`dissensus.Study.gai` documents; all may be left out."""

    depth: int
    questions: str | Sequence[str] | None
    where: Where
    min_raters: int
    metrics: str | Sequence[str] | None
    units: Literal["own", "common"]
    ties: Literal["split", "skip"]
    permutations: int
    scheme: str
    stop_after: int
    seed: int
    bootstrap: int
    over: Literal["raters", "items", "both"]
    interval: Literal["bca", "basic", "percentile"]
    save_null: PathLike | None
    overwrite: bool
    shard: tuple[int, int] | None
    checkpoint: PathLike | None
    every: float
    resume: bool
    backend: Literal["auto", "reference", "cpu", "cuda"]
    threads: int | None
    device: int | None
    device_memory: int | None
    progress: bool | None


# These change no result and stand in no provenance.
_MACHINE = frozenset(
    "threads device device_memory progress shard checkpoint every resume save_null overwrite".split()
)


def whole(value: Any, name: str, least: int, most: int = 2**62) -> int:
    """A whole number from least to most."""
    try:
        number = operator.index(value)
    except TypeError:
        raise UsageError(f"{name}: a whole number was expected, not {value!r}") from None
    if not least <= number <= most:
        raise UsageError(f"{name}: {number} is not from {least} to {most}")
    return number


def listed(value: Any, name: str) -> list[str]:
    """A text or several, as a list of texts."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else texts_of(value, name)


def texts_of(value: Any, name: str) -> list[str]:
    """A list of texts, where one text alone would be read as its letters."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise UsageError(f"{name}: a list of texts was expected, not {value!r}")
    texts = list(value)
    for each in texts:
        if not isinstance(each, str):
            raise UsageError(f"{name}: a text was expected, not {each!r}")
    return texts


def joined(texts: Sequence[str], name: str) -> str:
    """Texts as the library's import has them, which splits them at commas."""
    for each in texts:
        if "," in each:
            raise UsageError(f"{name}: {each!r} has a comma, which from_csv cannot have there")
    return ",".join(texts)


def bins_of(value: Any) -> list[str]:
    """{"age": [18, 30]} as "age=18,30"."""
    if value is None:
        return []
    if not isinstance(value, Mapping):
        raise UsageError(f"bins: a dict from attribute to edges was expected, not {value!r}")
    found = []
    for name, edges in value.items():
        if not isinstance(name, str):
            raise UsageError(f"bins: the name of an attribute was expected, not {name!r}")
        if isinstance(edges, str) or not isinstance(edges, Iterable):
            raise UsageError(f"bins: {name}: a list of numbers was expected, not {edges!r}")
        numbers = list(edges)
        for edge in numbers:
            if isinstance(edge, bool) or not isinstance(edge, Real):
                raise UsageError(f"bins: {name}: a number was expected, not {edge!r}")
        found.append(f"{name}={','.join(str(edge) for edge in numbers)}")
    return found


def axes(by: By) -> list[str]:
    """"gender", ["gender", ("gender", "age")] and so on as "gender", "gender,age"."""
    if by is None:
        return []
    found = []
    for axis in [by] if isinstance(by, str) else list(by):
        names = [axis] if isinstance(axis, str) else listed(axis, "by")
        if not names:
            raise UsageError("by: an axis without an attribute")
        if not isinstance(axis, str) and any("," in name for name in names):
            raise UsageError(f"by: {axis!r}: an attribute whose name has a comma cannot be crossed")
        found.append(",".join(names))
    return found


def conditions(where: Where) -> list[str]:
    """{"topic": ["a", "b"]} or ["topic=a", "topic=b"] as the latter."""
    if where is None:
        return []
    if not isinstance(where, Mapping):
        return listed(where, "where")
    return [f"{name}={value}" for name, values in where.items() for value in listed(values, "where")]


def word(value: Any, name: str, words: Sequence[str]) -> int:
    """The index of one of some words."""
    if value not in words:
        raise UsageError(f"{name}: {value!r} is none of {', '.join(words)}")
    return list(words).index(value)


def _parsed(parse: Any, kind: str, value: Any, name: str) -> int:
    found = ffi.new(f"{kind} *")
    if not isinstance(value, str) or not parse(encode(value, name), found):
        raise UsageError(f"{name}: there is no {value!r}")
    return int(found[0])


def scheme(value: str) -> tuple[int, str | None]:
    """"free", "strata:ATTR" or "within:ATTR"."""
    if value == "free":
        return int(lib.DSS_SCHEME_FREE), None
    kind, colon, attribute = str(value).partition(":")
    if not colon or not attribute or kind not in ("strata", "within"):
        raise UsageError(f"scheme: {value!r} is not free, strata:ATTR or within:ATTR")
    return int(lib.DSS_SCHEME_STRATA if kind == "strata" else lib.DSS_SCHEME_WITHIN), attribute


def backend(value: str) -> int:
    """A backend's number."""
    return _parsed(lib.dss_backend_parse, "dss_backend_choice", value, "backend")


def _metrics(value: str | Sequence[str]) -> int:
    asked = ",".join(listed(value, "metrics"))
    bits, bad = ffi.new("unsigned *"), ffi.new("const char **")
    if not lib.dss_metrics_parse(encode(asked, "metrics"), bits, bad):
        known = [ffi.string(lib.dss_statistic_name(s)).decode() for s in range(lib.DSS_N_STATISTICS)]
        raise UsageError(
            f"metrics: {asked!r} has a statistic that is none of {', '.join(known)}, all, gai-table, "
            "pair-gai"
        )
    return int(bits[0])


def _check_names(options: Mapping[str, Any]) -> None:
    unknown = sorted(set(options) - set(Options.__annotations__))
    if unknown:
        raise TypeError(f"unknown options: {', '.join(unknown)}")


class Run:
    """dss_plan_options and dss_run_options, and what they point to."""

    def __init__(self, by: By, options: Mapping[str, Any]) -> None:
        _check_names(options)
        self.options = options
        self._kept: list[Any] = []
        self.plan = ffi.new("dss_plan_options *")
        self.run = ffi.new("dss_run_options *")
        lib.dss_plan_options_init(self.plan)
        lib.dss_run_options_init(self.run)
        self._set_axes(by)
        self._set_plan()
        self._set_bootstrap()
        self._set_run(by)
        self._set_batch()

    def _get(self, name: str, default: Any) -> Any:
        value = self.options.get(name, default)
        return default if value is None else value

    def _keep(self, value: Any) -> Any:
        self._kept.append(value)
        return value

    def _list(self, values: Sequence[str], name: str) -> tuple[Any, int]:
        texts = self._keep(Texts(values, name))
        return texts.pointer, texts.count

    def _text(self, value: str, name: str) -> Any:
        return self._keep(ffi.new("char[]", encode(value, name)))

    def _set_axes(self, by: By) -> None:
        depth = self.options.get("depth")
        given = axes(by)
        everything = given == ["all"]
        if depth is not None and not everything:
            raise UsageError('depth goes with by="all"')
        if everything:
            self.plan.all_depth = whole(3 if depth is None else depth, "depth", 1, 32)
            given = []
        self.plan.axes, self.plan.n_axes = self._list(given, "by")

    def _set_plan(self) -> None:
        plan = self.plan
        questions = listed(self._get("questions", []), "questions")
        plan.questions, plan.n_questions = self._list(questions, "questions")
        plan.where, plan.n_where = self._list(conditions(self._get("where", [])), "where")
        if self.options.get("metrics") is not None:
            plan.metrics = _metrics(self.options["metrics"])
        plan.scheme, attribute = scheme(self._get("scheme", "free"))
        if attribute is not None:
            plan.scheme_attribute = self._text(attribute, "scheme")
        plan.units = word(self._get("units", "own"), "units", ("own", "common"))
        plan.ties = word(self._get("ties", "split"), "ties", ("split", "skip"))
        plan.permutations = whole(self._get("permutations", plan.permutations), "permutations", 0)
        plan.stop_after = whole(self._get("stop_after", 0), "stop_after", 0)
        plan.seed = whole(self._get("seed", plan.seed), "seed", 0, 2**64 - 1)
        plan.min_raters = whole(self._get("min_raters", 2), "min_raters", 2, 2**32 - 2)

    def _set_bootstrap(self) -> None:
        plan = self.plan
        plan.bootstrap = whole(self._get("bootstrap", 0), "bootstrap", 0)
        for name in ("over", "interval"):
            if self.options.get(name) is not None and not plan.bootstrap:
                raise UsageError(f"{name} goes with bootstrap")
        plan.over = _parsed(lib.dss_over_parse, "dss_over", self._get("over", "raters"), "over")
        plan.interval = _parsed(lib.dss_ci_parse, "dss_ci", self._get("interval", "bca"), "interval")

    def _set_run(self, by: By) -> None:
        run = self.run
        run.backend = backend(self._get("backend", "auto"))
        run.threads, run.device, run.device_bytes = machine(self.options)
        run.save_null = self.options.get("save_null") is not None
        if run.save_null and self.plan.permutations == 0:
            raise UsageError("save_null: there is no null distribution with permutations=0")
        said = {} if by is None else {"by": by}
        said.update({k: v for k, v in self.options.items() if k not in _MACHINE})
        run.command = self._text(command("Study.gai", said), "options")

    def _set_batch(self) -> None:
        batch, folder = self.run.batch, self.options.get("checkpoint")
        shard = self.options.get("shard")
        if shard is not None:
            try:
                number, of = shard
            except (TypeError, ValueError):
                raise UsageError(f"shard: {shard!r} is no pair (shard, shards)") from None
            batch.n_shards = whole(of, "shard", 1, 10**6)
            batch.shard = whole(number, "shard", 0, of - 1)
        for name in ("every", "resume"):
            if self.options.get(name) and folder is None:
                raise UsageError(f"{name} goes with checkpoint")
        if folder is not None:
            batch.checkpoint = self._keep(ffi.new("char[]", path_of(folder)))
            batch.resume = bool(self.options.get("resume", False))
            every = float(self._get("every", 60.0))
            if not 0 <= every < 1e9:
                raise UsageError(f"every: {every} is no number of seconds")
            batch.every = every


def machine(options: Mapping[str, Any]) -> tuple[int, int, int]:
    """threads, device and device_bytes as the structs have them."""
    threads, device, memory = (options.get(n) for n in ("threads", "device", "device_memory"))
    return (
        0 if threads is None else whole(threads, "threads", 1, 2**16),
        0 if device is None else whole(device, "device", 0, 2**16) + 1,
        0 if memory is None else whole(memory, "device_memory", 1),
    )
