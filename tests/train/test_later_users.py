"""Protocol newcomers: users are hidden from training, then their logs are taken in without training again."""

import numpy as np
import pytest
from small_shops import QUICK, quick, random_shop

from db.errors import NotUpdatableError
from db.logs import FAILED, Metric, Task
from engine.benchmark.records import Part
from train.benchmark.measure import Measurement, measure_system
from train.benchmark.protocols import Asking, Holdout, hold_out
from train.benchmark.systems.registry import Options, make

SHOP = random_shop(users=100, groups=1000)


@pytest.fixture(scope="module")
def holdout() -> Holdout:
    return hold_out(SHOP, "newcomers", quick(), 0)


def hidden_users(holdout: Holdout) -> set[int]:
    """The users that the hidden lists are about."""
    found: set[int] = set()
    for task, lists in holdout.lists.items():
        who = lists.initiator if task == "items" else lists.candidates[:, 0]
        found |= set(who[holdout.hidden[task]].tolist())
    return found


def test_nothing_of_a_hidden_user_is_in_the_training_logs(holdout: Holdout) -> None:
    hidden = hidden_users(holdout)
    assert 1 <= len(hidden) <= 5  # of 100 users
    known = holdout.known
    assert not hidden & set(known.group_initiator.tolist())
    assert not hidden & set(known.join_participant.tolist())
    assert not hidden & set(known.friendships.ravel().tolist())
    assert len(known.friendships) < len(SHOP.friendships)


def test_later_logs_hold_all_but_test_and_validation_groups(holdout: Holdout) -> None:
    assert holdout.later is not None
    tested = len(np.unique(holdout.lists["participants"].group))
    assert tested == holdout.test_groups
    kept = len(SHOP.group_item) - tested - len(holdout.split.validation)
    assert len(holdout.later.group_item) == kept
    hidden = np.array(sorted(hidden_users(holdout)))
    in_test = np.isin(np.arange(len(SHOP.group_item)), holdout.lists["participants"].group)
    launched = np.isin(SHOP.group_initiator, hidden) & ~in_test
    assert np.isin(holdout.later.group_initiator, hidden).sum() == launched.sum()
    failed = (SHOP.group_status == FAILED) & launched
    later = holdout.later.group_status == FAILED
    assert np.isin(holdout.later.group_initiator[later], hidden).sum() == failed.sum() > 0
    assert (holdout.later.friendships == SHOP.friendships).all()


def test_hidden_lists_are_those_about_hidden_users(holdout: Holdout) -> None:
    hidden = hidden_users(holdout)
    assert holdout.hidden["items"].tolist() == [
        user in hidden for user in holdout.lists["items"].initiator
    ]
    right = holdout.lists["participants"].candidates[:, 0]
    assert holdout.hidden["participants"].tolist() == [user in hidden for user in right]
    assert not holdout.hidden["items"].all()


def test_the_lists_are_those_of_the_sampled_protocol(holdout: Holdout) -> None:
    sampled = hold_out(SHOP, "sampled", quick(), 0)
    for task, lists in sampled.lists.items():
        assert (lists.candidates == holdout.lists[task].candidates).all()
    assert not sampled.hidden
    assert sampled.later is None


def mrr(found: Measurement, task: Task, part: Part) -> float:
    """The mean reciprocal rank at 1:99 over a part of the lists."""
    value = found.estimates[part][Metric(task, "mrr", 100)].value
    assert value is not None
    return value


@pytest.mark.parametrize("name", ["cosine", "mamgbr"])
def test_later_users_are_ranked_by_their_neighbours(name: str, holdout: Holdout) -> None:
    (found,) = measure_system(
        name, {Asking("newcomers"): holdout}, 0, Options(QUICK, "cpu"), "none"
    )
    for task in Task:
        assert mrr(found, task, Part.HIDDEN) > mrr(found, task, Part.BEFORE)
    lists = {
        part: {metric: estimate.lists for metric, estimate in estimates.items()}
        for part, estimates in found.estimates.items()
    }
    for metric, count in lists[Part.ALL].items():
        assert lists[Part.HIDDEN][metric] == lists[Part.BEFORE][metric] > 0
        assert lists[Part.HIDDEN][metric] + lists[Part.SHOWN][metric] == count
    assert found.cost.updating is not None


def test_a_system_with_a_vector_for_each_user_is_refused_before_it_is_trained(
    holdout: Holdout,
) -> None:
    options = Options(QUICK, "cpu")
    with pytest.raises(NotUpdatableError, match="mamgbr-paper takes in new logs only by training"):
        next(measure_system("mamgbr-paper", {Asking("newcomers"): holdout}, 0, options, "none"))
    with pytest.raises(NotUpdatableError, match=r"none for users who come later.*--systems"):
        make("mamgbr-paper", options).update(SHOP)
