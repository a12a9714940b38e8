"""Joins what several imports state of one group, as imports come and are undone.

Members add up, each with the earliest time at which a join is stated; the initiator is the one with the
earlier launch; the state is the later import's if it states one, else it follows from all members; when
a successful group filled is the latest word. Two launches of other people or days are two groups,
whatever their id.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Column, Connection, delete, func, insert, select, update

from db.forgetting.people import read_forgotten
from db.logs import FAILED, OPEN, SUCCESSFUL
from db.schema import declined_invitations, group_members, groups, users
from db.store import execute_in_chunks, is_in

_AT_ONCE = 5_000  # groups
_SECONDS_A_DAY = 86_400
_LONGEST_GROUP = 30 * _SECONDS_A_DAY  # from the first order to the last
Key = Column[Any]  # groups.c.external_id, or groups.c.twin


@dataclass(frozen=True)
class LaunchStatement:
    """Who launched a group and when, as an import says or as it follows from the orders."""

    initiator: str | int  # the shop's id, or the key
    item: str | int
    launched_at: int | None
    derived: bool


def are_of_two_groups(one: LaunchStatement, other: LaunchStatement) -> bool:
    """Whether one id stands for two groups: shops begin to count anew, and two shops count alike.

    So it is if both say who launched, and it is not the same person or not the same day; what is
    derived from orders may be of two parts of a group, but not of two months.
    """
    derived = one.derived or other.derived
    if not derived and one.initiator != other.initiator:
        return True
    if one.launched_at is None or other.launched_at is None:
        return False
    apart = abs(one.launched_at - other.launched_at)
    return apart > (_LONGEST_GROUP if derived else _SECONDS_A_DAY)


@dataclass(frozen=True)
class _Statement:
    """What one import states of a group, as the store has it; or several joined, without a key."""

    id: int | None
    import_id: int
    external_id: str | None
    twin: int | None
    initiator: int
    item: int
    status: int
    launched_at: int | None
    filled_at: int | None
    target_size: int | None
    expires_at: int | None
    seats: int
    status_derived: bool
    initiator_derived: bool
    continues: bool
    initiator_void: bool
    members: Mapping[int, int | None] = field(default_factory=dict)  # user -> when they joined
    declined: frozenset[int] = field(default_factory=frozenset)

    @property
    def launch(self) -> LaunchStatement:
        """Who launched, and when."""
        return LaunchStatement(self.initiator, self.item, self.launched_at, self.initiator_derived)


def again(connection: Connection, import_id: int, column: Key) -> list[str | int]:
    """The ids, or twins, of groups of which this import and another one speak, or this one twice."""
    mine = select(column).where(groups.c.import_id == import_id, column.is_not(None))
    query = (
        select(column)
        .where(~groups.c.merged, column.in_(mine))
        .group_by(column)
        .having(func.count() > 1)
    )
    return list(connection.execute(query).scalars())


def stated(connection: Connection, import_id: int, column: Key) -> list[str | int]:
    """The ids, or twins, of all groups of which this import speaks."""
    query = select(column).where(groups.c.import_id == import_id, column.is_not(None)).distinct()
    return list(connection.execute(query).scalars())


def merge_statements(
    connection: Connection,
    column: Key,
    values: Sequence[str | int],
    last_group: int,
) -> int:
    """Make one current row of all that the store has on the groups with these ids, or twins.

    Returns the highest key of groups, ``last_group`` if no row was added.
    """
    unnamed = _unnamed(connection) if values else frozenset()
    for start in range(0, len(values), _AT_ONCE):
        chunk = values[start : start + _AT_ONCE]
        _remove_merged(connection, column, chunk)
        made: list[_Statement] = []
        current: list[int] = []
        for statements in _statements(connection, column, chunk).values():
            for cluster in _clusters(statements):
                if all(one.continues for one in cluster):
                    continue  # nobody states the launch any more
                joined = _joined(cluster, unnamed)
                same = [one for one in cluster if _says_the_same(one, joined)]
                if same:
                    current.append(same[-1].id or 0)
                else:
                    last_group += 1
                    made.append(replace(joined, id=last_group))
        execute_in_chunks(
            connection, update(groups).where(is_in(column)).values(current=False), chunk
        )
        execute_in_chunks(
            connection, update(groups).where(is_in(groups.c.id)).values(current=True), current
        )
        _insert_merged(connection, made)
    return last_group


def _remove_merged(connection: Connection, column: Key, values: Sequence[str | int]) -> None:
    query = select(groups.c.id).where(is_in(column), groups.c.merged)
    ids = [row[0] for row in execute_in_chunks(connection, query, values)]
    for table, key in ((group_members, group_members.c.group_id), (groups, groups.c.id)):
        execute_in_chunks(connection, delete(table).where(is_in(key)), ids)


def _statements(
    connection: Connection, column: Key, values: Sequence[str | int]
) -> dict[str | int, list[_Statement]]:
    """Id or twin -> what each import states, in the order of the imports."""
    rows = execute_in_chunks(connection, select(groups).where(is_in(column)), values)
    ids = [row.id for row in rows]
    members: defaultdict[int, dict[int, int | None]] = defaultdict(dict)
    query = select(group_members.c.group_id, group_members.c.user_id, group_members.c.joined_at)
    for group, user, joined_at in execute_in_chunks(
        connection, query.where(is_in(group_members.c.group_id)), ids
    ):
        members[group][user] = joined_at
    declined: defaultdict[int, set[int]] = defaultdict(set)
    refused = select(declined_invitations.c.group_id, users.c.id).join(
        users, users.c.external_id == declined_invitations.c.user
    )
    for group, user in execute_in_chunks(
        connection, refused.where(is_in(declined_invitations.c.group_id)), ids
    ):
        declined[group].add(user)
    found: defaultdict[str | int, list[_Statement]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: one.id):
        statement = _Statement(
            id=row.id,
            import_id=row.import_id,
            external_id=row.external_id,
            twin=row.twin,
            initiator=row.initiator_id,
            item=row.item_id,
            status=row.status,
            launched_at=row.launched_at,
            filled_at=row.filled_at,
            target_size=row.target_size,
            expires_at=row.expires_at,
            seats=row.seats,
            status_derived=row.status_derived,
            initiator_derived=row.initiator_derived,
            continues=row.continues,
            initiator_void=row.initiator_void,
            members=members[row.id],
            declined=frozenset(declined[row.id]),
        )
        found[getattr(row, column.name)].append(statement)
    return found


def _clusters(statements: Iterable[_Statement]) -> list[list[_Statement]]:
    """The statements by the group that they are of; one id may stand for several groups."""
    clusters: list[list[_Statement]] = []
    for statement in statements:
        for cluster in clusters:
            if not any(are_of_two_groups(one.launch, statement.launch) for one in cluster):
                cluster.append(statement)
                break
        else:
            clusters.append([statement])
    return clusters


def _unnamed(connection: Connection) -> frozenset[int]:
    """The people who were forgotten: they launch, but their places are nobody's."""
    ids = list(read_forgotten(connection).people.values())
    query = select(users.c.id).where(is_in(users.c.external_id))
    return frozenset(row[0] for row in execute_in_chunks(connection, query, ids))


