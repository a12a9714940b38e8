"""The protocol future: what is asked, what stands beside the right answer, and what is known when."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from future_shop import CUT, launch, shop
from small_shops import quick

from db.errors import DataError, SettingError
from db.logs import Logs, Task
from engine.benchmark.records import Part, Way
from train.benchmark.future import FutureHoldout, hold_out_future
from train.benchmark.future_cuts import cuts_of_logs, read_cuts

ASK = quick("question=any")


def held_out(logs: Logs, limit: int = 0) -> FutureHoldout:
    return hold_out_future(logs, CUT, ASK, 0, limit)


def asked_days(holdout: FutureHoldout) -> list[str]:
    return [str(at) for at in holdout.lists[Task.ITEMS].at]


def ids(index: pd.Index, positions: np.ndarray) -> set[str]:
    return set(index[np.unique(positions)])


def test_asked_is_what_was_launched_from_the_cut_on_and_before_the_ninetieth_day() -> None:
    logs = shop(
        launch("2024-12-31 23:59:59", "u0", "i0", ["p0"]),
        launch("2025-01-01 00:00:00", "u0", "i0", ["p0"]),
        launch("2025-03-31 23:59:59", "u1", "i1", ["p1"]),
        launch("2025-04-01 00:00:00", "u2", "i2", ["p2"]),
    )
    assert asked_days(held_out(logs)) == ["2025-01-01T00:00:00", "2025-03-31T23:59:59"]


def test_only_successful_groups_with_participants_are_asked() -> None:
    logs = shop(
        launch("2025-01-02", "u0", "i0", [], status="failed"),
        launch("2025-01-03", "u0", "i0", ["p0"], status="successful"),
        launch("2025-01-04", "u0", "i0", ["p0"], status="open"),
        launch("2025-01-05", "u0", "i0", [], status="successful"),
    )
    assert asked_days(held_out(logs)) == ["2025-01-03T00:00:00"]


def test_nothing_of_the_window_is_known_before_the_cut_not_even_how_an_older_group_ended() -> None:
    logs = shop(
        launch("2024-12-30", "u9", "i0", ["p9"], filled="2025-01-01 00:00:00"),
        launch("2024-12-31", "u9", "i1", ["p9"], filled="2024-12-31 23:59:59"),
        launch("2025-01-05", "u0", "i0", ["p0"]),
    )
    holdout = held_out(logs)
    known = holdout.known
    assert known.last_event < CUT
    assert len(known.group_item) == len(logs.group_item) - 1
    assert known.group_status[-2:].tolist() == [2, 0]  # the first is open as yet
    assert holdout.split.cut <= known.group_launched_at[holdout.split.validation].min()
    asked = holdout.asked(holdout.lists[Task.ITEMS], Way.CUT)
    assert (asked.at == CUT).all()


def test_the_evidence_of_the_day_asks_each_launch_as_of_its_own_moment() -> None:
    logs = shop(
        launch("2025-01-05 10:00:00", "u0", "i0", ["p0"]),
        launch("2025-02-07 11:30:00", "u1", "i0", ["p0"]),
        launch("2025-05-01", "u1", "i0", ["p0"]),
    )
    holdout = held_out(logs)
    asked = holdout.asked(holdout.lists[Task.PARTICIPANTS], Way.DAY)
    assert [str(at) for at in asked.at] == ["2025-01-05T10:00:00", "2025-02-07T11:30:00"]
    assert holdout.later.last_event < CUT + 90


def test_an_item_stands_on_the_shelf_if_it_was_launched_in_the_year_before_or_in_the_window() -> (
    None
):
    logs = shop(
        launch("2024-01-01 23:59:59", "u0", "too old", ["p0"]),
        launch("2024-01-02", "u0", "a year ago", ["p0"]),
        launch("2025-01-05", "u0", "new", ["p0"]),
        launch("2025-04-01", "u0", "after the window", ["p0"]),
    )
    candidates = ids(logs.items.index, held_out(logs).lists[Task.ITEMS].candidates)
    assert candidates == {*(f"i{k}" for k in range(9)), "a year ago", "new"}


def test_the_shops_dates_of_sale_decide_where_there_are_any() -> None:
    dates = {
        "sold out in December": ("2024-01-01", "2025-01-01"),
        "until the new year": ("2024-01-01", "2025-01-01 00:00:01"),
        "from April": ("2025-04-01", None),
        "from March": ("2025-03-31 23:59:59", None),
        "dated but launched": (None, "2024-06-01"),
    }
    items = pd.DataFrame(
        {
            "on_sale_from": pd.to_datetime(
                [begin for begin, _ in dates.values()], format="ISO8601"
            ),
            "on_sale_until": pd.to_datetime([end for _, end in dates.values()], format="ISO8601"),
        },
        index=list(dates),
    )
    logs = shop(
        *(launch("2024-05-01", "u0", name, ["p0"]) for name in dates),
        launch("2025-01-05", "u0", "dated but launched", ["p0"]),
        launch("2025-01-06", "u0", "i0", ["p0"]),
        items=items,
    )
    candidates = ids(logs.items.index, held_out(logs).lists[Task.ITEMS].candidates)
    assert candidates & set(dates) == {"until the new year", "from March", "dated but launched"}
    assert {f"i{k}" for k in range(9)} <= candidates


def test_people_are_candidates_if_they_did_anything_in_the_year_before_the_cut() -> None:
    logs = shop(
        launch("2023-12-31", "asleep", "i0", ["p0"]),
        launch("2024-01-02", "awake", "i0", ["joiner"]),
        launch("2024-12-31", "u0", "i0", ["undecided"], filled="2025-01-02"),
        launch("2025-01-05", "u0", "i0", ["p0"]),
        launch("2025-01-06", "newcomer", "i0", ["another newcomer"]),
    )
    lists = held_out(logs).lists
    people = ids(logs.users.index, lists[Task.PARTICIPANTS].candidates)
    assert {"awake", "joiner"} <= people
    assert not people & {"asleep", "undecided", "newcomer", "another newcomer"}
    assert len(lists[Task.ITEMS].group) == 2
    assert len(lists[Task.PARTICIPANTS].group) == 1  # nobody of the other group can be asked for


def test_one_participant_a_group_is_asked_for_among_people_outside_the_group() -> None:
    logs = shop(launch("2025-01-05", "u0", "i0", ["p0", "p1", "p2"]))
    lists = held_out(logs).lists[Task.PARTICIPANTS]
    right, *others = logs.users.index[lists.candidates[0]]
    assert right in {"p0", "p1", "p2"}
    assert sorted(others) == ["p3", "p4", "p5", "p6", "u1", "u2", "u3", "u4", "u5"]


def test_a_new_item_stands_among_new_ones_too_and_once_among_new_ones_only() -> None:
    new = [launch(f"2025-01-{day:02}", "u0", f"new {day}", ["p0"]) for day in range(5, 10)]
    holdout = held_out(shop(*new, launch("2025-02-01", "u1", "i1", ["p1"])))
    index = holdout.known.items.index
    first = holdout.lists[Task.ITEMS].candidates[0]
    names = {f"new {day}" for day in range(5, 10)}
    assert ids(index, first) == names | {f"i{k}" for k in range(9)}
    assert len(first) == len(set(first.tolist())) == 14
    assert holdout.parts[Task.ITEMS][Part.NEW_ITEMS].tolist() == [True] * 5 + [False]
    assert holdout.among_new is not None
    assert holdout.among_new.candidates.shape == (5, 5)
    assert ids(index, holdout.among_new.candidates) == names
    assert (holdout.among_new.candidates[:, 0] == holdout.lists[Task.ITEMS].candidates[:5, 0]).all()


def test_the_parts_are_told_by_what_was_known_at_the_cut_and_add_up() -> None:
    logs = shop(
        launch("2025-01-01", "u0", "i0", ["p0"]),  # u0 has launched i0, i3 and i6
        launch("2025-01-07 23:59:59", "u0", "i1", ["p1"]),
        launch("2025-01-08", "p0", "new", ["u1"]),
        launch("2025-01-28 23:59:59", "p0", "new", ["u1"]),
        launch("2025-01-29", "u0", "i3", ["p0"]),
    )
    holdout = held_out(logs)
    items = holdout.parts[Task.ITEMS]
    expected = {
        Part.REPEATS: [True, False, False, False, True],
        Part.FIRST_TIMES: [False, True, True, True, False],
        Part.NEW_ITEMS: [False, False, True, True, False],
        Part.NEW_INITIATORS: [False, False, True, True, False],
        Part.WEEK_1: [True, True, False, False, False],
        Part.WEEKS_2_TO_4: [False, False, True, True, False],
        Part.WEEKS_5_TO_13: [False, False, False, False, True],
    }
    assert {part: rows.tolist() for part, rows in items.items()} == expected
    assert holdout.parts[Task.PARTICIPANTS][Part.NEW_PARTICIPANTS].tolist() == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_a_shop_that_asks_for_something_new_is_not_asked_about_repeats() -> None:
    logs = shop(
        launch("2025-01-05", "u0", "i0", ["p0"]),
        launch("2025-01-06", "u0", "i1", ["p0"]),
    )
    lists = hold_out_future(logs, CUT, quick("question=new"), 0).lists
    names = logs.items.index[lists[Task.ITEMS].candidates[0]]
    assert len(lists[Task.ITEMS].group) == 1
    assert names[0] == "i1"
    assert not {"i0", "i3", "i6"} & set(names)
    assert len(lists[Task.PARTICIPANTS].group) == 2


def test_a_limit_draws_some_of_the_windows_groups_by_seed() -> None:
    days = pd.date_range("2025-01-01", periods=40)
    logs = shop(*(launch(day, "u0", "i0", ["p0"]) for day in days))
    some = asked_days(held_out(logs, 10))
    assert len(some) == 10
    assert some == asked_days(held_out(logs, 10)) == sorted(some)
    assert some != asked_days(hold_out_future(logs, CUT, ASK, 1, 10))


def test_a_cut_with_nothing_after_it_is_refused() -> None:
    with pytest.raises(DataError, match="2025-01-01"):
        held_out(shop())


def years(*ends: str) -> Logs:
    """A shop with a launch a week from the first to the last of these days."""
    days = pd.date_range(ends[0], ends[1], freq="7D").append(pd.DatetimeIndex([ends[1]]))
    return shop(*(launch(day, "u0", "i0", ["p0"]) for day in days), before=0)


@pytest.mark.parametrize(
    ("first", "last", "cuts"),
    [
        # Of ten years the last four, of which the last leaves 90 days.
        (
            "2015-01-01",
            "2024-12-31",
            ["2021-10-04", "2022-10-04", "2023-10-04", "2024-10-03"],
        ),
        # Two yearly cuts have a year before each, a third would not.
        ("2022-01-01", "2024-12-31", ["2023-10-04", "2024-10-03"]),
        # A year and a half: 13 weeks apart, with a year before each.
        ("2023-04-01", "2024-12-31", ["2024-04-04", "2024-07-04", "2024-10-03"]),
        # 240 days, of which half come before the only cut.
        ("2024-05-06", "2024-12-31", ["2024-10-03"]),
    ],
)
def test_cuts_are_spread_over_the_logs(first: str, last: str, cuts: list[str]) -> None:
    assert [str(cut) for cut in cuts_of_logs(years(first, last))] == cuts


def test_given_cuts_are_days_in_order() -> None:
    logs = years("2024-05-06", "2024-12-31")
    cuts = read_cuts("2024-09-01, 2024-08-01,2024-09-01")
    assert [str(cut) for cut in cuts_of_logs(logs, cuts)] == ["2024-08-01", "2024-09-01"]
    assert read_cuts("") == []
    for wrong in ("yesterday", "2024-13-01", "NaT"):
        with pytest.raises(SettingError, match="--cuts"):
            read_cuts(wrong)


def test_logs_without_times_or_too_short_ones_have_no_future() -> None:
    logs = years("2024-05-06", "2024-12-31")
    untimed = replace(logs, group_launched_at=np.full_like(logs.group_launched_at, "NaT"))
    with pytest.raises(DataError, match="do not tell when"):
        cuts_of_logs(untimed)
    with pytest.raises(DataError, match="too short"):
        cuts_of_logs(years("2024-08-01", "2024-12-31"))
