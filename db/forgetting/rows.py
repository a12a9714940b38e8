"""The rows of a person in the store, and what becomes of them.

A place in a group becomes a seat that nobody takes, so that sizes and states stay as they were; a launch stays as that
of an unnamed person, who is never to be asked; everything else goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, Text, cast, delete, func, or_, select, update

from db.forgetting.texts import Words, is_telling
from db.messages import Message
from db.schema import (
    declined_invitations,
    friendships,
    group_members,
    groups,
    import_answers,
    import_errors,
    imports,
    user_facts,
    users,
)
from db.store import execute_in_chunks, is_in


@dataclass(frozen=True)
class ErasedRows:
    """What the store held of a person."""

    seats: int = 0  # places in groups
    launches: int = 0
    friendships: int = 0
    declined: int = 0
    refused_rows: int = 0  # of files that named them


def names_of(connection: Connection, id: str) -> tuple[bool, list[str]]:
    """Whether the store knows the person, and the names that files give them and nobody else."""
    key = connection.execute(select(users.c.id).where(users.c.external_id == id)).scalar()
    said = select(declined_invitations.c.user).where(declined_invitations.c.user == id).limit(1)
    if key is None:
        return connection.execute(said).first() is not None, []
    stated = select(user_facts.c.name).where(user_facts.c.user_id == key).distinct()
    current = select(users.c.name).where(users.c.id == key)
    names = {row[0] for query in (stated, current) for row in connection.execute(query)}
    shared = select(users.c.name).where(users.c.id != key, users.c.name.in_(names)).distinct()
    return True, sorted(names - {None} - set(connection.execute(shared).scalars()))


def erase_rows(connection: Connection, id: str, unnamed: str, words: Words) -> ErasedRows:
    """Remove the person from all tables; ``unnamed`` is the id that their launches get."""
    declined = delete(declined_invitations).where(declined_invitations.c.user == id)
    refused = _blank_errors(connection, words)
    _blank_texts(connection, words)
    count = connection.execute(declined).rowcount
    key = connection.execute(select(users.c.id).where(users.c.external_id == id)).scalar()
    if key is None:
        return ErasedRows(declined=count, refused_rows=refused)
    seats = _leave_seats(connection, key)
    pairs = or_(friendships.c.user_id == key, friendships.c.friend_id == key)
    friends = connection.execute(
        select(func.count(func.distinct(friendships.c.user_id + friendships.c.friend_id))).where(
            pairs
        )
    ).scalar_one()
    connection.execute(delete(friendships).where(pairs))
    connection.execute(delete(user_facts).where(user_facts.c.user_id == key))
    launched = groups.c.initiator_id == key
    launches = connection.execute(
        select(func.count()).select_from(groups).where(launched, groups.c.current)
    ).scalar_one()
    if connection.execute(select(groups.c.id).where(launched).limit(1)).first() is None:
        connection.execute(delete(users).where(users.c.id == key))
    else:
        nothing = dict.fromkeys(("name", "pinyin", "initials", "city", "tags"))
        connection.execute(
            update(users)
            .where(users.c.id == key)
            .values(external_id=unnamed, contactable=False, **nothing)
        )
    return ErasedRows(seats, launches, friends, count, refused)


def _leave_seats(connection: Connection, key: int) -> int:
    """Turn the person's places into seats in all statements; returns how many groups that changed."""
    query = (
        select(
            groups.c.id,
            groups.c.external_id,
            groups.c.twin,
            groups.c.current,
            groups.c.merged,
            groups.c.seats,
        )
        .join(group_members, group_members.c.group_id == groups.c.id)
        .where(group_members.c.user_id == key)
    )
    rows = connection.execute(query).all()
    connection.execute(delete(group_members).where(group_members.c.user_id == key))
    launched = select(groups.c.external_id, groups.c.twin).where(groups.c.initiator_id == key)
    led = {row.external_id or row.twin for row in connection.execute(launched)}
    seats = _seats(rows, led)
    for count in sorted(set(seats.values())):
        ids = [id for id, wanted in seats.items() if wanted == count]
        execute_in_chunks(
            connection, update(groups).where(is_in(groups.c.id)).values(seats=count), ids
        )
    return sum(row.current for row in rows)


def _seats(rows: Sequence[Any], led: set[str | int | None]) -> dict[int, int]:
    """Group -> its seats once the person is gone; ``led`` are the groups that a file says they launched.

    Statements of one group share the largest of their numbers of seats, so where another statement
    has as many already, the last one that named the person takes one more. Where a later import took
    the person out of a group again, or where merging makes the seat of a supposed launch, the other
    statements get none.
    """
    of_group = {row.id: row.external_id or row.twin for row in rows}
    stands = {of_group[row.id] for row in rows if row.current} - led - {None}
    seats = {
        row.id: row.seats + 1
        for row in rows
        if row.current or of_group[row.id] is None or of_group[row.id] in stands
    }
    for row in rows:
        name = of_group[row.id]
        if not (row.current and row.merged):
            continue
        stated = [one.id for one in rows if of_group[one.id] == name and not one.merged]
        if stated and max(seats[id] for id in stated) < seats[row.id]:
            seats[stated[-1]] = seats[row.id]
    return seats


def _blank_errors(connection: Connection, words: Words) -> int:
    """Blank the refused rows that name the person; returns how many."""
    texts = [import_errors.c[name] for name in ("value", "row", "problem", "message")]
    rows = _rows_with(connection, import_errors, texts, words)
    ids = [row.id for row in rows if words.within("\n".join(filter(None, row[1:])))]
    problem = Message("db.forget.row")
    blank = {"value": "", "row": "", "problem": str(problem), "message": problem.to_json()}
    execute_in_chunks(
        connection, update(import_errors).where(is_in(import_errors.c.id)).values(blank), ids
    )
    return len(ids)


def _blank_texts(connection: Connection, words: Words) -> None:
    """Blank the person's id and names in the names of files and in what was said about files."""
    telling = [word for word in words.words if is_telling(word)]
    if not telling:
        return
    words = Words(telling)
    for table, key, name in ((imports, "id", "file"), (import_answers, "headings", "answers")):
        for row in connection.execute(select(table.c[key], table.c[name])).all():
            blanked = words.blanked(row[1])
            if blanked != row[1]:
                values = {name: blanked}
                connection.execute(update(table).where(table.c[key] == row[0]).values(values))


def _rows_with(
    connection: Connection, table: Table, texts: Sequence[Any], words: Words
) -> Sequence[Row[Any]]:
    """The rows in which a word stands, or might: the database does not know where a word ends."""
    found = [
        cast(text, Text).contains(form, autoescape=True) for text in texts for form in words.forms
    ]
    return connection.execute(select(table.c.id, *texts).where(or_(*found))).all()
