"""Cards of open groups and planned launches: what it is, how its item does, and whom to invite."""

from collections.abc import Sequence

import streamlit as st

from app.frame.page import escape_markdown
from app.groups.campaign import PlannedLaunch
from app.groups.open_groups import OpenGroup
from app.recommending.on_the_shelf import item_note, why_unavailable
from app.recommending.track_record_section import track_record_lines
from app.text import language, t
from app.text.numbers import date_and_time, time_left
from app.text.reasons import reason_text, share_text
from app.url_state import AS_OF, selection_query
from db.logs import Task
from engine.results import Ranked
from engine.track_record import TrackRecord

WIDTHS = [5, 3, 6]  # of the columns: what it is, how its item does, whom to invite
FIRST = 3  # people named on the card itself
URGENT = 3 * 3600  # seconds: deadlines nearer than this stand out


def show_group_card(
    group: OpenGroup, initiator: str, item: str, record: TrackRecord | None
) -> None:
    """Draws an open group with its deadline and the people to invite next.

    Args:
        group: What to draw.
        initiator: The initiator's name.
        item: The item's name.
        record: Of the item.

    """
    with st.container(border=True):
        what, how, whom = st.columns(WIDTHS, gap="medium", vertical_alignment="center")
        with what:
            missing = f" :blue-badge[{t('open.missing', n=group.missing)}]" if group.missing else ""
            st.markdown(f"**{_item(group.item, item)}**{missing}")
            parts = [t("open.by", initiator=initiator), _members(group)]
            if group.group is not None:
                parts.append(group.group)
            st.caption(escape_markdown(t("list.dot").join(parts)))
            _note(group.item)
        with how:
            _time_left(group)
            if record is not None:
                st.caption("  \n".join(track_record_lines(record)))
        with whom:
            if group.invited or why_unavailable(group.item) is None:
                show_first_invited(group.invited)
            else:
                st.caption(t("open.nobody"))
            show_links(group.initiator, group.item, group.invited)
        show_all_invited(group.invited)


def show_launch_card(launch: PlannedLaunch, number: int, record: TrackRecord | None) -> None:
    """Draws a launch of a campaign with the people to invite.

    Args:
        launch: What to draw.
        number: Its number in the campaign, from 1.
        record: Of the item.

    """
    pair = launch.pair
    with st.container(border=True):
        what, how, whom = st.columns(WIDTHS, gap="medium", vertical_alignment="center")
        with what:
            who = _initiator(pair.initiator, pair.initiator_name)
            st.markdown(f"{number}\\. **{who}** → **{_item(pair.item, pair.item_name)}**")
            for reason in pair.suits.reasons[:1]:
                st.caption(escape_markdown(reason_text(reason)))
            _note(pair.item)
        with how:
            lines = [share_text(Task.ITEMS, pair.suits.probability)]
            if launch.size is not None:
                lines.append(t("campaign.needs", n=launch.size))
            if record is not None:
                lines += track_record_lines(record)
            st.caption("  \n".join(map(escape_markdown, lines)))
        with whom:
            show_first_invited(launch.invited)
            show_links(pair.initiator, pair.item, launch.invited)
        show_all_invited(launch.invited)


def _note(item: str) -> None:
    """Draws why the item cannot be had, or a remark, where there is something to say."""
    note = item_note(item)
    if note is not None:
        st.markdown(note)


def _item(id: str, name: str) -> str:
    """The item's name; a bare id is marked as an item's."""
    return escape_markdown(t("invitation.bare_item", id=id) if name == id else name)


def _initiator(id: str, name: str) -> str:
    """The initiator's name; a bare id is marked as an initiator's."""
    return escape_markdown(t("invitation.bare_initiator", id=id) if name == id else name)


def show_first_invited(invited: Sequence[Ranked]) -> None:
    """Draws the likeliest to join by name, with their shares."""
    if not invited:
        st.caption(t("invitation.nobody"))
        return
    named = [
        f"{escape_markdown(person.name)} ({share_text(Task.PARTICIPANTS, person.probability)})"
        for person in invited[:FIRST]
    ]
    more = len(invited) - len(named)
    people = t("list.and").join(named) + (" " + t("invitation.more", n=more) if more > 0 else "")
    st.caption(t("invitation.next", people=people))


def show_all_invited(invited: Sequence[Ranked]) -> None:
    """Draws everybody to invite, with shares and reasons, in an expander."""
    if not invited:
        return
    with st.expander(t("invitation.all", n=len(invited)), type="compact"):
        lines = [
            f"{k}. **{escape_markdown(person.name)}** · "
            + share_text(Task.PARTICIPANTS, person.probability)
            + "".join(f" · {escape_markdown(reason_text(reason))}" for reason in person.reasons)
            for k, person in enumerate(invited, 1)
        ]
        st.markdown("\n".join(lines))


def show_links(initiator: str, item: str, invited: Sequence[Ranked]) -> None:
    """Draws links to the group on Recommend and on Why, there with the first person to invite."""
    shared = {
        name: value for name, value in selection_query().items() if name in ("model", "lang", AS_OF)
    }
    address = shared | {"initiator": initiator, "item": item}
    with st.container(horizontal=True, gap="medium"):
        st.page_link(
            "views/recommend.py",
            label=t("nav.recommend"),
            icon=":material/storefront:",
            query_params=address,
        )
        if invited:
            st.page_link(
                "views/why.py",
                label=t("nav.why"),
                icon=":material/psychology_alt:",
                query_params=address | {"participant": invited[0].id},
            )


def _members(group: OpenGroup) -> str:
    if group.size is None:
        return t("open.there.unknown", there=group.members)
    return t("open.there", there=group.members, size=group.size)


def _time_left(group: OpenGroup) -> None:
    """Draws the time left and the deadline."""
    if group.left is None or group.expires_at is None:
        st.caption(t("open.no_deadline"))
        return
    seconds = group.left.total_seconds()
    left = t("open.left", time=time_left(seconds, language()))
    until = escape_markdown(date_and_time(group.expires_at, language()))
    if seconds < URGENT:
        # Not in a caption, which would fade the warning's colour.
        st.markdown(f":small[:orange[**:material/schedule: {left}**]]")
        st.caption(until)
    else:
        st.caption(f"{left}  \n{until}")
