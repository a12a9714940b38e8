"""Counts of events as of any moment: exact, strictly before, whatever the order of the events."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evidence.timed.event_counts import DAY, HALF_LIVES, EventCounts, Histories

NOON = np.datetime64("2025-03-01T12:00:00", "s")


def days(*numbers):
    return NOON + np.array([round(number * DAY) for number in numbers], "timedelta64[s]")


def test_a_decayed_count_halves_with_every_half_life():
    counts = EventCounts(np.array([7, 7]), days(0, 30), (30.0,))
    tally = counts.at(np.array([7]), days(60))
    assert tally.count.tolist() == [2]
    assert tally.decayed[0, 0] == pytest.approx(1 / 4 + 1 / 2)
    assert (tally.since_last[0], tally.since_first[0]) == (30, 60)


def test_what_happens_at_the_moment_itself_is_not_counted_yet():
    counts = EventCounts(np.array([3]), days(1))
    at = counts.at(np.array([3, 3]), np.array([days(1)[0], days(1)[0] + 1]))
    assert at.count.tolist() == [0, 1]
    assert np.isinf(at.since_last[0])


def test_a_key_without_events_has_none():
    assert EventCounts(np.array([1, 5]), days(0, 0)).at(
        np.array([0, 3, 9]), days(1)
    ).count.tolist() == [0, 0, 0]
    assert EventCounts(np.array([], int), days()).at(np.array([0]), days(1)).decayed.sum() == 0


def test_an_event_without_a_time_happened_long_ago():
    counts = EventCounts(np.array([1]), np.array(["NaT"], "datetime64[s]"))
    tally = counts.at(np.array([1]), days(0))
    assert tally.count[0] == 1
    assert tally.decayed[0].max() < 1e-6


def test_twenty_years_of_daily_events_do_not_overflow():
    counts = EventCounts(np.zeros(7300, int), days(*range(7300)))
    tally = counts.at(np.array([0]), days(7300))
    expected = [sum(2 ** (-(age + 1) / h) for age in range(7300)) for h in HALF_LIVES]
    assert tally.decayed[0] == pytest.approx(expected, rel=1e-4)


events = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 400)), max_size=40)


@given(
    events, st.lists(st.tuples(st.integers(0, 5), st.integers(-5, 500)), min_size=1, max_size=10)
)
def test_counts_equal_a_sum_over_all_events(past, asked):
    keys, times = (np.array([event[k] for event in past], int) for k in (0, 1))
    counts = EventCounts(keys, days(*times))
    sought, moments = (np.array([one[k] for one in asked], int) for k in (0, 1))
    tally = counts.at(sought, days(*moments))
    for row, (key, moment) in enumerate(asked):
        ages = moment - times[(keys == key) & (times < moment)]
        assert tally.count[row] == len(ages)
        expected = [(2.0 ** (-ages / h)).sum() for h in HALF_LIVES]
        assert tally.decayed[row] == pytest.approx(expected, rel=1e-4, abs=1e-9)
        assert tally.since_last[row] == (ages.min() if len(ages) else np.inf)
        assert tally.since_first[row] == (ages.max() if len(ages) else np.inf)


@given(events)
def test_all_keys_of_a_range_have_the_tallies_that_they_have_alone(past):
    keys, times = (np.array([event[k] for event in past], int) for k in (0, 1))
    counts = EventCounts(keys, days(*times))
    found, tally = counts.between(1, 4, days(200)[0])
    assert found.tolist() == sorted({key for key in keys.tolist() if 1 <= key < 4})
    alone = counts.at(found, days(200))
    np.testing.assert_array_equal(tally.decayed, alone.decayed)
    np.testing.assert_array_equal(tally.since_last, alone.since_last)


def test_the_latest_events_come_latest_first_and_before_the_moment():
    histories = Histories(np.array([2, 2, 2, 5]), days(0, 10, 20, 5), np.array([30, 31, 32, 40]))
    latest = histories.latest(np.array([2, 2, 5, 1]), days(20, 21, 100, 100), 2)
    assert latest.values.tolist() == [[31, 30], [32, 31], [40, 0], [0, 0]]
    assert latest.real.tolist() == [[True, True], [True, True], [True, False], [False, False]]
    assert latest.age[1].tolist() == [1, 11]


def test_weights_of_a_history_sum_to_one_however_old_it_is():
    histories = Histories(np.array([0, 0]), days(0, 7), np.array([1, 2]))
    weights = histories.latest(np.array([0, 9]), days(5000, 5000), 3).weights(7.0)
    assert weights[0] == pytest.approx([2 / 3, 1 / 3, 0])
    assert weights[1].tolist() == [0, 0, 0]


def test_the_time_of_the_last_event_before_a_moment_is_exact_or_unknown():
    times = np.append(days(0, 9, 7000), np.datetime64("NaT"))
    counts = EventCounts(np.array([4, 4, 4, 6]), times)
    asked = counts.latest(np.array([[4, 6, 5]]), days(7000, 7001)[:, None])
    assert asked[0].tolist() == [times[1].item(), None, None]
    assert asked[1].tolist() == [times[2].item(), None, None]
    assert EventCounts(np.array([], int), days()).latest(np.array([1]), days(0)).tolist() == [None]
