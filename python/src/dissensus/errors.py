"""What can go wrong: one exception for each status of the C library (``dissensus/status.h``).

Each carries the library's own message, one line that names the place, and ``status``, the number
that the command would have ended with.
"""

from __future__ import annotations

import os
from typing import ClassVar

__all__ = [
    "DataError",
    "DeviceError",
    "Error",
    "FileError",
    "InternalError",
    "Interrupted",
    "MemoryBudgetError",
    "UsageError",
]


class Error(Exception):
    """Anything that the library refuses or fails to do."""

    status: ClassVar[int] = 70


class UsageError(Error, ValueError):
    """Arguments that make no sense together, unknown names of columns, attributes, options."""

    status = 2


class DataError(Error, ValueError):
    """Input data, in a table or a file, that cannot be used."""

    status = 3


class FileError(Error, OSError):
    """A file that cannot be opened, read, written or replaced, or that is there already."""

    status = 4


def file_error(path: str | os.PathLike[str], error: OSError) -> FileError:
    """What Python says of a file, as the library would say it."""
    return FileError(f"{os.fsdecode(path)}: {error.strerror or error}")


class DeviceError(Error):
    """A GPU, or an instruction set that was asked for, is absent or has failed."""

    status = 5


class MemoryBudgetError(Error, MemoryError):
    """Out of memory, or over the memory that a call may take."""

    status = 6


class InternalError(Error):
    """A defect in the library: please report it."""

    status = 70


class Interrupted(Error):
    """Stopped on request; the message says whether a checkpoint is left to go on from."""

    status = 75


_BY_STATUS: dict[int, type[Error]] = {
    kind.status: kind
    for kind in (
        UsageError,
        DataError,
        FileError,
        DeviceError,
        MemoryBudgetError,
        InternalError,
        Interrupted,
    )
}


def error_of(status: int, message: str) -> Error:
    """The exception for a status of the library that is not 0."""
    return _BY_STATUS.get(status, InternalError)(message)
