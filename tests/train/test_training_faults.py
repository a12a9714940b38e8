"""A training that is killed at its end leaves its model recorded or gone, and what its job says is true."""

from pathlib import Path

import pytest
from faults import CALLS, KILL
from faulty_training import check_every_fault

pytestmark = pytest.mark.slow

# A kill in place of a sync of a file leaves what one in place of the renaming that follows leaves.
KILLED_AT = [call for call in CALLS if call != "fsync"]


@pytest.mark.parametrize("call", KILLED_AT)
def test_a_model_is_recorded_or_gone_and_its_job_says_so(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_every_fault(call, KILL, tmp_path, monkeypatch)
