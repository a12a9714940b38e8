"""``python -m db``: the store from the command line."""

import sys

from db.command import main

sys.exit(main())
