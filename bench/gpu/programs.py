"""Programs of the check, each with a limit of its own within the time that the whole has left."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple


class Failed(Exception):
    """A step did not succeed; the text says why, `found` is what it has all the same."""

    def __init__(self, text, found=None):
        super().__init__(text)
        self.found = found or {}


class Missing(Exception):
    """A step could not be tried; the text says what it lacks."""


class Ran(NamedTuple):
    status: int
    seconds: float
    output: str
    errors: str


class Clock:
    def __init__(self, budget):
        self.end = time.monotonic() + budget

    def left(self):
        return self.end - time.monotonic()


def last_lines(text, most=300):
    """The end of what a program said, in one line, without paths."""
    text = " / ".join(line.strip() for line in text.strip().splitlines()[-4:])
    return re.sub(r"(/[^\s:/']+)+/", "", text)[-most:]


def end(process):
    """A program and whatever it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.communicate()


def cuda_folders():
    """Where a toolkit, or this Python's packages of its parts, may have put what the loader does not
    find by itself."""
    folders = [Path("/usr/local/cuda")] + sorted(Path("/usr/local").glob("cuda-*"), reverse=True)
    for place in sys.path:
        folders += sorted(Path(place or ".").resolve().glob("nvidia/*"), reverse=True)
    return [folder for folder in folders if folder.is_dir()]


class Programs:
    """folder: of dissensus and the others; simt: the host runs the kernels (tests/simt)."""

    def __init__(self, folder, work, clock, simt):
        self.folder, self.work, self.clock, self.simt = folder, work, clock, simt
        self.command = folder / ("dissensus-simt" if simt else "dissensus")
        os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # as nvidia-smi counts; for peers too
        # Two show how several share a run; each one more takes time to start. CUDA passes over what
        # is not there.
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0,1")
        self.environment = dict(os.environ)
        libraries = [str(path) for found in cuda_folders()
                     for path in (found / "lib64", found / "lib") if path.is_dir()]
        old = self.environment.get("LD_LIBRARY_PATH")
        self.environment["LD_LIBRARY_PATH"] = ":".join(([old] if old else []) + libraries)
        self.step = clock  # the time of the step under way

    def step_ends(self, seconds):
        self.step = Clock(seconds)

    def find(self, name, *others):
        """One of ours, from the build folder or the staged one."""
        for place in (self.folder / name, *(self.folder / other / name for other in others)):
            if place.is_file():
                return place
        raise Missing(f"no program {name} here")

    def run(self, arguments, check=True, ours=True, extra=None):
        """Ran, or Failed: a status other than 0 (where check), or too long a time. ours: finds cuBLAS
        in the toolkit; other people's programs bring the one that they know. extra: variables."""
        limit = min(self.step.left(), self.clock.left())
        what = " ".join([Path(arguments[0]).name, *map(str, arguments[1:2])])
        if limit <= 0:
            raise Failed(f"no time was left for {what}")
        start = time.perf_counter()
        process = subprocess.Popen([str(argument) for argument in arguments], text=True,
                                   errors="replace", stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                   start_new_session=True, cwd=self.work,
                                   env={**self.environment, **(extra or {})} if ours else None)
        try:
            output, errors = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            end(process)
            raise Failed(f"{what}: not done within {limit:.0f} s") from None
        except BaseException:
            end(process)
            raise
        ran = Ran(process.returncode, time.perf_counter() - start, output, errors)
        if check and ran.status != 0:
            raise Failed(f"{what}: exit status {ran.status}: {last_lines(errors or output)}")
        return ran

    def dissensus(self, *arguments, **how):
        return self.run([self.command, *arguments], **how)

    def gai(self, study, options, permutations, results, backend, *more, **how):
        return self.dissensus("gai", study, "-o", results, "--force", "--quiet", "--backend",
                              backend, "--permutations", permutations, *options, *more, **how)

    def explain(self, study, backend, options, **how):
        """{label: text} of --explain, whose texts begin at the 23rd character of a line."""
        said, label = {}, None
        ran = self.dissensus("gai", study, "--explain", "--backend", backend, *options, **how)
        for line in ran.output.splitlines():
            label = line[2:22].strip() or label
            said[label] = f"{said.get(label, '')} {line[22:]}".strip()
        return said

    def csv(self, results):
        return self.dissensus("report", results, "--format", "csv").output
