"""Programs run as whole processes: how long they took and how much memory they had."""

import json
import os
import subprocess
import sys
import time
from typing import NamedTuple


class Run(NamedTuple):
    seconds: float  # by the clock
    cpu_seconds: float  # of all its threads: steadier on a busy machine
    max_rss_bytes: int


class Failed(Exception):
    """The benchmark cannot go on; the text says why."""


class Tools:
    def __init__(self, source, dissensus, generator, limits, peer_python):
        self.source, self.limits = source, limits
        self._dissensus, self._generator, self._python = dissensus, generator, peer_python

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    def run(self, arguments, environment=None):
        start = time.perf_counter()
        process = subprocess.Popen([str(argument) for argument in arguments],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   env=environment)
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
        if process.returncode != 0:
            raise Failed(f"{arguments[0]} {arguments[1]}: exit status {process.returncode}: "
                         f"{errors.decode(errors='replace').strip()}")
        return Run(elapsed, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)

    def output(self, arguments, environment=None):
        result = subprocess.run([str(argument) for argument in arguments], env=environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if result.returncode != 0:
            raise Failed(f"{arguments[0]}: exit status {result.returncode}: "
                         f"{result.stderr.decode(errors='replace').strip()}")
        return result.stdout.decode()

    def dissensus(self, *arguments):
        return self.run([self._dissensus, *arguments])

    def dissensus_says(self, *arguments):
        return self.output([self._dissensus, *arguments])

    def generate(self, *arguments):
        return self.run([self._generator, *arguments])

    def peer(self, name, study, axes, budget, repeats, cores, permutations):
        environment = {key: value for key, value in os.environ.items()
                       if key not in ("OPENBLAS_CORETYPE", "OMP_NUM_THREADS")}
        # A process a core, one BLAS thread each; freed memory is kept, or large temporary arrays
        # would be mapped and cleared by the kernel again and again.
        environment |= {"OPENBLAS_NUM_THREADS": "1", "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
                        "MALLOC_TRIM_THRESHOLD_": str(1 << 32), "MALLOC_TOP_PAD_": str(1 << 26),
                        "PYTHONDONTWRITEBYTECODE": "1"}
        arguments = [self._python, self.source / "bench/peers/run.py", name, study]
        for axis in axes:
            arguments += ["--by", axis]
        arguments += ["--budget", budget, "--repeats", repeats, "--cores", cores]
        if permutations is not None:
            arguments += ["--permutations", permutations]
        return json.loads(self.output(arguments, environment))
