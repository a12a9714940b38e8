"""Maps the columns of a file to fields by their headings; of several that mean the same, the better one."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from db.errors import InputError
from db.importing.attributes.headings import ATTRIBUTE_FIELDS
from db.importing.headings import HEADINGS
from db.importing.simplified import normalised_word
from db.importing.time_columns import DAYS, is_day_beside, is_join, settle_joins
from db.messages import Message, Term, Value


@cache
def _ranks() -> dict[str, tuple[str, int]]:
    """Heading -> its field, and its place in the order of preference."""
    return {
        normalised_word(heading): (field, rank)
        for field, text in HEADINGS.items()
        for rank, heading in enumerate(text.split())
    }


# A bare word is the id if it is the only such column, and the name beside a column that is clearly the id.
_BARE = {
    "initiator": (
        "initiator_name",
        ["initiator", "leader", "launcher", "团长", "团主", "发起人", "开团人", "방장", "主催者"],
    ),
    "user": (
        "user_name",
        ["user", "buyer", "customer", "member", "用户", "买家", "会员", "客户", "顾客", "下单人",
         "구매자", "주문자", "회원", "購入者", "注文者"],
    ),
    "item": (
        "item_name",
        ["item", "product", "goods", "商品", "产品", "品项", "拼团商品", "团购商品", "参团商品", "상품"],
    ),
    "group": ("", ["group", "team", "团"]),
}  # fmt: skip
BARE_WORDS = {field: frozenset(words) for field, (_, words) in _BARE.items()}
# Headings that may mean the order's state or its group's.
BARE_STATES = frozenset(
    [
        "status",
        "state",
        "状态",
        "当前状态",
        "상태",
        "진행상태",
        "ステータス",
        "状况",
        "statut",
        "estado",
    ]
)


class ColumnsError(InputError):
    """The columns do not make a log: fields are ``missing``, or two columns mean ``doubled``."""

    def __init__(
        self,
        key: str | Message,
        /,
        missing: Sequence[str] = (),
        doubled: str = "",
        **values: Value,
    ) -> None:
        super().__init__(key, **values)
        self.missing = tuple(missing)
        self.doubled = doubled

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles with the fields at fault."""
        return type(self), (self.message, self.missing, self.doubled)


# All that a column may be said to hold.
FIELDS = (*HEADINGS, *sorted(ATTRIBUTE_FIELDS - {*HEADINGS}))
# A log is complete without these; the first of several columns counts.
_TIES = ("record", "parent", "order", "cancelled_at", "virtual")
GROUPS, ORDERS, FRIENDSHIPS = "groups", "orders", "friendships"  # shapes: what a row is
ITEMS, USERS = "items", "users"  # shapes too (``db.importing.attributes``)
_NEEDED = {
    GROUPS: ("initiator", "item"),
    ORDERS: ("group", "user", "item"),
    FRIENDSHIPS: ("user", "friend"),
}


@dataclass(frozen=True)
class SecondColumn:
    """A column that means what another says better, and is ignored."""

    heading: str
    field: str
    kept: str  # the heading of the other


@dataclass(frozen=True)
class ColumnMapping:
    """Which field each column holds (None: ignored), and what a row is."""

    headings: tuple[str, ...]
    fields: tuple[str | None, ...]
    shape: str  # GROUPS, ORDERS, FRIENDSHIPS, ITEMS or USERS
    second: tuple[SecondColumn, ...] = ()

    def heading(self, field: str) -> str:
        """The heading of the column of ``field``; the field's own name if there is no such column."""
        return self.headings[self.fields.index(field)] if field in self.fields else field


@lru_cache(maxsize=4096)
def normalised_heading(heading: str) -> str:
    """The heading as ``normalised_word`` writes it, without bracketed text."""
    text = unicodedata.normalize("NFKC", heading)
    return normalised_word(re.sub(r"[(\[{【].*?[)\]}】]", "", text))


def field_of(heading: str) -> str | None:
    """The field that a heading means, None if it is not known."""
    found = _ranks().get(normalised_heading(heading))
    return None if found is None else found[0]


