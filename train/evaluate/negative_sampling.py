"""Wrong answers, drawn from what is not right: uniformly, or in proportion to a weight."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from db.logs import OPEN, SUCCESSFUL, Logs

PATIENCE = 50  # rounds of drawing again; in a tiny shop somebody may have launched everything


def negative_items(
    logs: Logs,
    initiator: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
    among: NDArray[np.bool_] | None = None,
    weight: NDArray[np.floating] | None = None,
) -> NDArray[np.int64]:
    """``count`` items for each initiator [n] that she launched in no split, as [n, count].

    Only items that are true in ``among`` [I] are drawn; all may be for None. With ``weight`` [I] an item is drawn in
    proportion to it, without one all alike.
    """
    counted = np.isin(logs.group_status, (SUCCESSFUL, OPEN))
    size = np.int64(len(logs.items))
    launched = np.unique(logs.group_initiator[counted] * size + logs.group_item[counted])
    return _outside(
        _pool(rng, len(logs.items), among, weight),
        (len(initiator), count),
        lambda row, drawn: _among(launched, initiator[row] * size + drawn),
    )


def negative_participants(
    logs: Logs,
    group: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
    among: NDArray[np.bool_] | None = None,
    weight: NDArray[np.floating] | None = None,
) -> NDArray[np.int64]:
    """``count`` users for each group [n] who neither joined nor started it, as [n, count].

    Only users who are true in ``among`` [U] are drawn; all may be for None. With ``weight`` [U] a user is drawn in
    proportion to it, without one all alike.
    """
    size = np.int64(len(logs.users))
    members = np.unique(logs.join_group * size + logs.join_participant)
    starter = logs.group_initiator[group]
    return _outside(
        _pool(rng, len(logs.users), among, weight),
        (len(group), count),
        lambda row, drawn: _among(members, group[row] * size + drawn) | (drawn == starter[row]),
    )


def _outside(
    draw: Callable[[int], NDArray[np.int64]],
    shape: tuple[int, int],
    taken: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]],
) -> NDArray[np.int64]:
    """What ``draw(count)`` gives; those ``taken(row, drawn)`` are drawn again while that can help."""
    drawn = draw(shape[0] * shape[1]).reshape(shape)
    row, column = (axis.ravel() for axis in np.indices(shape))
    for _ in range(PATIENCE):
        again = taken(row, drawn[row, column])
        row, column = row[again], column[again]
        if not len(row):
            break
        drawn[row, column] = draw(len(row))
    return drawn


def _pool(
    rng: np.random.Generator,
    size: int,
    among: NDArray[np.bool_] | None,
    weight: NDArray[np.floating] | None,
) -> Callable[[int], NDArray[np.int64]]:
    """Draws so many positions out of those that may be drawn, with replacement."""
    pool = np.arange(size) if among is None else np.flatnonzero(among)
    chance = (
        None
        if weight is None
        else weight[pool].astype(np.float64) / weight[pool].sum(dtype=np.float64)
    )
    return lambda count: rng.choice(pool, count, p=chance)


def _among(known: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of ``wanted`` stand in the ascending ``known``."""
    if not len(known):
        return np.zeros(wanted.shape, bool)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return known[place] == wanted