def _joined(cluster: Sequence[_Statement], unnamed: Collection[int]) -> _Statement:
    """What the statements of one group say together."""
    anchor = min(
        enumerate(cluster),
        key=lambda pair: (
            pair[1].continues,
            pair[1].initiator_derived,
            pair[1].launched_at is None,
            pair[1].launched_at or 0,
            # Of equals the later import corrects the earlier; who is derived was the first to be seen.
            pair[0] if pair[1].initiator_derived else -pair[0],
        ),
    )[1]
    everybody = _members(cluster, anchor)
    members = {user: at for user, at in everybody.items() if user not in unnamed}
    sizes = [one.target_size for one in cluster if one.target_size is not None]
    deadlines = [one.expires_at for one in cluster if one.expires_at is not None]
    launches = [one.launched_at for one in cluster if one.launched_at is not None]
    fillings = [one.filled_at for one in cluster if one.filled_at is not None]
    seats = max(one.seats for one in cluster) + len(everybody) - len(members)
    target_size = sizes[-1] if sizes else None
    status, derived = _status(cluster, len(members) + seats, target_size)
    last = cluster[-1]
    return _Statement(
        id=None,
        import_id=last.import_id,
        external_id=last.external_id,
        twin=last.twin,
        initiator=anchor.initiator,
        item=anchor.item,
        status=status,
        launched_at=min(launches)
        if anchor.launched_at is None and launches
        else anchor.launched_at,
        filled_at=fillings[-1] if fillings and status == SUCCESSFUL else None,
        target_size=target_size,
        expires_at=deadlines[-1] if deadlines else None,
        seats=seats,
        status_derived=derived,
        initiator_derived=anchor.initiator_derived,
        continues=False,
        initiator_void=anchor.initiator_void,
        members=members,
    )