def map_columns(
    headings: Sequence[str],
    columns: Mapping[str, str] | None = None,
    friendships: bool = False,
    shape: str = "",
) -> ColumnMapping:
    """Decide what each column of a log holds; ``columns`` (heading -> field) and ``shape`` override the guess.

    Raises ColumnsError if a needed column is missing or two columns mean the same, InputError if
    ``columns`` names an unknown field.
    """
    chosen = columns or {}
    refuse_unknown_fields(chosen)
    fields = guess_fields(headings, chosen)
    shape = shape or _shape(fields, friendships)
    _settle_times_and_states(headings, fields, chosen, shape)
    said = {k for k, heading in enumerate(headings) if heading in chosen}
    settle_joins([normalised_heading(one) for one in headings], fields, said, shape == ORDERS)
    second = _settle_second_columns(headings, fields, chosen)
    _refuse_doubled(headings, fields)
    _refuse_missing(headings, fields, shape)
    return ColumnMapping(tuple(headings), tuple(fields), shape, tuple(second))


def refuse_unknown_fields(columns: Mapping[str, str]) -> None:
    """Raise InputError if a column was said to hold a field that there is not."""
    for heading, field in columns.items():
        if field and field not in FIELDS:
            raise InputError(
                "db.columns.unknown_field",
                field=(field,),
                heading=(heading,),
                fields=", ".join(FIELDS),
            )


def guess_fields(headings: Sequence[str], columns: Mapping[str, str]) -> list[str | None]:
    """What each column seems to hold, whether or not that makes a log; ``columns`` overrides."""
    fields = [columns.get(heading, field_of(heading)) or None for heading in headings]
    _settle_order_names(headings, fields, columns)
    _settle_bare_words(headings, fields, columns)
    _settle_ordering_user(fields)
    _settle_ties(headings, fields, columns)
    return fields


def _settle_order_names(
    headings: Sequence[str], fields: list[str | None], chosen: Mapping[str, str]
) -> None:
    """Shopify calls the order's number Name."""
    names = {normalised_heading(heading) for heading in headings}
    if not any(name.startswith(("lineitem", "financialstatus")) for name in names):
        return
    for k, heading in enumerate(headings):
        if normalised_heading(heading) == "name" and heading not in chosen:
            fields[k] = "order" if "order" not in fields else None


def _settle_bare_words(
    headings: Sequence[str], fields: list[str | None], chosen: Mapping[str, str]
) -> None:
    for field, (name_field, words) in _BARE.items():
        places = [k for k, found in enumerate(fields) if found == field]
        bare = [
            k
            for k in places
            if normalised_heading(headings[k]) in words and headings[k] not in chosen
        ]
        if len(places) > len(bare):
            for k in bare:
                fields[k] = None if name_field in fields else name_field or None
        elif len(bare) == 2 and name_field and name_field not in fields:
            fields[bare[1]] = name_field  # the same heading twice: the id, then its name


def _settle_ordering_user(fields: list[str | None]) -> None:
    """In a file of orders, a column called 团员 or participant is the user who ordered."""
    if "role" in fields and "user" not in fields and "participants" in fields:
        fields[fields.index("participants")] = "user"


def _settle_ties(
    headings: Sequence[str], fields: list[str | None], chosen: Mapping[str, str]
) -> None:
    """Keep one column for each tie; in a table of groups ``head_id`` is the initiator, ``groupon_id`` the group."""
    for field in _TIES:
        places = [k for k, found in enumerate(fields) if found == field]
        said = [k for k in places if headings[k] in chosen]
        for k in places:
            if k != (said or places)[0]:
                fields[k] = None
    if "parent" in fields and "user" not in fields:
        k = fields.index("parent")
        means = {"headid": "initiator", "grouponid": "group"}.get(normalised_heading(headings[k]))
        if means and means not in fields and headings[k] not in chosen:
            fields[k] = means


