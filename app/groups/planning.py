"""Planning a campaign: asking the model whom and what it takes, behind a bar, and dividing the invitations."""

from collections.abc import Callable, Sequence

import streamlit as st

from app.groups.campaign import Pair, Planned, Wishes, divide, pairs_by_item, reach
from app.shell import plain
from app.stores import item_frame, names, rank_initiators, rank_items, rank_participants
from app.text import t
from app.text.numbers import count
from engine.recommender import Recommender
from engine.results import Ranked

Told = Callable[[str, int, int], None]  # stage, done, all


def pairs_of_initiators(
    model: Recommender, initiators: Sequence[str], items: Sequence[str], wished: Wishes, told: Told
) -> list[Pair]:
    """Each initiator with her best items, among the chosen ones where there are any."""
    people = names("users", initiators)
    found, without = [], []
    for done, initiator in enumerate(initiators, 1):
        ranking = rank_items(model, initiator, wished.launches, True, tuple(items) or None)
        found += [
            Pair(initiator, people[initiator], result.id, result.name, result)
            for result in ranking.results
        ]
        if not ranking.results:
            without.append(people[initiator])
        told("items", done, len(initiators))
    if without:
        st.caption(t("campaign.without.initiators", names=plain(t("list.and").join(without))))
    return found


def pairs_of_items(
    model: Recommender, items: Sequence[str], wished: Wishes, told: Told
) -> list[Pair]:
    """Each item with its best initiators out of those who have launched before."""
    rankings: dict[str, Sequence[Ranked]] = {}
    # As many in reserve as other items may take away, up to a point.
    top = wished.launches + min(wished.launches * (len(items) - 1), 10)
    for done, item in enumerate(items, 1):
        rankings[item] = rank_initiators(model, item, top).results
        told("initiators", done, len(items))
    called = names("items", items)
    found = pairs_by_item(rankings, called, wished.launches)
    without = [called[item] for item in items if item not in {pair.item for pair in found}]
    if without:
        st.caption(t("campaign.without.items", names=plain(t("list.and").join(without))))
    return found


def planned(
    model: Recommender, initiators: Sequence[str], items: Sequence[str], wished: Wishes
) -> list[Planned]:
    """The whole campaign, behind a bar as long as the model is asked."""
    bar = st.empty()

    def told(stage: str, done: int, total: int) -> None:
        said = t(f"campaign.working.{stage}", done=count(done), all=count(total))
        bar.progress(done / total, text=said)

    if initiators:
        pairs = pairs_of_initiators(model, initiators, items, wished, told)
    else:
        pairs = pairs_of_items(model, items, wished, told)
    depth = reach(len(pairs), wished)
    people = []
    for done, pair in enumerate(pairs, 1):
        people.append(rank_participants(model, pair.initiator, pair.item, depth).results)
        told("people", done, len(pairs))
    minimums = item_frame()["min_participants"].reindex([pair.item for pair in pairs]).dropna()
    found = divide(pairs, people, {str(id): int(n) for id, n in minimums.items()}, wished)
    bar.empty()
    return found
