"""Recommend: an initiator, the items she should launch, and who would join."""

import pandas as pd
import streamlit as st
from engine.recommender import Recommender

from app.downloads import csv_bytes
from app.initiators import card, choose
from app.joiners import joiners
from app.onboarding import ready, unknown_initiator
from app.ranked import Filters, asked_price, items_table, shown
from app.reasons import say
from app.shell import heading, nothing, plain
from app.state import choose_item, keep_in_address, selection
from app.stores import item_frame, rank_items, user_known
from app.tables import ranked_frame
from app.text import t
from app.text.numbers import count

LENGTHS = (10, 20, 50, 100)
ROW, HEADER = 54, 36  # pixels: two lines of reasons, the heading of the table


def filters(items: pd.DataFrame) -> tuple[Filters, int]:
    """The filters' row; a filter that the shop's data cannot serve is not offered."""
    categories = sorted(items["category"].dropna().unique())
    prices = [price for price in map(asked_price, items.to_dict("records")) if price is not None]
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
            if prices and min(prices) < max(prices):
                low, high = float(int(min(prices))), float(int(max(prices)) + 1)
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


def ranked_items(recommender: Recommender, initiator: str) -> None:
    """The filters, the table of items and its download."""
    items = item_frame()
    wanted, want = filters(items)
    attributes = items[["category", "price", "group_price"]]
    ranking, results = shown(
        lambda top: rank_items(recommender, initiator, top, wanted.leave_out_launched),
        wanted,
        lambda item: attributes.loc[item].to_dict() if item in attributes.index else None,
        want,
        len(items),
    )
    if not results:
        nothing(t("items.none"), t("items.none.next"))
        return
    table = items_table(results, items, say, t("newcomer"))
    st.caption(t("items.count", shown=count(len(results)), candidates=count(ranking.candidates)))
    about = f"{ranking.model}/{initiator}"
    ranked_frame(table, results, selection().item, choose_item, about, 6)
    st.download_button(
        t("download"),
        csv_bytes(table.assign(id=[result.id for result in results])),
        file_name="items.csv",
        mime="text/csv",
        icon=":material/download:",
        key="download-items",
        on_click="ignore",
    )
    if selection().item is None:
        st.info(t("items.select"), icon=":material/touch_app:")


def page() -> None:
    """The whole page, from the search box down to the participants."""
    recommender = ready()
    if recommender is None:
        return
    chosen = keep_in_address(recommender.version)
    choose()
    if chosen.initiator is None:
        nothing(t("initiator.none"), t("initiator.none.next"))
        return
    if not user_known(chosen.initiator):
        unknown_initiator(chosen.initiator)
        return
    card(chosen.initiator, rank_items(recommender, chosen.initiator, 20, True).initiator_newcomer)
    st.markdown(f"## {t('items.title')}")
    ranked_items(recommender, chosen.initiator)
    if chosen.item is None:
        return
    if chosen.item not in item_frame().index:
        nothing(t("item.unknown"), t("item.unknown.next", id=plain(chosen.item)))
        return
    joiners(recommender, chosen.initiator, chosen.item)


heading(t("recommend.title"), t("recommend.lead"))
page()
