"""Figures of results and of pairs of raters, drawn by the library with Cairo and Pango."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Sequence
from typing import Any

from ._library import call, ffi, hdf5, lib, new_lock, path_of, taken, text
from ._options import PathLike, listed, word
from .errors import UsageError, file_error

__all__ = ["Figure"]

FORMATS = ("svg", "pdf", "png")
_KINDS = ("forest", "plane", "crossed", "null", "calibration", "pairs")
# Fontconfig and Pango keep caches, one for the process.
_drawing = new_lock()


class Figure:
    """One figure, from :meth:`dissensus.Results.figures` or :meth:`dissensus.Pairs.figures`.

    In a notebook it shows itself. ``kind`` is forest, plane, crossed, null, calibration or pairs;
    ``name`` a file's name without its ending; ``description`` says in words what it shows.
    """

    def __init__(self, source: _Source, number: Any) -> None:
        """For this package alone."""
        self._source, self._figure = source, number
        found: list[str] = []

        def work(context: Any) -> int:
            texts = ffi.new("dss_figure_texts *")
            status = source.describe(context, source.handle, number, texts)
            if status == lib.DSS_OK:
                found.extend(text(each) for each in (texts.name, texts.title, texts.description))
                lib.dss_figure_texts_free(texts)
            return int(status)

        call(work, source.locks)
        self.kind: str = _KINDS[number.kind] if number.kind < len(_KINDS) else str(number.kind)
        self.name, self.title, self.description = found

    def draw(self, format: str = "svg") -> bytes:
        """The drawing: ``"svg"`` (UTF-8), ``"pdf"`` or ``"png"``."""
        choice = word(format, "format", FORMATS)
        found: list[bytes] = []

        def work(context: Any) -> int:
            out, size = ffi.new("unsigned char **"), ffi.new("size_t *")
            status = self._source.draw(
                context, self._source.handle, self._figure, choice, out, size
            )
            if status == lib.DSS_OK:
                found.append(taken(out, size))
            return int(status)

        call(work, self._source.locks)
        return found[0]

    def save(self, path: PathLike) -> None:
        """Writes the drawing, whose format is the name's ending, whole or not at all, over what is
        there; FileError where it cannot be written."""
        ending = os.path.splitext(os.fsdecode(path))[1].lstrip(".").lower()
        drawing = self.draw(ending)
        name = os.fsdecode(path)
        temporary = f"{name}.{os.getpid()}-{secrets.token_hex(4)}.tmp"
        try:
            with open(temporary, "xb") as file:
                file.write(drawing)
            os.replace(temporary, name)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise file_error(path, error) from error

    def _repr_png_(self) -> bytes:
        return self.draw("png")

    def __repr__(self) -> str:
        return f"<dissensus.Figure {self.name}: {self.title}>"


class _Source:
    """What figures are of: results, or a file of pairs, and the library's functions for it."""

    def __init__(self, handle: Any, owner: Any, prefix: str, own_lock: Any) -> None:
        if not hasattr(lib, "dss_figures_available") or not lib.dss_figures_available():
            raise UsageError("this build of the library draws no figures: it lacks Cairo and Pango")
        self.handle, self.owner = handle, owner
        self.locks = [own_lock, _drawing]
        self.list = getattr(lib, f"{prefix}figures_list")
        self.describe = getattr(lib, f"{prefix}figure_describe")
        self.draw = getattr(lib, f"{prefix}figure_draw")
        self.save = getattr(lib, f"{prefix}figures_save")


def _figures(source: _Source) -> list[Figure]:
    numbers: list[Any] = []

    def work(context: Any) -> int:
        out, n = ffi.new("dss_figure **"), ffi.new("size_t *")
        status = source.list(context, source.handle, out, n)
        if status == lib.DSS_OK:
            # Copies, which live as long as their figures.
            numbers.extend(ffi.new("dss_figure *", out[0][i]) for i in range(n[0]))
            lib.dsspy_free(out[0])
        return int(status)

    call(work, source.locks)
    return [Figure(source, number) for number in numbers]


def _save(source: _Source, folder: PathLike, formats: str | Sequence[str], overwrite: bool,
          progress: bool | None) -> None:
    bits = 0
    for format in listed(formats, "formats"):
        bits |= 1 << word(format, "formats", FORMATS)
    name = path_of(folder)
    call(
        lambda context: int(source.save(context, source.handle, name, bits, overwrite)),
        source.locks,
        progress,
    )


def of_results(handle: Any, owner: Any, own_lock: Any) -> _Source:
    """Figures of results."""
    return _Source(handle, owner, "dss_", own_lock)


def of_pairs(handle: Any, owner: Any) -> _Source:
    """Figures of a file of pairs, which is read while they are drawn."""
    return _Source(handle, owner, "dss_pair_", hdf5)
