"""Campaign: several initiators or items at once, who launches what, and whom each invites."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.frame.downloads import csv_bytes
from app.frame.page import empty_state, heading
from app.groups.campaign import (
    MAX_ITEMS,
    MAX_LAUNCHES,
    CampaignLimits,
    PlannedLaunch,
    campaign_table,
    plan_campaign,
    summarize,
)
from app.groups.cards import show_launch_card
from app.groups.choosers import choose_ids
from app.onboarding import require_model, show_other_model_note
from app.text import t
from app.text.numbers import count, expected_count
from app.text.reasons import reason_text
from app.url_state import pin_model, restore_setting, save_setting, whole_number

A_PAGE = 10
# The table on the page: who asks whom first; ids, which the download has as well, last.
FIRST_LOOK = (
    "launch",
    "initiator_name",
    "item_name",
    "invited_name",
    "joins",
    "fills",
    "size",
    "launches",
    "reasons",
    "why",
    "initiator",
    "item",
    "invited",
)
LEAST = {"size": 2}  # of the limits; 1 for the others


def number(label: str, key: str, most: int, usual: int | None, width: int, **more: Any) -> Any:
    """One of the limits as a box whose value the address keeps."""
    least = LEAST.get(key, 1)
    restore_setting(key, usual, whole_number(least, most))
    return st.number_input(
        label, least, most, key=key, on_change=save_setting, args=(key,), width=width, **more
    )


def wishes(by_initiator: bool) -> CampaignLimits:
    """The limits."""
    kind = "initiator" if by_initiator else "item"
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        launches = number(t(f"campaign.launches.{kind}"), "launches", 5, 1, 170)
        each = number(t("campaign.invite"), "invite", 20, 10, 170)
        limit = number(t("campaign.limit"), "limit", 20, 2, 170, help=t("campaign.limit.help"))
        size = number(
            t("campaign.size"),
            "size",
            100,
            None,
            210,
            value=None,
            placeholder=t("campaign.size.own"),
            help=t("campaign.size.help"),
        )
    return CampaignLimits(int(launches), int(each), int(limit), None if size is None else int(size))


def figures(found: Sequence[PlannedLaunch], wished: CampaignLimits) -> None:
    """What the campaign comes to."""
    seen = summarize(found, wished)
    cells = [
        (t("campaign.figure.launches"), count(len(found)), ""),
        (t("campaign.figure.invitations"), count(seen.invitations), ""),
        (
            t("campaign.figure.people"),
            count(seen.people),
            t("campaign.figure.people.help", most=seen.most),
        ),
        (t("campaign.figure.joins"), expected_count(seen.joins), t("campaign.figure.joins.help")),
    ]
    if seen.filled is not None:
        cells.append(
            (
                t("campaign.figure.fills"),
                expected_count(seen.filled),
                t("campaign.figure.fills.help"),
            )
        )
    with st.container(horizontal=True, gap="medium"):
        for name, value, help_text in cells:
            st.metric(name, value, help=help_text or None, width="content")
    st.caption(t("campaign.division", limit=wished.limit))
    if seen.short:
        st.caption(t("campaign.short", n=count(seen.short)))
    if any(launch.size is None for launch in found):
        st.caption(t("campaign.no_size"))


def shown(found: Sequence[PlannedLaunch]) -> None:
    """The launches one by one, and the same as the table that is taken away."""
    table = campaign_table(found, reason_text)
    named = table.rename(columns=lambda column: t(f"invitation.{column}"))
    st.download_button(
        t("campaign.download"),
        csv_bytes(named),
        file_name="campaign.csv",
        mime="text/csv",
        icon=":material/download:",
        key="download-campaign",
        type="primary",
        on_click="ignore",
    )
    one_by_one, as_table = st.tabs([t("campaign.tab.launches"), t("campaign.tab.table")])
    with one_by_one:
        pages = -(-len(found) // A_PAGE)
        place = 1
        if pages > 1:
            restore_setting("plan_page", 1, whole_number(1, pages))
            place = st.pagination(
                pages, key="plan_page", on_change=save_setting, args=("plan_page",)
            )
        start = (place - 1) * A_PAGE
        for n, launch in enumerate(found[start : start + A_PAGE], start + 1):
            show_launch_card(launch, n)
    with as_table:
        chances = [t(f"invitation.{name}") for name in ("launches", "fills", "joins")]
        cells = named.assign(**{name: pd.to_numeric(named[name]) for name in chances})
        st.dataframe(
            cells,
            hide_index=True,
            key="campaign-table",
            column_order=[t(f"invitation.{name}") for name in FIRST_LOOK],
            column_config={
                name: st.column_config.NumberColumn(format="percent") for name in chances
            },
        )


def within(
    initiators: list[str], items: list[str], wished: CampaignLimits
) -> tuple[list[str], list[str]]:
    """As many as one campaign takes; the rest is left out with a sentence."""
    if initiators:
        most = MAX_LAUNCHES // wished.launches
        if len(initiators) > most:
            st.warning(t("campaign.too_many.initiators", most=most, n=count(len(initiators))))
        return initiators[:most], items
    most = min(MAX_ITEMS, MAX_LAUNCHES // wished.launches)
    if len(items) > most:
        st.warning(t("campaign.too_many.items", most=most, n=count(len(items))))
    return initiators, items[:most]


def page() -> None:
    """The whole page."""
    recommender = require_model()
    if recommender is None:
        return
    pin_model(recommender.version)
    show_other_model_note(recommender.version)
    left, right = st.columns(2, gap="medium")
    with left:
        initiators = choose_ids("initiators")
    with right:
        items = choose_ids("items")
    wished = wishes(bool(initiators) or not items)
    if not initiators and not items:
        empty_state(t("campaign.nothing"), t("campaign.nothing.next"))
        return
    initiators, items = within(initiators, items, wished)
    found = plan_campaign(recommender, initiators, items, wished)
    if not found:
        empty_state(t("campaign.no_launch"), t("campaign.no_launch.next"))
        return
    st.header(t("campaign.plan"), anchor=False)
    figures(found, wished)
    shown(found)
    st.caption(t("fill.assumption"))


heading(t("campaign.title"), t("campaign.lead"))
page()
