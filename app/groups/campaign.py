"""A campaign: who launches what, and whom each invites, within a limit for everybody.

Pure functions of rankings; the page asks the model for them.


Planning a campaign: asking the model whom and what it takes, behind a bar, and dividing the invitations.
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
from app.recommending.filling import fill_probability
from app.recommending.tables import Say, reasons_text
from app.text import t
from app.text.numbers import count
from engine.recommender import Recommender
from engine.results import Ranked

MAX_LAUNCHES = 50  # of a campaign: each asks the model for a ranking of all users
MAX_ITEMS = 20  # where initiators are looked for: each item asks for some forty rankings
_DEPTHS = (50, 100, 200)  # people ranked for a launch; few lengths, so that answers can be kept


@dataclass(frozen=True)
class CampaignLimits:
    """What a merchandiser asks of a campaign."""

    launches: int = 1  # items per initiator; where items alone are chosen, initiators per item
    each: int = 10  # invitations per group
    limit: int = 2  # invitations per person, over the whole campaign
    size: int | None = None  # people in a group; None means each item's own minimum


@dataclass(frozen=True)
class LaunchPair:
    """An initiator and an item that she may launch."""

    initiator: str
    initiator_name: str
    item: str
    item_name: str
    suits: Ranked  # the item for the initiator, or the initiator for the item


@dataclass(frozen=True)
class PlannedLaunch:
    """One launch of the campaign."""

    pair: LaunchPair
    size: int | None  # people it needs, the initiator included; None where nobody says
    invited: Sequence[Ranked]  # the likeliest first
    chance: float | None  # that it fills; None where its size is unknown


def assign_initiators(
    rankings: Mapping[str, Sequence[Ranked]], names: Mapping[str, str], launches: int
) -> list[LaunchPair]:
    """The best initiators of each item; nobody launches more than one.

    Where several items want the same initiator, she launches the one that lets the most launches
    be expected in all.

    Args:
        rankings: Initiators by item, best first.
        names: Names of the items by id.
        launches: Initiators per item.

    """
    wanted = [
        Launch("", item, {person.id: person.probability for person in people})
        for item, people in rankings.items()
    ]
    given = assign_invitations(wanted, launches, 1)
    return [
        LaunchPair(person.id, person.name, launch.item, names[launch.item], person)
        for launch, chosen in zip(wanted, given, strict=True)
        for person in rankings[launch.item]
        if person.id in chosen
    ]


def ranking_depth(launches: int, wishes: CampaignLimits) -> int:
    """How many people to rank for each launch, so that enough are left when others are taken."""
    taken = -(-(launches - 1) * wishes.each // wishes.limit)
    needed = wishes.each + max(taken, 0)
    return next((depth for depth in _DEPTHS if depth >= needed), _DEPTHS[-1])


def divide_invitations(
    pairs: Sequence[LaunchPair],
    people: Sequence[Sequence[Ranked]],
    minimums: Mapping[str, int],
    wishes: CampaignLimits,
) -> list[PlannedLaunch]:
    """Who is invited to which launch, and how likely each fills with them.

    Args:
        pairs: L launches.
        people: [L] those who may be invited to each, best first.
        minimums: Participants that each item needs, the initiator left out, where it is known.
        wishes: The limits.

    """
    wanted = [
        Launch(pair.initiator, pair.item, {person.id: person.probability for person in ranked})
        for pair, ranked in zip(pairs, people, strict=True)
    ]
    planned = []
    for pair, ranked, chosen in zip(
        pairs, people, assign_invitations(wanted, wishes.each, wishes.limit), strict=True
    ):
        known = {person.id: person for person in ranked}
        invited = [known[id] for id in chosen]
        needed = minimums.get(pair.item) if wishes.size is None else wishes.size - 1
        chances = [person.probability for person in invited]
        planned.append(
            PlannedLaunch(
                pair=pair,
                size=None if needed is None else needed + 1,
                invited=invited,
                chance=None if needed is None else fill_probability(chances, needed),
            )
        )
    return planned


@dataclass(frozen=True)
class CampaignSummary:
    """What a campaign comes to."""

    invitations: int
    people: int  # who get one or more
    most: int  # invitations of whoever gets most
    joins: float  # that can be expected
    filled: float | None  # groups that can be expected to fill; None where no size is known
    short: int  # launches with fewer invitations than wished for


def summarize(planned: Sequence[PlannedLaunch], wishes: CampaignLimits) -> CampaignSummary:
    """The campaign in numbers."""
    asked = Counter(person.id for launch in planned for person in launch.invited)
    chances = [launch.chance for launch in planned if launch.chance is not None]
    return CampaignSummary(
        invitations=sum(asked.values()),
        people=len(asked),
        most=max(asked.values(), default=0),
        joins=sum(person.probability for launch in planned for person in launch.invited),
        filled=sum(chances) if chances else None,
        short=sum(len(launch.invited) < wishes.each for launch in planned),
    )


def campaign_table(planned: Sequence[PlannedLaunch], say: Say) -> pd.DataFrame:
    """One row an invitation; a launch without any has a row of its own.

    Columns: launch (its number, from 1), initiator, initiator_name, item, item_name, launches (the
    chance that she launches it), why (she), size, fills, invited, invited_name, joins, reasons.
    """
    rows = []
    for number, launch in enumerate(planned, 1):
        pair = launch.pair
        about = {
            "launch": number,
            "initiator": pair.initiator,
            "initiator_name": pair.initiator_name,
            "item": pair.item,
            "item_name": pair.item_name,
            "launches": pair.suits.probability,
            "why": reasons_text(pair.suits.reasons, say),
            "size": "" if launch.size is None else launch.size,
            "fills": "" if launch.chance is None else launch.chance,
        }
        rows += [
            about
            | {
                "invited": person.id,
                "invited_name": person.name,
                "joins": person.probability,
                "reasons": reasons_text(person.reasons, say),
            }
            for person in launch.invited
        ] or [about | {"invited": "", "invited_name": "", "joins": "", "reasons": ""}]
    return pd.DataFrame(rows)


ReportProgress = Callable[[str, int, int], None]  # stage, done, all


def pairs_for_initiators(
    model: Recommender,
    initiators: Sequence[str],
    items: Sequence[str],
    wished: CampaignLimits,
    told: ReportProgress,
) -> list[LaunchPair]:
    """Each initiator with her best items, among the chosen ones where there are any."""
    people = entity_names("users", initiators)
    found, without = [], []
    for done, initiator in enumerate(initiators, 1):
        ranking = rank_items(model, initiator, wished.launches, True, tuple(items) or None)
        found += [
            LaunchPair(initiator, people[initiator], result.id, result.name, result)
            for result in ranking.results
        ]
        if not ranking.results:
            without.append(people[initiator])
        told("items", done, len(initiators))
    if without:
        st.caption(
            t("campaign.without.initiators", names=escape_markdown(t("list.and").join(without)))
        )
    return found


def pairs_for_items(
    model: Recommender, items: Sequence[str], wished: CampaignLimits, told: ReportProgress
) -> list[LaunchPair]:
    """Each item with its best initiators out of those who have launched before."""
    rankings: dict[str, Sequence[Ranked]] = {}
    # As many in reserve as other items may take away, up to a point.
    top = wished.launches + min(wished.launches * (len(items) - 1), 10)
    for done, item in enumerate(items, 1):
        rankings[item] = rank_initiators(model, item, top).results
        told("initiators", done, len(items))
    called = entity_names("items", items)
    found = assign_initiators(rankings, called, wished.launches)
    without = [called[item] for item in items if item not in {pair.item for pair in found}]
    if without:
        st.caption(t("campaign.without.items", names=escape_markdown(t("list.and").join(without))))
    return found


def plan_campaign(
    model: Recommender, initiators: Sequence[str], items: Sequence[str], wished: CampaignLimits
) -> list[PlannedLaunch]:
    """The whole campaign, behind a bar as long as the model is asked."""
    bar = st.empty()

    def told(stage: str, done: int, total: int) -> None:
        said = t(f"campaign.working.{stage}", done=count(done), all=count(total))
        bar.progress(done / total, text=said)

    if initiators:
        pairs = pairs_for_initiators(model, initiators, items, wished, told)
    else:
        pairs = pairs_for_items(model, items, wished, told)
    depth = ranking_depth(len(pairs), wished)
    people = []
    for done, pair in enumerate(pairs, 1):
        people.append(rank_participants(model, pair.initiator, pair.item, depth).results)
        told("people", done, len(pairs))
    minimums = item_frame()["min_participants"].reindex([pair.item for pair in pairs]).dropna()
    found = divide_invitations(
        pairs, people, {str(id): int(n) for id, n in minimums.items()}, wished
    )
    bar.empty()
    return found
