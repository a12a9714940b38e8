"""A calibration sample stands for everybody who may be recommended, and contains everybody near the initiator."""

import numpy as np
import pytest
from small_shops import quick, random_shop

from db.logs import OPEN, SUCCESSFUL, Logs, Task
from engine.candidates import Question, is_repeat
from engine.evidence.graphs import Graphs
from train.evaluate.splits import Split, split_groups
from train.export import calibration_sample as module
from train.export.calibration import calibrate
from train.export.calibration_sample import CalibrationSample, draw_calibration_sample


@pytest.fixture(scope="module")
def logs() -> Logs:
    return random_shop(users=300, items=120, groups=900, seed=3)


@pytest.fixture(scope="module")
def parts(logs: Logs) -> Split:
    return split_groups(logs, quick("validation=0.1"), 0)


def drawn(
    logs: Logs,
    parts: Split,
    task: Task,
    seed: int = 0,
    question: Question = Question.NEW,
) -> CalibrationSample:
    graphs = Graphs.from_logs(logs, parts.visible_groups(logs))
    sample = draw_calibration_sample(logs, parts, graphs, task, 3000, seed)
    if task is Task.ITEMS and question is Question.NEW:
        return sample.of_something_new(logs, parts.visible_groups(logs))
    return sample


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop of 120 items and 300 users is then too large to be scored whole."""
    for name, value in {"MAX_NEAR": 30, "POPULAR": 10, "OTHERS": 40, "MAX_WHOLE": 80}.items():
        monkeypatch.setattr(module, name, value)


def never_recommended(
    logs: Logs, parts: Split, sample: CalibrationSample, row: int, new: bool = True
) -> set[int]:
    """Counted the slow way: what the initiator is known to have launched, or who is in the group; and the answer."""
    answer = int(sample.lists.candidates[row, 0])
    if sample.lists.task == Task.ITEMS:
        own = (logs.group_initiator == sample.lists.initiator[row]) & parts.visible_groups(logs)
        counted = own & np.isin(logs.group_status, (SUCCESSFUL, OPEN)) & new
        return {*logs.group_item[counted].tolist(), answer}
    group = sample.lists.group[row]
    joined = logs.join_participant[logs.join_group == group].tolist()
    return {*joined, int(logs.group_initiator[group])}


@pytest.mark.parametrize("task", Task)
def test_a_small_shop_is_scored_whole(logs: Logs, parts: Split, task: Task) -> None:
    sample = drawn(logs, parts, task)
    size = len(logs.items) if task == Task.ITEMS else len(logs.users)
    for row in range(len(sample.weight)):
        counted = sample.weight[row, 1:] > 0
        others = set(sample.lists.candidates[row, 1:][counted].tolist())
        assert others == set(range(size)) - never_recommended(logs, parts, sample, row)
        assert (sample.weight[row, 1:][counted] == 1).all()
        assert sample.listed[row, 0]
        assert sample.listed[row, 1:][counted].all()


@pytest.mark.parametrize("task", Task)
def test_the_sample_stands_for_everybody_who_may_be_recommended(
    logs: Logs, parts: Split, task: Task, large: None
) -> None:
    sample = drawn(logs, parts, task)
    size = len(logs.items) if task == Task.ITEMS else len(logs.users)
    for row in range(len(sample.weight)):
        left_out = never_recommended(logs, parts, sample, row)
        counted = sample.weight[row] > 0
        assert not left_out & set(sample.lists.candidates[row, 1:][counted[1:]].tolist())
        # Launched items that stood for others as well are taken out: right on average.
        error = 0.1 if task is Task.ITEMS else 1e-9
        assert sample.weight[row, 1:].sum() == pytest.approx(size - len(left_out), rel=error)
        assert len(np.unique(sample.lists.candidates[row][counted])) == counted.sum()


@pytest.mark.parametrize("task", Task)
def test_near_candidates_are_all_sampled_and_stand_for_themselves_where_they_are_few(
    logs: Logs, parts: Split, task: Task, large: None
) -> None:
    graphs = Graphs.from_logs(logs, parts.visible_groups(logs))
    sample = drawn(logs, parts, task)
    few = 0
    for row, initiator in enumerate(sample.lists.initiator.tolist()):
        if task == Task.ITEMS:
            near = set(graphs.history[initiator].indices.tolist())
            near |= set(graphs.circle_history[initiator].indices.tolist())
        else:
            near = set(graphs.circle[initiator].indices.tolist())
            near |= set((graphs.circle[initiator] @ graphs.circle).indices.tolist())
        near -= never_recommended(logs, parts, sample, row)
        weights = dict(
            zip(sample.lists.candidates[row].tolist(), sample.weight[row].tolist(), strict=True)
        )
        if near and len(near) <= module.MAX_NEAR:
            few += 1
            assert all(weights.get(candidate) == 1 for candidate in near)
    assert few > 5


def test_an_answer_that_is_far_from_everything_is_not_listed_any_more_than_its_like(
    large: None,
) -> None:
    # Scores that the answers are drawn by. Most candidates are far, so most answers are, and few far ones are drawn:
    # an answer among them outdoes all that were drawn, and would look as if it led the list.
    rng, size, lists = np.random.default_rng(0), 3000, 1500
    scores, weights, listed = [], [], []
    near_answers = 0
    for _ in range(lists):
        value = rng.normal(0, 1, size)
        strata = [rng.permutation(size)[:25], rng.permutation(size)[:10]]
        value[np.concatenate(strata)] += 2
        chance = np.exp(value)
        answer = int(rng.choice(size, p=chance / chance.sum()))
        found = module._draw(size, strata, np.zeros(0, np.int64), answer, rng)
        near = answer in np.concatenate(strata)
        assert found.answer_listed == near
        near_answers += near
        width = 80
        row = np.full(width, answer)
        row[1 : 1 + len(found.candidates)] = found.candidates
        weight = np.zeros(width)
        weight[0], weight[1 : 1 + len(found.weight)] = 1, found.weight
        shown = np.zeros(width, bool)
        shown[0], shown[1 : 1 + len(found.listed)] = found.answer_listed, found.listed
        scores.append(value[row])
        weights.append(weight)
        listed.append(shown)
    tables = np.array(scores), np.array(weights), np.random.default_rng(1)
    kept = calibrate(*tables, np.array(listed))
    assert kept.reliability_error < 1.3 * kept.noise_limit
    biased = calibrate(*tables)
    assert sum(shown.right for shown in kept.bins) <= near_answers
    # Were every drawn candidate listed, twice as many answers would seem to be among the first of their list.
    assert sum(shown.right for shown in biased.bins) > 2 * near_answers


@pytest.mark.parametrize("task", Task)
def test_weighted_sums_over_the_sample_are_unbiased(
    logs: Logs, parts: Split, task: Task, large: None
) -> None:
    size = len(logs.items) if task == Task.ITEMS else len(logs.users)
    value = np.random.default_rng(1).exponential(1, size)
    found = []
    for seed in range(60):
        sample = drawn(logs, parts, task, seed)
        summed = (sample.weight[:, 1:] * value[sample.lists.candidates[:, 1:]]).sum(1)
        true = [
            value.sum() - value[list(never_recommended(logs, parts, sample, row))].sum()
            for row in range(len(sample.weight))
        ]
        found.append((summed / true).mean())
    assert np.mean(found) == pytest.approx(1, abs=0.01)


def test_asked_for_anything_what_was_launched_before_is_a_candidate_and_may_be_the_answer(
    logs: Logs, parts: Split
) -> None:
    new, anything = (drawn(logs, parts, Task.ITEMS, 0, question) for question in Question)
    repeats = is_repeat(logs, anything.lists.group, parts.visible_groups(logs))
    assert repeats.any()
    assert not is_repeat(logs, new.lists.group, parts.visible_groups(logs)).any()
    assert set(anything.lists.group) - set(new.lists.group) == set(anything.lists.group[repeats])
    for row in range(len(anything.weight)):
        others = anything.lists.candidates[row, 1:][anything.weight[row, 1:] > 0]
        answer = int(anything.lists.candidates[row, 0])
        assert set(others.tolist()) == set(range(len(logs.items))) - {answer}


@pytest.mark.parametrize("task", Task)
def test_the_answer_is_of_its_group_and_stands_for_itself(
    logs: Logs, parts: Split, task: Task
) -> None:
    sample = drawn(logs, parts, task)
    lists, group = sample.lists, sample.lists.group
    assert (sample.weight[:, 0] == 1).all()
    assert np.array_equal(lists.initiator, logs.group_initiator[group])
    if task == Task.ITEMS:
        assert lists.item is None
        assert np.array_equal(lists.candidates[:, 0], logs.group_item[group])
        return
    assert lists.item is not None
    assert np.array_equal(lists.item, logs.group_item[group])
    joins = set(zip(logs.join_group.tolist(), logs.join_participant.tolist(), strict=True))
    assert set(zip(group.tolist(), lists.candidates[:, 0].tolist(), strict=True)) <= joins


@pytest.mark.parametrize("task", Task)
def test_best_sellers_and_the_busiest_participants_stand_for_themselves(
    logs: Logs, parts: Split, task: Task, large: None
) -> None:
    graphs = Graphs.from_logs(logs, parts.visible_groups(logs))
    launches, joins = graphs.launched.sum(0).A1[:-1], graphs.joined.sum(1).A1[:-1]
    leading = np.argsort(-(launches if task == Task.ITEMS else joins), kind="stable")[:10]
    sample = drawn(logs, parts, task)
    for row in range(len(sample.weight)):
        stands_for = dict(
            zip(sample.lists.candidates[row, 1:].tolist(), sample.weight[row, 1:], strict=True)
        )
        allowed = set(leading.tolist()) - never_recommended(logs, parts, sample, row)
        assert all(stands_for[candidate] == 1 for candidate in allowed)
