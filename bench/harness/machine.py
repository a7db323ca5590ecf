"""What a timing must say of where it comes from: no names of hosts, no paths."""

import os
import platform
import re
import subprocess
from datetime import datetime, timezone


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def cores():
    return len(os.sched_getaffinity(0))


def describe():
    model = re.search(r"^model name\s*:\s*(.*)$", _read("/proc/cpuinfo"), re.M)
    flags = re.search(r"^flags\s*:\s*(.*)$", _read("/proc/cpuinfo"), re.M)
    memory = re.search(r"^MemTotal:\s*(\d+) kB", _read("/proc/meminfo"), re.M)
    wide = [name for name in ("sse4_2", "avx2", "avx512f", "avx512bw", "avx512_vnni")
            if flags and name in flags[1].split()]
    return {"processor": model[1] if model else platform.machine(), "cores": cores(),
            "vectors": wide, "memory_bytes": int(memory[1]) * 1024 if memory else None,
            "system": f"{platform.system()} {platform.machine()}"}


def load():
    """Programs that wanted to run at once, over the last minute."""
    return round(os.getloadavg()[0], 2)


def commit(source):
    """The commit and whether the tree differs from it, or None outside of a repository."""
    try:
        name, changes = (subprocess.run(["git", "-C", str(source), *arguments], check=True,
                                        capture_output=True, text=True).stdout.strip()
                         for arguments in (["rev-parse", "HEAD"],
                                           ["status", "--porcelain", "--untracked-files=no"]))
    except (OSError, subprocess.CalledProcessError):
        return None
    return {"hash": name, "changed": bool(changes)}


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
