"""``python -m engine``: rankings, explanations and model versions from the command line."""

import sys

from engine.command import main

sys.exit(main())