def _settle_times_and_states(
    headings: Sequence[str], fields: list[str | None], chosen: Mapping[str, str], shape: str
) -> None:
    """Say what a bare time is the time of, and what a bare state is the state of beside the group's."""
    meaning = "ordered_at" if shape == ORDERS else "launched_at"
    if meaning not in fields:
        for k in _by_preference(headings, fields, chosen, "time")[:1]:
            fields[k] = meaning
    states = _by_preference(headings, fields, chosen, "status")
    for k in states[1:]:
        bare = normalised_heading(headings[k]) in BARE_STATES
        if bare and shape == ORDERS and "order_state" not in fields and headings[k] not in chosen:
            fields[k] = "order_state"


def _by_preference(
    headings: Sequence[str], fields: Sequence[str | None], chosen: Mapping[str, str], field: str
) -> list[int]:
    """The columns of a field, the better ones first: what people chose, then the order of HEADINGS."""

    def rank(k: int) -> tuple[bool, int, int]:
        _, place = _ranks().get(normalised_heading(headings[k]), ("", 0))
        return headings[k] not in chosen, place, k

    return sorted((k for k, found in enumerate(fields) if found == field), key=rank)


def _settle_second_columns(
    headings: Sequence[str], fields: list[str | None], chosen: Mapping[str, str]
) -> list[SecondColumn]:
    """Keep the better of several columns that mean the same; columns that people chose all stay."""
    found = []
    for field in dict.fromkeys(filter(None, tuple(fields))):
        best, *others = _by_preference(headings, fields, chosen, field)
        for k in others:
            if headings[k] in chosen:
                continue
            day = DAYS.get(field, "")
            mine, theirs = normalised_heading(headings[k]), normalised_heading(headings[best])
            if day and day not in fields and is_day_beside(mine, theirs):
                fields[k] = day
            elif field == "ordered_at" and is_join(mine) and "joined_at" not in fields:
                fields[k] = "joined_at"
            else:
                fields[k] = None
                found.append(SecondColumn(headings[k], field, headings[best]))
    for k, left in enumerate(fields):
        if left == "time":
            fields[k] = None
    return found


# What is only told of orders, and what is only told of groups.
_OF_ORDERS = {"user", "role", "order", "order_state", "payment_state", "refund_state"}
_OF_GROUPS = {"initiator", "participants"}


def _shape(fields: Sequence[str | None], friendships: bool) -> str:
    """What a row is, complete or not."""
    held = set(fields)
    if friendships:
        return FRIENDSHIPS
    if {*_NEEDED[GROUPS], "participants"} <= held and "role" not in held:
        return GROUPS
    if {*_NEEDED[ORDERS]} <= held or {"user", "item", "record", "parent"} <= held:
        return ORDERS
    for shape in (GROUPS, FRIENDSHIPS):
        if {*_NEEDED[shape]} <= held:
            return shape
    return ORDERS if held & _OF_ORDERS and not held & _OF_GROUPS else GROUPS


def _refuse_missing(headings: Sequence[str], fields: Sequence[str | None], shape: str) -> None:
    missing = [field for field in _NEEDED[shape] if field not in fields]
    if not missing or (shape == ORDERS and {"user", "item", "record", "parent"} <= set(fields)):
        return
    raise ColumnsError(
        f"db.columns.missing_{shape}",
        missing=missing,
        columns=with_examples(missing),
        headings=tuple(heading[:40] for heading in headings[:20]),
    )


def with_examples(fields: Sequence[str]) -> Message:
    """The fields, each with an English and a Chinese heading as examples."""
    first, *rest = fields
    words = HEADINGS[first].split()
    chinese = next((word for word in words if not word.isascii()), "")
    examples = ", ".join(filter(None, (words[0], chinese)))
    message = Message("db.columns.example", {"field": Term("field", first), "words": examples})
    if not rest:
        return message
    return Message("db.columns.pair", {"first": message, "rest": with_examples(rest)})


def _refuse_doubled(headings: Sequence[str], fields: Sequence[str | None]) -> None:
    for field in dict.fromkeys(filter(None, fields)):
        named = [headings[k] for k, found in enumerate(fields) if found == field]
        if len(named) > 1:
            raise ColumnsError(
                "db.columns.doubled",
                doubled=field,
                headings=tuple(named[:3]),
                field=Term("field", field),
            )
