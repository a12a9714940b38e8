"""Worker processes end with the process that started them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("errand", ["keep_workers_busy", "keep_one_apart_busy"])
def test_workers_end_when_the_process_that_started_them_is_killed(errand: str) -> None:
    environment = os.environ | {
        "MAMGBR_THREADS": "2",
        "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent.parent)]),
    }
    parent = subprocess.Popen(
        [sys.executable, "-c", f"import errands; errands.{errand}()"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "at work\n"
    parent.kill()
    # The workers hold the same pipe, which ends with the last of them.
    parent.communicate(timeout=30)
