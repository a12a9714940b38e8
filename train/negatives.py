"""Wrong answers, drawn uniformly from what is not right."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from db.logs import OPEN, SUCCESSFUL, Logs

PATIENCE = 50  # rounds of drawing again; in a tiny shop somebody may have launched everything


def wrong_items(
    logs: Logs,
    initiator: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
    among: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """``count`` items for each initiator [n] that she launched in no split, as [n, count].

    Only items that are true in ``among`` [I] are drawn; all may be for None.
    """
    counted = np.isin(logs.group_status, (SUCCESSFUL, OPEN))
    size = np.int64(len(logs.items))
    launched = np.unique(logs.group_initiator[counted] * size + logs.group_item[counted])
    return _outside(
        rng,
        _pool(len(logs.items), among),
        (len(initiator), count),
        lambda row, drawn: _among(launched, initiator[row] * size + drawn),
    )


def strangers(
    logs: Logs,
    group: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
    among: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """``count`` users for each group [n] who neither joined nor started it, as [n, count].

    Only users who are true in ``among`` [U] are drawn; all may be for None.
    """
    size = np.int64(len(logs.users))
    members = np.unique(logs.join_group * size + logs.join_participant)
    starter = logs.group_initiator[group]
    return _outside(
        rng,
        _pool(len(logs.users), among),
        (len(group), count),
        lambda row, drawn: _among(members, group[row] * size + drawn) | (drawn == starter[row]),
    )


def _outside(
    rng: np.random.Generator,
    pool: NDArray[np.int64],
    shape: tuple[int, int],
    taken: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]],
) -> NDArray[np.int64]:
    """Uniform draws from ``pool``; those ``taken(row, drawn)`` are drawn again while that can help."""
    drawn = rng.choice(pool, shape)
    row, column = (axis.ravel() for axis in np.indices(shape))
    for _ in range(PATIENCE):
        again = taken(row, drawn[row, column])
        row, column = row[again], column[again]
        if not len(row):
            break
        drawn[row, column] = rng.choice(pool, len(row))
    return drawn


def _pool(size: int, among: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    return np.arange(size) if among is None else np.flatnonzero(among)


def _among(known: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of ``wanted`` stand in the ascending ``known``."""
    if not len(known):
        return np.zeros(wanted.shape, bool)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return known[place] == wanted
