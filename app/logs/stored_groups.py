"""The first groups of a file as they will be stored, as a table."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from app.text import t
from db.importing.stored_rows import Named, StoredGroup


def show_stored_groups(groups: Sequence[StoredGroup], alt: str) -> None:
    """Draws a row per group; columns without any value are left out."""
    table = stored_table(groups)
    st.dataframe(
        table.rename(columns=lambda name: t(f"stored.{name}")),
        hide_index=True,
        height="content",
        alt=alt,
    )


def stored_table(groups: Sequence[StoredGroup]) -> pd.DataFrame:
    """One row per group: group, state, size, launched_at, initiator, item, participants, expires_at."""
    table = pd.DataFrame(
        {
            "group": [one.group for one in groups],
            "state": [t(f"stored.state.{one.status}") for one in groups],
            "size": [_size(one) for one in groups],
            "launched_at": [_time(one.launched_at) for one in groups],
            "initiator": [_named(one.initiator) for one in groups],
            "item": [_named(one.item) for one in groups],
            "participants": [
                t("list.and").join(map(_named, one.participants)) or t("stored.nobody")
                for one in groups
            ],
            "expires_at": [_time(one.expires_at) for one in groups],
        }
    )
    optional = ("group", "launched_at", "expires_at")
    return table.drop(columns=[name for name in optional if not table[name].any()])


def _named(one: Named) -> str:
    """The name with its id behind; the id alone where there is no other name."""
    return f"{one.name} ({one.id})" if one.name and one.name != one.id else one.id


def _size(group: StoredGroup) -> str:
    """The people in the group, and how many it needs."""
    people = 1 + len(group.participants)
    return f"{people} / {group.target_size}" if group.target_size else str(people)


def _time(moment: datetime | None) -> str:
    """The time as briefly as the table needs it; the same in both languages."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
