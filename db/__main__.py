"""``python -m db``: the store from the command line."""

import sys

from db.command import main

if __name__ == "__main__":
    sys.exit(main())
