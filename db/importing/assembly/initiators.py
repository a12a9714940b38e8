"""Who launched each group: by role, else as the orders name them, else by the earliest order."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from db.importing import cell_values
from db.importing.assembly.held_back import Problems
from db.importing.assembly.orders import COUNTS, NONE, Orders, first_rows
from db.logs import UNKNOWN_TIME
from db.messages import Message

_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Initiators:
    """[G] each, by the position of the group."""

    user: NDArray[np.int32]  # NONE if nothing tells
    order: NDArray[np.int64]  # the row of the first order of theirs, NONE if they ordered nothing
    derived: NDArray[np.bool_]  # from times or lines; a file with roles or names knows better
    by_line: NDArray[np.bool_]  # nothing but the order of the lines told
    known: NDArray[np.bool_]  # another file or import launched the group


def named_users(
    orders: Orders, names: dict[int, str], ids: list[str]
) -> tuple[Orders, NDArray[np.bool_]]:
    """The orders, with initiators that are named by nickname as the users of that nickname.

    Also which orders [R] name somebody whom nothing tells from others of that name. ``names`` are
    nicknames by position. A named initiator who is the id of some row's user stays, and so does a
    nickname of nobody's.
    """
    unclear = np.zeros(len(orders), bool)
    named = np.unique(orders.named[orders.named != NONE])
    strangers = np.setdiff1d(named, orders.user)
    if not len(strangers) or not names:
        return orders, unclear
    by_name: dict[str, list[int]] = {}
    buyers = set(np.unique(orders.user).tolist())
    for user, name in names.items():
        if user in buyers:
            by_name.setdefault(name, []).append(user)
    result = orders.named.copy()
    for stranger in strangers.tolist():
        bearers = by_name.get(ids[stranger], [])
        rows = np.flatnonzero(orders.named == stranger) if bearers else np.empty(0, np.int64)
        if len(bearers) == 1:
            result[rows] = bearers[0]
            continue
        # Several people are called so: the one who ordered in the group, if it is one.
        inside = rows[np.isin(orders.user[rows], bearers)]
        for group in np.unique(orders.group[rows]).tolist():
            here = np.unique(orders.user[inside[orders.group[inside] == group]])
            theirs = rows[orders.group[rows] == group]
            if len(here) == 1:
                result[theirs] = here[0]
            else:
                unclear[theirs] = True
    return replace(orders, named=result), unclear


def find_initiators(orders: Orders, known: NDArray[np.int32], problems: Problems) -> Initiators:
    """The initiator of each group; records the orders of groups without one, and contradictions.

    ``known`` [G] is who launched according to another file, where this one has joins alone.
    """
    groups = len(known)
    good = ~problems.bad & (orders.group != NONE)
    rows = np.flatnonzero(good)
    is_initiator = orders.role == cell_values.INITIATOR
    by_role = first_rows(orders.group, rows[is_initiator[rows]], groups)
    has_roles = np.zeros(groups, bool)
    has_roles[orders.group[rows[orders.role[rows] != cell_values.UNSTATED]]] = True
    naming = first_rows(orders.group, rows[orders.named[rows] != NONE], groups)
    user = np.full(groups, NONE, np.int32)
    by_name = np.flatnonzero((by_role == NONE) & (naming != NONE))
    user[by_name] = orders.named[naming[by_name]]
    stated = np.flatnonzero(by_role != NONE)
    user[stated] = orders.user[by_role[stated]]

    untold = (by_role == NONE) & (naming == NONE) & ~has_roles
    candidates = rows[untold[orders.group[rows]]]
    earliest, tied = _earliest(orders, candidates, groups)
    derived = untold & (earliest != NONE)
    user[derived] = orders.user[earliest[derived]]

    goes_on = (user == NONE) & (known != NONE)
    user[goes_on] = known[goes_on]

    _check(orders, user, by_role != NONE, problems)
    _check_times(orders, candidates, derived, problems)
    theirs = rows[orders.user[rows] == user[orders.group[rows]]]
    # Of several orders the one that launches: with the role, else the earliest.
    at = _comparable_times(orders, theirs)
    order = first_rows(
        orders.group, theirs[np.lexsort((theirs, at, ~is_initiator[theirs]))], groups
    )
    order[derived] = earliest[derived]
    return Initiators(user, order, derived, derived & tied, goes_on)


def _earliest(
    orders: Orders, rows: NDArray[np.int64], groups: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """[groups] the earliest of ``rows`` of each group, and whether another user's is as early.

    Of equals the first line counts, the last in a list that has the newest order first.
    """
    at = _comparable_times(orders, rows)
    lines = np.where((at != _NEVER) & _newest_first(at), -rows, rows)
    earliest = first_rows(orders.group, rows[np.lexsort((lines, at))], groups)
    first_time = np.full(groups, _NEVER)
    np.minimum.at(first_time, orders.group[rows], at)
    group = orders.group[rows]
    equal = (at == first_time[group]) & (orders.user[rows] != orders.user[earliest[group]])
    tied = np.zeros(groups, bool)
    tied[group[equal]] = True
    return earliest, tied


def _comparable_times(orders: Orders, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """When each order was placed, as far as the file tells; _NEVER where it does not."""
    ordered_at = orders.ordered_at[rows]
    # The creation of each order, if the column does not say the same throughout a group.
    created_at = orders.launched_at[rows]
    if len(rows) and _differs_within_groups(orders.group[rows], created_at):
        ordered_at = np.where(created_at != UNKNOWN_TIME, created_at, ordered_at)
    return np.where(ordered_at != UNKNOWN_TIME, ordered_at, _NEVER)


def order_times(orders: Orders, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """[rows] when who ordered joined: as stated, else when they ordered; UNKNOWN_TIME if nothing tells."""
    at = np.where(
        orders.joined_at[rows] != UNKNOWN_TIME, orders.joined_at[rows], orders.ordered_at[rows]
    )
    if (at == UNKNOWN_TIME).any():
        created_at = orders.launched_at[rows]
        if _differs_within_groups(orders.group[rows], created_at):
            at = np.where(at == UNKNOWN_TIME, created_at, at)
    return at


def _differs_within_groups(group: NDArray[np.int32], values: NDArray[np.int64]) -> bool:
    known = values != UNKNOWN_TIME
    if not known.any():
        return False
    ranked = np.lexsort((values[known], group[known]))
    group, values = group[known][ranked], values[known][ranked]
    return bool(((group[1:] == group[:-1]) & (values[1:] != values[:-1])).any())


def _newest_first(at: NDArray[np.int64]) -> bool:
    known = at[at != _NEVER]
    return bool(np.sign(np.diff(known)).sum() < 0)


def _check(
    orders: Orders, user: NDArray[np.int32], by_role: NDArray[np.bool_], problems: Problems
) -> None:
    """Record the orders of groups without an initiator, or with two of them."""
    grouped = (orders.group != NONE) & ~problems.bad
    theirs = user[orders.group]
    problems.add(grouped & (theirs == NONE), "group", Message("db.row.no_initiator_order"))
    told = by_role[orders.group]
    second = grouped & told & (orders.role == cell_values.INITIATOR) & (orders.user != theirs)
    problems.add(second, "user", Message("db.row.second_initiator"))
    other = grouped & ~told & (orders.named != NONE) & (orders.named != theirs)
    problems.add(other, "initiator", Message("db.row.second_initiator"))


def _check_times(
    orders: Orders, rows: NDArray[np.int64], derived: NDArray[np.bool_], problems: Problems
) -> None:
    """Record orders without a time in groups whose initiator is the one of the earliest order."""
    at = _comparable_times(orders, rows)
    unknown = (at == _NEVER) & (orders.order_state[rows] == COUNTS)
    timed = np.zeros(len(derived), bool)
    timed[orders.group[rows[at != _NEVER]]] = True
    wrong = np.zeros(len(orders), bool)
    wrong[rows[unknown & (timed & derived)[orders.group[rows]]]] = True
    problems.add(wrong, "ordered_at", Message("db.row.no_time_to_compare"))
