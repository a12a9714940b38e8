"""The shop's clock on the Data page: its time zone, what time it shows, and a way to change the zone."""

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from app.auth.permissions import may_operate, operators_only
from app.cached_reads import open_store
from app.frame.page import error_box, escape_markdown
from app.text import known, language, t
from app.text.messages import message_text
from app.text.numbers import date_and_time
from db.errors import StoreError
from db.shop_clock import is_universal, set_shop_zone, shop_now, shop_zone

# Where most shops are; the rest follows by name.
FIRST_ZONES = (
    "Asia/Shanghai",
    "Asia/Taipei",
    "Asia/Hong_Kong",
    "Asia/Seoul",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "America/New_York",
    "America/Los_Angeles",
    "UTC",
)


def show_shop_clock() -> None:
    """Draws the clock in a line, with a popover that changes its zone."""
    zone = shop_zone(open_store())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            ":material/schedule: "
            + t(
                f"data.clock.{zone.source}",
                zone=escape_markdown(zone_name(zone.name)),
                time=date_and_time(shop_now(open_store()), language()),
            ),
            width="content",
        )
        if may_operate() and zone.source != "setting":
            _zone_form(zone.name)


def _zone_form(now: str) -> None:
    with st.popover(t("data.clock.change"), type="tertiary", key="zone"):
        st.caption(t("data.clock.what"))
        zones = _zones(now)
        chosen = st.selectbox(
            t("data.clock.zone"),
            zones,
            index=zones.index(now),
            format_func=zone_name,
            key=f"zone-{now}",
        )
        if st.button(t("data.clock.save"), key="zone-save", disabled=chosen == now):
            _save(chosen)


@operators_only
def _save(zone: str) -> None:
    try:
        set_shop_zone(open_store(), zone)
    except StoreError as error:
        error_box(t("data.clock.failed"), message_text(error))
        return
    st.rerun()


@cache
def _zones(now: str) -> list[str]:
    """The zones to choose from: likely ones, the present one, all others by name."""
    named = {zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")}
    return list(dict.fromkeys([*FIRST_ZONES, now, *sorted(named)]))


def zone_name(zone: str) -> str:
    """A zone as people know it, with its name and how far it is from UTC now: China (Asia/Shanghai, UTC+8)."""
    ahead = datetime.now(ZoneInfo(zone)).utcoffset() or timedelta()
    minutes = round(ahead.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    offset = f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")
    if is_universal(zone):
        return "UTC"
    key = f"zone.{zone}"
    if known(key):
        return t("data.clock.named", name=t(key), zone=zone, offset=offset)
    return f"{zone} ({offset})"
