"""What a machine must have for the tests: a test without it fails, unless somebody said to leave it out."""

import os

import pytest

LEFT_OUT = "MAMGBR_TESTS_WITHOUT"  # comma-separated: chromium, postgresql, strace


def left_out() -> set[str]:
    """The programs that this run does without, by ``MAMGBR_TESTS_WITHOUT``."""
    return {name for name in os.environ.get(LEFT_OUT, "").replace(" ", "").split(",") if name}


def require(program: str, installed: bool) -> None:
    """Fails the test where ``program`` is missing; skips it where the run does without."""
    if program in left_out():
        pytest.skip(f"{LEFT_OUT} leaves {program} out.")
    if not installed:
        pytest.fail(
            f"{program} is not installed. Run `make tools` as root, or install it; to leave its tests "
            f"out, set {LEFT_OUT}={program}.",
            pytrace=False,
        )
