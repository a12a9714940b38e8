"""What a list leaves out because it cannot be had, why, and who must not be asked, in words and in columns."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from app.cached_reads import item_frame
from app.caching import availability, moment_in_force
from app.frame.page import escape_markdown
from app.text import known, language, sentences, t
from app.text.messages import message_text
from app.text.numbers import count, date_and_time, day
from app.url_state import one_of, restore_setting, save_setting
from db.messages import Message

SHOW_ALL = "show_all"
SHELF_COLUMNS = ("status", "stock", "on_sale_from", "on_sale_until")


def showing_all() -> bool:
    """Whether the lists show what cannot be had, too; the same on every page."""
    restore_setting(SHOW_ALL, False, one_of((False, True)))
    return bool(st.session_state[SHOW_ALL])


def show_left_out(
    left_out: Mapping[str, int], one: str = "shelf.left_out.one", many: str = "shelf.left_out"
) -> None:
    """Draws how many items cannot be had, by reason, and the switch that shows them; nothing where all can.

    Call ``showing_all`` before: it says how the switch stands. ``one`` and ``many`` are the keys of the sentence.
    """
    if not left_out:
        return
    reasons = t("list.and").join(
        t(f"shelf.reason.{reason}", n=count(n)) if known(f"shelf.reason.{reason}") else reason
        for reason, n in left_out.items()
    )
    total = sum(left_out.values())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            t(one if total == 1 else many, n=count(total), reasons=reasons),
            width="content",
        )
        st.toggle(t("shelf.show_all"), key=SHOW_ALL, on_change=save_setting, args=(SHOW_ALL,))


def why_unavailable(item: str) -> Message | None:
    """Why the item cannot be had at the moment; ``None`` if it can."""
    return availability().shelf.unavailable.get(item)


def unasked(user: str) -> Message | None:
    """Why no list names the user; ``None`` if lists may."""
    return availability().unasked.get(user)


def shelf_words(message: Message) -> str:
    """A message about the shelf, its days as the language writes them."""
    values = dict(message.values)
    if "day" in values:
        at = pd.Timestamp(str(values["day"]))
        written = day if at == at.normalize() else date_and_time
        values["day"] = written(at, language())
    return message_text(Message(message.key, values))


def item_note(item: str) -> str | None:
    """Why the item cannot be had, coloured, or that nobody launches it; ``None`` where there is nothing to say."""
    shelf = availability().shelf
    reason, remark = shelf.unavailable.get(item), shelf.remarks.get(item)
    if reason is not None:
        words = escape_markdown(shelf_words(reason))
        return f":small[:orange[:material/remove_shopping_cart: {words}]]"
    if remark is not None:
        return f":small[:gray[:material/hourglass_empty: {escape_markdown(shelf_words(remark))}]]"
    return None


def show_unavailable(item: str) -> None:
    """Draws why an item that somebody opened cannot be had, where it is so."""
    reason = why_unavailable(item)
    if reason is not None:
        st.warning(
            sentences(escape_markdown(shelf_words(reason)), t("shelf.opened")),
            icon=":material/remove_shopping_cart:",
        )


def show_unasked(user: str) -> None:
    """Draws that a person who was opened must not be asked, where it is so."""
    reason = unasked(user)
    if reason is not None:
        st.warning(
            sentences(escape_markdown(shelf_words(reason)), t("unasked.opened")),
            icon=":material/do_not_disturb_on:",
        )


def with_moment_and_shelf(table: pd.DataFrame, items: Sequence[str] | None = None) -> pd.DataFrame:
    """A list to take away, with ``availability`` (of its ``items``, row by row) and ``as_of`` as its last columns.

    Without a shelf that says anything, or times in the logs, a column that would say nothing is left out.
    """
    added = table.copy()
    if items is not None and _shelf_speaks():
        added["availability"] = [_availability_words(item) for item in items]
    moment = moment_in_force()
    if moment is not None:
        added["as_of"] = pd.Series(np.repeat(moment.at, len(added)), added.index)
    return added


def _shelf_speaks() -> bool:
    shelf = availability().shelf
    said = item_frame()[list(SHELF_COLUMNS)].notna().to_numpy().any()
    return bool(said or shelf.unavailable or shelf.remarks)


def _availability_words(item: str) -> str:
    shelf = availability().shelf
    message = shelf.unavailable.get(item) or shelf.remarks.get(item)
    return t("shelf.available") if message is None else shelf_words(message)
