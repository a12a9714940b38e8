"""Finding an item to launch by search, among bestsellers or among random ones; and the item's card."""

import numpy as np
import pandas as pd
import streamlit as st

from app.cached_reads import item_frame, item_search, track_records
from app.caching import availability
from app.frame.page import escape_markdown
from app.recommending.initiator_search import distinct_names, show_pills
from app.recommending.track_record_section import (
    show_gap,
    track_record_fact,
    track_record_metric,
)
from app.text import t
from app.text.numbers import count, price
from app.url_state import choose_item_to_launch, selection

MATCHES = 10
SUGGESTIONS = 6


def search_items() -> None:
    """Draws the search box with its matches, or bestsellers or random items where nothing is typed."""
    items = item_frame()
    box, suggestions = st.columns([2, 3], vertical_alignment="bottom", gap="medium")
    with box:
        text = (
            st.text_input(
                t("initiators.search.label"),
                type="search",
                key="item_search",
                placeholder=t("initiators.search.placeholder"),
                icon=":material/search:",
                live="250ms",
            )
            or ""
        ).strip()
    if text:
        with st.spinner(t("initiators.search.first")):  # the index of names takes seconds to build
            found = item_search().search(text, MATCHES)
        if found:
            _show_items(items, found, "items-found", t("search.matches"))
        else:
            st.info(
                t("initiators.search.none", text=escape_markdown(text)),
                icon=":material/search_off:",
            )
        return
    with suggestions:
        kinds = {"popular": t("initiators.popular"), "random": t("search.random")}
        kind = st.segmented_control(
            t("search.suggestions"),
            list(kinds),
            format_func=kinds.__getitem__,
            default="popular",
            required=True,
            key="item_suggestions",
            label_visibility="collapsed",
        )
        if kind == "random":
            st.button(
                t("search.shuffle"), icon=":material/casino:", key="item_shuffle", on_click=_shuffle
            )
    if kind == "random":
        drawn = np.random.default_rng(st.session_state.get("item_seed", 0))
        index = on_the_shelf(items).index
        ids = drawn.choice(index, min(SUGGESTIONS, len(index)), replace=False).tolist()
    else:
        ids = bestsellers(items, SUGGESTIONS)
    _show_items(items, ids, f"items-{kind}", t("search.suggestions"))


def _show_items(items: pd.DataFrame, ids: list[str], key: str, label: str) -> None:
    show_pills(
        distinct_names({id: item_name(items, id) for id in ids}),
        key,
        label,
        selection().item,
        choose_item_to_launch,
    )


def _shuffle() -> None:
    st.session_state["item_seed"] = st.session_state.get("item_seed", 0) + 1


def on_the_shelf(items: pd.DataFrame) -> pd.DataFrame:
    """The items that can be had at the moment."""
    return items.drop(index=list(availability().shelf.unavailable), errors="ignore")


def bestsellers(items: pd.DataFrame, n: int) -> list[str]:
    """The ``n`` items that can be had with the most successful groups; among equals those with the most launches."""
    sold = on_the_shelf(items).sort_values(
        ["successes", "launches"], ascending=False, kind="stable"
    )
    return sold.index[:n].tolist()


def item_name(items: pd.DataFrame, item: str) -> str:
    """The item's name; its id where the store has none."""
    name = items.loc[item, "name"]
    return name if isinstance(name, str) else item


def item_facts(items: pd.DataFrame, item: str) -> list[str]:
    """Category, prices and track record in short, as far as they are known; without a record, the successful groups."""
    if item not in items.index:
        return []
    facts = items.loc[item].to_dict()
    parts = [facts["category"]] if isinstance(facts["category"], str) else []
    parts += [
        t(f"fact.{name}", price=price(facts[name]))
        for name in ("group_price", "price")
        if facts[name] == facts[name]
    ]
    record = track_records().of(item)
    sold = t("fact.successes", n=count(facts["successes"]))
    return [*parts, sold if record is None else track_record_fact(record)]


def show_item_card(items: pd.DataFrame, item: str, cold: bool) -> None:
    """Draws the item's category, prices, launches, track record and minimum group size.

    ``cold`` marks an item that the model has not learned about.
    """
    facts = items.loc[item].to_dict()
    records = track_records()
    record = records.of(item)
    with st.container(border=True):
        mark = f" :gray-badge[{t('new_to_model')}]" if cold else ""
        name = item_name(items, item)
        heading = t("initiators.card.bare", id=item) if name == item else name
        st.markdown(f"## {escape_markdown(heading)}{mark}")
        if isinstance(facts["category"], str):
            st.caption(escape_markdown(facts["category"]))
        cells = [
            (t("card.launches"), count(facts["launches"]), t("initiators.card.launches.help")),
            *([] if record is None else [track_record_metric(record)]),
            (t("card.joins"), count(facts["joins"]), t("initiators.card.joins.help")),
        ]
        if pd.notna(facts["min_participants"]):
            people = count(int(facts["min_participants"]) + 1)
            cells.append((t("initiators.card.minimum"), people, t("initiators.card.minimum.help")))
        cells += [
            (t(f"column.{name}"), price(facts[name]), "")
            for name in ("group_price", "price")
            if facts[name] == facts[name]
        ]
        # A row that wraps: columns would cut labels off on narrow screens.
        with st.container(horizontal=True, gap="medium"):
            for name, value, help_text in cells:
                st.metric(name, value, help=help_text or None, width="content")
        show_gap(records)
        if cold:
            st.caption(t("new_to_model.item.help"))
