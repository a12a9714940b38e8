"""The sweeps on the Evaluation page: one setting at several values, all else alike."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from app.benchmark.names import metric_name, setting_name, value_name
from app.benchmark.tabs import NO_MODE_BAR, unreadable_file
from app.figures.curves import sweep_line
from app.figures.palette import palette
from app.frame.page import empty_state, escape_markdown
from app.text import known, language, t
from app.text.messages import setting_changes
from app.text.numbers import count, day
from db.errors import ResultsError
from db.logs import Metric, Task
from engine.benchmark.records import SweepRecord, read_records
from engine.benchmark.sweeps import MeasuredSweep, as_number, sweeps_of
from engine.presets import PRESETS, differing_from_preset

COMMAND = "python -m train sweep --param heads --values 1,2,4,8"


def sweeps(folder: Path, settings: Mapping[str, Any]) -> None:
    """Draws every ``sweep-*.json`` in ``folder``; ``settings`` are the serving model's, marked in the charts.

    A file that cannot be read is reported, and the others are drawn.
    """
    st.header(t("sweeps.title"), anchor=False)
    st.caption(t("sweeps.lead"))
    paths = sorted(folder.glob("sweep-*.json"))
    found: list[MeasuredSweep] = []
    for path in paths:
        try:
            found += sweeps_of(read_records(path, SweepRecord))
        except ResultsError as error:
            unreadable_file(error, COMMAND)
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
    metrics = {metric.at: metric for sweep in among for metric in sweep.metrics}
    left, right = st.columns(2, gap="medium")
    at = left.selectbox(
        t("evaluation.metric"),
        list(metrics),
        format_func=lambda at: metric_name(metrics[at]),
        key=f"sweep-metric-{param}",
    )
    place = 0
    if len(among) > 1:
        place = right.selectbox(
            t("benchmark.which"),
            range(len(among)),
            format_func=lambda place: sweep_label(among, place),
            key=f"sweep-{param}",
        )
    _charts(among[place], metrics[at], settings)
    if changes := changes_from_preset(among[place]):
        st.caption(escape_markdown(changes))


def sweep_label(among: Sequence[MeasuredSweep], place: int) -> str:
    """One of several sweeps of a setting: what it was measured on and, where others share that, values and day."""
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


def _measured_on(one: MeasuredSweep) -> str:
    return t(
        "sweeps.which",
        preset=_preset_name(one.preset),
        seed=one.seed,
        training=count(one.training_groups),
    )


def _preset_name(preset: str) -> str:
    key = f"preset.{preset}"
    return t(key) if known(key) else preset


def changes_from_preset(sweep: MeasuredSweep) -> str:
    """The settings of a sweep that differ from today's preset, in a sentence; "" where none does."""
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


def _charts(sweep: MeasuredSweep, metric: Metric, settings: Mapping[str, Any]) -> None:
    """A chart for each task, and a sentence on the best value."""
    serving = serving_value(sweep, settings)
    current = None if serving is None else value_name(sweep.param, serving)
    for column, task in zip(st.columns(2, gap="large"), Task, strict=True):
        series = sweep.series(task, metric.at)
        if not series:
            continue
        names = [value_name(sweep.param, setting) for setting, _ in series]
        values = [estimate.value or 0.0 for _, estimate in series]
        lows = [v if e.low is None else e.low for v, (_, e) in zip(values, series, strict=True)]
        highs = [v if e.high is None else e.high for v, (_, e) in zip(values, series, strict=True)]
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
            st.plotly_chart(figure, key=f"sweep-line-{task}", config=NO_MODE_BAR)
            best = max(range(len(values)), key=values.__getitem__)
            # Clear only where the best value's interval lies above that of the worst.
            clear = lows[best] > highs[min(range(len(values)), key=values.__getitem__)]
            st.caption(
                t(
                    "sweeps.best" if clear else "sweeps.alike",
                    value=names[best],
                    metric=metric_name(metric),
                )
            )


def serving_value(sweep: MeasuredSweep, settings: Mapping[str, Any]) -> str | None:
    """The swept value that the serving model has; None where it has none of them.

    Settings that are swept together must all have it.
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
