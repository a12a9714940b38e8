"""People on the Data page: who must not be asked, edited in place, and forgetting somebody for good."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from app.auth.permissions import may_operate
from app.cached_reads import entity_names, open_store
from app.frame.downloads import take_away
from app.frame.page import empty_state, escape_markdown
from app.shelf.forgetting import show_forgetting
from app.shelf.reads import cities, count_people, told_of_people
from app.shelf.sheet import cell_text, show_last_edit, show_sheet, write_edits
from app.shelf.tables import page_of, people_table, people_to_take_away
from app.text import language, t
from app.text.numbers import count
from app.url_state import one_of, reset_setting, restore_setting, save_setting
from db.importing.edits import Conflict, EditReport, UserEdit, edit_users
from db.queries import shelf_lists
from db.queries.shelf_lists import PeopleFilter, PeopleOrder

LISTS = ("unasked", "everybody")
ORDERS: tuple[PeopleOrder, ...] = ("first_seen", "name", "city")
WIDTH = 190  # pixels of a filter
NAME = "people"


@st.fragment
def show_people() -> None:
    """Draws the counts, the filters, the list and its downloads; beneath them what forgets a person."""
    write_edits(NAME, _write)
    if not count_people(PeopleFilter()):
        empty_state(t("people.nobody"), t("people.nobody.next"))
        return
    st.caption(t("people.lead"))
    chosen = _choose_list()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        filters = _choose_filters(chosen)
        order = _choose_order()
    listed = count_people(filters)
    how = t("people.how") if may_operate() else t("shelf.readers")
    show_last_edit(NAME, how if listed else "", _conflict)
    if listed:
        _show_list(filters, order, listed)
    else:
        _show_nothing(filters)
    if may_operate():
        show_forgetting()


def _show_list(filters: PeopleFilter, order: PeopleOrder, listed: int) -> None:
    page, first, last = page_of(listed, NAME)
    store, told = open_store(), told_of_people()
    show_sheet(
        NAME,
        (filters, order, page),
        lambda: list(shelf_lists.people(store, filters, order, first, last - first).index),
        lambda ids: people_table(shelf_lists.people_with_ids(store, ids), told),
        ("contactable",),
        _columns(),
        t("people.alt"),
    )
    take_away(
        t("people.download", n=count(listed)),
        partial(_all, filters, order, language()),
        "people-not-to-ask" if filters.unasked else "people",
        "people.column",
    )


def _all(filters: PeopleFilter, order: PeopleOrder, tongue: str) -> pd.DataFrame:
    return people_to_take_away(shelf_lists.people(open_store(), filters, order), tongue)


def _choose_list() -> str:
    restore_setting("people_list", "unasked", one_of(LISTS))
    sizes = {
        "unasked": count_people(PeopleFilter(unasked=True)),
        "everybody": count_people(PeopleFilter()),
    }
    chosen = st.segmented_control(
        t("people.list"),
        LISTS,
        required=True,
        key="people_list",
        format_func=lambda name: f"{t(f'people.list.{name}')} **{count(sizes[name])}**",
        on_change=save_setting,
        args=("people_list", "people_page"),
        label_visibility="collapsed",
    )
    return chosen or "unasked"


def _choose_filters(chosen: str) -> PeopleFilter:
    text = st.text_input(
        t("people.search"),
        key="people-text",
        placeholder=t("people.search.hint"),
        on_change=reset_setting,
        args=("people_page",),
        width=WIDTH,
    )
    among: list[str] = []
    if options := cities():
        among = st.multiselect(
            t("people.column.city"),
            options,
            key="people-city",
            placeholder=t("shelf.any"),
            on_change=reset_setting,
            args=("people_page",),
            width=WIDTH,
        )
    return PeopleFilter(chosen == "unasked", text.strip(), tuple(among))


def _choose_order() -> PeopleOrder:
    orders = ORDERS if cities() else ORDERS[:2]
    restore_setting("people_order", "first_seen", one_of(orders))
    order: PeopleOrder = st.selectbox(
        t("shelf.order"),
        orders,
        key="people_order",
        format_func=lambda name: t(f"people.order.{name}"),
        on_change=save_setting,
        args=("people_order", "people_page"),
        width=WIDTH,
    )
    return order


def _columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "person": config.TextColumn(t("people.column.person"), pinned=True, width=170),
        "contactable": config.SelectboxColumn(
            t("people.column.contactable"),
            options=list(_words()),
            format_func=_words().__getitem__,
            width=120,
        ),
        **{name: t(f"people.column.{name}") for name in ("city", "tags", "id")},
    }


def _words() -> dict[Any, str]:
    return {said: t(f"people.contactable.{said}") for said in ("yes", "no")}


def _write(new: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]) -> EditReport:
    means = {"yes": True, "no": False, None: None}
    changes = [
        UserEdit(
            id, now["contactable"] == "yes", {"contactable": means[seen["contactable"]]}
        )
        for id, (now, seen) in new.items()
    ]  # fmt: skip
    return edit_users(open_store(), changes)


def _conflict(one: Conflict) -> str:
    words = {True: t("people.contactable.yes"), False: t("people.contactable.no")}
    return t(
        "shelf.conflict",
        what=escape_markdown(entity_names("users", [one.id])[one.id]),
        column=t("people.column.contactable"),
        now=cell_text(words, one.now),
        wanted=cell_text(words, one.wanted),
    )


def _show_nothing(filters: PeopleFilter) -> None:
    """Says why nobody is listed, and what to do."""
    if filters.text or filters.cities:
        empty_state(t("people.none_pass"), t("people.none_pass.next"))
    elif "contactable" in told_of_people():
        empty_state(t("people.none"), t("people.none.next"))
    else:
        empty_state(t("people.untold"), t("people.untold.next"))
