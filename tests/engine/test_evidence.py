"""Evidence is the same for pairs and for all candidates, counted by hand, and independent of positions."""

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


def evidence_of(logs: Logs, rank: int = 6, smooth: int = 4) -> Evidence:
    return Evidence.from_graphs(Graphs.from_logs(logs), rank, smooth)


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


def log_count(count: float) -> object:
    return pytest.approx(math.log1p(count))


def log_share(share: float) -> object:
    return pytest.approx(math.log1p(20 * share), rel=1e-5)


@pytest.mark.parametrize("seed", [0, 1])
def test_pairs_get_the_numbers_that_ranking_all_candidates_gets(seed: int) -> None:
    logs = random_shop(seed, users=200, groups=300)  # more queries than a block holds
    evidence = evidence_of(logs)
    rng = np.random.default_rng(seed)
    u, i = rng.integers(0, 201, 150), rng.integers(0, 41, 150)
    items = rng.integers(0, 41, (150, 7))
    people = rng.integers(0, 201, (150, 7))
    rows = np.arange(150)[:, None]
    for columns, pairs, everyone in (
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
                pairs[..., place], everyone[..., place], rtol=1e-4, atol=1e-4, err_msg=name
            )
            assert np.abs(pairs[..., place]).max() > 0, f"{name} is never seen here"


def test_five_groups_counted_by_hand_for_an_item() -> None:
    seen = of_item(CAI, BOOK)
    assert seen["item_launches"] == log_count(1)
    assert seen["item_joins"] == log_count(1)
    assert seen["item_failures"] == seen["initiator_launches"] == 0
    assert seen["initiator_failures"] == log_count(1)  # wipes
    assert seen["initiator_joins"] == log_count(1)  # milk
    assert seen["initiator_circle"] == log_count(1)  # ann
    assert seen["joined_before"] == seen["launched_before"] == seen["failed_before"] == 0
    assert seen["circle_launches"] == log_count(1)  # ann launched the book
    assert seen["circle_joins"] == seen["circle_failures"] == 0
    # cai joined milk: two users know milk and book, three know milk, two the book
    cosine = 2 / math.sqrt(3 * 2)
    assert seen["goes_with_joins"] == seen["goes_with_history"] == log_share(cosine)
    assert seen["goes_with_failures"] == 0  # nobody knows wipes and book
    assert seen["goes_with_share"] == log_share(2 / 3)
    # of cai's circle, ann knows milk and book; an item does not go with itself
    assert seen["goes_with_circle"] == log_share(cosine)
    assert of_item(CAI, WIPES)["failed_before"] == 1
    assert of_item(ANN, MILK)["launched_before"] == 1
    assert of_item(BEA, MILK)["joined_before"] == 1


def test_five_groups_counted_by_hand_for_a_participant() -> None:
    seen = of_participant(ANN, BOOK, CAI)
    assert seen["participant_joins"] == log_count(1)
    assert seen["participant_failures"] == log_count(1)
    assert seen["participant_launches"] == 0
    assert seen["participant_circle"] == log_count(1)
    assert seen["item_launches"] == seen["item_joins"] == log_count(1)
    assert seen["initiator_launches"] == log_count(3)
    assert seen["initiator_circle"] == log_count(3)  # bea, cai and dan
    assert seen["invited_by_initiator"] == log_count(1)
    assert seen["invited_initiator"] == seen["friend"] == 0
    assert seen["goes_with_joins"] == log_share(2 / math.sqrt(3 * 2))
    assert seen["joined_before"] == seen["launched_before"] == 0
    assert seen["circle_has_item"] == log_count(1)  # ann
    # three steps lead from ann to cai over any of the circle and back: 3 ways of weight (1 / sqrt 3)^3
    assert seen["near_in_circles"] == log_share(3 * 3**-1.5)
    assert of_participant(BEA, BOOK, CAI)["near_in_circles"] == 0  # an even number of steps away
    assert of_participant(ANN, MILK, BEA)["invited_by_initiator"] == log_count(3)
    assert of_participant(BEA, MILK, ANN)["invited_initiator"] == log_count(3)
    assert of_participant(ANN, MILK, DAN)["friend"] == 1
    assert of_participant(DAN, WIPES, BEA)["joined_before"] == 0  # an open group is no evidence


def test_the_cold_start_row_has_no_evidence_of_its_own() -> None:
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


def test_evidence_is_independent_of_positions() -> None:
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


def test_every_column_is_carried_by_one_token() -> None:
    assert sum(ITEM_TOKENS.values(), ()) == ITEM_EVIDENCE
    assert sum(PARTICIPANT_TOKENS.values(), ()) == PARTICIPANT_EVIDENCE
    assert len(set(PARTICIPANT_EVIDENCE)) == len(PARTICIPANT_EVIDENCE)
