"""Facts about candidates as of a moment: how often, when last, what is new and what is on the rise."""

import numpy as np
from numpy.typing import NDArray

from db.logs import Task
from engine.evidence.timed.event_counts import Tally
from engine.evidence.timed.pair_counts import PairCounts, SingleCounts
from engine.evidence.timed.seasons import EVEN, last_year
from engine.evidence.timed.timed_evidence import TimedEvidence
from engine.explain.around_facts import launched_around, like_launched, met_around
from engine.explain.facts import Fact, Positions

WEEK, MONTH = np.timedelta64(7, "D"), np.timedelta64(30, "D")
MIN_RISE = 3  # launches in a week before an item is said to be on the rise
MIN_SEASON = 5  # launches in last year's weeks before an item is said to be in season
USUAL_PRICE = 0.1  # of the log of a price: closer prices are about the same
WORTH_SAYING = 0.05  # of the price: a smaller discount makes no reason
NEW_FOR = 14  # days after its first launch in which an item is new

_OWN = ("own_launches", "own_launch_share", "own_recency", "own_successes")
_OF_SHOP = ("item_launches", "item_trend", "item_joins", "item_successes")
_MET = ("joined_initiator", "joined_initiator_share", "share_of_joins")
# The families of evidence columns that hold a kind of fact, by task.
TIMED_FACT_FAMILIES: dict[Task, dict[str, tuple[str, ...]]] = {
    Task.ITEMS: {
        "launched_last": _OWN,
        "launched_before": _OWN,
        "joined_last": ("own_joins",),
        "joined_before": ("own_joins",),
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
        "like_launched": ("words",),
        "launched_by_ties": ("circle_launches",),
        "launched_by_city": (
            "city_launches",
            "city_launch_share",
            "city_category_launches",
            "city_category_share",
        ),
        "usual_price": ("price_gap", "price_above"),
        "category_price": (
            "price_gap",
            "price_above",
            "category_price_gap",
            "category_price_above",
        ),
        "discount": ("discount", "discount_above"),
        "rising": _OF_SHOP,
        "in_season": ("item_season", "category_season"),
        "launched_lately": _OF_SHOP,
        "first_lately": ("item_first_launches",),
        "new_item": _OF_SHOP,
        "not_launched_yet": _OF_SHOP,
    },
    Task.PARTICIPANTS: {
        "joined_initiators_last": _MET,
        "joined_initiators_groups": _MET,
        "initiator_joined_last": ("initiator_joined",),
        "initiator_joined_theirs": ("initiator_joined",),
        "friend": ("friend",),
        "joined_last": ("joined_item", "joined_item_share"),
        "joined_item": ("joined_item", "joined_item_share"),
        "launched_last": ("launched_item",),
        "launched_item": ("launched_item",),
        "joined_category": (
            "joined_category",
            "joined_category_share",
            "joined_subcategory",
            "joined_subcategory_share",
            "launched_category",
            "launched_subcategory",
        ),
        "met_by_ties": ("tie_of_ties",),
        "same_city": ("same_city", "city_joins"),
        "active_lately": ("participant_joins", "participant_trend"),
    },
}


def timed_item_facts(evidence: TimedEvidence, initiator: int, items: Positions) -> list[list[Fact]]:
    """What was known of each of ``items`` [K] for the initiator at the moment of the evidence."""
    events, at = evidence.events, np.array([evidence.moment])
    u, c = np.array([initiator]), items[None]
    own = _last_time(("launched_last", "launched_before"), events.launches, evidence, u, c)
    joined = _last_time(("joined_last", "joined_before"), events.joins, evidence, u, c)
    failed = events.failures.at(u, c, at)[0].count
    last = events.launched.latest(u, at, 1)
    next_ones = np.zeros(len(items), np.float32)
    if last.real[0, 0]:
        next_ones = events.successors.at(last.values[0], c, at)[0].count
    gap = events.prices.gaps(u, c, at)[0]
    category_gap = np.abs(events.prices.above_category(u, c, at)[0])
    attributes = [_attribute(kind, evidence, u, items) for kind in ("own_category", "own_brand")]
    alike = like_launched(evidence, u, items)
    around, of_shop = launched_around(evidence, initiator, items), _of_shop(evidence, items)
    found: list[list[Fact]] = []
    for k in range(len(items)):
        facts: list[Fact | None] = [own[k], joined[k]]
        if failed[k]:
            facts.append(Fact("failed_before", {"times": int(failed[k])}))
        facts += [*(of[k] for of in (*attributes, alike)), *around[k]]
        if next_ones[k] and last.values[0, 0] != items[k]:
            facts.append(Fact("follows", {"times": int(next_ones[k])}, int(last.values[0, 0])))
        if category_gap[k] <= USUAL_PRICE:
            facts.append(Fact("category_price", {}))
        elif gap[k] <= USUAL_PRICE:
            facts.append(Fact("usual_price", {}))
        if events.prices.discount[items[k]] >= WORTH_SAYING:
            percent = round(100 * float(events.prices.discount[items[k]]))
            facts.append(Fact("discount", {"percent": percent}))
        facts += of_shop[k]
        found.append([fact for fact in facts if fact is not None])
    return found


