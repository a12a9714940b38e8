"""What was known of the logs at a moment."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.logs import FAILED, OPEN, SUCCESSFUL, Logs

DAY = np.datetime64("2025-06-01T00:00:00", "s")


def day(number: int | None) -> np.datetime64:
    return np.datetime64("NaT", "s") if number is None else DAY + np.timedelta64(number, "D")


def logs_of(
    groups: list[tuple[str, int | None, int | None, int | None]],
    joins: list[tuple[int, int | None]] = (),
) -> Logs:
    """Groups (status, days of launch, filling and deadline) and joins (group, day), a participant each."""
    frame = pd.DataFrame(
        {
            "initiator": [f"i{k}" for k in range(len(groups))],
            "item": [f"item {k}" for k in range(len(groups))],
            "status": [group[0] for group in groups],
            "launched_at": [day(group[1]) for group in groups],
            "filled_at": [day(group[2]) for group in groups],
            "expires_at": [day(group[3]) for group in groups],
        },
        index=[str(k) for k in range(len(groups))],
    )
    members = pd.DataFrame(
        {
            "group": [str(group) for group, _ in joins],
            "participant": [f"p{k}" for k in range(len(joins))],
            "joined_at": pd.to_datetime([day(time) for _, time in joins]),
        }
    )
    return Logs.from_frames(frame, members)


def statuses(logs: Logs, at: int) -> list[int]:
    return logs.known_before(day(at)).group_status.tolist()


def participants(logs: Logs, at: int) -> list[str]:
    known = logs.known_before(day(at))
    return list(known.users.index[known.join_participant])


def test_a_group_is_known_from_the_second_after_its_launch() -> None:
    logs = logs_of([("open", 1, None, None)])
    assert statuses(logs, 1) == []
    second = logs.known_before(day(1) + np.timedelta64(1, "s"))
    assert second.group_status.tolist() == [OPEN]


def test_a_group_is_open_until_it_fills() -> None:
    logs = logs_of([("successful", 1, 4, None)])
    assert [statuses(logs, at) for at in (2, 4, 5)] == [[OPEN], [OPEN], [SUCCESSFUL]]
    assert np.isnat(logs.known_before(day(4)).group_filled_at).all()


def test_a_success_of_unknown_time_counts_from_the_last_join_and_without_joins_from_the_launch() -> (
    None
):
    logs = logs_of(
        [("successful", 1, None, None), ("successful", 1, None, None), ("open", 9, None, None)],
        [(0, 2), (0, 5), (1, None)],
    )
    assert [statuses(logs, at) for at in (3, 5, 6)] == [
        [OPEN, SUCCESSFUL],
        [OPEN, SUCCESSFUL],
        [SUCCESSFUL, SUCCESSFUL],
    ]


def test_a_failure_counts_from_the_deadline_but_no_later_than_the_logs_end() -> None:
    logs = logs_of(
        [
            ("failed", 1, None, 3),
            ("failed", 1, None, None),
            ("failed", 1, None, 30),
            ("open", 6, None, None),
        ]
    )
    assert statuses(logs, 3) == [OPEN, FAILED, OPEN]
    assert statuses(logs, 4) == [FAILED, FAILED, OPEN]
    assert statuses(logs, 7) == [FAILED, FAILED, FAILED, OPEN]


def test_joins_count_from_their_time_and_without_one_once_the_group_has_filled() -> None:
    logs = logs_of([("successful", 1, 5, None)], [(0, 2), (0, None), (0, 7)])
    assert [participants(logs, at) for at in (2, 3, 6, 8)] == [
        [],
        ["p0"],
        ["p0", "p1"],
        ["p0", "p1", "p2"],
    ]


def test_joins_without_a_time_in_a_group_that_is_still_open_count_when_the_logs_end() -> None:
    logs = logs_of([("open", 1, None, None), ("open", 5, None, None)], [(0, None)])
    assert [participants(logs, at) for at in (4, 6)] == [[], ["p0"]]


def test_what_has_no_time_always_counts() -> None:
    logs = logs_of(
        [("successful", None, None, None), ("failed", None, None, None), ("open", 3, None, None)],
        [(0, None)],
    )
    assert statuses(logs, 0) == [SUCCESSFUL, FAILED]
    assert participants(logs, 0) == ["p0"]


def test_users_and_items_keep_their_positions() -> None:
    logs = logs_of([("successful", 5, 5, None), ("successful", 1, 1, None)])
    known = logs.known_before(day(2))
    assert list(known.users.index) == list(logs.users.index)
    assert known.items.index[known.group_item].tolist() == ["item 1"]


def test_nothing_later_leaves_the_logs_as_they_are() -> None:
    logs = logs_of([("successful", 1, 3, None)], [(0, 2)])
    assert logs.known_before(day(4)) is logs
    assert logs.known_before(day(3)).version not in ("", logs.version)
    assert logs.known_before(day(3)).version != logs.known_before(day(2)).version


def test_users_and_items_that_are_in_no_group_can_be_left_out() -> None:
    logs = logs_of([("successful", 5, 5, None), ("successful", 1, 1, None)], [(1, 1)])
    left = logs.known_before(day(2)).without({"i0"}, {"item 0"})
    assert list(left.users.index) == ["i1", "p0"]
    assert left.users.index[left.group_initiator].tolist() == ["i1"]
    assert left.users.index[left.join_participant].tolist() == ["p0"]
    assert left.items.index[left.group_item].tolist() == ["item 1"]
    assert left.version != logs.known_before(day(2)).version
    assert left.without({"nobody"}, set()) is left


times = st.none() | st.integers(0, 9)
groups = st.lists(
    st.tuples(st.sampled_from(["successful", "failed", "open"]), times, times, times),
    min_size=1,
    max_size=6,
)


@st.composite
def any_logs(draw: st.DrawFn) -> Logs:
    made = draw(groups)
    joins = draw(st.lists(st.tuples(st.integers(0, len(made) - 1), times), max_size=8))
    return logs_of(made, joins)


def same(one: Logs, other: Logs) -> bool:
    names = [name for name, value in vars(one).items() if isinstance(value, np.ndarray)]
    return all(
        np.array_equal(a, b) if a.dtype.kind != "M" else np.array_equal(a, b, equal_nan=True)
        for a, b in ((getattr(one, name), getattr(other, name)) for name in names)
    )


def facts(logs: Logs) -> set[tuple[object, ...]]:
    """The groups that are known, how they ended, and who joined."""
    initiators = logs.users.index[logs.group_initiator]
    ended = {
        (id, status) for id, status in zip(initiators, logs.group_status.tolist(), strict=True)
    }
    joins = zip(initiators[logs.join_group], logs.users.index[logs.join_participant], strict=True)
    return {("launched", id) for id in initiators} | {e for e in ended if e[1] != OPEN} | {*joins}


@given(any_logs(), st.integers(0, 10))
def test_to_know_what_is_known_changes_nothing(logs: Logs, at: int) -> None:
    known = logs.known_before(day(at))
    assert same(known.known_before(day(at)), known)


@given(any_logs(), st.integers(0, 10), st.integers(0, 10))
def test_what_was_known_earlier_is_known_later(logs: Logs, one: int, other: int) -> None:
    earlier, later = (logs.known_before(day(at)) for at in sorted((one, other)))
    assert facts(earlier) <= facts(later) <= facts(logs)


@given(any_logs())
def test_just_after_the_last_event_everything_is_known(logs: Logs) -> None:
    if not np.isnat(logs.last_event):
        assert logs.known_before(logs.last_event + np.timedelta64(1, "s")) is logs


@given(any_logs(), st.integers(0, 9))
def test_no_time_in_what_is_known_is_later(logs: Logs, at: int) -> None:
    known = logs.known_before(day(at))
    for events in (known.group_launched_at, known.join_at):
        assert not (events >= day(at)).any()
    filled = known.group_filled_at[known.group_status == SUCCESSFUL]
    assert not (filled >= day(at)).any()


@pytest.mark.parametrize("status", ["successful", "failed"])
def test_a_deadline_alone_is_no_event(status: str) -> None:
    logs = logs_of([(status, 1, None, 20)])
    assert logs.last_event == day(1)
    assert replace(logs, group_launched_at=logs.group_expires_at).last_event == day(20)
