"""Recommend: which items an initiator should launch and who would join; or who should launch an item."""

import math
from typing import Literal

import pandas as pd
import streamlit as st

from app.cached_reads import item_frame, rank_items, track_records, user_card
from app.frame.moment import show_moment
from app.frame.page import empty_state, escape_markdown, heading
from app.model_quality import order_alone
from app.onboarding import require_model, show_other_model_note
from app.recommending.initiator_search import search_initiators, show_initiator_card
from app.recommending.item_search import item_facts, search_items, show_item_card
from app.recommending.never_again import show_last_said, show_never_launch
from app.recommending.on_the_shelf import (
    item_note,
    show_left_out,
    show_unasked,
    show_unavailable,
    showing_all,
    with_moment_and_shelf,
)
from app.recommending.ranked_initiators import show_ranked_initiators
from app.recommending.ranked_list import Row, download_list, show_ranked_list
from app.recommending.ranked_participants import show_ranked_participants
from app.recommending.tables import Filters, items_table, price_to_pay, rank_filtered
from app.text import sentences, t
from app.text.numbers import count, percent, price
from app.text.reasons import reason_text
from app.url_state import (
    Selection,
    choose_item,
    choose_start,
    one_of,
    pin_model,
    restore_setting,
    save_setting,
    selection,
    show_in_widget,
)
from db.logs import Task
from engine.candidates import Question
from engine.recommender import Recommender

LENGTHS = (10, 20, 50)
SHOWN = 20
ADDRESS: Literal["query-params"] = "query-params"  # Streamlit keeps these filters in the address
# All items share the launches of one initiator, so most shares are small.
LEAST = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def show_filters(recommender: Recommender, items: pd.DataFrame) -> tuple[Filters, int]:
    """Draws the filters; one that the shop's data cannot serve is left out. Returns them and the list's length.

    Whether items launched before are left out follows from what the model was trained for, until somebody switches it.
    """
    categories = sorted(items["category"].dropna().unique())
    prices = price_to_pay(items)
    lowest, highest = prices.min(), prices.max()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        leave_out = st.toggle(
            t("filter.leave_out"),
            value=recommender.question is Question.NEW,
            key="leave_out",
            help=t("filter.leave_out.help", repeats=percent(recommender.manifest.repeats)),
            bind=ADDRESS,
        )
        with st.popover(t("filter.more"), icon=":material/filter_alt:"):
            chosen = (
                st.multiselect(
                    t("filter.category"),
                    categories,
                    key="categories",
                    placeholder=t("filter.category.all"),
                    bind=ADDRESS,
                )
                if categories
                else []
            )
            span = None
            if lowest < highest:  # also false where no price is known
                low, high = math.floor(lowest), math.ceil(highest)
                picked = st.slider(
                    t("filter.price"),
                    low,
                    high,
                    (low, high),
                    key="price",
                    format="¥%.0f",
                    bind=ADDRESS,
                )
                span = None if picked == (low, high) else picked
            least = st.select_slider(
                t("filter.probability"),
                LEAST,
                format_func=percent,
                key="least",
                help=t("filter.probability.help"),
                bind=ADDRESS,
            )
            # Inside: the browser does not hear of values that are set while the popover is closed, and would send the
            # old ones back with the next click.
            st.button(
                t("filter.clear"),
                icon=":material/filter_alt_off:",
                key="clear_filters",
                type="tertiary",
                on_click=_clear_filters,
                args=(items,),
            )
        restore_setting("length", SHOWN, one_of(LENGTHS))
        want = st.segmented_control(
            t("filter.length"),
            LENGTHS,
            required=True,
            key="length",
            format_func=lambda length: t("filter.top", n=length),
            label_visibility="collapsed",
            on_change=save_setting,
            args=("length",),
        )
    return Filters(tuple(chosen), span, float(least), leave_out), int(want or SHOWN)


