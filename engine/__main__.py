"""``python -m engine``: rankings, explanations and model versions from the command line."""

import sys

import db.quiet_start  # noqa: F401 - before all that takes long to load
from engine.cli.command import main

if __name__ == "__main__":
    sys.exit(main())
