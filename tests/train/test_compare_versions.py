"""Versions on later groups: neither has learned from them, each is asked as of its launch, the difference is paired."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_shops import quick, random_shop

from db.logs import FAILED, OPEN, SUCCESSFUL, Logs, Task
from db.models.later_comparison import read_comparison, write_comparison
from engine.candidates import Question
from engine.earlier_tastes import with_tastes_before
from engine.loading import load_bundle
from engine.timeline import Timeline
from train.compare_versions import Contender, check_recent, compare, logs_end
from train.evaluate.later_groups import later_groups, lists_as_of_launch
from train.evaluate.timeline_scores import scores_as_of
from train.fit import fit
from train.training_run import TrainingRun

START = np.datetime64("2025-01-01T09:00:00")
DAY = np.timedelta64(1, "D")
FIRST_END = START + 310 * DAY  # of the logs of the first version


def timed_shop(days: int = 400, groups: int = 420) -> Logs:
    """The random shop with launches spread over so many days; a group fills on its day, a failure is known on it."""
    logs = random_shop(3, groups=groups)
    seconds = np.linspace(0, days * 86_400, groups).astype("timedelta64[s]")
    launched = (START + seconds).astype("datetime64[s]")
    filled = np.where(logs.group_status == SUCCESSFUL, launched + 3600, np.datetime64("NaT", "s"))
    return replace(logs, group_launched_at=launched, group_filled_at=filled)


LOGS = timed_shop()


class Upside:
    """A head that ranks from the worst to the best."""

    def __init__(self, head: Any) -> None:
        self.head = head

    def with_roles(self, roles: Any) -> "Upside":
        return Upside(self.head.with_roles(roles))

    def scores(self, *asked: Any) -> np.ndarray:
        return -np.asarray(self.head.scores(*asked))


def upside_down(one: Contender) -> Contender:
    scorers = {
        task: replace(scorer, head=Upside(scorer.head))
        for task, scorer in one.bundle.scorers.items()
    }
    manifest = one.bundle.manifest.model_copy(update={"version": "upside-down"})
    return replace(one, bundle=replace(one.bundle, manifest=manifest, scorers=scorers))


def contender(logs: Logs, models: Path) -> Contender:
    fitted = fit(logs, TrainingRun(quick("question=any"), device="cpu"), models)
    bundle = load_bundle(fitted.folder, 1)
    return Contender(bundle, logs_end(bundle.manifest, "UTC"))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Contender:
    """A version of the first 300 days."""
    return contender(LOGS.known_before(FIRST_END), tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Contender:
    """A version of all days."""
    return contender(LOGS, tmp_path_factory.mktemp("second"))


# Which groups


def test_a_version_notes_where_its_logs_ended_and_learned_from_nothing_after_its_cut(
    first: Contender,
) -> None:
    known = LOGS.known_before(FIRST_END)
    assert first.logs_end == known.last_event + np.timedelta64(1, "s")
    assert first.border == np.datetime64(first.bundle.manifest.validated_from)
    assert first.border < first.logs_end
    older = first.bundle.manifest.model_copy(update={"last_event": None})
    assert logs_end(older, "UTC") > LOGS.last_event  # its creation
    assert logs_end(older.model_copy(update={"known_before": "2025-03-01"}), "UTC") == (
        np.datetime64("2025-03-01")
    )


def test_groups_that_neither_has_seen_are_preferred(first: Contender) -> None:
    found = compare(LOGS, first, upside_down(first))
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
    same = compare(LOGS, second, upside_down(second))
    assert same.tuned == (second.version, "upside-down")


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
    again = with_tastes_before(second.bundle, LOGS, end)
    own, found = scores_as_of([second.bundle, again], LOGS, lists)
    for task in Task:
        np.testing.assert_allclose(own[task], found[task], atol=1e-3)


# What comes out


def test_a_version_that_ranks_upside_down_is_found_worse_and_the_other_way_round_better(
    first: Contender,
) -> None:
    worse = compare(LOGS, upside_down(first), first)
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
    first: Contender, tmp_path: Path
) -> None:
    found = compare(LOGS, upside_down(first), first)
    (tmp_path / "upside-down").mkdir()
    write_comparison(tmp_path, found)
    assert read_comparison(tmp_path, "upside-down", first.version) == found
    turned = read_comparison(tmp_path, first.version, "upside-down")
    assert turned == found.reversed()
    assert read_comparison(tmp_path, first.version, "another") is None


# A version grown old


def test_a_version_that_reaches_less_than_it_reported_has_decayed(first: Contender) -> None:
    reported = {
        f"{task}/mrr@100": {"value": value, "low": value - 0.01, "high": value + 0.01}
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
