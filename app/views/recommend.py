"""Recommend: an initiator, the items she should launch, and who would join."""

import math

import pandas as pd
import streamlit as st
from engine.recommender import Recommender

from app.initiators import card, choose
from app.joiners import joiners
from app.onboarding import other_model, ready
from app.ranked import Filters, asked_price, items_table, position, shown
from app.reasons import say
from app.shell import heading, nothing, plain
from app.state import choose_item, keep_in_address, selection
from app.stores import about_user, item_frame, rank_items
from app.tables import download, ranked_frame
from app.text import t
from app.text.numbers import count
from engine.results import Ranked

LENGTHS = (10, 20, 50, 100)


def filters(items: pd.DataFrame) -> tuple[Filters, int]:
    """The filters' row; a filter that the shop's data cannot serve is not offered."""
    categories = sorted(items["category"].dropna().unique())
    prices = asked_price(items)
    lowest, highest = prices.min(), prices.max()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        leave_out = st.toggle(
            t("filter.leave_out"), value=True, key="leave_out", help=t("filter.leave_out.help")
        )
        with st.popover(t("filter.more"), icon=":material/filter_alt:"):
            chosen = (
                st.multiselect(
                    t("filter.category"),
                    categories,
                    key="categories",
                    placeholder=t("filter.category.all"),
                )
                if categories
                else []
            )
            span = None
            if lowest < highest:  # also false where no price is known
                low, high = math.floor(lowest), math.ceil(highest)
                picked = st.slider(
                    t("filter.price"), low, high, (low, high), key="price", format="¥%.0f"
                )
                span = None if picked == (low, high) else picked
            least = st.slider(
                t("filter.probability"),
                0,
                100,
                0,
                key="least",
                format="%d%%",
                help=t("filter.probability.help"),
            )
        want = st.segmented_control(
            t("filter.length"),
            LENGTHS,
            default=20,
            required=True,
            key="length",
            format_func=lambda length: t("filter.top", n=length),
            label_visibility="collapsed",
        )
    return Filters(tuple(chosen), span, least / 100, leave_out), int(want or 20)


def ranked_items(recommender: Recommender, initiator: str) -> list[Ranked]:
    """The filters, the table of items and its download; what it shows comes back."""
    items = item_frame()
    wanted, want = filters(items)
    ranking, results = shown(
        lambda top: rank_items(recommender, initiator, top, wanted.leave_out_launched),
        wanted,
        items,
        want,
    )
    if not results:
        nothing(t("items.none"), t("items.none.next"))
        return []
    table = items_table(results, items, say, t("newcomer"))
    # Beside the group price the old price waits in the download: the reasons need the room.
    seen = table.drop(columns="price") if "group_price" in table else table
    st.caption(t("items.count", shown=count(len(results)), candidates=count(ranking.candidates)))
    about = f"{ranking.model}/{initiator}"
    ranked_frame(seen, results, selection().item, choose_item, about, 6)
    download(table, results, "items")
    if selection().item is None:
        st.info(t("items.select"), icon=":material/touch_app:")
    return results


def page() -> None:
    """The whole page, from the search box down to the participants."""
    recommender = ready()
    if recommender is None:
        return
    chosen = keep_in_address(recommender.version)
    other_model(recommender.version)
    choose()
    if chosen.initiator is None:
        nothing(t("initiator.none"), t("initiator.none.next"))
        return
    about = about_user(chosen.initiator)
    if about is None:
        nothing(t("initiator.unknown"), t("initiator.unknown.next", id=plain(chosen.initiator)))
        return
    card(about, rank_items(recommender, chosen.initiator, 20, True).initiator_newcomer)
    st.header(t("items.title"), anchor=False)
    results = ranked_items(recommender, chosen.initiator)
    if chosen.item is None:
        return
    if chosen.item not in item_frame().index:
        nothing(t("item.unknown"), t("item.unknown.next", id=plain(chosen.item)))
        return
    row = position(results, chosen.item)
    reasons = [] if row is None else results[row].reasons
    joiners(recommender, chosen.initiator, chosen.item, reasons)


heading(t("recommend.title"), t("recommend.lead"))
page()
