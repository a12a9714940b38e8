"""Peers that know time: what they count as of a moment, worked by hand, and what they choose on validation weeks."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from future_shop import CUT, launch, shop
from numpy.typing import NDArray
from small_shops import QUICK, quick

from db.logs import Logs, Task
from engine.benchmark.records import Way
from train.benchmark.systems.decayed_cosine import DecayedCosine
from train.benchmark.systems.decayed_counts import DecayedCounts, DecayedLaunches
from train.benchmark.systems.later_snapshots import LaterSnapshots
from train.benchmark.systems.registry import SYSTEMS, Options, make
from train.benchmark.systems.timed_counting import (
    BestSellers,
    Counted,
    DecayedPopularity,
    TimedCounting,
)
from train.evaluate.sampled_ranking import CandidateLists
from train.evaluate.splits import Split, settle, split_groups

TIMED = [name for name in SYSTEMS if isinstance(make(name, Options()), TimedCounting)]


def counting(kind: type[TimedCounting], logs: Logs, days: float, weight: float = 0.0):
    """The system with one setting, counting all of the logs."""
    system = kind()
    system.fit(logs, split_groups(logs, quick("question=any"), 0), 0)
    system.update(logs)
    system.chosen = {(task, way): Counted(days, weight) for task in Task for way in Way}
    return system


def asked(logs: Logs, at: str, who: str, candidates: list[str], what: str = "") -> CandidateLists:
    """One list."""
    task = Task.PARTICIPANTS if what else Task.ITEMS
    index = logs.users.index if what else logs.items.index
    return CandidateLists(
        task,
        logs.users.index.get_indexer([who]),
        logs.items.index.get_indexer([what]) if what else None,
        index.get_indexer(candidates)[None],
        np.zeros(1, np.int64),
        np.array([at], "datetime64[s]"),
    )


def score(system: TimedCounting, lists: CandidateLists) -> list[float]:
    return [round(float(value), 4) for value in system.score(lists)[0]]


LAUNCHES = (
    launch("2025-01-01", "ann", "tea", ["bea", "cai"]),
    launch("2025-01-01", "ann", "pot", ["bea"]),
    launch("2025-01-11", "ann", "tea", ["bea"], filled="2025-01-21 00:00:00"),
    launch("2025-01-31", "dan", "pot", ["bea"]),
)
SHOP = shop(*LAUNCHES)


def test_best_sellers_are_counted_over_the_last_days_strictly_before_the_moment() -> None:
    week = counting(BestSellers, SHOP, 7.0)
    month = counting(BestSellers, SHOP, 30.0)
    for at, in_week, in_month in (
        ("2025-01-01", [0, 0], [0, 0]),  # what happens at the moment itself does not count
        ("2025-01-01 00:00:01", [1, 1], [1, 1]),
        ("2025-01-21", [0, 0], [1, 1]),
        ("2025-01-28", [1, 0], [2, 1]),  # 21 January is the first second of those seven days
        ("2025-01-28 00:00:01", [0, 0], [2, 1]),
        ("2025-01-31 00:00:01", [0, 1], [1, 1]),
    ):
        lists = asked(SHOP, at, "ann", ["tea", "pot"])
        assert (score(week, lists), score(month, lists)) == (in_week, in_month), at
    people = asked(SHOP, "2025-01-28", "ann", ["bea", "cai", "ann"], "tea")
    assert score(month, people) == [3, 1, 0]


def test_decayed_popularity_halves_with_every_half_life() -> None:
    system = counting(DecayedPopularity, SHOP, 30.0)
    lists = asked(SHOP, "2025-01-31", "ann", ["tea", "pot"])
    assert score(system, lists) == [round(2**-1 + 2 ** (-10 / 30), 4), 0.5]


def test_decayed_counts_add_own_history_popularity_and_the_weighted_category() -> None:
    items = pd.DataFrame({"category": ["drinks", "things", "drinks"]}, index=["tea", "pot", "new"])
    logs = shop(*LAUNCHES, items=items)
    system = counting(DecayedCounts, logs, 30.0, 0.1)
    lists = asked(logs, "2025-01-31", "ann", ["tea", "pot", "new", "i0"])
    tea, pot = 0.5 + 2 ** (-10 / 30), 0.5
    i0 = sum(
        2 ** (-(CUT + 30 - np.datetime64("2023-06-01") - 36 * k).astype(int) / 30)
        for k in range(14)
    )
    assert score(system, lists) == [
        pytest.approx(value, abs=2e-4)
        for value in (1.0001 * tea + 0.1 * tea, 1.0001 * pot + 0.1 * pot, 0.1 * tea, 1e-4 * i0)
    ]
    people = asked(logs, "2025-01-31", "ann", ["bea", "cai", "ann"], "tea")
    drinks = {"bea": tea, "cai": 0.5, "ann": tea}
    ties = {"bea": (tea + pot) + tea + 1e-3 * (tea + pot), "cai": 0.5 + 0.5 + 1e-3 * 0.5, "ann": 0}
    assert score(system, people) == [
        pytest.approx(ties[who] + 0.1 * drinks[who], abs=2e-4) for who in ("bea", "cai", "ann")
    ]


def test_decayed_launches_count_from_the_launch_whatever_becomes_of_the_group() -> None:
    failed = launch("2025-01-21", "ann", "pot", [], status="failed")
    logs = shop(*LAUNCHES, failed)
    successes, launches = (counting(kind, logs, 30.0) for kind in (DecayedCounts, DecayedLaunches))
    lists = asked(logs, "2025-01-21", "ann", ["tea", "pot"])  # the second tea has not filled yet
    first, second = 2 ** (-20 / 30), 2 ** (-10 / 30)
    assert score(successes, lists) == pytest.approx([1.0001 * first] * 2, abs=2e-4)
    assert score(launches, lists) == pytest.approx(
        [1.0001 * (first + second), 1.0001 * first], abs=2e-4
    )
    later = asked(logs, "2025-01-21 00:00:01", "ann", ["pot"])
    assert score(launches, later) == pytest.approx([1.0001 * (first + 1)], abs=2e-4)


def test_decayed_cosine_agrees_with_a_count_of_every_meeting() -> None:
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-09-01", "2024-12-30", periods=90)
    logs = shop(
        *(
            launch(day, f"u{rng.integers(4)}", f"i{rng.integers(6)}", [f"u{4 + rng.integers(3)}"])
            for day in days
        ),
        before=60,
    )
    at, half_life = "2025-01-05", 30.0
    system = counting(DecayedCosine, logs, half_life, 1.0)
    names = [f"i{k}" for k in range(9)]
    expected = [_by_hand(logs, np.datetime64(at, "s"), half_life, "u1", name) for name in names]
    assert score(system, asked(logs, at, "u1", names)) == pytest.approx(expected, abs=1e-3)
    assert np.ptp(expected) > 0.1


def _by_hand(logs: Logs, at: np.datetime64, half_life: float, who: str, name: str) -> float:
    """log(1 + launches) + log(1 + 20 x the summed cosines), from lists of events."""
    wanted = logs.items.index.get_loc(name)
    events: dict[int, list[tuple[np.datetime64, int]]] = {}
    sold: list[tuple[np.datetime64, int]] = []
    for group, (u, i) in enumerate(zip(logs.group_initiator, logs.group_item, strict=True)):
        when = logs.closed_at[group]
        sold.append((when, i))
        events.setdefault(u, []).append((when, i))
    for group, who_joined in zip(logs.join_group, logs.join_participant, strict=True):
        event = logs.closed_at[group], logs.group_item[group]
        events.setdefault(who_joined, []).append(event)

    def decayed(times: list[np.datetime64]) -> float:
        ages = [(at - when) / np.timedelta64(1, "D") for when in times if when < at]
        return sum(2 ** (-age / half_life) for age in ages)

    def all_of(item: int) -> list[np.datetime64]:
        return [when for theirs in events.values() for when, one in theirs if one == item]

    def cosine(item: int, other: int) -> float:
        if item == other:
            return 1.0
        met = []
        for theirs in events.values():
            ordered = sorted(theirs, key=lambda event: event[0])
            for place, (when, one) in enumerate(ordered):
                near = ordered[max(0, place - 20) : place]
                met += [when for _, before in near if {one, before} == {item, other}]
        size = decayed(all_of(item)) * decayed(all_of(other))
        return decayed(met) / size**0.5 if size else 0.0

    history = sorted(events.get(logs.users.index.get_loc(who), []), key=lambda event: event[0])
    latest = [event for event in history if event[0] < at][-20:]
    near = sum(decayed([when]) * cosine(wanted, item) for when, item in latest)
    return float(np.log1p(decayed([when for when, i in sold if i == wanted])) + np.log1p(20 * near))


def recurring() -> Logs:
    """Everybody launches their own favourite, and another one since November."""
    rows = []
    for day in pd.date_range("2024-06-01", "2025-02-01", freq="12h"):
        k = len(rows) % 12
        late = day >= pd.Timestamp("2024-11-01")
        rows.append(launch(day, f"u{k}", f"i{k + 12 * late}", [f"p{k + 12 * late}"]))
    return shop(*rows, before=20)


@pytest.mark.parametrize("name", [*TIMED, "lambdamart", "mlp", "mamgbr"])
def test_nothing_that_happens_from_the_moment_on_changes_a_score(name: str) -> None:
    logs = recurring()
    known = logs.known_before(CUT.astype("datetime64[s]"))
    split = split_groups(known, quick("question=any"), 0)
    system = make(name, Options(("question=any", *QUICK[:-1]), "cpu", effort=0.02))
    system.fit(known, split, 0)
    assert system.timed
    at = np.datetime64("2025-01-10T00:00:00")
    for task, lists in _lists(logs, at).items():
        found = []
        for later in (logs, logs.known_before(at), _without_what_follows(logs, at)):
            system.update(later)
            found.append(system.score(lists))
        np.testing.assert_allclose(found[0], found[1], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(found[0], found[2], rtol=1e-5, atol=1e-6)
        assert np.ptp(found[0]) > 0, task


def _lists(logs: Logs, at: NDArray[np.datetime64]) -> dict[Task, CandidateLists]:
    people, items = np.arange(8), np.tile(np.arange(24), (8, 1))
    everybody = np.tile(np.arange(len(logs.users)), (8, 1))
    moments = np.full(8, at)
    one = CandidateLists(Task.ITEMS, people, None, items, people, moments)
    two = CandidateLists(Task.PARTICIPANTS, people, people + 12, everybody, people, moments)
    return {Task.ITEMS: one, Task.PARTICIPANTS: two}


def _without_what_follows(logs: Logs, at: NDArray[np.datetime64]) -> Logs:
    """Other launches at and after the moment."""
    late = logs.group_launched_at >= at
    return replace(logs, group_item=np.where(late, 0, logs.group_item))


@pytest.mark.parametrize(
    "name", ["best-sellers", "decayed-popularity", "decayed-counts", "decayed-launches"]
)
def test_what_changed_two_months_ago_is_ranked_by_what_is_recent(name: str) -> None:
    """Counts of all time still prefer what was launched in the five months before."""
    logs = recurring()
    known = logs.known_before(CUT.astype("datetime64[s]"))
    system = make(name, Options())
    system.fit(known, split_groups(known, quick("question=any"), 0), 0)
    for way in Way:
        for task in Task:
            assert system.chosen[task, way].days < np.inf, (task, way)


def test_without_times_everything_counts_alike() -> None:
    logs = recurring()
    nothing = np.full(len(logs.group_item), "NaT", "datetime64[s]")
    untimed = replace(
        logs,
        group_launched_at=nothing,
        group_filled_at=nothing,
        join_at=np.full(len(logs.join_group), "NaT", "datetime64[s]"),
    )
    everything = Split(np.arange(400), np.zeros(400, int), np.arange(400, 450))
    decayed, counted = DecayedPopularity(), BestSellers()
    for system in (decayed, counted):
        system.fit(untimed, everything, 0)
        assert all(np.isinf(chosen.days) for chosen in system.chosen.values())
    visible = everything.visible_groups(untimed)
    lists = replace(_lists(untimed, CUT)[Task.ITEMS], at=None)
    expected = np.bincount(untimed.group_item[visible], minlength=24)[:24]
    for system in (decayed, counted):
        assert system.score(lists)[0].tolist() == expected.tolist()


def test_what_serves_once_the_logs_reach_further_was_chosen_with_the_evidence_of_the_day() -> None:
    logs = recurring()
    known = logs.known_before(CUT.astype("datetime64[s]"))
    system = BestSellers()
    system.fit(known, split_groups(known, quick("question=any"), 0), 0)
    system.chosen = {
        (task, way): Counted(7.0 if way is Way.DAY else 365.0) for task in Task for way in Way
    }
    lists = asked(logs, "2025-01-10", "u0", ["i12", "i0"])
    system.update(known)
    year = score(system, lists)
    system.update(logs)
    week = score(system, lists)
    assert year[1] > year[0] > 0
    assert week[0] > 0
    assert week[1] == 0


def test_an_item_that_comes_after_the_training_is_folded_in_from_the_day_after_its_launch() -> None:
    logs = shop(
        *(launch(day, f"u{k % 6}", f"i{k % 9}", ["p0"]) for k, day in enumerate(_days())),
        launch("2025-01-05 10:00:00", "u0", "new", ["p0"]),
        launch("2025-02-01", "u1", "i0", ["p0"]),
    )
    known = logs.known_before(CUT.astype("datetime64[s]"))
    config = settle(known, quick("question=any"))
    later = LaterSnapshots(known, logs, config, None)
    item = logs.items.index.get_loc("new")
    moments = np.array(["2025-01-05T23:00", "2025-01-06T01:00"], "datetime64[s]")
    nobody = np.zeros(2, np.int64)
    lists = CandidateLists(Task.ITEMS, nobody, None, np.zeros((2, 3), int), nobody, moments)
    states = [snapshot for _, snapshot in later.of_lists(lists)]
    before, after = (state.tables.launched[item] for state in states)
    assert not before.any()
    assert after.any()


def _days() -> pd.DatetimeIndex:
    return pd.date_range("2024-06-01", "2024-12-30", freq="2D")
