"""The model versions: promotion, rollback, pinning, pruning, and the notice when another version begins to serve."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from app.auth.permissions import may_operate, operators_only
from app.cached_reads import open_recommender, open_store
from app.frame.page import empty_state, error_box, escape_markdown
from app.model_quality import MAIN, metric_label, metric_value, metric_values, nothing_later
from app.retraining.later_groups import said_of, why_by_validation
from app.system_report import readable_manifest
from app.text import known, language, t
from app.text.messages import message_text
from app.text.numbers import MISSING, date_and_time, file_size, metric_text, signed_percent
from app.url_state import choose_model
from db.errors import EngineError, StoreError
from db.models import comparison, registry
from db.models.later_comparison import losses
from db.models.registry import ModelVersion
from db.settings import settings
from engine import promotion
from engine.bundle import retention
from engine.bundle.retention import PlannedVersion, Pruned


def local_time(seconds: int | None) -> datetime | None:
    """A Unix time in the server's time zone."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).astimezone()


def preset_name(preset: str) -> str:
    """A preset's name in the page's language; its own name where it has none."""
    return t(f"preset.{preset}") if known(f"preset.{preset}") else preset


def show_versions() -> None:
    """Draws the versions and, for operators, what can be done with them."""
    places = retention.plan(open_store(), settings().models, settings().keep_versions)
    if not places:
        empty_state(t("retrain.versions.none"), t("retrain.versions.none.next"))
        return
    alone = {
        place.version.version: nothing_later(
            readable_manifest(settings().models / place.version.version)
        )
        for place in places
    }
    st.dataframe(_table(places, alone), hide_index=True, key="versions", height="content")
    st.caption(t("versions.policy", n=settings().keep_versions))
    if any(alone.values()):
        st.caption(t("versions.ways"))
    if not may_operate():
        return
    serving = next((place.version for place in places if place.kept_as == "serving"), None)
    left, right = st.columns(2, gap="large")
    with left.container(border=True, height="stretch"):
        _promotion([place.version for place in places], serving)
        if serving is not None and any(place.kept_as == "before" for place in places):
            before = next(place.version for place in places if place.kept_as == "before")
            if st.button(
                t("retrain.rollback"),
                icon=":material/undo:",
                key="rollback",
                help=t("versions.rollback.help", version=before.version),
            ):
                apply_change(roll_back)
    with right.container(border=True, height="stretch"):
        _retention(places)


def _table(places: list[PlannedVersion], alone: Mapping[str, Mapping[str, object]]) -> pd.DataFrame:
    """A row a version; ``alone`` has, by version, its metrics with nothing known since its training."""
    rows = []
    for place in places:
        version = place.version
        row = {
            t("retrain.version"): version.version,
            t("retrain.state"): t(f"versions.stays.{place.kept_as or 'goes'}"),
            t("retrain.preset"): preset_name(version.preset),
            t("retrain.made"): date_and_time(local_time(version.created_at), language()),
        }
        for metric in MAIN:
            row[metric_label(metric)] = metric_text(metric_value(version.metrics, metric))
        if any(alone.values()):
            without = alone[version.version]
            figures = [metric_text(metric_value(without, metric)) for metric in MAIN]
            row[t("versions.nothing_later")] = t("list.dot").join(figures)
        row[t("versions.lead")] = _lead(version.metrics)
        rows.append(row | {t("versions.size"): file_size(place.bytes)})
    return pd.DataFrame(rows)


def _lead(metrics: Mapping[str, object]) -> str:
    """By how much the main metrics exceed those of a list sorted by sales: "+8%, +43%"."""
    known = {one.metric: one for one in metric_values(metrics)}
    leads = [
        signed_percent(one.value / one.sales - 1) if one is not None and one.sales else MISSING
        for one in map(known.get, MAIN)
    ]
    return t("list.dot").join(leads)


def _promotion(known_versions: list[ModelVersion], serving: ModelVersion | None) -> None:
    """Draws the promotion; a version that is worse in any metric needs a confirmation."""
    st.markdown(f"## {t('versions.promote')}")
    others = {
        version.version: version
        for version in known_versions
        if serving is None or version.version != serving.version
    }
    if not others:
        st.caption(t("versions.promote.none"))
        return
    chosen = st.selectbox(t("retrain.promote.which"), list(others), key="promote_version")
    confirmed = _confirmed(others[chosen], serving)
    if st.button(
        t("retrain.promote.button"),
        icon=":material/rocket_launch:",
        disabled=not confirmed,
        key="promote_button",
        type="primary",
    ):
        apply_change(lambda: promote(chosen))


def _confirmed(chosen: ModelVersion, serving: ModelVersion | None) -> bool:
    """Whether the version is not worse in any metric, or the user has confirmed that it may be."""
    doubtful = _no_better_than_sales(chosen)
    if serving is not None:
        doubtful |= _worse(chosen, serving)
    if not doubtful:
        return True
    return st.checkbox(t("retrain.promote.worse"), key=f"worse-{chosen.version}")


def _no_better_than_sales(chosen: ModelVersion) -> bool:
    """Whether a list sorted by sales does as well in some metric; draws which."""
    matched = comparison.no_better_than_sales(chosen.metrics)
    if matched:
        names = t("list.and").join(map(metric_label, matched))
        st.warning(t("versions.promote.sales", figures=names), icon=":material/trending_flat:")
    return bool(matched)


