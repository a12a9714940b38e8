"""The moment as of which the pages rank: its choice in the sidebar, and what a page says of it.

A day that somebody picks stays across pages and is part of the address (``app.url_state``).
"""

from datetime import date

import numpy as np
import pandas as pd
import streamlit as st

from app.cached_reads import open_store
from app.caching import logged_days, moment_in_force, picked_moment
from app.frame.page import escape_markdown
from app.text import language, t
from app.text.messages import message_text
from app.text.numbers import date_and_time, day
from app.url_state import pick_as_of
from db.errors import InputError
from db.shop_clock import shop_now
from engine.moment import Moment, current_moment

DAY = "as_of_day"  # the widget
WIDTH = 230  # pixels of what the sidebar opens
A_MINUTE = np.timedelta64(60, "s")  # within which a moment is now


def show_moment_control() -> None:
    """Draws the choice of the moment in the sidebar; nothing where the logs have no times, or of one day only."""
    days, current = _days_to_pick(), current_moment(open_store())
    moment = moment_in_force()
    if days is None or current is None or moment is None:
        return
    first, last = days
    with (
        st.sidebar,
        st.popover(moment_words(moment), icon=":material/event:", width="stretch"),
    ):
        picked = _day_of(moment) if moment.picked else None
        # A key for each moment: the browser does not hear of a value that is set while the popover is closed, and would
        # send the old one back with the next click.
        key = f"{DAY}-{picked or ''}"
        st.date_input(
            t("moment.day"),
            value=picked if picked is not None and first <= picked <= last else None,
            min_value=first,
            max_value=last,
            key=key,
            format="YYYY-MM-DD",
            on_change=_day_picked,
            args=(key,),
            width=WIDTH,
        )
        st.caption(t("moment.day.help"), width=WIDTH)
        if moment.picked:
            _back_button(f"{DAY}-back", current)


def _days_to_pick() -> tuple[date, date] | None:
    """The first and the last day before which something is known; ``None`` where there are none."""
    span, current = logged_days(), current_moment(open_store())
    if span is None or current is None:
        return None
    first, last = span[0].date() + pd.Timedelta(days=1), _day_of(current)
    return (first, last) if first <= last else None


def _day_of(moment: Moment) -> date:
    return pd.Timestamp(moment.at).date()


def _day_picked(key: str) -> None:
    chosen = st.session_state[key]
    pick_as_of(None if chosen is None else chosen.isoformat())


def _back_button(key: str, current: Moment) -> None:
    words = "moment.back.end" if ends_logs(current) else "moment.back.now"
    st.button(
        t(words),
        key=key,
        icon=":material/undo:",
        on_click=pick_as_of,
        args=(None,),
        width="content",
    )


def ends_logs(moment: Moment) -> bool:
    """Whether the moment that nobody picked is the end of the logs rather than now."""
    return bool(np.datetime64(shop_now(open_store()), "s") - moment.at > A_MINUTE)


def moment_words(moment: Moment) -> str:
    """The moment in a few words: as of now, as of the end of the logs, or as of a day."""
    if moment.picked:
        return t("moment.picked", time=time_words(moment))
    at = pd.Timestamp(moment.at)
    return t("moment.end" if ends_logs(moment) else "moment.now", day=day(at, language()))


def time_words(moment: Moment) -> str:
    """The moment's day, with the time where it is not the day's first second."""
    at = pd.Timestamp(moment.at)
    return day(at, language()) if at == at.normalize() else date_and_time(at, language())


def show_moment() -> None:
    """Draws as of when the page's lists are: in a line, or in a box with a way back where somebody picked it."""
    try:
        picked = picked_moment()
    except InputError as error:
        st.warning(escape_markdown(message_text(error)), icon=":material/event_busy:")
        picked = None
    current = current_moment(open_store())
    if current is None:
        return
    if picked is None:
        at = date_and_time(pd.Timestamp(current.at), language())
        st.caption(t("moment.end.what" if ends_logs(current) else "moment.now.what", time=at))
        return
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key="picked-moment"
    ):
        st.markdown(
            f":orange[**:material/history: {t('moment.picked', time=time_words(picked))}**]  \n"
            + t("moment.picked.what"),
            width="stretch",
        )
        _back_button("moment-back", current)
