"""Open groups: groups short of participants, which are urgent, and whom to invite next."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.cached_reads import (
    entity_names,
    groups_still_open,
    item_frame,
    open_store,
    rank_participants,
    shop_counts,
    track_records,
)
from app.caching import moment_in_force
from app.frame.downloads import take_away
from app.frame.moment import show_moment
from app.frame.page import empty_state, heading
from app.groups.cards import show_group_card
from app.groups.open_groups import (
    OpenGroup,
    OpenGroups,
    Order,
    groups_per_batch,
    invitations_table,
    sort_groups,
    split_by_deadline,
    suggest_invitations,
)
from app.onboarding import DATA, require_model, show_other_model_note
from app.recommending.on_the_shelf import (
    show_left_out,
    showing_all,
    why_unavailable,
    with_moment_and_shelf,
)
from app.recommending.track_record_section import show_track_record_note
from app.text import language, t
from app.text.numbers import count, date_and_time
from app.text.reasons import reason_text
from app.url_state import one_of, pin_model, restore_setting, save_setting, whole_number
from db.queries.shelf import why_not
from db.shop_clock import shop_now
from engine.recommender import Recommender

A_PAGE = 10
MAX_INVITED = 20  # per group
ORDERS: tuple[Order, ...] = ("deadline", "missing", "track_record")


def show_controls() -> tuple[Order, int]:
    """Draws the order and the invitations per group; returns them."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        orders = ORDERS if track_records().gap is None else ORDERS[:2]
        restore_setting("order", "deadline", one_of(orders))
        order = st.segmented_control(
            t("open.order"),
            orders,
            required=True,
            key="order",
            on_change=save_setting,
            args=("order", "open_page"),
            format_func=lambda order: t(f"open.order.{order}"),
        )
        restore_setting("invite", 10, whole_number(1, MAX_INVITED))
        each = st.number_input(
            t("open.invite"),
            1,
            MAX_INVITED,
            key="invite",
            on_change=save_setting,
            args=("invite",),
            width=160,
        )
    return order or "deadline", int(each)


def show_counts(found: OpenGroups) -> None:
    """Draws how many groups there are, and how urgent they are."""
    cells = [
        (t("open.short"), len(found.running), t("open.short.help")),
        (t("open.soon"), found.soon, t("open.soon.help")),
        (t("open.one_short"), found.one_short, t("open.one_short.help")),
        (t("open.expired"), len(found.expired), t("open.expired.help")),
    ]
    with st.container(horizontal=True, gap="medium"):
        for name, value, help_text in cells:
            st.metric(name, count(value), help=help_text, width="content")


def rank_invitations(recommender: Recommender, groups: pd.DataFrame, each: int) -> list[OpenGroup]:
    """The groups with the people to invite; draws a progress bar while the model ranks.

    Nobody is to be invited for an item that cannot be had, unless the page shows all.
    """
    everything = showing_all()

    def rank(initiator: str, item: str, joined: tuple[str, ...]) -> Sequence:
        if why_unavailable(item) is not None and not everything:
            return []
        return rank_participants(recommender, initiator, item, MAX_INVITED, joined).results

    bar, found = st.empty(), []
    for group in suggest_invitations(groups, rank, each):
        found.append(group)
        bar.progress(
            len(found) / len(groups),
            text=t("open.working", done=count(len(found)), all=count(len(groups))),
        )
    bar.empty()
    return found


