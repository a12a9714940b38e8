"""The form of a training: the preset, every setting of it, and which combinations are impossible."""

from dataclasses import dataclass
from typing import Any, get_args

import streamlit as st

from app.frame.page import escape_markdown
from app.text import t
from app.text.messages import SETTING_TYPES, message_text, setting_changes
from db.errors import SettingError
from engine.model_settings import ModelSettings, bounds
from engine.presets import PRESETS, preset

PRESET_ORDER = ("demo", "default", "paper")
PARTS = {
    "vectors": (
        "embeddings",
        "dim",
        "layers",
        "failed_launches",
        "friendships",
        "min_groups",
        "question",
    ),
    "inputs": (
        "tokens",
        "products",
        "evidence",
        "timed_evidence",
        "taste_rank",
        "leaning_rank",
        "width",
    ),
    "experts": (
        "attention",
        "heads",
        "output_projection",
        "experts",
        "shared",
        "hidden",
        "out",
        "gate_hidden",
        "tower",
        "levels",
        "dropout",
    ),
    "losses": (
        "loss",
        "bpr_on",
        "negatives",
        "task_weight",
        "tasks",
        "auxiliary_1",
        "auxiliary_2",
        "auxiliary_negatives",
        "balance",
    ),
    "training": (
        "epochs",
        "least_steps",
        "batch",
        "rate",
        "weight_decay",
        "evaluations",
        "patience",
        "folds",
        "blocks",
        "recent_groups",
        "days_ahead",
        "validation",
        "validation_cap",
        "groups_an_epoch",
    ),
}


@dataclass(frozen=True)
class TrainingRequest:
    """What the form asks for: a preset, changes of it as ``name=value``, and why they are impossible, if they are."""

    preset: str
    changes: tuple[str, ...]
    problem: str | None


def training_form(default: str | None = None) -> TrainingRequest:
    """Draws the form, starting from the preset ``default``; says at once which settings are impossible."""
    name = str(
        st.radio(
            t("retrain.preset"),
            PRESET_ORDER,
            index=PRESET_ORDER.index(default) if default in PRESET_ORDER else 0,
            format_func=lambda one: t(f"preset.{one}"),
            captions=[t(f"preset.{one}.what") for one in PRESET_ORDER],
            key="preset",
        )
    )
    start = PRESETS[name]
    with st.expander(t("settings.title"), icon=":material/tune:"):
        st.caption(t("settings.lead"))
        given: dict[str, Any] = {}
        for tab, (part, fields) in zip(
            st.tabs([t(f"settings.part.{part}") for part in PARTS]), PARTS.items(), strict=True
        ):
            with tab:
                given |= _part(name, part, fields, start)
        changed = {field: now for field, now in given.items() if now != getattr(start, field)}
        if changed:
            st.button(
                t("settings.reset", n=len(changed)),
                icon=":material/restart_alt:",
                key="settings_reset",
                on_click=_reset,
                args=(name, start),
            )
    changes = tuple(f"{field}={now}" for field, now in changed.items())
    if changes:
        st.caption(
            t(
                "settings.changed",
                changes=escape_markdown(t("list.and").join(setting_changes(changes))),
            )
        )
    problem = settings_problem(name, changes)
    if problem is not None:
        st.warning(f"{t('settings.refused')} {escape_markdown(problem)}", icon=":material/error:")
    return TrainingRequest(name, changes, problem)


def settings_problem(name: str, changes: tuple[str, ...]) -> str | None:
    """Why no model can be built from these settings, in the page's language; ``None`` where one can."""
    try:
        preset(name, changes)
    except SettingError as error:
        return message_text(error)
    return None


def _part(name: str, part: str, fields: tuple[str, ...], start: ModelSettings) -> dict[str, Any]:
    """Draws the widgets of one part in three columns; returns their values."""
    given: dict[str, Any] = {}
    for row in range(0, len(fields), 3):
        for column, field in zip(
            st.columns(3, gap="medium", vertical_alignment="bottom"),
            fields[row : row + 3],
            strict=False,
        ):
            with column:
                given[field] = _widget(field, getattr(start, field), _key(name, field))
    return given


def _widget(field: str, default: Any, key: str) -> Any:
    """Draws the widget of a setting, a switch, a choice or a number within its bounds; returns its value."""
    label, meaning, kind = t(f"setting.{field}"), t(f"setting.{field}.what"), SETTING_TYPES[field]
    choices = get_args(kind)
    if choices:
        return st.selectbox(
            label,
            choices,
            index=choices.index(default),
            format_func=lambda choice: t(f"setting.{field}.is.{choice}"),
            help=meaning,
            key=key,
        )
    if kind is bool:
        return st.toggle(label, value=default, help=meaning, key=key)
    ends = bounds(field)
    least, most = ends.least, ends.most
    if kind is int:
        return st.number_input(
            label,
            min_value=None if least is None else int(least),
            max_value=None if most is None else int(most),
            value=default,
            step=1,
            help=meaning,
            key=key,
        )
    return st.number_input(
        label,
        min_value=None if least is None else float(least),
        max_value=None if most is None else float(most),
        value=default,
        step=max(default / 2, 0.0001),
        format="%g",
        help=meaning,
        key=key,
    )


def _key(name: str, field: str) -> str:
    """The key of a setting's widget; each preset has widgets of its own."""
    return f"set-{name}-{field}"


def _reset(name: str, start: ModelSettings) -> None:
    for fields in PARTS.values():
        for field in fields:
            st.session_state[_key(name, field)] = getattr(start, field)