def _worse(chosen: ModelVersion, serving: ModelVersion) -> bool:
    """Whether it is worse than the serving version in some metric; draws which, and on which groups that shows."""
    lost = losses(settings().models, chosen, serving)
    if lost.later is not None and lost.later.asked is not None:
        st.caption(said_of(lost.later.asked, "versions.promote.later"))
    else:
        st.caption(why_by_validation(chosen, serving))
        if chosen.data_version != serving.data_version:
            st.caption(t("compare.other_data"))
    if not lost.metrics:
        st.caption(t("versions.promote.fine"))
        return False
    st.warning(
        t("versions.promote.worse", version=escape_markdown(serving.version)),
        icon=":material/trending_down:",
    )
    st.markdown(
        "\n".join(
            f"- {metric_label(one.metric)}: {metric_text(one.old)} → "
            + (t("versions.promote.missing") if one.new is None else metric_text(one.new))
            for one in lost.metrics
        )
    )
    return True


def _retention(places: list[PlannedVersion]) -> None:
    """Draws pinning, and pruning now instead of after the next training."""
    st.markdown(f"## {t('versions.keep')}")
    names = {place.version.version: place for place in places}
    chosen = st.selectbox(t("versions.pin.which"), list(names), key="pin_version")
    pinned = names[chosen].version.pinned
    if st.button(
        t("versions.unpin" if pinned else "versions.pin"),
        icon=":material/keep_off:" if pinned else ":material/keep:",
        key="pin_button",
    ):
        apply_change(lambda: pin(chosen, not pinned), promotes=False)
    going = [place for place in places if place.kept_as is None]
    if not going:
        st.caption(t("versions.prune.none"))
        return
    size = file_size(sum(place.bytes for place in going))
    with st.popover(t("versions.prune", n=len(going), size=size), icon=":material/delete_sweep:"):
        st.markdown("\n".join(f"- {escape_markdown(place.version.version)}" for place in going))
        st.caption(t("versions.prune.what"))
        if st.button(t("versions.prune.button"), key="prune_button", type="primary"):
            apply_change(prune, promotes=False)


def apply_change(action: Callable[[], ModelVersion | Pruned], promotes: bool = True) -> None:
    """Runs ``action`` and reruns the page, which says what has changed; draws why where it failed."""
    try:
        with st.spinner(t("versions.changing")):
            done = action()
    except (StoreError, EngineError) as error:
        error_box(t("retrain.trouble"), message_text(error))
        return
    st.session_state.pop("watched", None)  # the last training is no longer news
    if isinstance(done, Pruned):
        st.session_state["done"] = _pruned(done)
    elif promotes:
        choose_model(None)
        acknowledge_version(done.version)
        st.session_state["done"] = t("retrain.promoted", version=escape_markdown(done.version))
    st.rerun()


def _pruned(done: Pruned) -> str:
    text = t("versions.pruned", n=len(done.removed), size=file_size(done.bytes))
    if done.in_use:
        text += " " + t(
            "versions.pruned.in_use", versions=escape_markdown(t("list.and").join(done.in_use))
        )
    return text


@operators_only
def promote(version: str) -> ModelVersion:
    """Promotes ``version`` after opening it; raises StoreError or EngineError where that fails."""
    return promotion.promote(open_store(), version, open_recommender)


@operators_only
def roll_back() -> ModelVersion:
    """Promotes the version that served before; raises StoreError or EngineError where there is none."""
    return promotion.rollback(open_store(), open_recommender)


@operators_only
def pin(version: str, pinned: bool) -> ModelVersion:
    """Protects ``version`` from pruning, or no longer."""
    return registry.pin(open_store(), version, pinned)


@operators_only
def prune() -> Pruned:
    """Removes the versions that the retention policy does not keep."""
    return retention.prune(open_store(), settings().models, settings().keep_versions)


SECONDS_BETWEEN_LOOKS = 10.0
KNOWN_SERVING = "known_serving"  # in the session


def show_new_version_notice() -> None:
    """Draws a notice, and offers to switch, when another version than this session knows begins to serve.

    It looks every few seconds by one small query.
    """
    st.fragment(_notice, run_every=SECONDS_BETWEEN_LOOKS)()


def acknowledge_version(version: str | None) -> None:
    """Remembers that this session knows that ``version`` serves."""
    st.session_state[KNOWN_SERVING] = version


def is_announced(serving: str) -> bool:
    """Whether the notice already tells this session that ``serving`` serves."""
    return st.session_state.get(KNOWN_SERVING) not in (None, serving)


def _notice() -> None:
    try:
        now = registry.serving_name(open_store())
    except StoreError:
        return  # the page itself says so, and the store may answer the next look
    seen = st.session_state.get(KNOWN_SERVING)
    if seen is None:  # the session's first look, or the store's first model
        acknowledge_version(now)
        return
    if now is None or now == seen:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/campaign: {t('notice.promoted', new=escape_markdown(now), old=escape_markdown(seen))}",
            width="stretch",
        )
        if st.button(t("notice.switch"), key="notice_switch"):
            acknowledge_version(now)
            choose_model(None)
            st.rerun()
