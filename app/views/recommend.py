"""Recommend: an initiator, the items she should launch, and who would join."""

import math

import pandas as pd
import streamlit as st

from app.initiators import card, choose
from app.joiners import joiners
from app.lists import Row, download, ranked_list
from app.onboarding import other_model, ready
from app.ranked import Filters, asked_price, items_table, shown
from app.reasons import say
from app.shell import heading, nothing, plain
from app.state import choose_item, keep_in_address, selection
from app.stores import about_user, item_frame, rank_items
from app.text import t
from app.text.numbers import count, percent, price
from engine.recommender import Recommender

LENGTHS = (10, 20, 50)
# Chances are shares of all items, so most are of few per cent.
LEAST = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


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
            least = st.select_slider(
                t("filter.probability"),
                LEAST,
                format_func=percent,
                key="least",
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
    return Filters(tuple(chosen), span, float(least), leave_out), int(want or 20)


def ranked_items(recommender: Recommender, initiator: str) -> None:
    """The filters, the table of items and its download."""
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
        return
    table = items_table(results, items, say, t("newcomer"))
    st.caption(t("items.count", shown=count(len(results)), candidates=count(ranking.candidates)))
    ranked_list(
        [Row(result, item_facts(items, result.id)) for result in results],
        selection().item,
        choose_item,
        "item",
    )
    download(table, results, "items")


def item_facts(items: pd.DataFrame, item: str) -> list[str]:
    """Category, prices and popularity in short, as far as the store knows them."""
    if item not in items.index:
        return []
    facts = items.loc[item].to_dict()
    said = [facts["category"]] if isinstance(facts["category"], str) else []
    said += [
        t(f"fact.{name}", price=price(facts[name]))
        for name in ("group_price", "price")
        if facts[name] == facts[name]
    ]
    return [*said, t("fact.successes", n=count(facts["successes"]))]


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
    ranked_items(recommender, chosen.initiator)
    if chosen.item is None:
        return
    if chosen.item not in item_frame().index:
        nothing(t("item.unknown"), t("item.unknown.next", id=plain(chosen.item)))
        return
    joiners(recommender, chosen.initiator, chosen.item)


heading(t("recommend.title"), t("recommend.lead"))
page()
