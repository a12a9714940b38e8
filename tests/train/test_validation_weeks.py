"""A training in time is judged by the groups that closed since its cut, slow ones and fast ones alike."""

from dataclasses import replace

import numpy as np
import pytest
from small_shops import quick
from test_time_split import timed_shop

from db.logs import OPEN, SUCCESSFUL, Logs, Task
from train.benchmark.future import hold_out_future
from train.evaluate.splits import Split, split_groups
from train.evaluate.validation_weeks import (
    ValidationWeeks,
    knows_open_groups,
    validation_weeks,
    weeks_of_initiators,
)

SETTINGS = quick("validation=0.1", "question=any")
DAY = np.timedelta64(1, "D")


def filling_after(logs: Logs, days: np.ndarray, known_until: np.datetime64 | None = None) -> Logs:
    """The logs with every success filled so many ``days`` [G] after its launch, as far as that was known."""
    filled = logs.group_launched_at + (days * 86_400).astype("timedelta64[s]")
    successful = logs.group_status == SUCCESSFUL
    timed = replace(logs, group_filled_at=np.where(successful, filled, np.datetime64("NaT")))
    return timed if known_until is None else timed.with_groups(timed.closed_at < known_until)


def half_slow(logs: Logs) -> np.ndarray:
    """Ten days for every second group, an hour for the others."""
    return np.where(np.arange(len(logs.group_item)) % 2 == 0, 10.0, 1 / 24)


def shop_of_closed_groups(groups: int = 1500, days: int = 700) -> Logs:
    """A shop that knows its groups once they have closed; a half of them takes ten days."""
    logs = timed_shop(days=days, users=100, groups=groups)
    logs = logs.with_groups(logs.group_status != OPEN)
    end = logs.last_event.astype("datetime64[D]").astype("datetime64[s]")
    return filling_after(logs, half_slow(logs), end)


def asked_weeks(logs: Logs) -> tuple[Split, ValidationWeeks]:
    split = split_groups(logs, SETTINGS, 0)
    return split, validation_weeks(logs, split, 10_000, 0)


def test_what_filled_after_the_cut_is_not_learned_from_and_asked_instead() -> None:
    logs = shop_of_closed_groups()
    split, weeks = asked_weeks(logs)
    launched, closed = logs.group_launched_at, logs.closed_at
    assert (closed[split.training] < split.cut).all()
    assert (launched[split.slow] < split.cut).all()
    assert (closed[split.slow] >= split.cut).all()
    assert len(split.slow) > 5
    asked = set(weeks.lists[Task.ITEMS].group.tolist())
    assert asked == {*split.validation.tolist(), *split.slow.tolist()}


def test_slow_groups_have_the_share_among_those_asked_that_they_have_among_launches() -> None:
    logs = shop_of_closed_groups(groups=6000)
    split, weeks = asked_weeks(logs)
    took = logs.closed_at - logs.group_launched_at
    slow = took > DAY
    every = slow[(logs.group_launched_at < split.cut) & (logs.group_status == SUCCESSFUL)].mean()
    assert slow[weeks.lists[Task.ITEMS].group].mean() == pytest.approx(every, abs=0.04)
    assert slow[split.validation].mean() < every - 0.04  # those launched since the cut alone


def test_a_shop_that_wrote_its_groups_down_in_one_day_has_no_slow_groups() -> None:
    logs = timed_shop(groups=600)
    last = np.full(len(logs.group_item), logs.group_launched_at.max())
    split = split_groups(replace(logs, group_filled_at=last), SETTINGS, 0)
    assert len(split.slow) == 0
    assert len(split.training) > 100


def test_validation_asks_as_the_protocol_future_asks() -> None:
    logs = timed_shop(days=700, users=100, groups=1500)
    _, weeks = asked_weeks(logs)
    asked = hold_out_future(logs, weeks.window.start.astype("datetime64[D]"), SETTINGS, 0)
    for task, lists in asked.lists.items():
        ours = weeks.lists[task]
        assert ours.group.tolist() == lists.group.tolist()
        assert ours.at.tolist() == lists.at.tolist() == logs.group_launched_at[lists.group].tolist()
        assert ours.candidates.shape == lists.candidates.shape
        assert set(np.unique(ours.candidates)) == set(np.unique(lists.candidates))
        # Nobody and nothing stands in a list twice, which would make it shorter than it looks.
        assert all(len(set(row)) == len(row) for row in ours.candidates.tolist())


def test_with_nothing_later_known_each_launch_is_asked_as_early_as_its_group_filled_late() -> None:
    logs = shop_of_closed_groups()
    split, weeks = asked_weeks(logs)
    lists = weeks.lists[Task.ITEMS]
    alone = weeks.nothing_later(lists)
    ahead = logs.group_launched_at[lists.group] - alone.at
    assert (ahead == logs.closed_at[lists.group] - split.cut).all()
    assert (alone.at <= split.cut).all()
    before = weeks.launched_before(lists)
    assert set(lists.group[before].tolist()) == set(split.slow.tolist())


def test_a_launch_of_a_slow_group_is_no_repeat_of_itself() -> None:
    logs = shop_of_closed_groups()
    # Every initiator launches an item of their own, each only once.
    alone = replace(
        logs,
        group_initiator=np.arange(len(logs.group_item), dtype=np.int32) % len(logs.users),
        group_item=(np.arange(len(logs.group_item)) // len(logs.users) % 40).astype(np.int32),
    )
    split, weeks = asked_weeks(alone)
    assert len(split.slow)
    assert not weeks.window.repeats(split.slow).any()


def test_a_shop_knows_its_open_groups_if_it_has_any() -> None:
    logs = timed_shop()
    assert knows_open_groups(logs)
    assert not knows_open_groups(logs.with_groups(logs.group_status != OPEN))


def test_what_an_initiator_launches_in_a_week_goes_together() -> None:
    logs = timed_shop(days=60, users=8, groups=60)
    groups = np.arange(60)
    numbers = weeks_of_initiators(logs, groups)
    week = logs.group_launched_at.astype("datetime64[D]").astype(np.int64) // 7
    for a in range(60):
        same = (logs.group_initiator == logs.group_initiator[a]) & (week == week[a])
        assert ((numbers == numbers[a]) == same).all()
