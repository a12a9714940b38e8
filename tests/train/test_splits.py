"""Splits and holdouts: test groups are not known to a system, and no group is lost."""

from dataclasses import replace

import numpy as np
import pytest
from small_shops import logs_of, quick, random_shop

from db.errors import DataError, SettingError
from db.logs import FAILED, SUCCESSFUL
from train.benchmark.protocols import hold_out
from train.evaluate.splits import MIN_GROUPS, k_core, split_groups, usable_groups, with_folds


def test_validation_and_folds_partition_the_successful_groups() -> None:
    logs = random_shop()
    parts = split_groups(logs, quick("folds=3"), 4)
    together = np.concatenate([parts.training, parts.validation])
    assert sorted(together) == usable_groups(logs, 1).tolist()
    assert len(np.unique(together)) == len(together)
    assert set(parts.fold) == {0, 1, 2}
    assert len(parts.validation) == round(0.2 * len(together))


def test_the_graphs_of_a_fold_contain_neither_validation_nor_the_fold() -> None:
    logs = random_shop()
    parts = split_groups(logs, quick("folds=3"), 4)
    for fold in range(3):
        seen = parts.visible_groups(logs, fold)
        assert not seen[parts.validation].any()
        assert (seen[parts.training] == (parts.fold != fold)).all()
        assert seen[logs.group_status == FAILED].all()
    assert parts.visible_groups(logs)[parts.training].all()


def test_new_folds_keep_the_split() -> None:
    logs = random_shop()
    parts = split_groups(logs, quick(), 0)
    again = with_folds(logs, parts, 5, 1)
    assert (again.training == parts.training).all()
    assert (again.validation == parts.validation).all()
    assert set(again.fold) == set(range(5))


@pytest.mark.parametrize("least", [2, 3])
def test_in_a_k_core_everybody_is_in_k_groups(least: int) -> None:
    logs = random_shop(users=80, groups=300)
    groups = usable_groups(logs, 1)
    kept = groups[k_core(logs, groups, least)]
    assert 0 < len(kept) < len(groups)
    joined = np.isin(logs.join_group, kept)
    users = np.bincount(logs.group_initiator[kept], minlength=80)
    users = users + np.bincount(logs.join_participant[joined], minlength=80)
    items = np.bincount(logs.group_item[kept])
    assert users[users > 0].min() >= least
    assert items[items > 0].min() >= least


def test_a_k_core_drops_what_depended_on_what_it_dropped() -> None:
    # 0 and 1 share item 0 twice; 2 launches it once with 3, who launched item 1 once
    logs = logs_of(
        4,
        2,
        [
            (0, 0, SUCCESSFUL, [1]),
            (1, 0, SUCCESSFUL, [0]),
            (2, 0, SUCCESSFUL, [3]),
            (3, 1, SUCCESSFUL, [2]),
        ],
    )
    assert k_core(logs, np.arange(4), 2).tolist() == [True, True, False, False]


def test_too_few_groups_are_refused_with_the_next_step() -> None:
    logs = logs_of(2, 1, [(0, 0, SUCCESSFUL, [1])] * (MIN_GROUPS - 1))
    with pytest.raises(DataError, match=r"49 successful groups.*at least 50.*Import more"):
        split_groups(logs, quick(), 0)


@pytest.mark.parametrize(
    ("protocol", "validation", "test"),
    [("sampled", 0.9 * 0.2, 0.1), ("paper-split", 3 / 11, 1 / 11)],
)
def test_a_holdout_partitions_the_groups_as_its_protocol_says(
    protocol: str, validation: float, test: float
) -> None:
    logs = random_shop(groups=400)
    holdout = hold_out(logs, protocol, quick(), 3)
    groups = len(usable_groups(logs, 1))
    assert holdout.test_groups == round(test * groups)
    assert len(holdout.split.validation) == pytest.approx(validation * groups, abs=1)
    assert (
        holdout.test_groups + len(holdout.split.validation) + len(holdout.split.training) == groups
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_the_known_logs_do_not_depend_on_the_test_groups(seed: int) -> None:
    logs = random_shop(seed)
    holdout = hold_out(logs, "sampled", quick(), seed)
    asked = np.unique(holdout.lists["participants"].group)
    altered = logs.group_item.copy()
    altered[asked] = (altered[asked] + 7) % len(logs.items)
    initiators = logs.group_initiator.copy()
    initiators[asked] = (initiators[asked] + 1) % len(logs.users)
    members = logs.join_participant.copy()
    joins = np.isin(logs.join_group, asked)
    members[joins] = (members[joins] + 3) % len(logs.users)
    other = replace(logs, group_item=altered, group_initiator=initiators, join_participant=members)
    again = hold_out(other, "sampled", quick(), seed)
    for name, value in holdout.known.__dict__.items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, getattr(again.known, name), name)
    for name, value in holdout.split.__dict__.items():
        assert np.array_equal(value, getattr(again.split, name)), name
    assert len(holdout.known.group_item) == len(logs.group_item) - len(asked)


def test_cold_initiators_are_in_no_training_group() -> None:
    logs = random_shop(users=300, groups=150)
    holdout = hold_out(logs, "sampled", quick(), 0)
    seen = holdout.split.visible_groups(holdout.known) & (holdout.known.group_status != 2)
    active = set(holdout.known.group_initiator[seen])
    active |= set(holdout.known.join_participant[seen[holdout.known.join_group]])
    for task, lists in holdout.lists.items():
        cold = [who not in active for who in lists.initiator]
        assert holdout.cold[task].tolist() == cold
        assert 0 < sum(cold) < len(cold)


def test_a_limit_scores_fewer_groups_and_keeps_the_training_groups() -> None:
    logs = random_shop()
    whole, some = (hold_out(logs, "sampled", quick(), 0, limit) for limit in (0, 5))
    assert some.test_groups == 5
    assert set(some.lists["items"].group) <= set(whole.lists["items"].group)
    assert (some.split.training == whole.split.training).all()


def test_an_unknown_protocol_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingError, match=r"'leave-one-out'.*sampled, paper-split"):
        hold_out(random_shop(), "leave-one-out", quick(), 0)
