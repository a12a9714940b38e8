"""The sweeps on the Evaluation page: one setting at several values, all else alike."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app.benchmark.names import metric_name, setting_name, value_name
from app.benchmark.records import Damaged, Sweep, as_number, read_sweeps
from app.benchmark.tabs import BARE, damaged
from app.figures.curves import sweep_line
from app.figures.palette import palette
from app.frame.page import empty_state, escape_markdown
from app.model_quality import TASKS
from app.text import known, language, t
from app.text.messages import setting_changes
from app.text.numbers import count, day
from engine.model_settings import PRESETS, differing_from_preset

COMMAND = "python -m train sweep --param heads --values 1,2,4,8"


def sweeps(folder: Path, settings: Mapping[str, Any]) -> None:
    """Draws every ``sweep-*.json`` in ``folder``; ``settings`` are the serving model's, marked in the charts.

    A file that cannot be read is told of, and the others are drawn.
    """
    st.header(t("sweeps.title"), anchor=False)
    st.caption(t("sweeps.lead"))
    paths = sorted(folder.glob("sweep-*.json"))
    found: list[Sweep] = []
    for path in paths:
        try:
            found += read_sweeps(path)
        except Damaged as error:
            damaged(error, COMMAND)
    if not found:
        if not paths:
            empty_state(t("sweeps.none"), t("sweeps.none.next"))
            st.code(COMMAND, language="sh")
        return
    params = list(dict.fromkeys(sweep.param for sweep in found))
    param = st.segmented_control(
        t("sweeps.param"),
        params,
        default=params[0],
        format_func=setting_name,
        required=True,
        key="sweep-param",
    )
    among = [sweep for sweep in found if sweep.param == param]
    metrics = list(
        dict.fromkeys(m for sweep in among for one in sweep.points for _, m in one.figures)
    )
    left, right = st.columns(2, gap="medium")
    metric = left.selectbox(
        t("evaluation.metric"), metrics, format_func=metric_name, key=f"sweep-metric-{param}"
    )
    place = 0
    if len(among) > 1:
        place = right.selectbox(
            t("benchmark.which"),
            range(len(among)),
            format_func=lambda place: which(among, place),
            key=f"sweep-{param}",
        )
    _charts(among[place], str(metric), settings)
    if told := differences(among[place]):
        st.caption(escape_markdown(told))


def which(among: Sequence[Sweep], place: int) -> str:
    """One of several sweeps of a setting in words: on what, and where others share that, which values and when."""
    one = among[place]
    on = _measured_on(one)
    alike = [other for other in among if _measured_on(other) == on]
    if len(alike) == 1:
        return on
    return t(
        "sweeps.which.values",
        n=alike.index(one) + 1,
        values=t("list.and").join(value_name(one.param, point.setting) for point in one.points),
        day=day(one.measured_at, language()),
    )


def _measured_on(one: Sweep) -> str:
    return t(
        "sweeps.which",
        preset=_preset_name(one.preset),
        seed=one.seed,
        training=count(one.training_groups),
    )


def _preset_name(preset: str) -> str:
    key = f"preset.{preset}"
    return t(key) if known(key) else preset


def differences(sweep: Sweep) -> str:
    """What a sweep was measured with that its preset has otherwise today, in words; "" where there is nothing."""
    if sweep.preset not in PRESETS:
        return ""
    changes = differing_from_preset(sweep.preset, sweep.settings)
    if not changes:
        return ""
    return t(
        "sweeps.otherwise",
        preset=_preset_name(sweep.preset),
        settings=t("list.and").join(
            setting_changes([f"{name}={value}" for name, value in changes.items()])
        ),
    )


def _charts(sweep: Sweep, metric: str, settings: Mapping[str, Any]) -> None:
    """A chart a task, and a sentence on the best value."""
    held = current_setting(sweep, settings)
    current = None if held is None else value_name(sweep.param, held)
    for column, task in zip(st.columns(2, gap="large"), TASKS, strict=True):
        drawn = [
            (value_name(sweep.param, point.setting), figure)
            for point in sweep.points
            if (figure := point.figures.get((task, metric))) is not None
            and figure.value is not None
        ]
        if not drawn:
            continue
        values = [figure.value or 0.0 for _, figure in drawn]
        lows = [v if f.low is None else f.low for v, (_, f) in zip(values, drawn, strict=True)]
        highs = [v if f.high is None else f.high for v, (_, f) in zip(values, drawn, strict=True)]
        names = [name for name, _ in drawn]
        with column:
            st.markdown(f"### {t(f'evaluation.{task}')}")
            figure = sweep_line(
                task,
                names,
                values,
                lows,
                highs,
                setting_name(sweep.param),
                metric_name(metric),
                current,
                t("sweeps.current"),
                palette(st.context.theme.type),
            )
            st.plotly_chart(figure, key=f"sweep-line-{task}", config=BARE)
            best = max(range(len(values)), key=values.__getitem__)
            # Beyond doubt only where its interval stands above that of the worst value.
            clear = lows[best] > highs[min(range(len(values)), key=values.__getitem__)]
            st.caption(
                t(
                    "sweeps.best" if clear else "sweeps.alike",
                    value=names[best],
                    metric=metric_name(metric),
                )
            )


def current_setting(sweep: Sweep, settings: Mapping[str, Any]) -> str | None:
    """The swept value that the serving model has; ``None`` where it has none of them.

    Of settings that are swept together, all must have it.
    """
    held = {str(settings.get(param)) for param in sweep.param.split("+")}
    if len(held) != 1:
        return None
    value = held.pop()
    for point in sweep.points:
        number = as_number(point.setting)
        if point.setting == value or (number is not None and number == as_number(value)):
            return point.setting
    return None
