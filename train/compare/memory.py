"""The largest memory that this process has held."""

import re
import sys
from pathlib import Path

import psutil

STATUS = Path("/proc/self/status")


def peak_mib() -> float:
    """Largest resident memory so far in MiB; processes that this one started are not counted."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 2**20
    if STATUS.exists():
        # getrusage would do, but a spawned process inherits the figure of the one that spawned it.
        found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())
        if found:
            return int(found[1]) / 1024
    import resource  # there is none on Windows

    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
