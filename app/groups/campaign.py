"""Planning a campaign: who launches what, and whom each invites within a limit per person.

Everything but ``plan_campaign`` and the two functions that ask the model for pairs is a pure function of rankings.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.cached_reads import (
    entity_names,
    item_frame,
    rank_initiators,
    rank_items,
    rank_participants,
)
from app.frame.page import escape_markdown
from app.groups.assignment import Launch, assign_invitations
from app.recommending.tables import ReasonText, invitation_row, reasons_text
from app.text import t
from app.text.numbers import count
from engine.recommender import Recommender
from engine.results import Ranked
from engine.track_record import TrackRecords

MAX_LAUNCHES = 50  # of a campaign: each takes a ranking of all users
MAX_ITEMS = 20  # where initiators are sought: each item takes some forty rankings
_RESERVE = 10  # initiators ranked for an item beyond those it needs, as other items may take them
_DEPTHS = (50, 100, 200)  # people ranked for a launch; few lengths, so that the cache has them


@dataclass(frozen=True)
class CampaignLimits:
    """What the user asks of a campaign."""

    launches: int = 1  # items per initiator; initiators per item where only items are chosen
    each: int = 10  # invitations per group
    limit: int = 2  # invitations per person over the whole campaign


@dataclass(frozen=True)
class LaunchPair:
    """An initiator and an item to launch."""

    initiator: str
    initiator_name: str
    item: str
    item_name: str
    suits: Ranked  # the item for the initiator, or the initiator for the item


@dataclass(frozen=True)
class PlannedLaunch:
    """One launch of the campaign."""

    pair: LaunchPair
    size: int | None  # people that it needs, the initiator included; None where it is unknown
    invited: Sequence[Ranked]  # the likeliest to join first


ReportProgress = Callable[[str, int, int], None]  # stage, done, all


def plan_campaign(
    model: Recommender,
    initiators: Sequence[str],
    items: Sequence[str],
    limits: CampaignLimits,
    show_all: bool = False,
) -> list[PlannedLaunch]:
    """Plans the whole campaign, drawing a progress bar while the model ranks.

    ``show_all``: with items that cannot be had, too.
    """
    bar = st.empty()

    def report(stage: str, done: int, total: int) -> None:
        text = t(f"campaign.working.{stage}", done=count(done), all=count(total))
        bar.progress(done / total, text=text)

    if initiators:
        pairs = pairs_for_initiators(model, initiators, items, limits, report, show_all)
    else:
        pairs = pairs_for_items(model, items, limits, report)
    depth = ranking_depth(len(pairs), limits)
    people = []
    for done, pair in enumerate(pairs, 1):
        people.append(rank_participants(model, pair.initiator, pair.item, depth).results)
        report("people", done, len(pairs))
    minimums = item_frame()["min_participants"].reindex([pair.item for pair in pairs]).dropna()
    planned = divide_invitations(
        pairs, people, {str(id): int(n) for id, n in minimums.items()}, limits
    )
    bar.empty()
    return planned


def pairs_for_initiators(
    model: Recommender,
    initiators: Sequence[str],
    items: Sequence[str],
    limits: CampaignLimits,
    report: ReportProgress,
    show_all: bool = False,
) -> list[LaunchPair]:
    """Each initiator with the best items, out of ``items`` where there are any; says who has none."""
    names = entity_names("users", initiators)
    pairs, without = [], []
    for done, initiator in enumerate(initiators, 1):
        ranking = rank_items(
            model, initiator, limits.launches, None, tuple(items) or None, show_all
        )
        pairs += [
            LaunchPair(initiator, names[initiator], result.id, result.name, result)
            for result in ranking.results
        ]
        if not ranking.results:
            without.append(names[initiator])
        report("items", done, len(initiators))
    if without:
        listed = escape_markdown(t("list.and").join(without))
        st.caption(t("campaign.without.initiators", names=listed))
    return pairs


def pairs_for_items(
    model: Recommender, items: Sequence[str], limits: CampaignLimits, report: ReportProgress
) -> list[LaunchPair]:
    """Each item with the best of those who have launched before; says which items have none."""
    rankings: dict[str, Sequence[Ranked]] = {}
    top = limits.launches + min(limits.launches * (len(items) - 1), _RESERVE)
    for done, item in enumerate(items, 1):
        rankings[item] = rank_initiators(model, item, top).results
        report("initiators", done, len(items))
    names = entity_names("items", items)
    pairs = assign_initiators(rankings, names, limits.launches)
    without = [names[item] for item in items if item not in {pair.item for pair in pairs}]
    if without:
        listed = escape_markdown(t("list.and").join(without))
        st.caption(t("campaign.without.items", names=listed))
    return pairs


def assign_initiators(
    rankings: Mapping[str, Sequence[Ranked]], names: Mapping[str, str], launches: int
) -> list[LaunchPair]:
    """The best initiators of each item; nobody launches more than one.

    Where several items want the same initiator, the assignment with the greatest sum of shares decides.

    Args:
        rankings: Initiators by item, best first.
        names: Names of the items by id.
        launches: Initiators per item.

    """
    candidates = [
        Launch("", item, {person.id: person.probability for person in people})
        for item, people in rankings.items()
    ]
    assigned = assign_invitations(candidates, launches, 1)
    return [
        LaunchPair(person.id, person.name, launch.item, names[launch.item], person)
        for launch, initiators in zip(candidates, assigned, strict=True)
        for person in rankings[launch.item]
        if person.id in initiators
    ]


def ranking_depth(launches: int, limits: CampaignLimits) -> int:
    """How many people to rank for each launch, so that enough are left when others are taken."""
    taken = -(-(launches - 1) * limits.each // limits.limit)
    needed = limits.each + max(taken, 0)
    return next((depth for depth in _DEPTHS if depth >= needed), _DEPTHS[-1])


def divide_invitations(
    pairs: Sequence[LaunchPair],
    people: Sequence[Sequence[Ranked]],
    minimums: Mapping[str, int],
    limits: CampaignLimits,
) -> list[PlannedLaunch]:
    """Who is invited to which launch.

    Args:
        pairs: L launches.
        people: [L] those who may be invited to each, best first.
        minimums: Participants that each item needs, without the initiator, where known.
        limits: Of the campaign.

    """
    launches = [
        Launch(pair.initiator, pair.item, {person.id: person.probability for person in ranked})
        for pair, ranked in zip(pairs, people, strict=True)
    ]
    assigned = assign_invitations(launches, limits.each, limits.limit)
    planned = []
    for pair, ranked, ids in zip(pairs, people, assigned, strict=True):
        by_id = {person.id: person for person in ranked}
        invited = [by_id[id] for id in ids]
        minimum = minimums.get(pair.item)
        planned.append(PlannedLaunch(pair, None if minimum is None else minimum + 1, invited))
    return planned


@dataclass(frozen=True)
class CampaignSummary:
    """A campaign in numbers."""

    invitations: int
    people: int  # invited at least once
    most: int  # invitations of the person invited most often
    successes: (
        float | None
    )  # if groups go as they did so far; None where the shop has no track records
    short: int  # launches with fewer invitations than asked for


def summarize(
    planned: Sequence[PlannedLaunch], limits: CampaignLimits, records: TrackRecords
) -> CampaignSummary:
    """The campaign in numbers."""
    invitations = Counter(person.id for launch in planned for person in launch.invited)
    known = [records.of(launch.pair.item) for launch in planned]
    rates = [record.rate for record in known if record is not None]
    return CampaignSummary(
        invitations=sum(invitations.values()),
        people=len(invitations),
        most=max(invitations.values(), default=0),
        successes=sum(rates) if rates else None,
        short=sum(len(launch.invited) < limits.each for launch in planned),
    )


def campaign_table(
    planned: Sequence[PlannedLaunch], records: TrackRecords, reason_text: ReasonText
) -> pd.DataFrame:
    """One row per invitation; a launch without any has a row of its own.

    Columns: launch (its number, from 1), initiator, initiator_name, item, item_name, launch_share, why (this
    initiator), size, track_record (of the item; no column where the shop has none), invited, invited_name, spot_share,
    reasons.
    """
    rows = []
    for number, launch in enumerate(planned, 1):
        pair = launch.pair
        about: dict[str, str | int | float] = {
            "launch": number,
            "initiator": pair.initiator,
            "initiator_name": pair.initiator_name,
            "item": pair.item,
            "item_name": pair.item_name,
            "launch_share": pair.suits.probability,
            "why": reasons_text(pair.suits.reasons, reason_text),
            "size": "" if launch.size is None else launch.size,
        }
        record = records.of(pair.item)
        if record is not None:
            about["track_record"] = record.rate
        rows += [about | invitation_row(person, reason_text) for person in launch.invited] or [
            about | {"invited": "", "invited_name": "", "spot_share": "", "reasons": ""}
        ]
    return pd.DataFrame(rows)
