"""Ctrl+C during a commit comes too late: the command goes on and says what it did, instead of that nothing was done."""

import signal
import threading
from types import TracebackType
from typing import Self


class LateInterrupts:
    """A context that swallows Ctrl+C from ``hold`` to its end, in the main thread and where Python handles it."""

    def __enter__(self) -> Self:
        self._held = False
        return self

    def hold(self) -> None:
        """From here on an interrupt would tell people that nothing was changed, while it was."""
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            self._held = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Lets interrupts through again."""
        if self._held:
            signal.signal(signal.SIGINT, signal.default_int_handler)
