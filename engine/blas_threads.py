"""One BLAS thread while the engine ranks.

numpy's BLAS threads wait for more work by spinning, on the very cores that the graph's threads need next: with them,
ranking all items of a large shop took 91 ms instead of 54. The products of one query are small, so one thread is as
fast. The limit holds for the whole process, hence only as long as somebody ranks: training and imports in the same
process keep their threads.
"""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from functools import cache

from threadpoolctl import LibController, OpenBLASController, ThreadpoolController

_lock = threading.Lock()
_ranking = 0  # calls under way
_before: list[int] = []  # threads of each library before the first of them


@contextlib.contextmanager
def single_blas_thread() -> Iterator[None]:
    """Limits BLAS to one thread until the last of the calls that overlap in time has ended."""
    global _ranking, _before
    with _lock:
        if _ranking == 0:
            _before = [library.num_threads for library in _libraries()]
            _set_threads([1] * len(_before))
        _ranking += 1
    try:
        yield
    finally:
        with _lock:
            _ranking -= 1
            if _ranking == 0:
                _set_threads(_before)


@cache  # finding them takes milliseconds
def _libraries() -> list[LibController]:
    return list(ThreadpoolController().select(user_api="blas").lib_controllers)


def _set_threads(numbers: Sequence[int]) -> None:
    # threadpoolctl ignores every thread but the one that set a limit first. Here the last call to end restores the
    # limit that the first one changed, and that may be another thread.
    OpenBLASController.clear_controlling_thread(force=True)
    for library, number in zip(_libraries(), numbers, strict=True):
        library.set_num_threads(number)
    OpenBLASController.clear_controlling_thread(force=True)
