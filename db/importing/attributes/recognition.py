"""Tells by its headings whether a file holds items, users, or groups and orders; doubt is an error that asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from db.importing.attributes.headings import (
    BARE_ITEM_HEADINGS,
    BARE_USER_HEADINGS,
    ITEM_HEADINGS,
    OF_ITEMS_ALONE,
    OF_USERS_ALONE,
    REPEATED,
    USER_HEADINGS,
)
from db.importing.column_mapping import (
    BARE_STATES,
    BARE_WORDS,
    GROUPS,
    ITEMS,
    ORDERS,
    USERS,
    ColumnMapping,
    ColumnsError,
    SecondColumn,
    field_of,
    guess_fields,
    map_columns,
    normalised_heading,
    refuse_unknown_fields,
    with_examples,
)
from db.importing.questions import Question
from db.importing.simplified import normalised_word

KINDS = (ITEMS, USERS, GROUPS, ORDERS)
_ID = {ITEMS: "item", USERS: "user"}
_NAME = {ITEMS: "item_name", USERS: "user_name"}
# Fields of a log of groups or orders that tables of items and users do not have.
_OF_LOGS = {
    "initiator",
    "participants",
    "group",
    "role",
    "order",
    "order_state",
    "payment_state",
    "refund_state",
    "friend",
    "ordered_at",
    "people_so_far",
    "cancelled_at",
}
# Their headings are values in other tables.
_ALSO_VALUES = {
    "on_shelf",
    "published",
    "visibility",
    "off_shelf",
    "hidden",
    "sold_out",
    "in_stock",
    "option_1",
    "option_2",
    "option_3",
    "last_name",
    "first_name",
}
_BARE_ID = ("id", "编号")  # better than the number of a variant; other bare ids are not


class DoubtfulKindError(ColumnsError):
    """The headings do not tell whether a row is an item, a user, a group or an order."""


@dataclass(frozen=True)
class _Found:
    """What a heading means in a table of items or of users."""

    field: str
    rank: int  # the smaller, the better
    bare: bool


@cache
def _table(kind: str) -> Mapping[str, _Found]:
    """Heading -> what it means in a table of this kind."""
    own, bare = (
        (ITEM_HEADINGS, BARE_ITEM_HEADINGS)
        if kind == ITEMS
        else (USER_HEADINGS, BARE_USER_HEADINGS)
    )
    found: dict[str, _Found] = {}
    for headings, is_bare in ((bare, True), (own, False)):
        for field, text in headings.items():
            for rank, heading in enumerate(text.split()):
                place = rank + (1_000 if is_bare else 0)
                found.setdefault(normalised_word(heading), _Found(field, place, is_bare))
    return found


@cache
def _variants() -> frozenset[str]:
    """Headings of numbers of variants, which number items where no column does that."""
    return frozenset(map(normalised_word, ITEM_HEADINGS["variant"].split()))


def known_heading(heading: str) -> str | None:
    """The field that a heading means in any table, None if it is not known by itself."""
    if (field := field_of(heading)) is not None:
        return field
    for kind in (ITEMS, USERS):
        found = _table(kind).get(normalised_heading(heading))
        if found is not None and not found.bare and found.field not in _ALSO_VALUES:
            return found.field
    return None


def heading_field(heading: str, shape: str) -> str | None:
    """The field that a heading means in a table whose rows are of this shape."""
    if shape in (ITEMS, USERS):
        found = _table(shape).get(normalised_heading(heading))
        return None if found is None else found.field
    return field_of(heading)


def map_file(
    headings: Sequence[str],
    columns: Mapping[str, str] | None = None,
    friendships: bool = False,
    kind: str = "",
) -> ColumnMapping:
    """Decide what a row of a file is, and what each column holds.

    ``columns`` (heading -> field) and ``kind``, one of KINDS, override the guess. Raises ColumnsError if a
    needed column is missing or two columns mean the same, DoubtfulKindError if the kind is in doubt.
    """
    chosen = columns or {}
    if friendships:
        return map_columns(headings, chosen, friendships=True)
    if kind in (ITEMS, USERS):
        return _map_attributes(headings, chosen, kind)
    if kind:
        return map_columns(headings, chosen, shape=kind)
    try:
        logs = map_columns(headings, chosen)
    except ColumnsError:
        found = _kind_of(headings, chosen)
        if found is None:
            raise
        return _map_attributes(headings, chosen, found)
    if _may_be_items(headings, logs, chosen):
        raise _doubt(headings)
    return logs


def guess_file_fields(
    headings: Sequence[str], columns: Mapping[str, str], kind: str
) -> list[str | None]:
    """What each column seems to hold, whether or not that makes a file of this kind."""
    if kind in (ITEMS, USERS):
        return _settled(headings, columns, kind)[0]
    return guess_fields(headings, columns)


def kind_questions(problem: ColumnsError | None) -> tuple[Question, ...]:
    """What to ask where ``problem`` is that the kind of a file is in doubt."""
    if not isinstance(problem, DoubtfulKindError):
        return ()
    return (Question("kind", problem.message, choices=KINDS),)


def _doubt(headings: Sequence[str]) -> DoubtfulKindError:
    shown = tuple(heading[:40] for heading in headings[:20])
    return DoubtfulKindError("db.columns.doubtful", headings=shown)


def _kind_of(headings: Sequence[str], chosen: Mapping[str, str]) -> str | None:
    """ITEMS or USERS for headings that make no log; None if they make neither; raises where it is in doubt."""
    told = {kind: _told(headings, chosen, kind) for kind in (ITEMS, USERS)}
    possible = [kind for kind in told if told[kind] and _is_complete(headings, chosen, kind)]
    numbered = [kind for kind in told if _ID[kind] in told[kind]]
    if _told_of_logs(headings, chosen):
        alone = {ITEMS: OF_ITEMS_ALONE, USERS: OF_USERS_ALONE}
        if len(numbered) < 2 and len(possible) == 1 and told[possible[0]] & alone[possible[0]]:
            raise _doubt(headings)
        return None
    if len(numbered) < 2 and len(possible) == 1:
        return possible[0]
    if not possible:
        # A list of items that names none by its id lacks a column, and is no log that lacks others.
        lacking = [ITEMS] if told[ITEMS] & OF_ITEMS_ALONE else []
        lacking += [USERS] if told[USERS] & OF_USERS_ALONE else []
        return lacking[0] if len(lacking) == 1 else None
    if len(numbered) == 1 and numbered[0] in possible:
        return numbered[0]
    raise _doubt(headings)


def _told(headings: Sequence[str], chosen: Mapping[str, str], kind: str) -> set[str]:
    """The fields of this kind of table that headings name which stand in no other."""
    own = ITEM_HEADINGS if kind == ITEMS else USER_HEADINGS
    found = {field for heading, field in chosen.items() if heading in headings and field in own}
    for heading in headings:
        one = _table(kind).get(normalised_heading(heading))
        if one is not None and not one.bare and heading not in chosen:
            found.add(one.field)
    return found


def _is_complete(headings: Sequence[str], chosen: Mapping[str, str], kind: str) -> bool:
    """Whether there is an id, and an attribute beside it."""
    held = {*_settled(headings, chosen, kind)[0]} - {None}
    return _ID[kind] in held and len(held) > 1


def _told_of_logs(headings: Sequence[str], chosen: Mapping[str, str]) -> set[str]:
    """The fields that only logs of groups and orders have."""
    found = set()
    for heading in headings:
        field = chosen.get(heading, field_of(heading))
        bare = normalised_heading(heading) in BARE_STATES
        own = all(heading_field(heading, kind) is None for kind in (ITEMS, USERS))
        if field in _OF_LOGS or (field in ("status", "launched_at") and own and not bare):
            found.add(str(field))
    return found


def _may_be_items(headings: Sequence[str], logs: ColumnMapping, chosen: Mapping[str, str]) -> bool:
    """Whether what reads as launches, by a column such as owner, may be a list of items."""
    if logs.shape != GROUPS or _told_of_logs(headings, chosen) - {"initiator"}:
        return False
    return bool(_told(headings, chosen, ITEMS) & OF_ITEMS_ALONE)


def _map_attributes(headings: Sequence[str], chosen: Mapping[str, str], kind: str) -> ColumnMapping:
    refuse_unknown_fields(chosen)
    fields, second = _settled(headings, chosen, kind)
    if _ID[kind] not in fields:
        raise ColumnsError(
            f"db.columns.missing_{kind}",
            missing=[_ID[kind]],
            columns=with_examples([_ID[kind]]),
            headings=tuple(heading[:40] for heading in headings[:20]),
        )
    for field in dict.fromkeys(filter(None, fields)):
        named = [headings[k] for k, found in enumerate(fields) if found == field]
        if len(named) > 1:
            raise ColumnsError(
                "db.columns.doubled", doubled=field, headings=tuple(named[:3]), field=field
            )
    return ColumnMapping(tuple(headings), tuple(fields), kind, tuple(second))


def _settled(
    headings: Sequence[str], chosen: Mapping[str, str], kind: str
) -> tuple[list[str | None], list[SecondColumn]]:
    """The field of each column, and the columns that mean what another says better."""
    found = [_table(kind).get(normalised_heading(heading)) for heading in headings]
    fields = [
        chosen.get(heading, one.field if one else None) or None
        for heading, one in zip(headings, found, strict=True)
    ]
    if kind == ITEMS and "item" not in fields and "variant" in fields:
        fields[fields.index("variant")] = "item"
    ranks = [_rank(heading, one, chosen) for heading, one in zip(headings, found, strict=True)]
    second: list[SecondColumn] = []
    for field in dict.fromkeys(filter(None, tuple(fields))):
        places = [k for k, one in enumerate(fields) if one == field]
        best, *others = sorted(places, key=lambda k: (*ranks[k], k))
        spare = list(REPEATED.get(field, ()))
        for k in (k for k in others if headings[k] not in chosen):
            if field == _ID[kind]:
                fields[k] = _beside_the_id(headings[k], field, kind, fields)
            else:
                fields[k] = spare.pop(0) if spare else None
                if fields[k] is None:
                    second.append(SecondColumn(headings[k], field, headings[best]))
    return fields, second


def _rank(heading: str, found: _Found | None, chosen: Mapping[str, str]) -> tuple[int, int]:
    """Of several columns that mean the same, the one with the smallest rank counts."""
    word = normalised_heading(heading)
    if heading in chosen or found is None:
        return -1, 0
    better = 0 if not found.bare else 1 if word in _BARE_ID else 3
    return 2 if word in _variants() else better, found.rank


def _beside_the_id(heading: str, field: str, kind: str, fields: Sequence[str | None]) -> str | None:
    """What a column holds that could be the id, where a better one is."""
    word = normalised_heading(heading)
    if word in _variants() and "variant" not in fields:
        return "variant" if kind == ITEMS else None
    if word in BARE_WORDS[field] and _NAME[kind] not in fields:
        return _NAME[kind]
    return None
