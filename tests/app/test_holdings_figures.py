"""The charts of what the store holds say what was counted."""

import numpy as np
import pandas as pd
import pytest

from app.figures.palette import DARK, LIGHT
from app.figures.store_statistics import (
    bin_degrees,
    count_bars,
    coverage_bars,
    degree_bars,
    launches_by_period,
    launches_over_time,
    success_over_time,
)

NAMES = {"successful": "成团", "failed": "未成团", "open": "进行中"}


def daily(days, **counts):
    index = pd.to_datetime(days)
    zeros = [0] * len(days)
    return pd.DataFrame({state: counts.get(state, zeros) for state in NAMES}, index=index)


@pytest.mark.parametrize(
    ("last", "unit", "periods"),
    [("2025-01-10", "day", 10), ("2025-06-30", "week", 27), ("2026-12-31", "month", 24)],
)
def test_the_span_of_the_logs_chooses_the_period_and_no_launch_is_lost(last, unit, periods):
    frame = daily(["2025-01-01", last], successful=[3, 4], failed=[1, 0])
    table, chosen = launches_by_period(frame)
    assert (chosen, len(table)) == (unit, periods)
    assert table.sum().to_dict() == {"successful": 7, "failed": 1, "open": 0}
    assert table.index[0] <= pd.Timestamp("2025-01-01")


def test_large_degrees_stand_together():
    spread = pd.Series([10, 5, 2, 1, 1], index=[1, 2, 7, 100, 5000])
    assert bin_degrees(spread).to_dict() == {
        "1": 10, "2": 5, "3": 0, "4": 0, "5": 0, "6–10": 2, "11–20": 0, "21–50": 0, "51–100": 1,
        "101+": 1,
    }  # fmt: skip
    assert list(bin_degrees(pd.Series([4], index=[2])).index) == ["1", "2"]
    assert bin_degrees(pd.Series([], index=pd.Index([], dtype="int64"), dtype="int64")).empty


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_launches_are_stacked_by_what_became_of_them(colours):
    frame = daily(["2025-01-01", "2025-01-02"], successful=[3, 4], failed=[1, 0])
    figure = launches_over_time(frame, "day", NAMES, "groups", colours)
    assert [bar.name for bar in figure.data] == ["成团", "未成团"]
    assert list(figure.data[0].y) == [3, 4]
    assert figure.layout.barmode == "stack"
    assert all("%{y:,}" in bar.hovertemplate for bar in figure.data)


def test_the_success_rate_is_of_those_that_ended_and_waits_for_the_latest():
    days = ["2025-01-01", "2025-01-02", "2025-01-03"]
    frame = daily(days, successful=[3, 0, 2], failed=[1, 0, 0], open=[0, 0, 9])
    rates = success_over_time(frame, "week", "share", LIGHT).data[0].y
    assert rates[0] == 0.75
    assert np.isnan(rates[1:]).all()


def test_bars_say_count_and_share():
    bars = count_bars(["2", "3"], [995, 1], "people", "groups", LIGHT.items, LIGHT).data[0]
    assert list(bars.y) == [995, 1]
    assert list(bars.text) == [">99%", "<1%"]
    degrees = degree_bars(pd.Series([3, 1], index=["1", "2"]), "users", LIGHT.items, LIGHT).data[0]
    assert (list(degrees.x), list(degrees.text)) == ([3, 1], ["75%", "25%"])
    known = coverage_bars(["names", "prices"], [5, 0], [10, 10], "share", LIGHT).data[0]
    assert (list(known.x), list(known.text)) == ([0.5, 0.0], ["50%", "0%"])
    assert [tuple(pair) for pair in known.customdata] == [(5, 10), (0, 10)]
