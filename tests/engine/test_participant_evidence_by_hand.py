"""Every evidence column of a participant for an initiator and an item on the worked shop, and how each comes about."""

from collections.abc import Sequence
from math import sqrt

import pytest
from worked_columns import (
    R12,
    Column,
    count,
    flag,
    indistinguishable,
    numbered,
    product,
    share,
    worked_evidence,
)
from worked_shop import ANN, BEA, CAI, DAN, EVE, MILK, TOYS

from engine.evidence.columns import PARTICIPANT_EVIDENCE
from engine.evidence.evidence import (
    Evidence,
    participant_evidence,
)

PARTICIPANT_CASES = ((ANN, TOYS, BEA), (EVE, MILK, DAN), (BEA, MILK, CAI))
PARTICIPANT_COLUMNS = (
    Column("participant_joins", count, (3, 3, 2), "Bea: milk three times; Dan: wipes, toys, book"),
    Column("participant_launches", count, (2, 1, 0), "Bea: wipes and toys; Dan: toys"),
    Column("participant_failures", count, (0, 1, 2), "Dan: milk; Cai: toys and milk"),
    Column("participant_circle", count, (3, 2, 2), "circles of the shop"),
    Column("item_launches", count, (2, 3, 3), "as in Task I"),
    Column("item_failures", count, (1, 3, 3), "as in Task I"),
    Column("item_joins", count, (3, 4, 4), "as in Task I"),
    Column("initiator_launches", count, (3, 1, 2), "Ann: milk; Eve: book; Bea: wipes, toys"),
    Column("initiator_failures", count, (2, 0, 0), "Ann: milk and book"),
    Column("initiator_joins", count, (1, 1, 3), "Ann: wipes; Eve: toys; Bea: milk"),
    Column("initiator_circle", count, (3, 2, 3), "circles of the shop"),
    Column("goes_with_launches", share, (2 / R12, 3 / 4, 0), "Bea's wipes; Dan's toys"),
    Column("goes_with_failures", share, (0, 0, 3 / 4), "Cai's toys; nobody's milk with itself"),
    Column(
        "goes_with_joins",
        share,
        (3 / 4, 3 / R12 + 3 / 4 + 2 / R12, 3 / 4),
        "Bea's milk; Dan's wipes, toys and book; Cai's toys",
    ),
    Column(
        "taste",
        product,
        (sqrt(3 * 4) / 14, sqrt(4 * 4) / 14, sqrt(2 * 4) / 14),
        "the root of the candidate's items times the item's users, over 14",
    ),
    Column(
        "leaning",
        product,
        (1 / sqrt(4 * 9), 1 / sqrt(5 * 9), 1 / sqrt(3 * 9)),
        "Bea has three items, Dan four, Cai two; toys and milk have four users",
    ),
    Column("joined_before", flag, (0, 0, 1), "Cai joined milk"),
    Column("launched_before", flag, (1, 0, 0), "Bea launched toys"),
    Column("failed_before", flag, (0, 1, 1), "Dan and Cai failed with milk"),
    Column(
        "circle_has_item", count, (2, 1, 2), "of Bea's Cai and Dan; of Dan's Bea; of Cai's both"
    ),
    Column(
        "goes_with_circle",
        share,
        (
            (3 / 4 + 2 / R12 + 2 / R12) + 3 / 4 + (3 / 4 + 2 / R12 + 2 / R12),
            (3 / R12 + 3 / 4) + (2 / R12 + 3 / 4),
            (2 / R12 + 3 / R12) + (3 / R12 + 3 / 4),
        ),
        "the histories of Ann, Cai and Dan with toys; of Bea and Eve, and of Ann and Bea, with milk",
    ),
    Column(
        "circle_taste",
        product,
        (
            (sqrt(3 * 4) + sqrt(2 * 4) + sqrt(4 * 4)) / 3 / 14,
            (sqrt(3 * 4) + sqrt(2 * 4)) / 2 / 14,
            sqrt(3 * 4) / 14,
        ),
        "the mean taste of the same people",
    ),
    Column("invited_by_initiator", count, (3, 1, 1), "Bea joined Ann thrice; Dan Eve's; Cai Bea's"),
    Column("invited_initiator", count, (1, 1, 0), "Ann joined Bea's wipes; Eve Dan's toys"),
    Column("friend", flag, (0, 1, 0), "Eve and Dan are declared friends"),
    Column(
        "near_in_circles",
        share,
        (
            (1 / (3 * 3) + 1 / (3 * 2) * 4 + 1 / (2 * 2)) / sqrt(3 * 3),
            (1 / (2 * 3) + 1 / (2 * 2) + 1 / (3 * 3) + 1 / (3 * 2)) / sqrt(2 * 2),
            (1 / (3 * 3) + 1 / (2 * 3) * 3) / sqrt(3 * 2),
        ),
        "ways of three steps, each 1 over the two circles on the way and the roots of those at its ends:"
        " from Ann Bea-Ann, Bea-Cai, Bea-Dan, Cai-Ann, Eve-Ann and Eve-Dan to Bea;"
        " from Eve Dan-Bea, Dan-Eve, Ann-Bea and Ann-Eve to Dan;"
        " from Bea Ann-Bea, Dan-Bea, Cai-Ann and Cai-Bea to Cai",
    ),
    Column(
        "shared_items",
        share,
        (
            (1 / 4 + 1 / 3) / sqrt(3 * 3),
            (1 / 3 + 1 / 4) / sqrt(2 * 4),
            (1 / 4 + 1 / 4) / sqrt(3 * 2),
        ),
        "1 over the users of each item of both, over the root of their numbers of items:"
        " milk and wipes; book and toys; toys and milk",
    ),
    Column(
        "circle_shares_items",
        share,
        (
            (10 / 12 / 3) / 3 + (2 / 4 / sqrt(6)) / sqrt(6) + (1 / 4 / sqrt(6)) / sqrt(6),
            (14 / 12 / 4) / 2 + (11 / 12 / sqrt(12)) / sqrt(6),
            (1 / 4 / sqrt(6)) / 3 + (2 / 4 / sqrt(4)) / sqrt(6) + (2 / 4 / sqrt(8)) / sqrt(6),
        ),
        "the same between the candidate and Bea, Cai and Eve; Dan and Ann; Ann, Cai and Dan,"
        " each over the root of the two circles",
    ),
    Column(
        "shares_items_with_circle",
        share,
        (
            (11 / 12 / 3) / 3 + (1 / 4 / sqrt(6)) / sqrt(6) + (11 / 12 / sqrt(12)) / sqrt(6),
            (1 / 4 / sqrt(6)) / sqrt(6) + (7 / 12 / 2) / 2,
            (7 / 12 / 3) / sqrt(6) + (10 / 12 / 3) / sqrt(6),
        ),
        "the same between the initiator and Ann, Cai and Dan; Bea and Eve; Ann and Bea",
    ),
    Column(
        "same_taste",
        product,
        (sqrt(3 * 3) / 14, sqrt(2 * 4) / 14, sqrt(3 * 2) / 14),
        "the root of the two numbers of items, over 14",
    ),
    Column(
        "same_leaning",
        product,
        (
            (1 / 9 + 1 / 8) / sqrt(4 * 4),
            (1 / 8 + 1 / 9) / sqrt(3 * 5),
            (1 / 9 + 1 / 9) / sqrt(4 * 3),
        ),
        "as shared_items, with five more users an item and one more item a user",
    ),
    Column(
        "taste_of_circle",
        product,
        (
            (sqrt(3) + sqrt(2) + sqrt(2)) / 3 * sqrt(3) / 14,
            (sqrt(3) + sqrt(4)) / 2 * sqrt(4) / 14,
            (sqrt(3) + sqrt(2) + sqrt(4)) / 3 * sqrt(2) / 14,
        ),
        "the initiator's circle and the candidate",
    ),
    Column(
        "circle_of_taste",
        product,
        (
            sqrt(3) * (sqrt(3) + sqrt(2) + sqrt(4)) / 3 / 14,
            sqrt(2) * (sqrt(3) + sqrt(2)) / 2 / 14,
            sqrt(3) * (sqrt(3) + sqrt(3)) / 2 / 14,
        ),
        "the initiator and the candidate's circle",
    ),
)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return worked_evidence()


def of_participant(evidence: Evidence, u: int, i: int, p: int) -> dict[str, Sequence[float]]:
    """The row of a participant, for the pair and among all users."""
    query = numbered(u), numbered(i)
    return {
        "for the pair": participant_evidence(evidence, *query, numbered(p)[None])[0, 0],
        "among all users": participant_evidence(evidence, *query, None)[0, p],
    }


def test_the_table_names_every_column_in_its_order() -> None:
    assert tuple(column.name for column in PARTICIPANT_COLUMNS) == PARTICIPANT_EVIDENCE


def test_no_column_of_the_table_is_empty_or_the_same_as_another() -> None:
    assert indistinguishable(PARTICIPANT_COLUMNS) == []


@pytest.mark.parametrize("case", range(3))
def test_each_column_of_a_participant_is_as_worked_out_by_hand(
    evidence: Evidence, case: int
) -> None:
    for way, row in of_participant(evidence, *PARTICIPANT_CASES[case]).items():
        for column, found in zip(PARTICIPANT_COLUMNS, row, strict=True):
            assert found == column.expected(case), f"{column.name} {way}: {column.why}"
