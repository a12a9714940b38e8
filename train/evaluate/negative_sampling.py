"""Negative sampling: items and participants that were not chosen, drawn uniformly or in proportion to a weight."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from db.logs import Logs
from engine.candidates import contains, group_members, launched_items

ROUNDS = 50  # of redrawing; in a tiny shop somebody may have launched every item


class Negatives(NamedTuple):
    """Negatives ``drawn`` [n, count], and which rows [n] are ``complete``: for the others there is nothing to draw."""

    drawn: NDArray[np.int64]
    complete: NDArray[np.bool_]


def negative_items(
    logs: Logs,
    initiator: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
    eligible: NDArray[np.bool_] | None = None,
    weight: NDArray[np.floating] | None = None,
    positive: NDArray[np.integer] | None = None,
) -> Negatives:
    """``count`` items for each initiator [n] that they launched in no split, [n, count].

    Where Task I asks for anything, the ``positive`` [n] items are given, and those alone are never drawn: what the
    initiator has launched before is a candidate like any other. Drawn with replacement from the items that are true in
    ``eligible`` [I], or from all; in proportion to ``weight`` [I], or uniformly.
    """
    draw = _sampler(rng, len(logs.items), eligible, weight)
    shape = (len(initiator), count)
    if positive is not None:
        return _draw_outside(draw, shape, lambda row, drawn: drawn == positive[row])
    launched = launched_items(logs)
    return _draw_outside(draw, shape, lambda row, drawn: contains(launched, initiator[row], drawn))


def negative_participants(
    logs: Logs,
    group: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
    eligible: NDArray[np.bool_] | None = None,
    weight: NDArray[np.floating] | None = None,
) -> Negatives:
    """``count`` users for each group [n] who are neither its participants nor its initiator, [n, count].

    Drawn with replacement from the users who are true in ``eligible`` [U], or from all; in proportion to ``weight``
    [U], or uniformly.
    """
    members = group_members(logs)
    return _draw_outside(
        _sampler(rng, len(logs.users), eligible, weight),
        (len(group), count),
        lambda row, drawn: contains(members, group[row], drawn),
    )


def _draw_outside(
    draw: Callable[[int], NDArray[np.int64]],
    shape: tuple[int, int],
    positive: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]],
) -> Negatives:
    """Draws a table of ``shape`` and redraws, up to ``ROUNDS`` times, what is ``positive(row, drawn)``."""
    drawn = draw(shape[0] * shape[1]).reshape(shape)
    row, column = (axis.ravel() for axis in np.indices(shape))
    for _ in range(ROUNDS):
        again = positive(row, drawn[row, column])
        row, column = row[again], column[again]
        if not len(row):
            break
        drawn[row, column] = draw(len(row))
    complete = np.ones(shape[0], bool)
    complete[row[positive(row, drawn[row, column])]] = False
    return Negatives(drawn, complete)


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
