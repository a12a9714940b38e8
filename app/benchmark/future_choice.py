"""The protocol future on the Evaluation page: which way and which cut to show, and when to retrain."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from app.benchmark.names import metric_name
from app.text import language, t
from app.text.numbers import count, day, metric_text
from db.logs import Metric
from engine.benchmark.aging import UNLEARNED, first_decline
from engine.benchmark.comparison import FUTURE, OURS, Comparison, Run
from engine.benchmark.pooling import cuts_of, pooled
from engine.benchmark.records import Way

WAYS = (Way.DAY, Way.CUT)  # as a shop lives comes first


def choose_future(found: Sequence[Comparison]) -> Comparison:
    """Asks for the way and the cut; by default all cuts together. ``found`` has a comparison of the future."""
    future = [one for one in found if one.protocol == FUTURE]
    ways = [way for way in WAYS if any(one.way is way for one in future)]
    way = st.segmented_control(
        t("benchmark.way"),
        ways,
        default=ways[0],
        format_func=lambda way: t(f"way.{way}"),
        required=True,
        key="way",
    )
    among = [one for one in [*pooled(future), *future] if one.way is way]
    if len(among) == 1:
        return among[0]
    place = st.selectbox(
        t("benchmark.cut"),
        range(len(among)),
        format_func=lambda place: _label(among[place], found),
        key=f"cut-{way}",
    )
    return among[place]


def _label(one: Comparison, found: Sequence[Comparison]) -> str:
    if not one.cut:
        return t("benchmark.cut.all", n=len(cuts_of(one, found)))
    alike = [other for other in found if (other.cut, other.way) == (one.cut, one.way)]
    if len(alike) == 1:
        return _day(one.cut)
    return t(
        "benchmark.cut.one",
        cut=_day(one.cut),
        test=count(one.test_groups),
        day=day(one.measured_at, language()),
    )


def _day(cut: str) -> str:
    return day(pd.Timestamp(np.datetime64(cut)), language())


def measured_cuts(one: Comparison, found: Sequence[Comparison]) -> str:
    """What a comparison of several cuts was measured on, in a sentence."""
    cuts = cuts_of(one, found)
    return t(
        "benchmark.measured.cuts",
        n=len(cuts),
        cuts=t("list.and").join(_day(cut) for cut in cuts),
        test=count(one.test_groups),
        day=day(one.measured_at, language()),
    )


def when_to_retrain(runs: Sequence[Run], metric: Metric) -> str:
    """How MAMGBR fares without a new training, with the evidence of the day; "" where nothing is certain."""
    by_name = {run.system: run for run in runs}
    if OURS not in by_name or by_name[OURS].way is not Way.DAY:
        return ""
    unlearned = by_name.get(UNLEARNED)
    found = first_decline(by_name[OURS], metric, unlearned)
    if found is None:
        return ""
    less, low, high = (metric_text(value) for value in (found.value, found.low, found.high))
    fell = t(
        "benchmark.age" if unlearned is None else "benchmark.age.beside",
        weeks=t(f"part.{found.part}"),
        metric=metric_name(metric),
        less=less,
        low=low,
        high=high,
    )
    return f"{fell} {t(f'benchmark.age.advice.{found.part}')}"
