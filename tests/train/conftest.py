"""Trainings of a second run on one thread: more would spend their time waiting for each other."""

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAMGBR_THREADS", "1")
        torch.set_num_threads(1)
        yield
