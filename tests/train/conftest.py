"""Trainings inside the test's own process run on one thread, like those of the commands."""

import pytest
import torch


@pytest.fixture(scope="session", autouse=True)
def one_torch_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Benchmarks and sweeps without the process of its own for each training, which takes seconds to start."""
    monkeypatch.setattr(
        "train.benchmark.run.iterate_in_process", lambda function, *given: function(*given)
    )
    monkeypatch.setattr(
        "train.benchmark.sweep.run_in_process", lambda function, *given: function(*given)
    )
