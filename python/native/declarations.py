"""The binding's C source, made from the headers: what a header says is said nowhere else.

The compiler expands the public headers (and glue.h), cffi reads what is left, and writes the C of an
extension module that the same compiler then holds against the same headers, layouts of structs
included.

Usage: declarations.py COMPILER INCLUDE OUTPUT
  COMPILER  a C compiler in the manner of gcc
  INCLUDE   the folder that has dissensus/*.h
  OUTPUT    the file to write
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import cffi

HERE = pathlib.Path(__file__).resolve().parent
# What the headers include of the system; cffi knows these types.
SYSTEM = ("signal.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h")
# Types that only the compiler knows.
PRELUDE = "typedef int... sig_atomic_t;\n"
# Functions with these are for C: glue.c has what stands for them.
FOR_C_ALONE = r"[^;{}]*\b(?:va_list|FILE)\b[^;{}]*;"
MODULE = "dissensus._native"


def expand(compiler: str, include: pathlib.Path) -> str:
    """The declarations, without comments, macros and the system's."""
    with tempfile.TemporaryDirectory() as folder:
        for name in SYSTEM:
            pathlib.Path(folder, name).touch()
        done = subprocess.run(
            [compiler, "-E", "-P", "-nostdinc", "-U__GNUC__", "-DNULL=0", "-I", folder,
             "-I", str(include), str(HERE / "glue.h")],
            stdout=subprocess.PIPE, check=True, text=True)
    return re.sub(FOR_C_ALONE, "", done.stdout)


def constants(include: pathlib.Path) -> str:
    """Whole numbers that are macros."""
    found = []
    for header in sorted((include / "dissensus").glob("*.h")):
        text = header.read_text(encoding="utf-8")
        found += re.findall(r"^#define (DSS_[A-Z0-9_]+) [0-9]+u?\b", text, re.MULTILINE)
    return "".join(f"#define {name} ...\n" for name in found)


def main(compiler: str, include: pathlib.Path, output: pathlib.Path) -> None:
    builder = cffi.FFI()
    builder.cdef(PRELUDE + constants(include) + expand(compiler, include))
    builder.set_source(MODULE, '#include <signal.h>\n#include "glue.h"\n')
    builder.emit_c_code(str(output))


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
