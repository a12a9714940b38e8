"""Every evidence column on a shop small enough to work out on paper, and how each number comes about.

With one sharp taste vector, an item's is the root of its users over 14 and a user's the root of their items over 14:
the leading eigenvector of a connected graph. With as many smooth vectors as items, the product of a user and an item is
the cell of the smoothed history itself: 1 / sqrt((items + 1) * (users + 5)).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import copysign, log1p, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from worked_shop import ANN, BEA, CAI, DAN, EVE, MILK, SHOP, TOYS

from engine.evidence.columns import ITEM_EVIDENCE, PARTICIPANT_EVIDENCE
from engine.evidence.evidence import (
    Evidence,
    initiator_evidence,
    item_evidence,
    log_count,
    log_share,
    participant_evidence,
    signed_log,
)
from engine.evidence.graphs import Graphs


def count(times: float) -> float:
    return log1p(times)


def share(x: float) -> float:
    return log1p(20 * x)


def product(x: float) -> float:
    return copysign(log1p(1000 * abs(x)), x)


def flag(x: float) -> float:
    return x


@dataclass(frozen=True)
class Column:
    """What a column says in each of the cases, before it is put on its scale, and how that comes about."""

    name: str
    scale: Callable[[float], float]
    values: tuple[float, float, float]
    why: str

    def expected(self, case: int) -> object:
        value = self.scale(self.values[case])
        # A product that is zero is so up to the rounding of eigenvectors, times a thousand.
        return pytest.approx(value, rel=1e-5) if value else pytest.approx(0, abs=1e-3)


# A cosine of two items is the number of users of both over the root of the product of their users.
R12 = sqrt(12)  # of an item with four users and one with three

ITEM_CASES = ((ANN, TOYS), (CAI, TOYS), (ANN, MILK))
ITEM_COLUMNS = (
    Column("item_launches", count, (2, 2, 3), "toys: Bea's and Dan's group; milk: Ann's three"),
    Column("item_failures", count, (1, 1, 3), "toys: Cai's; milk: Ann's, Cai's and Dan's"),
    Column("item_joins", count, (3, 3, 4), "toys: Cai, Dan, Eve; milk: Bea three times, Cai"),
    Column("initiator_launches", count, (3, 0, 3), "Ann: milk three times; Cai: none filled"),
    Column("initiator_failures", count, (2, 2, 2), "Ann: milk and book; Cai: toys and milk"),
    Column("initiator_joins", count, (1, 2, 1), "Ann: wipes, the open group is none; Cai: both"),
    Column("initiator_circle", count, (3, 2, 3), "see above; Eve is in Ann's as a declared friend"),
    Column("goes_with_launches", share, (3 / 4, 0, 0), "Ann's milk with toys; never with itself"),
    Column(
        "goes_with_failures",
        share,
        (3 / 4 + 2 / R12, 3 / 4, 2 / R12),
        "Ann's milk and book with toys, and her book with milk; Cai's milk, but not toys, with toys",
    ),
    Column("goes_with_joins", share, (2 / R12, 3 / 4, 3 / R12), "Ann's wipes; Cai's milk"),
    Column(
        "goes_with_history",
        share,
        (6 / 4 + 4 / R12, 6 / 4, 5 / R12),
        "the three above: what was launched and has failed counts twice",
    ),
    Column(
        "goes_with_share",
        share,
        (3 / 4 + 2 / 3 + 2 / 3, 3 / 4, 2 / 3 + 3 / 3),
        "users of both over the users of each item of the history, every item once",
    ),
    Column(
        "goes_with_rare",
        share,
        ((6 / sqrt(4) + 4 / sqrt(3)) / 4, 6 / sqrt(4) / 4, 5 / sqrt(3) / 4),
        "the same without the root over the four users of the item",
    ),
    Column(
        "taste",
        product,
        (sqrt(3 * 4) / 14, sqrt(2 * 4) / 14, sqrt(3 * 4) / 14),
        "the root of the initiator's items times the item's users, over 14",
    ),
    Column(
        "leaning",
        product,
        (0, 1 / sqrt(3 * 9), 1 / sqrt(4 * 9)),
        "toys are not in Ann's history; Cai has two items, Ann three, toys and milk four users",
    ),
    Column("joined_before", flag, (0, 1, 0), "Cai joined toys"),
    Column("launched_before", flag, (0, 0, 1), "Ann launched milk, three times, which counts once"),
    Column("failed_before", flag, (0, 1, 1), "Cai failed with toys, Ann once with milk"),
    Column("circle_launches", count, (1, 1, 0), "Bea launched toys"),
    Column(
        "circle_failures", count, (1, 0, 1), "Cai failed with both and is not in their own circle"
    ),
    Column(
        "circle_joins", count, (2, 0, 2), "toys: Cai and Eve; milk: Bea, who counts once, and Cai"
    ),
    Column(
        "goes_with_circle",
        share,
        (
            (2 / R12 + 3 / 4) + 3 / 4 + 2 / R12,
            (3 / 4 + 2 / R12 + 2 / R12) + (2 / R12 + 3 / 4),
            (3 / R12 + 3 / 4) + 3 / 4 + (2 / R12 + 3 / 4),
        ),
        "the histories of Bea, Cai and Eve with the item; of Ann and Bea; of Bea, Cai and Eve",
    ),
    Column(
        "circle_taste",
        product,
        (
            (sqrt(3 * 4) + sqrt(2 * 4) + sqrt(2 * 4)) / 3 / 14,
            sqrt(3 * 4) / 14,
            (sqrt(3 * 4) + sqrt(2 * 4) + sqrt(2 * 4)) / 3 / 14,
        ),
        "the mean taste of Bea, Cai and Eve; Ann and Bea have three items each",
    ),
)

PARTICIPANT_CASES = ((ANN, TOYS, BEA), (EVE, MILK, DAN), (BEA, MILK, CAI))
PARTICIPANT_COLUMNS = (
    Column("participant_joins", count, (3, 3, 2), "Bea: milk three times; Dan: wipes, toys, book"),
    Column("participant_launches", count, (2, 1, 0), "Bea: wipes and toys; Dan: toys"),
    Column("participant_failures", count, (0, 1, 2), "Dan: milk; Cai: toys and milk"),
    Column("participant_circle", count, (3, 2, 2), "see above"),
    Column("item_launches", count, (2, 3, 3), "as in Task I"),
    Column("item_failures", count, (1, 3, 3), "as in Task I"),
    Column("item_joins", count, (3, 4, 4), "as in Task I"),
    Column("initiator_launches", count, (3, 1, 2), "Ann: milk; Eve: book; Bea: wipes, toys"),
    Column("initiator_failures", count, (2, 0, 0), "Ann: milk and book"),
    Column("initiator_joins", count, (1, 1, 3), "Ann: wipes; Eve: toys; Bea: milk"),
    Column("initiator_circle", count, (3, 2, 3), "see above"),
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
TABLES = {"items": ITEM_COLUMNS, "participants": PARTICIPANT_COLUMNS}


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence.from_graphs(Graphs.from_logs(SHOP), rank=1, smooth_rank=4)


def numbered(*positions: int) -> NDArray[np.int64]:
    return np.array(positions)


def of_item(evidence: Evidence, u: int, i: int) -> dict[str, Sequence[float]]:
    """The row of an item, by the name of the function that computes it."""
    return {
        "for the pair": item_evidence(evidence, numbered(u), numbered(i)[None])[0, 0],
        "among all items": item_evidence(evidence, numbered(u), None)[0, i],
        "among all initiators": initiator_evidence(evidence, i)[u],
    }


def of_participant(evidence: Evidence, u: int, i: int, p: int) -> dict[str, Sequence[float]]:
    """The row of a participant, for the pair and among all users."""
    query = numbered(u), numbered(i)
    return {
        "for the pair": participant_evidence(evidence, *query, numbered(p)[None])[0, 0],
        "among all users": participant_evidence(evidence, *query, None)[0, p],
    }


def test_counts_shares_and_products_are_put_on_their_scales() -> None:
    counts, shares = np.array([0, 1, 6]), np.array([0, 0.05, 2])
    assert log_count(counts) == pytest.approx([0, log1p(1), log1p(6)], rel=1e-6)
    assert log_share(shares) == pytest.approx([0, log1p(1), log1p(40)], rel=1e-6)
    products = np.array([-0.003, 0, 0.003, 2])
    expected = [-log1p(3), 0, log1p(3), log1p(2000)]
    assert signed_log(products) == pytest.approx(expected, rel=1e-6)


def test_the_tables_name_every_column_in_its_order() -> None:
    assert tuple(column.name for column in ITEM_COLUMNS) == ITEM_EVIDENCE
    assert tuple(column.name for column in PARTICIPANT_COLUMNS) == PARTICIPANT_EVIDENCE


@pytest.mark.parametrize("columns", TABLES.values(), ids=TABLES)
def test_no_column_of_the_tables_is_empty_or_the_same_as_another(
    columns: Sequence[Column],
) -> None:
    """Otherwise two columns could change places unseen."""
    scaled = {column.name: [column.scale(value) for value in column.values] for column in columns}
    assert all(map(any, scaled.values()))
    same = [
        pair for pair in combinations(scaled, 2) if np.allclose(scaled[pair[0]], scaled[pair[1]])
    ]
    assert same == []


@pytest.mark.parametrize("case", range(3))
def test_each_column_of_an_item_is_as_worked_out_by_hand(evidence: Evidence, case: int) -> None:
    for way, row in of_item(evidence, *ITEM_CASES[case]).items():
        for column, found in zip(ITEM_COLUMNS, row, strict=True):
            assert found == column.expected(case), f"{column.name} {way}: {column.why}"


@pytest.mark.parametrize("case", range(3))
def test_each_column_of_a_participant_is_as_worked_out_by_hand(
    evidence: Evidence, case: int
) -> None:
    for way, row in of_participant(evidence, *PARTICIPANT_CASES[case]).items():
        for column, found in zip(PARTICIPANT_COLUMNS, row, strict=True):
            assert found == column.expected(case), f"{column.name} {way}: {column.why}"