def page_number(running: int) -> int:
    """Draws the pagination, where there is more than one page; returns the page's number, from 1."""
    pages = -(-running // A_PAGE)
    if pages < 2:
        return 1
    restore_setting("open_page", 1, whole_number(1, pages))
    return st.pagination(pages, key="open_page", on_change=save_setting, args=("open_page",))


def show_running_groups(
    recommender: Recommender, running: pd.DataFrame, order: Order, each: int
) -> None:
    """Draws a page of groups that can still fill, and the download of their invitations."""
    records = track_records()
    sheet = sort_groups(running, order, records)
    show_track_record_note(records)
    st.caption(t("share.participants.lead"), help=t("share.participants.help"))
    showing_all()
    reasons = [why_unavailable(item) for item in sheet["item"]]
    left_out = Counter(why_not(reason) for reason in reasons if reason is not None)
    show_left_out(left_out, "open.left_out.one", "open.left_out")
    with st.container(horizontal=True, vertical_alignment="center"):
        place = st.empty()
        start = (page_number(len(sheet)) - 1) * A_PAGE
        end = min(start + A_PAGE, len(sheet))
        place.caption(t("open.range", first=start + 1, last=end, all=count(len(sheet))))
    listed = rank_invitations(recommender, sheet.iloc[start:end], each)
    initiators = entity_names("users", {group.initiator for group in listed})
    items = entity_names("items", {group.item for group in listed})
    for group in listed:
        show_group_card(
            group, initiators[group.initiator], items[group.item], records.of(group.item)
        )
    download_invitations(recommender, sheet, listed, each)


def download_invitations(
    recommender: Recommender, sheet: pd.DataFrame, listed: list[OpenGroup], each: int
) -> None:
    """Draws the download of the invitations: of the groups on the page, or of all."""
    with st.container(horizontal=True, vertical_alignment="center"):
        place = st.container(width="content")
        reach = min(groups_per_batch(shop_counts().users), len(sheet))
        if reach > len(listed):
            some = t("open.whole.some", n=count(reach))
            label = t("open.whole", n=count(reach)) if reach == len(sheet) else some
            if st.toggle(label, key="whole"):
                listed = rank_invitations(recommender, sheet.head(reach), each)
    initiators = entity_names("users", {group.initiator for group in listed})
    items = entity_names("items", {group.item for group in listed})
    table = invitations_table(listed, initiators, items, track_records(), reason_text)
    label = t("open.download", n=count(len(listed)))
    if len(table):
        listed_items = table["item"].tolist()
        take_away(
            label, with_moment_and_shelf(table, listed_items), "open-groups", "invitation", place
        )


def show_expired_groups(expired: pd.DataFrame) -> None:
    """Draws the groups that expired before they were full."""
    with st.expander(t("open.expired.title", n=count(len(expired)))):
        st.caption(t("open.expired.what"))
        rows = expired.sort_values("expires_at", ascending=False, kind="stable")
        items = item_frame()["name"].reindex(rows["item"])
        st.dataframe(
            pd.DataFrame(
                {
                    t("invitation.group"): rows["group"].to_numpy(),
                    t("invitation.item_name"): items.fillna(
                        rows["item"].set_axis(items.index)
                    ).to_numpy(),
                    t("invitation.initiator"): rows["initiator"].to_numpy(),
                    t("invitation.expires_at"): [
                        date_and_time(moment, language()) for moment in rows["expires_at"]
                    ],
                    t("invitation.missing"): rows["missing"].to_numpy(),
                }
            ),
            hide_index=True,
            key="expired",
        )


def show_no_groups() -> None:
    """Says that the logs have no open groups, and which column would mark them."""
    empty_state(t("open.none"), t("open.none.next"))
    st.page_link(DATA, label=t("nav.data"), icon=":material/database:")


def page() -> None:
    """Draws the page."""
    recommender = require_model()
    if recommender is None:
        return
    pin_model(recommender.version)
    show_other_model_note(recommender.version)
    show_moment()
    groups, moment = groups_still_open(), moment_in_force()
    if groups.empty:
        if moment is not None and moment.picked:
            empty_state(t("open.none.then"), t("open.none.then.next"))
        else:
            show_no_groups()
        return
    at = shop_now(open_store()) if moment is None else pd.Timestamp(moment.at)
    figures_place = st.container()
    order, each = show_controls()
    found = split_by_deadline(groups, at)
    with figures_place:
        show_counts(found)
    if moment is None:
        st.caption(t("open.moment", moment=date_and_time(at, language())))
    if found.full:
        st.caption(t("open.full", n=count(found.full)))
    if groups["expires_at"].isna().all():
        st.caption(t("open.no_deadlines"))
    if len(found.running):
        show_running_groups(recommender, found.running, order, each)
    else:
        empty_state(t("open.nothing_runs"), t("open.nothing_runs.next"))
    if len(found.expired):
        show_expired_groups(found.expired)


heading(t("open.title"), t("open.lead"))
page()