def timed_participant_facts(
    evidence: TimedEvidence, initiator: int, item: int, participants: Positions
) -> list[list[Fact]]:
    """What was known of each of ``participants`` [K] for the initiator and the item."""
    events, at = evidence.events, np.array([evidence.moment])
    u, i, c = np.array([initiator]), np.array([item]), participants[None]
    met = "joined_initiators_last", "joined_initiators_groups"
    invited = _last_time(met, events.participants, evidence, u, c, "groups")
    hosts = "initiator_joined_last", "initiator_joined_theirs"
    hosted = _last_time(hosts, events.hosts, evidence, u, c, "groups")
    friends = np.asarray(evidence.graphs.befriended[u].toarray())[0][participants]
    joined = _last_time(("joined_last", "joined_item"), events.joins_by_item, evidence, i, c)
    launched = _last_time(
        ("launched_last", "launched_item"), events.launches_by_item, evidence, i, c
    )
    month = _during(events.user_joins, c, evidence.moment, MONTH)
    code = events.subcategory.attribute.codes[i]
    category = events.written("category", item)
    around = met_around(evidence, initiator, participants)
    there = events.subcategory.joins_by_value.at(code, c, at)[0].count
    found: list[list[Fact]] = []
    for k in range(len(participants)):
        facts: list[Fact | None] = [invited[k], joined[k], launched[k], hosted[k], *around[k]]
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
    kinds: tuple[str, str],
    pairs: PairCounts,
    evidence: TimedEvidence,
    major: Positions,
    minor: Positions,
    name: str = "times",
) -> list[Fact | None]:
    """How often it happened with each of ``minor`` [1, K], and on which day last.

    ``kinds`` are those of a fact with the day, and of one whose day is unknown.
    """
    at = np.array([evidence.moment])
    count, last = pairs.at(major, minor, at)[0].count, pairs.latest(major, minor, at)[0]
    with_day, without = kinds
    found: list[Fact | None] = []
    for times, moment in zip(count.tolist(), last, strict=True):
        counts = {name: int(times)}
        if not times:
            found.append(None)
        elif np.isnat(moment):
            found.append(Fact(without, counts))
        else:
            found.append(Fact(with_day, counts, words={"day": _day(moment)}))
    return found


def _attribute(
    kind: str, evidence: TimedEvidence, u: Positions, items: Positions
) -> list[Fact | None]:
    """How often the initiator launched something of the same category or brand as each item [K]."""
    name = kind.removeprefix("own_")
    values = evidence.events.subcategory if name == "category" else evidence.events.brand
    codes = values.attribute.codes[items]
    count = values.launches.at(u, codes[None], np.array([evidence.moment]))[0].count
    found: list[Fact | None] = []
    for item, times in zip(items.tolist(), count.tolist(), strict=True):
        text = evidence.events.written(name, item) if times else None
        found.append(
            None if text is None else Fact(kind, {"times": int(times)}, words={"value": text})
        )
    return found


def _during(
    events: SingleCounts, keys: Positions, until: np.datetime64, span: np.timedelta64
) -> NDArray[np.float32]:
    """How often it happened with each of ``keys`` [1, K] in [until - span, until)."""
    after, before = (events.before(keys, np.array([moment]))[0] for moment in (until, until - span))
    return np.asarray(after - before)


def _of_shop(evidence: TimedEvidence, items: Positions) -> list[list[Fact]]:
    """What the shop's launches say of each item [K]: what is new, rising, in season, or launched these days."""
    events, moment, c = evidence.events, evidence.moment, items[None]
    at = np.array([moment])
    launches = events.item_launches.at(c, at)[0]
    week, month = (_during(events.item_launches, c, moment, span) for span in (WEEK, MONTH))
    week_before = _during(events.item_launches, c, moment - WEEK, WEEK)
    first = _during(events.item_first_launches, c, moment, MONTH)
    season, year = (one[0] for one in last_year(events.item_launches, c, at))
    found: list[list[Fact]] = []
    for k in range(len(items)):
        facts: list[Fact | None] = []
        if first[k]:
            facts.append(Fact("first_lately", {"people": int(first[k])}))
        if items[k] < events.items:  # the last position is that of every unknown item
            counts = int(week[k]), int(week_before[k]), int(month[k])
            facts.append(_these_days(launches[k], moment, *counts))
        if season[k] >= MIN_SEASON and season[k] > 2 * EVEN * year[k]:
            facts.append(Fact("in_season", {"times": int(season[k])}))
        found.append([fact for fact in facts if fact is not None])
    return found


def _these_days(
    tally: Tally, moment: np.datetime64, week: int, week_before: int, month: int
) -> Fact | None:
    """What the shop's launches say of an item: that it is new, on the rise, or launched these days."""
    if not tally.count:
        return Fact("not_launched_yet", {})
    if tally.since_first <= NEW_FOR:
        age = np.timedelta64(round(float(tally.since_first) * 86_400), "s")
        return Fact("new_item", {}, words={"day": _day(moment - age)})
    if week >= MIN_RISE and week > 2 * week_before:
        return Fact("rising", {"week": week, "before": week_before})
    return Fact("launched_lately", {"times": month}) if month else None


def _day(moment: np.datetime64) -> str:
    return str(moment.astype("datetime64[D]"))
