"""Evidence: the same for pairs and for everybody, counted by hand, blind to positions and to one's own group."""

import math

import numpy as np
import pytest
from small_shops import (
    ANN,
    BEA,
    BOOK,
    CAI,
    DAN,
    MILK,
    WIPES,
    five_groups,
    quick,
    random_shop,
    renamed,
)

from db.logs import Logs
from engine.evidence.columns import (
    ITEM_EVIDENCE,
    ITEM_TOKENS,
    PARTICIPANT_EVIDENCE,
    PARTICIPANT_TOKENS,
)
from engine.evidence.evidence import Evidence, item_evidence, participant_evidence
from engine.evidence.graphs import Graphs
from train.evaluate.sampled_ranking import draw_lists
from train.prepare.dataset import prepare
from train.prepare.features import list_facts, long_lists_facts
from train.prepare.snapshot import world
from train.prepare.splits import split
from train.progress import unwatched


def evidence_of(logs: Logs, rank: int = 6, smooth: int = 4) -> Evidence:
    return Evidence.of(Graphs.from_logs(logs), rank, smooth)


def of_item(initiator: int, item: int) -> dict[str, float]:
    row = item_evidence(evidence_of(five_groups()), np.array([initiator]), np.array([[item]]))
    return dict(zip(ITEM_EVIDENCE, row[0, 0].tolist(), strict=True))


def of_participant(initiator: int, item: int, participant: int) -> dict[str, float]:
    row = participant_evidence(
        evidence_of(five_groups()),
        np.array([initiator]),
        np.array([item]),
        np.array([[participant]]),
    )
    return dict(zip(PARTICIPANT_EVIDENCE, row[0, 0].tolist(), strict=True))


def times(count: float) -> object:
    return pytest.approx(math.log1p(count))


def likely(share: float) -> object:
    return pytest.approx(math.log1p(20 * share), rel=1e-5)


@pytest.mark.parametrize("seed", [0, 1])
def test_pairs_have_the_numbers_that_everybody_has(seed: int) -> None:
    logs = random_shop(seed, users=200, groups=300)  # more queries than a block holds
    evidence = evidence_of(logs)
    rng = np.random.default_rng(seed)
    u, i = rng.integers(0, 201, 150), rng.integers(0, 41, 150)
    items = rng.integers(0, 41, (150, 7))
    people = rng.integers(0, 201, (150, 7))
    rows = np.arange(150)[:, None]
    for columns, pairs, everybody in (
        (
            ITEM_EVIDENCE,
            item_evidence(evidence, u, items),
            item_evidence(evidence, u, None)[rows, items],
        ),
        (
            PARTICIPANT_EVIDENCE,
            participant_evidence(evidence, u, i, people),
            participant_evidence(evidence, u, i, None)[rows, people],
        ),
    ):
        for place, name in enumerate(columns):
            np.testing.assert_allclose(
                pairs[..., place], everybody[..., place], rtol=1e-4, atol=1e-4, err_msg=name
            )
            assert np.abs(pairs[..., place]).max() > 0, f"{name} is never seen here"


