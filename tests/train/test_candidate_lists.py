"""Candidate lists: negatives were never chosen, and every system scores the same lists."""

import numpy as np
import pytest
from small_shops import logs_of, quick, random_shop

from db.logs import OPEN, SUCCESSFUL, Metric, Task
from engine.candidates import Question, contains, is_repeat, launched_items
from engine.evidence.graphs import Graphs
from train.benchmark.protocols import hold_out
from train.evaluate.negative_sampling import negative_items, negative_participants
from train.evaluate.sampled_ranking import Moment, draw_candidate_lists, sampled_metrics


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_negative_item_was_launched_in_no_split(seed: int) -> None:
    logs = random_shop(seed)
    counted = np.isin(logs.group_status, (SUCCESSFUL, OPEN))
    launched = set(zip(logs.group_initiator[counted], logs.group_item[counted], strict=True))
    groups = np.flatnonzero(logs.group_status == SUCCESSFUL)
    lists = draw_candidate_lists(logs, groups, seed)["items"]
    for initiator, positive, negatives in zip(
        lists.initiator, lists.candidates[:, 0], lists.candidates[:, 1:], strict=True
    ):
        assert (initiator, positive) in launched
        assert not {(initiator, item) for item in negatives} & launched


def test_asked_for_anything_every_other_item_is_a_negative_and_repeats_have_lists() -> None:
    logs = random_shop()
    groups = np.flatnonzero(logs.group_status == SUCCESSFUL)
    moment = Moment(np.arange(len(logs.group_item)) % 2 == 0)
    asked = groups[groups % 2 == 1]
    new, anything = (
        draw_candidate_lists(logs, asked, 0, moment, question)["items"] for question in Question
    )
    repeats = is_repeat(logs, asked, moment.known)
    assert anything.group.tolist() == asked.tolist()
    assert new.group.tolist() == asked[~repeats].tolist()
    assert 0 < repeats.sum() < len(asked)
    assert (anything.candidates[:, 1:] != anything.candidates[:, :1]).all()
    launched = launched_items(logs)
    rows = np.repeat(anything.initiator, 99)
    assert contains(launched, rows, anything.candidates[:, 1:].ravel()).any()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_negative_participant_is_outside_the_group(seed: int) -> None:
    logs = random_shop(seed)
    groups = np.flatnonzero(logs.group_status == SUCCESSFUL)
    lists = draw_candidate_lists(logs, groups, seed)["participants"]
    for row, group in enumerate(lists.group):
        members = {*logs.join_participant[logs.join_group == group], logs.group_initiator[group]}
        assert lists.candidates[row, 0] in members
        assert not members & set(lists.candidates[row, 1:])
        assert lists.initiator[row] == logs.group_initiator[group]
        assert lists.item is not None
        assert lists.item[row] == logs.group_item[group]


def test_each_group_has_one_list_of_items_and_one_for_each_participant() -> None:
    logs = random_shop()
    groups = np.flatnonzero(logs.group_status == SUCCESSFUL)[::3]
    lists = draw_candidate_lists(logs, groups, 0)
    assert lists["items"].group.tolist() == groups.tolist()
    joined = logs.join_group[np.isin(logs.join_group, groups)]
    assert lists["participants"].group.tolist() == joined.tolist()
    assert lists["items"].candidates.shape[1] == lists["participants"].candidates.shape[1] == 100


def test_the_same_seed_draws_the_same_lists_and_another_seed_others() -> None:
    logs = random_shop()
    groups = np.flatnonzero(logs.group_status == SUCCESSFUL)
    first, same, other = (draw_candidate_lists(logs, groups, seed) for seed in (5, 5, 6))
    for task, lists in first.items():
        assert (lists.candidates == same[task].candidates).all()
        assert (lists.candidates != other[task].candidates).any()


def test_negatives_are_drawn_in_proportion_to_their_weight() -> None:
    logs = logs_of(6, 5, [(0, 0, SUCCESSFUL, [1]), (0, 4, OPEN, [2])])
    rng = np.random.default_rng(0)
    weight = np.array(
        [2.0, 1, 3, 0, 2]
    )  # what the initiator launched is never drawn, whatever its weight
    drawn = negative_items(logs, np.array([0]), 4000, rng, weight=weight).drawn
    share = np.bincount(drawn[0], minlength=5) / 4000
    assert share == pytest.approx([0, 0.25, 0.75, 0, 0], abs=0.03)
    weight = np.array([2.0, 2, 1, 0, 1, 2])
    drawn = negative_participants(logs, np.array([0]), 4000, rng, weight=weight).drawn
    share = np.bincount(drawn[0], minlength=6) / 4000
    assert share == pytest.approx([0, 0, 0.25, 0, 0.25, 0.5], abs=0.03)


@pytest.mark.parametrize("task", ["items", "participants"])
def test_popular_negatives_are_as_popular_as_the_positives(task: str) -> None:
    shop = random_shop(users=100, groups=1000)
    uniform, popular = (hold_out(shop, protocol, quick(), 0) for protocol in ("sampled", "popular"))
    seen = Graphs.from_logs(uniform.known, uniform.split.visible_groups(uniform.known))
    count = seen.item_counts[:, 0] if task == "items" else seen.user_counts[:, 2]
    drawn = [holdout.lists[task].candidates for holdout in (uniform, popular)]
    assert (drawn[0][:, 0] == drawn[1][:, 0]).all()
    least, most = (count[candidates[:, 1:]].mean() for candidates in drawn)
    pool = count[:-1]
    assert least < most
    if task == "participants":  # hardly anybody is in a group, so nearly all may be drawn
        assert most == pytest.approx((pool * (pool + 1)).sum() / (pool + 1).sum(), rel=0.02)


def test_drawing_ends_where_there_are_no_negatives() -> None:
    logs = logs_of(2, 2, [(0, 0, SUCCESSFUL, [1]), (0, 1, SUCCESSFUL, [1])])
    rng = np.random.default_rng(0)
    for drawn, complete in (
        negative_items(logs, np.array([0, 0]), 3, rng),
        negative_participants(logs, np.array([0, 1]), 3, rng),
    ):
        assert drawn.shape == (2, 3)
        assert not complete.any()
    assert negative_items(logs, np.array([1]), 3, rng).complete.all()
    lists = draw_candidate_lists(logs, np.array([0, 1]), 0)
    assert [len(one.group) for one in lists.values()] == [0, 0]


def test_ranking_the_positive_first_gives_one_and_last_gives_the_minimum() -> None:
    logs = random_shop()
    lists = draw_candidate_lists(logs, np.flatnonzero(logs.group_status == SUCCESSFUL), 0)["items"]
    scores = -np.arange(100.0) * np.ones((len(lists.group), 1))
    assert {estimate.value for estimate in sampled_metrics(lists, scores).values()} == {1.0}
    assert sampled_metrics(lists, -scores)[Metric(Task.ITEMS, "mrr", 100)].value == pytest.approx(
        0.01
    )
