"""Calls of the C library: threads, interrupts, progress, the log, errors.

A call that can last runs in a thread of its own, without Python's lock, while the caller's thread
waits and sees signals. On KeyboardInterrupt the call is asked to stop and, should it be in the middle
of a step, left to end by itself; what it holds it frees then. Calls that use HDF5, which is not
thread-safe, take turns.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from . import _native
from .errors import Error, MemoryBudgetError, UsageError, error_of

ffi: Any = _native.ffi
lib: Any = _native.lib

log = logging.getLogger("dissensus")

POLL_SECONDS = 0.05
# How long an interrupted call may take to end before it is left alone.
PATIENCE_SECONDS = 0.6
# Calls that are over sooner show no progress.
QUIET_SECONDS = 0.5

Work = Callable[[Any], int]


def new_lock() -> threading.Lock:
    """For a handle of the library, which one thread at a time may use."""
    return threading.Lock()


class HDF5Lock:
    """One thread of the process at a time, and a list of what waits to be closed.

    The garbage collector may run anywhere, also where the lock is held: what it would close with HDF5
    it leaves here, and whoever gives the lock back closes it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Callable[[], None]] = []

    def acquire(self, timeout: float) -> bool:
        """Whether the lock was to be had within so many seconds."""
        return self._lock.acquire(timeout=timeout)

    def release(self) -> None:
        """Gives the lock back after closing what waits."""
        while self._waiting:
            self._waiting.pop()()
        self._lock.release()

    def close_when_free(self, close: Callable[[], None]) -> None:
        """Closes at once if nobody has the lock, else soon."""
        self._waiting.append(close)
        if self._lock.acquire(blocking=False):
            self.release()


hdf5 = HDF5Lock()
_counting = threading.Lock()
_under_way = 0  # calls
_broken = False


def _look_after_fork() -> None:
    """A child has only the thread that forked; a call that another thread was in never ends there."""
    global _broken
    _broken = _broken or _under_way > 0


os.register_at_fork(after_in_child=_look_after_fork)


# --- texts --------------------------------------------------------------------------------------


def text(pointer: Any) -> str:
    """A text of the library; "" for NULL."""
    if pointer == ffi.NULL:
        return ""
    return bytes(ffi.string(pointer)).decode("utf-8", "replace")


def taken(out: Any, size: Any) -> bytes:
    """The bytes of a buffer that the library made, which is freed.

    For the thread that made it: the caller's may be gone, interrupted, when it is there.
    """
    try:
        return bytes(ffi.buffer(out[0], size[0]))
    finally:
        lib.dsspy_free(out[0])


def encode(value: str, what: str) -> bytes:
    """UTF-8 for the library, whose texts end at a NUL."""
    try:
        encoded = value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"{what}: {value!r} has characters that are not Unicode") from error
    if b"\0" in encoded:
        raise UsageError(f"{what}: {value!r} has a NUL character")
    return encoded


def path_of(path: str | os.PathLike[str]) -> bytes:
    """A path for the library."""
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise UsageError(f"path {path!r} has a NUL character")
    return encoded


class Texts:
    """A list of texts for the library: ``pointer`` is valid as long as this lives."""

    def __init__(self, values: Iterable[str], what: str) -> None:
        encoded = [encode(value, what) for value in values]
        self._kept = ffi.new("char[]", b"\0".join(encoded) + b"\0")
        self.count = len(encoded)
        self.pointer = ffi.new("const char *[]", max(self.count, 1))
        at = 0
        for i, value in enumerate(encoded):
            self.pointer[i] = self._kept + at
            at += len(value) + 1


def command(name: str, options: dict[str, Any]) -> str:
    """What provenance says was called; options that are None were not given."""
    given = [f"{key}={value!r}" for key, value in options.items() if value is not None]
    return f"{name}({', '.join(given)})"


# --- progress -----------------------------------------------------------------------------------


def _wants_progress(progress: bool | None) -> bool:
    if progress is not None:
        return progress
    return sys.stderr.isatty() or "ipykernel" in sys.modules


