"""Campaign: who launches what, and whom each launch invites, for several initiators or items at once."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.cached_reads import entity_names, track_records
from app.caching import availability
from app.frame.downloads import take_away
from app.frame.moment import show_moment
from app.frame.page import empty_state, escape_markdown, heading
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
from app.recommending.on_the_shelf import (
    shelf_words,
    show_left_out,
    showing_all,
    unasked,
    why_unavailable,
    with_moment_and_shelf,
)
from app.recommending.track_record_section import show_track_record_note
from app.text import t
from app.text.numbers import count, expected_count
from app.text.reasons import reason_text
from app.url_state import pin_model, restore_setting, save_setting, whole_number
from db.queries.shelf import why_not

A_PAGE = 10
# Columns of the table on the page: names and figures first, ids last.
COLUMN_ORDER = (
    "launch",
    "initiator_name",
    "item_name",
    "invited_name",
    "spot_share",
    "track_record",
    "size",
    "launch_share",
    "availability",
    "reasons",
    "why",
    "initiator",
    "item",
    "invited",
    "as_of",
)


def limit_input(label: str, key: str, most: int, default: int, help_text: str | None = None) -> int:
    """Draws the input of a limit, whose value the address keeps; returns the value."""
    restore_setting(key, default, whole_number(1, most))
    return int(
        st.number_input(
            label,
            1,
            most,
            key=key,
            on_change=save_setting,
            args=(key,),
            width=170,
            help=help_text,
        )
    )


def choose_limits(by_initiator: bool) -> CampaignLimits:
    """Draws the campaign's limits and returns them."""
    kind = "initiator" if by_initiator else "item"
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        launches = limit_input(t(f"campaign.launches.{kind}"), "launches", 5, 1)
        each = limit_input(t("campaign.invite"), "invite", 20, 10)
        limit = limit_input(t("campaign.limit"), "limit", 20, 2, t("campaign.limit.help"))
    return CampaignLimits(launches, each, limit)


def show_summary(found: Sequence[PlannedLaunch], limits: CampaignLimits) -> None:
    """Draws the campaign in numbers."""
    records = track_records()
    summary = summarize(found, limits, records)
    cells = [
        (t("campaign.figure.launches"), count(len(found)), ""),
        (t("campaign.figure.invitations"), count(summary.invitations), ""),
        (
            t("campaign.figure.people"),
            count(summary.people),
            t("campaign.figure.people.help", most=summary.most),
        ),
    ]
    if summary.successes is not None:
        cells.append(
            (
                t("campaign.figure.successes"),
                expected_count(summary.successes),
                t("campaign.figure.successes.help"),
            )
        )
    with st.container(horizontal=True, gap="medium"):
        for name, value, help_text in cells:
            st.metric(name, value, help=help_text or None, width="content")
    st.caption(t("campaign.division", limit=limits.limit))
    if summary.short:
        st.caption(t("campaign.short", n=count(summary.short)))
    st.caption(t("campaign.percentages"))
    show_track_record_note(records)


def show_launches(found: Sequence[PlannedLaunch]) -> None:
    """Draws the launches one by one, and as the table to download."""
    records = track_records()
    table = campaign_table(found, records, reason_text)
    table = with_moment_and_shelf(table, table["item"].tolist())
    take_away(t("campaign.download"), table, "campaign", "invitation", primary=True)
    named = table.rename(columns=lambda column: t(f"invitation.{column}"))
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
            show_launch_card(launch, n, records.of(launch.pair.item))
    with as_table:
        shares = {
            t("invitation.launch_share"): (t("share.items.label"), t("share.items.help")),
            t("invitation.spot_share"): (
                t("share.participants.label"),
                t("share.participants.help"),
            ),
            t("invitation.track_record"): (t("track_record.label"), t("track_record.note")),
        }
        numeric = [name for name in shares if name in named]
        st.dataframe(
            named.assign(**{name: pd.to_numeric(named[name]) for name in numeric}),
            hide_index=True,
            key="campaign-table",
            column_order=[t(f"invitation.{name}") for name in COLUMN_ORDER if name in table],
            column_config={
                name: st.column_config.NumberColumn(label, help=help_text, format="percent")
                for name, (label, help_text) in shares.items()
            },
        )


def leave_out_unasked(initiators: list[str]) -> list[str]:
    """The initiators who may be asked; says who may not."""
    names = entity_names("users", [id for id in initiators if unasked(id) is not None])
    if names:
        listed = escape_markdown(t("list.and").join(names.values()))
        st.warning(t("campaign.unasked", names=listed), icon=":material/do_not_disturb_on:")
    return [id for id in initiators if id not in names]


def leave_out_unavailable(items: list[str], everything: bool) -> list[str]:
    """The items that can be had, or all to show everything; says what is left out of the plan, and why.

    Without items, the plan chooses out of all: then what the shop has not on its shelf is counted.
    """
    missing = {id: reason for id in items if (reason := why_unavailable(id)) is not None}
    reasons = missing if items else availability().shelf.unavailable
    show_left_out(Counter(map(why_not, reasons.values())))
    if everything:
        return items
    names = entity_names("items", missing)
    for id, reason in missing.items():
        st.caption(escape_markdown(f"{names[id]}: {shelf_words(reason)}"))
    return [id for id in items if id not in missing]


def cap_chosen(
    initiators: list[str], items: list[str], limits: CampaignLimits
) -> tuple[list[str], list[str]]:
    """The first initiators or items that one campaign can take; says how many are left out."""
    if initiators:
        most = MAX_LAUNCHES // limits.launches
        if len(initiators) > most:
            st.warning(t("campaign.too_many.initiators", most=most, n=count(len(initiators))))
        return initiators[:most], items
    most = min(MAX_ITEMS, MAX_LAUNCHES // limits.launches)
    if len(items) > most:
        st.warning(t("campaign.too_many.items", most=most, n=count(len(items))))
    return initiators, items[:most]


def page() -> None:
    """Draws the page."""
    recommender = require_model()
    if recommender is None:
        return
    pin_model(recommender.version)
    show_other_model_note(recommender.version)
    show_moment()
    left, right = st.columns(2, gap="medium")
    with left:
        initiators = choose_ids("initiators")
    with right:
        items = choose_ids("items")
    limits = choose_limits(bool(initiators) or not items)
    if not initiators and not items:
        empty_state(t("campaign.nothing"), t("campaign.nothing.next"))
        return
    everything = showing_all()
    askable = leave_out_unasked(initiators)
    obtainable = leave_out_unavailable(items, everything)
    if (initiators and not askable) or (items and not obtainable):
        empty_state(t("campaign.no_launch"), t("campaign.no_launch.shelf"))
        return
    initiators, items = cap_chosen(askable, obtainable, limits)
    found = plan_campaign(recommender, initiators, items, limits, everything)
    if not found:
        empty_state(t("campaign.no_launch"), t("campaign.no_launch.next"))
        return
    st.header(t("campaign.plan"), anchor=False)
    show_summary(found, limits)
    show_launches(found)


heading(t("campaign.title"), t("campaign.lead"))
page()
