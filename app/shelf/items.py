"""The shelf: which items can be had now and which cannot, with status and stock to edit in place."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from app.auth.permissions import may_operate
from app.cached_reads import item_search, open_store
from app.frame.downloads import take_away
from app.frame.page import empty_state, escape_markdown
from app.shelf.item_lists import (
    LISTS,
    ORDERS,
    ItemFilter,
    item_states,
    lists_of,
    ordered,
    told,
)
from app.shelf.reads import shelf_items
from app.shelf.sheet import cell_text, show_last_edit, show_sheet, write_edits
from app.shelf.tables import item_table, items_to_take_away, page_of
from app.text import language, t
from app.text.numbers import count, date_and_time
from app.url_state import one_of, reset_setting, restore_setting, save_setting, whole_number
from db.importing.edits import STATUSES, Conflict, EditReport, ItemEdit, edit_items
from db.importing.staged import LARGEST_STOCK
from db.queries.shelf import QUIET_WEEKS
from db.shop_clock import shop_now

MOST_WEEKS = 520
WIDTH = 190  # pixels of a filter
NAME = "shelf"


@st.fragment
def show_items() -> None:
    """Draws the counts of each list, the filters, the list and its downloads."""
    write_edits(NAME, _write)
    items = shelf_items()
    if items.empty:
        empty_state(t("shelf.no_items"), t("shelf.no_items.next"))
        return
    now = shop_now(open_store())
    states = item_states(items, now)
    st.caption(t("shelf.lead", time=date_and_time(now, language())))
    if not any(told(items).values()):
        st.info(t("shelf.nothing_told"), icon=":material/inventory_2:")
    weeks = int(st.session_state.get("kept-shelf_weeks", QUIET_WEEKS))
    lists = lists_of(items, states, now, weeks)
    chosen = _choose_list(lists, weeks)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        passes, filters = _choose_filters(items)
        order = _choose_order()
        if chosen == "quiet":
            _choose_weeks()
    listed = ordered(items[lists[chosen] & passes], order)
    how = t("shelf.how") if may_operate() else t("shelf.readers")
    show_last_edit(NAME, "" if listed.empty else how, partial(_conflict, items))
    if listed.empty:
        _show_nothing(chosen, bool(lists[chosen].any()), items, weeks)
        return
    page, first, last = page_of(len(listed), NAME)
    show_sheet(
        NAME,
        (chosen, weeks if chosen == "quiet" else 0, filters, order, page),
        lambda: list(listed.index[first:last]),
        lambda ids: item_table(items, ids, states, language()),
        ("status", "stock"),
        _columns(),
        t("shelf.alt"),
    )
    take_away(
        t("shelf.download", n=count(len(listed))),
        partial(items_to_take_away, listed, states, language()),
        f"shelf-{chosen}",
        "shelf.column",
    )


def _choose_list(lists: Mapping[str, pd.Series], weeks: int) -> str:
    restore_setting("shelf_list", "all", one_of(LISTS))
    chosen = st.segmented_control(
        t("shelf.list"),
        LISTS,
        required=True,
        key="shelf_list",
        format_func=lambda name: (
            f"{t(f'shelf.list.{name}', weeks=weeks)} **{count(lists[name].sum())}**"
        ),
        on_change=save_setting,
        args=("shelf_list", "shelf_page"),
        label_visibility="collapsed",
    )
    return chosen or "all"


def _choose_filters(items: pd.DataFrame) -> tuple[pd.Series, ItemFilter]:
    """Draws the filters; returns [I] which items pass, and the filter."""
    text = st.text_input(
        t("shelf.search"),
        key="shelf-text",
        placeholder=t("shelf.search.hint"),
        on_change=reset_setting,
        args=("shelf_page",),
        width=WIDTH,
    )
    found = frozenset(item_search().search(text, len(items))) if text.strip() else None
    chosen = {name: _choose_among(items[name], name) for name in ("category", "brand")}
    filters = ItemFilter(found, chosen["category"], chosen["brand"])
    return filters.permitted(items), filters


def _choose_among(values: pd.Series, name: str) -> tuple[str, ...]:
    """Draws a filter by the values of a column, where it has several."""
    options = list(values.dropna().value_counts().index)
    if len(options) < 2:
        return ()
    return tuple(
        st.multiselect(
            t(f"shelf.column.{name}"),
            options,
            key=f"shelf-{name}",
            placeholder=t("shelf.any"),
            on_change=reset_setting,
            args=("shelf_page",),
            width=WIDTH,
        )
    )


def _choose_order() -> str:
    restore_setting("shelf_order", "first_seen", one_of(ORDERS))
    order: str = st.selectbox(
        t("shelf.order"),
        ORDERS,
        key="shelf_order",
        format_func=lambda name: t(f"shelf.order.{name}"),
        on_change=save_setting,
        args=("shelf_order", "shelf_page"),
        width=WIDTH,
    )
    return order


def _choose_weeks() -> None:
    restore_setting("shelf_weeks", QUIET_WEEKS, whole_number(1, MOST_WEEKS))
    st.number_input(
        t("shelf.weeks"),
        1,
        MOST_WEEKS,
        key="shelf_weeks",
        on_change=save_setting,
        args=("shelf_weeks", "shelf_page"),
        width=160,
    )


def _columns() -> dict[str, Any]:
    config = st.column_config
    shown = ("state", "on_sale_from", "on_sale_until", "launches", "last_launch")
    return {
        **{name: t(f"shelf.column.{name}") for name in (*shown, "category", "brand", "id")},
        "item": config.TextColumn(t("shelf.column.item"), pinned=True, width=240),
        "status": config.SelectboxColumn(
            t("shelf.column.status"),
            options=list(STATUSES),
            format_func=_status_words().__getitem__,
            width=105,
        ),
        "stock": config.NumberColumn(
            t("shelf.column.stock"),
            min_value=0,
            max_value=LARGEST_STOCK,
            step=1,
            width=75,
        ),
    }


def _status_words() -> dict[Any, str]:
    return {status: t(f"shelf.status.{status}") for status in STATUSES}


def _write(new: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]) -> EditReport:
    changes = [
        ItemEdit(
            id,
            now.get("status"),
            None if now.get("stock") is None else int(now["stock"]),
            {name: int(value) if name == "stock" and value is not None else value
             for name, value in seen.items()},
        )
        for id, (now, seen) in new.items()
    ]  # fmt: skip
    return edit_items(open_store(), changes)


def _conflict(items: pd.DataFrame, one: Conflict) -> str:
    name = items["name"].get(one.id)
    words = _status_words() if one.attribute == "status" else {}
    return t(
        "shelf.conflict",
        what=escape_markdown(name if isinstance(name, str) else one.id),
        column=t(f"shelf.column.{one.attribute}"),
        now=cell_text(words, one.now),
        wanted=cell_text(words, one.wanted),
    )


def _show_nothing(chosen: str, any_on_list: bool, items: pd.DataFrame, weeks: int) -> None:
    """Says why the list is empty, and what to do."""
    if any_on_list:
        empty_state(t("shelf.none_pass"), t("shelf.none_pass.next"))
        return
    needs = {"sold_out": "stock", "off": "status", "hidden": "status"}
    needs |= {"not_yet": "dates", "no_longer": "dates"}
    need = needs.get(chosen)
    if need is not None and not told(items)[need]:
        empty_state(t(f"shelf.untold.{need}"), t(f"shelf.untold.{need}.next"))
    elif chosen == "quiet" and items["last_launch"].isna().all():
        empty_state(t("shelf.no_times"), t("shelf.no_times.next"))
    else:
        empty_state(t(f"shelf.empty.{chosen}", weeks=weeks), t("shelf.empty.next"))
