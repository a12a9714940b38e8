"""Which candidates of a list a served list had at the list's moment: who and what was there, and could be had."""

import numpy as np
from numpy.typing import NDArray

from db.logs import UNKNOWN_TIME, Logs, Task
from db.queries.shelf import DORMANT_WEEKS
from engine.availability import said_of
from train.evaluate.sampled_ranking import CandidateLists

_WEEK = 7 * 86_400
_SPAN = np.int64(1) << 34  # seconds, of 544 years


def present_at(logs: Logs, lists: CandidateLists) -> NDArray[np.bool_]:
    """Whom or what the shop had at the moment of each list, [n, N], by ``db.queries.arrivals``; the answer in any case.

    A user came with their first launch or join, an item with its first launch or the beginning of its sale. Those in no
    group count as there all along: the logs do not say since when.
    """
    came = _items_came(logs) if lists.task is Task.ITEMS else _users_came(logs)
    return _with_answer(came[lists.candidates] < _seconds(lists)[:, None])


def on_sale_at(logs: Logs, lists: CandidateLists) -> NDArray[np.bool_]:
    """Which candidates could be had at the moment of each list, [n, N]; the answer in any case.

    By the shop's dates or, where it says nothing of an item, unless that was dormant. Status and stock have no times
    here, so they leave nothing out; nor does anything leave out a person.
    """
    if lists.task is not Task.ITEMS:
        return np.ones(lists.candidates.shape, bool)
    gone = ~said_of(logs.items)[lists.candidates] & _dormant(logs, lists)
    return _with_answer(_by_dates(logs, lists) & ~gone)


def _dormant(logs: Logs, lists: CandidateLists) -> NDArray[np.bool_]:
    """Which candidates somebody had launched before the moment of each list, but not for ``DORMANT_WEEKS``, [n, N]."""
    known = logs.group_launched_at > np.datetime64(0, "s")  # not where the time is unknown
    launches = _key(logs.group_item[known], logs.group_launched_at[known])
    launches.sort()
    assert lists.at is not None  # noqa: S101  as in _seconds
    asked = _key(lists.candidates, lists.at[:, None])
    place = np.searchsorted(launches, asked) - 1  # the last launch before
    last = launches[np.maximum(place, 0)]
    of_it = (place >= 0) & (last // _SPAN == lists.candidates)
    return of_it & (asked - last > DORMANT_WEEKS * _WEEK)


def _key(items: NDArray[np.integer], at: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """A number that orders by item, then by time."""
    return items.astype(np.int64) * _SPAN + at.astype("datetime64[s]").astype(np.int64)


def _by_dates(logs: Logs, lists: CandidateLists) -> NDArray[np.bool_]:
    items = logs.items
    if not {"on_sale_from", "on_sale_until"} <= {*items.columns}:
        return np.ones(lists.candidates.shape, bool)
    start, end = (
        items[name].to_numpy("datetime64[s]")[lists.candidates]
        for name in ("on_sale_from", "on_sale_until")
    )
    assert lists.at is not None  # noqa: S101  as in _seconds
    at = lists.at[:, None]
    ended = (end <= at) & ~(start >= end)  # else it is the end of an earlier sale
    return ~(start > at) & ~ended


def _with_answer(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    marked[:, 0] = True
    return marked


def _seconds(lists: CandidateLists) -> NDArray[np.int64]:
    assert lists.at is not None  # noqa: S101  lists without moments are of everybody and everything
    return lists.at.astype("datetime64[s]").astype(np.int64)


def _items_came(logs: Logs) -> NDArray[np.int64]:
    """When each item came [I], in seconds; an unknown time is the earliest."""
    came = _first(logs.group_item, logs.group_launched_at, len(logs.items))
    if "on_sale_from" in logs.items:
        start = logs.items["on_sale_from"].to_numpy("datetime64[s]")
        said, seconds = ~np.isnat(start), start.astype(np.int64)
        in_no_group = ~np.isin(np.arange(len(came)), logs.group_item)
        came[said] = np.where(in_no_group, seconds, np.minimum(came, seconds))[said]
    return came


def _users_came(logs: Logs) -> NDArray[np.int64]:
    launched = _first(logs.group_initiator, logs.group_launched_at, len(logs.users))
    joined = _first(logs.join_participant, logs.joined_at, len(logs.users))
    came = np.where(launched == UNKNOWN_TIME, joined, launched)
    both = (launched != UNKNOWN_TIME) & (joined != UNKNOWN_TIME)
    came[both] = np.minimum(launched, joined)[both]
    return came


def _first(
    positions: NDArray[np.integer], times: NDArray[np.datetime64], size: int
) -> NDArray[np.int64]:
    """The first time at each position [size], in seconds; UNKNOWN_TIME, the earliest, where there is none."""
    first = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(first, positions, times.astype("datetime64[s]").astype(np.int64))
    return np.where(first == np.iinfo(np.int64).max, UNKNOWN_TIME, first)
