"""The first items or people of a file as they will be stored, as a table."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from app.text import t
from app.text.numbers import count, price
from db.importing.stored_rows import StoredItem, StoredUser

_DAY = timedelta(days=1)


def show_stored_entities(entities: Sequence[StoredItem | StoredUser], alt: str) -> None:
    """Draws a row for each; columns without any value are left out."""
    table = entity_table(entities)
    st.dataframe(
        table.rename(columns=lambda name: t(f"stored.{name}")),
        hide_index=True,
        height="content",
        alt=alt,
    )


def entity_table(entities: Sequence[StoredItem | StoredUser]) -> pd.DataFrame:
    """Items with item, id, status, stock, on_sale_from, on_sale_until and so on; people with person, id and so on."""
    rows = [_item(one) if isinstance(one, StoredItem) else _user(one) for one in entities]
    table = pd.DataFrame(rows)
    said = [name for name in table if table[name].fillna("").astype(bool).any()]
    return table[said]


def _item(one: StoredItem) -> dict[str, str]:
    return {
        "item": one.item.name,
        "id": one.item.id,
        "status": t(f"shelf.status.{one.status}") if one.status else "",
        "stock": "" if one.stock is None else count(one.stock),
        "on_sale_from": _time(one.on_sale_from),
        "on_sale_until": _time(_through(one.on_sale_until)),
        "category": one.category or "",
        "brand": one.brand or "",
        "price": "" if one.price is None else price(one.price),
        "group_price": "" if one.group_price is None else price(one.group_price),
        "group_size": "" if one.min_participants is None else count(one.min_participants + 1),
    }


def _user(one: StoredUser) -> dict[str, str]:
    contactable = {True: t("people.contactable.yes"), False: t("people.contactable.no"), None: ""}
    return {
        "person": one.user.name,
        "id": one.user.id,
        "contactable": contactable[one.contactable],
        "city": one.city or "",
        "tags": t("list.and").join(one.tags),
    }


def _through(end: datetime | None) -> datetime | None:
    """The last day of a sale that ends at midnight, as the file has it."""
    return end - _DAY if end is not None and end.time() == datetime.min.time() else end


def _time(moment: datetime | None) -> str:
    if moment is None:
        return ""
    bare = moment.time() == datetime.min.time()
    return f"{moment:%Y-%m-%d}" if bare else f"{moment:%Y-%m-%d %H:%M}"
