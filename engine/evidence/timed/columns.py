"""The names of the evidence columns of a shop with launch times, in their order, by the token that reads them.

A *family* is what one kind of event says of a candidate: how often, how often if older events weigh less (by
half-life), and the time since the first and the last. Names and order are part of a bundle.
"""

from itertools import chain

from db.logs import Task
from engine.evidence.timed.event_counts import HALF_LIVES

DECAYED = tuple(f"{half_life:g}d" for half_life in HALF_LIVES)
EVERY = ("count", *DECAYED, "since_last")
FEW = ("30d", "365d", "since_last")
FIRST = ("count", "7d", "30d", "365d")
LONG = ("90d", "365d")
AROUND = ("30d", "365d")
WORDS = ("7d", "90d", "1000d")

FOLLOWED = ("last", "second_last")  # launches of the initiator that an item may follow
PARTS = (*EVERY, "since_first", "second_last", "last", "1000d")

SHARES = DECAYED[1:]  # half-lives of shares: of two days, most would be nothing of nothing


def family(name: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of a family."""
    return tuple(f"{name}_{part}" for part in parts)


def family_of(column: str) -> str:
    """The family that a column belongs to; the column itself where it stands alone."""
    for part in PARTS:
        if column.endswith(f"_{part}"):
            return column.removesuffix(f"_{part}")
    return column


ITEM_TOKENS: dict[str, tuple[str, ...]] = {
    "item": (
        *family("item_launches", (*EVERY, "since_first")),
        "item_trend",
        *family("item_first_launches", FIRST),
        *family("item_successes", FEW),
        *family("item_failures", FEW),
        *family("item_joins", ("count", *FEW)),
        "item_season",
    ),
    "initiator": (
        *family("initiator_launches", (*EVERY, "since_first")),
        *family("initiator_failures", FEW),
        *family("initiator_joins", FEW),
    ),
    "match": (
        *family("own_launches", (*EVERY, "since_first")),
        *family("own_launch_share", ("count", *SHARES)),
        "own_recency",
        *family("own_successes", FEW),
        *family("own_failures", FEW),
        *family("own_joins", EVERY),
        *family("followed", FOLLOWED),
        *family("words", WORDS),
        *family("circle_launches", AROUND),
    ),
    "category": (
        *family("category_launches", EVERY),
        *family("own_category_launches", EVERY),
        *family("own_category_share", LONG),
        *family("own_category_joins", FEW),
        "category_season",
        *family("subcategory_launches", EVERY),
        *family("own_subcategory_launches", EVERY),
        *family("own_subcategory_share", LONG),
        *family("own_subcategory_joins", FEW),
        *family("brand_launches", FEW),
        *family("own_brand_launches", FEW),
        "own_brand_share",
        "category_brand_share",
        *family("own_category_brand_launches", FEW),
        "own_category_brand_share",
        *family("city_launches", AROUND),
        "city_launch_share",
        *family("city_category_launches", AROUND),
        "city_category_share",
        "price",
        "price_gap",
        "price_above",
        "category_price_gap",
        "category_price_above",
        "discount",
        "discount_above",
    ),
}
PARTICIPANT_TOKENS: dict[str, tuple[str, ...]] = {
    "participant": (
        *family("participant_joins", (*EVERY, "since_first")),
        "participant_trend",
        *family("participant_launches", EVERY),
    ),
    "item": (*family("item_launches", FEW), *family("item_joins", FEW)),
    "initiator": (
        *family("initiator_launches", FEW),
        *family("initiator_successes", FEW),
        *family("initiator_joins", FEW),
    ),
    "match": (
        *family("joined_item", EVERY),
        *family("joined_item_share", SHARES),
        *family("launched_item", EVERY),
        *family("joined_category", EVERY),
        "joined_category_share",
        *family("launched_category", FEW),
        *family("joined_subcategory", EVERY),
        "joined_subcategory_share",
        *family("launched_subcategory", FEW),
        *family("city_joins", AROUND),
    ),
    "circle": (
        *family("joined_initiator", (*EVERY, "since_first")),
        *family("joined_initiator_share", SHARES),
        *family("share_of_joins", SHARES),
        *family("initiator_joined", EVERY),
        "friend",
        "tie_of_ties",
        "same_city",
    ),
}

TOKENS = {Task.ITEMS: ITEM_TOKENS, Task.PARTICIPANTS: PARTICIPANT_TOKENS}
TIMED_COLUMNS: dict[Task, tuple[str, ...]] = {
    task: tuple(chain(*tokens.values())) for task, tokens in TOKENS.items()
}
