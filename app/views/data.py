"""Data: what the store holds, an upload with its report, and the history of imports."""

import streamlit as st

from app.stores import shop_counts
from app.text import t
from app.text.numbers import count

KINDS = ("groups", "failed", "friendships")


def holdings() -> None:
    """The store's counts."""
    counts = shop_counts()
    cells = [
        (t("data.users"), counts.users),
        (t("data.items"), counts.items),
        (t("data.successful"), counts.successful),
        (t("data.failed"), counts.failed),
        (t("data.open"), counts.open),
        (t("data.joins"), counts.joins),
        (t("data.friendships"), counts.friendships),
    ]
    for column, (name, value) in zip(st.columns(len(cells)), cells, strict=True):
        column.metric(name, count(value))


holdings()
