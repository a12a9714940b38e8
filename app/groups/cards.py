"""A group as a card: what it is, whether it fills, and whom to invite."""

from collections.abc import Sequence

import streamlit as st

from app.frame.page import escape_markdown
from app.groups.campaign import PlannedLaunch
from app.groups.open_groups import OpenGroup
from app.text import language, t
from app.text.numbers import date_and_time, percent, time_left
from app.text.reasons import reason_text
from app.url_state import selection_query
from engine.results import Ranked

WIDTHS = [5, 3, 6]  # of what it is, whether it fills, whom to invite
FIRST = 3  # people named without a click
PRESSING = 3 * 3600  # seconds below which a deadline stands out


def show_group_card(group: OpenGroup, initiator: str, item: str) -> None:
    """An open group with its deadline, its chance and the people to invite next.

    Args:
        group: What is drawn.
        initiator: Her name.
        item: The item's name.

    """
    with st.container(border=True):
        what, whether, whom = st.columns(WIDTHS, gap="medium", vertical_alignment="center")
        with what:
            missing = f" :blue-badge[{t('open.missing', n=group.missing)}]" if group.missing else ""
            st.markdown(f"**{_item(group.item, item)}**{missing}")
            said = [t("open.by", initiator=initiator), _seats(group)]
            if group.group is not None:
                said.append(group.group)
            st.caption(escape_markdown(t("list.dot").join(said)))
        with whether:
            _time_left(group)
            show_chance_bar(group.chance)
        with whom:
            show_first_invited(group.invited)
            show_links(group.initiator, group.item, group.invited)
        show_all_invited(group.invited)


def show_launch_card(launch: PlannedLaunch, number: int) -> None:
    """A launch of a campaign with its chance and the people to invite.

    Args:
        launch: What is drawn.
        number: Its place in the campaign, from 1.

    """
    pair = launch.pair
    with st.container(border=True):
        what, whether, whom = st.columns(WIDTHS, gap="medium", vertical_alignment="center")
        with what:
            who = _initiator(pair.initiator, pair.initiator_name)
            st.markdown(f"{number}\\. **{who}** → **{_item(pair.item, pair.item_name)}**")
            said = [t("campaign.suits", chance=percent(pair.suits.probability))]
            said += [reason_text(reason) for reason in pair.suits.reasons[:1]]
            st.caption(escape_markdown(t("list.dot").join(said)))
        with whether:
            if launch.size is not None:
                st.caption(t("campaign.needs", n=launch.size))
            show_chance_bar(launch.chance)
        with whom:
            show_first_invited(launch.invited)
            show_links(pair.initiator, pair.item, launch.invited)
        show_all_invited(launch.invited)


def _item(id: str, name: str) -> str:
    """What the item is called; a bare id says that it is an item's."""
    return escape_markdown(t("invitation.bare_item", id=id) if name == id else name)


def _initiator(id: str, name: str) -> str:
    """What the initiator is called; a bare id says that it is an initiator's."""
    return escape_markdown(t("invitation.bare_initiator", id=id) if name == id else name)


def show_chance_bar(chance: float | None) -> None:
    """The chance to fill as a bar; a sentence where the size is unknown."""
    if chance is None:
        st.caption(t("invitation.no_size"))
    else:
        st.progress(chance, text=t("invitation.chance", chance=percent(chance)))


def show_first_invited(invited: Sequence[Ranked]) -> None:
    """The likeliest by name, with the chance of each."""
    if not invited:
        st.caption(t("invitation.nobody"))
        return
    named = [
        f"{escape_markdown(person.name)} ({percent(person.probability)})"
        for person in invited[:FIRST]
    ]
    more = len(invited) - len(named)
    said = t("list.and").join(named) + (" " + t("invitation.more", n=more) if more > 0 else "")
    st.caption(t("invitation.next", people=said))


def show_all_invited(invited: Sequence[Ranked]) -> None:
    """Everybody to invite, with chance and reasons, behind a click."""
    if not invited:
        return
    with st.expander(t("invitation.all", n=len(invited)), type="compact"):
        lines = [
            f"{k}. **{escape_markdown(person.name)}** · {percent(person.probability)}"
            + "".join(f" · {escape_markdown(reason_text(reason))}" for reason in person.reasons)
            for k, person in enumerate(invited, 1)
        ]
        st.markdown("\n".join(lines))


def show_links(initiator: str, item: str, invited: Sequence[Ranked]) -> None:
    """To the same group on the pages Recommend and Why, for the first to invite."""
    kept = {name: value for name, value in selection_query().items() if name in ("model", "lang")}
    address = kept | {"initiator": initiator, "item": item}
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


def _seats(group: OpenGroup) -> str:
    if group.size is None:
        return t("open.there.unknown", there=group.there)
    return t("open.there", there=group.there, size=group.size)


def _time_left(group: OpenGroup) -> None:
    """The time left, and when it is up."""
    if group.left is None or group.expires_at is None:
        st.caption(t("open.no_deadline"))
        return
    seconds = group.left.total_seconds()
    left = t("open.left", time=time_left(seconds, language()))
    until = escape_markdown(date_and_time(group.expires_at, language()))
    if seconds < PRESSING:
        # Outside a caption, whose fading would take the warning out of the colour.
        st.markdown(f":small[:orange[**:material/schedule: {left}**]]")
        st.caption(until)
    else:
        st.caption(f"{left}  \n{until}")
