"""Versions on later groups: neither has learned from them, each is asked as of its launch, the difference is paired."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_shops import random_shop
from tiny_bundle import Tiny, write_tiny

from db.logs import FAILED, OPEN, SUCCESSFUL, Logs, Task
from db.models.later_comparison import read_comparison, write_comparison
from engine.candidates import Question
from engine.earlier_tastes import with_tastes_before
from engine.loading import load_bundle
from engine.timeline import Timeline
from train.compare_versions import Contender, check_recent, compare, logs_end
from train.evaluate.later_groups import later_groups, lists_as_of_launch
from train.evaluate.timeline_scores import scores_as_of

START = np.datetime64("2025-01-01T09:00:00")
DAY = np.timedelta64(1, "D")
FIRST_END = START + 310 * DAY  # of the logs of the first version
END = START + 401 * DAY


def timed_shop(days: int = 400, groups: int = 420) -> Logs:
    """The random shop with launches spread over so many days; a group fills on its day, a failure is known on it."""
    logs = random_shop(3, groups=groups)
    seconds = np.linspace(0, days * 86_400, groups).astype("timedelta64[s]")
    launched = (START + seconds).astype("datetime64[s]")
    filled = np.where(logs.group_status == SUCCESSFUL, launched + 3600, np.datetime64("NaT", "s"))
    return replace(logs, group_launched_at=launched, group_filled_at=filled)


LOGS = timed_shop()


def contender(
    models: Path, version: str, sign: int, logs_end: np.datetime64, border: np.datetime64
) -> Contender:
    """A version that ranks items by their launches and people by the items they share; upside down if ``sign`` is -1.

    Its logs ended at a moment, and from its border on it was validated.
    """
    known = LOGS.known_before(logs_end)
    weights = {
        "items": np.zeros(len(LOGS.items) + 1, np.float32),
        "participants": np.zeros(len(LOGS.users) + 1, np.float32),
    }
    counted = {"items": ("item_launches", sign), "participants": ("shared_items", sign)}
    bundle = load_bundle(write_tiny(Tiny(known, weights, version, counted=counted), models), 1)
    said = {
        "last_event": str(known.last_event),
        "validated_from": str(border),
        "question": Question.ANY,
    }
    manifest = bundle.manifest.model_copy(update=said)
    return Contender(
        replace(bundle, manifest=manifest), np.datetime64(known.last_event) + np.timedelta64(1, "s")
    )


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def first(models: Path) -> Contender:
    """A version of the first days."""
    return contender(models, "first", 1, FIRST_END, FIRST_END - 50 * DAY)


@pytest.fixture(scope="module")
def upside(models: Path) -> Contender:
    """Likewise, upside down."""
    return contender(models, "upside-down", -1, FIRST_END, FIRST_END - 50 * DAY)


@pytest.fixture(scope="module")
def second(models: Path) -> Contender:
    """A version of all days."""
    return contender(models, "second", 1, END, FIRST_END + 10 * DAY)


# Which groups


def test_the_logs_of_a_version_end_after_their_last_event_at_the_latest_when_it_was_made(
    first: Contender,
) -> None:
    last = LOGS.known_before(FIRST_END).last_event
    assert logs_end(first.bundle.manifest, "UTC") == last + np.timedelta64(1, "s")
    assert first.border == FIRST_END - 50 * DAY
    older = first.bundle.manifest.model_copy(update={"last_event": None})
    made = np.datetime64("2025-07-01T00:00:01")
    assert logs_end(older, "UTC") == made
    assert logs_end(older, "Asia/Shanghai") == made + np.timedelta64(8, "h")
    assert logs_end(older.model_copy(update={"known_before": "2025-03-01"}), "UTC") == (
        np.datetime64("2025-03-01")
    )


def test_groups_that_neither_has_seen_are_preferred(first: Contender, upside: Contender) -> None:
    found = compare(LOGS, first, upside)
    assert found.asked is not None
    assert found.tuned == ()
    assert np.datetime64(found.asked.since) >= first.logs_end
    assert np.datetime64(found.asked.last) <= LOGS.group_launched_at.max()


def test_else_those_after_both_cuts_and_it_says_who_was_tuned_on_them(
    first: Contender, second: Contender
) -> None:
    found = compare(LOGS, second, first)
    assert found.asked is not None
    assert np.datetime64(found.asked.since) >= max(first.border, second.border)
    assert found.tuned == (second.version,)
    assert compare(LOGS, second, second).tuned == (second.version, second.version)


def test_too_few_later_groups_or_no_times_are_no_comparison(second: Contender) -> None:
    ended = replace(second, logs_end=LOGS.last_event + DAY)
    blind = replace(
        ended,
        bundle=replace(
            ended.bundle,
            manifest=ended.bundle.manifest.model_copy(update={"validated_from": None}),
        ),
    )
    found = compare(LOGS, blind, blind)
    assert (found.asked, dict(found.metrics)) == (None, {})
    assert "Fewer than 50 successful groups" in str(found.impossible)
    untimed = replace(LOGS, group_launched_at=np.full(len(LOGS.group_item), "NaT", "datetime64[s]"))
    assert "no launch times" in str(compare(untimed, second, second).impossible)


def test_no_group_before_the_border_is_asked_and_each_is_asked_as_of_its_launch() -> None:
    since = START + 250 * DAY
    later = later_groups(LOGS, since, 50)
    assert later is not None
    launched = LOGS.group_launched_at[later.groups]
    assert (launched >= max(since, later.since)).all()
    assert (np.diff(launched.astype(np.int64)) >= 0).all()
    assert (LOGS.group_status[later.groups] == SUCCESSFUL).all()
    for lists in lists_as_of_launch(LOGS, later, Question.ANY).values():
        assert (lists.at == LOGS.group_launched_at[lists.group]).all()
        assert np.isin(lists.group, later.groups).all()
    assert later_groups(LOGS, since, len(later.groups) * 10) is None


def test_asked_for_something_new_no_launch_repeats_what_was_launched_before_it() -> None:
    later = later_groups(LOGS, START + 250 * DAY, 50)
    assert later is not None
    lists = lists_as_of_launch(LOGS, later, Question.NEW)[Task.ITEMS]
    assert 0 < len(lists.group) < len(later.groups)
    for group in lists.group:
        before = LOGS.group_launched_at < LOGS.group_launched_at[group]
        same = (LOGS.group_initiator == LOGS.group_initiator[group]) & (
            LOGS.group_item == LOGS.group_item[group]
        )
        assert not (before & same & np.isin(LOGS.group_status, (SUCCESSFUL, OPEN))).any()


# What is known


def test_nothing_at_or_after_the_launch_of_a_group_is_known(second: Contender) -> None:
    later = later_groups(LOGS, second.border, 50)
    assert later is not None
    lists = lists_as_of_launch(LOGS, later, Question.ANY)
    at = np.sort(LOGS.group_launched_at[later.groups])[20]
    asked = {task: drawn.part(drawn.at <= at) for task, drawn in lists.items()}
    # A shop in which everything that was launched at that moment or later came to nothing.
    failed = np.where(LOGS.group_launched_at >= at, FAILED, LOGS.group_status).astype(np.int8)
    joins = failed[LOGS.join_group] != FAILED
    other = replace(
        LOGS,
        group_status=failed,
        group_filled_at=np.where(failed == FAILED, np.datetime64("NaT"), LOGS.group_filled_at),
        join_group=LOGS.join_group[joins],
        join_participant=LOGS.join_participant[joins],
        join_at=LOGS.join_at[joins],
    )
    here, there = (
        scores_as_of([second.as_of(later.since, logs)], logs, asked)[0] for logs in (LOGS, other)
    )
    for task in Task:
        assert len(here[task])
        np.testing.assert_array_equal(here[task], there[task])


def test_item_vectors_of_the_weeks_that_are_asked_about_are_taken_back(second: Contender) -> None:
    since = second.border
    shuffled = replace(LOGS, group_item=LOGS.group_item.copy())
    late = np.flatnonzero(LOGS.group_launched_at >= since)
    shuffled.group_item[late] = shuffled.group_item[late][::-1]
    one, other = (with_tastes_before(second.bundle, logs, since) for logs in (LOGS, shuffled))
    assert one.evidence is not None
    assert other.evidence is not None
    np.testing.assert_array_equal(one.evidence.smooth_taste, other.evidence.smooth_taste)
    assert second.as_of(second.logs_end, LOGS) is second.bundle
    assert second.as_of(since, LOGS) is not second.bundle


def test_item_vectors_of_all_logs_are_those_of_the_bundle(second: Contender) -> None:
    end = second.logs_end
    later = later_groups(LOGS, second.border, 50)
    assert later is not None
    lists = lists_as_of_launch(LOGS, later, Question.ANY)
    bundle = replace(second.bundle, rotation=np.array([[0.6], [0.8]], np.float32))
    again = with_tastes_before(bundle, LOGS, end)
    own, found = scores_as_of([bundle, again], LOGS, lists)
    for task in Task:
        np.testing.assert_allclose(own[task], found[task], atol=1e-3)


# What comes out


def test_a_version_that_ranks_upside_down_is_found_worse_and_the_other_way_round_better(
    first: Contender, upside: Contender
) -> None:
    worse = compare(LOGS, upside, first)
    assert {str(one.metric) for one in worse.differences()} >= {
        "items/mrr@100",
        "items/ndcg@100",
        "participants/mrr@100",
        "participants/ndcg@100",
    }
    assert {one.verdict for one in worse.differences()} == {"worse"}
    assert {one.verdict for one in worse.reversed().differences()} == {"better"}
    change = worse.metrics["items/mrr@100"]
    assert change.low < change.change < change.high < 0
    assert change.change == pytest.approx(change.new - change.old)


def test_a_version_against_itself_differs_by_nothing_at_all(second: Contender) -> None:
    for one in compare(LOGS, second, second).metrics.values():
        assert (one.change, one.low, one.high) == (0, 0, 0)
        assert one.lists >= 50


def test_progress_is_reported_by_moments(first: Contender) -> None:
    seen: list[tuple[int, int]] = []
    compare(LOGS, first, first, lambda done, of: seen.append((done, of)))
    assert [done for done, _ in seen] == list(range(seen[-1][1] + 1))


def test_a_comparison_is_kept_with_the_new_version_and_read_from_either_side(
    first: Contender, upside: Contender, tmp_path: Path
) -> None:
    found = compare(LOGS, upside, first)
    (tmp_path / "upside-down").mkdir()
    write_comparison(tmp_path, found)
    assert read_comparison(tmp_path, "upside-down", first.version) == found
    turned = read_comparison(tmp_path, first.version, "upside-down")
    assert turned == found.reversed()
    assert read_comparison(tmp_path, first.version, "another") is None


# A version grown old


def test_a_version_that_reaches_less_than_it_reported_has_decayed(first: Contender) -> None:
    reported = {
        f"{task}/mrr@100": {
            "value": value,
            "low": value - 0.01,
            "high": value + 0.01,
            "popularity": 0.5,
        }
        for task, value in (("items", 0.9), ("participants", 0.01))
    }
    manifest = first.bundle.manifest.model_copy(update={"metrics": reported})
    old = replace(first, bundle=replace(first.bundle, manifest=manifest))
    logs = timed_shop(days=40)  # enough groups in four weeks
    found = check_recent(logs, replace(old, logs_end=START + 10 * DAY))
    assert found.asked is not None
    assert np.datetime64(found.asked.since) >= logs.last_event - 28 * DAY
    assert [str(one.metric) for one in found.decayed] == ["items/mrr@100"]
    assert found.metrics["participants/mrr@100"].reported == 0.01
    # The items of this version are ranked by nothing but their launches.
    items = found.metrics["items/mrr@100"]
    assert items.sales == pytest.approx(items.now)
    assert items.reported_sales == 0.5
    assert not found.harder
    fresh = check_recent(logs, replace(old, logs_end=logs.last_event))
    assert "Fewer than 50" in str(fresh.impossible)


def test_moments_of_the_same_state_share_their_evidence(
    first: Contender, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = later_groups(LOGS, first.logs_end, 50)
    assert later is not None
    lists = lists_as_of_launch(LOGS, later, Question.ANY)
    counted = 0
    known_at = Timeline.known_at

    def counting(self: Timeline, state: int) -> Any:
        nonlocal counted
        counted += 1
        return known_at(self, state)

    monkeypatch.setattr(Timeline, "known_at", counting)
    scores_as_of([first.bundle], LOGS, lists)
    moments = np.unique(np.concatenate([drawn.at for drawn in lists.values()]))
    assert counted <= len(moments) + 1
