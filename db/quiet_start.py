"""Ctrl+C while a command is still loading ends it at once and without a trace. Imported before what takes seconds.

A command that runs is interrupted as Python does it, so that it can say what it leaves behind.
"""

import multiprocessing
import signal

_quiet = False

if (
    multiprocessing.parent_process() is None
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
):
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _quiet = True


def loaded() -> None:
    """Lets Ctrl+C interrupt the command that begins now."""
    global _quiet
    if _quiet:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _quiet = False
