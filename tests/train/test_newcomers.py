"""Users who come after training: hidden from it altogether, then let in without learning anything."""

import numpy as np
import pytest
from small_shops import QUICK, quick, random_shop

from db.errors import NotUpdatableError
from db.logs import FAILED
from train.benchmark.benchmark import assess
from train.benchmark.protocols import Trial, part_trial
from train.benchmark.results import Row
from train.benchmark.systems.registry import Options, make

SHOP = random_shop(users=100, groups=1000)


@pytest.fixture(scope="module")
def trial() -> Trial:
    return part_trial(SHOP, "newcomers", quick(), 0)


def hidden_users(trial: Trial) -> set[int]:
    """Whoever stands in no known log but in a later one, or is asked about as hidden."""
    found: set[int] = set()
    for task, lists in trial.lists.items():
        who = lists.initiator if task == "items" else lists.candidates[:, 0]
        found |= set(who[trial.hidden[task]].tolist())
    return found


def test_nothing_of_a_hidden_user_is_there_to_learn_from(trial: Trial) -> None:
    hidden = hidden_users(trial)
    assert 1 <= len(hidden) <= 5  # of 100 users
    known = trial.known
    assert not hidden & set(known.group_initiator.tolist())
    assert not hidden & set(known.join_participant.tolist())
    assert not hidden & set(known.friendships.ravel().tolist())
    assert len(known.friendships) < len(SHOP.friendships)


def test_all_that_is_not_tested_comes_later(trial: Trial) -> None:
    assert trial.later is not None
    tested = len(np.unique(trial.lists["items"].group))
    assert tested == trial.test_groups
    kept = len(SHOP.group_item) - tested - len(trial.parts.validation)
    assert len(trial.later.group_item) == kept
    hidden = np.array(sorted(hidden_users(trial)))
    asked = np.isin(np.arange(len(SHOP.group_item)), trial.lists["items"].group)
    launched = np.isin(SHOP.group_initiator, hidden) & ~asked
    assert np.isin(trial.later.group_initiator, hidden).sum() == launched.sum()
    failed = (SHOP.group_status == FAILED) & launched
    later = trial.later.group_status == FAILED
    assert np.isin(trial.later.group_initiator[later], hidden).sum() == failed.sum() > 0
    assert (trial.later.friendships == SHOP.friendships).all()


def test_lists_tell_whom_they_are_about(trial: Trial) -> None:
    hidden = hidden_users(trial)
    assert trial.hidden["items"].tolist() == [
        user in hidden for user in trial.lists["items"].initiator
    ]
    right = trial.lists["participants"].candidates[:, 0]
    assert trial.hidden["participants"].tolist() == [user in hidden for user in right]
    assert not trial.hidden["items"].all()


def test_the_same_groups_are_asked_as_in_the_sampled_protocol(trial: Trial) -> None:
    sampled = part_trial(SHOP, "sampled", quick(), 0)
    for task, lists in sampled.lists.items():
        assert (lists.candidates == trial.lists[task].candidates).all()
    assert not sampled.hidden
    assert sampled.later is None


def figure(rows: list[Row], task: str, part: str) -> float:
    """The reciprocal rank at 1:99 of a part."""
    (row,) = (row for row in rows if (row["task"], row["metric"]) == (task, "mrr@100"))
    return float(row[part]["value"])


@pytest.mark.parametrize("name", ["cosine", "mamgbr"])
def test_who_comes_later_is_ranked_for_by_her_neighbours(name: str, trial: Trial) -> None:
    ((_, rows, _),) = assess(name, {"newcomers": trial}, 0, QUICK, "cpu", "none")
    assert figure(rows, "items", "hidden") > figure(rows, "items", "before")
    assert figure(rows, "participants", "hidden") > figure(rows, "participants", "before")
    for row in rows:
        assert row["hidden"]["lists"] == row["before"]["lists"] > 0
        assert row["hidden"]["lists"] + row["shown"]["lists"] == row["lists"]
        assert row["seconds_updating"] >= 0


def test_a_system_with_a_vector_for_each_user_is_left_out_before_it_learns(trial: Trial) -> None:
    with pytest.raises(NotUpdatableError, match="mamgbr-paper takes in new logs only by learning"):
        next(assess("mamgbr-paper", {"newcomers": trial}, 0, QUICK, "cpu", "none"))
    with pytest.raises(NotUpdatableError, match=r"no.*who come later.*--systems"):
        make("mamgbr-paper", Options(QUICK, "cpu")).update(SHOP)
