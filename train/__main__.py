"""``python -m train``: trainings, benchmarks and sweeps from the command line."""

import os
import sys

# Threads that wait for work sleep instead of spinning: beside the app or a second training, spinning threads would take
# cores from threads with work to do. OpenMP reads this when torch is loaded, so it comes before all imports.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import db.quiet_start  # noqa: F401
from train.command import main

if __name__ == "__main__":
    sys.exit(main())
