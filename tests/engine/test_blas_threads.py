"""Ranking uses one BLAS thread, and leaves the rest of the process all of its own."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from shops import TinyShop
from threadpoolctl import threadpool_info, threadpool_limits

from engine.blas_threads import single_blas_thread


def blas_threads() -> set[int]:
    return {
        library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"
    }


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    """Two BLAS threads, whatever the machine has."""
    with threadpool_limits(2, user_api="blas"):
        yield


def test_opening_a_model_and_ranking_leave_the_threads_of_the_process(tiny_shop: TinyShop) -> None:
    recommender = tiny_shop.open()
    assert blas_threads() == {2}
    recommender.rank_items("bea")
    recommender.rank_participants("ann", "milk")
    recommender.rank_initiators("milk")
    assert blas_threads() == {2}


def test_the_threads_come_back_after_the_last_of_the_calls_that_overlap() -> None:
    entered, leave = threading.Event(), threading.Event()

    def first() -> None:
        with single_blas_thread():
            entered.set()
            leave.wait()

    with ThreadPoolExecutor(1) as pool:
        one = pool.submit(first)
        entered.wait()
        with single_blas_thread():
            assert blas_threads() == {1}
            leave.set()
            one.result()
            assert blas_threads() == {1}
    assert blas_threads() == {2}
