"""The version of the running code."""

import subprocess
from importlib.metadata import version as installed_version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def code_version() -> str:
    """The commit of the code if it is a git checkout, else the installed version."""
    try:
        found = subprocess.run(  # noqa: S603  a fixed command
            ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return installed_version("mamgbr")
    return found.stdout.strip()
