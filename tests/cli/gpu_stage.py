"""The folder that bench/gpu/check goes to other machines in: small, with nothing that it loads left
behind, and the check runs in it from another place.

Usage: gpu_stage.py ARCHIVE
"""

import json
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

MOST_BYTES = 64 << 20
# Of the machine: the libraries of C and C++, their loader, and what the GPU's driver brings.
OF_MACHINE = re.compile(r"^(lib(c|m|dl|rt|pthread|resolv|util|mvec|stdc\+\+|gcc_s)\.so|ld-linux|"
                        r"libcuda\.so|linux-vdso)")
# Ubuntu 22.04 has this one (bench/gpu/README.md). A build on a newer system than Debian 12 may ask for
# that system's own.
C_LIBRARY, BUILT_ON = (2, 35), (2, 36)
LEFT_OUT = re.compile(r"^lib(mpi|cairo|pango|fontconfig)")
FILES = ("LICENSE", "about.json", "bench/gpu/check", "bench/gpu/README.md", "bench/gpu/floors.json",
         "bench/gpu/workloads.py", "bench/harness/verify.py", "bench/peers/study.py",
         "data/demo/dive.ini")


def expect(condition, text):
    if not condition:
        sys.exit(f"FAILED: {text}")


def said(*arguments):
    return subprocess.run(list(map(str, arguments)), capture_output=True, text=True, check=True,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}).stdout


def numbers(version):
    return tuple(map(int, version.split(".")))


def check_binary(binary, folder):
    """What it asks for lies beside it, is looked for there, and is found there. The C library that it
    wants at least."""
    library = binary.parent.name == "lib"
    dynamic = said("readelf", "-d", binary)
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
    expect(needed, f"{binary.name} loads nothing")
    for name in needed:
        expect(not LEFT_OUT.match(name), f"{binary.name} needs {name}")
        expect(OF_MACHINE.match(name) or (folder / "bin/lib" / name).is_file(),
               f"{binary.name} needs {name}, which is not in the folder")
    paths = re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", dynamic)
    expect(paths == ([] if library and not paths else ["$ORIGIN/lib"]),
           f"{binary.name} looks in {paths}")
    expect(library or "(RUNPATH)" not in dynamic, f"{binary.name}: libraries' own needs are not found")
    for name, where in [] if library else re.findall(r"(\S+) => (.*?) \(", said("ldd", binary)):
        expect(OF_MACHINE.match(name) or Path(where).is_relative_to(folder),
               f"{binary.name} takes {name} from elsewhere: {where}")
    symbols = said("readelf", "-SW", binary)
    expect(".debug_info" not in symbols and ".symtab" not in symbols, f"{binary.name} is not stripped")
    wanted = max(map(numbers, re.findall(r"Name: GLIBC_([\d.]+)", said("readelf", "-VW", binary))))
    expect(wanted <= C_LIBRARY or numbers(platform.libc_ver()[1]) > BUILT_ON,
           f"{binary.name} wants a C library of version {wanted}, not at most {C_LIBRARY}")
    return wanted


def tests_of(folder):
    """What the check there runs."""
    sys.path[:0] = [str(folder / "bench/gpu"), str(folder / "bench")]
    import steps
    return steps.TESTS


def check_programs(folder):
    programs = sorted(path for path in (folder / "bin").iterdir() if path.is_file())
    names = {path.name for path in programs}
    simt = "dissensus-simt" in names
    wanted = {"dissensus", "dissensus-generate", "dissensus-same"} | (
        {"dissensus-gpu-limits-simt", "dissensus-gpu-pairs-simt"} if simt else
        {"dissensus-gpu-limits", "dissensus-gpu-pairs", *tests_of(folder)})
    expect(wanted <= names, f"programs {sorted(wanted - names)} are missing")
    wanted = max(check_binary(binary, folder)
                 for binary in programs + sorted((folder / "bin/lib").iterdir()))
    print(f"it wants glibc {'.'.join(map(str, wanted))} or later")
    expect(said(folder / "bin/dissensus", "--version").startswith("dissensus "), "it does not start")
    return simt


def run_check(folder, simt):
    """With the executor to its end; else a machine without a GPU is said, and what was tried."""
    file = folder / "out.json"
    more = ["--simt", "--skip", "parity,peers"] if simt else ["--quick", "--skip", "peers"]
    ran = subprocess.run([sys.executable, "-B", str(folder / "bench/gpu/check"), "--json", str(file),
                          *more], capture_output=True, text=True, cwd="/",
                         env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "CUDA_VISIBLE_DEVICES": "-1"})
    text = ran.stdout + ran.stderr
    found = json.loads(file.read_text(encoding="utf-8"))
    expect(found["commit"] is None or re.fullmatch("[0-9a-f]{40}", found["commit"]["hash"]), f"{found}")
    expect(found["built"], "how it was built is not said")
    rows = {row["step"]: row for row in found["steps"]}
    missing = [row["text"] for row in rows.values() if "no program" in row.get("text", "")]
    expect(not missing, f"programs that were left out: {missing}")
    if simt:
        expect(ran.returncode == 0, f"status {ran.returncode}: {text}")
        done = {"device", "limits", "million", "rates", "pairs"}
        expect(all(rows[step]["status"] == "ok" for step in done), text)
    else:
        expect(ran.returncode == 1 and rows["device"]["text"].startswith("no GPU"), text)


def main():
    archive = Path(sys.argv[1]).resolve()
    expect(archive.stat().st_size <= MOST_BYTES, f"{archive.stat().st_size} bytes")
    with tempfile.TemporaryDirectory() as work:
        with tarfile.open(archive) as packed:
            packed.extractall(work, filter="data") if hasattr(tarfile, "data_filter") else \
                packed.extractall(work)
        folder = Path(work).resolve() / archive.name.split(".")[0]
        lacking = [name for name in FILES if not (folder / name).is_file()]
        expect(not lacking, f"{lacking} are not in the folder")
        run_check(folder, check_programs(folder))
    print(f"{archive.stat().st_size >> 10} KiB, whole, and the check runs in it")


if __name__ == "__main__":
    main()
