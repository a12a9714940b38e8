"""Examples: positives first, negatives behind, and out-of-fold evidence."""

import numpy as np
import pytest
from small_shops import quick, random_shop

from db.logs import OPEN, SUCCESSFUL
from engine.candidates import Question, with_history
from engine.evidence.columns import ITEM_EVIDENCE
from engine.evidence.evidence import Evidence, item_evidence
from engine.evidence.graphs import Graphs
from train.evaluate.sampled_ranking import draw_candidate_lists
from train.evaluate.splits import split_groups
from train.prepare.dataset import build_dataset
from train.prepare.examples import Examples, triples
from train.prepare.snapshot import list_evidence, long_list_evidence, take_snapshot
from train.training_run import TrainingRun

NEGATIVES = 8
LOGS = random_shop(users=80, items=50, groups=300)
GROUPS = np.flatnonzero(LOGS.group_status == SUCCESSFUL)
KEPT = np.arange(len(LOGS.group_item)) % 4 > 0  # a quarter of the groups is in no graph
GRAPHS = Graphs.from_logs(LOGS, KEPT, friendships=False)
LABELS = GROUPS[~KEPT[GROUPS]]


def drawn(seed: int = 0, question: Question = Question.NEW) -> Examples:
    rng = np.random.default_rng(seed)
    return triples(LOGS, LABELS, NEGATIVES, rng, GRAPHS, KEPT, question)


def test_the_positives_come_first_and_are_of_one_group() -> None:
    members = {
        (int(LOGS.group_initiator[group]), int(LOGS.group_item[group]), int(participant))
        for group, participant in zip(LOGS.join_group, LOGS.join_participant, strict=True)
        if group in set(LABELS.tolist())
    }
    found = drawn()
    positives = zip(found.initiator, found.items[:, 0], found.participants[:, 0], strict=True)
    assert {tuple(map(int, triple)) for triple in positives} <= members
    assert len(found) > 30


def test_negatives_were_never_chosen_and_have_a_history() -> None:
    counted = np.isin(LOGS.group_status, (SUCCESSFUL, OPEN))
    launched = set(
        zip(LOGS.group_initiator[counted].tolist(), LOGS.group_item[counted].tolist(), strict=True)
    )
    known_items, known_users = with_history(GRAPHS)
    found = drawn()
    negatives = found.items[:, 1:]
    assert negatives.shape == found.participants[:, 1:].shape == (len(found), NEGATIVES)
    for initiator, row in zip(found.initiator.tolist(), negatives.tolist(), strict=True):
        assert not launched & {(initiator, item) for item in row}
    assert known_items[negatives].all()
    assert known_users[found.participants[:, 1:]].all()
    assert (found.participants[:, 1:] != found.initiator[:, None]).all()


def test_positives_without_a_history_are_marked_and_triples_of_two_such_are_left_out() -> None:
    known_items, known_users = with_history(GRAPHS)
    found = drawn(question=Question.ANY)
    expected = np.column_stack(
        [known_items[found.items[:, 0]], known_users[found.participants[:, 0]]]
    )
    assert np.array_equal(found.known, expected)
    assert found.known.any(1).all()
    # With a single group in the graphs hardly anybody has a history, and most triples are left out.
    alone = np.zeros(len(KEPT), bool)
    alone[GROUPS[0]] = True
    graphs = Graphs.from_logs(LOGS, alone, friendships=False)
    few = triples(LOGS, LABELS, NEGATIVES, np.random.default_rng(0), graphs, alone, Question.ANY)
    assert 0 < len(few) < len(LABELS)
    assert few.known.any(1).all()
    assert not few.known.all()


def test_no_column_tells_a_repeat_from_a_negative_when_something_new_is_asked_for() -> None:
    evidence = Evidence.from_graphs(GRAPHS, 6, 4)
    before = ITEM_EVIDENCE.index("launched_before")

    def launched_before(found: Examples) -> np.ndarray:
        values = item_evidence(evidence, found.initiator, found.items)[:, :, before]
        return values[found.known[:, 0]]

    new = launched_before(drawn())
    assert len(new) > 20
    assert not new.any()
    # Asked for anything, repeats are learned from, and what was launched before is a negative like any other.
    anything = launched_before(drawn(question=Question.ANY))
    assert anything[:, 0].any()
    assert anything[:, 1:].any()
    assert len(anything) > len(new)


