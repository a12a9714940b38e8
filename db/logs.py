"""The logs as arrays, and the types of what is asked of them: tasks, queries and metrics.

Users and items are referred to by position: row ``k`` of ``users`` is user ``k``. Positions follow
the order in which the store first saw an entity: an import appends and never renumbers.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.errors import InputError

SUCCESSFUL, FAILED, OPEN = 0, 1, 2
# Why somebody who was asked, or had ordered, is no participant of a group: they said no; they cancelled before
# it filled; or their order is void, be it that nobody knows when, or that the group had filled.
DECLINED, CANCELLED, VOID = 0, 1, 2
SAID_NO = (DECLINED, CANCELLED)
STATUSES = {"successful": SUCCESSFUL, "failed": FAILED, "open": OPEN}
# An initiator has *launched* an item by a group of these; an item whose launches all failed may be tried again.
LAUNCHED = (SUCCESSFUL, OPEN)
# People who shared a group of these are in each other's *circle*, as declared friends are. Whether an open group fills
# is not known yet, so it is no evidence and makes no circle.
SHARED = (SUCCESSFUL,)


class Task(StrEnum):
    """Task I ranks items for an initiator, Task II participants for an initiator and an item."""

    ITEMS = "items"
    PARTICIPANTS = "participants"


@dataclass(frozen=True)
class Query:
    """What candidates are ranked for: the positions of an initiator and, in Task II, of an item."""

    initiator: int
    item: int | None = None

    @property
    def task(self) -> Task:
        """The task of this query."""
        return Task.ITEMS if self.item is None else Task.PARTICIPANTS


@dataclass(frozen=True)
class Metric:
    """A ranking metric of a task: ``name`` at a cut-off ``k``, or over the whole list where there is none."""

    task: Task
    name: str  # mrr, ndcg, recall, coverage, popularity
    k: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Metric":
        """The metric of ``items/mrr@10``, as manifests and results write it; ValueError where it is none."""
        task, _, at = text.partition("/")
        name, _, k = at.partition("@")
        if not name:
            raise ValueError(f"{text!r} is not a metric: write task/name@k")
        return cls(Task(task), name, int(k) if k else None)

    @property
    def at(self) -> str:
        """Without the task: ``mrr@10``."""
        return self.name if self.k is None else f"{self.name}@{self.k}"

    def __str__(self) -> str:
        """As manifests and results write it: ``items/mrr@10``."""
        return f"{self.task}/{self.at}"


@dataclass(frozen=True)
class Logs:
    """Users, items, groups, joins and friendships: G groups, M joins and F friendships.

    ``users`` and ``items`` are indexed by the shop's own id (unique strings), with the attributes as
    columns: those of ``db.read_logs.USER_ATTRIBUTES`` and ``ITEM_ATTRIBUTES``. Unknown values are
    missing, never guessed. Times are on the shop's clock.
    """

    users: pd.DataFrame
    items: pd.DataFrame
    group_initiator: NDArray[np.int32]  # [G] positions in users
    group_item: NDArray[np.int32]  # [G] positions in items
    group_status: NDArray[np.int8]  # [G] SUCCESSFUL, FAILED or OPEN
    group_launched_at: NDArray[np.datetime64]  # [G] datetime64[s], NaT if unknown, like all times
    group_filled_at: NDArray[np.datetime64]  # [G] of successful groups
    group_expires_at: NDArray[np.datetime64]  # [G]
    join_group: NDArray[np.int32]  # [M] positions in the groups, ascending
    join_participant: NDArray[np.int32]  # [M] positions in users
    join_at: NDArray[np.datetime64]  # [M]
    friendships: NDArray[np.int32]  # [F, 2] positions in users, each pair once
    # Identifies the data: changes with every import and undo, the same for the same content of the store.
    version: str

    @classmethod
    def from_frames(
        cls,
        groups: pd.DataFrame,
        members: pd.DataFrame,
        friendships: pd.DataFrame | None = None,
        users: pd.DataFrame | None = None,
        items: pd.DataFrame | None = None,
    ) -> "Logs":
        """Logs of data frames; ids are the shop's own and become strings.

        ``groups``, a row a group, indexed by group id: ``initiator``, ``item`` and, if known, ``status`` ("successful",
        "failed" or "open"), ``launched_at``, ``filled_at`` and ``expires_at``. Without a status, a group with members
        is successful, any other failed. ``members``, a row a join: ``group``, ``participant`` and, if known,
        ``joined_at``. ``friendships``: ``user`` and ``friend``. ``users``
        and ``items`` hold attributes, indexed by id, ``name`` among them; users and items that only appear in the logs
        are added. Raises InputError when a column is missing, a status is unknown or a member's group is.

        >>> logs = Logs.from_frames(
        ...     groups=pd.DataFrame({"initiator": ["ann", "bea"], "item": ["milk", "milk"]}, index=["g1", "g2"]),
        ...     members=pd.DataFrame({"group": ["g1"], "participant": ["cai"]}),
        ... )
        >>> list(logs.users.index), logs.group_status.tolist()
        (['ann', 'bea', 'cai'], [0, 1])
        """
        initiator, item = (_id_column(groups, name) for name in ("initiator", "item"))
        group, participant = (_id_column(members, name) for name in ("group", "participant"))
        pairs = pd.DataFrame({"user": [], "friend": []}) if friendships is None else friendships
        friend = np.stack([_id_column(pairs, name) for name in ("user", "friend")], 1)
        user_frame = _with_ids(users, [initiator, participant, friend.ravel()])
        item_frame = _with_ids(items, [item])
        join_group = pd.Index(groups.index.astype(str)).get_indexer(pd.Index(group))
        if (join_group < 0).any():
            raise InputError("db.logs.unknown_group", group=str(group[join_group < 0][0]))
        status = _statuses(groups, join_group)
        joins = np.flatnonzero(status[join_group] != FAILED)  # a failed launch has no joins
        joins = joins[np.argsort(join_group[joins], kind="stable")]
        known = user_frame.index
        logs = cls(
            users=user_frame,
            items=item_frame,
            group_initiator=_positions(known, initiator),
            group_item=_positions(item_frame.index, item),
            group_status=status,
            group_launched_at=_times(groups, "launched_at"),
            group_filled_at=_times(groups, "filled_at"),
            group_expires_at=_times(groups, "expires_at"),
            join_group=join_group[joins].astype(np.int32),
            join_participant=_positions(known, participant[joins]),
            join_at=_times(members, "joined_at")[joins],
            friendships=np.unique(np.sort(_positions(known, friend), 1), axis=0),
            version="",
        )
        return replace(logs, version=_content_hash(logs))

    def with_groups(self, kept: NDArray[np.bool_]) -> "Logs":
        """The logs with only the groups where ``kept`` [G] is true; users and items keep their positions."""
        place = np.cumsum(kept) - 1
        joins = kept[self.join_group]
        return replace(
            self,
            group_initiator=self.group_initiator[kept],
            group_item=self.group_item[kept],
            group_status=self.group_status[kept],
            group_launched_at=self.group_launched_at[kept],
            group_filled_at=self.group_filled_at[kept],
            group_expires_at=self.group_expires_at[kept],
            join_group=place[self.join_group[joins]].astype(np.int32),
            join_participant=self.join_participant[joins],
            join_at=self.join_at[joins],
        )

    def without(self, users: Collection[str], items: Collection[str]) -> "Logs":
        """The logs without these users and items, who must be in no group; the others move up.

        The version tells the result from the logs, unless nothing was left out.
        """
        stays = [
            ~frame.index.isin(ids) for frame, ids in ((self.users, users), (self.items, items))
        ]
        if all(kept.all() for kept in stays):
            return self
        user, item = ((np.cumsum(kept) - 1).astype(np.int32) for kept in stays)
        text = f"{self.version} {stays[0].sum()} {stays[1].sum()}"
        return replace(
            self,
            users=self.users[stays[0]],
            items=self.items[stays[1]],
            group_initiator=user[self.group_initiator],
            group_item=item[self.group_item],
            join_participant=user[self.join_participant],
            friendships=user[self.friendships[stays[0][self.friendships].all(1)]],
            version=hashlib.sha256(text.encode()).hexdigest()[:12],
        )

    @property
    def last_event(self) -> np.datetime64:
        """The last launch, join or filling of a group; NaT in logs without times."""
        times = [self.group_launched_at, self.group_filled_at, self.join_at]
        known = np.concatenate([part[~np.isnat(part)] for part in times])
        return known.max() if len(known) else np.datetime64("NaT", "s")

    def known_before(self, at: np.datetime64) -> "Logs":
        """What was known of these logs at ``at``, where what happened strictly before it counts.

        Groups launched later are unknown. A success is known from the time at which the group filled (unknown: its
        last join, else its launch), a failure from the deadline (unknown: the launch) and at the latest when the logs
        end; before that a group is open. A join without a time is known once its group has succeeded, in a group that
        never closed once the logs end. What has no time at all always counts.

        Users and items keep their positions, and friendships, which have no times, stay. The version tells the result
        from the logs, unless everything was known.
        """
        closed, joined = self.closed_at, self.joined_at
        launched = ~(self.group_launched_at >= at)  # NaT compares as false: unknown is known
        pending = (closed >= at) & (self.group_status != OPEN)
        kept_joins = ~(joined >= at)
        if launched.all() and not pending.any() and kept_joins.all():
            return self
        known = replace(
            self,
            group_status=np.where(pending, OPEN, self.group_status).astype(np.int8),
            group_filled_at=np.where(pending, np.datetime64("NaT", "s"), self.group_filled_at),
            join_group=self.join_group[kept_joins],
            join_participant=self.join_participant[kept_joins],
            join_at=self.join_at[kept_joins],
        ).with_groups(launched)
        text = f"{self.version} before {at.astype('datetime64[s]')}"
        return replace(known, version=hashlib.sha256(text.encode()).hexdigest()[:12])

    @cached_property
    def closed_at(self) -> NDArray[np.datetime64]:
        """[G] When it was known what became of each group; NaT for open ones, and where it always was."""
        last_join = np.full(len(self.group_item), UNKNOWN_TIME, np.int64)
        timed = ~np.isnat(self.join_at)
        np.maximum.at(last_join, self.join_group[timed], self.join_at[timed].astype(np.int64))
        launched = self.group_launched_at
        success = _first_known(self.group_filled_at, last_join.astype("datetime64[s]"), launched)
        failure = np.minimum(_first_known(self.group_expires_at, launched), self.last_event)
        closed = np.where(self.group_status == SUCCESSFUL, success, failure)
        closed[self.group_status == OPEN] = np.datetime64("NaT", "s")
        return closed.astype("datetime64[s]")

    @cached_property
    def joined_at(self) -> NDArray[np.datetime64]:
        """[M] When each join was known; NaT where it always was."""
        of_group = np.where(self.group_status == OPEN, self.last_event, self.closed_at)
        return _first_known(self.join_at, of_group.astype("datetime64[s]")[self.join_group])


def _first_known(*times: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """The first of several times that is known, elementwise; NaT where none is."""
    found = times[0]
    for other in times[1:]:
        found = np.where(np.isnat(found), other, found)
    return found


def _id_column(frame: pd.DataFrame, name: str) -> NDArray[np.object_]:
    if name not in frame:
        raise InputError("db.logs.missing_column", column=name)
    return frame[name].astype(str).to_numpy(object)


def _times(frame: pd.DataFrame, name: str) -> NDArray[np.datetime64]:
    times = frame.get(name, pd.Series(pd.NaT, frame.index))
    return np.asarray(pd.to_datetime(times).to_numpy("datetime64[s]"))


def _with_ids(frame: pd.DataFrame | None, ids: list[NDArray[np.object_]]) -> pd.DataFrame:
    """The attributes with a row for each of ``ids``, those of the frame first."""
    known = pd.DataFrame({"name": pd.Series(dtype="str")}) if frame is None else frame
    known = known.set_axis(known.index.astype(str))
    found = [*known.index, *np.concatenate(ids)]
    return known.reindex(pd.Index(list(dict.fromkeys(found)), dtype="str", name="id"))


def _statuses(groups: pd.DataFrame, join_group: NDArray[np.integer]) -> NDArray[np.int8]:
    if "status" not in groups:
        joined = np.isin(np.arange(len(groups)), join_group)
        return np.where(joined, SUCCESSFUL, FAILED).astype(np.int8)
    codes = groups["status"].map(STATUSES)
    if codes.isna().any():
        raise InputError(
            "db.logs.unknown_status",
            status=str(groups["status"][codes.isna()].iloc[0]),
            statuses=tuple(STATUSES),
        )
    return np.asarray(codes, np.int8)


def _positions(ids: pd.Index, wanted: NDArray[np.object_]) -> NDArray[np.int32]:
    found = ids.get_indexer(pd.Index(wanted.ravel()))
    return found.reshape(wanted.shape).astype(np.int32)


def _content_hash(logs: Logs) -> str:
    content = hashlib.sha256()
    for frame in (logs.users, logs.items):
        content.update("\n".join(frame.index).encode())
    for field in fields(logs):
        if isinstance(array := getattr(logs, field.name), np.ndarray):
            content.update(array.tobytes())
    return content.hexdigest()[:12]


UNKNOWN_TIME = np.iinfo(np.int64).min  # the integer behind NaT