class _Bar:
    """tqdm's, where there is tqdm, one after another for what the library does."""

    def __init__(self, progress: bool | None) -> None:
        self._make: Any = None
        self._bar: Any = None
        self._what = ""
        if _wants_progress(progress):
            try:
                from tqdm.auto import tqdm
            except ImportError:
                return
            self._make = tqdm

    def show(self, watch: Any) -> None:
        if not self._make:
            return
        said = ffi.new("dsspy_progress *")
        if not lib.dsspy_watch_progress(watch, said):
            return
        what = text(said.what)
        if what != self._what:
            self.close()
            self._what = what
            self._bar = self._make(total=int(said.total), desc=what, unit_scale=True, leave=False)
        self._bar.n = int(said.done)
        self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar = None


# --- calls --------------------------------------------------------------------------------------


class _Call:
    """One call, or several in a row, with a context of their own."""

    def __init__(self, work: Work, locks: Sequence[Any]) -> None:
        self.context = ffi.gc(lib.dss_context_new(), lib.dss_context_free)
        if self.context == ffi.NULL:
            raise MemoryBudgetError("out of memory")
        self.watch = ffi.gc(lib.dsspy_watch_new(self.context), lib.dsspy_watch_free)
        if self.watch == ffi.NULL:
            raise MemoryBudgetError("out of memory")
        self.done = threading.Event()
        self.failure: BaseException | None = None
        self._work = work
        self._locks = locks

    def run(self) -> None:
        """In the call's own thread."""
        global _under_way
        held: list[Any] = []
        with _counting:
            _under_way += 1
        try:
            for lock in self._locks:
                while not lock.acquire(timeout=POLL_SECONDS):
                    if lib.dsspy_watch_stopped(self.watch):
                        raise error_of(lib.DSS_INTERRUPTED, "interrupted; nothing is kept")
                held.append(lock)
            status = self._work(self.context)
            if status != lib.DSS_OK:
                self.failure = error_of(status, self._message(status))
        except BaseException as error:
            self.failure = error
        finally:
            for lock in reversed(held):
                lock.release()
            with _counting:
                _under_way -= 1
            self.done.set()

    def _message(self, status: int) -> str:
        said = text(lib.dss_context_error(self.context))
        return said or text(lib.dss_status_name(status))

    def tell(self) -> None:
        """The library's log to Python's."""
        lost = ffi.new("size_t *")
        lines = lib.dsspy_watch_lines(self.watch, lost)
        if lines != ffi.NULL:
            said = text(lines)
            lib.dsspy_free(lines)
            for line in said.split("\n")[:-1]:
                log.log(logging.WARNING if line[0] == "W" else logging.INFO, "%s", line[1:])
        if lost[0]:
            log.warning("%d lines of the log are lost: out of memory", lost[0])

    def stop(self) -> None:
        """Asks the call to end, and waits for that a little."""
        lib.dsspy_watch_stop(self.watch)
        self.done.wait(PATIENCE_SECONDS)

    def wait(self, progress: bool | None) -> None:
        """In the caller's thread, until the call has ended."""
        bar: _Bar | None = None
        begun = time.monotonic()
        try:
            while not self.done.wait(POLL_SECONDS):
                if bar is None and time.monotonic() - begun > QUIET_SECONDS:
                    bar = _Bar(progress)
                if bar is not None:
                    bar.show(self.watch)
                self.tell()
        finally:
            if bar is not None:
                bar.close()
        self.tell()
        if self.failure is not None:
            raise self.failure


def call(work: Work, locks: Sequence[Any] = (), progress: bool | None = False) -> None:
    """Runs ``work(context)``, which returns a status, with the locks held, in their order.

    Raises the error of a status that is not 0; KeyboardInterrupt within a second.
    """
    if _broken:
        raise Error(
            "this process was forked while dissensus was computing in a thread that is not here; "
            "start it with multiprocessing's 'spawn' or 'forkserver', or before"
        )
    under_way = _Call(work, locks)
    thread = threading.Thread(target=under_way.run, name="dissensus")
    try:
        thread.start()
        under_way.wait(progress)
    except BaseException:
        under_way.stop()
        raise
    thread.join()


def provenance(lookup: Callable[[bytes], Any], keys: Iterable[str]) -> dict[str, str]:
    """Texts by key, where there are any."""
    found = {}
    for key in keys:
        value = lookup(key.encode())
        if value != ffi.NULL:
            found[key] = text(value)
    return found


def parse_log(said: str) -> dict[str, Any]:
    """The import's log; {} where there is none."""
    return dict(json.loads(said)) if said else {}