def _members(cluster: Sequence[_Statement], anchor: _Statement) -> dict[int, int | None]:
    """Who joined the group that ``anchor`` launched, each with the earliest time that is stated."""
    members: dict[int, int | None] = {}
    for one in cluster:
        members = {user: at for user, at in members.items() if user not in one.declined}
        for user, at in one.members.items():
            members[user] = _earlier(members.get(user), at)
        if one.initiator_void:
            members.pop(one.initiator, None)
        elif not one.continues:
            members[one.initiator] = _earlier(members.get(one.initiator), _own_join(one, anchor))
    members.pop(anchor.initiator, None)
    return members


def _own_join(one: _Statement, anchor: _Statement) -> int | None:
    """When a supposed initiator joined: their order was the first of its file, not of the group."""
    at, launched_at = one.launched_at, anchor.launched_at
    later = at is not None and (launched_at is None or at > launched_at)
    return at if one.initiator_derived and later else None


def _earlier(one: int | None, other: int | None) -> int | None:
    return min((at for at in (one, other) if at is not None), default=None)


def _status(
    cluster: Sequence[_Statement], joined: int, target_size: int | None
) -> tuple[int, bool]:
    """The status of the group, and whether it is derived; a closed group does not open again."""
    said = [one.status for one in cluster if not one.status_derived]
    closed = [status for status in said if status != OPEN]
    if closed:
        return closed[-1], False
    full = joined > 0 and (target_size is None or joined + 1 >= target_size)
    if said and (not cluster[-1].status_derived or not full):
        return OPEN, False
    if full:
        return SUCCESSFUL, True
    # What is not full now was not full before: the import knew more than the size.
    last = cluster[-1].status
    return (FAILED if last == SUCCESSFUL else last), True


def _says_the_same(one: _Statement, joined: _Statement) -> bool:
    """Whether a statement can stand for the joined one."""
    ours, theirs = vars(one), vars(joined)
    compared = (
        "initiator",
        "item",
        "status",
        "launched_at",
        "filled_at",
        "target_size",
        "expires_at",
        "seats",
        "members",
    )
    return all(ours[name] == theirs[name] for name in compared)


def _insert_merged(connection: Connection, made: Sequence[_Statement]) -> None:
    if not made:
        return
    renamed = {"initiator": "initiator_id", "item": "item_id"}
    left_out = ("members", "declined")
    connection.execute(
        insert(groups),
        [
            {
                renamed.get(name, name): value
                for name, value in vars(one).items()
                if name not in left_out
            }
            | {"merged": True}
            for one in made
        ],
    )
    joins = [
        {"group_id": one.id, "user_id": user, "joined_at": at, "import_id": one.import_id}
        for one in made
        for user, at in sorted(one.members.items())
    ]
    if joins:
        connection.execute(insert(group_members), joins)
