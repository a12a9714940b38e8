"""Candidates that stand for others: together for everybody who may be recommended, those near the initiator in full."""

import numpy as np
import pytest
from small_shops import quick, random_shop

from db.logs import OPEN, SUCCESSFUL, Logs
from engine.evidence.graphs import Graphs
from train.export import calibration_sample as module
from train.export.calibration_sample import CalibrationSample, calibration_sample_of
from train.prepare.splits import Split, split_groups

TASKS = ("items", "participants")


@pytest.fixture(scope="module")
def logs() -> Logs:
    return random_shop(users=300, items=120, groups=900, seed=3)


@pytest.fixture(scope="module")
def parts(logs: Logs) -> Split:
    return split_groups(logs, quick("validation=0.1"), 0)


def drawn(logs: Logs, parts: Split, task: str, seed: int = 0) -> CalibrationSample:
    return calibration_sample_of(logs, parts, Graphs.from_logs(logs, parts.seen(logs)), task, seed)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop of 120 items and 300 users is then one of which a sample has to do."""
    monkeypatch.setattr(module, "NEAR", 50)
    monkeypatch.setattr(module, "OTHERS", 40)


def never_recommended(logs: Logs, cases: CalibrationSample, row: int) -> set[int]:
    """Counted the slow way: what she launched, or who is in the group."""
    if cases.lists.task == "items":
        hers = logs.group_initiator == cases.lists.initiator[row]
        counted = hers & np.isin(logs.group_status, (SUCCESSFUL, OPEN))
        return set(logs.group_item[counted].tolist())
    group = cases.lists.group[row]
    joined = logs.join_participant[logs.join_group == group].tolist()
    return {*joined, int(logs.group_initiator[group])}


@pytest.mark.parametrize("task", TASKS)
def test_a_small_shop_is_taken_whole(logs: Logs, parts: Split, task: str) -> None:
    cases = drawn(logs, parts, task)
    size = len(logs.items) if task == "items" else len(logs.users)
    for row in range(len(cases.weight)):
        counted = cases.weight[row, 1:] > 0
        others = set(cases.lists.candidates[row, 1:][counted].tolist())
        assert others == set(range(size)) - never_recommended(logs, cases, row)
        assert (cases.weight[row, 1:][counted] == 1).all()


@pytest.mark.parametrize("task", TASKS)
def test_the_drawn_stand_for_everybody_who_may_be_recommended(
    logs: Logs, parts: Split, task: str, large: None
) -> None:
    cases = drawn(logs, parts, task)
    size = len(logs.items) if task == "items" else len(logs.users)
    for row in range(len(cases.weight)):
        left_out = never_recommended(logs, cases, row)
        counted = cases.weight[row] > 0
        assert not left_out & set(cases.lists.candidates[row, 1:][counted[1:]].tolist())
        assert cases.weight[row, 1:].sum() == pytest.approx(size - len(left_out))
        assert len(np.unique(cases.lists.candidates[row][counted])) == counted.sum()


@pytest.mark.parametrize("task", TASKS)
def test_who_is_near_is_there_and_stands_for_himself_where_they_are_few(
    logs: Logs, parts: Split, task: str, large: None
) -> None:
    graphs = Graphs.from_logs(logs, parts.seen(logs))
    cases = drawn(logs, parts, task)
    few = 0
    for row, initiator in enumerate(cases.lists.initiator.tolist()):
        if task == "items":
            near = set(graphs.history[initiator].indices.tolist())
            near |= set(graphs.circle_history[initiator].indices.tolist())
        else:
            near = set(graphs.circle[initiator].indices.tolist())
            near |= set((graphs.circle[initiator] @ graphs.circle).indices.tolist())
        near -= never_recommended(logs, cases, row)
        weights = dict(
            zip(cases.lists.candidates[row].tolist(), cases.weight[row].tolist(), strict=True)
        )
        if near and len(near) <= module.NEAR:
            few += 1
            assert all(weights.get(candidate) == 1 for candidate in near)
    assert few > 5


@pytest.mark.parametrize("task", TASKS)
def test_sums_over_the_drawn_are_right_on_average(
    logs: Logs, parts: Split, task: str, large: None
) -> None:
    size = len(logs.items) if task == "items" else len(logs.users)
    value = np.random.default_rng(1).exponential(1, size)
    found = []
    for seed in range(60):
        cases = drawn(logs, parts, task, seed)
        summed = (cases.weight[:, 1:] * value[cases.lists.candidates[:, 1:]]).sum(1)
        true = [
            value.sum() - value[list(never_recommended(logs, cases, row))].sum()
            for row in range(len(cases.weight))
        ]
        found.append((summed / true).mean())
    assert np.mean(found) == pytest.approx(1, abs=0.01)
