"""Taste vectors: leading eigenvectors of how items go together."""

import numpy as np
import pytest
import scipy.sparse as sp
from small_shops import five_groups, random_shop

from engine.evidence import taste
from engine.evidence.evidence import Evidence
from engine.evidence.graphs import Graphs
from engine.evidence.role_vectors import item_turn, item_vectors, taste_tables
from engine.evidence.taste import grown_vectors, taste_vectors


def tastes(items: int = 40) -> sp.csr_matrix:
    return Graphs.from_logs(random_shop(items=items)).tastes


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop of 300 items is too large for the dense solver, with vectors of up to 75 numbers."""
    monkeypatch.setattr(taste, "SMALL", 100)


@pytest.mark.parametrize(("items", "rank"), [(40, 12), (300, 8)])  # dense solver, sparse solver
def test_vectors_are_orthonormal_and_deterministic(large: None, items: int, rank: int) -> None:
    matrix = tastes(items)
    vectors = taste_vectors(matrix, rank)
    assert vectors.shape == (items + 1, rank)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(rank), atol=1e-3)
    assert (taste_vectors(matrix, rank) == vectors).all()


def test_the_leading_vectors_explain_most_of_how_items_go_together() -> None:
    matrix = tastes()
    vectors = taste_vectors(matrix, 5)
    values = np.linalg.svd(matrix.toarray(), compute_uv=False)
    explained = np.linalg.norm(matrix @ vectors, axis=0)
    np.testing.assert_allclose(explained, values[:5], rtol=1e-3)


def test_both_solvers_find_the_same_vectors(large: None) -> None:
    matrix = tastes(300)
    sparse = taste_vectors(matrix, 4)
    dense = taste_vectors(matrix, 90)[:, :4]
    np.testing.assert_allclose(np.abs(sparse.T @ dense), np.eye(4), atol=0.02)


def test_a_shop_with_fewer_items_than_the_rank_fills_up_with_zeros() -> None:
    vectors = taste_vectors(Graphs.from_logs(five_groups()).tastes, 16)
    assert vectors.shape == (4, 16)
    assert not vectors[:, 3:].any()  # three items were chosen by anybody
    assert vectors[:, 0].any()


def test_small_parts_without_a_way_to_the_rest_take_no_vectors(large: None) -> None:
    """Each would have the largest eigenvalue, and thousands of them would leave nothing for the rest."""
    matrix = tastes(300)
    alone = sp.csr_matrix(np.ones((1, 1), np.float32))  # an item with a user who knows no other
    vectors = taste_vectors(sp.block_diag([matrix[:, :-1], *[alone] * 30]).tocsr(), 8)
    assert not vectors[300:].any()
    np.testing.assert_allclose(
        np.abs(vectors[:300].T @ taste_vectors(matrix, 8)[:-1]), np.eye(8), atol=0.02
    )


def test_two_large_parts_share_the_vectors() -> None:
    matrix = tastes(40)[:, :-1]
    vectors = taste_vectors(sp.block_diag([matrix, matrix]).tocsr(), 6)
    chosen = matrix.getnnz(0) > 0
    for half in (vectors[:40], vectors[40:]):
        assert np.abs(half[chosen]).sum(1).all()


def test_a_shop_without_history_has_no_taste() -> None:
    assert not taste_vectors(sp.csr_matrix((5, 9), dtype=np.float32), 3).any()


def test_tables_have_rows_of_one_length_and_none_for_newcomers() -> None:
    logs = random_shop()
    evidence = Evidence.of(Graphs.from_logs(logs), 8, 8)
    tables = taste_tables(evidence, item_turn(evidence, 6, None))
    both = np.concatenate([tables.joiner, tables.social], 1)
    joined = Graphs.from_logs(logs).user_counts[:, 2] > 0
    np.testing.assert_allclose(tables.average, both[joined].mean(0), rtol=1e-5)
    for name, table in tables.__dict__.items():
        if name == "average":
            continue
        assert table.shape[1] == 6
        assert not table[-1].any(), name
        length = np.linalg.norm(table, axis=1)
        assert np.isclose(length[length > 0], np.sqrt(6), rtol=1e-4).all(), name


def test_another_world_is_turned_to_agree() -> None:
    logs = random_shop(groups=400)
    rng = np.random.default_rng(0)
    whole, part = (
        Evidence.of(Graphs.from_logs(logs, mask), 8, 12)
        for mask in (None, rng.random(len(logs.group_item)) < 0.8)
    )
    agreed = item_vectors(whole, item_turn(whole, 4, None))
    turned, plain = (item_vectors(part, item_turn(part, 4, like)) for like in (agreed, None))
    assert np.linalg.norm(turned - agreed) < 0.7 * np.linalg.norm(plain - agreed)
    np.testing.assert_allclose(turned.T @ turned, np.eye(4), atol=0.02)


def test_a_later_item_whose_users_are_another_ones_gets_that_ones_vector() -> None:
    matrix = tastes()
    vectors = taste_vectors(matrix, 6)
    items, twin = matrix.shape[1] - 1, 3
    nothing = sp.csr_matrix((matrix.shape[0], 1), dtype=np.float32)
    later = sp.hstack([matrix[:, :items], matrix[:, [twin]], nothing, nothing]).tocsr()
    grown = grown_vectors(vectors, later)
    assert grown.shape == (items + 3, 6)
    assert (grown[:items] == vectors[:items]).all()
    np.testing.assert_allclose(grown[items], vectors[twin], atol=1e-4)
    assert not grown[items + 1 :].any()  # an item that nobody chose, and the newcomer


def test_without_later_items_all_keep_their_vectors() -> None:
    matrix = tastes()
    vectors = taste_vectors(matrix, 6)
    assert (grown_vectors(vectors, matrix) == vectors).all()
