"""Role vectors as a bundle holds them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Roles:
    """Whole role vectors: ``users`` [U+1, 3d] by USER_VIEWS and ``items`` [I+1, 2d] by ITEM_VIEWS.

    The last row of each, of the newcomer, is that of nobody in particular.
    """

    users: NDArray[np.float32]
    items: NDArray[np.float32]


USER_VIEWS, ITEM_VIEWS = ("initiator", "participant", "social"), ("launched", "joined")
