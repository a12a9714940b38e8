"""The interval of a validation in time allows for what windows of launches differ by."""

from dataclasses import replace

import numpy as np
import pytest
from small_shops import quick
from test_time_split import timed_shop

from db.logs import Logs, Metric, Task
from train.evaluate.earlier_windows import ALL, drift_between_windows, widened
from train.evaluate.metrics import MetricEstimate, clustered_variance
from train.evaluate.splits import split_groups
from train.evaluate.validation_weeks import FIRST_TIMES, NOTHING_LATER, REPEATS, validation_weeks

SETTINGS = quick("validation=0.06", "question=any")
ITEMS = (ALL, Metric(Task.ITEMS, "mrr", 100))


def drift_of(logs: Logs) -> dict[tuple[str, Metric], float]:
    split = split_groups(logs, SETTINGS, 0)
    return dict(drift_between_windows(validation_weeks(logs, split, 10_000, 0)))


def habits(logs: Logs, fickle: np.ndarray) -> Logs:
    """Everybody launches an item of their own, but those groups [G] launch any item."""
    anything = np.random.default_rng(1).integers(0, len(logs.items), len(logs.group_item))
    own = logs.group_initiator % len(logs.items)
    return replace(logs, group_item=np.where(fickle, anything, own).astype(np.int32))


def test_windows_that_are_all_alike_have_hardly_any_drift() -> None:
    logs = timed_shop(days=1000, users=80, groups=4000)
    fickle = np.random.default_rng(2).random(len(logs.group_item)) < 0.4
    assert drift_of(habits(logs, fickle))[ITEMS] < 0.03


def test_windows_that_are_easy_and_hard_by_turns_differ_by_that() -> None:
    logs = timed_shop(days=1000, users=80, groups=4000)
    split = split_groups(logs, SETTINGS, 0)
    assert split.cut is not None
    length = logs.last_event + np.timedelta64(1, "s") - split.cut
    window = (logs.group_launched_at - split.cut) // length  # 0, -1, -2, ...
    share = np.where(window % 2 == 0, 0.1, 0.7)
    fickle = np.random.default_rng(2).random(len(logs.group_item)) < share
    # An own item is first, any other in the middle of the list: .6 of the launches make the difference.
    assert drift_of(habits(logs, fickle))[ITEMS] == pytest.approx(0.6 * 0.95, abs=0.1)


def test_the_parts_have_a_drift_of_their_own() -> None:
    logs = timed_shop(days=1000, users=80, groups=4000)
    fickle = np.random.default_rng(2).random(len(logs.group_item)) < 0.4
    found = drift_of(habits(logs, fickle))
    assert {part for part, _ in found} == {ALL, NOTHING_LATER, REPEATS, FIRST_TIMES}
    assert {metric.task for part, metric in found if part == NOTHING_LATER} == set(Task)
    assert {metric.task for part, metric in found if part == REPEATS} == {Task.ITEMS}


def test_a_young_shop_has_too_few_windows_to_tell() -> None:
    logs = timed_shop(days=120, groups=400)
    split = split_groups(logs, quick("validation=0.3"), 0)
    assert drift_between_windows(validation_weeks(logs, split, 10_000, 0)) == {}


def test_an_interval_for_the_next_weeks_adds_their_sampling_and_the_drift() -> None:
    one = MetricEstimate(0.5, 0.47, 0.54, 100)
    wide = widened(one, 0.04)
    half = 2.3 * 0.04
    assert wide.low == pytest.approx(0.5 - (2 * 0.03**2 + half**2) ** 0.5)
    assert wide.high == pytest.approx(0.5 + (2 * 0.04**2 + half**2) ** 0.5)
    assert widened(one, 0.0).high == pytest.approx(0.5 + 2**0.5 * 0.04)
    assert widened(one, 0.0).value == 0.5
    assert widened(MetricEstimate(0.95, 0.94, 0.96, 100), 0.2).high == 1.0


def test_values_that_go_together_count_as_one() -> None:
    values = np.array([1.0, 0.0, 1.0, 0.0])
    alone = clustered_variance(values, np.arange(4))
    assert alone == pytest.approx(4 * 0.25 / 16)
    assert clustered_variance(values, np.array([0, 1, 0, 1])) == pytest.approx(2 * alone)
    assert clustered_variance(values, np.array([0, 0, 1, 1])) == 0.0
