"""Who among raters disagrees with whom, and whether it is more than chance.

From a table of ratings and who the raters are: how much each group of raters agrees with itself (IRR),
with everyone else (XRR), the ratio of both (GAI), and by permutation whether that is more than chance::

    import pandas, dissensus

    study = dissensus.Study.from_dataframe(
        pandas.read_csv("comments.csv"), rater="worker", item="comment",
        ratings={"toxicity": "ordinal"}, rater_attrs=["gender", "age"])
    table = study.gai(by=["gender", "age", ("gender", "age")])
    print(study.report())

All computing is done by the C library of the same name, to the same bits as its command.
"""

from __future__ import annotations

from typing import Any

from ._library import call, ffi, lib, text
from .errors import (
    DataError,
    DeviceError,
    Error,
    FileError,
    InternalError,
    Interrupted,
    MemoryBudgetError,
    UsageError,
)
from .figures import Figure
from .pairs import Pairs
from .results import Histogram, Results, merge
from .study import QuestionInfo, Study

__all__ = [
    "DataError",
    "DeviceError",
    "Error",
    "Figure",
    "FileError",
    "Histogram",
    "InternalError",
    "Interrupted",
    "MemoryBudgetError",
    "Pairs",
    "QuestionInfo",
    "Results",
    "Study",
    "UsageError",
    "__version__",
    "devices",
    "merge",
    "selftest",
]

__version__: str = text(lib.dss_version())


def devices() -> list[dict[str, Any]]:
    """The GPUs that a run could use: name, major, minor (compute capability), bytes, free, usable, why
    (not). [] where there are none. DeviceError where the driver refuses."""
    room = 64
    out, n, why = ffi.new(f"dss_device[{room}]"), ffi.new("size_t *"), ffi.new("char[256]")
    call(lambda context: int(lib.dss_devices(context, out, room, n, why)))
    found = []
    for i in range(min(n[0], room)):
        device = {name: getattr(out[i], name) for name, _ in ffi.typeof("dss_device").fields}
        found.append(
            {k: text(v) if isinstance(v, ffi.CData) else v for k, v in device.items()}
        )
    return found


def selftest() -> None:
    """Published values through every backend of this machine; InternalError where one is not met."""
    call(lambda context: int(lib.dss_selftest(context, ffi.NULL, ffi.NULL)))
