"""``python -m train``."""

import os
import sys

# Threads that wait for work sleep instead of spinning: beside the app, or a second training, spinning threads take
# the cores from those who have something to do. Read by OpenMP when torch is loaded, hence before all imports.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from train.command import main

if __name__ == "__main__":
    sys.exit(main())
