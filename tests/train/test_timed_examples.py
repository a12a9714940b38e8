"""A shop with launch times is learned as of each launch and, once more, as of a moment some days ahead of it."""

import numpy as np
import pytest
from numpy.typing import NDArray
from small_shops import quick
from test_time_split import timed_shop

from db.logs import Logs
from train.evaluate.splits import WINDOW, YEAR, Split, settle, split_groups
from train.prepare.examples import Examples
from train.prepare.timed_examples import timed_triples

DAYS = 60
Moments = NDArray[np.datetime64]


@pytest.fixture(scope="module")
def logs() -> Logs:
    return timed_shop(days=900, users=400, items=150, groups=1200)


@pytest.fixture(scope="module")
def split(logs: Logs) -> Split:
    return split_groups(logs, settle(logs, quick("blocks=4")), 0)


def drawn(logs: Logs, split: Split, days_ahead: int) -> tuple[Examples, Moments]:
    return timed_triples(logs, split, 5, days_ahead, np.random.default_rng(3))


def asked(examples: Examples) -> list[tuple[int, int]]:
    """The initiator and the item of each triple."""
    return list(zip(examples.initiator.tolist(), examples.items[:, 0].tolist(), strict=True))


def launches(logs: Logs, split: Split) -> dict[tuple[int, int], list[np.datetime64]]:
    """The moments at which training groups of each initiator and item were launched."""
    found: dict[tuple[int, int], list[np.datetime64]] = {}
    for group in split.training:
        pair = int(logs.group_initiator[group]), int(logs.group_item[group])
        found.setdefault(pair, []).append(logs.group_launched_at[group])
    return found


def test_without_days_ahead_every_launch_is_asked_at_its_own_moment(
    logs: Logs, split: Split
) -> None:
    examples, at = drawn(logs, split, 0)
    known = launches(logs, split)
    assert len(examples) == pytest.approx(len(split.training), rel=0.05)
    assert all(moment in known[pair] for pair, moment in zip(asked(examples), at, strict=True))


def test_with_days_ahead_the_same_launches_are_asked_once_more_and_earlier(
    logs: Logs, split: Split
) -> None:
    alone, _ = drawn(logs, split, 0)
    examples, at = drawn(logs, split, DAYS)
    assert examples.items[: len(alone)].tolist() == alone.items.tolist()
    ahead, earlier = asked(examples)[len(alone) :], at[len(alone) :]
    assert len(ahead) == pytest.approx(len(alone), rel=0.05)
    known, first = launches(logs, split), split.block_starts[0]
    waits = []
    for pair, moment in zip(ahead, earlier, strict=True):
        nearest = min(launch - moment for launch in known[pair] if launch >= moment)
        assert nearest <= np.timedelta64(DAYS, "D")
        assert moment >= first
        waits.append(nearest / np.timedelta64(1, "D"))
    assert np.mean(waits) == pytest.approx(DAYS / 2, abs=5)


def test_no_example_is_described_by_role_vectors_of_later_than_its_moment(
    logs: Logs, split: Split
) -> None:
    examples, at = drawn(logs, split, DAYS)
    starts = split.block_starts
    assert (starts[examples.snapshot] <= at).all()
    ends = np.append(starts[1:], split.cut)
    assert (at < ends[examples.snapshot]).all()


def test_whatever_is_asked_was_on_the_shelf_or_soon_would_be_and_people_had_been_active(
    logs: Logs, split: Split
) -> None:
    examples, at = drawn(logs, split, DAYS)
    month = np.timedelta64(30, "D")  # launches of a month share their candidates
    before_cut = logs.group_launched_at < split.cut
    for row in range(0, len(examples), 7):
        age = logs.group_launched_at - at[row]
        shelf = before_cut & (age >= -YEAR - month) & (age < WINDOW + month)
        assert set(examples.items[row].tolist()) <= set(logs.group_item[shelf].tolist())
        recent = (age >= -YEAR - month) & (age < np.timedelta64(0))
        people = {
            *logs.group_initiator[recent].tolist(),
            *logs.join_participant[recent[logs.join_group]].tolist(),
        }
        if examples.known[row, 1]:
            assert set(examples.participants[row].tolist()) <= people
