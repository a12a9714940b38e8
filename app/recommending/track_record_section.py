"""An item's track record in words: a fact of a list, the lines of a card, and a section of its own."""

import streamlit as st

from app.cached_reads import track_records
from app.text import sentences, t
from app.text.numbers import MISSING, count, whole_percent
from engine.track_record import TrackRecord, TrackRecords


def track_record_fact(record: TrackRecord) -> str:
    """The track record in a few words, for a line of facts."""
    if not record.closed:
        return t("track_record.fact.none")
    return t("track_record.fact", rate=whole_percent(record.rate), **_counts(record))


def track_record_lines(record: TrackRecord) -> list[str]:
    """The track record of a group's item as short lines, for a card."""
    if not record.closed:
        return [t("track_record.card.none")]
    return [
        t("track_record.card", rate=whole_percent(record.rate)),
        t("track_record.card.counts", **_counts(record)),
    ]


def track_record_metric(record: TrackRecord) -> tuple[str, str, str]:
    """Label, value and help of the track record as a figure."""
    shop = whole_percent(record.base_rate)
    value = whole_percent(record.rate) if record.closed else MISSING
    return (
        t("track_record.label"),
        value,
        t("track_record.help", shop=shop, **_counts(record)),
    )


def show_gap(records: TrackRecords) -> None:
    """Draws why there are no track records, where there are none."""
    if records.gap is not None:
        st.caption(t(f"track_record.gap.{records.gap}"))


def show_track_record_note(records: TrackRecords) -> None:
    """Draws what the track records of a list mean and what the whole shop's is; why there are none, where it is so."""
    show_gap(records)
    if records.base_rate is not None:
        st.caption(sentences(t("track_record.note"), _whole_shop(records.base_rate)))


def show_track_record(item: str, minimum: int | None) -> None:
    """Draws how groups for ``item`` went so far.

    Args:
        item: The item's id.
        minimum: The participants that it needs, where the shop says so.

    """
    st.subheader(t("track_record.title"), anchor=False)
    records = track_records()
    record = records.of(item)
    if record is None:
        show_gap(records)
        return
    if not record.closed:
        st.caption(sentences(t("track_record.none"), _whole_shop(record.base_rate)))
        return
    label, value, help_text = track_record_metric(record)
    cells = [
        (label, value, help_text),
        (t("track_record.succeeded"), t("track_record.of", **_counts(record)), ""),
        (t("track_record.shop"), whole_percent(record.base_rate), t("track_record.shop.help")),
    ]
    if minimum is not None:
        people = count(minimum + 1)
        cells.append((t("initiators.card.minimum"), people, t("initiators.card.minimum.help")))
    with st.container(horizontal=True, gap="medium"):
        for name, figure, more in cells:
            st.metric(name, figure, help=more or None, width="content")
    st.caption(t("track_record.note"))


def _whole_shop(base_rate: float) -> str:
    return t("track_record.whole_shop", shop=whole_percent(base_rate))


def _counts(record: TrackRecord) -> dict[str, str]:
    return {"successes": count(record.successes), "closed": count(record.closed)}
