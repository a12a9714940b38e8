"""Helpers do not outlive the process that they help."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("errand", ["keep_helpers_busy", "keep_one_apart_busy"])
def test_helpers_end_when_their_process_is_killed(errand: str) -> None:
    environment = os.environ | {
        "MAMGBR_THREADS": "2",
        "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent.parent)]),
    }
    helped = subprocess.Popen(
        [sys.executable, "-c", f"import errands; errands.{errand}()"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert helped.stdout is not None
    assert helped.stdout.readline() == "at work\n"
    helped.kill()
    # The helpers hold the same pipe: it ends with the last of them.
    helped.communicate(timeout=30)
