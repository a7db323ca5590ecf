"""A study from files, by the library's import."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from . import _build, _options
from ._library import Texts, call, command, encode, ffi, lib, path_of

LAYOUTS = ("long", "wide", "lewidi")


class _Fields:
    """The options of an import in C, and the texts they point to."""

    def __init__(self) -> None:
        self.options = ffi.new("dss_import_options *")
        self._kept: list[Any] = []
        lib.dss_import_options_init(self.options)

    def put(self, name: str, value: Any) -> None:
        if value is None:
            return
        given = value if isinstance(value, bytes) else encode(value, name)
        self._kept.append(ffi.new("char[]", given))
        setattr(self.options, name, self._kept[-1])

    def put_list(self, name: str, values: Sequence[str]) -> None:
        self._kept.append(Texts(values, name))
        setattr(self.options, name, self._kept[-1].pointer)
        setattr(self.options, f"n_{name}", self._kept[-1].count)


def _put_ratings(fields: _Fields, ratings: Any) -> None:
    asked = _build.asked_questions(ratings, [])
    levels = [
        f"{q.column}={_options.joined(q.levels, f'ratings: {q.column}: level')}"
        for q in asked
        if q.levels is not None
    ]
    fields.put_list("ratings", [f"{q.column}:{q.scale or 'nominal'}" for q in asked])
    fields.put_list("levels", levels)


def _command(path: Any, given: dict[str, Any]) -> str:
    """Of files that are joined the import's own log tells."""
    joined = ("items", "item_key", "raters", "rater_key")
    said = {name: value for name, value in given.items() if name not in joined}
    said["layout"] = None if given["layout"] == "long" else given["layout"]
    said["derive"] = given["derive"] or None
    said["duplicates"] = None if given["duplicates"] == "error" else given["duplicates"]
    said["keep_unused_levels"] = given["keep_unused_levels"] or None
    return command("Study.from_csv", {"path": os.path.basename(os.fspath(path)), **said})


def run(path: Any, given: dict[str, Any], progress: bool | None) -> Any:
    """The study's handle; given: the arguments of :meth:`dissensus.Study.from_csv`."""
    fields = _Fields()
    options = fields.options
    missing = given["missing"]
    fields.put("input", path_of(path))
    options.layout = _options.word(given["layout"], "layout", LAYOUTS)
    for name in ("rater", "item", "item_key", "rater_key"):
        fields.put(name, given[name])
    _put_ratings(fields, given["ratings"])
    fields.put_list("rater_attributes", _build._names(given["rater_attrs"], "rater_attrs"))
    fields.put_list("item_attributes", _build._names(given["item_attrs"], "item_attrs"))
    for name in ("items", "raters"):
        fields.put(f"{name}_path", None if given[name] is None else path_of(given[name]))
    if missing is not None:
        fields.put("missing", _options.joined(_options.texts_of(missing, "missing"), "missing"))
    fields.put_list("bins", _options.bins_of(given["bins"]))
    fields.put_list("derived", _options.texts_of(given["derive"], "derive"))
    options.duplicates = _options.word(given["duplicates"], "duplicates", ("error", "first", "last"))
    options.keep_unused_levels = given["keep_unused_levels"]
    fields.put("command", _command(path, given))
    made: list[Any] = []

    def work(context: Any) -> int:
        out = ffi.new("dss_study **")
        status = lib.dss_import(context, options, out)
        if status == lib.DSS_OK:
            made.append(ffi.gc(out[0], lib.dss_study_free))
        return int(status)

    call(work, progress=progress)
    return made[0]