def show_ranked_items(recommender: Recommender, initiator: str) -> None:
    """Draws the filters, the ranked items and their download."""
    items = item_frame()
    chosen, want = show_filters(recommender, items)
    everything = showing_all()
    ranking, results = rank_filtered(
        lambda top: rank_items(
            recommender, initiator, top, chosen.leave_out_launched, show_all=everything
        ),
        chosen,
        items,
        want,
    )
    if chosen.narrows():
        _show_active_filters(chosen)
    if not results:
        empty_state(t("items.none"), t("items.none.next"))
        show_left_out(ranking.left_out)
        return
    table = items_table(results, items, track_records(), reason_text, t("new_to_model"))
    how = t("items.count", shown=count(len(results)), candidates=count(ranking.candidates))
    st.caption(sentences(how, t("share.items.lead")), help=t("share.items.help"))
    if order_alone(recommender.manifest, Task.ITEMS, ranking.question):
        st.caption(t("share.order"))
    show_left_out(ranking.left_out)
    show_last_said("items")
    show_ranked_list(
        Task.ITEMS,
        [Row(result, item_facts(items, result.id), item_note(result.id)) for result in results],
        selection().item,
        choose_item,
        "item",
        show_never_launch,
    )
    listed = with_moment_and_shelf(table, [result.id for result in results])
    download_list(listed, results, "items")


def _show_active_filters(chosen: Filters) -> None:
    """Draws the filters that narrow the list."""
    parts = list(chosen.categories)
    if chosen.price is not None:
        parts.append("–".join(price(bound) for bound in chosen.price))
    if chosen.minimum_probability > 0:
        parts.append(t("filter.in_force.least", chance=percent(chosen.minimum_probability)))
    st.caption(escape_markdown(t("filter.in_force", filters=t("list.dot").join(parts))))


def _clear_filters(items: pd.DataFrame) -> None:
    st.session_state["categories"], st.session_state["least"] = [], LEAST[0]
    prices = price_to_pay(items)
    if "price" in st.session_state:
        st.session_state["price"] = (math.floor(prices.min()), math.ceil(prices.max()))


def start_from_initiator(recommender: Recommender, chosen: Selection) -> None:
    """Draws the way from the search for an initiator to the participants."""
    search_initiators()
    if chosen.initiator is None:
        empty_state(t("initiator.none"), t("initiator.none.next"))
        return
    about = user_card(chosen.initiator)
    if about is None:
        empty_state(
            t("initiator.unknown"),
            t("initiator.unknown.next", id=escape_markdown(chosen.initiator)),
        )
        return
    show_initiator_card(about, rank_items(recommender, chosen.initiator, 20).initiator_newcomer)
    show_unasked(chosen.initiator)
    st.header(t("items.title"), anchor=False)
    show_ranked_items(recommender, chosen.initiator)
    if chosen.item is None:
        return
    if chosen.item not in item_frame().index:
        empty_state(t("item.unknown"), t("item.unknown.next", id=escape_markdown(chosen.item)))
        return
    show_ranked_participants(recommender, chosen.initiator, chosen.item)


def start_from_item(recommender: Recommender, chosen: Selection) -> None:
    """Draws the way from the search for an item to its initiators."""
    search_items()
    items = item_frame()
    if chosen.item is None:
        empty_state(t("initiators.item.none"), t("initiators.item.none.next"))
        return
    if chosen.item not in items.index:
        empty_state(
            t("item.unknown"), t("initiators.item.unknown.next", id=escape_markdown(chosen.item))
        )
        return
    show_item_card(items, chosen.item, recommender.knows_no_item(chosen.item))
    show_unavailable(chosen.item)
    show_ranked_initiators(recommender, chosen.item)


def start_switch() -> str:
    """Draws the switch between the two ways through the page and returns the chosen one."""
    kinds = {"initiator": t("initiators.start.initiator"), "item": t("initiators.start.item")}
    show_in_widget("start", "item" if selection().start == "item" else "initiator")
    chosen = st.segmented_control(
        t("initiators.start"),
        list(kinds),
        format_func=kinds.__getitem__,
        key="start",
        required=True,
        on_change=_start_chosen,
        label_visibility="collapsed",
    )
    return str(chosen)


def _start_chosen() -> None:
    choose_start("item" if st.session_state["start"] == "item" else None)


def page() -> None:
    """Draws the page."""
    recommender = require_model()
    if recommender is None:
        return
    chosen = pin_model(recommender.version)
    show_other_model_note(recommender.version)
    show_moment()
    if start_switch() == "item":
        start_from_item(recommender, chosen)
    else:
        start_from_initiator(recommender, chosen)


heading(
    t("recommend.title"),
    t("initiators.lead" if selection().start == "item" else "recommend.lead"),
)
page()
