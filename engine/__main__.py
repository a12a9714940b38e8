"""``python -m engine``: rankings, explanations and model versions from the command line."""

import sys

from engine.cli.command import main

if __name__ == "__main__":
    sys.exit(main())
