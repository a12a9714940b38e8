"""Role vectors as a bundle holds them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Roles:
    """Role vectors: ``users`` [U+1, 3d], the views of USER_VIEWS side by side, and ``items`` [I+1, 2d] by ITEM_VIEWS.

    The last row of each is the cold-start row, for ids that are in no log.
    """

    users: NDArray[np.float32]
    items: NDArray[np.float32]


USER_VIEWS, ITEM_VIEWS = ("initiator", "participant", "social"), ("launched", "joined")
