"""Facts about candidates as of a moment: how often, when last, what is new and what is on the rise."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.logs import Task
from engine.evidence.timed.event_counts import Tally
from engine.evidence.timed.pair_counts import PairCounts, SingleCounts
from engine.evidence.timed.shop_events import AttributeEvents
from engine.evidence.timed.timed_evidence import TimedEvidence
from engine.explain.facts import Fact, Positions

WEEK, MONTH = np.timedelta64(7, "D"), np.timedelta64(30, "D")
MIN_RISE = 3  # launches in a week before an item is said to be on the rise
USUAL_PRICE = 0.1  # of the log of a price: closer prices are about the same
WORTH_SAYING = 0.05  # of the price: a smaller discount makes no reason
NEW_FOR = 14  # days after its first launch in which an item is new

# The families of evidence columns that hold a kind of fact, by task.
TIMED_FACT_FAMILIES: dict[Task, dict[str, tuple[str, ...]]] = {
    Task.ITEMS: {
        "launched_last": ("own_launches", "own_launch_share", "own_recency", "own_successes"),
        "joined_last": ("own_joins",),
        "failed_before": ("own_failures",),
        "own_category": (
            "own_category_launches",
            "own_category_share",
            "own_category_joins",
            "own_subcategory_launches",
            "own_subcategory_share",
            "own_subcategory_joins",
        ),
        "own_brand": (
            "own_brand_launches",
            "own_brand_share",
            "own_category_brand_launches",
            "own_category_brand_share",
        ),
        "follows": ("followed",),
        "usual_price": ("price_gap", "price_above"),
        "category_price": (
            "price_gap",
            "price_above",
            "category_price_gap",
            "category_price_above",
        ),
        "discount": ("discount", "discount_above"),
        "rising": ("item_launches", "item_trend", "item_joins", "item_successes"),
        "launched_lately": ("item_launches", "item_trend", "item_joins", "item_successes"),
        "first_lately": ("item_first_launches",),
        "new_item": ("item_launches", "item_trend", "item_joins", "item_successes"),
    },
    Task.PARTICIPANTS: {
        "joined_initiators_last": ("joined_initiator", "joined_initiator_share", "share_of_joins"),
        "initiator_joined_theirs": ("initiator_joined",),
        "friend": ("friend",),
        "joined_last": ("joined_item", "joined_item_share"),
        "launched_last": ("launched_item",),
        "joined_category": (
            "joined_category",
            "joined_category_share",
            "joined_subcategory",
            "joined_subcategory_share",
            "launched_category",
            "launched_subcategory",
        ),
        "active_lately": ("participant_joins", "participant_trend"),
    },
}


def timed_item_facts(evidence: TimedEvidence, initiator: int, items: Positions) -> list[list[Fact]]:
    """What was known of each of ``items`` [K] for the initiator at the moment of the evidence."""
    events, at = evidence.events, np.array([evidence.moment])
    u, c = np.array([initiator]), items[None]
    own = _last_time("launched_last", events.launches, evidence, u, c)
    joined = _last_time("joined_last", events.joins, evidence, u, c)
    failed = events.failures.at(u, c, at)[0].count
    shop = events.item_launches.at(c, at)[0]
    week, month = (
        _during(events.item_launches, c, evidence.moment, span) for span in (WEEK, MONTH)
    )
    first = _during(events.item_first_launches, c, evidence.moment, MONTH)
    week_before = _during(events.item_launches, c, evidence.moment - WEEK, WEEK)
    last = events.launched.latest(u, at, 1)
    next_ones = np.zeros(len(items), np.float32)
    if last.real[0, 0]:
        next_ones = events.successors.at(last.values[0], c, at)[0].count
    gap = events.prices.gaps(u, c, at)[0]
    category_gap = np.abs(events.prices.above_category(u, c, at)[0])
    attributes = [
        _attribute(kind, values, evidence, u, items)
        for kind, values in (("own_category", events.subcategory), ("own_brand", events.brand))
    ]
    found: list[list[Fact]] = []
    for k in range(len(items)):
        facts: list[Fact | None] = [own[k], joined[k]]
        if failed[k]:
            facts.append(Fact("failed_before", {"times": int(failed[k])}))
        facts += [of[k] for of in attributes]
        if next_ones[k] and last.values[0, 0] != items[k]:
            facts.append(Fact("follows", {"times": int(next_ones[k])}, int(last.values[0, 0])))
        if category_gap[k] <= USUAL_PRICE:
            facts.append(Fact("category_price", {}))
        elif gap[k] <= USUAL_PRICE:
            facts.append(Fact("usual_price", {}))
        if events.prices.discount[items[k]] >= WORTH_SAYING:
            percent = round(100 * float(events.prices.discount[items[k]]))
            facts.append(Fact("discount", {"percent": percent}))
        if first[k]:
            facts.append(Fact("first_lately", {"people": int(first[k])}))
        if items[k] < events.items:  # the last position is that of every unknown item
            facts.append(_of_shop(shop[k], int(week[k]), int(week_before[k]), int(month[k])))
        found.append([fact for fact in facts if fact is not None])
    return found


def timed_participant_facts(
    evidence: TimedEvidence, initiator: int, item: int, participants: Positions
) -> list[list[Fact]]:
    """What was known of each of ``participants`` [K] for the initiator and the item."""
    events, at = evidence.events, np.array([evidence.moment])
    u, i, c = np.array([initiator]), np.array([item]), participants[None]
    invited = _last_time("joined_initiators_last", events.participants, evidence, u, c, "groups")
    hosted = events.hosts.at(u, c, at)[0].count
    friends = np.asarray(evidence.graphs.befriended[u].toarray())[0][participants]
    joined = _last_time("joined_last", events.joins_by_item, evidence, i, c)
    launched = _last_time("launched_last", events.launches_by_item, evidence, i, c)
    month = _during(events.user_joins, c, evidence.moment, MONTH)
    code = events.subcategory.attribute.codes[i]
    category = _value(events.subcategory, int(code[0]))
    there = events.subcategory.joins_by_value.at(code, c, at)[0].count
    found: list[list[Fact]] = []
    for k in range(len(participants)):
        facts: list[Fact | None] = [invited[k], joined[k], launched[k]]
        if hosted[k]:
            facts.append(Fact("initiator_joined_theirs", {"groups": int(hosted[k])}))
        if friends[k]:
            facts.append(Fact("friend", {}))
        if category is not None and there[k]:
            counts = {"groups": int(there[k])}
            facts.append(Fact("joined_category", counts, words={"category": category}))
        if month[k]:
            facts.append(Fact("active_lately", {"groups": int(month[k])}))
        found.append([fact for fact in facts if fact is not None])
    return found


def _last_time(
    kind: str,
    pairs: PairCounts,
    evidence: TimedEvidence,
    major: Positions,
    minor: Positions,
    name: str = "times",
) -> list[Fact | None]:
    """How often it happened with each of ``minor`` [1, K], and on which day last."""
    tally = pairs.at(major, minor, np.array([evidence.moment]))[0]
    return [
        Fact(kind, {name: int(count)}, words={"day": _day(evidence.moment, days)})
        if count
        else None
        for count, days in zip(tally.count, tally.since_last, strict=True)
    ]


def _attribute(
    kind: str, values: AttributeEvents, evidence: TimedEvidence, u: Positions, items: Positions
) -> list[Fact | None]:
    """How often the initiator launched something of the same category or brand as each item [K]."""
    codes = values.attribute.codes[items]
    count = values.launches.at(u, codes[None], np.array([evidence.moment]))[0].count
    found: list[Fact | None] = []
    for code, times in zip(codes.tolist(), count.tolist(), strict=True):
        text = _value(values, code)
        known = text is not None and times
        found.append(
            Fact(kind, {"times": int(times)}, words={"value": str(text)}) if known else None
        )
    return found


def _value(values: AttributeEvents, code: int) -> str | None:
    return None if code == values.attribute.size - 1 else values.attribute.values[code]


def _during(
    events: SingleCounts, keys: Positions, until: np.datetime64, span: np.timedelta64
) -> NDArray[np.float32]:
    """How often it happened with each of ``keys`` [1, K] in [until - span, until)."""
    after, before = (
        events.at(keys, np.array([moment]))[0].count for moment in (until, until - span)
    )
    return np.asarray(after - before)


def _of_shop(tally: Tally, week: int, week_before: int, month: int) -> Fact | None:
    """What the shop's launches say of an item: that it is new, on the rise, or launched these days."""
    if not tally.count or tally.since_first <= NEW_FOR:
        return Fact("new_item", {})
    if week >= MIN_RISE and week > 2 * week_before:
        return Fact("rising", {"week": week, "before": week_before})
    return Fact("launched_lately", {"times": month}) if month else None


def _day(moment: np.datetime64, days: float) -> str:
    """The day that lies so many days before the moment."""
    past = moment - np.timedelta64(round(days * 86_400), "s")
    return str(pd.Timestamp(past).date())