@pytest.mark.parametrize("pair", [0, 10_000])
def test_long_lists_have_the_evidence_that_short_ones_have(
    pair: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PAIR_OF_ITEMS", "PAIR_OF_PARTICIPANTS"):
        monkeypatch.setattr(f"train.prepare.features.{name}", pair)
    monkeypatch.setattr("train.prepare.features.FACTS", 20_000)  # a few queries at once
    logs, config = random_shop(users=200, groups=300), quick()
    parts = split(logs, config, 0)
    seen = world(logs, config, parts.seen(logs))
    for lists in draw_lists(logs, parts.validation, 0).values():
        np.testing.assert_allclose(
            long_lists_facts(lists, seen, config),
            list_facts(lists, seen, config),
            rtol=1e-4,
            atol=1e-4,
        )


def test_five_groups_counted_by_hand_for_an_item() -> None:
    seen = of_item(CAI, BOOK)
    assert seen["item_launches"] == times(1)
    assert seen["item_joins"] == times(1)
    assert seen["item_failures"] == seen["initiator_launches"] == 0
    assert seen["initiator_failures"] == times(1)  # wipes
    assert seen["initiator_joins"] == times(1)  # milk
    assert seen["initiator_circle"] == times(1)  # ann
    assert seen["joined_before"] == seen["launched_before"] == seen["failed_before"] == 0
    assert seen["circle_launches"] == times(1)  # ann launched the book
    assert seen["circle_joins"] == seen["circle_failures"] == 0
    # cai joined milk: two users know milk and book, three know milk, two the book
    cosine = 2 / math.sqrt(3 * 2)
    assert seen["goes_with_joins"] == seen["goes_with_history"] == likely(cosine)
    assert seen["goes_with_failures"] == 0  # nobody knows wipes and book
    assert seen["goes_with_share"] == likely(2 / 3)
    # of cai's circle, ann knows milk and book; an item does not go with itself
    assert seen["goes_with_circle"] == likely(cosine)
    assert of_item(CAI, WIPES)["failed_before"] == 1
    assert of_item(ANN, MILK)["launched_before"] == 1
    assert of_item(BEA, MILK)["joined_before"] == 1


def test_five_groups_counted_by_hand_for_a_participant() -> None:
    seen = of_participant(ANN, BOOK, CAI)
    assert seen["participant_joins"] == times(1)
    assert seen["participant_failures"] == times(1)
    assert seen["participant_launches"] == 0
    assert seen["participant_circle"] == times(1)
    assert seen["item_launches"] == seen["item_joins"] == times(1)
    assert seen["initiator_launches"] == times(3)
    assert seen["initiator_circle"] == times(3)  # bea, cai and dan
    assert seen["invited_by_initiator"] == times(1)
    assert seen["invited_initiator"] == seen["friend"] == 0
    assert seen["goes_with_joins"] == likely(2 / math.sqrt(3 * 2))
    assert seen["joined_before"] == seen["launched_before"] == 0
    assert seen["circle_has_item"] == times(1)  # ann
    # three steps lead from ann to cai over any of her circle and back: 3 ways of weight (1 / sqrt 3)^3
    assert seen["near_in_circles"] == likely(3 * 3**-1.5)
    assert of_participant(BEA, BOOK, CAI)["near_in_circles"] == 0  # an even number of steps away
    assert of_participant(ANN, MILK, BEA)["invited_by_initiator"] == times(3)
    assert of_participant(BEA, MILK, ANN)["invited_initiator"] == times(3)
    assert of_participant(ANN, MILK, DAN)["friend"] == 1
    assert of_participant(DAN, WIPES, BEA)["joined_before"] == 0  # an open group is no evidence


def test_nothing_is_known_of_newcomers() -> None:
    logs = random_shop()
    evidence = evidence_of(logs)
    nobody, nothing = np.array([len(logs.users)]), np.array([len(logs.items)])
    assert not item_evidence(evidence, nobody, nothing[None]).any()
    assert not participant_evidence(evidence, nobody, nothing, nobody[None]).any()
    item = item_evidence(evidence, np.array([0]), nothing[None])[0, 0]
    about = [name for name, value in zip(ITEM_EVIDENCE, item, strict=True) if value]
    assert all(name.startswith("initiator_") for name in about)
    person = participant_evidence(evidence, np.array([0]), np.array([0]), nobody[None])[0, 0]
    about = [name for name, value in zip(PARTICIPANT_EVIDENCE, person, strict=True) if value]
    assert all(name.startswith(("initiator_", "item_")) for name in about)


def test_evidence_does_not_hang_on_positions() -> None:
    logs = random_shop(3)
    rng = np.random.default_rng(3)
    users, items = rng.permutation(len(logs.users)), rng.permutation(len(logs.items))
    first, second = evidence_of(logs), evidence_of(renamed(logs, users, items))
    u, i = rng.integers(0, 60, 40), rng.integers(0, 40, 40)
    goods, people = rng.integers(0, 40, (40, 6)), rng.integers(0, 60, (40, 6))
    np.testing.assert_allclose(
        item_evidence(first, u, goods),
        item_evidence(second, users[u], items[goods]),
        rtol=1e-3,
        atol=2e-3,
    )
    np.testing.assert_allclose(
        participant_evidence(first, u, i, people),
        participant_evidence(second, users[u], items[i], users[people]),
        rtol=1e-3,
        atol=2e-3,
    )


def test_a_group_that_is_learned_from_is_not_its_own_evidence() -> None:
    logs = random_shop(repeat=False)  # nobody launches an item twice
    config = quick("folds=3")
    parts = split(logs, config, 0)
    examples = prepare(logs, config, parts, {}, 0, unwatched).examples
    launched = examples.item_facts[:, 0, ITEM_EVIDENCE.index("launched_before")]
    assert not launched.any()
    whole = item_evidence(evidence_of(logs), examples.initiator, examples.items[:, :1])
    assert (whole[:, 0, ITEM_EVIDENCE.index("launched_before")] == 1).all()


@pytest.mark.parametrize("folds", [2, 4])
def test_each_example_is_a_training_group_described_by_the_other_folds(folds: int) -> None:
    logs = random_shop()
    config = quick(f"folds={folds}")
    parts = split(logs, config, 0)
    prepared = prepare(logs, config, parts, {}, 0, unwatched)
    examples = prepared.examples
    assert prepared.tables is not None
    assert len(prepared.tables.launcher) == folds + 1
    joined = {
        (fold, logs.group_initiator[group], logs.group_item[group], participant)
        for group, fold in zip(parts.training, parts.fold, strict=True)
        for participant in logs.join_participant[logs.join_group == group]
    }
    found = zip(
        examples.world,
        examples.initiator,
        examples.items[:, 0],
        examples.participants[:, 0],
        strict=True,
    )
    assert {tuple(map(int, row)) for row in found} <= joined
    assert len(examples) > 0.8 * len(parts.training)
    for fold in range(folds):
        rows = examples.world == fold
        seen = world(logs, config, parts.seen(logs, fold)).evidence
        assert seen is not None
        expected = item_evidence(seen, examples.initiator[rows], examples.items[rows])
        np.testing.assert_allclose(examples.item_facts[rows], expected, atol=1e-5)


def test_every_column_is_carried_by_one_token() -> None:
    assert sum(ITEM_TOKENS.values(), ()) == ITEM_EVIDENCE
    assert sum(PARTICIPANT_TOKENS.values(), ()) == PARTICIPANT_EVIDENCE
    assert len(set(PARTICIPANT_EVIDENCE)) == len(PARTICIPANT_EVIDENCE)
