"""Negative sampling: items and participants that were not chosen, drawn uniformly or in proportion to a weight."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from db.logs import OPEN, SUCCESSFUL, Logs

ROUNDS = 50  # of redrawing; in a tiny shop somebody may have launched every item


def negative_items(
    logs: Logs,
    initiator: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
    eligible: NDArray[np.bool_] | None = None,
    weight: NDArray[np.floating] | None = None,
) -> NDArray[np.int64]:
    """``count`` items for each initiator [n] that they launched in no split, [n, count].

    Drawn with replacement from the items that are true in ``eligible`` [I], or from all; in proportion to ``weight``
    [I], or uniformly.
    """
    counted = np.isin(logs.group_status, (SUCCESSFUL, OPEN))
    size = np.int64(len(logs.items))
    launched = np.unique(logs.group_initiator[counted] * size + logs.group_item[counted])
    return _draw_outside(
        _sampler(rng, len(logs.items), eligible, weight),
        (len(initiator), count),
        lambda row, drawn: _contains(launched, initiator[row] * size + drawn),
    )


def negative_participants(
    logs: Logs,
    group: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
    eligible: NDArray[np.bool_] | None = None,
    weight: NDArray[np.floating] | None = None,
) -> NDArray[np.int64]:
    """``count`` users for each group [n] who are neither its participants nor its initiator, [n, count].

    Drawn with replacement from the users who are true in ``eligible`` [U], or from all; in proportion to ``weight``
    [U], or uniformly.
    """
    size = np.int64(len(logs.users))
    members = np.unique(logs.join_group * size + logs.join_participant)
    initiator = logs.group_initiator[group]
    return _draw_outside(
        _sampler(rng, len(logs.users), eligible, weight),
        (len(group), count),
        lambda row, drawn: (
            _contains(members, group[row] * size + drawn) | (drawn == initiator[row])
        ),
    )


def _draw_outside(
    draw: Callable[[int], NDArray[np.int64]],
    shape: tuple[int, int],
    positive: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]],
) -> NDArray[np.int64]:
    """Draws a table of ``shape`` and redraws, up to ``ROUNDS`` times, what is ``positive(row, drawn)``."""
    drawn = draw(shape[0] * shape[1]).reshape(shape)
    row, column = (axis.ravel() for axis in np.indices(shape))
    for _ in range(ROUNDS):
        again = positive(row, drawn[row, column])
        row, column = row[again], column[again]
        if not len(row):
            break
        drawn[row, column] = draw(len(row))
    return drawn


def _sampler(
    rng: np.random.Generator,
    size: int,
    eligible: NDArray[np.bool_] | None,
    weight: NDArray[np.floating] | None,
) -> Callable[[int], NDArray[np.int64]]:
    """A function that draws a number of eligible positions below ``size``, with replacement."""
    pool = np.arange(size) if eligible is None else np.flatnonzero(eligible)
    probability = None
    if weight is not None:
        probability = weight[pool].astype(np.float64) / weight[pool].sum(dtype=np.float64)
    return lambda count: rng.choice(pool, count, p=probability)


def _contains(ascending: NDArray[np.int64], values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of ``values`` are in the ``ascending`` array, in the shape of ``values``."""
    if not len(ascending):
        return np.zeros(values.shape, bool)
    index = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    return ascending[index] == values