@pytest.mark.parametrize("question", Question)
def test_folds_keep_the_launches_of_a_pair_together_where_something_new_is_asked_for(
    question: Question,
) -> None:
    logs, settings = random_shop(users=12, items=6, groups=400), quick(f"question={question}")
    split = split_groups(logs, settings, 0)
    folds: dict[tuple[int, int], set[int]] = {}
    for group, fold in zip(split.training.tolist(), split.fold.tolist(), strict=True):
        pair = int(logs.group_initiator[group]), int(logs.group_item[group])
        folds.setdefault(pair, set()).add(fold)
    together = all(len(found) == 1 for found in folds.values())
    assert together is (question is Question.NEW)


def test_the_seed_decides_what_is_drawn() -> None:
    first, again, other = drawn(0), drawn(0), drawn(1)
    assert np.array_equal(first.items, again.items)
    assert np.array_equal(first.participants, again.participants)
    assert not np.array_equal(first.items, other.items)


@pytest.mark.parametrize("pair", [0, 10_000])
def test_long_lists_get_the_evidence_that_short_ones_get(
    pair: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ITEM_PAIR_COST", "PARTICIPANT_PAIR_COST"):
        monkeypatch.setattr(f"train.prepare.snapshot.{name}", pair)
    monkeypatch.setattr("train.prepare.snapshot.EVIDENCE_VALUES", 20_000)  # a few queries at a time
    logs, settings = random_shop(users=200, groups=300), quick()
    split = split_groups(logs, settings, 0)
    seen = take_snapshot(logs, settings, split.visible_groups(logs))
    for lists in draw_candidate_lists(logs, split.validation, 0).values():
        np.testing.assert_allclose(
            long_list_evidence(lists, seen, settings),
            list_evidence(lists, seen, settings),
            rtol=1e-4,
            atol=1e-4,
        )


def test_a_training_group_is_not_its_own_evidence() -> None:
    logs = random_shop(repeat=False)  # nobody launches an item twice
    settings = quick("folds=3")
    split = split_groups(logs, settings, 0)
    examples = build_dataset(logs, split, {}, TrainingRun(settings)).examples
    launched = examples.item_evidence[:, 0, ITEM_EVIDENCE.index("launched_before")]
    assert not launched.any()
    whole = item_evidence(
        Evidence.from_graphs(Graphs.from_logs(logs), 6, 4),
        examples.initiator,
        examples.items[:, :1],
    )
    assert (whole[:, 0, ITEM_EVIDENCE.index("launched_before")] == 1).all()


@pytest.mark.parametrize("folds", [2, 4])
def test_each_example_is_a_training_group_described_by_the_other_folds(folds: int) -> None:
    logs = random_shop()
    settings = quick(f"folds={folds}")
    split = split_groups(logs, settings, 0)
    dataset = build_dataset(logs, split, {}, TrainingRun(settings))
    examples = dataset.examples
    assert dataset.tables is not None
    assert len(dataset.tables.initiator) == folds + 1
    joined = {
        (fold, logs.group_initiator[group], logs.group_item[group], participant)
        for group, fold in zip(split.training, split.fold, strict=True)
        for participant in logs.join_participant[logs.join_group == group]
    }
    found = zip(
        examples.snapshot,
        examples.initiator,
        examples.items[:, 0],
        examples.participants[:, 0],
        strict=True,
    )
    assert {tuple(map(int, row)) for row in found} <= joined
    assert len(examples) > 0.8 * len(split.training)
    for fold in range(folds):
        rows = examples.snapshot == fold
        seen = take_snapshot(logs, settings, split.visible_groups(logs, fold)).evidence
        assert seen is not None
        expected = item_evidence(seen, examples.initiator[rows], examples.items[rows])
        np.testing.assert_allclose(examples.item_evidence[rows], expected, atol=1e-5)
