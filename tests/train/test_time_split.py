"""With launch times, the last weeks are held out, and nothing that was launched later is known."""

from dataclasses import replace

import numpy as np
import pytest
from small_shops import quick, random_shop

from db.logs import FAILED, SUCCESSFUL, Logs, Task
from train.benchmark.protocols import PROTOCOLS, hold_out
from train.evaluate.sampled_ranking import Moment, draw_candidate_lists, validation_lists
from train.evaluate.splits import WINDOW, has_times, hold_out_groups, split_groups, usable_groups

START = np.datetime64("2025-01-01T00:00:00")


def timed_shop(days: int = 700, seed: int = 0, **sizes: int) -> Logs:
    """The random shop with launches at random moments of so many days."""
    logs = random_shop(seed, **sizes)
    seconds = np.random.default_rng(seed).integers(0, days * 86_400, len(logs.group_item))
    return replace(logs, group_launched_at=START + seconds.astype("timedelta64[s]"))


def test_validation_is_every_usable_group_from_the_cut_on_and_training_what_came_before() -> None:
    logs = timed_shop(groups=600)
    split = split_groups(logs, quick("validation=0.1"), 0)
    assert split.cut is not None
    assert split.cut == split.cut.astype("datetime64[D]")  # a whole day
    late = logs.group_launched_at >= split.cut
    usable = usable_groups(logs, 1)
    assert split.validation.tolist() == usable[late[usable]].tolist()
    assert split.training.tolist() == usable[~late[usable]].tolist()
    assert len(split.validation) == pytest.approx(0.1 * len(usable), abs=4)


def test_nothing_launched_after_the_cut_is_visible_not_even_a_failure() -> None:
    logs = timed_shop(groups=600)
    split = split_groups(logs, quick("validation=0.1"), 0)
    late = logs.group_launched_at >= split.cut
    assert (logs.group_status[late] == FAILED).any()
    visible = split.visible_groups(logs)
    assert not visible[late].any()
    assert visible[~late].all()


def test_the_seed_does_not_move_the_cut() -> None:
    logs = timed_shop()
    splits = [split_groups(logs, quick(), seed) for seed in (0, 1)]
    assert splits[0].cut == splits[1].cut
    assert splits[0].validation.tolist() == splits[1].validation.tolist()


def test_no_more_than_the_last_weeks_are_held_out_unless_they_hold_too_few() -> None:
    busy = timed_shop(days=1000, users=200, groups=3000)
    cut = split_groups(busy, quick("validation=0.5"), 0).cut
    end = busy.group_launched_at.max().astype("datetime64[D]") + 1
    assert end - cut == WINDOW
    quiet = timed_shop(days=4000, groups=300)
    split = split_groups(quiet, quick("validation=0.5"), 0)
    assert len(split.validation) == pytest.approx(50, abs=2)


@pytest.mark.parametrize("known", [0.0, 0.9])
def test_without_times_for_nearly_all_groups_the_split_is_random(known: float) -> None:
    logs = timed_shop()
    times = logs.group_launched_at.copy()
    times[np.arange(len(times)) % 10 >= 10 * known] = np.datetime64("NaT")
    split = split_groups(replace(logs, group_launched_at=times), quick(), 0)
    assert split.cut is None
    assert len(split.validation) == round(0.2 * len(usable_groups(logs, 1)))


@pytest.mark.parametrize("days", [1, 20])
def test_times_that_span_a_few_days_only_divide_nothing(days: int) -> None:
    assert not has_times(timed_shop(days).group_launched_at)
    # Nearly everything carries the moment of one big import.
    logs = timed_shop()
    times = logs.group_launched_at.copy()
    times[: len(times) * 4 // 5] = times.max()
    usable = usable_groups(logs, 1)
    imported = replace(logs, group_launched_at=times)
    _, _, cut = hold_out_groups(imported, usable, 0.1, np.random.default_rng(0))
    assert cut is None


def test_groups_without_a_time_count_as_older() -> None:
    logs = timed_shop(users=100, groups=1000)
    times = logs.group_launched_at.copy()
    times[::50] = np.datetime64("NaT")
    logs = replace(logs, group_launched_at=times)
    split = split_groups(logs, quick(), 0)
    assert split.cut is not None
    unknown = np.flatnonzero(np.isnat(times))
    assert not np.isin(split.validation, unknown).any()
    assert split.visible_groups(logs)[unknown].all()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_protocol_tests_the_last_weeks_and_validates_on_those_before(protocol: str) -> None:
    logs = timed_shop(users=200, groups=2000)
    holdout = hold_out(logs, protocol, quick("validation=0.1"), 0)
    asked = holdout.queries or holdout.lists
    test = logs.group_launched_at[np.concatenate([one.group for one in asked.values()])]
    known, split = holdout.known, holdout.split
    assert known.group_launched_at.max() < test.min()
    validation = known.group_launched_at[split.validation]
    training = known.group_launched_at[split.training]
    assert training.max() < split.cut <= validation.min()
    if holdout.later is not None:
        assert holdout.later.group_launched_at.max() < split.cut


def test_candidates_are_on_the_shelf_and_people_were_active_in_the_year_before() -> None:
    logs = timed_shop(days=900, users=400, items=150, groups=1200)
    split = split_groups(logs, quick("validation=0.05"), 0)
    year = split.cut - np.timedelta64(365, "D")
    shelf = set(logs.group_item[logs.group_launched_at >= year].tolist())
    recent = (logs.group_launched_at >= year) & (logs.group_launched_at < split.cut)
    people = {
        *logs.group_initiator[recent].tolist(),
        *logs.join_participant[recent[logs.join_group]].tolist(),
    }
    assert len(shelf) < len(logs.items)
    assert len(people) < len(logs.users)
    lists = validation_lists(logs, split, 10_000, 0)
    assert set(lists[Task.ITEMS].candidates.ravel().tolist()) <= shelf
    assert set(lists[Task.PARTICIPANTS].candidates.ravel().tolist()) <= people
    # An item that comes in the held-out weeks stands among the negatives as well, or being new would give it away.
    late = logs.group_launched_at >= split.cut
    arrived = set(logs.group_item[late].tolist()) - set(logs.group_item[~late].tolist())
    moved = replace(logs, group_item=np.where(late, logs.group_item, logs.group_item // 2))
    arrived = set(moved.group_item[late].tolist()) - set(moved.group_item[~late].tolist())
    assert arrived
    negatives = validation_lists(moved, split, 10_000, 0)[Task.ITEMS].candidates[:, 1:]
    assert arrived & set(negatives.ravel().tolist())


def test_without_a_moment_everybody_and_everything_is_a_candidate() -> None:
    logs = random_shop()
    moment = Moment(np.ones(len(logs.group_item), bool))
    assert moment.on_the_shelf(logs).all()
    assert moment.active_people(logs).all()
    groups = np.flatnonzero(logs.group_status == SUCCESSFUL)
    joins = np.isin(logs.join_group, groups).sum()
    assert len(draw_candidate_lists(logs, groups, 0)[Task.PARTICIPANTS].group) == joins
