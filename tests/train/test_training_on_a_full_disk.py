"""A disk that is full at the end of a training leaves its model recorded or gone, and what its job says is true."""

from pathlib import Path

import pytest
from faults import FULL_DISK
from faulty_training import check_every_fault

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("call", ["write", "fdatasync", "fsync", "rename"])
def test_a_model_is_recorded_or_gone_and_its_job_says_so(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_every_fault(call, FULL_DISK, tmp_path, monkeypatch)
