"""One BLAS thread while the engine ranks.

numpy's BLAS threads wait for more work by spinning, on the very cores that the graph's threads need next: with them,
ranking all items of a large shop took 91 ms instead of 54. The products of one query are small, so one thread is as
fast. The limit holds for the whole process, hence only as long as somebody ranks: training and imports in the same
process keep their threads.
"""

import contextlib
import threading
from collections.abc import Iterator

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_ranking = 0  # calls under way
_limit = contextlib.ExitStack()  # restores the number of threads when the last of them ends
_controller: ThreadpoolController | None = (
    None  # made once: finding the libraries takes milliseconds
)


@contextlib.contextmanager
def single_blas_thread() -> Iterator[None]:
    """Limits BLAS to one thread until the last of the calls that overlap in time has ended."""
    global _ranking, _controller
    with _lock:
        if _ranking == 0:
            _controller = _controller or ThreadpoolController()
            _limit.enter_context(_controller.limit(limits=1, user_api="blas"))
        _ranking += 1
    try:
        yield
    finally:
        with _lock:
            _ranking -= 1
            if _ranking == 0:
                _limit.close()
