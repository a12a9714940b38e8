"""Every evidence column of an item for an initiator on the worked shop, and how each number comes about."""

from collections.abc import Sequence
from dataclasses import replace
from math import log1p, sqrt

import numpy as np
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
from worked_shop import ANN, CAI, MILK, TOYS

from engine.evidence.columns import ITEM_EVIDENCE
from engine.evidence.evidence import (
    Evidence,
    initiator_evidence,
    item_evidence,
    log_count,
    log_share,
    signed_log,
)

ITEM_CASES = ((ANN, TOYS), (CAI, TOYS), (ANN, MILK))
ITEM_COLUMNS = (
    Column("item_launches", count, (2, 2, 3), "toys: Bea's and Dan's group; milk: Ann's three"),
    Column("item_failures", count, (1, 1, 3), "toys: Cai's; milk: Ann's, Cai's and Dan's"),
    Column("item_joins", count, (3, 3, 4), "toys: Cai, Dan, Eve; milk: Bea three times, Cai"),
    Column("initiator_launches", count, (3, 0, 3), "Ann: milk three times; Cai: none filled"),
    Column("initiator_failures", count, (2, 2, 2), "Ann: milk and book; Cai: toys and milk"),
    Column("initiator_joins", count, (1, 2, 1), "Ann: wipes, the open group is none; Cai: both"),
    Column(
        "initiator_circle",
        count,
        (3, 2, 3),
        "circles of the shop; Eve is in Ann's as a declared friend",
    ),
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
        (3 / 4 + 4 / R12, 3 / 4, 5 / R12),
        "the three above, every item once: Ann's milk was launched and failed, Cai's failed and joined",
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
        ((3 / sqrt(4) + 4 / sqrt(3)) / 4, 3 / sqrt(4) / 4, 5 / sqrt(3) / 4),
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


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return worked_evidence()


def of_item(evidence: Evidence, u: int, i: int) -> dict[str, Sequence[float]]:
    """The row of an item, by the name of the function that computes it."""
    return {
        "for the pair": item_evidence(evidence, numbered(u), numbered(i)[None])[0, 0],
        "among all items": item_evidence(evidence, numbered(u), None)[0, i],
        "among all initiators": initiator_evidence(evidence, i)[u],
    }


def test_counts_shares_and_products_are_put_on_their_scales() -> None:
    counts, shares = np.array([0, 1, 6]), np.array([0, 0.05, 2])
    assert log_count(counts) == pytest.approx([0, log1p(1), log1p(6)], rel=1e-6)
    assert log_share(shares) == pytest.approx([0, log1p(1), log1p(40)], rel=1e-6)
    products = np.array([-0.003, 0, 0.003, 2])
    expected = [-log1p(3), 0, log1p(3), log1p(2000)]
    assert signed_log(products) == pytest.approx(expected, rel=1e-6)


def test_the_table_names_every_column_in_its_order() -> None:
    assert tuple(column.name for column in ITEM_COLUMNS) == ITEM_EVIDENCE


def test_no_column_of_the_table_is_empty_or_the_same_as_another() -> None:
    assert indistinguishable(ITEM_COLUMNS) == []


@pytest.mark.parametrize("case", range(3))
def test_each_column_of_an_item_is_as_worked_out_by_hand(evidence: Evidence, case: int) -> None:
    for way, row in of_item(evidence, *ITEM_CASES[case]).items():
        for column, found in zip(ITEM_COLUMNS, row, strict=True):
            assert found == column.expected(case), f"{column.name} {way}: {column.why}"


@pytest.mark.parametrize("case", range(3))
def test_a_model_trained_on_the_first_definition_reads_it_still(
    evidence: Evidence, case: int
) -> None:
    # Version 1: what was both launched and failed, or failed and joined, weighed twice.
    old = replace(evidence, version=1)
    twice = {
        "goes_with_history": (6 / 4 + 4 / R12, 6 / 4, 5 / R12),
        "goes_with_rare": (
            (6 / sqrt(4) + 4 / sqrt(3)) / 4,
            6 / sqrt(4) / 4,
            5 / sqrt(3) / 4,
        ),
    }
    for row in of_item(old, *ITEM_CASES[case]).values():
        for column, found in zip(ITEM_COLUMNS, row, strict=True):
            if column.name in twice:
                assert found == pytest.approx(log1p(20 * twice[column.name][case]), rel=1e-5)
            else:
                assert found == column.expected(case), column.name
