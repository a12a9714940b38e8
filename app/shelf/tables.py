"""The shelf's lists as tables, to show and to take away, and their pages."""

from collections.abc import Callable, Collection, Sequence

import pandas as pd
import streamlit as st

from app.text import catalogue, t
from app.text.numbers import count
from app.url_state import restore_setting, save_setting, whole_number

A_PAGE = 100  # rows: with more in one editor, a click takes long
_OPTIONAL = ("category", "brand", "on_sale_from", "on_sale_until", "last_launch")


def item_table(
    items: pd.DataFrame, ids: Sequence[str], states: pd.Series, tongue: str
) -> pd.DataFrame:
    """A row for each id: item, status, stock, state (in words), days and times as text, launches, category, brand, id.

    Columns of which the shop has said nothing of any item are left out.
    """
    # Another tab may have taken one away since.
    rows, words = items.reindex(list(ids)), catalogue(tongue)
    table = pd.DataFrame(
        {
            "item": rows["name"].fillna(pd.Series(rows.index, index=rows.index)).to_numpy(),
            "status": rows["status"].astype(object).where(rows["status"].notna(), None).to_numpy(),
            "stock": rows["stock"].astype("Int64").array,
            "state": [
                words[f"shelf.state.{state}"] for state in states.reindex(rows.index).fillna("off")
            ],
            "on_sale_from": _as_text(rows["on_sale_from"]),
            "on_sale_until": through(rows["on_sale_until"]),
            "launches": rows["launches"].fillna(0).astype("int64").to_numpy(),
            "last_launch": _as_text(rows["last_launch"].dt.normalize()),
            "category": rows["category"].to_numpy(),
            "brand": rows["brand"].to_numpy(),
            "id": rows.index.to_numpy(),
        }
    )
    untold = [name for name in _OPTIONAL if items[name].isna().all()]
    return table.drop(columns=untold + (["id"] if items["name"].isna().all() else []))


def items_to_take_away(items: pd.DataFrame, states: pd.Series, tongue: str) -> pd.DataFrame:
    """The items with all that the shop says of them, under names that an items file may have, too."""
    words = catalogue(tongue)
    return pd.DataFrame(
        {
            "id": items.index,
            "item": items["name"].to_numpy(),
            "category": items["category"].to_numpy(),
            "brand": items["brand"].to_numpy(),
            "price": items["price"].to_numpy(),
            "group_price": items["group_price"].to_numpy(),
            "status": _known(
                items["status"], lambda status: words[f"shelf.take.status.{status}"]
            ).to_numpy(),
            "stock": items["stock"].astype(object).where(items["stock"].notna(), None).to_numpy(),
            "on_sale_from": _as_text(items["on_sale_from"]),
            "on_sale_until": through(items["on_sale_until"]),
            "state": [words[f"shelf.state.{state}"] for state in states.loc[items.index]],
            "launches": items["launches"].to_numpy(),
            "last_launch": _as_text(items["last_launch"]),
        }
    )


def people_table(people: pd.DataFrame, told: Collection[str]) -> pd.DataFrame:
    """A row for each person: person, contactable ("yes", "no" or nothing), city, tags, id.

    City and tags only where the shop has ``told`` them of anybody, the id beside it where it has told names.
    """
    table = _people(people)
    untold = [name for name in ("city", "tags") if name not in told]
    return table.drop(columns=untold if "name" in told else [*untold, "id"])


def _people(people: pd.DataFrame) -> pd.DataFrame:
    contactable = people["contactable"].map({True: "yes", False: "no"}, na_action="ignore")
    return pd.DataFrame(
        {
            "person": people["name"].fillna(pd.Series(people.index, index=people.index)).to_numpy(),
            "contactable": contactable.astype(object).where(contactable.notna(), None).to_numpy(),
            "city": people["city"].to_numpy(),
            "tags": people["tags"].str.replace("\n", ", ").to_numpy(),
            "id": people.index.to_numpy(),
        }
    )


def people_to_take_away(people: pd.DataFrame, tongue: str) -> pd.DataFrame:
    """The people with all that the shop says of them."""
    words = catalogue(tongue)
    table = _people(people).assign(person=people["name"].to_numpy())
    said = _known(table["contactable"], lambda word: words[f"people.contactable.{word}"])
    return table.assign(contactable=said)[["id", "person", "city", "tags", "contactable"]]


def _known(values: pd.Series, words: Callable[[str], str]) -> pd.Series:
    """The values in words, nothing where there is none."""
    said = [words(value) if isinstance(value, str) else None for value in values]
    return pd.Series(said, index=values.index, dtype=object)


def _as_text(times: pd.Series) -> list[str | None]:
    """Times as briefly as they can be, the same in both languages: the day alone where it is its first second."""
    return [None if pd.isna(time) else _brief(time) for time in times]


def through(ends: pd.Series) -> list[str | None]:
    """The last day of a sale that ends at midnight, else the moment of its end: as a file of items says it."""
    day = pd.Timedelta(days=1)
    return [
        None if pd.isna(end) else _brief(end - day if end == end.normalize() else end)
        for end in ends
    ]


def _brief(time: pd.Timestamp) -> str:
    return f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"


def page_of(rows: int, name: str) -> tuple[int, int, int]:
    """Draws the pages, where there are several; returns the page's number, and its rows from and up to."""
    pages = max(1, -(-rows // A_PAGE))
    page = 1
    with st.container(horizontal=True, vertical_alignment="center"):
        place = st.empty()
        if pages > 1:
            key = f"{name}_page"
            restore_setting(key, 1, whole_number(1, pages))
            page = st.pagination(pages, key=key, on_change=save_setting, args=(key,))
        start = (page - 1) * A_PAGE
        end = min(start + A_PAGE, rows)
        place.caption(t("shelf.range", first=count(start + 1), last=count(end), all=count(rows)))
    return page, start, end
