"""Whether a process that we once knew still runs."""

import psutil

_CLOCK_SLACK = 1.0  # seconds by which two readings of one process's start may differ


def started_at(pid: int) -> float:
    """When the process began, in seconds since 1970; psutil.NoSuchProcess where there is none."""
    return psutil.Process(pid).create_time()


def alive(pid: int, started: float) -> bool:
    """Whether the very process still runs: the system gives the pid of a dead one out again."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < _CLOCK_SLACK
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
